//! What the gate lets through and what it refuses. Fixtures mark what is replaced by `⟦…⟧`.

use super::*;
use leanwright_lean::Outline;

fn check_with(marked: &str, replacement: &str, declared: &DeclaredSyntax) -> Result<(), String> {
    let (start, end) = (marked.find('⟦').unwrap(), marked.find('⟧').unwrap() - '⟦'.len_utf8());
    let before = marked.replace(['⟦', '⟧'], "");
    let candidate = Candidate {
        root: "/p".into(),
        file: "A.lean".into(),
        span: start..end,
        before,
        replacement: replacement.to_owned(),
    };
    let outline = Outline::of(&candidate.before);
    let declaration = outline.at(start).expect("a declaration");
    match super::check(&candidate, declaration, declared) {
        Ok(_) => Ok(()),
        Err(reason) => Err(reason.to_string()),
    }
}

fn check(marked: &str, replacement: &str) -> Result<(), String> {
    check_with(marked, replacement, &DeclaredSyntax::default())
}

const TACTIC: &str = "theorem t (n : Nat) : n = n := by\n  ⟦sorry⟧\n\ntheorem u : 1 = 1 := rfl\n";
const TERM: &str = "theorem t (n : Nat) : n = n := ⟦sorry⟧\n\ntheorem u : 1 = 1 := rfl\n";
const NESTED: &str = "theorem t (p q : Prop) : p ∧ q := by\n  constructor\n  · ⟦sorry⟧\n  · sorry\n";
const BLOCK: &str = "theorem t : p :=\n  match n with\n  | 0 => by\n    ⟦sorry⟧\n  | k + 1 => h\n";
const ARMS: &str = "theorem t : (n : Nat) → n = n\n  | 0 => ⟦sorry⟧\n  | n + 1 => rfl\n";
const LINES: &str = "⟦@[simp] theorem t {n : Nat} : n = n := by\n  sorry⟧\n\ntheorem u : 1 = 1 := rfl\n";

