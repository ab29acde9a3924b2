//! Words that no replacement may contain, whatever they would mean there: holes in every spelling, searches that leave a hole or a
//! suggestion, programs that run while Lean elaborates, evaluation by compiled code, options that switch checks off.
//!
//! The lists are about what is written. What a macro of the project makes of other words is for the guards on compiled data.

use crate::frame::EXAMPLE_NAME;

/// Names of holes, and what admits a goal.
const HOLES: &[&str] = &["sorry", "admit", "sorryAx", "stop", "mkSorry", "mkLabeledSorry", "lcProof", "lcUnreachable"];

/// Tactics and terms that search and leave a suggestion, a trace or a hole. Those that end with `?` are found by their stem.
const SEARCHES: &[&str] =
    &["hint", "show_term", "says", "library_search", "suggest", "suggestions", "observe", "suggest_premises"];

/// Stems of tactics whose form with `?` is a search.
const STEMS: &[&str] = &[
    "exact",
    "apply",
    "rw",
    "rwa",
    "erw",
    "nth_rw",
    "rewrite",
    "simp",
    "simp_all",
    "simp_arith",
    "simp_all_arith",
    "simpa",
    "dsimp",
    "simp_rw",
    "aesop",
    "try",
    "grind",
    "decide",
    "have",
    "let",
    "observe",
    "norm_num",
    "ring_nf",
    "field_simp",
    "linarith",
    "nlinarith",
    "polyrith",
    "split_ifs",
    "unfold",
    "conv",
    "calc",
    "termination_by",
    "decreasing_by",
    "omega",
    "show",
    "says",
    "intro",
    "intros",
    "cases",
    "rcases",
    "obtain",
    "ext",
    "infer_instance",
    "bv_decide",
    "positivity",
    "gcongr",
    "continuity",
    "measurability",
    "fun_prop",
    "tauto",
    "push_cast",
    "norm_cast",
    "exact_mod_cast",
    "finish",
    "by",
    "induction",
    "squeeze_simp",
    "rintro",
    "choose",
    "solve_by_elim",
    "module",
    "abel",
    "noncomm_ring",
    "sym",
    "simp_mem",
    "dsimp_all",
    "constructor",
    "refine",
    "use",
    "loogle",
    "canonical",
    "duper",
    "leansearch",
    "moogle",
];

/// Words of the language that run a program while a proof is elaborated, or ask for code in the place of a proof.
const PROGRAMS: &[&str] = &[
    "run_tac",
    "run_elab",
    "run_cmd",
    "run_io",
    "run_meta",
    "run_conv",
    "by_elab",
    "include_str",
    "dbg_trace",
    "unsafe",
    "native",
    "native_decide",
    "bv_decide",
    "bv_check",
    "implemented_by",
    "extern",
    "with_decl_name%",
    "decl_name%",
    "eval%",
    "polyrith",
    "eval_suggest_tactic",
    "with_decl_name",
    "with_panel_widgets",
    "plausible",
    "slim_check",
    "sleep",
    "timeit",
    "allocprof",
    "initialize",
];

/// Names of functions that run a program, or that only compiled code gives a value. Any component of a name counts.
const FUNCTIONS: &[&str] = &[
    "ofReduceBool",
    "ofReduceNat",
    "reduceBool",
    "reduceNat",
    "trustCompiler",
    "unsafeCast",
    "unsafeIO",
    "unsafeEIO",
    "unsafeBaseIO",
    "ptrAddrUnsafe",
    "dbgTrace",
    "dbgTraceIfShared",
    "dbgTraceVal",
    "dbgSleep",
    "dbgStackTrace",
    "evalDecl",
    "evalConst",
    "evalConstCheck",
    "evalExpr",
    "evalTactic",
    "addDecl",
    "addAndCompile",
    "modifyEnv",
    "setEnv",
];

/// Names of what talks to the world or to Lean's own machinery. Any component of a name counts.
const WORLDS: &[&str] = &["IO", "Lake", "BaseIO", "EIO", "EST", "RealWorld", "SystemM", "Process"];

/// Options that a proof may set for a part of itself: they bound or show work and switch off no check.
const OPTIONS: &[&str] = &[
    "maxHeartbeats",
    "maxRecDepth",
    "synthInstance.maxHeartbeats",
    "synthInstance.maxSize",
    "exponentiation.threshold",
    "maxUniverseOffset",
    "maxSynthPendingDepth",
    "tactic.skipAssignedInstances",
    "tactic.hygienic",
    "tactic.simp.trace",
    "tactic.customEliminators",
    "tactic.fun_induction.unfolding",
    "autoImplicit",
    "relaxedAutoImplicit",
    "smartUnfolding",
    "Elab.async",
    "hygiene",
];

