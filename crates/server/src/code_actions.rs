//! Our items in the editor's list of code actions: kept ready, added behind Lean's own, never waited for.

use crate::command_argument::CommandArgument;
use crate::lsp_items::{command_item, offer_item};
use bytes::Bytes;
use leanwright_contract::editor::Range;
use leanwright_engine::{JobId, Offer};
use leanwright_lean::HoleKind;
use leanwright_project::ImportStamps;
use leanwright_wire::{Envelope, splice};
use lsp_types as lsp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::Arc;

/// Our items for each document.
#[derive(Debug, Default)]
pub struct OwnActions {
    documents: HashMap<String, Arc<DocumentActions>>,
}

/// Our items for one version of a document.
#[derive(Debug)]
pub struct DocumentActions {
    version: i64,
    offers: Vec<OfferAction>,
    /// One for each hole that work could begin on.
    prove: Vec<OwnAction>,
    /// Once, whichever of several holes is asked about.
    prove_all: Option<lsp::CodeAction>,
}

#[derive(Debug)]
struct OwnAction {
    range: Range,
    item: lsp::CodeAction,
}

/// An offer as an item.
#[derive(Debug)]
struct OfferAction {
    action: OwnAction,
    job: JobId,
    /// What the document imported when it was verified.
    imports: Arc<ImportStamps>,
}

/// The items for one request.
pub struct Matching<'a> {
    pub items: Vec<&'a lsp::CodeAction>,
    /// An offer was left out: what the document imports has changed on disk.
    pub outdated: bool,
}

/// A request for code actions, as far as it concerns us.
#[derive(Debug, Deserialize)]
pub struct CodeActionRequest {
    #[serde(rename = "textDocument")]
    document: Document,
    range: Range,
    #[serde(default)]
    context: Context,
}

#[derive(Debug, Deserialize)]
struct Document {
    uri: String,
}

#[derive(Debug, Default, Deserialize)]
struct Context {
    #[serde(default)]
    only: Option<Vec<String>>,
}

impl CodeActionRequest {
    pub fn of(body: &[u8]) -> Option<Self> {
        serde_json::from_str(Envelope::parse(body)?.params?.get()).ok()
    }

    pub fn uri(&self) -> &str {
        &self.document.uri
    }
}

impl OwnActions {
    pub fn clear(&mut self) {
        self.documents.clear();
    }

    /// The items of a document. Looking at files takes time: that is done when the lock is given back.
    pub fn of(&self, uri: &str) -> Option<Arc<DocumentActions>> {
        self.documents.get(uri).map(Arc::clone)
    }

    /// Replace what is on offer for a document: only offers of which it is known what they were verified with. `open` are holes
    /// that work could begin on, which takes our command.
    pub fn set(
        &mut self,
        uri: &str,
        offers: Option<(i64, Vec<(Range, Offer)>)>,
        imports: &HashMap<JobId, Arc<ImportStamps>>,
        open: &[(Range, HoleKind)],
        commands: bool,
    ) {
        let items = offers.and_then(|(version, offers)| {
            let document: lsp::Url = uri.parse().ok()?;
            let offers = offers.into_iter();
            let offers = offers.filter_map(|(range, offer)| {
                let imports = Arc::clone(imports.get(&offer.job)?);
                let action = OwnAction { range, item: offer_item(&document, version, range, &offer) };
                Some(OfferAction { action, job: offer.job, imports })
            });
            let offers: Vec<OfferAction> = offers.collect();
            let open = if commands { open } else { &[] };
            let prove = open.iter().map(|(range, kind)| {
                let prove = CommandArgument::Prove { uri: uri.to_owned(), position: range.start };
                let title = if *kind == HoleKind::Error { "Repair this proof" } else { "Prove this sorry" };
                OwnAction { range: *range, item: command_item(title, &prove, uri, version) }
            });
            let prove_all = (open.len() > 1).then(|| {
                let all = CommandArgument::ProveAll { uri: uri.to_owned(), lines: None };
                command_item(&format!("Prove all {} holes in this file", open.len()), &all, uri, version)
            });
            let actions = DocumentActions { version, offers, prove: prove.collect(), prove_all };
            Some(actions).filter(|actions| !actions.offers.is_empty() || !actions.prove.is_empty())
        });
        match items {
            Some(items) => self.documents.insert(uri.to_owned(), Arc::new(items)),
            None => self.documents.remove(uri),
        };
    }
}

