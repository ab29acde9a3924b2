//! `leanwright olean FILE`: what is in a compiled module, without Lean: declarations, imports, what extensions keep.

use crate::args::OleanArguments;
use crate::output::write_result;
use anyhow::Context;
use leanwright_olean::{ConstantKind, Entry, MEMORY_PER_BYTE, Module, Name, NameId, Olean, Store};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// What Lean's library declares as axioms: a file that mentions them rests on them.
const AXIOMS: [&[&str]; 6] = [
    &["propext"],
    &["Classical", "choice"],
    &["Quot", "sound"],
    &["sorryAx"],
    &["Lean", "ofReduceBool"],
    &["Lean", "trustCompiler"],
];

/// A module as it is shown.
#[derive(Serialize)]
struct Shown {
    lean_version: String,
    format: u8,
    bits: usize,
    imports: Vec<String>,
    constants: BTreeMap<String, ShownConstant>,
    /// Entries by extension.
    extensions: BTreeMap<String, Vec<ShownEntry>>,
}

#[derive(Serialize, PartialEq, Eq)]
struct ShownConstant {
    kind: &'static str,
    /// As far as this file shows: axioms behind imported declarations are not followed.
    axioms: BTreeSet<String>,
    /// Changes with the statement.
    statement: String,
    /// Changes with the value or proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct ShownEntry {
    digest: String,
    names: Vec<String>,
}

/// What this program may take beside a multiple of the files, in bytes.
const MEMORY_FLOOR: u64 = 1 << 30;

/// What is shown of a module, and the digests that it takes, beside what reading takes: bytes for each byte of a file.
const SHOWN_PER_BYTE: u64 = 64;

