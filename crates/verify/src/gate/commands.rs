//! What begins a command, as data: the commands that are built into Lean, and those that the imported modules and the file
//! itself declare. Whoever asks refuses every one of these tokens, so a word too many costs an unusual name and no more.

use leanwright_olean::{Component, Constant, Entry, ExprId, ExprNode, Name, NameId, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The first tokens of the commands and of the modifiers before them that are built into Lean, from 4.26 to 4.36: `src/Lean/Parser/Command.lean`,
/// `Syntax.lean`, `Term.lean` (`declModifiers`, `attrKind`), `Module.lean`, `Do.lean`, `src/Lean/Elab/BuiltinNotation.lean` and what their
/// `builtin_command_parser` attributes name; and some of `Init`'s.
/// `open` and `set_option` are missing: they begin terms and tactics as well and have a rule of their own.
const BUILT_IN: &[&str] = &[
    // Declarations and their modifiers.
    "abbrev",
    "axiom",
    "class",
    "coinductive",
    "def",
    "example",
    "inductive",
    "instance",
    "opaque",
    "structure",
    "theorem",
    "private",
    "public",
    "protected",
    "meta",
    "noncomputable",
    "unsafe",
    "partial",
    "nonrec",
    "local",
    "scoped",
    "@[",
    "/--",
    "/-!",
    "deriving",
    "mutual",
    "initialize",
    "builtin_initialize",
    "init_quot",
    // Scopes.
    "section",
    "namespace",
    "end",
    "variable",
    "universe",
    "include",
    "omit",
    "export",
    "import",
    "with_weak_namespace",
    "end_local_scope",
    "attribute",
    // Syntax.
    "notation",
    "infix",
    "infixl",
    "infixr",
    "prefix",
    "postfix",
    "macro",
    "macro_rules",
    "syntax",
    "elab",
    "elab_rules",
    "declare_syntax_cat",
    "binder_predicate",
    "unif_hint",
    "grind_pattern",
    "grind_propagator",
    "builtin_grind_propagator",
    "init_grind_norm",
    "simproc",
    "dsimproc",
    "simproc_decl",
    "dsimproc_decl",
    "builtin_simproc",
    "builtin_dsimproc",
    "builtin_simproc_decl",
    "builtin_dsimproc_decl",
    "simproc_pattern%",
    "builtin_simproc_pattern%",
    "declare_simp_like_tactic",
    "declare_config_elab",
    "declare_term_config_elab",
    "declare_command_config_elab",
    "seal",
    "unseal",
    "suppress_compilation",
    "unsuppress_compilation",
    // Documentation, options, registration.
    "add_decl_doc",
    "docs_to_verso",
    "tactic_extension",
    "recommended_spelling",
    "gen_injective_theorems%",
    "register_builtin_option",
    "register_option",
    "register_simp_attr",
    "register_label_attr",
    "register_tactic_tag",
    "register_parser_alias",
    "register_error_explanation",
    "register_linter_set",
    "register_try?_tactic",
    "register_grind_attr",
    "register_sym_simp",
    "doc_code_block",
    "run_cmd",
    "run_elab",
    "run_meta",
    "assert_not_exists",
    "assert_not_imported",
    "declare_uint_theorems",
    "declare_int_theorems",
    "declare_sint_simprocs",
    "declare_uint_simprocs",
    "declare_bitwise_uint_theorems",
    "declare_bitwise_int_theorems",
    "show_panel_widgets",
    "aux_def",
    "reprove",
    "elab_stx_quot",
    "declare_config_getter",
    "grind_annotated",
    "norm_cast_add_elim",
    "reset_grind_attrs%",
    "set_library_suggestions",
    "test_extern",
];

/// Parsers of commands that Lean's own library declares with one of the tokens above or with one that begins with `#`, for a library that was
/// shipped without their values. Seen in 4.28.
const OF_THE_LIBRARY: &[&str] = &[
    "Lean.Elab.Command.aux_def",
    "Lean.Elab.Command.reprove",
    "Lean.Elab.Tactic.commandConfigElab",
    "Lean.Elab.Tactic.configElab",
    "Lean.Elab.Term.Quotation.commandElab_stx_quot_",
    "Lean.Elab.elabConfigGetter",
    "Lean.Grind.grindLintCheck",
    "Lean.Grind.grindLintInspect",
    "Lean.Grind.grindLintMute",
    "Lean.Grind.grindLintSkip",
    "Lean.Linter.«command_Register_linter_set_:=_»",
    "Lean.Option.registerBuiltinOption",
    "Lean.Option.registerOption",
    "Lean.Parser.Command.InternalSyntax.end_local_scope",
    "Lean.Parser.Command.classAbbrev",
    "Lean.Parser.Command.grindAnnotated",
    "Lean.Parser.Command.guardCmd",
    "Lean.Parser.Command.guardExprCmd",
    "Lean.Parser.Command.registerGrindAttr",
    "Lean.Parser.Command.registerLabelAttr",
    "Lean.Parser.Command.registerSimpAttr",
    "Lean.Parser.Command.registerTryTactic",
    "Lean.Parser.Tactic.declareSimpLikeTactic",
    "Lean.Parser.Tactic.normCastAddElim",
    "Lean.Parser.checkSimp",
    "Lean.Parser.checkSimpFailure",
    "Lean.Parser.checkTactic",
    "Lean.Parser.checkTacticFailure",
    "Lean.Parser.commandSeal__",
    "Lean.Parser.commandUnseal__",
    "Lean.Parser.discrTreeKeyCmd",
    "Lean.Parser.discrTreeSimpKeyCmd",
    "Lean.Parser.resetGrindAttrs",
    "Lean.Parser.simprocPattern",
    "Lean.Parser.simprocPatternBuiltin",
    "Lean.Parser.timeCmd",
    "Lean.Parser.«command_Builtin_dsimproc_decl_(_):=_»",
    "Lean.Parser.«command_Builtin_grind_propagator____:=_»",
    "Lean.Parser.«command_Builtin_simproc_decl_(_):=_»",
    "Lean.Parser.«command_Dsimproc_decl_(_):=_»",
    "Lean.Parser.«command_Grind_propagator___(_):=_»",
    "Lean.Parser.«command_Simproc_decl_(_):=_»",
    "Lean.Parser.«command__Builtin_dsimproc__[_]_(_):=_»",
    "Lean.Parser.«command__Builtin_simproc__[_]_(_):=_»",
    "Lean.Parser.«command__Dsimproc__[_]_(_):=_»",
    "Lean.Parser.«command__Simproc__[_]_(_):=_»",
    "Lean.Widget.showPanelWidgetsCmd",
    "Lean.Widget.widgetCmd",
    "Lean.guardMsgsCmd",
    "Lean.infoTreesCmd",
    "Lean.reduceCmd",
    "Lean.runCmd",
    "Lean.runElab",
    "Lean.runMeta",
    "Lean.setLibrarySuggestionsCmd",
    "Lean.«command__Unif_hint____Where_|_-⊢_»",
    "commandDeclare_bitwise_int_theorems__",
    "commandDeclare_bitwise_uint_theorems__",
    "commandDeclare_int_theorems__",
    "commandDeclare_sint_simprocs_",
    "commandDeclare_uint_simprocs_",
    "commandDeclare_uint_theorems__",
    "testExternCmd",
];

/// The extension that keeps the parsers of a module.
pub fn parsers() -> Name {
    Name::from_texts(["Lean", "Parser", "parserExtension"])
}

/// What may begin a command in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandStarts {
    /// First tokens, beside those that are built in.
    pub tokens: BTreeSet<String>,
    /// Parsers of commands whose first token is not known.
    pub unknown: BTreeSet<String>,
}