#[test]
fn one_term_or_one_block_passes() {
    for (marked, replacement) in [
        (TACTIC, "rfl"),
        (TACTIC, "induction n with\n  | zero => rfl\n  | succ n ih =>\n    simp\n  done"),
        (TACTIC, "open Nat in\n  set_option maxHeartbeats 400000 in\n  exact rfl"),
        (TACTIC, "open scoped Nat in exact rfl"),
        (TACTIC, "exact helper n\nwhere\n  helper (n : Nat) : n = n := rfl"),
        (TACTIC, "-- a comment, end\n  exact (rfl /- theorem -/)"),
        (TACTIC, "exact f 0x1F 1_000 0b01 1e5 2.5 x.1"),
        (TACTIC, "exact #[1, 2].size_toArray ▸ rfl"),
        (TACTIC, "have : s!\"n\" = \"n\" := rfl\n  rfl"),
        (TACTIC, "simp (config := { zeta := false }) (disch := simp [h]) +arith only [f (n := g n)]"),
        (TACTIC, "exact k*min n m = 2*sin x ∧ (fun x=>x.append y) = 0"),
        (TACTIC, "exact f 0#8 1#(n + 1)"),
        (BLOCK, "apply h\n    . cases h with\n      | inl h => rfl\n      | inr h => rfl\n    . rfl"),
        (BLOCK, "exact id <| match n with | 0 => rfl | k + 1 => h <| fun | h => Or.inl h"),
        (TACTIC, "skip;infer_instance <;>infer_instance"),
        (TACTIC, "rw (occs := .pos [1, 2]) [h]"),
        (
            TACTIC,
            "refine bound (ε := ε / 2) (f (n := k + 1)) ?_\n  rw [g (x := a * b)] at h\n  exact fun x => f (n := g x)",
        ),
        (TACTIC, "exact id <| f (n := k + 1) * f (n := k + 1) |>\n    f (n := k + 1) ▸\n    f (n := k + 1)"),
        (TERM, "by\n  induction n with\n  | zero =>\n    simp\n  | succ n ih =>\n    simp"),
        (TERM, "match n with\n  | 0 => by\n    simp\n  | n + 1 => rfl"),
        (
            TACTIC,
            "cases h with | inl h => have := 1; simp; exact this | inr h => if c then rfl else first | rfl | simp",
        ),
        (TACTIC, "have h := by cases x with | a => simp; done | b => rfl"),
        (TACTIC, "rcases h with h | h <;> case a | b => rfl"),
        (TACTIC, "norm_num [show (1e-3 : ℝ) = 1 / 1000 by norm_num]"),
        (TACTIC, "fun_prop (disch := simp [hx])\n  linear_combination (norm := (ring_nf; simp)) h"),
        (TACTIC, "simp [A.trace, trace A] -- a comment\n  trace \"done\" /- another\n  one -/\n  exact trace (f 5)"),
        ("instance : C where\n  a := ⟦sorry⟧\n", "by simp <;> rfl; exact h; have x : p := h; exact x"),
        ("theorem t : s = s := { a := ⟦sorry⟧ }", "fun x => f (x, y) x"),
        (TACTIC, "exact le_trans (foo a)\n    (bar (n := k + 1))\n  exact h.trans\n      f (n := k + 1)"),
        (TACTIC, "refine le_trans ?_ (Finset.single_le_sum (f := fun i => g i) h hi)\n  exact f ≫ g (X := A ⊗ B)"),
        (TACTIC, "have : c • f (n := k + 1) = 0 := h\n  exact foo ‹_› (bar (n := k + 1))"),
        (TACTIC, "exact foo\n    (bar (n := k + 1))\n    (baz (n := k + 1))"),
        ("theorem t (n : Nat) :\n    n = n := ⟦sorry⟧\n", "by\n  have h : n = n := rfl\n  exact h"),
        ("theorem t (n : Nat) :\n    n = n := ⟦sorry⟧\n", "fun x ↦\n  f x"),
        ("theorem t : (n : Nat) → P n\n  | 0 => by simp\n  | n + 1 => ⟦sorry⟧\n", "foo (n := n + 1)"),
        (
            "def f : M := { a := x, b := by\n    ⟦sorry⟧ }",
            "have h : ∀ x, P x := by simp\n    obtain ⟨y, hy⟩ : ∃ y, P y := h\n    exact h _",
        ),
        (
            "instance : C where\n  a := by\n    ⟦sorry⟧\n",
            "intro x; by_cases h : x = 0 <;> simp [h]; rcases h with h | h; generalize h : e = x",
        ),
        ("instance : C where\n  a := ⟦sorry⟧\n", "by intro x; obtain h : p := foo; exact h"),
        (
            TACTIC,
            "unfold trace norm\n  intro trace\n  have : |trace A| ≤ n := h\n  have : ‖trace A‖ ≤ 1 := h\n  have : c • trace A = 0 := h",
        ),
        (TACTIC, "induction t with | nil => simp | cons e trace ih => simp [ih, trace]"),
        (TACTIC, "exact fun h : |x| < 1 ↦ f h"),
        (
            TACTIC,
            "classical induction s using Finset.induction with\n    | empty => simp\n    | insert a s ha h =>\n      simp [h]\n      done",
        ),
        (TACTIC, "open Classical in cases h with | inl h => simp | inr h => simp"),
        (TACTIC, "have h : f (n := k + 1) = 0 := g x (n := k + 1)\n  simpa using f (n := k + 1)"),
        (TACTIC, "simp (config := { zeta := false, decide := true, occs := [1, 2], }) (maxSteps := 100000)"),
        (TERM, "f x (n := k + 1)"),
        (TACTIC, "/- a -/ have h := 1 -- b\n  /- c -/ exact h"),
        (TERM, "match k with | 0 => fun y => f (n := g y) | _ => (f (n := k + 1))"),
        (TACTIC, "simp +arith [-List.length_append, ←List.append]"),
        (TACTIC, "obtain ⟨x, h | h⟩ := h\n  · exact fun y => y\n  case a x => exact h"),
        (TERM, "by\n  simp"),
        (
            BLOCK,
            "induction k with\n    | zero => rcases h with a | b\n              · rfl\n              · rfl\n    | succ k ih =>\n      cases k with\n      | zero => next => rfl\n      | succ k => case a | b => rfl",
        ),
        (
            BLOCK,
            "have : |x| < e := fun y => h\n    exact match h with\n    | .inl a => fun | 0 => a | n + 1 => a\n    | .inr | .b => fun x ↦ x",
        ),
        (
            BLOCK,
            "have key : ∀ n, n = n | 0 => rfl | n + 1 => rfl\n    have other : ∀ n, n = n\n      | 0 => rfl\n      | n + 1 => rfl\n    exact key",
        ),
        (BLOCK, "refine foo <| ?_\n    have h2 : |a| ≤ |b| := by simp\n    cases h with | refl => rfl"),
        (
            TACTIC,
            "exact aux n\nwhere\n  aux : ∀ k : Nat, 0 + k = k\n    | 0 => rfl\n    | k + 1 => congrArg (· + 1) (aux k)",
        ),
        ("theorem t : p := by\n  ⟦sorry⟧", "exact foo <| bar\ntermination_by a b => (a, b)\ndecreasing_by omega"),
        (BLOCK, "first\n    | rfl\n    | exact match x with\n      | 0 => rfl\n    | simp"),
        ("theorem t : p :=\n  ⟦sorry⟧", "f\n  x"),
        ("theorem t : p :=\n  match n with\n  | 0 => ⟦sorry⟧\n  | k + 1 => h\n", "by\n    simp"),
        ("theorem t : p := by\n  ⟦sorry⟧", "have : |x| < e := fun y => h\n  exact this"),
        (TERM, "fun | 0 => rfl | n + 1 => rfl"),
        (NESTED, "exact h\n    done"),
        (LINES, "@[simp] theorem t {n : Nat} : n = n := by\n  induction n\n  all_goals rfl"),
        ("theorem t : p ∧ q := ⟨⟦sorry⟧, sorry⟩", "by simp"),
        ("theorem t : p ∧ q := ⟦⟨sorry, sorry⟩⟧", "⟨sorry, by simp⟩"),
        ("theorem t : p ∧ q := by\n  ⟦first | skip\n  sorry⟧", "simp"),
        ("theorem t : p := a n\nwhere\n  a (n : Nat) : q := by ⟦sorry⟧\n", "simp\n      exact h"),
        ("def f (n : Nat) : Nat := if h : n < 2 then 0 else f (n / 2)\ndecreasing_by\n  ⟦sorry⟧", "omega"),
    ] {
        assert_eq!(check(marked, replacement), Ok(()), "{replacement}");
    }
}

