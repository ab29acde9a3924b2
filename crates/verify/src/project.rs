//! A Lake project on disk: where its root is, which module a file holds, with which options it is compiled.

use leanwright_lean::ModuleName;
use std::path::{Path, PathBuf};

/// The files that make a folder a Lake project.
const LAKEFILES: [&str; 2] = ["lakefile.toml", "lakefile.lean"];

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("`{0}` is in no Lake project: no lakefile.toml or lakefile.lean in its folder or above")]
    NoProject(PathBuf),
    #[error("could not read `{path}`: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{path}` cannot be read: {reason}")]
    Lakefile { path: PathBuf, reason: String },
    #[error("`{0}` is not a module of its project")]
    NoModule(PathBuf),
}

/// A project's root and what its configuration says about compiling a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Absolute.
    pub root: PathBuf,
    /// Source folders relative to the root, the root itself first.
    pub(crate) source_folders: Vec<PathBuf>,
    /// `-D` options from `leanOptions`, as `name=value`.
    pub options: Vec<String>,
}

impl Project {
    /// The innermost project that a file or folder is in.
    pub fn of(path: &Path) -> Result<Self, ProjectError> {
        let absolute =
            std::fs::canonicalize(path).map_err(|source| ProjectError::Read { path: path.to_path_buf(), source })?;
        let is_root = |folder: &&Path| LAKEFILES.iter().any(|name| folder.join(name).is_file());
        let root = absolute.ancestors().find(is_root).ok_or_else(|| ProjectError::NoProject(path.to_path_buf()))?;
        Self::at(root)
    }

    /// The project whose root is this folder.
    pub fn at(root: &Path) -> Result<Self, ProjectError> {
        let mut project =
            Self { root: root.to_path_buf(), source_folders: vec![PathBuf::from("")], options: Vec::new() };
        let path = root.join("lakefile.toml");
        if path.is_file() {
            let read = std::fs::read_to_string(&path);
            let text = read.map_err(|source| ProjectError::Read { path: path.clone(), source })?;
            let table = text.parse::<toml::Table>();
            let table = table.map_err(|error| ProjectError::Lakefile { path, reason: error.to_string() })?;
            project.read_configuration(&table);
        }
        Ok(project)
    }

    fn read_configuration(&mut self, table: &toml::Table) {
        let top = table.get("srcDir").and_then(toml::Value::as_str).unwrap_or("");
        self.source_folders.push(PathBuf::from(top));
        let libraries = table.get("lean_lib").and_then(toml::Value::as_array).into_iter().flatten();
        let libraries: Vec<&toml::Table> = libraries.filter_map(toml::Value::as_table).collect();
        for section in std::iter::once(table).chain(libraries.iter().copied()) {
            if let Some(options) = section.get("leanOptions").and_then(toml::Value::as_table) {
                flatten_options("", options, &mut self.options);
            }
        }
        for library in libraries {
            if let Some(folder) = library.get("srcDir").and_then(toml::Value::as_str) {
                self.source_folders.push(Path::new(top).join(folder));
            }
        }
        self.source_folders.dedup();
    }

    /// A file's path relative to the root.
    pub fn relative<'a>(&self, file: &'a Path) -> Option<&'a Path> {
        file.strip_prefix(&self.root).ok()
    }

    /// The module that a file holds (given relative to the root) and the source folder that its name counts from.
    pub fn module_of(&self, relative: &Path) -> Result<(ModuleName, PathBuf), ProjectError> {
        // The longest source folder that the file is in.
        let mut folders: Vec<&PathBuf> =
            self.source_folders.iter().filter(|folder| relative.starts_with(folder)).collect();
        folders.sort_by_key(|folder| folder.components().count());
        let found = folders.pop().and_then(|folder| {
            let module = ModuleName::of_path(relative.strip_prefix(folder).ok()?)?;
            Some((module, folder.clone()))
        });
        found.ok_or_else(|| ProjectError::NoModule(relative.to_path_buf()))
    }

    /// The source file of a module, relative to the root, if the project has it.
    pub fn source_of(&self, module: &ModuleName) -> Option<PathBuf> {
        let mut candidates = self.source_folders.iter().map(|folder| folder.join(module.path("lean")));
        candidates.find(|path| self.root.join(path).is_file())
    }
}

/// `pp = { unicode.fun = true }` and `"pp.unicode.fun" = true` are one option.
fn flatten_options(prefix: &str, table: &toml::Table, options: &mut Vec<String>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten_options(&name, inner, options),
            toml::Value::String(text) => options.push(format!("{name}={text}")),
            toml::Value::Boolean(_) | toml::Value::Integer(_) => options.push(format!("{name}={value}")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_sources_and_options() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let lakefile = "name = \"p\"\nleanOptions = { autoImplicit = false, pp.unicode.fun = true }\n\
                        [[lean_lib]]\nname = \"A\"\nsrcDir = \"src\"\n";
        std::fs::write(root.join("lakefile.toml"), lakefile).unwrap();
        std::fs::create_dir_all(root.join("src/A")).unwrap();
        std::fs::write(root.join("src/A/B.lean"), "").unwrap();
        let project = Project::of(&root.join("src/A/B.lean")).unwrap();
        assert_eq!(project.root, root);
        assert_eq!(project.options, ["autoImplicit=false", "pp.unicode.fun=true"]);
        let (module, source_folder) = project.module_of(Path::new("src/A/B.lean")).unwrap();
        assert_eq!((module.to_string().as_str(), source_folder.as_path()), ("A.B", Path::new("src")));
        assert_eq!(project.source_of(&module), Some("src/A/B.lean".into()));
        assert!(matches!(Project::of(Path::new("/")), Err(ProjectError::NoProject(_))));
    }
}
