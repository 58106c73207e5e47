//! Which rules of meaning apply to which guide (SNIP 3 to 7).

use super::finding::Findings;
use super::rule::Rule;
use crate::guide::{GuideKind, Placed};

/// Rules that look at more than one element, over the segments of a set.
pub(crate) trait Check: std::fmt::Debug + Send {
    /// Takes the next segment, from ST to SE.
    fn segment(&mut self, placed: &Placed<'_>, out: &mut Findings);

    /// Ends the set; `last` is where that was noticed.
    fn end_of_set(&mut self, last: crate::x12::Position, out: &mut Findings);
}

/// Returns the checks of a set of this kind, each fresh.
pub(super) fn of(kind: GuideKind) -> Vec<Box<dyn Check>> {
    match kind {
        GuideKind::Claim837P
        | GuideKind::Claim837I
        | GuideKind::Claim837D
        | GuideKind::Payment835
        | GuideKind::Inquiry270
        | GuideKind::Response271
        | GuideKind::StatusRequest276
        | GuideKind::StatusResponse277
        | GuideKind::ClaimAck277
        | GuideKind::Review278
        | GuideKind::Premium820
        | GuideKind::Enrollment834
        | GuideKind::FunctionalAck997
        | GuideKind::ImplementationAck999
        | GuideKind::Control => Vec::new(),
    }
}

/// The rules of all checks.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    std::iter::empty()
}
