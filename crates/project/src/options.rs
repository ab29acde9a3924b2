//! The options that Lake compiles a file with: those of the package, then those of the library or executable that the file belongs to.
//!
//! Source: Lake's reference (`leanOptions`, `moreLeanArgs`, `weakLeanArgs`, `roots`, `globs`) and `Lake.LeanLib.leanOptions`. A
//! `lakefile.lean` is a program: it is not run here, and if it mentions options nothing is said about them.

use leanwright_lean::{ModuleName, TokenKind, tokenize};
use std::path::{Component, Path, PathBuf};

/// What sets options in a configuration, or moves sources and products.
const SETTERS: [&str; 6] = ["leanOptions", "moreLeanArgs", "weakLeanArgs", "srcDir", "buildDir", "packagesDir"];

/// A path as a walk finds it: `./src/` is `src`.
pub fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// A library or an executable of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its source folder, relative to the package's root.
    pub folder: PathBuf,
    /// The modules that it consists of are these and those below them; of an executable, these alone.
    roots: Vec<String>,
    only_roots: bool,
    options: Options,
}

/// Options that are set in one place, `name=value`, or why they are not known.
pub type Options = Result<Vec<String>, UnknownOptions>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownOptions {
    #[error("an option without a name")]
    NoName,
    #[error("an option without a value")]
    NoValue,
    #[error("`leanOptions` is {0}")]
    NoTable(&'static str),
    #[error("the option `{name}` is {is}")]
    Value { name: String, is: &'static str },
    #[error("`{key}` has {argument}, which is no `-Dname=value`")]
    Argument { key: &'static str, argument: String },
    #[error("packages are kept in `{0}`, and Leanwright looks for them in `.lake/packages`")]
    PackagesFolder(String),
    #[error("lakefile.lean: it sets `{0}`, and is a program that is not run")]
    Program(String),
}

impl Target {
    /// A library, as a section of `lakefile.toml` describes it.
    pub fn library(section: &toml::Table, top: &Path) -> Self {
        let mut target = Self::executable(section, top);
        target.only_roots = false;
        let texts = |key: &str| -> Option<Vec<String>> {
            let list = section.get(key)?.as_array()?;
            Some(list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect())
        };
        let globs = texts("globs").map(|globs| {
            let root = |glob: &String| glob.trim_end_matches(['*', '+']).trim_end_matches('.').to_owned();
            globs.iter().map(root).collect()
        });
        target.roots = globs.or_else(|| texts("roots")).unwrap_or(target.roots);
        target
    }

    /// An executable: its root module, and what that imports from libraries.
    pub fn executable(section: &toml::Table, top: &Path) -> Self {
        let text = |key: &str| section.get(key).and_then(toml::Value::as_str);
        let name = text("root").or(text("name")).unwrap_or_default();
        let folder = plain(&top.join(text("srcDir").unwrap_or_default()));
        Self { folder, roots: vec![name.replace(['«', '»'], "")], only_roots: true, options: options_in(section) }
    }

    pub fn has(&self, module: &ModuleName) -> bool {
        let module = module.to_string().replace(['«', '»'], "");
        self.roots.iter().any(|root| {
            let below = module.strip_prefix(root.as_str());
            below.is_some_and(|rest| rest.is_empty() || (!self.only_roots && rest.starts_with('.')))
        })
    }

    pub fn options(&self) -> Options {
        self.options.clone()
    }
}

/// The options that a section of `lakefile.toml` sets.
pub fn options_in(section: &toml::Table) -> Options {
    let mut options = Vec::new();
    match section.get("leanOptions") {
        None => {}
        Some(toml::Value::Table(table)) => flatten("", table, &mut options)?,
        // `[{ name = "pp.unicode.fun", value = true }]`
        Some(toml::Value::Array(list)) => {
            for entry in list {
                let name = entry.get("name").and_then(toml::Value::as_str).ok_or(UnknownOptions::NoName)?;
                let value = entry.get("value").ok_or(UnknownOptions::NoValue)?;
                options.push(format!("{name}={}", value_text(name, value)?));
            }
        }
        Some(other) => return Err(UnknownOptions::NoTable(other.type_str())),
    }
    for key in ["moreLeanArgs", "weakLeanArgs"] {
        for argument in section.get(key).and_then(toml::Value::as_array).into_iter().flatten() {
            let option = argument.as_str().and_then(|argument| argument.strip_prefix("-D"));
            let option = option.filter(|option| option.contains('='));
            let unknown = || UnknownOptions::Argument { key, argument: argument.to_string() };
            options.push(option.ok_or_else(unknown)?.to_owned());
        }
    }
    Ok(options)
}

/// The options that a `lakefile.lean` sets: none, if it does not mention any.
pub fn options_of_program(text: &str) -> Options {
    let tokens = tokenize(text);
    let mut words = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Ident | TokenKind::NameLiteral));
    let sets = |word: &str| word.split(['.', '`', '«', '»']).any(|part| SETTERS.contains(&part));
    match words.find(|token| sets(token.text(text))) {
        Some(token) => Err(UnknownOptions::Program(token.text(text).to_owned())),
        None => Ok(Vec::new()),
    }
}

/// Put options together: of those with the same name the last counts.
pub fn merged(all: impl IntoIterator<Item = Options>) -> Options {
    let mut merged: Vec<String> = Vec::new();
    let name = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
    for options in all {
        for option in options? {
            merged.retain(|other| name(other) != name(&option));
            merged.push(option);
        }
    }
    Ok(merged)
}

/// `pp = { unicode.fun = true }` and `"pp.unicode.fun" = true` are one option.
fn flatten(prefix: &str, table: &toml::Table, options: &mut Vec<String>) -> Result<(), UnknownOptions> {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, options)?,
            other => options.push(format!("{name}={}", value_text(&name, other)?)),
        }
    }
    Ok(())
}

fn value_text(name: &str, value: &toml::Value) -> Result<String, UnknownOptions> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Boolean(_) | toml::Value::Integer(_) => Ok(value.to_string()),
        other => Err(UnknownOptions::Value { name: name.to_owned(), is: other.type_str() }),
    }
}
