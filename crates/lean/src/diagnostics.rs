//! What Lean has published about a document, put together as an editor does.

use crate::dialect::{Diagnostic, PublishDiagnostics};

/// The diagnostics of one document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    version: Option<i64>,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Take a publication in: an incremental one of the same version adds to the list, any other replaces it, and one of
    /// an older version is late (Lean's `isIncremental`, since 4.31).
    pub fn publish(&mut self, published: PublishDiagnostics) {
        if let (Some(new), Some(known)) = (published.version, self.version)
            && new < known
        {
            return;
        }
        if !published.is_incremental || published.version != self.version {
            self.list.clear();
        }
        self.version = published.version;
        self.list.extend(published.diagnostics);
    }

    /// The version that they are about.
    pub fn version(&self) -> Option<i64> {
        self.version
    }

    pub fn errors(&self) -> usize {
        self.list.iter().filter(|one| one.is_error()).count()
    }

    /// The errors of a version; none if what is known is about another one.
    pub fn of_errors(&self, version: i64) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(move |one| self.version == Some(version) && one.is_error())
    }

    pub fn all(&self) -> &[Diagnostic] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publications as `version+message` (incremental) or `version=message`; the list in the end.
    fn check(publications: &str, expected: &str) {
        let mut state = Diagnostics::default();
        for publication in publications.split(' ') {
            let at = publication.find(['+', '=']).unwrap();
            let json = serde_json::json!({
                "uri": "u", "version": publication[..at].parse::<i64>().unwrap(), "isIncremental": &publication[at..=at] == "+",
                "diagnostics": [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
                                 "severity": 1, "message": &publication[at + 1..]}],
            });
            state.publish(serde_json::from_value(json).unwrap());
        }
        let shown: Vec<_> = state.all().iter().map(|one| one.message.as_str()).collect();
        assert_eq!(shown.join(" "), expected, "{publications}");
    }

    #[test]
    fn contract_33_publications_add_or_replace() {
        check("1=a 1+b 1+c", "a b c");
        check("1=a 1+b 1=c", "c");
        check("1=a 2=b 1=late 1+later", "b");
        check("1=a 2+b", "b");
    }
}
