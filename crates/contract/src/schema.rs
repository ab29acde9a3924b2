//! JSON Schemas (draft 2020-12) of the records, made from the types.

use crate::{
    Attempt, ContextBundle, EvalResult, MineTask, ReplayResult, Report, RunManifest, RunnerResponse, Verdict, Walk,
};
use schemars::{Schema, schema_for};

/// Each record's name and schema. `cargo xtask schema` writes them to `schemas/`, and a test holds them equal.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("mine_task", schema_for!(MineTask)),
        ("runner_response", schema_for!(RunnerResponse)),
        ("attempt", schema_for!(Attempt)),
        ("replay_result", schema_for!(ReplayResult)),
        ("verdict", schema_for!(Verdict)),
        ("eval_result", schema_for!(EvalResult)),
        ("run_manifest", schema_for!(RunManifest)),
        ("report", schema_for!(Report)),
        ("context", schema_for!(ContextBundle)),
        ("walk", schema_for!(Walk)),
    ]
}
