//! Proofs and statements that Lean has compiled, changed at random: the same mutants in every run with the same seed.

use crate::Modules;
use leanwright_kernel::Library;
use leanwright_olean::{Constant, ConstantKind, ExprId, ExprNode, LevelNode, Store};
use std::collections::HashMap;
use std::path::PathBuf;

/// Random numbers that are the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed | 1))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }
}

/// A theorem of which one part was changed.
pub struct Mutant {
    pub original: Constant,
    pub changed: Constant,
    /// The change is in the statement; else it is in the proof.
    pub in_statement: bool,
}

/// The theorems of some modules, and all parts of their terms.
pub struct Theorems {
    pub all: Vec<Constant>,
    parts: Vec<ExprId>,
}

impl Theorems {
    pub fn read(files: &[PathBuf], modules: &mut Modules, store: &mut Store) -> Self {
        let mut constants = Vec::new();
        for path in files {
            let (module, names) = modules.add(path, store);
            constants.extend((0..names.len()).map(|index| modules.read(module, index, store)));
        }
        let all: Vec<Constant> = constants.into_iter().filter(|it| it.kind == ConstantKind::Theorem).collect();
        let mut parts = Vec::new();
        store.visit_all(all.iter().flat_map(Constant::terms), |id, _| parts.push(id));
        Self { all, parts }
    }

    /// The next mutant; none if the change that was drawn is none.
    pub fn mutant(&self, store: &mut Store, modules: &mut Modules, random: &mut Random) -> Option<Mutant> {
        let original = self.all[random.below(self.all.len())].clone();
        let in_statement = random.below(4) == 0;
        let root = if in_statement { original.type_ } else { original.value.expect("a proof") };
        let mut own = Vec::new();
        store.visit(root, |id, _| own.push(id));
        let target = own[random.below(own.len())];
        let by = self.change(target, store, modules, random)?;
        let new_root = replaced(root, target, by, store, random);
        let mut changed = original.clone();
        if in_statement {
            changed.type_ = new_root;
        } else {
            changed.value = Some(new_root);
        }
        (new_root != root).then_some(Mutant { original, changed, in_statement })
    }

    /// Another term in place of one.
    fn change(&self, target: ExprId, store: &mut Store, modules: &mut Modules, random: &mut Random) -> Option<ExprId> {
        let any = self.parts[random.below(self.parts.len())];
        let node = match (store.expr(target)?.clone(), random.below(4)) {
            (_, 0) => return Some(any),
            (ExprNode::Bound(index), 1) => ExprNode::Bound(index + 1),
            (ExprNode::Bound(index), _) => ExprNode::Bound(index.checked_sub(1)?),
            (ExprNode::Nat(digits), _) => {
                let mut digits = digits.to_vec();
                let first = digits.first().copied().unwrap_or(0).wrapping_add(1);
                if digits.is_empty() {
                    digits.push(first)
                } else {
                    digits[0] = first
                }
                ExprNode::Nat(digits.into())
            }
            (ExprNode::Text(text), _) => ExprNode::Text(format!("{text}!").into()),
            (ExprNode::Sort(level), _) => ExprNode::Sort(store.intern_level(LevelNode::Succ(level))),
            (ExprNode::Const(name, levels), 1) if !levels.is_empty() => {
                let mut levels = levels.to_vec();
                let place = random.below(levels.len());
                levels[place] = store.intern_level(LevelNode::Succ(levels[place]));
                ExprNode::Const(name, levels.into())
            }
            // A constant of as many levels from somewhere else in the files.
            (ExprNode::Const(_, levels), _) => {
                (0..50).find_map(|_| match store.expr(self.parts[random.below(self.parts.len())])? {
                    ExprNode::Const(other, own) if own.len() == levels.len() => {
                        Some(ExprNode::Const(*other, levels.clone()))
                    }
                    _ => None,
                })?
            }
            (ExprNode::App(f, a), 1) => match store.expr(f)?.clone() {
                ExprNode::App(g, b) => {
                    let swapped = store.intern_expr(ExprNode::App(g, a));
                    ExprNode::App(swapped, b)
                }
                _ => return Some(a),
            },
            (ExprNode::App(f, a), 2) => ExprNode::App(a, f),
            (ExprNode::App(f, _), _) => return Some(f),
            (ExprNode::Lambda(a, b), 1) => ExprNode::Lambda(a, store.intern_expr(ExprNode::Lambda(a, b))),
            (ExprNode::Lambda(_, b), 2) => return Some(b),
            (ExprNode::Lambda(a, b), _) => ExprNode::Pi(a, b),
            (ExprNode::Pi(_, b), 1) => return Some(b),
            (ExprNode::Pi(a, b), 2) => ExprNode::Pi(b, a),
            (ExprNode::Pi(a, b), _) => ExprNode::Lambda(a, b),
            (ExprNode::Let(_, _, c), 1) => return Some(c),
            (ExprNode::Let(a, _, c), _) => ExprNode::Let(a, any, c),
            (ExprNode::Proj(name, index, of), 1) => ExprNode::Proj(name, index + 1, of),
            (ExprNode::Proj(name, index, of), _) => ExprNode::Proj(name, index ^ 1, of),
            (ExprNode::Free(_) | ExprNode::Meta(_), _) => return None,
        };
        // A theorem instead of another one: half of the constants are.
        if let ExprNode::Const(name, _) = node {
            modules.constant(name, store).ok()??;
        }
        Some(store.intern_expr(node))
    }
}

/// A term with one part replaced, everywhere or on one path.
fn replaced(root: ExprId, target: ExprId, by: ExprId, store: &mut Store, random: &mut Random) -> ExprId {
    let everywhere = random.below(2) == 0;
    let mut order = Vec::new();
    store.visit(root, |id, _| order.push(id));
    order.sort_unstable();
    let mut new: HashMap<ExprId, ExprId> = HashMap::new();
    for id in order {
        if id == target {
            new.insert(id, by);
            continue;
        }
        let mut once = false;
        let mut part = |id: ExprId| match new.get(&id) {
            Some(changed) if *changed != id && (everywhere || !once) => {
                once = true;
                *changed
            }
            _ => id,
        };
        let node = match store.expr(id).unwrap().clone() {
            ExprNode::App(a, b) => ExprNode::App(part(a), part(b)),
            ExprNode::Lambda(a, b) => ExprNode::Lambda(part(a), part(b)),
            ExprNode::Pi(a, b) => ExprNode::Pi(part(a), part(b)),
            ExprNode::Let(a, b, c) => ExprNode::Let(part(a), part(b), part(c)),
            ExprNode::Proj(name, index, a) => ExprNode::Proj(name, index, part(a)),
            other => other,
        };
        let changed = store.intern_expr(node);
        new.insert(id, changed);
    }
    new.get(&root).copied().unwrap_or(root)
}
