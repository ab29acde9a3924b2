//! What a file's imports bring in, without decoding them for every candidate.
//!
//! `ImportIndex::follow`, in the judge's process, follows imports (`closure`), sums every module up once (`facts`, `summary`; kept in
//! the cache folder by `summary_store` and `known_files`) and writes one `index` for the closure. `Closure::index` is where that is;
//! `Imported::open`, in whatever process, says of a constant which axioms it rests on (`axioms`), what it is (`kind`), and decodes it
//! when that is asked for (`library`: it is the kernel's `Library`). All imported modules are treated alike: Lean's, packages', the project's own.

mod closure;
mod error;
mod facts;
mod index;
mod library;
mod open_modules;
mod summary;
mod summary_store;

pub use error::ImportError;
pub use library::{Imported, IndexFile};
pub use summary::AxiomSet;

use crate::gate::DeclaredSyntax;
use closure::ImportedModule;
use facts::Facts;
use index::{Index, write_index};
use leanwright_olean::Name;
use leanwright_project::{KnownFiles, Origins, parallel_map};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use summary::{Known, Summary, sum_up};
use summary_store::{FORMAT, SummaryStore};

/// Indexes of closures that are kept: one for each list of imports that is in use.
const MAX_INDEXES: usize = 64;

/// Modules whose facts are in memory at a time.
const MODULES_AT_A_TIME: usize = 128;

/// Summaries that are kept in memory, beside those of the file that was followed last.
const MAX_SUMMARIES: usize = 20_000;

/// The modules that a file imports, directly or not.
#[derive(Clone, Debug)]
pub struct Closure {
    pub index: IndexFile,
    /// Changes when any of the modules does, and with what is concluded from them.
    pub digest: blake3::Hash,
    /// Changes when any of their files is written or replaced, also by the same bytes.
    pub state: blake3::Hash,
    /// The project's own among the modules.
    pub own: Vec<Name>,
    /// The roots of the libraries that were shipped without proofs: that those theorems are proved, and by which axioms, is believed.
    pub proofs_missing: Vec<String>,
    /// What begins the commands that they declare.
    pub syntax: DeclaredSyntax,
    /// Modules, not of the toolchain, that can read files or the environment when a text uses them.
    pub reads: Vec<String>,
}

/// What a file imports, and where that is looked for.
#[derive(Clone, Debug)]
pub struct Imports {
    pub modules: Vec<Name>,
    /// Of `LEAN_PATH`, and the toolchain's own.
    pub folders: Vec<PathBuf>,
    /// The toolchain's own.
    pub library: Option<PathBuf>,
    /// The project's own, if there is a project.
    pub products: Option<PathBuf>,
    /// Where those were copied from.
    pub origins: Arc<Origins>,
}

/// Follows imports, and remembers what it has found out.
pub struct ImportIndex {
    folder: PathBuf,
    files: KnownFiles,
    summaries: HashMap<blake3::Hash, Arc<Summary>>,
    /// Where there is no cache folder.
    _temporary: Option<tempfile::TempDir>,
}

impl ImportIndex {
    /// With a folder for what lasts longer than the process.
    pub fn new(folder: PathBuf) -> Self {
        let files = KnownFiles::load(&folder.join(format!("files-{FORMAT}")));
        Self { folder, files, summaries: HashMap::new(), _temporary: None }
    }

    /// In the user's cache folder; where there is none, for this process only.
    pub fn of_this_user() -> Self {
        match leanwright_procs::embedded::cache_folder() {
            Ok(folder) => Self::new(folder.join("imports")),
            Err(_) => {
                let temporary = tempfile::tempdir().ok();
                let folder = temporary.as_ref().map_or_else(std::env::temp_dir, |folder| folder.path().to_owned());
                Self { _temporary: temporary, ..Self::new(folder) }
            }
        }
    }

