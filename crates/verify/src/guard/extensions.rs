//! The extensions guard: what environment extensions keep in the file – instances, simp sets, parsers, macros, attributes,
//! namespaces, options – is what it was. A candidate that gives an attribute to another declaration changes what that means
//! for everybody behind it, though no declaration has changed.
//!
//! An entry has no known shape: it is compared by its digest – so a theorem of the simp set keeps its direction and its priority – and told whose it
//! is by the names in it.

use super::{Evidence, Findings};
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, Entry, Module, Name, NameId};
use std::collections::{BTreeMap, BTreeSet};

/// An extension by its exact name, the versions of Lean in which it was looked at, and why it is here.
type Known = (&'static str, &'static str, &'static str);

/// What shifts with every edit and means nothing to other declarations: places and indexes for search.
const PLACES: &[Known] = &[
    ("Lean.declRangeExt", "4.28, 4.35", "places"),
    ("Lean.moduleDocExt", "4.28", "documentation of the module, with places"),
    ("Lean.versoModuleDocExt", "4.28", "documentation of the module, with places"),
    ("Lean.extraModUses", "4.28", "which imports are needed"),
    ("Lean.indirectModUseExt", "4.28", "which imports are needed"),
    ("sineQueNon", "4.28", "an index for searches"),
    ("symbolFrequency", "4.28", "an index for searches"),
    ("Lean.Compiler.LCNF.Specialize.specCacheExt", "4.28", "which specialisations there are already"),
];

/// What Lean computes from constants and keeps, so as not to compute it again: a constant that is the same has the same.
const COMPUTED: &[Known] = &[
    ("Lean.exportedAxiomsExt", "4.30 on, read", "what a theorem rests on: ours is found by a walk"),
    ("Lean.Meta.congrKindsExt", "4.28", "how `simp` rewrites below a function"),
    ("Lean.Meta.funIndInfoExt", "4.28", "the parameters of functional induction"),
    ("Lean.Meta.Match.matchEqnsExt", "4.28", "the equations of a `match`"),
    ("Lean.Meta.sparseCasesOnInfoExt", "4.28", "a `match` with few cases"),
    ("Lean.Elab.Structural.eqnInfoExt", "4.28", "how equations of a definition are proved, with places"),
    ("Lean.Elab.WF.eqnInfoExt", "4.28", "how equations of a definition are proved, with places"),
    ("Lean.Elab.PartialFixpoint.eqnInfoExt", "4.28", "how equations of a definition are proved, with places"),
    ("Lean.Compiler.LCNF.baseExt", "4.28", "code of definitions, which are compared as constants"),
    ("Lean.Compiler.LCNF.monoExt", "4.28", "code of definitions, which are compared as constants"),
    ("Lean.Compiler.LCNF.impureExt", "4.29 on, read", "code of definitions, which are compared as constants"),
    ("Lean.Compiler.LCNF.UnreachableBranches.functionSummariesExt", "4.28", "what code of definitions returns"),
    ("Lean.IR.declMapExt", "4.28", "code of definitions, which are compared as constants"),
];

/// What a proof may change about its own declaration.
const OF_THE_DECLARATION: &[Known] = &[
    ("Lean.defeqAttr", "4.28", "a theorem that is true by definition"),
    ("Lean.namespacesExt", "4.28", "a name that something stands below"),
    ("Lean.Meta.unfoldEqnExt", "4.28", "the equation of a definition"),
];

/// What a proof by recursion may change about its own declaration, and about the theorems that it is mutual with.
const OF_RECURSION: &[Known] = &[
    ("recExt", "4.28", "a declaration that mentions itself"),
    ("Lean.reducibilityCore", "4.28", "what is proved by recursion is not unfolded"),
    ("Lean.reducibilityExtra", "4.28", "what is proved by recursion is not unfolded"),
    ("reducibilityCore", "4.28", "what is proved by recursion is not unfolded"),
    ("reducibilityExtra", "4.28", "what is proved by recursion is not unfolded"),
];

/// What a proof may add for the auxiliary constants that Lean makes of it.
const AUXILIARY: &[Known] = &[
    ("Lean.Compiler.inlineAttrs", "4.28", "a `match` is inlined"),
    ("Lean.Compiler.LCNF.specExtension", "4.28", "how code of a local definition is specialised"),
    ("Lean.Meta.Match.Extension.extension", "4.28", "a `match`"),
    ("Lean.Meta.matcherExt", "4.26", "a `match`"),
    ("Lean.Meta.completionBlackListExt", "4.28", "names that editors do not propose"),
    ("Lean.auxRecExt", "4.28", "an auxiliary recursor"),
    ("Lean.noConfusionExt", "4.28", "constructors are different"),
    ("Lean.sparseCasesOnExt", "4.28", "a `match` with few cases"),
    ("Lean.privateConstKindsExt", "4.28", "what a private constant is"),
    ("Lean.protectedExt", "4.28", "an auxiliary constant is named in full"),
    ("Lean.Elab.Term.elabAsElim", "4.28", "a theorem of functional induction"),
    ("Lean.noncomputableExt", "4.28", "a local definition without code"),
];

pub fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
    compare(evidence, findings)
}

