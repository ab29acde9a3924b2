//! What may leave the machine: which files, how much of a file, and what is blacked out. The preview and the task that is
//! sent go through the same function, so that what is shown is what is sent.

use crate::bundle::BundleSize;
use globset::{Glob, GlobSet, GlobSetBuilder};
use leanwright_contract::{ContextBundle, MineTask};
use leanwright_lean::scan;
use regex::Regex;
use serde_json::Value;

/// How much of the file's text goes with a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceExtent {
    /// All of it.
    #[default]
    File,
    /// The declaration with the hole.
    Declaration,
    /// The hole's token alone; the goal says what is to be proved.
    Nothing,
}

/// The rules, from the user's configuration.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Holes of other files are never sent.
    files: Option<GlobSet>,
    redact: Vec<Regex>,
    source: SourceExtent,
    /// Whether the context bundle goes with the task, and how large it is.
    pub context: Option<BundleSize>,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { files: None, redact: Vec::new(), source: SourceExtent::File, context: Some(BundleSize::default()) }
    }
}

/// A rule that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    #[error("`{rule}` in `context.files` is not a pattern for paths: {source}")]
    Glob { rule: String, source: globset::Error },
    #[error("`{rule}` in `context.redact` is not a regular expression: {source}")]
    Regex { rule: String, source: Box<regex::Error> },
}

/// Why a task is not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error("{0} is not among the files that may be sent (`context.files`)")]
    File(String),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What stands in place of what a rule matched.
const REDACTED: &str = "[redacted]";

impl Outgoing {
    /// `files` are patterns for paths relative to the project's root, none for all files.
    pub fn new(
        files: &[String],
        redact: &[String],
        source: SourceExtent,
        context: Option<BundleSize>,
    ) -> Result<Self, RuleError> {
        let mut set = GlobSetBuilder::new();
        for rule in files {
            set.add(Glob::new(rule).map_err(|source| RuleError::Glob { rule: rule.clone(), source })?);
        }
        let glob = |source| RuleError::Glob { rule: files.join(", "), source };
        let set = if files.is_empty() { None } else { Some(set.build().map_err(glob)?) };
        let regex = |rule: &String| {
            Regex::new(rule).map_err(|source| RuleError::Regex { rule: rule.clone(), source: Box::new(source) })
        };
        let redact = redact.iter().map(regex).collect::<Result<_, _>>()?;
        Ok(Self { files: set, redact, source, context })
    }

    /// The task as it is sent; `Err` says why it is not.
    pub fn prepare(&self, task: &MineTask, context: Option<ContextBundle>) -> Result<Value, NotSent> {
        if self.files.as_ref().is_some_and(|files| !files.is_match(&task.file)) {
            return Err(NotSent::File(task.file.clone()));
        }
        let mut task = task.clone();
        match self.source {
            SourceExtent::File => {}
            SourceExtent::Declaration => cut_to_declaration(&mut task),
            SourceExtent::Nothing => {
                task.source_before.clear();
                task.source_after.clear();
                task.declaration = None;
            }
        }
        if let Some(mut context) = context {
            if self.source != SourceExtent::File {
                context.surrounding.lines.clear();
                context.sizes.remove("surrounding");
            }
            if self.source == SourceExtent::Nothing {
                context.declaration = None;
                context.docstring = None;
            }
            task.context = Some(Box::new(context));
        }
        let mut value = serde_json::to_value(&task)?;
        if !self.redact.is_empty() {
            self.redact(&mut value);
        }
        Ok(value)
    }

    /// Black out in every text but the names by which the answer is recognised.
    fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for rule in &self.redact {
                    if rule.is_match(text) {
                        *text = rule.replace_all(text, REDACTED).into_owned();
                    }
                }
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.redact(element)),
            Value::Object(members) => {
                let named = members.iter_mut().filter(|(key, _)| !["task_id", "hole_id"].contains(&key.as_str()));
                named.for_each(|(_, member)| self.redact(member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn cut_to_declaration(task: &mut MineTask) {
    let offset = task.source_before.len();
    let hole_end = offset + task.target_span.text.len();
    let source = [task.source_before.as_str(), &task.target_span.text, &task.source_after].concat();
    let span = scan(&source).outline.at(offset).map_or(offset..hole_end, |declaration| declaration.span.clone());
    task.source_before = source.get(span.start..offset).unwrap_or_default().to_owned();
    task.source_after = source.get(hole_end..span.end).unwrap_or_default().to_owned();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{TaskFacts, task};
    use leanwright_contract::SourceFile;
    use leanwright_lean::Text;

    fn check(files: &[&str], redact: &[&str], source: SourceExtent) -> Result<Value, NotSent> {
        let text = "def secret_key := 1\n\n/-- d -/\ntheorem t : secret_key = 1 := by\n  sorry -- end\n\ndef z := 2\n";
        let scan = scan(text);
        let source_file =
            SourceFile { root: "/p".into(), project: "p".into(), file: "A/B.lean".into(), module: "A.B".into() };
        let task = task(&source_file, &Text::new(text.into()), &scan, &scan.holes[0], TaskFacts::default());
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        Outgoing::new(&owned(files), &owned(redact), source, None).unwrap().prepare(&task, None)
    }

    #[test]
    fn only_allowed_files_are_sent() {
        assert!(check(&[], &[], SourceExtent::File).is_ok());
        assert!(check(&["A/**"], &[], SourceExtent::File).is_ok());
        let refused = check(&["C/**", "*.txt"], &[], SourceExtent::File).unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("A/B.lean") && refused.contains("context.files"), "{refused}");
        assert!(Outgoing::new(&["a{".into()], &[], SourceExtent::File, None).is_err());
        assert!(Outgoing::new(&[], &["(".into()], SourceExtent::File, None).is_err());
    }

    #[test]
    fn what_is_blacked_out_is_nowhere() {
        let sent = check(&[], &["secret_\\w+"], SourceExtent::File).unwrap();
        assert!(!sent.to_string().contains("secret") && sent.to_string().contains(REDACTED));
        assert_eq!(sent["task_id"], "A.B.t:5");
        let sent = check(&[], &["A\\.B"], SourceExtent::File).unwrap();
        assert_eq!(sent["task_id"], "A.B.t:5", "the answer has to be recognised");
    }

    #[test]
    fn less_than_the_file_can_be_sent() {
        let sent = check(&[], &[], SourceExtent::Declaration).unwrap();
        assert_eq!(sent["source_before"], "/-- d -/\ntheorem t : secret_key = 1 := by\n  ");
        assert_eq!(sent["source_after"], "");
        let sent = check(&[], &[], SourceExtent::Nothing).unwrap();
        assert!(!sent.to_string().contains("secret") && sent["target_span"]["text"] == "sorry");
    }
}
