//! A candidate with what is known of it before anything is compiled: its declaration before and after, its project's copy, the
//! modules that it imports.

use crate::candidate::Candidate;
use crate::frame::{Frame, Scope, padding};
use crate::guard::Guard;
use crate::imports::{Closure, Imports};
use crate::judge_settings::JudgeSettings;
use crate::mentions::{Helper, Mentions};
use crate::own_kernel::KERNEL_VERSION;
use crate::verdict_store::FORMAT;
use leanwright_contract::{RejectReason, SandboxTier};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::module::components;
use leanwright_lean::scope::scope_at;
use leanwright_lean::{Declaration, DeclarationKind, Lexer, ModuleName, Outline, TokenKind, is_keyword};
use leanwright_olean::Name;
use leanwright_project::{Snapshot, Stamp};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a judgement is about.
pub struct Prepared {
    pub candidate: Candidate,
    /// If the candidate replaces a whole body: the text with that body. Then the candidate is about the text with a hole in its place.
    pub repaired: Option<String>,
    /// The declaration that the candidate is a part of.
    pub declaration: Declaration,
    pub patched_text: String,
    pub patched_outline: Outline,
    /// The declaration with the candidate.
    pub patched: Declaration,
    /// Variables that an `example` uses in its body.
    pub included: Vec<String>,
    /// Where empty lines are put in, and how many.
    pub shift: (usize, usize),
    /// How many lines the declaration takes in the texts that are compiled.
    pub height: usize,
    /// The state of the project that the verdict is about, until it is reached.
    pub copy: Snapshot,
    pub module: ModuleName,
    /// The folder of the project's own compiled modules.
    pub products: PathBuf,
    pub imports: Imports,
    pub closure: Closure,
    /// Guards that do not run.
    pub off: Vec<Guard>,
    /// Why the verdict is not remembered, if it is not.
    pub reads: Option<String>,
    /// What Lean says of its version.
    pub toolchain: String,
    /// The options that the file is compiled with, as `name=value`.
    pub options: Vec<String>,
    /// The files of the programs that have a part in the verdict: `lean`, and an independent kernel if there is one.
    pub programs: Vec<String>,
    /// How many notes the verdict had then, on the state of the project.
    pub notes: usize,
}

impl Prepared {
    /// The text with the body that the candidate replaces as a whole, and where that body is in it, in bytes.
    pub fn replaced_body(&self) -> Option<(&str, Range<usize>)> {
        let written = self.repaired.as_deref()?;
        let Range { start, end } = self.candidate.span;
        let behind = self.candidate.before.len().checked_sub(end)?;
        Some((written, start..written.len().checked_sub(behind)?))
    }

