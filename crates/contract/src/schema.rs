//! JSON Schemas (draft 2020-12) of the records, made from the types.

use crate::editor::{
    CancelParams, CertificateResult, DocumentParams, HolesResult, ProveAllParams, ProveAllResult, ProveParams,
    ProveResult, StatusResult,
};
use crate::{
    Attempt, Certificate, ContextBundle, GoalsResult, JudgeEvent, JudgeRequest, MineTask, ReplayResult, Report,
    RunnerResponse, TraceRecord, Verdict, Walk,
};
use schemars::{JsonSchema, Schema, schema_for};

/// What our own requests and notifications carry, by name: for editors that want types.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "it is a list of types for the schema")]
struct EditorProtocol {
    document_params: DocumentParams,
    place_params: ProveParams,
    prove_all_params: ProveAllParams,
    cancel_params: CancelParams,
    holes: HolesResult,
    goals: GoalsResult,
    prove: ProveResult,
    prove_all: ProveAllResult,
    certificate: CertificateResult,
    walk: Walk,
    status: StatusResult,
}

/// Each record's name and schema. `cargo xtask schema` writes them to `schemas/`, and a test holds them equal.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("trace_record", schema_for!(TraceRecord)),
        ("mine_task", schema_for!(MineTask)),
        ("runner_response", schema_for!(RunnerResponse)),
        ("attempt", schema_for!(Attempt)),
        ("replay_result", schema_for!(ReplayResult)),
        ("verdict", schema_for!(Verdict)),
        ("certificate", schema_for!(Certificate)),
        ("judge_request", schema_for!(JudgeRequest)),
        ("judge_event", schema_for!(JudgeEvent)),
        ("report", schema_for!(Report)),
        ("context", schema_for!(ContextBundle)),
        ("walk", schema_for!(Walk)),
        ("editor", schema_for!(EditorProtocol)),
    ]
}