/// Compare the entries of all extensions outside of the declaration.
fn compare(evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
    let mut compared = (0, 0);
    let extensions: BTreeSet<NameId> =
        evidence.before.entries.keys().chain(evidence.after.entries.keys()).copied().collect();
    for extension in extensions {
        let name = evidence.name(extension);
        if is_among(&name, PLACES) || is_among(&name, COMPUTED) {
            continue;
        }
        compared.0 += 1;
        compared.1 += evidence.after.entries.get(&extension).map_or(0, Vec::len);
        let of_recursion = is_among(&name, OF_RECURSION);
        let own = of_recursion || is_among(&name, OF_THE_DECLARATION);
        let auxiliary = is_among(&name, AUXILIARY);
        let differences = differences(evidence, extension);
        let is_about_itself = |entry: &Entry| entry.names.iter().any(|name| evidence.targets.contains(name));
        let is_expected = |entry: &Entry| {
            (own || auxiliary && !is_about_itself(entry)) && is_of_the_proof(evidence, entry, of_recursion)
        };
        // That a theorem is true by definition, for example, is used by `dsimp` in modules that import it.
        findings.adds_visible |= own && differences.iter().any(|(_, entry)| is_about_itself(entry));
        if let Some((would_be, entry)) = differences.into_iter().find(|(_, entry)| !is_expected(entry)) {
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

/// Extensions that nobody else uses have private names from Lean 4.29 on, some before: those that carry the name of a module of Lean's own.
fn is_among(name: &Name, list: &[Known]) -> bool {
    let name = name.without_private_prefix();
    list.iter().any(|(known, _, _)| name == Name::from_texts(known.split('.')))
}

/// Entries of one side only, and what would happen to them: an entry that is there twice has to be there twice on the other side.
fn differences<'e>(evidence: &Evidence<'e>, extension: NameId) -> Vec<(&'static str, &'e Entry)> {
    let of = |module: &'e Module| module.entries.get(&extension).map(Vec::as_slice).unwrap_or_default();
    let mut balance: BTreeMap<[u8; 32], (i64, &Entry)> = BTreeMap::new();
    for (entries, sign) in [(of(evidence.before), -1), (of(evidence.after), 1)] {
        for entry in entries {
            balance.entry(entry.digest).or_insert((0, entry)).0 += sign;
        }
    }
    let differs = |(count, entry): (i64, &'e Entry)| match count {
        0 => None,
        ..0 => Some(("would lose", entry)),
        _ => Some(("would get", entry)),
    };
    balance.into_values().filter_map(differs).collect()
}

/// Constants of the file that an entry mentions.
fn of_the_file<'e>(evidence: &'e Evidence<'_>, entry: &'e Entry) -> impl Iterator<Item = NameId> + 'e {
    let is_here =
        |name: &NameId| evidence.before.constants.contains_key(name) || evidence.after.constants.contains_key(name);
    entry.names.iter().copied().filter(is_here)
}

/// Whether an entry is about what a proof brings or takes away: every constant of the file in it is the declaration's own, or is new, or is
/// gone, or is one that Lean has made. With `theorems`, theorems whose proof has changed with this one count as well: those that it is mutual with.
fn is_of_the_proof(evidence: &Evidence<'_>, entry: &Entry, theorems: bool) -> bool {
    let (before, after) = (&evidence.before.constants, &evidence.after.constants);
    let belongs = |name: NameId| {
        let is_theorem = || match (before.get(&name), after.get(&name)) {
            (Some(before), Some(after)) => after.kind == ConstantKind::Theorem && before.value != after.value,
            _ => false,
        };
        evidence.is_own(name)
            || before.contains_key(&name) != after.contains_key(&name)
            || evidence.is_auxiliary(name)
            || (theorems && is_theorem())
    };
    let mut of_the_file = of_the_file(evidence, entry).peekable();
    // An entry about nothing of the file: a namespace that something new stands below.
    let stands_below = || entry.names.iter().any(|name| has_new_below(evidence, *name));
    if of_the_file.peek().is_none() { stands_below() } else { of_the_file.all(belongs) }
}

/// Whether a constant that is new or gone has a name below this one.
fn has_new_below(evidence: &Evidence<'_>, name: NameId) -> bool {
    let (before, after) = (&evidence.before.constants, &evidence.after.constants);
    let added = after.keys().filter(|name| !before.contains_key(name));
    let removed = before.keys().filter(|name| !after.contains_key(name));
    let prefix = evidence.name(name);
    added.chain(removed).any(|name| evidence.name(*name).starts_with(&prefix))
}