    /// How the texts without and with the candidate are framed.
    pub fn frame(&self, scope: Scope) -> Frame<'_> {
        Frame { scope, included: &self.included, shift: self.shift, height: self.height }
    }

    /// A message of Lean's about the framed text with the candidate, with its place in the text as it was written.
    pub fn written_place(&self, mut message: CompilerMessage) -> CompilerMessage {
        let text = &self.patched_text;
        let line_of = |place: usize| text.get(..place).map_or(0, |above| above.matches('\n').count()) + 1;
        let behind = padding(text, &self.patched.span, self.height).unwrap_or_default();
        let without = |line: usize, (at, lines): (usize, usize)| {
            let last = line_of(at);
            if line > last { line.saturating_sub(lines).max(last) } else { line }
        };
        let written = |line: usize| without(without(line, self.shift), behind);
        message.pos.line = written(message.pos.line);
        if let Some(end) = &mut message.end_pos {
            end.line = written(end.line);
        }
        message
    }

    /// No other text of the file could come to mean what the declaration has brought.
    pub fn nothing_else_means(&self, helpers: &[Name], declaration: &str) -> Result<(), RejectReason> {
        match self.meant(helpers, declaration, &self.candidate.before, &self.declaration.span) {
            Some(name) => {
                let detail = "would be new, and other text of the file could come to mean it".to_owned();
                Err(RejectReason::ModuleChanged { declaration: name.to_string(), detail })
            }
            None => Ok(()),
        }
    }

    /// The first of these names below the declaration's that a text, without a part of it in bytes, could mean.
    pub fn meant<'a>(
        &self,
        names: &'a [Name],
        declaration: &str,
        text: &str,
        except: &Range<usize>,
    ) -> Option<&'a Name> {
        if names.is_empty() {
            return None;
        }
        let mentions = Mentions::of(text, except);
        let is_meant = |name: &&Name| {
            Helper::of(name, declaration, self.declaration.kind).is_some_and(|helper| mentions.could_mean(&helper))
        };
        names.iter().find(is_meant)
    }

    /// What the body that is replaced does beside proving is gone with it, and both texts that are compared are without it: a helper that other text may
    /// have meant, a variable that the declaration takes because its body mentions it.
    pub fn nothing_goes_with_the_body(&self, declaration: &str) -> Result<(), String> {
        let Some((written, body)) = self.replaced_body() else { return Ok(()) };
        let text = written.get(body.clone()).unwrap_or_default();
        let names = identifiers(text);
        if !self.is_a_theorem() {
            let signature = written.get(self.declaration.span.start..body.start).unwrap_or_default();
            let outline = Outline::of(written);
            let scope = scope_at(written, &outline, self.declaration.span.start);
            let universes: BTreeSet<&str> = scope.universes.iter().flat_map(|text| identifiers(text)).collect();
            let is_mentioned = |name: &&str| names.contains(name) && !identifiers(signature).contains(name);
            // `assumption` mentions no name.
            if !scope.variables.is_empty() || universes.iter().any(is_mentioned) {
                let why =
                    "the body that is replaced may use variables above it, which the definition would no longer take";
                return Err(why.to_owned());
            }
        }
        // Any name in it may be a helper's: how one is declared has many forms.
        if !["rec", "where"].iter().any(|word| text.contains(word)) {
            return Ok(());
        }
        let below = |name: &str| Name::from_texts(components(declaration).into_iter().chain(components(name)));
        let names: Vec<Name> = names.into_iter().map(below).collect();
        match self.meant(&names, declaration, written, &body) {
            Some(name) => Err(format!(
                "other text of the file could mean `{name}`, which may be a helper in the body that is replaced"
            )),
            None => Ok(()),
        }
    }

    /// A theorem takes the variables of its statement, and nothing that its proof mentions.
    fn is_a_theorem(&self) -> bool {
        matches!(self.declaration.kind, DeclarationKind::Theorem | DeclarationKind::Lemma | DeclarationKind::Example)
    }

    /// A digest of everything that the verdict depends on, except for what imports the module.
    pub fn key(&self, settings: &JudgeSettings, tier: SandboxTier) -> blake3::Hash {
        let Candidate { file, before, span, replacement, .. } = &self.candidate;
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        // A judge that was built anew may judge otherwise.
        part(own_stamp().as_bytes());
        part(&FORMAT.to_le_bytes());
        part(&KERNEL_VERSION.to_le_bytes());
        part(self.toolchain.as_bytes());
        part(self.options.join("\0").as_bytes());
        part(settings.axioms.join("\0").as_bytes());
        part(&[u8::from(settings.control), tier as u8]);
        part(&settings.dependents.as_nanos().to_le_bytes());
        part(self.programs.join("\0").as_bytes());
        part(self.module.to_string().as_bytes());
        part(file.as_os_str().as_encoded_bytes());
        part(before.as_bytes());
        part(format!("{span:?}").as_bytes());
        part(replacement.as_bytes());
        part(self.repaired.as_deref().unwrap_or_default().as_bytes());
        part(self.closure.digest.as_bytes());
        hasher.finalize()
    }
}

/// All names in a text; whether a string is interpolated its reader decides.
fn identifiers(text: &str) -> BTreeSet<&str> {
    let tokens = Lexer::new(text).chain(Lexer::plain(text));
    let names = tokens.filter(|token| token.kind == TokenKind::Ident).map(|token| token.text(text));
    names.filter(|name| !is_keyword(name)).collect()
}

/// Path, size and time of this program's file.
fn own_stamp() -> String {
    std::env::current_exe().map(|path| stamp(&path)).unwrap_or_default()
}

/// Path and state of a program's file.
pub fn stamp(program: &Path) -> String {
    format!("{} {:?}", program.display(), Stamp::of(program).ok())
}
