//! What the handshake says about the two sides, as far as our own part depends on it; and what we add to Lean's answer.

use leanwright_wire::{Envelope, splice};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Read from `initialize` and its answer; what was not said is off.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The editor shows progress that the server begins.
    pub progress: bool,
    /// The editor asks for lenses again when it is told to.
    pub lens_refresh: bool,
    /// Lean's number for the token type `leanSorryLike`.
    pub sorry_token: Option<u32>,
    /// Lean writes RPC references as `{"__rpcref":…}` instead of `{"p":…}`.
    pub new_references: bool,
    /// Lenses are ours: Lean has none.
    pub own_lenses: bool,
    /// The editor was told of our command.
    pub own_command: bool,
}

/// The command behind our lenses and actions. Editors keep commands in one table for all servers of a window, so the
/// name is this process's own.
pub fn command_name() -> String {
    format!("leanwright.prove.{}", std::process::id())
}

#[derive(Deserialize)]
struct Initialize {
    #[serde(default)]
    capabilities: EditorCapabilities,
}

#[derive(Default, Deserialize)]
struct EditorCapabilities {
    #[serde(default)]
    window: Window,
    #[serde(default)]
    workspace: Workspace,
}

#[derive(Default, Deserialize)]
struct Window {
    #[serde(rename = "workDoneProgress", default)]
    progress: bool,
}

#[derive(Default, Deserialize)]
struct Workspace {
    #[serde(rename = "codeLens", default)]
    lens: LensSupport,
}

#[derive(Default, Deserialize)]
struct LensSupport {
    #[serde(rename = "refreshSupport", default)]
    refresh: bool,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct LeanCapabilities<'a> {
    #[serde(rename = "codeActionProvider", borrow)]
    code_actions: Option<&'a RawValue>,
    #[serde(rename = "codeLensProvider", borrow)]
    lenses: Option<&'a RawValue>,
    #[serde(rename = "executeCommandProvider", borrow)]
    commands: Option<&'a RawValue>,
    #[serde(rename = "semanticTokensProvider", borrow)]
    tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    experimental: Option<&'a RawValue>,
}

impl Handshake {
    /// What an editor's `initialize` says. Members that cannot be read count as absent: they are Lean's to complain about.
    pub fn of_editor(request: &[u8]) -> Self {
        let params = Envelope::parse(request).and_then(|envelope| envelope.params);
        let read = params.and_then(|params| serde_json::from_str::<Initialize>(params.get()).ok());
        let Some(Initialize { capabilities }) = read else { return Self::default() };
        Self {
            progress: capabilities.window.progress,
            lens_refresh: capabilities.workspace.lens.refresh,
            ..Self::default()
        }
    }

