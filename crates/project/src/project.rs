//! A Lake project on disk: where its root is, which module a file holds, with which options it is compiled.

use crate::options::{Options, Target, UnknownOptions, merged, options_in, options_of_program, plain};
use leanwright_contract::SourceFile;
use leanwright_lean::ModuleName;
use std::path::{Path, PathBuf};

/// The files that make a folder a Lake project.
const LAKEFILES: [&str; 2] = ["lakefile.toml", "lakefile.lean"];

/// Where Lake keeps packages, relative to the root.
const PACKAGES: &str = ".lake/packages";

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
    #[error("the options that `{file}` is compiled with are not known: {reason}")]
    Options { file: PathBuf, reason: UnknownOptions },
}

/// A project's root and what its configuration says about compiling a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Absolute.
    pub root: PathBuf,
    /// Source folders relative to the root, the root itself first.
    pub(crate) source_folders: Vec<PathBuf>,
    /// Options of the whole package.
    options: Options,
    targets: Vec<Target>,
    /// Folders of packages that `lakefile.toml` names by a path, as it stands there.
    pub(crate) path_packages: Vec<PathBuf>,
    /// Where Lake puts what it makes, relative to the root.
    pub(crate) build_folder: PathBuf,
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

    /// A project of which nothing is known but its root: its configuration cannot be read.
    pub(crate) fn unread(root: PathBuf) -> Self {
        Self {
            root,
            source_folders: Vec::new(),
            options: Ok(Vec::new()),
            targets: Vec::new(),
            path_packages: Vec::new(),
            build_folder: PathBuf::from(".lake/build"),
        }
    }

    /// The project whose root is this folder.
    pub fn at(root: &Path) -> Result<Self, ProjectError> {
        let mut project = Self {
            source_folders: vec![PathBuf::from("")],
            path_packages: manifest_paths(root),
            ..Self::unread(root.to_path_buf())
        };
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| ProjectError::Read { path: path.to_path_buf(), source })
        };
        // If both are there, Lake takes the program.
        let [path, program] = LAKEFILES.map(|name| root.join(name));
        if program.is_file() {
            project.options = options_of_program(&read(&program)?);
        } else if path.is_file() {
            let table = read(&path)?.parse::<toml::Table>();
            let table = table.map_err(|error| ProjectError::Lakefile { path, reason: error.to_string() })?;
            project.read_configuration(&table);
        }
        Ok(project)
    }

    /// The same project in another folder.
    pub(crate) fn copied_to(&self, root: PathBuf) -> Self {
        Self { root, ..self.clone() }
    }

    fn read_configuration(&mut self, table: &toml::Table) {
        let top = plain(Path::new(table.get("srcDir").and_then(toml::Value::as_str).unwrap_or("")));
        let sections = |key: &str| {
            let list = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            list.filter_map(toml::Value::as_table).collect::<Vec<_>>()
        };
        let build_folder = table.get("buildDir").and_then(toml::Value::as_str).map(|folder| plain(Path::new(folder)));
        // In the root itself nothing could be told apart.
        if let Some(folder) = build_folder.filter(|folder| folder.iter().next().is_some()) {
            self.build_folder = folder;
        }
        let packages = table.get("packagesDir").and_then(toml::Value::as_str);
        self.options = match packages.filter(|folder| Path::new(folder) != Path::new(PACKAGES)) {
            Some(folder) => Err(UnknownOptions::PackagesFolder(folder.to_owned())),
            None => options_in(table),
        };
        self.targets = sections("lean_lib").into_iter().map(|section| Target::library(section, &top)).collect();
        self.targets.extend(sections("lean_exe").into_iter().map(|section| Target::executable(section, &top)));
        self.source_folders.push(top);
        self.source_folders.extend(self.targets.iter().map(|target| target.folder.clone()));
        self.source_folders.dedup();
        let paths = sections("require").into_iter().filter_map(|section| section.get("path")?.as_str());
        self.path_packages.extend(paths.map(PathBuf::from));
    }

    /// The options that a file (given relative to the root) is compiled with, as `name=value`.
    ///
    /// # Errors
    /// If the file is in no source folder, or if the options are not known.
    pub fn options_of(&self, relative: &Path) -> Result<Vec<String>, ProjectError> {
        let (module, _) = self.module_of(relative)?;
        // The first library that has the module; then the first executable.
        let target = self.targets.iter().find(|target| relative.starts_with(&target.folder) && target.has(&module));
        let all = std::iter::once(self.options.clone()).chain(target.map(Target::options));
        merged(all).map_err(|reason| ProjectError::Options { file: relative.to_path_buf(), reason })
    }

    /// The innermost project that a file is in, and where the file belongs there. The file need not be there yet, its folder must.
    pub fn locate(file: &Path) -> Result<(Self, SourceFile), ProjectError> {
        let no_project = || ProjectError::NoProject(file.to_path_buf());
        let (folder, name) = file.parent().zip(file.file_name()).ok_or_else(no_project)?;
        // `x.lean` has the empty path for its folder.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let read = |source| ProjectError::Read { path: folder.to_path_buf(), source };
        let folder = std::fs::canonicalize(folder).map_err(read)?;
        let project = Self::of(&folder)?;
        let source_file = project.source_file(&folder.join(name)).ok_or_else(no_project)?;
        Ok((project, source_file))
    }

    /// Where a file of this project belongs; its path is absolute, with links followed. `None` if it is not in the project, or has no name in UTF-8.
    pub fn source_file(&self, file: &Path) -> Option<SourceFile> {
        let relative = self.relative(file)?;
        let module = self.module_of(relative).map(|(module, _)| module.to_string());
        Some(SourceFile {
            root: self.root.to_str()?.to_owned(),
            project: self.root.file_name().and_then(|name| name.to_str()).unwrap_or("project").to_owned(),
            file: relative.to_str()?.to_owned(),
            module: module.unwrap_or_default(),
        })
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

    /// The packages that are given by a path: their sources are the user's, too, and Lake builds them with the project.
    pub(crate) fn packages_at_paths(&self) -> impl Iterator<Item = Self> {
        self.path_packages.iter().filter_map(|folder| Self::at(&self.root.join(folder)).ok())
    }
}

