//! Writes constants, with all that they mention, in the format of `lean4export` (NDJSON, version 3.1), for other kernels to check.
//!
//! Source: `format_ndjson.md` of the repository `leanprover/lean4export`. What is imported and is never unfolded, theorems
//! and opaque constants, stands as an axiom: the embedded Lean was shipped without these values.

use crate::Modules;
use leanwright_kernel::Library;
use leanwright_olean::{
    Component, Constant, ConstantKind, Details, ExprId, ExprNode, Hints, LevelId, LevelNode, Name, NameId,
    QuotientKind, Safety, Store,
};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

/// What a literal needs, although it mentions nothing.
const OF_LITERALS: [&[&str]; 5] = [&["Nat"], &["String"], &["String", "ofList"], &["Char", "ofNat"], &["List"]];

/// One file of declarations.
pub struct Export<'a, W: Write> {
    store: &'a mut Store,
    modules: &'a mut Modules,
    out: W,
    names: HashMap<NameId, usize>,
    levels: HashMap<LevelId, usize>,
    terms: HashMap<ExprId, usize>,
    declared: HashSet<NameId>,
}

impl<'a, W: Write> Export<'a, W> {
    pub fn new(store: &'a mut Store, modules: &'a mut Modules, mut out: W) -> std::io::Result<Self> {
        let meta = json!({ "exporter": { "name": "leanwright", "version": "0" },
            "lean": { "githash": "", "version": "4.28.0" }, "format": { "version": "3.1.0" } });
        writeln!(out, "{}", json!({ "meta": meta }))?;
        let names = HashMap::from([(NameId::ANONYMOUS, 0)]);
        let (levels, terms, declared) = (HashMap::new(), HashMap::new(), HashSet::new());
        let mut export = Self { store, modules, out, names, levels, terms, declared };
        for parts in OF_LITERALS {
            let name = Name(parts.iter().map(|part| Component::Text((*part).into())).collect());
            let name = export.store.intern_name(&name);
            export.with_imports(name)?;
        }
        Ok(export)
    }

    /// A theorem with its proof, behind all that it mentions.
    pub fn theorem(&mut self, theorem: &Constant) -> std::io::Result<()> {
        for name in theorem.mentions(self.store) {
            self.with_imports(name)?;
        }
        if self.declared.insert(theorem.name) {
            self.write(theorem, true)?;
        }
        Ok(())
    }

    /// An imported constant, behind all that it mentions.
    fn with_imports(&mut self, name: NameId) -> std::io::Result<()> {
        let mut waiting = vec![(name, false)];
        while let Some((name, ready)) = waiting.pop() {
            if self.declared.contains(&name) {
                continue;
            }
            let group = self.group(name);
            if ready {
                self.declared.extend(group.iter().map(|constant| constant.name));
                self.write_group(&group)?;
                continue;
            }
            waiting.push((name, true));
            let own: HashSet<NameId> = group.iter().map(|constant| constant.name).collect();
            for constant in &group {
                let seen = if matches!(constant.kind, ConstantKind::Theorem | ConstantKind::Opaque) {
                    self.store.constants_of(constant.type_)
                } else {
                    constant.mentions(self.store)
                };
                waiting.extend(seen.into_iter().filter(|name| !own.contains(name)).map(|name| (name, false)));
            }
        }
        Ok(())
    }

    fn constant(&mut self, name: NameId) -> Option<Arc<Constant>> {
        self.modules.constant(name, self.store).expect("a constant")
    }

    /// What is declared together with a constant: itself, or the types, constructors and recursors of one declaration, or the quotient type.
    fn group(&mut self, name: NameId) -> Vec<Arc<Constant>> {
        let Some(constant) = self.constant(name) else { return Vec::new() };
        let all = match &constant.details {
            Details::Inductive(inductive) => inductive.all.clone(),
            Details::Recursor(recursor) => recursor.all.clone(),
            Details::Constructor(constructor) => return self.group(constructor.inductive),
            Details::Quotient(_) => {
                let names = ["", "mk", "lift", "ind"].map(|last| {
                    let parts = ["Quot", last].into_iter().filter(|part| !part.is_empty());
                    Name(parts.map(|part| Component::Text(part.into())).collect())
                });
                return names
                    .iter()
                    .filter_map(|name| {
                        let name = self.store.intern_name(name);
                        self.constant(name)
                    })
                    .collect();
            }
            _ => return vec![constant],
        };
        let mut group = Vec::new();
        for name in &all {
            let type_ = self.constant(*name).expect("a type");
            let Details::Inductive(inductive) = &type_.details else { continue };
            let constructors = inductive.constructors.clone();
            group.push(Arc::clone(&type_));
            group.extend(constructors.into_iter().filter_map(|name| self.constant(name)));
            let nested = if *name == all[0] { inductive.num_nested } else { 0 };
            let recursors =
                (0..=nested).map(|index| if index == 0 { "rec".to_owned() } else { format!("rec_{index}") });
            for last in recursors.collect::<Vec<_>>() {
                let name = self.store.child_name(*name, Component::Text(last.as_str().into()));
                group.extend(self.constant(name));
            }
        }
        group
    }

