//! What a file's imports bring in: the axioms of modules outside of the project, the contents of the project's own modules,
//! and a digest of all of them.

use crate::compile::Parts;
use leanwright_olean::{Component, Constant, Module, Name, NameId, Olean, axiom_names, import_names};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What is known of a module outside of the project.
struct Outside {
    stamp: (u64, Option<SystemTime>),
    imports: Vec<Name>,
    axioms: Vec<Name>,
    digest: blake3::Hash,
}

/// Remembers modules outside of the project: they change only with the toolchain or a package.
#[derive(Default)]
pub struct ImportIndex {
    modules: HashMap<PathBuf, Arc<Outside>>,
}

/// What a file's imports bring in.
pub struct Imported {
    /// The project's own modules, decoded into the store of the module that imports them.
    pub inside: Vec<Module>,
    /// Axioms of everything else.
    pub outside_axioms: BTreeSet<Name>,
}

impl Imported {
    /// A constant of one of the project's modules.
    pub fn constant(&self, name: NameId) -> Option<&Constant> {
        self.inside.iter().find_map(|module| module.constants.get(&name))
    }

    /// All constants of the project's modules.
    pub fn constants(&self) -> impl Iterator<Item = &Constant> {
        self.inside.iter().flat_map(|module| module.constants.values())
    }
}

/// The modules that a file imports, directly or not: the bytes of the project's own, the axioms of the others.
pub struct Closure {
    pub inside: Vec<Parts>,
    /// Axioms of everything else.
    pub outside_axioms: BTreeSet<Name>,
    /// Changes when any of the modules does.
    pub digest: blake3::Hash,
}

impl ImportIndex {
    /// Follow imports through the folders of `LEAN_PATH`. `inside` is the project's own output folder.
    pub fn follow(&mut self, imports: &[Name], lean_path: &[PathBuf], inside: &Path) -> Result<Closure, String> {
        let mut own = Vec::new();
        let mut outside_axioms = BTreeSet::new();
        let mut seen: BTreeMap<Name, blake3::Hash> = BTreeMap::new();
        let mut waiting: Vec<Name> = imports.to_vec();
        while let Some(module) = waiting.pop() {
            if seen.contains_key(&module) {
                continue;
            }
            let path = find(&module, lean_path).ok_or_else(|| format!("no compiled module `{module}` on LEAN_PATH"))?;
            if path.starts_with(inside) {
                let parts = read_parts(&path).map_err(|error| format!("`{module}`: {error}"))?;
                let digest = digest_of(&parts);
                let olean = Olean::of_parts(parts.iter().cloned());
                waiting.extend(import_names(&olean).map_err(|error| format!("`{module}`: {error}"))?);
                own.push(parts);
                seen.insert(module, digest);
            } else {
                let outside = self.outside(&path).map_err(|error| format!("`{module}`: {error}"))?;
                waiting.extend(outside.imports.iter().cloned());
                outside_axioms.extend(outside.axioms.iter().cloned());
                seen.insert(module, outside.digest);
            }
        }
        let mut hasher = blake3::Hasher::new();
        for (module, digest) in &seen {
            hasher.update(module.to_string().as_bytes()).update(b"\0").update(digest.as_bytes());
        }
        Ok(Closure { inside: own, outside_axioms, digest: hasher.finalize() })
    }

    fn outside(&mut self, path: &Path) -> Result<Arc<Outside>, String> {
        let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
        let stamp = (metadata.len(), metadata.modified().ok());
        if let Some(known) = self.modules.get(path).filter(|known| known.stamp == stamp) {
            return Ok(Arc::clone(known));
        }
        let parts = read_parts(path).map_err(|error| error.to_string())?;
        let digest = digest_of(&parts);
        let olean = Olean::of_parts(parts);
        let imports = import_names(&olean).map_err(|error| error.to_string())?;
        let axioms = axiom_names(&olean).map_err(|error| error.to_string())?;
        let outside = Arc::new(Outside { stamp, imports, axioms, digest });
        self.modules.insert(path.to_path_buf(), Arc::clone(&outside));
        Ok(outside)
    }
}

/// The endings that Lean gives the further parts of a module of the module system.
pub const PART_ENDINGS: [&str; 2] = ["olean.server", "olean.private"];

/// The bytes of a compiled module's file and of the parts that lie beside it.
pub fn read_parts(path: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let mut parts = vec![std::fs::read(path)?];
    if path.extension().is_some_and(|extension| extension == "olean") {
        for further in PART_ENDINGS.map(|ending| path.with_extension(ending)) {
            if further.is_file() {
                parts.push(std::fs::read(further)?);
            }
        }
    }
    Ok(parts)
}

/// A digest of a module's parts.
pub fn digest_of(parts: &[Vec<u8>]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize()
}

fn find(module: &Name, lean_path: &[PathBuf]) -> Option<PathBuf> {
    let mut relative = PathBuf::new();
    for part in &module.0 {
        match part {
            Component::Text(text) if !text.contains('/') && *text != ".." => relative.push(&**text),
            _ => return None,
        }
    }
    relative.as_mut_os_string().push(".olean");
    lean_path.iter().map(|folder| folder.join(&relative)).find(|path| path.is_file())
}