    /// Read Lean's answer and add what the editor has to know of us: Lean's own members stay as they are. `None` where
    /// there is nothing to add.
    pub fn merge_answer(&mut self, answer: &bytes::Bytes) -> Option<bytes::Bytes> {
        let envelope = Envelope::parse(answer)?;
        let capabilities = serde_json::from_str::<Answer<'_>>(envelope.result?.get()).ok()?.capabilities?;
        let lean = serde_json::from_str::<LeanCapabilities<'_>>(capabilities.get()).ok()?;
        self.sorry_token = lean.tokens.and_then(|tokens| sorry_token(tokens.get()));
        self.new_references = lean.experimental.is_some_and(|raw| references_are_new(raw.get()));
        self.own_lenses = lean.lenses.is_none();
        self.own_command = lean.commands.is_none();
        let mut added = String::new();
        if lean.code_actions.is_none() {
            added.push_str(&format!(r#""codeActionProvider":{CODE_ACTIONS},"#));
        }
        if self.own_lenses {
            added.push_str(r#""codeLensProvider":{"resolveProvider":false},"#);
        }
        if self.own_command {
            added.push_str(&format!(r#""executeCommandProvider":{{"commands":["{}"]}},"#, command_name()));
        }
        let answer = match lean.code_actions {
            // `true` says less than we need: items of ours are resolved.
            Some(provider) if !provider.get().starts_with('{') => {
                return splice(answer, provider, CODE_ACTIONS.as_bytes())
                    .and_then(|answer| self.merge_answer(&answer).or(Some(answer)));
            }
            _ => answer,
        };
        if added.is_empty() {
            return None;
        }
        let inner = capabilities.get().trim().strip_prefix('{')?.trim_start();
        let added = if inner.starts_with('}') { added.trim_end_matches(',') } else { &added };
        splice(answer, capabilities, format!("{{{added}{inner}").as_bytes())
    }
}

const CODE_ACTIONS: &str = r#"{"codeActionKinds":["quickfix"],"resolveProvider":true}"#;

fn sorry_token(provider: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Provider {
        legend: Legend,
    }
    #[derive(Deserialize)]
    struct Legend {
        #[serde(rename = "tokenTypes")]
        types: Vec<String>,
    }
    let types = serde_json::from_str::<Provider>(provider).ok()?.legend.types;
    types.iter().position(|name| name == "leanSorryLike").and_then(|index| u32::try_from(index).ok())
}

fn references_are_new(experimental: &str) -> bool {
    #[derive(Deserialize)]
    struct Experimental {
        #[serde(rename = "rpcProvider")]
        provider: Provider,
    }
    #[derive(Deserialize)]
    struct Provider {
        #[serde(rename = "rpcWireFormat")]
        format: String,
    }
    serde_json::from_str::<Experimental>(experimental).is_ok_and(|read| read.provider.format == "v1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn check(before: &str) -> (Handshake, Option<String>) {
        let answer = Bytes::from(format!(r#"{{"id":0,"result":{{"capabilities":{before},"serverInfo":{{}}}}}}"#));
        let mut handshake = Handshake::default();
        let merged = handshake.merge_answer(&answer).map(|merged| String::from_utf8(merged.to_vec()).unwrap());
        if let Some(merged) = &merged {
            assert!(serde_json::from_str::<serde_json::Value>(merged).is_ok(), "{merged}");
        }
        (handshake, merged)
    }

    #[test]
    fn leans_own_capabilities_stay() {
        let all =
            r#"{"codeActionProvider":{"resolveProvider":true},"codeLensProvider":{},"executeCommandProvider":{}}"#;
        let (handshake, merged) = check(all);
        assert!(merged.is_none() && !handshake.own_lenses && !handshake.own_command);
        let (handshake, merged) = check(r#"{"hoverProvider": true , "experimental" : {"x":1e1}}"#);
        let merged = merged.unwrap();
        assert!(merged.contains(r#""hoverProvider": true , "experimental" : {"x":1e1}},"serverInfo""#), "{merged}");
        assert!(merged.contains("codeLensProvider") && merged.contains(&command_name()), "{merged}");
        assert!(
            handshake.own_lenses
                && handshake.own_command
                && handshake.sorry_token.is_none()
                && !handshake.new_references
        );
        assert!(check("{}").1.unwrap().contains("codeActionProvider"));
        let merged = check(r#"{"codeActionProvider":true}"#).1.unwrap();
        assert!(
            merged.contains(r#""codeActionProvider":{"codeActionKinds""#) && merged.contains("codeLens"),
            "{merged}"
        );
    }

    #[test]
    fn what_the_two_sides_can_do_is_read() {
        let request = r#"{"id":0,"method":"initialize","params":{"capabilities":{"window":{"workDoneProgress":true},"workspace":{"codeLens":{"refreshSupport":true}}}}}"#;
        let handshake = Handshake::of_editor(request.as_bytes());
        assert!(handshake.progress && handshake.lens_refresh);
        let handshake = Handshake::of_editor(br#"{"id":0,"method":"initialize","params":{"capabilities":null}}"#);
        assert!(!handshake.progress && !handshake.lens_refresh);
        let (handshake, _) = check(
            r#"{"semanticTokensProvider":{"legend":{"tokenTypes":["keyword","leanSorryLike"],"tokenModifiers":[]}},"experimental":{"rpcProvider":{"rpcWireFormat":"v1"}}}"#,
        );
        assert_eq!((handshake.sorry_token, handshake.new_references), (Some(1), true));
    }
}