    fn write_group(&mut self, group: &[Arc<Constant>]) -> std::io::Result<()> {
        if !group.iter().any(|constant| constant.kind == ConstantKind::Inductive) {
            return group.iter().try_for_each(|constant| self.write(constant, false));
        }
        let mut parts: [Vec<Value>; 3] = Default::default();
        for constant in group {
            let place = match constant.kind {
                ConstantKind::Inductive => 0,
                ConstantKind::Constructor => 1,
                _ => 2,
            };
            let value = self.member(constant)?;
            parts[place].push(value);
        }
        let [types, constructors, recursors] = parts;
        self.line(&json!({ "inductive": { "types": types, "ctors": constructors, "recs": recursors } }))
    }

    /// One of the constants of an inductive declaration.
    fn member(&mut self, constant: &Constant) -> std::io::Result<Value> {
        let mut value = self.head(constant)?;
        let mut put = |key: &str, field: Value| value[key] = field;
        match &constant.details {
            Details::Inductive(it) => {
                put("numParams", it.num_params.into());
                put("numIndices", it.num_indices.into());
                put("all", self.names(&it.all)?);
                put("ctors", self.names(&it.constructors)?);
                put("numNested", it.num_nested.into());
                put("isRec", it.is_recursive.into());
                put("isUnsafe", it.is_unsafe.into());
                put("isReflexive", it.is_reflexive.into());
            }
            Details::Constructor(it) => {
                put("induct", self.name(it.inductive)?.into());
                put("cidx", it.index.into());
                put("numParams", it.num_params.into());
                put("numFields", it.num_fields.into());
                put("isUnsafe", it.is_unsafe.into());
            }
            Details::Recursor(it) => {
                put("all", self.names(&it.all)?);
                put("numParams", it.num_params.into());
                put("numIndices", it.num_indices.into());
                put("numMotives", it.num_motives.into());
                put("numMinors", it.num_minors.into());
                let mut rules = Vec::new();
                for rule in &it.rules {
                    let constructor = self.name(rule.constructor)?;
                    rules.push(json!({ "ctor": constructor, "nfields": rule.num_fields, "rhs": self.term(rule.rhs)? }));
                }
                put("rules", rules.into());
                put("k", it.k.into());
                put("isUnsafe", it.is_unsafe.into());
            }
            _ => {}
        }
        Ok(value)
    }

    fn head(&mut self, constant: &Constant) -> std::io::Result<Value> {
        let name = self.name(constant.name)?;
        let (params, type_) = (self.names(&constant.level_params)?, self.term(constant.type_)?);
        Ok(json!({ "name": name, "levelParams": params, "type": type_ }))
    }

    /// A declaration of one constant.
    fn write(&mut self, constant: &Constant, with_proof: bool) -> std::io::Result<()> {
        let mut body = self.head(constant)?;
        let believed = matches!(constant.kind, ConstantKind::Theorem | ConstantKind::Opaque) && !with_proof;
        let value = constant.value.filter(|_| !believed);
        if let Some(value) = value {
            body["value"] = self.term(value)?.into();
            body["all"] = self.names(&[constant.name])?;
        }
        let key = match &constant.details {
            Details::Quotient(kind) => {
                body["kind"] = match kind {
                    QuotientKind::Type => "type",
                    QuotientKind::Constructor => "ctor",
                    QuotientKind::Lift => "lift",
                    QuotientKind::Induction => "ind",
                }
                .into();
                "quot"
            }
            Details::Theorem if value.is_some() => "thm",
            Details::Definition { safety, hints } if value.is_some() => {
                body["hints"] = match hints {
                    Hints::Opaque => "opaque".into(),
                    Hints::Abbreviation => "abbrev".into(),
                    Hints::Regular(height) => json!({ "regular": height }),
                };
                body["safety"] = match safety {
                    Safety::Safe => "safe",
                    Safety::Unsafe => "unsafe",
                    Safety::Partial => "partial",
                }
                .into();
                "def"
            }
            _ => {
                body["isUnsafe"] = false.into();
                "axiom"
            }
        };
        self.line(&json!({ key: body }))
    }

