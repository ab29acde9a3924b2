//! The guard on reverse dependencies: modules that import the patched one, directly or not, still compile.
//!
//! They are found in the headers of the project's own files, and compiled against the patched module in the order of their
//! imports, within a budget. What does not compile without the candidate either is not held against it.

use leanwright_lean::{Header, ModuleName};
use leanwright_project::{Project, with_modules};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A module that imports another, and its source relative to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    pub module: ModuleName,
    pub source: PathBuf,
    pub imports: BTreeSet<ModuleName>,
}

/// The modules that import `module`, directly or not: a module comes after those that it imports.
pub fn dependents_of(project: &Project, module: &ModuleName) -> Vec<Dependent> {
    let read = with_modules(project, |name, source| {
        let imports = Header::of(source).imports;
        let imports: BTreeSet<ModuleName> = imports.iter().map(|import| ModuleName::parse(&import.module)).collect();
        (ModuleName::parse(name), imports)
    });
    let graph: BTreeMap<ModuleName, BTreeSet<ModuleName>> = read.into_iter().collect();
    let (mut known, mut ordered) = (BTreeSet::from([module.clone()]), Vec::new());
    // Everything that imports one of the known; a circle of imports ends here as well, as each module is known once.
    loop {
        let next: Vec<&ModuleName> = graph
            .iter()
            .filter(|(name, imports)| !known.contains(*name) && !imports.is_disjoint(&known))
            .map(|(name, _)| name)
            .collect();
        if next.is_empty() {
            break;
        }
        known.extend(next.iter().map(|name| (*name).clone()));
        ordered.extend(next.into_iter().cloned());
    }
    // Imports first: a module may have been found early by one import and need another that was found late.
    let mut waiting: BTreeSet<ModuleName> = ordered.into_iter().collect();
    let mut dependents = Vec::new();
    while let Some(next) = waiting
        .iter()
        .find(|name| graph.get(*name).is_some_and(|imports| imports.is_disjoint(&waiting)))
        .or(waiting.first())
        .cloned()
    {
        waiting.remove(&next);
        if let Some(source) = project.source_of(&next) {
            let imports = graph.get(&next).cloned().unwrap_or_default();
            dependents.push(Dependent { module: next, source, imports });
        }
    }
    dependents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependents_come_after_what_they_import() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::write(root.join("lakefile.toml"), "name = \"p\"\n[[lean_lib]]\nname = \"Z\"\nsrcDir = \"more\"\n")
            .unwrap();
        std::fs::create_dir(root.join("more")).unwrap();
        for (file, text) in [
            ("A.lean", "theorem a : 1 = 1 := rfl"),
            ("B.lean", "module\npublic import A"),
            ("C.lean", "import all B\nimport D"),
            ("D.lean", "meta import A"),
            ("E.lean", "-- import A\nimport Init"),
            ("more/Z.lean", "import C\nimport E"),
        ] {
            std::fs::write(root.join(file), text).unwrap();
        }
        let project = Project::at(&root).unwrap();
        let found = dependents_of(&project, &ModuleName::parse("A"));
        let names: Vec<String> = found.iter().map(|dependent| dependent.module.to_string()).collect();
        assert_eq!(names, ["B", "D", "C", "Z"]);
        assert_eq!(found.last().unwrap().source, PathBuf::from("more/Z.lean"));
        assert_eq!(dependents_of(&project, &ModuleName::parse("Z")), []);
    }
}