/// Beginnings of options that only show things or that keep old behaviour of elaboration.
const OPTION_FAMILIES: &[&str] = &[
    "pp.",
    "trace.",
    "linter.",
    "weak.linter.",
    "backward.",
    "profiler.",
    "simprocs",
    "simp.",
    "grind.",
    "diagnostics",
];

/// Why a word may not stand in a replacement; `None` if it may. `word` is an identifier as it is written.
pub fn refusal(word: &str) -> Option<String> {
    let components: Vec<String> = leanwright_lean::module::components(word);
    // `_root_` in front changes nothing of what is meant.
    let components: Vec<String> = components.into_iter().filter(|part| part != "_root_").collect();
    let (first, last) = (components.first()?.as_str(), components.last()?.as_str());
    // Any component: `open Lean in`, `_root_.sorryAx`, `«sorryAx»` and `x.sorryAx` are all one.
    if let Some(hole) = components.iter().find(|part| HOLES.contains(&part.as_str())) {
        // `stop` is a tactic and elsewhere a name like any other.
        let is_part_of_a_name = components.len() > 1 && matches!(hole.as_str(), "stop" | "sorry" | "admit");
        if !is_part_of_a_name {
            return Some(format!("`{word}` stands for a hole"));
        }
    }
    // A proof that uses the name under which an `example` is compiled would not compile where it is taken.
    if word.contains(EXAMPLE_NAME) {
        return Some(format!("`{word}` is no name of the file"));
    }
    let stem = last.trim_end_matches(['?', '!']);
    let has_question_mark = last.get(stem.len()..).is_some_and(|signs| signs.contains('?'));
    if has_question_mark && components.len() == 1 && STEMS.contains(&stem) {
        return Some(format!("`{word}` is a search: what it finds may stand here, the search may not"));
    }
    if components.len() == 1 && SEARCHES.contains(&first) {
        return Some(format!("`{word}` is a search: what it finds may stand here, the search may not"));
    }
    let runs = components.iter().any(|part| FUNCTIONS.contains(&part.as_str()));
    if runs || (components.len() == 1 && PROGRAMS.contains(&first)) {
        return Some(format!("`{word}` runs a program, or takes its word in the place of a proof"));
    }
    let is_world = components.iter().any(|part| WORLDS.contains(&part.as_str()));
    if is_world || (first == "Lean" && components.get(1).is_some_and(|second| is_machinery(second))) {
        return Some(format!("`{word}` belongs to Lean's machinery or reaches outside of the proof"));
    }
    None
}

/// Namespaces below `Lean` with which a proof has nothing to do. `Lean.Grind` and `Lean.Omega` have lemmas that proofs name.
fn is_machinery(component: &str) -> bool {
    const NAMESPACES: [&str; 10] =
        ["Elab", "Meta", "Environment", "Core", "Parser", "Macro", "Compiler", "Server", "Kernel", "IR"];
    NAMESPACES.contains(&component)
}

/// Whether a proof may set this option for a part of itself.
pub fn is_harmless_option(option: &str) -> bool {
    OPTIONS.contains(&option) || OPTION_FAMILIES.iter().any(|family| option.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_hole_is_found() {
        for word in
            ["sorry", "admit", "sorryAx", "«sorryAx»", "_root_.sorryAx", "«sorry»", "Lean.Meta.mkSorry", "lcProof"]
        {
            assert!(refusal(word).is_some_and(|why| why.contains("hole")), "{word}");
        }
        for word in ["sorry_free", "h.stop", "not_sorry", "admits", "x.sorry"] {
            assert_eq!(refusal(word), None, "{word}");
        }
    }

    #[test]
    fn searches_programs_and_options() {
        for word in [
            "apply?",
            "exact?",
            "rw?",
            "simp?",
            "simp_all?",
            "hint",
            "native_decide",
            "run_tac",
            "IO.println",
            "Lean.Elab.Tactic.run",
            "Lean.ofReduceBool",
        ] {
            assert!(refusal(word).is_some(), "{word}");
        }
        for word in
            ["List.head?", "h?", "head?", "Lean.Grind.Ring", "Lean.Omega.Int", "trace", "hints", "decide", "x.native"]
        {
            assert_eq!(refusal(word), None, "{word}");
        }
        for (option, harmless) in [
            ("maxHeartbeats", true),
            ("pp.all", true),
            ("debug.skipKernelTC", false),
            ("debug.byAsSorry", false),
            ("warn.sorry", false),
            ("compiler.check", false),
        ] {
            assert_eq!(is_harmless_option(option), harmless, "{option}");
        }
    }
}