    /// Follow imports.
    ///
    /// # Errors
    /// If an import is not compiled or cannot be read, or if two modules declare a constant and not the same: nothing can be said then.
    pub fn follow(&mut self, imports: &Imports) -> Result<Closure, ImportError> {
        let modules = closure::follow(imports, &mut self.files)?;
        if let Err(error) = self.files.save(&self.folder.join(format!("files-{FORMAT}"))) {
            tracing::warn!(%error, "could not write to the cache of imports");
        }
        let mut hasher = hasher_of(&modules);
        let digest = hasher.finalize();
        // The index names files: another copy of the same project has others.
        for module in &modules {
            hasher.update(module.path.as_os_str().as_encoded_bytes()).update(b"\0");
        }
        let path = self.folder.join(format!("closures-{FORMAT}")).join(hasher.finalize().to_hex().as_str());
        let (digest_of_index, index) = match sealed(&path) {
            Some(found) => found,
            None => {
                self.write(&path, &modules)?;
                sealed(&path).ok_or(ImportError::Damaged("an index that was just written"))?
            }
        };
        drop(self.files.take_just_read());
        let _ = std::fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        Ok(Closure {
            index: IndexFile { path, digest: *digest_of_index.as_bytes() },
            digest,
            state: state_of(&modules),
            own: modules.iter().filter(|module| module.own).map(|module| module.name.clone()).collect(),
            proofs_missing: index.proofs_missing().to_vec(),
            syntax: index.syntax().clone(),
            reads: index.reads().to_vec(),
        })
    }

    /// Digest and state of what is imported, as it is now.
    pub fn now(&mut self, imports: &Imports) -> Result<(blake3::Hash, blake3::Hash), ImportError> {
        let modules = closure::follow(imports, &mut self.files)?;
        drop(self.files.take_just_read());
        Ok((hasher_of(&modules).finalize(), state_of(&modules)))
    }

    fn write(&mut self, path: &Path, modules: &[ImportedModule]) -> Result<(), ImportError> {
        let summaries = self.sum_up(modules)?;
        let missing = modules.iter().zip(&summaries).filter(|(_, summary)| summary.proofs_missing);
        let roots: BTreeSet<String> =
            missing.filter_map(|(module, _)| Some(Name(vec![module.name.0.first()?.clone()]).to_string())).collect();
        let reads = modules.iter().zip(&summaries).filter(|(_, summary)| summary.reads);
        let reads: Vec<String> = reads.map(|(module, _)| module.name.to_string()).collect();
        write_index(path, modules, &summaries, (roots.into_iter().collect(), reads))?;
        sweep(path.parent().unwrap_or(path));
        // Every change of a module gives all those above it another key.
        if self.summaries.len() > MAX_SUMMARIES {
            let in_use: HashSet<blake3::Hash> = modules.iter().map(|module| module.key).collect();
            self.summaries.retain(|key, _| in_use.contains(key));
        }
        Ok(())
    }

    /// The summaries of all modules: what is not known is made, on all cores as far as modules are read.
    fn sum_up(&mut self, modules: &[ImportedModule]) -> Result<Vec<Arc<Summary>>, ImportError> {
        let store = SummaryStore::below(&self.folder);
        let wanted: Vec<_> = modules.iter().filter(|module| !self.summaries.contains_key(&module.key)).collect();
        let recalled = parallel_map(&wanted, |module| store.recall(&module.key));
        for (module, summary) in wanted.iter().zip(recalled) {
            self.summaries.extend(summary.map(|summary| (module.key, Arc::new(summary))));
        }
        let (mut known, mut all) = (Known::default(), Vec::with_capacity(modules.len()));
        let mut just_read = self.files.take_just_read();
        for batch in modules.chunks(MODULES_AT_A_TIME) {
            let missing = batch.iter().filter(|module| !self.summaries.contains_key(&module.key));
            let missing: Vec<_> =
                missing.map(|module| (module, Mutex::new(just_read.remove(&module.digest)))).collect();
            let facts = parallel_map(&missing, |(module, just_read)| {
                let just_read = just_read.lock().unwrap_or_else(PoisonError::into_inner).take();
                Facts::of(module, just_read)
            });
            let facts = missing.iter().map(|(module, _)| module.key).zip(facts);
            let facts = facts.map(|(key, facts)| Ok((key, facts?))).collect::<Result<HashMap<_, _>, ImportError>>()?;
            for module in batch {
                let summary = match self.summaries.get(&module.key) {
                    Some(summary) => Arc::clone(summary),
                    None => {
                        let facts = facts.get(&module.key).ok_or(ImportError::Damaged("a module is lost"))?;
                        let summary = Arc::new(sum_up(module, facts, &known)?);
                        if let Err(error) = store.keep(&module.key, &summary) {
                            tracing::warn!(%error, "could not write to the cache of imports");
                        }
                        self.summaries.insert(module.key, Arc::clone(&summary));
                        summary
                    }
                };
                known.add(module, &summary);
                all.push(summary);
            }
        }
        Ok(all)
    }
}