    fn line(&mut self, value: &Value) -> std::io::Result<()> {
        writeln!(self.out, "{value}")
    }

    fn names(&mut self, names: &[NameId]) -> std::io::Result<Value> {
        names.iter().map(|name| self.name(*name)).collect::<Result<Vec<_>, _>>().map(Value::from)
    }

    fn name(&mut self, id: NameId) -> std::io::Result<usize> {
        if let Some(known) = self.names.get(&id) {
            return Ok(*known);
        }
        let mut name = self.store.name(id);
        let last = name.0.pop();
        let prefix = self.store.intern_name(&name);
        let prefix = self.name(prefix)?;
        let place = self.names.len();
        self.names.insert(id, place);
        match last {
            Some(Component::Text(text)) => {
                self.line(&json!({ "str": { "pre": prefix, "str": &*text }, "in": place }))?
            }
            Some(Component::Number(number)) => {
                self.line(&json!({ "num": { "pre": prefix, "i": number }, "in": place }))?
            }
            None => {}
        }
        Ok(place)
    }

    fn level(&mut self, id: LevelId) -> std::io::Result<usize> {
        if let Some(known) = self.levels.get(&id) {
            return Ok(*known);
        }
        let node = self.store.level(id).expect("a level").clone();
        let mut line = match node {
            LevelNode::Zero => {
                self.levels.insert(id, 0);
                return Ok(0);
            }
            LevelNode::Succ(level) => json!({ "succ": self.level(level)? }),
            LevelNode::Max(one, other) => json!({ "max": [self.level(one)?, self.level(other)?] }),
            LevelNode::IMax(one, other) => json!({ "imax": [self.level(one)?, self.level(other)?] }),
            LevelNode::Param(name) | LevelNode::Meta(name) => json!({ "param": self.name(name)? }),
        };
        // Zero is the level 0 whether it was asked for or not.
        let zero = usize::from(!self.levels.values().any(|place| *place == 0));
        let place = self.levels.len() + zero;
        self.levels.insert(id, place);
        line["il"] = place.into();
        self.line(&line)?;
        Ok(place)
    }

    fn term(&mut self, root: ExprId) -> std::io::Result<usize> {
        let mut parts = Vec::new();
        self.store.visit(root, |id, _| parts.push(id));
        // What a term is made of stands before it in the store.
        parts.sort_unstable();
        for id in parts {
            if self.terms.contains_key(&id) {
                continue;
            }
            let node = self.store.expr(id).expect("a term").clone();
            let known = |id: ExprId| self.terms[&id];
            let binder =
                |type_, body| json!({ "name": 0, "type": known(type_), "body": known(body), "binderInfo": "default" });
            let mut line = match node {
                ExprNode::Bound(index) => json!({ "bvar": index }),
                ExprNode::Free(_) | ExprNode::Meta(_) => json!({ "bvar": u32::MAX }),
                ExprNode::Sort(level) => json!({ "sort": self.level(level)? }),
                ExprNode::Const(name, levels) => {
                    let levels = levels.iter().map(|level| self.level(*level)).collect::<Result<Vec<_>, _>>()?;
                    json!({ "const": { "name": self.name(name)?, "us": levels } })
                }
                ExprNode::App(function, argument) => {
                    json!({ "app": { "fn": known(function), "arg": known(argument) } })
                }
                ExprNode::Lambda(type_, body) => json!({ "lam": binder(type_, body) }),
                ExprNode::Pi(type_, body) => json!({ "forallE": binder(type_, body) }),
                ExprNode::Let(type_, value, body) => json!({ "letE": { "name": 0, "type": known(type_),
                    "value": known(value), "body": known(body), "nondep": false } }),
                ExprNode::Nat(digits) => json!({ "natVal": decimal(&digits) }),
                ExprNode::Text(text) => json!({ "strVal": &*text }),
                ExprNode::Proj(name, index, of) => {
                    let of = known(of);
                    json!({ "proj": { "typeName": self.name(name)?, "idx": index, "struct": of } })
                }
            };
            let place = self.terms.len();
            self.terms.insert(id, place);
            line["ie"] = place.into();
            self.line(&line)?;
        }
        Ok(self.terms[&root])
    }
}

/// A number that is written little-endian.
fn decimal(digits: &[u8]) -> String {
    num_bigint::BigUint::from_bytes_le(digits).to_string()
}
