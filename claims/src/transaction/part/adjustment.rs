//! CAS.

use mentalspace_core::Money;
use serde::{Deserialize, Serialize};

use super::{Count, Element, Field, List, Part, Text, element, push};
use crate::x12::{Segment, SegmentWriter};

/// Why the whole charge was not paid (CAS): a group and up to six reasons.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adjustment {
    /// CAS01: on whose account.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub group: Text,
    /// The reasons.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub reasons: List<AdjustmentReason>,
}

/// A reason with what it took away: a positive amount lowers the payment.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdjustmentReason {
    /// Claim adjustment reason code.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub reason: Text,
    /// Amount.
    #[serde(skip_serializing_if = "Element::is_absent")]
    pub amount: Field<Money>,
    /// Units.
    #[serde(skip_serializing_if = "Element::is_absent")]
    pub quantity: Field<Count>,
}

crate::text::silent_debug!(Adjustment, AdjustmentReason);

impl AdjustmentReason {
    fn is_absent(&self) -> bool {
        self.reason.is_empty() && self.amount.is_absent() && self.quantity.is_absent()
    }
}

impl Part for Adjustment {
    const ID: &'static str = "CAS";

    #[inline]
    fn read(segment: &Segment<'_>) -> Self {
        let mut elements = segment.elements();
        let group = element::next(segment, &mut elements);
        let mut reasons = List::new();
        while let Some(reason) = elements.next() {
            let reason = AdjustmentReason {
                reason: Text::of(reason),
                amount: element::next(segment, &mut elements),
                quantity: element::next(segment, &mut elements),
            };
            if !reason.is_absent() {
                push(&mut reasons, reason);
            }
        }
        Self { group, reasons }
    }

    fn unreadable(&self) -> Option<u8> {
        let bad = |r: &AdjustmentReason| r.amount.is_unreadable() || r.quantity.is_unreadable();
        self.reasons.iter().position(bad).map(|at| u8::try_from(at * 3 + 3).unwrap_or(u8::MAX))
    }

    fn elements<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        self.reasons.iter().fold(self.group.write(out), |out, reason| {
            reason.quantity.write(reason.amount.write(reason.reason.write(out)))
        })
    }
}
