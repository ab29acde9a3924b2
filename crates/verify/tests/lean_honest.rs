//! Honest proofs of every shape that Lean files have: none is refused. Each `sorry` of these files is replaced by what its line's
//! comment says, alone, while all others stay open.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::VerdictState;
use leanwright_testkit::{LeanProject, lean};
use leanwright_verify::{Candidate, Judge, JudgeSettings};
use std::path::Path;

/// `sorry /- = PROOF -/` is a hole and the proof for it.
const MARK: &str = " /- = ";

const PROOFS: &str = "\
theorem «odd name» (α' : Type) (𝒳 : α') : 𝒳 = 𝒳 := by
  sorry /- = rfl -/

example (a b : Nat) : a + b = b + a := by
  sorry /- = omega -/

theorem term_mode (p q : Prop) (hp : p) (hq : q) : p ∧ q := sorry /- = ⟨hp, hq⟩ -/

theorem two_on_a_line (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨sorry /- = hp -/, sorry /- = hq -/⟩

theorem by_calc (a b c : Nat) (h₁ : a = b) (h₂ : b = c) : a = c :=
  calc a
    _ = b := sorry /- = h₁ -/
    _ = c := by sorry /- = exact h₂ -/

theorem by_match (n : Nat) : n = 0 ∨ 0 < n :=
  match n with
  | 0 => sorry /- = Or.inl rfl -/
  | k + 1 => Or.inr (by sorry /- = exact Nat.succ_pos k -/)

theorem by_have (n : Nat) (h : 2 ≤ n) : 1 ≤ n := by
  have small : 1 ≤ 2 := by sorry /- = decide -/
  exact Nat.le_trans small h

theorem by_cases' (xs : List Nat) : xs.length = 0 ∨ xs ≠ [] := by
  cases xs with
  | nil => sorry /- = exact Or.inl rfl -/
  | cons x rest => exact Or.inr (by simp)

theorem with_a_match (n : Nat) : n = n + 0 := by
  sorry /- = exact match n with | 0 => rfl | k + 1 => rfl -/

theorem by_induction (n : Nat) : 0 + n = n := by
  sorry /- = induction n with
    | zero => rfl
    | succ k ih => omega -/

namespace Outer
namespace Inner
private theorem hidden (n : Nat) : n ≤ n := by
  sorry /- = exact Nat.le_refl n -/

protected theorem shown (n : Nat) : n ≤ n + 1 := by
  sorry /- = omega -/
end Inner
end Outer

section
variable {α : Type} [DecidableEq α] (xs : List α)
theorem with_variables (x : α) : x ∈ x :: xs := by
  sorry /- = simp -/
end

universe u v
theorem polymorphic {α : Type u} {β : Sort v} (f : α → β) (x y : α) (h : x = y) : f x = f y := by
  sorry /- = rw [h] -/

mutual
theorem even_or_odd (n : Nat) : n % 2 = 0 ∨ n % 2 = 1 := by
  sorry /- = omega -/
theorem odd_or_even (n : Nat) : n % 2 = 1 ∨ n % 2 = 0 := by
  omega
end

theorem with_where (n : Nat) : n + 0 = n ∧ 0 + n = n := ⟨left, right⟩
where
  left : n + 0 = n := by sorry /- = rfl -/
  right : 0 + n = n := by simp

@[simp] theorem tagged (n : Nat) : n - n = 0 := by
  sorry /- = omega -/

/-- A text with `sorry` in it, and theorem, end, namespace. -/
theorem documented : \"sorry -- \" ++ \"end\" = \"sorry -- end\" := by
  -- sorry is a word here
  sorry /- = decide -/

instance : Inhabited (Nat → Nat) := ⟨fun n => n⟩

def recursive : Nat → Nat
  | 0 => 0
  | n + 1 => recursive n + 1

theorem about_recursive (n : Nat) : recursive n = n := by
  sorry /- = induction n with
    | zero => rfl
    | succ n ih => simp [recursive, ih] -/

theorem with_notation (f : Nat → Nat) (h : ∀ n, f n = n) : f ∘ f = id := by
  sorry /- = funext n; simp [h] -/

theorem partial_fix (p q : Prop) (hp : p) : p ∧ (q → q) := by
  sorry /- = refine ⟨hp, ?_⟩
  intro hq
  exact hq -/

theorem with_classical (p : Prop) : p ∨ ¬p := by
  sorry /- = exact Classical.em p -/

theorem Nat.with_a_dot (n : Nat) : n.succ ≠ 0 := by
  sorry /- = simp -/

theorem by_obtain (h : ∃ n : Nat, 3 < n) : ∃ n : Nat, 2 < n := by
  sorry /- = obtain ⟨n, hn⟩ := h
  exact ⟨n, by omega⟩ -/

theorem by_grind (p q r : Prop) (h : p → q) (k : q → r) : p → r := by
  sorry /- = grind -/

open Nat in
theorem with_open (n : Nat) : 0 < succ n := by
  sorry /- = exact succ_pos n -/

structure Interval where
  low : Nat
  high : Nat
  le : low ≤ high

def unit : Interval where
  low := 0
  high := 1
  le := by sorry /- = decide -/

def shifted (n : Nat) : Interval := { low := n, high := n + 1, le := sorry /- = Nat.le_succ n -/ }

def halves (n : Nat) : Nat := if h : n < 2 then 0 else 1 + halves (n / 2)
termination_by n
decreasing_by
  sorry /- = exact Nat.div_lt_self (by omega) (by omega) -/

instance : LE Interval := ⟨fun a b => a.low ≤ b.low⟩

instance : Std.Refl (α := Interval) (· ≤ ·) where
  refl := by
    sorry /- = exact fun a => Nat.le_refl a.low -/

def small : { n : Nat // n < 5 } := ⟨3, by sorry /- = omega -/⟩

section
variable {α : Type} (xs : List α) (h : xs ≠ [])
example : 0 < xs.length := by
  sorry /- = exact List.length_pos_iff.mpr h -/
end

theorem last (n : Nat) : n = n := by sorry /- = rfl -/";

/// Holes with their proofs, and the text with the holes alone.
fn holes(marked: &str) -> (String, Vec<(std::ops::Range<usize>, String)>) {
    let (mut text, mut holes, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once(MARK) {
        let (proof, after) = after.split_once(" -/").unwrap();
        text.push_str(before);
        holes.push((text.len() - "sorry".len()..text.len(), proof.to_owned()));
        rest = after;
    }
    (text + rest, holes)
}

async fn check(marked: &str) {
    let (source, holes) = holes(marked);
    let project = LeanProject::new(&[("P.lean", &source)]);
    let judge = Judge::new(lean(), JudgeSettings { control: false, ..JudgeSettings::default() });
    let judged = holes.iter().map(|(span, replacement)| {
        assert_eq!(&source[span.clone()], "sorry");
        let (root, file) = (project.root.clone(), Path::new("P.lean").into());
        let (span, replacement) = (span.clone(), replacement.clone());
        let candidate = Candidate { root, file, before: source.clone(), span, replacement };
        let judge = &judge;
        async move { (candidate.replacement.clone(), judge.judge(&candidate).await) }
    });
    let mut refused = Vec::new();
    let mut work: Vec<_> = judged.map(Box::pin).collect();
    // Two at a time: that is what the judge compiles, and a baseline is waited for once.
    while let Some(one) = work.pop() {
        let (one, other) = match work.pop() {
            Some(other) => {
                let (one, other) = tokio::join!(one, other);
                (one, Some(other))
            }
            None => (one.await, None),
        };
        for (replacement, judgement) in [Some(one), other].into_iter().flatten() {
            if judgement.verdict.state != VerdictState::Accepted {
                refused
                    .push(format!("{:?} {replacement}: {:?}", judgement.verdict.declaration, judgement.verdict.state));
            }
        }
    }
    assert!(refused.is_empty(), "of {}: {refused:#?}", holes.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_honest_proof_is_refused() {
    let holes = holes(PROOFS).1;
    assert!(holes.len() >= 36, "{}", holes.len());
    check(PROOFS).await;
}

/// A file of the module system is compiled in parts, and its proofs are not in the first.
const MODULE: &str = "\
module

public def shown (n : Nat) : Nat := n + 1

public theorem shown_pos (n : Nat) : 0 < shown n := by
  sorry /- = simp [shown] -/

theorem hidden (n : Nat) : shown n = n + 1 := by
  sorry /- = rfl -/
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_the_module_system_are_judged() {
    check(MODULE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn line_ends_of_windows_and_none_at_the_end_are_fine() {
    let windows = "theorem a (n : Nat) : n = n := by\n  sorry /- = rfl -/\n\ntheorem b (n : Nat) : n + 0 = n := by\n  sorry /- = simp -/";
    check(&windows.replace('\n', "\r\n")).await;
}
