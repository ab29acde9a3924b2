//! The type of a term, and whether the term is right.
//!
//! Source: `infer_type_core` and what it calls in `src/kernel/type_checker.cpp`; "The Type System" in the Lean reference. Unlike Lean we put the
//! values of `let` in place of its variables: equal terms are one, so this makes nothing larger.

use crate::checker::Checker;
use crate::failure::{Outcome, Reason};
use crate::terms::Node;
use leanwright_olean::{ExprId, ExprNode, LevelId, LevelNode};

/// Whether a term is known to be right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It came out of terms that are: only its type is asked for.
    Right,
    /// Nothing is known of it: each part is checked.
    Unknown,
}

impl Checker<'_> {
    /// The type of a term that is right.
    pub fn type_of(&mut self, term: ExprId) -> Outcome<ExprId> {
        self.infer(term, Trust::Right)
    }

    /// The type of a term of which nothing is known; a refusal, if it is wrong anywhere.
    pub fn infer(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        if (trust == Trust::Right || self.known.checked.contains_key(&term))
            && let Some(known) = self.known.types.get(&term)
        {
            return Ok(*known);
        }
        let type_ = self.deeper(|checker| checker.infer_new(term, trust))?;
        self.known.types.insert(term, type_);
        if trust == Trust::Unknown {
            self.known.checked.insert(term, ());
        }
        Ok(type_)
    }

    fn infer_new(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        match self.terms.node(term) {
            Node::Bound(_) => Err(Reason::LooseVariable.into()),
            Node::Meta => Err(Reason::MetaVariable.into()),
            Node::Free(name) => self.terms.free_type(name),
            Node::Sort(level) => {
                let above = self.terms.level(LevelNode::Succ(level));
                self.terms.sort(above)
            }
            Node::Const(_) => self.constant_type(term),
            Node::App(..) => self.infer_application(term, trust),
            Node::Lambda(..) => self.infer_lambda(term, trust),
            Node::Pi(..) => self.infer_pi(term, trust),
            Node::Let(..) => self.infer_let(term, trust),
            Node::Nat => self.natural_type(),
            Node::Text => self.text_type(),
            Node::Proj(structure, index, of) => self.infer_projection(structure, index, of, trust),
        }
    }

    /// The level of a type's sort.
    pub fn sort_of(&mut self, type_: ExprId, trust: Trust) -> Outcome<LevelId> {
        let sort = self.infer(type_, trust)?;
        self.as_sort(sort)?.ok_or(Reason::NotAType.into())
    }

    /// The level of a term that is a sort after reduction.
    pub fn as_sort(&mut self, term: ExprId) -> Outcome<Option<LevelId>> {
        if let Node::Sort(level) = self.terms.node(term) {
            return Ok(Some(level));
        }
        let reduced = self.whnf(term)?;
        Ok(if let Node::Sort(level) = self.terms.node(reduced) { Some(level) } else { None })
    }

    /// Whether a term is a proposition: its type is `Prop`.
    pub fn is_proposition(&mut self, type_: ExprId) -> Outcome<bool> {
        let sort = self.type_of(type_)?;
        match self.as_sort(sort)? {
            Some(level) => self.terms.level_is_zero(level),
            None => Ok(false),
        }
    }

    /// Domain and body of a function type, after reduction if need be.
    pub fn as_pi(&mut self, type_: ExprId) -> Outcome<Option<(ExprId, ExprId)>> {
        if let Node::Pi(domain, body) = self.terms.node(type_) {
            return Ok(Some((domain, body)));
        }
        let reduced = self.whnf(type_)?;
        Ok(if let Node::Pi(domain, body) = self.terms.node(reduced) { Some((domain, body)) } else { None })
    }

    /// All arguments of one function at once: its type is looked at binder by binder, and arguments are put in when they are needed.
    fn infer_application(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        let (head, arguments) = self.terms.spine(term);
        let mut type_ = self.infer(head, trust)?;
        // Arguments that have not been put into the type yet.
        let mut waiting = 0;
        for (index, argument) in arguments.iter().enumerate() {
            let (domain, body) = match self.terms.node(type_) {
                Node::Pi(domain, body) => (domain, body),
                _ => {
                    let inside = arguments.get(waiting..index).unwrap_or_default();
                    type_ = self.terms.instantiate(type_, inside)?;
                    waiting = index;
                    self.as_pi(type_)?.ok_or(Reason::NotAFunction)?
                }
            };
            if trust == Trust::Unknown {
                let own = self.infer(*argument, trust)?;
                let inside = arguments.get(waiting..index).unwrap_or_default();
                let wanted = self.terms.instantiate(domain, inside)?;
                if !self.is_equal(own, wanted)? {
                    return Err(Reason::Argument.into());
                }
            }
            type_ = body;
        }
        self.terms.instantiate(type_, arguments.get(waiting..).unwrap_or_default())
    }

    fn infer_lambda(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        let (mut names, mut variables, mut domains) = (Vec::new(), Vec::new(), Vec::new());
        let mut body = term;
        while let Node::Lambda(domain, inner) = self.terms.node(body) {
            let opened = self.terms.instantiate(domain, &variables)?;
            if trust == Trust::Unknown {
                self.sort_of(opened, trust)?;
            }
            let (name, variable) = self.terms.free(opened)?;
            names.push(name);
            variables.push(variable);
            domains.push(domain);
            body = inner;
        }
        let body = self.terms.instantiate(body, &variables)?;
        let type_ = self.infer(body, trust)?;
        let mut type_ = self.terms.bind(type_, &names)?;
        for domain in domains.into_iter().rev() {
            type_ = self.terms.add(ExprNode::Pi(domain, type_))?;
        }
        Ok(type_)
    }

    fn infer_pi(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        let (mut variables, mut levels) = (Vec::new(), Vec::new());
        let mut body = term;
        while let Node::Pi(domain, inner) = self.terms.node(body) {
            let opened = self.terms.instantiate(domain, &variables)?;
            levels.push(self.sort_of(opened, trust)?);
            variables.push(self.terms.free(opened)?.1);
            body = inner;
        }
        let body = self.terms.instantiate(body, &variables)?;
        let mut level = self.sort_of(body, trust)?;
        for domain in levels.into_iter().rev() {
            level = self.terms.level_imax(domain, level);
        }
        self.terms.sort(level)
    }

    fn infer_let(&mut self, term: ExprId, trust: Trust) -> Outcome<ExprId> {
        let mut values = Vec::new();
        let mut body = term;
        while let Node::Let(type_, value, inner) = self.terms.node(body) {
            let value = self.terms.instantiate(value, &values)?;
            if trust == Trust::Unknown {
                let type_ = self.terms.instantiate(type_, &values)?;
                self.sort_of(type_, trust)?;
                let own = self.infer(value, trust)?;
                if !self.is_equal(own, type_)? {
                    return Err(Reason::Let.into());
                }
            }
            values.push(value);
            body = inner;
        }
        let body = self.terms.instantiate(body, &values)?;
        self.infer(body, trust)
    }
}