impl DocumentActions {
    /// Whether an offer is still there, and what it was verified with is as it was. Looks at files.
    pub fn holds(&self, own: &OwnItem) -> bool {
        let offer = self.offers.iter().find(|offer| Some(offer.job) == own.offer);
        offer.is_some_and(|offer| self.version == own.version && offer.imports.hold())
    }

    /// Looks at files.
    pub fn matching(&self, request: &CodeActionRequest, version: Option<i64>) -> Matching<'_> {
        let mut matching = Matching { items: Vec::new(), outdated: false };
        let wanted = |only: &Vec<String>| only.iter().any(|kind| kind.is_empty() || kind == "quickfix");
        if request.context.only.as_ref().is_some_and(|only| !wanted(only)) {
            return matching;
        }
        // The items of another version are about to be withdrawn.
        if version.is_some_and(|version| version != self.version) {
            return matching;
        }
        let lines = |range: Range| range.start.line..=range.end.line;
        let touches = |action: &OwnAction| {
            lines(action.range).start() <= lines(request.range).end()
                && lines(request.range).start() <= lines(action.range).end()
        };
        let offers = self.offers.iter().filter(|offer| touches(&offer.action));
        let (fresh, outdated): (Vec<_>, Vec<_>) = offers.partition(|offer| offer.imports.hold());
        matching.outdated = !outdated.is_empty();
        matching.items.extend(fresh.iter().map(|offer| &offer.action.item));
        let offers = matching.items.len();
        matching.items.extend(self.prove.iter().filter(|action| touches(action)).map(|action| &action.item));
        if matching.items.len() > offers {
            matching.items.extend(&self.prove_all);
        }
        matching
    }
}

/// The source that editor plugins of ours give to their hints.
const HINT_SOURCE: &str = "leanwright";

/// A request without the hints of ours that its context names: Lean has never seen them. `None` if there are none.
pub fn without_hints(body: &Bytes, envelope: &Envelope<'_>) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        context: Diagnostics<'a>,
    }
    #[derive(Deserialize)]
    struct Diagnostics<'a> {
        #[serde(borrow)]
        diagnostics: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Source {
        source: Option<String>,
    }
    let params: Params<'_> = serde_json::from_str(envelope.params?.get()).ok()?;
    let listed = params.context.diagnostics;
    if !listed.get().contains(HINT_SOURCE) {
        return None;
    }
    let all: Vec<&RawValue> = serde_json::from_str(listed.get()).ok()?;
    let is_ours = |one: &RawValue| {
        serde_json::from_str::<Source>(one.get()).is_ok_and(|read| read.source.as_deref() == Some(HINT_SOURCE))
    };
    let kept: Vec<&str> = all.iter().filter(|one| !is_ours(one)).map(|one| one.get()).collect();
    if kept.len() == all.len() {
        return None;
    }
    splice(body, listed, format!("[{}]", kept.join(",")).as_bytes())
}

/// Lean's answer with our items behind its own; `None` to forward it as it is.
pub fn merge(own: &[&lsp::CodeAction], answer: &Bytes) -> Option<Bytes> {
    if own.is_empty() {
        return None;
    }
    let envelope = Envelope::parse(answer)?;
    let own: Vec<Box<RawValue>> = own.iter().filter_map(|item| serde_json::value::to_raw_value(item).ok()).collect();
    if let Some(result) = envelope.result {
        let mut all: Vec<&RawValue> =
            serde_json::from_str::<Option<Vec<&RawValue>>>(result.get()).ok()?.unwrap_or_default();
        all.extend(own.iter().map(|item| &**item));
        return splice(answer, result, &serde_json::to_vec(&all).ok()?);
    }
    // An answer about a text that is gone stays that; after any other error our items are what there is.
    let code = serde_json::from_str::<ErrorCode>(envelope.error?.get()).ok()?.code;
    let gone = [leanwright_wire::message::CONTENT_MODIFIED, leanwright_wire::message::REQUEST_CANCELLED];
    let id = leanwright_wire::RequestId::new(envelope.id?.get());
    (!gone.contains(&code)).then(|| leanwright_wire::message::response(&id, &own))
}

