//! Following imports through the folders of `LEAN_PATH`: every module that a file imports, directly or not, each after its own imports.
//!
//! A module's key is a digest of its bytes and of the keys of its imports, so of everything that a summary of it depends on. It changes
//! when anything below it does: then the summaries of all modules above are made again, which takes milliseconds for each, and nothing
//! has to be known of what changed. A digest of the tainted constants below instead would spare that, and would have to be right.

use super::Imports;
use super::error::ImportError;
use leanwright_olean::Name;
use leanwright_project::{KnownFiles, Stamp, find};
use std::collections::HashMap;
use std::path::PathBuf;

/// A module of a closure.
#[derive(Clone, Debug)]
pub struct ImportedModule {
    pub name: Name,
    pub path: PathBuf,
    /// Of its files: they change also when the same bytes are written again.
    pub stamps: Vec<Stamp>,
    /// A digest of its bytes.
    pub digest: blake3::Hash,
    /// A digest of its bytes and of those of everything that it imports.
    pub key: blake3::Hash,
    /// The places of its imports in the closure.
    pub imports: Vec<usize>,
    /// Whether it came with the toolchain.
    pub shipped: bool,
    /// Whether it is one of the project's own: what is open in it is the user's to prove.
    pub own: bool,
}

/// What is known of a module whose imports are being followed.
type Entered = Option<(ImportedModule, Vec<Name>)>;

/// The modules that are imported, imports first.
pub fn follow(imports: &Imports, known: &mut KnownFiles) -> Result<Vec<ImportedModule>, ImportError> {
    let Imports { modules, folders, library, products, origins } = imports;
    let mut closure: Vec<ImportedModule> = Vec::new();
    let mut places: HashMap<Name, Option<usize>> = HashMap::new();
    // Each is there twice: before its imports, and after them with what is known of it.
    let mut stack: Vec<(Name, Entered)> = modules.iter().rev().map(|name| (name.clone(), None)).collect();
    while let Some((name, entered)) = stack.pop() {
        if let Some((mut module, imports)) = entered {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&[u8::from(module.shipped), u8::from(module.own)]).update(module.digest.as_bytes());
            for import in imports {
                let place = places.get(&import).copied().flatten();
                let imported = place.and_then(|place| Some((place, closure.get(place)?)));
                let Some((place, imported)) = imported else {
                    return Err(ImportError::Circle { module: name, import });
                };
                module.imports.push(place);
                hasher.update(imported.key.as_bytes());
            }
            module.key = hasher.finalize();
            places.insert(name, Some(closure.len()));
            closure.push(module);
            continue;
        }
        if places.contains_key(&name) {
            continue;
        }
        places.insert(name.clone(), None);
        let path = find(&name, folders).ok_or_else(|| ImportError::NotCompiled(name.clone()))?;
        let shipped = library.as_ref().is_some_and(|library| path.starts_with(library));
        let (file, stamps) = known.get(&path, origins, !shipped).map_err(ImportError::unreadable(&name))?;
        let own = products.as_ref().is_some_and(|products| path.starts_with(products));
        let digest = file.digest();
        let (key, imports) = (digest, Vec::new());
        let module = ImportedModule { name: name.clone(), path, stamps, digest, key, imports, shipped, own };
        stack.push((name, Some((module, file.imports.clone()))));
        stack.extend(file.imports.iter().rev().map(|import| (import.clone(), None)));
    }
    Ok(closure)
}
