//! Why nothing can be said of what a file imports.

use leanwright_olean::Name;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("no compiled module `{0}` on LEAN_PATH")]
    NotCompiled(Name),
    #[error("`{module}` imports itself by way of `{import}`")]
    Circle { module: Name, import: Name },
    #[error("`{module}`: {error}")]
    Unreadable { module: String, error: std::io::Error },
    #[error("`{module}`: {error}")]
    Malformed { module: String, error: leanwright_olean::Error },
    #[error("`{0}`: its file has just changed")]
    Changed(String),
    #[error("`{0}` declares a constant twice")]
    DeclaredTwice(Name),
    #[error("`{constant}` is declared by `{one}` and otherwise by `{other}`")]
    Contradiction { constant: Name, one: Name, other: Name },
    #[error("the index of the imports could not be written: {0}")]
    NotWritten(std::io::Error),
    #[error("the index of the imports: {0}")]
    Index(std::io::Error),
    /// What was written by us and is not as we write it.
    #[error("the cache of imports is damaged: {0}")]
    Damaged(&'static str),
}

impl ImportError {
    /// For `map_err`: a module's file could not be read.
    pub fn unreadable(module: &impl ToString) -> impl FnOnce(std::io::Error) -> Self {
        let module = module.to_string();
        |error| Self::Unreadable { module, error }
    }

    /// For `map_err`: a module's file is not one.
    pub fn malformed(module: &impl ToString) -> impl FnOnce(leanwright_olean::Error) -> Self {
        let module = module.to_string();
        |error| Self::Malformed { module, error }
    }
}