impl CommandStarts {
    /// What a module declares: `entries` are those of `PARSERS` in it, `constant` finds a constant of it.
    pub fn of<'c>(entries: &[Entry], store: &Store, constant: impl Fn(NameId) -> Option<&'c Constant>) -> Self {
        let mut starts = Self::default();
        let Some(command) = store.find_name(&Name::from_texts(["command"])) else { return starts };
        // An entry for a parser names its category and its declaration.
        for name in entries.iter().filter(|entry| entry.names.contains(&command)).flat_map(|entry| &entry.names) {
            if let Some(parser) = constant(*name) {
                starts.add(parser, store);
            }
        }
        starts
    }

    pub fn extend(&mut self, other: &Self) {
        self.tokens.extend(other.tokens.iter().cloned());
        self.unknown.extend(other.unknown.iter().cloned());
    }

    fn add(&mut self, parser: &Constant, store: &Store) {
        let mut first = First { store, tokens: BTreeSet::new() };
        match parser.value.map(|value| first.read(value)) {
            // A parser that may read nothing at all begins with whatever follows.
            Some(Reads::Something) => self.tokens.extend(first.tokens),
            _ => {
                let name = store.name(parser.name).to_string();
                if !OF_THE_LIBRARY.contains(&name.as_str()) {
                    self.unknown.insert(name);
                }
            }
        }
    }

    /// The command that begins where `rest` does, `word` being the identifier there if there is one.
    pub fn begins(&self, rest: &str, word: Option<&str>) -> Option<&str> {
        let is_it = |token: &str| match word {
            // An identifier is read to its end before it is compared with a token.
            Some(word) if token.chars().all(leanwright_lean::lexer::is_identifier_rest) => word == token,
            _ => rest.starts_with(token),
        };
        BUILT_IN.iter().copied().chain(self.tokens.iter().map(String::as_str)).find(|token| is_it(token))
    }
}