pub fn run(arguments: &OleanArguments) -> anyhow::Result<ExitCode> {
    // Anybody may have written the files: what they hold must not take the whole machine.
    let files = [Some(&arguments.file), arguments.diff.as_ref()];
    let size: u64 = files.into_iter().flatten().map(|file| leanwright_project::module_size(file)).sum();
    let limit = MEMORY_FLOOR + size * (MEMORY_PER_BYTE as u64 + SHOWN_PER_BYTE);
    leanwright_procs::command::limit_memory(limit).context("could not limit the memory of this program")?;
    let shown = read(&arguments.file)?;
    let text = match &arguments.diff {
        None if arguments.json => serde_json::to_string_pretty(&shown)? + "\n",
        None => text(&shown),
        Some(other) => {
            let differences = differences(&shown, &read(other)?);
            let same = differences.is_empty();
            let text = if arguments.json {
                serde_json::to_string_pretty(&differences)? + "\n"
            } else {
                differences.iter().map(|line| format!("{line}\n")).collect()
            };
            write_result(arguments.out.as_deref(), &text)?;
            return Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
    };
    write_result(arguments.out.as_deref(), &text)?;
    Ok(ExitCode::SUCCESS)
}

/// A module's file with the parts that lie beside it.
fn read_olean(path: &Path) -> std::io::Result<Olean> {
    Ok(Olean::of_parts(leanwright_project::read_parts(path)?))
}

fn read(path: &Path) -> anyhow::Result<Shown> {
    let olean = read_olean(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut store = Store::new();
    let module = Module::read(&olean, &mut store).with_context(|| path.display().to_string())?;
    let name = |id: NameId| store.name(id).to_string();
    let axioms: BTreeSet<Name> = AXIOMS.iter().map(|parts| Name::from_texts(parts.iter().copied())).collect();
    let constants = module.constants.values().map(|constant| {
        let shown = ShownConstant {
            kind: constant.kind.word(),
            axioms: behind(&module, &store, constant.name, &axioms),
            statement: store.digest(constant.type_).to_string(),
            value: constant.value.map(|value| store.digest(value).to_string()),
        };
        (name(constant.name), shown)
    });
    let entry = |entry: &Entry| ShownEntry {
        digest: entry.digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        names: entry.names.iter().map(|id| name(*id)).collect(),
    };
    let extensions = module.entries.iter().filter(|(_, entries)| !entries.is_empty());
    Ok(Shown {
        lean_version: module.header.lean_version.clone(),
        format: module.header.format,
        bits: module.bits,
        imports: module.imports.iter().map(ToString::to_string).collect(),
        constants: constants.collect(),
        extensions: extensions.map(|(id, entries)| (name(*id), entries.iter().map(entry).collect())).collect(),
    })
}

/// The axioms that a constant rests on, followed through this module.
fn behind(module: &Module, store: &Store, of: NameId, axioms: &BTreeSet<Name>) -> BTreeSet<String> {
    let (mut found, mut seen, mut waiting) = (BTreeSet::new(), BTreeSet::new(), vec![of]);
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let known = module.constants.get(&id);
        if known.is_some_and(|known| known.kind == ConstantKind::Axiom) || axioms.contains(&store.name(id)) {
            found.insert(store.name(id).to_string());
        }
        waiting.extend(known.map(|known| known.mentions(store)).unwrap_or_default());
    }
    found
}

fn text(shown: &Shown) -> String {
    let mut text = String::new();
    let Shown { lean_version, format, bits, .. } = shown;
    let _ = writeln!(text, "compiled by Lean {lean_version}, format {format}, {bits} bit");
    let _ = writeln!(text, "\nimports ({})", shown.imports.len());
    for import in &shown.imports {
        let _ = writeln!(text, "  {import}");
    }
    let _ = writeln!(text, "\ndeclarations ({})", shown.constants.len());
    for (name, ShownConstant { kind, axioms, .. }) in &shown.constants {
        let axioms: Vec<&str> = axioms.iter().map(String::as_str).collect();
        let axioms = if axioms.is_empty() { String::new() } else { format!("   [{}]", axioms.join(", ")) };
        let _ = writeln!(text, "  {kind:<12} {name}{axioms}");
    }
    let _ = writeln!(text, "\nextensions ({})", shown.extensions.len());
    for (name, entries) in &shown.extensions {
        let _ = writeln!(text, "  {name}: {}", entries.len());
    }
    text
}

/// What one module has and the other has not, one line each.
fn differences(one: &Shown, other: &Shown) -> Vec<String> {
    let mut lines = Vec::new();
    let sets = |lines: &mut Vec<String>, what: &str, one: BTreeSet<&String>, other: BTreeSet<&String>| {
        lines.extend(one.difference(&other).map(|name| format!("- {what} {name}")));
        lines.extend(other.difference(&one).map(|name| format!("+ {what} {name}")));
    };
    sets(&mut lines, "import", one.imports.iter().collect(), other.imports.iter().collect());
    sets(&mut lines, "declaration", one.constants.keys().collect(), other.constants.keys().collect());
    for (name, before) in &one.constants {
        let Some(after) = other.constants.get(name).filter(|after| *after != before) else { continue };
        let parts = [
            ("kind", before.kind != after.kind),
            ("statement", before.statement != after.statement),
            ("value", before.value != after.value),
            ("axioms", before.axioms != after.axioms),
        ];
        let changed: Vec<&str> = parts.iter().filter(|(_, changed)| *changed).map(|(part, _)| *part).collect();
        lines.push(format!("~ declaration {name}: {}", changed.join(", ")));
    }
    let none = Vec::new();
    let extensions: BTreeSet<&String> = one.extensions.keys().chain(other.extensions.keys()).collect();
    for extension in extensions {
        let of = |shown: &Shown| {
            let mut entries = shown.extensions.get(extension).unwrap_or(&none).clone();
            entries.sort();
            entries
        };
        let (before, after) = (of(one), of(other));
        let line = |sign: &str, entry: &ShownEntry| format!("{sign} {extension}: {}", entry.names.join(", "));
        lines.extend(before.iter().filter(|entry| !after.contains(entry)).map(|entry| line("-", entry)));
        lines.extend(after.iter().filter(|entry| !before.contains(entry)).map(|entry| line("+", entry)));
    }
    lines
}
