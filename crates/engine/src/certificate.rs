//! What was found about the verified replacement of a hole, for a person and for a program.

use crate::engine::Engine;
use crate::unanswered::Unanswered;
use crate::views::{hole_name, range};
use crate::work::{Offer, Work};
use leanwright_contract::editor::CertificateResult;
use leanwright_lean::Position;

impl Engine {
    /// The offer for the hole at a place.
    pub fn offer_at(&self, uri: &str, position: Position) -> Option<&Offer> {
        match &self.document(uri)?.hole_at(position)?.work {
            Work::Offered(offer) => Some(offer),
            _ => None,
        }
    }

    /// The verdict behind the offer for the hole at a place.
    pub fn certificate(&self, uri: &str, position: Position) -> Result<CertificateResult, Unanswered> {
        let document = self.document(uri).ok_or(Unanswered::NotOpen)?;
        let tracked = document.hole_at(position).ok_or(Unanswered::NoHole)?;
        let Work::Offered(offer) = &tracked.work else {
            return Err(Unanswered::NothingVerified);
        };
        Ok(CertificateResult {
            hole: hole_name(tracked.id),
            version: document.version,
            range: range(document.text.range(&offer.span)),
            replacement: offer.replacement.clone(),
            acceptance: offer.verdict.acceptance(),
            verdict: offer.verdict.clone(),
        })
    }
}