#[test]
fn no_command_rides_along() {
    for replacement in [
        "rfl axiom bad : False",
        "rfl\n  axiom bad : False",
        "rfl\nopen Odd",
        "rfl\n  open Odd in",
        "rfl in",
        "simp (maxSteps := f x)",
        "simp +arith (config := { maxSteps := (fun x => x) 5 })",
        "exact f 1.e5open Odd",
        "exact f ×`open Odd",
        "exact f ×«open Odd -- »",
        "simp (maxSteps := [].head!)",
        "simp (maxSteps := many.slow)",
        "simp (config := f {})",
        "simp (maxSteps := f [1])",
        "simp (zeta := a == b)",
        "simp (maxSteps := by {assumption})",
        "simp (occs := .slow [1])",
        "linarith (discharger := do repeat pure ())",
        "linarith! (splitNe := f x)",
        "(linarith! [h] (splitNe := f x); rfl)",
        "my_try 3 linarith! +a (splitNe := f x)",
        "cases h with | inl h => linarith! (splitNe := f x) | inr h => rfl",
        "exact by linarith! (splitNe := f x)",
        "cases h with linarith! (splitNe := f x) | inl h => rfl",
        "intro use\n  linarith! (splitNe := f x)",
        "exact foo fun y ↦ y\n  case x => linarith! (splitNe := f x)",
        "rfl <;> linarith! (splitNe := f x)",
        "rfl <|> linarith! (splitNe := f x)",
        "simp at h ⊢\n  linarith! (splitNe := f x)",
        "simp at *\n  linarith! (splitNe := f x)",
        "exact ‹p›\n  linarith! (splitNe := f x)",
        "exact \"x\"\n  linarith! (splitNe := f x)",
        "simp (disch := linarith! (splitNe := f x))",
        "exact h where finally linarith! (splitNe := f x)",
        "rcases h with -\n  linarith! (splitNe := f x)",
        "clear_value *\n  linarith! (splitNe := f x)",
        "have d : Nat := default%\n  linarith! (splitNe := f x)",
        "simp\n  trace (f 5)",
        "simp; try trace (f 5)",
        "first | trace (f 5) | rfl",
        "trace \"a\" ++ toString (f 5)",
        "rfl <;> [linarith! (splitNe := f x), skip]",
        "rfl <;> [skip, linarith! (splitNe := f x)]",
        "map_tacs [skip, linarith! (splitNe := f x)]",
        "have h : 1 = 1 := by . linarith! (splitNe := f x)",
        "constructor; . linarith! (splitNe := f x); . rfl",
        "exact h\ndecreasing_by linarith! (splitNe := f x)",
        "iterate 3 linarith! (splitNe := f x)",
        "(iterate 3 skip\n            linarith! (splitNe := f x))",
        "linear_combination (norm := linarith! (splitNe := f x)) h",
        "have h : 1 = 1 := rfl /-\n-/linarith! (splitNe := f x)",
        "exact hp /-\n-/ /- -/ swap",
        "plausible",
        "rfl /--/",
        "simp?!",
        "exact «a\n --» open Odd",
        "exact '\n'\"' \"open Odd --\"",
        "open Odd := rfl in rfl",
        "rfl\n  set_option autoImplicit true",
        "rfl\n  #eval 1",
        "rfl\n  #exit",
        "rfl\n\n/-! text -/",
        "rfl\n  /-- text -/",
        "rfl\n  @[simp] theorem v : 1 = 1 := rfl",
        "rfl\n  local instance : Inhabited Nat := ⟨0⟩",
        "rfl\n  attribute [simp] Nat.add_comm",
        "rfl\n  end",
        "rfl\n  gen_injective_theorems% Nat",
        "rfl\n  deriving instance Repr for X",
        // What is a comment or a string for one reader is text for another.
        "exact f <--axiom bad : False",
        "exact f 0axiom bad : False",
        "exact f.1axiom bad : False",
        "exact f 0x1gaxiom bad : False",
        "exact f //-axiom bad : False -/ rfl",
        "exact x!\"{ \" axiom bad : False -- \"",
        "exact s!\"{by exact (sorryAx _)}\"",
    ] {
        let refused = check(TACTIC, replacement);
        assert!(refused.is_err(), "{replacement}");
    }
    let declared =
        DeclaredSyntax { tokens: ["hello".to_owned(), "lemma".to_owned()].into(), ..DeclaredSyntax::default() };
    assert!(check_with(TACTIC, "rfl hello", &declared).unwrap_err().contains("`hello`"));
    assert_eq!(check_with(TACTIC, "exact hello.there lemma_one", &declared), Ok(()));
    let declared = DeclaredSyntax {
        joined: ["↑m", "+m", "↑m`«", "≃i", "≃i.", "ᵀm"].map(str::to_owned).into(),
        ..DeclaredSyntax::default()
    };
    for hidden in [
        "exact 0↑mopen Nat",
        "exact ↑m`« open Odd»",
        "exact 0ᵀmopen Odd",
        "exact a ≃iby_elab x",
        "exact 0≃i.open Odd",
        "exact 0 +mopen Nat",
    ] {
        assert!(check_with(TACTIC, hidden, &declared).is_err(), "{hidden}");
    }
    assert_eq!(check_with(TACTIC, "exact 0↑m + m", &declared), Ok(()));
    let declared = DeclaredSyntax { joined: [".c", "-1"].map(str::to_owned).into(), ..DeclaredSyntax::default() };
    assert_eq!(check_with(TACTIC, "exact Nat.cast_add a b", &declared), Ok(()));
}

