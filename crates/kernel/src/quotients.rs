//! What quotients compute: a function that respects the relation, and a proof for all representatives, at `Quot.mk`.
//!
//! Source: `src/kernel/quot.h`; "Quotients" in the Lean reference. The constants are known by what the module says of them, not by their names: Lean's own
//! kernel makes them, and new ones are refused.

use crate::checker::Checker;
use crate::failure::Outcome;
use leanwright_olean::{Details, ExprId, QuotientKind};

impl Checker<'_> {
    /// `Quot.lift f h (Quot.mk r a)` is `f a`, `Quot.ind h (Quot.mk r a)` is `h a`.
    pub fn reduce_quotient(&mut self, kind: QuotientKind, arguments: &[ExprId]) -> Outcome<Option<ExprId>> {
        let (function, quotient) = match kind {
            QuotientKind::Lift => (3, 5),
            QuotientKind::Induction => (3, 4),
            QuotientKind::Type | QuotientKind::Constructor => return Ok(None),
        };
        let rest = arguments.get(quotient + 1..).unwrap_or_default();
        let (Some(function), Some(quotient)) = (arguments.get(function), arguments.get(quotient)) else {
            return Ok(None);
        };
        let made = self.whnf(*quotient)?;
        let Some((_, name)) = self.terms.head_constant(made) else { return Ok(None) };
        if self.constant(name)?.details != Details::Quotient(QuotientKind::Constructor) {
            return Ok(None);
        }
        let (_, of_constructor) = self.terms.spine(made);
        let [_, _, representative] = of_constructor.as_slice() else { return Ok(None) };
        let result = self.terms.app(*function, *representative)?;
        self.terms.apply(result, rest).map(Some)
    }
}