#[derive(Deserialize)]
struct ErrorCode {
    code: i32,
}

/// Which of our items a resolve is about.
#[derive(Debug, PartialEq, Eq)]
pub struct OwnItem {
    pub uri: String,
    pub version: i64,
    /// The work that the offer came of; none for an item that starts work.
    pub offer: Option<JobId>,
}

/// If a resolve is about one of our items: which.
pub fn own_item(params: &RawValue) -> Option<OwnItem> {
    #[derive(Deserialize)]
    struct Item {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        leanwright: Own,
    }
    #[derive(Deserialize)]
    struct Own {
        uri: String,
        version: i64,
        offer: Option<u64>,
    }
    let Own { uri, version, offer } = serde_json::from_str::<Item>(params.get()).ok()?.data.leanwright;
    Some(OwnItem { uri, version, offer: offer.map(JobId) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::path::Path;

    const URI: &str = "file:///p/P.lean";

    fn offers(rests_on: &[&str]) -> OwnActions {
        offers_with(rests_on, &serde_json::json!({"status": "passed"}))
    }

    fn offers_with(rests_on: &[&str], control: &serde_json::Value) -> OwnActions {
        let verdict = serde_json::json!({
            "verdict": "accepted", "hole_class": "proof", "axioms": [], "rests_on": rests_on, "holes_left": 0, "notes": [],
            "guards": {"statement": {"status": "passed"}, "axioms": {"status": "passed"},
                       "reverse_dep": {"status": "passed"}, "negative_control": control},
            "toolchain": "", "sandbox": "copy_only", "source_digest": "", "patched_digest": "", "compile_ms": 1,
        });
        let verdict = serde_json::from_value(verdict).unwrap();
        let at = |character| leanwright_contract::editor::Position { line: 3, character };
        let offer =
            Offer { job: JobId(0), kind: HoleKind::Sorry, span: 0..5, replacement: "omega".into(), verdict, times: 0 };
        let imports = HashMap::from([(JobId(0), Arc::new(ImportStamps::of(Path::new("/nowhere"), "")))]);
        let mut actions = OwnActions::default();
        let offers = || vec![(Range { start: at(2), end: at(7) }, offer.clone())];
        actions.set(URI, Some((7, offers())), &HashMap::new(), &[], true);
        assert!(actions.of(URI).is_none(), "nothing is known of what it was verified with");
        actions.set(URI, Some((7, offers())), &imports, &[], true);
        actions
    }

    /// Merge Lean's answer (the part behind the id) for a request on a line with a context.
    fn check(actions: &OwnActions, version: i64, line: u32, context: &str, answer: &str) -> Option<String> {
        let at = format!(r#"{{"line":{line},"character":0}}"#);
        let request = format!(
            r#"{{"id":4,"method":"textDocument/codeAction","params":{{"textDocument":{{"uri":"{URI}"}},"range":{{"start":{at},"end":{at}}},"context":{context}}}}}"#
        );
        let answer = Bytes::from(format!(r#"{{"id":4,{answer}}}"#));
        let request = CodeActionRequest::of(request.as_bytes())?;
        let own = actions.of(request.uri())?;
        merge(&own.matching(&request, Some(version)).items, &answer)
            .map(|merged| String::from_utf8(merged.to_vec()).unwrap())
    }

    #[test]
    fn contract_42_leans_items_stay_first_and_as_they_are() {
        let actions = offers(&[]);
        let leans = r#""result":[{"title" : "Try this","x":1e1}, {"command":"c"} ]"#;
        let merged = check(&actions, 7, 3, "{}", leans).unwrap();
        assert!(
            merged.starts_with(
                r#"{"id":4,"result":[{"title" : "Try this","x":1e1},{"command":"c"},{"title":"Replace sorry: omega"#
            ),
            "{merged}"
        );
        for empty in [r#""result":null"#, r#""result":[]"#, r#""error":{"code":-32603,"message":"m"}"#] {
            let merged = check(&actions, 7, 3, "{}", empty).unwrap();
            assert!(merged.contains(r#""result":[{"title":"Replace sorry: omega (verified)""#), "{merged}");
        }
        for gone in [r#""error":{"code":-32801,"message":"m"}"#, r#""error":{"code":-32800,"message":"m"}"#] {
            assert_eq!(check(&actions, 7, 3, "{}", gone), None, "an answer about a text that is gone stays one");
        }
        assert_eq!(check(&actions, 7, 9, "{}", leans), None, "on another line: forwarded byte for byte");
        assert_eq!(check(&OwnActions::default(), 7, 3, "{}", leans), None);
    }

    #[test]
    fn contract_43_and_45_items_are_ready_and_for_one_version() {
        let actions = offers(&[]);
        assert_eq!(check(&actions, 8, 3, "{}", r#""result":[]"#), None, "the text has moved on");
        let merged = check(&actions, 7, 3, "{}", r#""result":[]"#).unwrap();
        assert!(
            merged.contains(r#""documentChanges":[{"textDocument":{"uri":"file:///p/P.lean","version":7}"#),
            "{merged}"
        );
        let item = serde_json::value::RawValue::from_string(
            r#"{"title":"t","data":{"leanwright":{"uri":"u","version":7}}}"#.into(),
        );
        assert_eq!(own_item(&item.unwrap()), Some(OwnItem { uri: "u".into(), version: 7, offer: None }));
        let foreign = serde_json::value::RawValue::from_string(r#"{"title":"t","data":{"params":{}}}"#.into());
        assert_eq!(own_item(&foreign.unwrap()), None);
    }

    #[test]
    fn contract_44_hints_of_ours_are_not_shown_to_lean() {
        let check = |diagnostics: &str| {
            let body = format!(
                r#"{{"id":4,"method":"textDocument/codeAction","params":{{"context":{{ "diagnostics" : {diagnostics}}},"x":1e1}}}}"#
            );
            let body = Bytes::from(body);
            let without = without_hints(&body, &Envelope::parse(&body).unwrap())?;
            let text = String::from_utf8(without.to_vec()).unwrap();
            assert!(text.ends_with(r#"},"x":1e1}}"#), "the rest is as it was: {text}");
            Some(text.split("\"diagnostics\" : ").nth(1).unwrap().split("},\"x\"").next().unwrap().to_owned())
        };
        let ours = r#"{"message":"verified: omega","source":"leanwright"}"#;
        let leans = r#"{"source" : "Lean 4","message":"no \"leanwright\" here"}"#;
        assert_eq!(check(&format!("[{ours}]")).unwrap(), "[]");
        assert_eq!(check(&format!("[{leans}, {ours},{{}}]")).unwrap(), format!("[{leans},{{}}]"));
        for untouched in ["[]", &format!("[{leans}]"), "3", r#"[{"source":3,"message":"leanwright"}]"#] {
            assert_eq!(check(untouched), None, "{untouched}");
        }
    }

    #[test]
    fn contract_46_what_is_asked_for_is_honoured() {
        let actions = offers(&[]);
        let only =
            |kinds: &str| check(&actions, 7, 3, &format!(r#"{{"only":{kinds},"diagnostics":[]}}"#), r#""result":[]"#);
        assert!(only(r#"["quickfix"]"#).is_some() && only(r#"[""]"#).is_some());
        assert!(only(r#"["source.organizeImports"]"#).is_none() && only("[]").is_none());
        assert!(only(r#"["quickfix"]"#).unwrap().contains(r#""isPreferred":true"#));
        let leaning = check(&offers(&["open_lemma"]), 7, 3, "{}", r#""result":[]"#).unwrap();
        assert!(
            leaning.contains(r#""isPreferred":false"#)
                && leaning.contains("Replace sorry: omega (verified, rests on open `open_lemma`)"),
            "{leaning}"
        );
        let warned = offers_with(&[], &serde_json::json!({"status": "warned", "note": "n"}));
        let warned = check(&warned, 7, 3, "{}", r#""result":null"#).unwrap();
        assert!(
            warned.contains(r#""isPreferred":false"#)
                && warned.contains(
                    "Replace sorry: omega (verified, with a warning; the hypotheses seem to contradict each other)"
                ),
            "{warned}"
        );
    }
}