/// What a description of a parser reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// At least one token, the first of which is known.
    Something,
    /// Perhaps nothing; what it may begin with is known.
    PerhapsNothing,
    Unknown,
}

/// Parsers that may read nothing and begin with a token that is built in, or that read nothing.
pub(super) const OPTIONAL: &[&[&str]] = &[
    &["Lean", "Parser", "Command", "declModifiers"],
    &["Lean", "Parser", "Command", "declModifiersF"],
    &["Lean", "Parser", "Command", "declModifiersT"],
    &["Lean", "Parser", "Term", "attrKind"],
    &["Lean", "Parser", "Command", "visibility"],
    &["Lean", "Parser", "Command", "docComment"],
    &["Lean", "Parser", "Command", "plainDocComment"],
    &["Lean", "Parser", "Term", "attributes"],
    &["declModifiers"],
    &["nestedDeclModifiers"],
    &["attrKind"],
    &["visibility"],
    &["docComment"],
    &["plainDocComment"],
    &["attributes"],
    &["ppSpace"],
    &["ppLine"],
    &["ppHardSpace"],
    &["ppHardLineUnlessUngrouped"],
    &["ppAllowUngrouped"],
    &["skip"],
];

/// Reads what a `Lean.ParserDescr` begins with, from its compiled term. A description is as deep as its author has written it; what is
/// deeper than `MAX_DEPTH` is not known.
struct First<'a> {
    store: &'a Store,
    tokens: BTreeSet<String>,
}

const MAX_DEPTH: usize = 256;

