//! Attacks as they stand in `fixtures/attacks`, whose README says how to read them.

use leanwright_testkit::fixtures;
use std::collections::BTreeMap;
use std::ops::Range;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The file's name.
    #[serde(skip)]
    pub name: String,
    pub source: BTreeMap<String, Source>,
    pub attack: Vec<Attack>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub text: String,
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    #[serde(default)]
    pub package: BTreeMap<String, String>,
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    pub id: String,
    pub idea: String,
    #[serde(default = "main_source")]
    pub source: String,
    pub hole: Option<String>,
    pub replace: Option<String>,
    pub text: String,
    /// The guard that must stop it.
    pub by: String,
    /// Those that stop it when that one is off.
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub then: BTreeMap<String, String>,
    /// Letters of the text that stand for many.
    #[serde(default)]
    long: BTreeMap<String, (String, usize)>,
}

fn main_source() -> String {
    "main".to_owned()
}

impl Attack {
    pub fn replacement(&self) -> String {
        let long = |text: String, (letter, (part, times)): (&String, &(String, usize))| {
            text.replace(letter.as_str(), &part.repeat(*times))
        };
        self.long.iter().fold(self.text.clone(), long)
    }

    /// What is replaced, in the text without marks.
    pub fn span(&self, text: &str, holes: &BTreeMap<String, Range<usize>>) -> Range<usize> {
        match (&self.hole, &self.replace) {
            (Some(hole), None) => holes.get(hole).unwrap_or_else(|| panic!("{}: no hole {hole:?}", self.id)).clone(),
            (None, Some(replaced)) => leanwright_testkit::span_of(text, replaced),
            _ => panic!("{}: a hole, or a text that is replaced", self.id),
        }
    }
}

impl Source {
    /// The text without marks, and the holes by their marks: `sorry/-mark-/`.
    pub fn holes(&self) -> (String, BTreeMap<String, Range<usize>>) {
        const OPEN: &str = "sorry/-";
        let (mut text, mut holes, mut rest) = (String::new(), BTreeMap::new(), self.text.as_str());
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (mark, after) = after.split_once("-/").unwrap();
            text.push_str(before);
            let start = text.len();
            text.push_str("sorry");
            assert!(holes.insert(mark.to_owned(), start..text.len()).is_none(), "two holes {mark:?}");
            rest = after;
        }
        (text + rest, holes)
    }
}

/// All themes with the attacks that are wanted: a theme's and an attack's name.
pub fn themes(wanted: impl Fn(&str, &str) -> bool) -> Vec<Theme> {
    let mut files: Vec<_> =
        std::fs::read_dir(fixtures().join("attacks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let theme: Theme = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let attack = theme.attack.into_iter().filter(|attack| wanted(&name, &attack.id)).collect();
        Theme { name, attack, ..theme }
    };
    files.iter().map(read).filter(|theme| !theme.attack.is_empty()).collect()
}