/// The folders of packages that Lake has noted to lie at a path.
fn manifest_paths(root: &Path) -> Vec<PathBuf> {
    let manifest = std::fs::read(root.join("lake-manifest.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let packages = manifest.get("packages").and_then(serde_json::Value::as_array).into_iter().flatten();
    let folders = packages.filter(|package| package.get("type").is_some_and(|kind| kind == "path"));
    folders.filter_map(|package| Some(PathBuf::from(package.get("dir")?.as_str()?))).collect()
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
        assert_eq!(
            project.options_of(Path::new("src/A/B.lean")).unwrap(),
            ["autoImplicit=false", "pp.unicode.fun=true"]
        );
        let (module, source_folder) = project.module_of(Path::new("src/A/B.lean")).unwrap();
        assert_eq!((module.to_string().as_str(), source_folder.as_path()), ("A.B", Path::new("src")));
        assert_eq!(project.source_of(&module), Some("src/A/B.lean".into()));
        assert!(matches!(Project::of(Path::new("/")), Err(ProjectError::NoProject(_))));
    }

    #[test]
    fn files_are_located() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("p/src/A")).unwrap();
        std::fs::write(root.join("p/lakefile.toml"), "name = \"q\"\n[[lean_lib]]\nname = \"A\"\nsrcDir = \"src\"\n")
            .unwrap();
        std::os::unix::fs::symlink(root.join("p"), root.join("link")).unwrap();
        let shown = |file: &str| {
            let found = Project::locate(&root.join(file)).map(|(_, found)| (found.project, found.file, found.module));
            found.map(|(project, file, module)| format!("{project} {file} {module}")).map_err(|error| error.to_string())
        };
        assert_eq!(shown("p/src/A/New.lean").unwrap(), "p src/A/New.lean A.New");
        assert_eq!(shown("link/src/A.lean").unwrap(), "p src/A.lean A");
        assert_eq!(shown("p/1.5.lean").unwrap(), "p 1.5.lean «1.5»");
        assert!(shown("x.lean").unwrap_err().contains("in no Lake project"));
        assert!(shown("p/gone/x.lean").unwrap_err().contains("could not read"));
    }

    /// The options of one file in a project with a certain configuration; an error is shown by its text.
    fn check(lakefile: (&str, &str), file: &str, expected: Result<&[&str], &str>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(lakefile.0), lakefile.1).unwrap();
        let found = Project::at(folder.path()).unwrap().options_of(Path::new(file)).map_err(|error| error.to_string());
        match expected {
            Ok(options) => assert_eq!(found.unwrap(), options, "{file}"),
            Err(why) => assert!(found.as_ref().is_err_and(|error| error.contains(why)), "{file}: {found:?}"),
        }
    }

    #[test]
    fn options_are_those_of_the_files_own_library() {
        let lakefile = "name = \"p\"\nleanOptions = { autoImplicit = false, \"weak.a.b\" = 1 }\n\
            [[lean_lib]]\nname = \"A\"\nleanOptions = { autoImplicit = true }\n\
            [[lean_lib]]\nname = \"B\"\nroots = [\"B.C\"]\nmoreLeanArgs = [\"-Dx=y\"]\n\
            [[lean_lib]]\nname = \"Odd\"\nmoreLeanArgs = [\"--tstack=1\"]\n\
            [[lean_exe]]\nname = \"main\"\nroot = \"Main\"\nweakLeanArgs = [\"-Dm=1\"]\n";
        let check = |file, expected| check(("lakefile.toml", lakefile), file, expected);
        let dotted = lakefile.replace("name = \"A\"\n", "name = \"A\"\nsrcDir = \"./src//\"\n");
        let inside = |file, expected| super::tests::check(("lakefile.toml", &dotted), file, expected);
        inside("src/A.lean", Ok(&["weak.a.b=1", "autoImplicit=true"]));
        check("A.lean", Ok(&["weak.a.b=1", "autoImplicit=true"]));
        check("A/D.lean", Ok(&["weak.a.b=1", "autoImplicit=true"]));
        check("B/C/E.lean", Ok(&["autoImplicit=false", "weak.a.b=1", "x=y"]));
        check("B/D.lean", Ok(&["autoImplicit=false", "weak.a.b=1"]));
        check("Main.lean", Ok(&["autoImplicit=false", "weak.a.b=1", "m=1"]));
        check("Odd.lean", Err("--tstack=1"));
    }

    #[test]
    fn where_packages_are_is_known() {
        for (folder, expected) in [(".lake/packages/", Ok(&[][..])), ("deps", Err("packages are kept in `deps`"))] {
            check(("lakefile.toml", &format!("name = \"p\"\npackagesDir = \"{folder}\"\n")), "A.lean", expected);
        }
    }

    #[test]
    fn options_of_a_program_are_not_guessed() {
        let plain =
            "import Lake\nopen Lake DSL\npackage p where\n  version := v!\"0.1.0\" -- leanOptions\nlean_lib A\n";
        check(("lakefile.lean", plain), "A.lean", Ok(&[]));
        let with = plain.replace("-- leanOptions", "\n  leanOptions := #[⟨`autoImplicit, false⟩]");
        check(("lakefile.lean", &with), "A.lean", Err("lakefile.lean: it sets `leanOptions`"));
        // Where its sources lie, and which modules they are, is not known either.
        let moved = plain.replace("lean_lib A", "lean_lib A where\n  srcDir := \"src\"");
        check(("lakefile.lean", &moved), "src/A.lean", Err("lakefile.lean: it sets `srcDir`"));
    }
}
