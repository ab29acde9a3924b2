//! Which axioms the modules outside of the project declare, and what the project's own imported modules contain.

use leanwright_olean::{Module, Name, Store, axiom_names, import_names};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What is known of a module outside of the project.
struct Outside {
    stamp: (u64, Option<SystemTime>),
    imports: Vec<Name>,
    axioms: Vec<Name>,
}

/// Remembers modules outside of the project: they change only with the toolchain or a package.
#[derive(Default)]
pub struct AxiomIndex {
    modules: HashMap<PathBuf, Arc<Outside>>,
}

/// What a file's imports bring in.
pub struct Imported {
    /// The project's own modules, decoded into the store of the module that imports them.
    pub inside: Vec<Module>,
    /// Axioms of everything else.
    pub outside_axioms: BTreeSet<Name>,
}

impl AxiomIndex {
    /// Follow the imports of a module through the folders of `LEAN_PATH`. `inside` is the project's own output folder.
    pub fn follow(
        &mut self,
        imports: &[Name],
        lean_path: &[PathBuf],
        inside: &Path,
        store: &mut Store,
    ) -> Result<Imported, String> {
        let mut imported = Imported { inside: Vec::new(), outside_axioms: BTreeSet::new() };
        let mut seen: BTreeMap<Name, ()> = BTreeMap::new();
        let mut waiting: Vec<Name> = imports.to_vec();
        while let Some(module) = waiting.pop() {
            if seen.insert(module.clone(), ()).is_some() {
                continue;
            }
            let path = find(&module, lean_path).ok_or_else(|| format!("no compiled module `{module}` on LEAN_PATH"))?;
            if path.starts_with(inside) {
                let bytes = std::fs::read(best_part(&path)).map_err(|error| format!("`{module}`: {error}"))?;
                let decoded = Module::read(&bytes, store).map_err(|error| format!("`{module}`: {error}"))?;
                waiting.extend(decoded.imports.iter().cloned());
                imported.inside.push(decoded);
            } else {
                let outside = self.outside(&path).map_err(|error| format!("`{module}`: {error}"))?;
                waiting.extend(outside.imports.iter().cloned());
                imported.outside_axioms.extend(outside.axioms.iter().cloned());
            }
        }
        Ok(imported)
    }

    fn outside(&mut self, path: &Path) -> Result<Arc<Outside>, String> {
        let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
        let stamp = (metadata.len(), metadata.modified().ok());
        if let Some(known) = self.modules.get(path).filter(|known| known.stamp == stamp) {
            return Ok(Arc::clone(known));
        }
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let imports = import_names(&bytes).map_err(|error| error.to_string())?;
        let axioms = axiom_names(&bytes).map_err(|error| error.to_string())?;
        let outside = Arc::new(Outside { stamp, imports, axioms });
        self.modules.insert(path.to_path_buf(), Arc::clone(&outside));
        Ok(outside)
    }
}

/// A file of the module system keeps its proofs in a part of its own.
fn best_part(path: &Path) -> PathBuf {
    let private = path.with_extension("olean.private");
    if private.is_file() { private } else { path.to_path_buf() }
}

fn find(module: &Name, lean_path: &[PathBuf]) -> Option<PathBuf> {
    let mut relative = PathBuf::new();
    for part in &module.0 {
        match part {
            leanwright_olean::Component::Text(text) if !text.contains('/') && text != ".." => relative.push(text),
            _ => return None,
        }
    }
    relative.as_mut_os_string().push(".olean");
    lean_path.iter().map(|folder| folder.join(&relative)).find(|path| path.is_file())
}