#[test]
fn the_edit_stays_in_its_place() {
    for (marked, replacement, reason) in [
        (NESTED, "exact h\n  · exact k\n  · exact h", "where the block of the hole ends"),
        (NESTED, "exact h\n  exact k", "where the block of the hole ends"),
        (TERM, "foo\nbar", "where the block of the hole ends"),
        (LINES, "@[simp] theorem t (n : Nat) : n = n := by\n  rfl", "more than the body"),
        (LINES, "theorem t {n : Nat} : n = n := by\n  rfl", "more than the body"),
        (LINES, "@[simp ↓] theorem t {n : Nat} : n = n := by\n  rfl", "more than the body"),
        ("theorem t : p :=\n  match n with\n  | 0 => ⟦sorry⟧\n  | k + 1 => h\n", "g\n  5", "the block of the hole"),
        (
            "theorem t : p :=\n  match n with\n  | 0 => ⟦sorry⟧\n  | k + 1 => h\n",
            "g | 5 => h",
            "beside that of the hole",
        ),
        (BLOCK, "rcases h with h | h\n    · rfl\n    · rfl\n    | 1 => by rfl", "beside that of the hole"),
        (BLOCK, "first | rfl\n    | 1 => by rfl", "beside that of the hole"),
        (BLOCK, "have h : p := h\n    | 1 => by rfl", "beside that of the hole"),
        (
            BLOCK,
            "cases h with\n    | inl h => rfl\n    | inr h => rfl\n    rfl\n    | 1 => by rfl",
            "beside that of the hole",
        ),
        (BLOCK, "exact id fun x ↦ x\n     | 1 => by rfl", "beside that of the hole"),
        (BLOCK, "exact match h with | next => next\n     | 1 => by rfl", "beside that of the hole"),
        ("theorem t : p := a n\nwhere\n  a (n : Nat) : q := ⟦sorry⟧\n", "h\n  b : q := h", "the block of the hole"),
        (
            "theorem t : p := a n\nwhere\n  a (n : Nat) : q := by ⟦sorry⟧\n",
            "exact h\n  b : q := h",
            "the block of the hole",
        ),
        ("instance : C Nat where\n  a := by ⟦sorry⟧\n", "exact h\n  b := h", "the block of the hole"),
        ("theorem t : p := a n\nwhere\n  a (n : Nat) : q := ⟦sorry⟧\n", "h; b : q := h", "another field or helper"),
        ("theorem t : p := a n\nwhere\n  a (n : Nat) : q := ⟦sorry⟧\n", "h /-\n-/b : q := h", "a comment of several"),
        ("instance : C Nat where\n  a := ⟦sorry⟧\n", "h; b (n : F ⟨1⟩) := h", "another field or helper"),
        ("theorem t : s = s := f { a := ⟦sorry⟧ }", "h, b := h", "another field or helper"),
        (
            "theorem t : p := a n\n  where a (n : Nat) : q := ⟦sorry⟧\n",
            "h\n        b : q := h",
            "another field or helper",
        ),
        ("instance : C Nat where a := ⟦sorry⟧\n", "h\n                       b := h", "another field or helper"),
        ("theorem t : s = s := f { a := ⟦sorry⟧ }", "h\n                         b := h", "another field or helper"),
        ("def f := g n\ndecreasing_by ⟦sorry⟧", "simp (maxSteps := f 5)", "plain values"),
        ("theorem t (n : Nat) :\n    n = n := ⟦sorry⟧\n", "by\nhave h := 1", "where the block of the hole ends"),
        (ARMS, "have h := match 0 with | 0 => 1 | _ => 2; f rfl h | 1 => rfl", "beside that of the hole"),
        (ARMS, "have h := match 0 with | 0 => by exact 1 | _ => 2; f rfl h | 1 => rfl", "beside that of the hole"),
        (ARMS, "if 1 = 1 then match 0 with | 0 => rfl | _ => rfl else rfl | 1 => rfl", "beside that of the hole"),
        (ARMS, "let f : Nat → Nat | 0 => 1 | _ => 2; g rfl f | 1 => rfl", "beside that of the hole"),
        (ARMS, "have h :=\n      match 0 with | 0 => 1 | _ => 2; f rfl h | 1 => rfl", "beside that of the hole"),
        (ARMS, "have first := 0; f rfl first | 1 => rfl", "beside that of the hole"),
        (ARMS, "have ext := 0; f rfl ext | 1 => rfl", "beside that of the hole"),
        (ARMS, "have intro := 0; f rfl intro | 1 => rfl", "beside that of the hole"),
        (ARMS, "f rfl\n      next | 1 => rfl", "beside that of the hole"),
        (BLOCK, "rfl <;> ext x | 1 => by rfl", "beside that of the hole"),
        ("theorem t : p := by\n  constructor <;> ⟦sorry⟧", "simp (maxSteps := f 5)", "plain values"),
        ("theorem t : p := by\n  all_goals ⟦sorry⟧", "simp (maxSteps := f 5)", "plain values"),
        ("theorem t : p := by\n  exact ⟦sorry⟧", "rfl <;> simp (maxSteps := f 5)", "plain values"),
        ("theorem t : p := by\n  have h : q := ⟦sorry⟧", "rfl; simp (maxSteps := f 5)", "plain values"),
        (TACTIC, ".simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "first | (.simp (maxSteps := f.g)) | rfl", "plain values"),
        (TACTIC, "try mrevert ∀\n  simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "have h : Type := ℕ+\n  simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "fails_with \"x\" simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "conv in (n).fun => simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "if h : p then simp else simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "if p then exact if q then a else b else simp (maxSteps := f 5)", "plain values"),
        (
            TACTIC,
            "if h : n = 0 then\n    have _x : Nat := Id.run do\n      let _ ← if True then pure ()\n      return 1\n    simp\n  else simp (maxSteps := f 5)",
            "plain values",
        ),
        (TACTIC, "if h : n = 0 then first | exact (n).if | rfl else simp (maxSteps := f 5)", "plain values"),
        (TACTIC, "iterate 1 trace (f 5)", "runs the program"),
        ("instance : C Nat where a := ⟦sorry⟧\n", "h\n                 /- -/ b := h", "another field or helper"),
        (
            "theorem t : p ∧ q := by\n        constructor\n        · ⟦sorry⟧\n",
            "exact h\n  /- -/ · exact h",
            "where the block of the hole ends",
        ),
        (
            "theorem t : p ∧ q := by\n       constructor\n       · ⟦sorry⟧\n",
            "exact h /- a\n  b -/ · exact h",
            "comment of several lines",
        ),
        ("theorem t : ⟦sorry⟧ := rfl", "1 = 1", "more than the body"),
        ("theorem t : p := by\n  ⟦simp⟧\n  sorry", "omega", "replaces no hole"),
        ("theorem t : p := (⟦sorry⟧)", "x) (y", "closes nothing"),
        ("theorem t : p := by\n  ⟦sorry⟧", "", "nothing stands"),
        (
            "theorem t : p := by\n  have h : q := ⟦sorry⟧\n  exact h",
            "h2 where h2 := rfl",
            "only allowed where the hole ends",
        ),
        ("theorem t : a <⟦sorry⟧ := rfl\n", "-1", "more than the body"),
        ("theorem t : p := f <⟦sorry⟧\n", "-1", "grow together"),
    ] {
        let refused = check(marked, replacement).expect_err(replacement);
        assert!(refused.contains(reason), "{replacement}: {refused}");
    }
}

#[test]
fn words_that_no_proof_needs_are_refused() {
    for replacement in [
        "exact «sorryAx» _ true",
        "apply?",
        "exact (by exact?)",
        "set_option debug.skipKernelTC true in decide +kernel",
        "decide +native",
        "run_tac pure ()",
        "exact include_str \"x\"",
        "exact decl_name% ▸ rfl",
        "exact `(rfl)",
    ] {
        assert!(check(TACTIC, replacement).is_err(), "{replacement}");
    }
}
