//! The extensions guard: what environment extensions keep in the file – instances, simp sets, parsers, macros, attributes,
//! namespaces, options – is what it was. A candidate that gives an attribute to another declaration changes what that means
//! for everybody behind it, though no declaration has changed.
//!
//! An entry has no known shape: it is compared by its digest, and told whose it is by the names in it.

use super::{DataGuard, Evidence, Findings, Guard};
use leanwright_contract::RejectReason;
use leanwright_olean::{Entry, Module, Name, NameId};
use std::collections::{BTreeMap, BTreeSet};

/// What shifts with every edit and means nothing to other declarations: places, indexes for search, documentation, and the
/// compiler's own tables, which belong to definitions whose values are compared as constants.
const BOOKKEEPING: [&str; 14] = [
    "Lean.Compiler.LCNF",
    "Lean.IR",
    "Lean.declRangeExt",
    "Lean.docStringExt",
    "Lean.moduleDocExt",
    "Lean.extraModUses",
    "Lean.indirectModUseExt",
    // Lean's own note of what a theorem rests on: ours is found by a walk.
    "Lean.exportedAxiomsExt",
    "Lean.Elab.Structural.eqnInfoExt",
    "Lean.Elab.WF.eqnInfoExt",
    "Lean.Linter",
    "Lean.Server",
    "sineQueNon",
    "symbolFrequency",
];

/// What a proof may add for the auxiliary declarations that Lean makes of it, and for itself.
const AUXILIARY: [&str; 9] = [
    "Lean.Compiler.inlineAttrs",
    "Lean.Meta.Match.Extension.extension",
    "Lean.Meta.matcherExt",
    "Lean.namespacesExt",
    "Lean.auxRecExt",
    "Lean.noConfusionExt",
    "Lean.defeqAttr",
    "Lean.reducibilityExtra",
    "recExt",
];

pub struct ExtensionGuard;

impl DataGuard for ExtensionGuard {
    fn guard(&self) -> Guard {
        Guard::Extensions
    }

    fn check(&self, evidence: &Evidence<'_>, _: &mut Findings) -> Result<String, RejectReason> {
        compare(evidence)
    }
}

/// Compare the entries of all extensions outside of the declaration.
fn compare(evidence: &Evidence<'_>) -> Result<String, RejectReason> {
    let mut compared = (0, 0);
    let extensions: BTreeSet<NameId> =
        evidence.before.entries.keys().chain(evidence.after.entries.keys()).copied().collect();
    for extension in extensions {
        let name = evidence.name(extension);
        if is_among(&name, &BOOKKEEPING) {
            continue;
        }
        compared.0 += 1;
        compared.1 += evidence.after.entries.get(&extension).map_or(0, Vec::len);
        let auxiliary = is_among(&name, &AUXILIARY);
        let (removed, added) = differences(evidence, extension);
        let unpaired = unpaired(evidence, removed, added);
        let foreign = unpaired.into_iter().find(|(_, entry)| !(auxiliary && is_of_the_proof(evidence, entry)));
        if let Some((would_be, entry)) = foreign {
            let mentioned: Vec<String> = entry.names.iter().take(4).map(|id| evidence.name(*id).to_string()).collect();
            // The file's own declaration among the names, if there is one, is what the entry is about.
            let is_here = |id: &&NameId| evidence.after.constants.contains_key(id);
            let about = entry.names.iter().find(is_here).or(entry.names.first());
            let declaration = about.map_or_else(|| evidence.declaration(), |id| evidence.name(*id).to_string());
            let detail = format!("{would_be} an entry of `{name}` about {}", mentioned.join(", "));
            return Err(RejectReason::ModuleChanged { declaration, detail });
        }
    }
    Ok(format!("{} entries of {} extensions are the same", compared.1, compared.0))
}

fn is_among(name: &Name, list: &[&str]) -> bool {
    // From Lean 4.29 on, extensions that nobody else uses have private names.
    let name = name.without_private_prefix();
    list.iter().any(|one| name.starts_with(&Name::from_texts(one.split('.'))))
}

/// Entries of one side only: an entry that is there twice has to be there twice on the other side.
fn differences<'e>(evidence: &Evidence<'e>, extension: NameId) -> (Vec<&'e Entry>, Vec<&'e Entry>) {
    let of = |module: &'e Module| module.entries.get(&extension).map(Vec::as_slice).unwrap_or_default();
    let mut balance: BTreeMap<[u8; 32], (i64, &Entry)> = BTreeMap::new();
    for (entries, sign) in [(of(evidence.before), -1), (of(evidence.after), 1)] {
        for entry in entries {
            balance.entry(entry.digest).or_insert((0, entry)).0 += sign;
        }
    }
    let side = |sign: i64| {
        let of_side = balance.values().filter(move |(count, _)| count.signum() == sign);
        of_side.flat_map(|(count, entry)| (0..count.abs()).map(|_| *entry)).collect::<Vec<_>>()
    };
    (side(-1), side(1))
}

/// What is left when each entry about the declaration itself has been paired with one that mentions the same names: a
/// `@[simp]` theorem's entry says whether its proof is `rfl`, for example. There must be as many as there were.
fn unpaired<'e>(
    evidence: &Evidence<'_>,
    removed: Vec<&'e Entry>,
    mut added: Vec<&'e Entry>,
) -> Vec<(&'static str, &'e Entry)> {
    let mut left = Vec::new();
    for entry in removed {
        let twin = added.iter().position(|other| other.names == entry.names && is_about(evidence, entry));
        match twin {
            Some(at) => drop(added.swap_remove(at)),
            None => left.push(("would lose", entry)),
        }
    }
    left.extend(added.into_iter().map(|entry| ("would get", entry)));
    left
}

fn is_about(evidence: &Evidence<'_>, entry: &Entry) -> bool {
    entry.names.iter().any(|name| evidence.targets.contains(name))
}

/// The declaration itself, or an auxiliary one that stands below it or has a name of Lean's making.
fn is_of_the_proof(evidence: &Evidence<'_>, entry: &Entry) -> bool {
    entry.names.iter().any(|name| evidence.is_own(*name) || evidence.is_auxiliary(*name))
}
