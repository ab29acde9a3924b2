//! Compiled modules in folders as a library for the kernel: constants are decoded when they are asked for. Imports are not followed: every
//! module that was added can be seen.

use leanwright_kernel::{Library, LibraryError};
use leanwright_olean::{Component, Constant, ExprId, Name, NameId, Olean, OpenModule, Store};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Modules that are open in one store.
#[derive(Default)]
pub struct Modules {
    open: Vec<OpenModule>,
    /// Where each constant is.
    pub places: HashMap<NameId, (usize, usize)>,
    known: HashMap<NameId, Arc<Constant>>,
    /// Constants that take part in what is being checked: not imported.
    pub own: std::collections::HashSet<NameId>,
    /// How many of the modules, the first ones, are the toolchain's.
    pub leans_own: usize,
}

impl Modules {
    /// The folder of the modules that Lean itself brings.
    pub fn library_folder() -> PathBuf {
        let run = Command::new(crate::lean().lake.with_file_name("lean")).arg("--print-prefix").output();
        let printed = String::from_utf8(run.expect("Lean's prefix").stdout).expect("a path");
        Path::new(printed.trim()).join("lib/lean")
    }

    /// The modules that Lean itself brings, without those of Lake.
    pub fn library() -> Vec<PathBuf> {
        let files = Self::files(&Self::library_folder()).into_iter();
        files.filter(|path| !path.to_string_lossy().contains("/Lake")).collect()
    }

    /// All compiled modules below a folder, in order.
    pub fn files(folder: &Path) -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|extension| extension == "olean") {
                    files.push(entry);
                }
            }
        }
        files.sort();
        files
    }

    /// Open a module of a project and everything of the library that it imports; returns what `add` does for it.
    pub fn add_with_imports(&mut self, path: &Path, library: &Path, store: &mut Store) -> (usize, Vec<NameId>) {
        let file = |name: &Name| {
            let parts = name.0.iter().map(|part| match part {
                Component::Text(text) => text.to_string(),
                Component::Number(number) => number.to_string(),
            });
            library.join(parts.collect::<PathBuf>()).with_extension("olean")
        };
        let imports = |path: &Path| {
            let bytes = std::fs::read(path).expect("a compiled module");
            leanwright_olean::import_names(&Olean::new(bytes)).expect("its imports")
        };
        let mut waiting = imports(path);
        let mut seen = std::collections::HashSet::new();
        while let Some(name) = waiting.pop() {
            if seen.insert(name.clone()) {
                let path = file(&name);
                waiting.extend(imports(&path));
                self.add(&path, store);
            }
        }
        self.leans_own = self.open.len();
        self.add(path, store)
    }

    /// Open a module with all its parts; returns its place and the names of its constants.
    pub fn add(&mut self, path: &Path, store: &mut Store) -> (usize, Vec<NameId>) {
        let parts = ["olean", "olean.server", "olean.private"].map(|extension| path.with_extension(extension));
        let parts = parts.iter().filter_map(|part| std::fs::read(part).ok());
        let mut module = OpenModule::open(Olean::of_parts(parts)).expect("a compiled module");
        let names = module.constant_names(store).expect("its constants");
        let place = self.open.len();
        for (index, name) in names.iter().enumerate() {
            self.places.entry(*name).or_insert((place, index));
        }
        self.open.push(module);
        (place, names)
    }

    /// A constant as a module has it, with its proof.
    pub fn read(&mut self, module: usize, index: usize, store: &mut Store) -> Constant {
        self.open[module].constant(index, store).expect("a constant")
    }
}

impl Library for Modules {
    fn constant(&mut self, name: NameId, store: &mut Store) -> Result<Option<Arc<Constant>>, LibraryError> {
        if let Some(known) = self.known.get(&name) {
            return Ok(Some(known.clone()));
        }
        let Some((module, index)) = self.places.get(&name) else { return Ok(None) };
        let constant = self.open[*module].statement(*index, store).map_err(|error| LibraryError(error.to_string()))?;
        let constant = Arc::new(constant);
        self.known.insert(name, constant.clone());
        Ok(Some(constant))
    }

    fn proof(&mut self, name: NameId, store: &mut Store) -> Result<Option<ExprId>, LibraryError> {
        let Some((module, index)) = self.places.get(&name) else { return Ok(None) };
        let constant = self.open[*module].constant(*index, store).map_err(|error| LibraryError(error.to_string()))?;
        Ok(constant.value)
    }

    fn is_imported(&mut self, name: NameId) -> bool {
        !self.own.contains(&name)
    }

    fn is_leans_own(&mut self, name: NameId) -> bool {
        self.places.get(&name).is_some_and(|(module, _)| *module < self.leans_own)
    }
}