fn hasher_of(modules: &[ImportedModule]) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&FORMAT.to_le_bytes());
    for module in modules {
        hasher.update(module.key.as_bytes()).update(module.name.digest().as_bytes());
    }
    hasher
}

fn state_of(modules: &[ImportedModule]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for module in modules {
        hasher.update(module.path.as_os_str().as_encoded_bytes()).update(format!("\0{:?}\0", module.stamps).as_bytes());
    }
    hasher.finalize()
}

/// An index that is whole, with the digest that it says it has.
fn sealed(path: &Path) -> Option<(blake3::Hash, Index)> {
    let digest = leanwright_project::digest_in(path)?;
    Index::open(path, &digest).ok().map(|index| (digest, index))
}

/// Leave the indexes that were used last.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    files.sort_unstable();
    let excess = files.len().saturating_sub(MAX_INDEXES);
    for (_, path) in files.into_iter().take(excess) {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leanwright_kernel::Library;
    use leanwright_olean::{ConstantKind, Store};
    use leanwright_testkit::lean;
    use std::time::Instant;

    fn name(text: &str) -> Name {
        Name::from_texts(text.split('.'))
    }

    /// The folder of Lean's own modules.
    fn library() -> PathBuf {
        let lean = lean().lake.with_file_name("lean");
        let printed = std::process::Command::new(lean).arg("--print-prefix").output().unwrap();
        Path::new(String::from_utf8(printed.stdout).unwrap().trim()).join("lib/lean")
    }

    /// Of Lean's own library.
    fn imports(modules: &[&str]) -> Imports {
        let library = library();
        let modules = modules.iter().map(|module| name(module)).collect();
        Imports {
            modules,
            folders: vec![library.clone()],
            library: Some(library),
            products: None,
            origins: Arc::default(),
        }
    }

    /// All of Lean's library, twice: made, and by another process that finds it made.
    #[test]
    fn the_axioms_behind_all_of_leans_library() {
        let folder = tempfile::tempdir().unwrap();
        let follow = || {
            let started = Instant::now();
            let mut index = ImportIndex::new(folder.path().to_owned());
            let closure = index.follow(&imports(&["Init", "Lean"])).unwrap();
            assert_eq!(index.now(&imports(&["Init", "Lean"])).unwrap(), (closure.digest, closure.state));
            println!("followed in {:?}", started.elapsed());
            closure
        };
        let (made, closure) = (follow(), follow());
        // What both took together, this process alone.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
        assert_eq!((made.digest, &made.index), (closure.digest, &closure.index));
        assert_eq!(closure.proofs_missing, ["Init", "Lean", "Std"]);
        assert_eq!(closure.syntax.unknown, BTreeSet::new());
        assert!(closure.reads.is_empty());
        let started = Instant::now();
        let mut imported = Imported::open(&closure.index).unwrap();
        println!("{} constants opened in {:?}", imported.index.len(), started.elapsed());
        let mut store = Store::new();
        let mut id = |text: &str| store.intern_name(&name(text));
        let ids = ["propext", "Nat.add", "Nat.rec", "Lean.Meta.whnf", "Classical.propDecidable", "nobody"].map(&mut id);
        let [propext, add, rec, whnf, decidable, nobody] = ids;
        let axioms = |of| imported.axioms(of, &store).map(|axioms| axioms.names.iter().map(Name::to_string).collect());
        let none = Vec::<String>::new();
        assert_eq!(axioms(propext), Some(vec!["propext".to_owned()]));
        assert_eq!(axioms(decidable), Some(vec!["Classical.choice".to_owned()]));
        assert_eq!((axioms(add), axioms(nobody)), (Some(none), None));
        let kinds = [propext, add, rec, nobody].map(|of| imported.kind(of, &store));
        let expected = [ConstantKind::Axiom, ConstantKind::Definition, ConstantKind::Recursor];
        assert_eq!(kinds, [Some(expected[0]), Some(expected[1]), Some(expected[2]), None]);
        assert_eq!(imported.constant(whnf, &mut store).unwrap().unwrap().name, whnf);
        assert_eq!(imported.constant(nobody, &mut store).unwrap(), None);
        assert!(imported.is_leans_own(whnf) && !imported.is_imported(nobody));
    }

    /// Several processes may write one index at once: then it has to be the same.
    #[test]
    fn an_index_does_not_depend_on_who_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |index: &mut ImportIndex| index.follow(&imports(&["Init"])).unwrap().index;
        let at_once = std::thread::scope(|scope| {
            let writers = [0; 3].map(|_| {
                scope.spawn(|| {
                    let file = write(&mut ImportIndex::new(folder.path().join("a")));
                    Imported::open(&file).unwrap();
                    file
                })
            });
            writers.map(|writer| writer.join().unwrap())
        });
        let [first, second, third] = at_once;
        assert!(first == second && second == third);
        let mut other = ImportIndex::new(folder.path().join("b"));
        assert_eq!(write(&mut other).digest, first.digest);
        // From what is known in memory, and from what is known on disk.
        for index in [&mut other, &mut ImportIndex::new(folder.path().join("a"))] {
            let path = write(index).path;
            std::fs::remove_file(path).unwrap();
            assert_eq!(write(index).digest, first.digest);
        }
    }

    /// The digest is of bytes: what was another module meanwhile, and is what it was, has another state.
    #[test]
    fn what_is_written_again_is_another_state() {
        let folder = tempfile::tempdir().unwrap();
        let (library, mut index) = (folder.path().join("lib"), ImportIndex::new(folder.path().join("index")));
        let module = library.join("Init/Prelude.olean");
        std::fs::create_dir_all(module.parent().unwrap()).unwrap();
        std::fs::copy(super::tests::library().join("Init/Prelude.olean"), &module).unwrap();
        let imports = Imports { folders: vec![library], library: None, ..imports(&["Init.Prelude"]) };
        let closure = index.follow(&imports).unwrap();
        assert_eq!(index.now(&imports).unwrap(), (closure.digest, closure.state));
        let modified = std::fs::metadata(&module).unwrap().modified().unwrap();
        let other = module.with_extension("other");
        std::fs::copy(&module, &other).unwrap();
        std::fs::File::options().append(true).open(&other).unwrap().set_modified(modified).unwrap();
        std::fs::rename(&other, &module).unwrap();
        let (digest, state) = index.now(&imports).unwrap();
        assert!(digest == closure.digest && state != closure.state);
    }

    /// An open lemma of the project's is the user's to prove; the same module of a package may have none.
    #[test]
    fn whether_a_module_is_the_projects_own_is_in_the_digest() {
        let library = library();
        let folder = tempfile::tempdir().unwrap();
        let mut index = ImportIndex::new(folder.path().to_owned());
        let mut digest = |products: Option<&Path>| {
            let products = products.map(Path::to_path_buf);
            index.follow(&Imports { library: None, products, ..imports(&["Init.Prelude"]) }).unwrap().digest
        };
        assert_ne!(digest(None), digest(Some(&library)));
        assert_eq!(digest(None), digest(Some(folder.path())));
    }
}
