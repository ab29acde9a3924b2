//! Module names and the paths that they stand for.

use std::path::{Component, Path, PathBuf};

/// The name of a module: `FirstSteps.Basic`. Components are kept without guillemets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName(Vec<String>);

impl ModuleName {
    /// Read a name as it stands after `import`.
    pub fn parse(written: &str) -> Self {
        Self(components(written))
    }

    /// The module in a source file, given relative to the source folder. `None` if it is not a `.lean` file below it.
    pub fn of_path(relative: &Path) -> Option<Self> {
        let mut parts = Vec::new();
        for component in relative.with_extension("").components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
                Component::CurDir => {}
                _ => return None,
            }
        }
        (relative.extension()? == "lean" && !parts.is_empty()).then_some(Self(parts))
    }

    pub fn components(&self) -> &[String] {
        &self.0
    }

    /// Its file below a source or output folder: `FirstSteps/Basic.olean`.
    pub fn path(&self, extension: &str) -> PathBuf {
        let mut path: PathBuf = self.0.iter().collect();
        path.as_mut_os_string().push(format!(".{extension}"));
        path
    }
}

impl std::fmt::Display for ModuleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |part: &String| {
            let plain = part.chars().enumerate().all(|(at, character)| match at {
                0 => crate::lexer::is_identifier_start(character),
                _ => crate::lexer::is_identifier_rest(character),
            });
            if plain && !part.is_empty() { part.clone() } else { format!("«{part}»") }
        };
        f.write_str(&self.0.iter().map(part).collect::<Vec<_>>().join("."))
    }
}

/// The components of a written name: `A.«b.c»` has two.
pub fn components(written: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in written.chars() {
        match character {
            '«' if !quoted => quoted = true,
            '»' if quoted => quoted = false,
            '.' if !quoted => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(character);
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_inverse() {
        for (written, path) in [("A", "A.lean"), ("A.B'", "A/B'.lean"), ("A.«b c».«d.e»", "A/b c/d.e.lean")] {
            let module = ModuleName::parse(written);
            assert_eq!(module.path("lean"), Path::new(path));
            assert_eq!(ModuleName::of_path(Path::new(path)), Some(module.clone()));
            assert_eq!(module.to_string(), written);
        }
        assert_eq!(ModuleName::of_path(Path::new("../A.lean")), None);
        assert_eq!(ModuleName::of_path(Path::new("A.txt")), None);
    }
}
