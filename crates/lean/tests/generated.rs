//! Generated files whose declarations and holes are known by construction: the scan finds exactly those.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use leanwright_lean::{Change, Range, Text, scan, tokenize};
use proptest::prelude::*;

/// A piece of a file, the names that it declares (without namespaces), and how many holes it has.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    name: Option<String>,
    holes: usize,
}

fn noise() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "-- sorry\n",
        "/- sorry /- theorem fake : x := sorry -/ \" -/\n",
        "/-! # sorry -/\n",
        "#eval s!\"{1} sorry {\"sorry\"}\"\n",
        "#check '\"'\n",
        "#check r#\"sorry\"#\n",
        "open Nat in\n",
        "set_option maxRecDepth 100 in\n",
        "\n\n",
        "\r\n",
    ])
    .prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b'", "«odd sorry»", "𝓝x", "h.sorry'", "foo₁", "x.y"]).prop_map(str::to_owned)
}

fn declaration() -> impl Strategy<Value = Piece> {
    let head = prop::sample::select(vec![
        "theorem",
        "@[simp] theorem",
        "/-- sorry -/ theorem",
        "  private theorem",
        "public lemma",
        "protected noncomputable def",
        "@[simp, reducible]\ndef",
    ]);
    let body = prop::sample::select(vec![
        (" : x := by\n  sorry\n", 1),
        (" (h' : 'a' = 'b') : x := ⟨sorry, by sorry⟩\n", 2),
        (" : x := by\n  first | admit | exact h'sorry\n", 1),
        (" : Nat → Nat\n  | 0 => sorry\n  | n + 1 => «sorry»\n", 1),
        (" : x := s!\"{sorry} sorry\" -- sorry\n", 1),
        (" : x := y where y := \"sorry \\\" sorry\"\n", 0),
        (" : x := by\n  open Nat in\n  exact `sorry\n", 0),
    ]);
    (head, name(), body).prop_map(|(head, name, (body, holes))| Piece {
        text: format!("{head} {name}{body}"),
        name: Some(name),
        holes,
    })
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        3 => declaration(),
        1 => noise().prop_map(|text| Piece { text, name: None, holes: 0 }),
        1 => Just(Piece { text: "example : x := by sorry\n".into(), name: None, holes: 1 }),
        1 => Just(Piece { text: "instance : Foo x where\n  y := sorry\n".into(), name: None, holes: 1 }),
    ]
}

/// A file of namespaces with pieces in them; the expected names are full.
fn file() -> impl Strategy<Value = (String, Vec<String>, usize)> {
    let block =
        (prop::option::of(prop::sample::select(vec!["A", "B.C", "«D.E»"])), prop::collection::vec(piece(), 0..5));
    prop::collection::vec(block, 0..5).prop_map(|blocks| {
        let (mut text, mut names, mut holes) = ("import A\n\n".to_owned(), Vec::new(), 0);
        for (namespace, pieces) in blocks {
            if let Some(namespace) = namespace {
                text.push_str(&format!("namespace {namespace}\n"));
            }
            for piece in pieces {
                text.push_str(&piece.text);
                names.extend(piece.name.map(|name| namespace.map_or(name.clone(), |space| format!("{space}.{name}"))));
                holes += piece.holes;
            }
            if let Some(namespace) = namespace {
                text.push_str(&format!("\nend {namespace}\n"));
            }
        }
        (text, names, holes)
    })
}

proptest! {
    #[test]
    fn the_scan_finds_what_was_put_there((text, names, holes) in file()) {
        let found = scan(&text);
        let declared: Vec<String> =
            found.outline.declarations.iter().filter_map(|declaration| declaration.name.clone()).collect();
        prop_assert_eq!(declared, names, "{}", text);
        prop_assert_eq!(found.holes.len(), holes, "{}", text);
        for hole in &found.holes {
            prop_assert!(hole.declaration.is_some(), "{}", text);
            prop_assert!(matches!(&text[hole.span.clone()], "sorry" | "admit"), "{}", text);
        }
        prop_assert_eq!(tokenize(&text).iter().map(|token| token.end - token.start).sum::<usize>(), text.len());
    }

    /// A file that grows by edits is the same as one that was there from the beginning. That the holes of a document that
    /// is edited are those of a new scan is the engine's to keep, and is tested there.
    #[test]
    fn edits_make_the_same_text((text, _, _) in file(), cuts in prop::collection::vec((any::<prop::sample::Index>(), piece()), 1..6)) {
        let mut edited = Text::new(text.clone());
        let mut whole = text;
        for (index, piece) in cuts {
            let line = index.index(edited.line_count());
            let at = edited.position(edited.line_bounds(line).unwrap().0);
            let offset = edited.offset(at);
            edited.apply(&Change { range: Some(Range { start: at, end: at }), text: piece.text.clone() });
            whole.insert_str(offset, &piece.text);
        }
        prop_assert_eq!(&edited, &Text::new(whole), "line starts, too");
    }
}