impl First<'_> {
    fn read(&mut self, term: ExprId) -> Reads {
        self.read_at(term, 0)
    }

    fn read_at(&mut self, term: ExprId, depth: usize) -> Reads {
        let (head, arguments) = self.spine(term);
        let Some(head) = head.filter(|_| depth < MAX_DEPTH) else { return Reads::Unknown };
        let name = self.store.name(head);
        let [.., Component::Text(family), Component::Text(constructor)] = name.0.as_slice() else {
            return Reads::Unknown;
        };
        if **family != *"ParserDescr" {
            return Reads::Unknown;
        }
        match (&**constructor, arguments.as_slice()) {
            ("symbol" | "nonReservedSymbol", [text, ..]) => self.symbol(*text),
            ("unicodeSymbol", [one, other, ..]) => match (self.symbol(*one), self.symbol(*other)) {
                (Reads::Something, Reads::Something) => Reads::Something,
                _ => Reads::Unknown,
            },
            ("node" | "trailingNode" | "nodeWithAntiquot", [.., inner]) => self.read_at(*inner, depth + 1),
            ("sepBy", [inner, ..]) => self.optionally(*inner, depth),
            ("sepBy1", [inner, ..]) => self.read_at(*inner, depth + 1),
            ("const" | "parser", [name]) => self.by_name(*name),
            ("unary", [name, inner]) => match self.quoted(*name).as_deref() {
                Some("optional" | "many" | "manyIndent" | "lookahead" | "notFollowedBy") => {
                    self.optionally(*inner, depth)
                }
                Some(
                    "group" | "atomic" | "many1" | "many1Indent" | "ppDedent" | "ppIndent" | "ppGroup" | "ppRealGroup"
                    | "ppRealFill" | "ppRealIndent" | "ppDedentIfGrouped" | "withPosition" | "withoutPosition"
                    | "withoutForbidden" | "recover" | "interpolatedStr" | "patternIgnore" | "withForbidden",
                ) => self.read_at(*inner, depth + 1),
                _ => Reads::Unknown,
            },
            ("binary", [name, one, other]) => match self.quoted(*name).as_deref() {
                Some("andthen") => match self.read_at(*one, depth + 1) {
                    Reads::PerhapsNothing => self.read_at(*other, depth + 1),
                    known => known,
                },
                Some("orelse") => match (self.read_at(*one, depth + 1), self.read_at(*other, depth + 1)) {
                    (Reads::Something, Reads::Something) => Reads::Something,
                    (Reads::Unknown, _) | (_, Reads::Unknown) => Reads::Unknown,
                    _ => Reads::PerhapsNothing,
                },
                _ => Reads::Unknown,
            },
            _ => Reads::Unknown,
        }
    }

    fn optionally(&mut self, inner: ExprId, depth: usize) -> Reads {
        match self.read_at(inner, depth + 1) {
            Reads::Unknown => Reads::Unknown,
            _ => Reads::PerhapsNothing,
        }
    }

    fn symbol(&mut self, text: ExprId) -> Reads {
        match self.store.expr(text) {
            Some(ExprNode::Text(text)) if !text.trim().is_empty() => {
                self.tokens.insert(text.trim().to_owned());
                Reads::Something
            }
            _ => Reads::Unknown,
        }
    }

    fn by_name(&self, name: ExprId) -> Reads {
        match self.quoted_name(name) {
            Some(name) if OPTIONAL.iter().any(|known| name.iter().map(String::as_str).eq(known.iter().copied())) => {
                Reads::PerhapsNothing
            }
            _ => Reads::Unknown,
        }
    }

    /// The head and the arguments of an application.
    fn spine(&self, mut term: ExprId) -> (Option<NameId>, Vec<ExprId>) {
        let mut arguments = Vec::new();
        loop {
            match self.store.expr(term) {
                Some(ExprNode::App(function, argument)) if arguments.len() < MAX_DEPTH => {
                    arguments.push(*argument);
                    term = *function;
                }
                Some(ExprNode::Const(name, _)) => {
                    arguments.reverse();
                    return (Some(*name), arguments);
                }
                _ => return (None, Vec::new()),
            }
        }
    }

    /// A quoted name of one component.
    fn quoted(&self, term: ExprId) -> Option<String> {
        match self.quoted_name(term)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// `Lean.Name.mkStr1 "a"`, `Lean.Name.mkStr2 "a" "b"` and so on, and `Lean.Name.str`.
    fn quoted_name(&self, mut term: ExprId) -> Option<Vec<String>> {
        let text = |term: &ExprId| match self.store.expr(*term) {
            Some(ExprNode::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let mut behind = Vec::new();
        for _ in 0..MAX_DEPTH {
            let (head, arguments) = self.spine(term);
            let head = self.store.name(head?);
            let Some(Component::Text(constructor)) = head.0.last() else { return None };
            match (&**constructor, arguments.as_slice()) {
                ("str", [prefix, component]) => {
                    behind.push(text(component)?);
                    term = *prefix;
                }
                ("anonymous", []) => {
                    behind.reverse();
                    return Some(behind);
                }
                (constructor, arguments) if constructor.starts_with("mkStr") || constructor == "mkSimple" => {
                    let front: Option<Vec<String>> = arguments.iter().map(text).collect();
                    return Some(front?.into_iter().chain(behind.into_iter().rev()).collect());
                }
                _ => return None,
            }
        }
        None
    }
}
