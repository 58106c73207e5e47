//! The status of claims: the inquiry (276) and the response (277), X12 005010X212.
//!
//! Both have one shape, [`ClaimStatus`]. An inquiry names claims by their [`StatusClaim::traces`], references, amounts
//! and dates; a response adds the [`Status`]es of each level. What a status means is told by its category
//! ([`Outcome`]), never by its action code. [`StatusQuestion`] builds an inquiry about one claim.
//!
//! The loops of claims and service lines are shared with the claim acknowledgement
//! ([`claim_acknowledgement`](super::claim_acknowledgement)).

mod question;
mod read;
mod segment;
mod write;

use super::level::{level, slots};
use super::part::{Amount, Contact, DateOrPeriod, Demographics, Header, Kept, Name, Quantity, Reference, Trace};

pub use question::StatusQuestion;
pub use read::ClaimStatusReader;
pub use segment::{Outcome, Service, Status, StatusCode};

/// The guide written here (ST03, GS08); GS01 is HR for an inquiry, HN for a response.
pub const GUIDE: &str = "005010X212";

slots!(Service);

/// An inquiry or a response about the status of claims (276, 277).
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimStatus {
    /// BHT.
    #[serde(skip_serializing_if = "crate::transaction::level::is_absent")]
    pub header: Header,
    /// Other segments before the first level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
    /// Who is asked (2000A): payers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

crate::text::silent_debug!(ClaimStatus);

level! {
    /// Who is asked (2000A, 2100A).
    Source {
        /// NM1.
        names: Vec<Name>,
        /// PER.
        contacts: Vec<Contact>,
    } below {
        /// Who asks (2000B).
        receivers: Receiver,
    }
}

level! {
    /// Who asks (2000B, 2100B), and what was wrong with the inquiry as a whole (2200B).
    Receiver {
        /// NM1.
        names: Vec<Name>,
        /// TRN.
        traces: Vec<Trace>,
        /// STC.
        statuses: Vec<Status>,
    } below {
        /// Providers (2000C).
        providers: Provider,
    }
}

level! {
    /// A provider (2000C, 2100C), and what was wrong with its inquiries (2200C).
    Provider {
        /// NM1.
        names: Vec<Name>,
        /// TRN.
        traces: Vec<Trace>,
        /// STC.
        statuses: Vec<Status>,
    } below {
        /// Subscribers (2000D).
        subscribers: Subscriber,
    }
}

/// A subscriber, and its dependents who are patients (2000D, 2000E).
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscriber {
    /// The subscriber.
    pub patient: StatusPatient,
    /// Dependents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<StatusPatient>,
}

crate::text::silent_debug!(Subscriber);

level! {
    /// A patient, or a subscriber whose dependent is one.
    StatusPatient {
        /// DMG.
        demographics: Option<Demographics>,
        /// NM1.
        names: Vec<Name>,
    } below {
        /// Claims (2200D, 2200E).
        claims: StatusClaim,
    }
}

level! {
    /// A claim (2200D, 2200E).
    StatusClaim {
        /// TRN: our number of the question, or of the claim.
        traces: Vec<Trace>,
        /// STC.
        statuses: Vec<Status>,
        /// REF, such as 1K, the payer's number of the claim.
        references: Vec<Reference>,
        /// QTY.
        quantities: Vec<Quantity>,
        /// AMT, such as T3, the charge.
        amounts: Vec<Amount>,
        /// DTP, such as 472, the dates of service.
        dates: Vec<DateOrPeriod>,
    } below {
        /// Lines (2210 of a 276, 2220 of a 277).
        lines: StatusLine,
    }
}

level! {
    /// A service line.
    StatusLine {
        /// SVC.
        service: Service,
        /// STC.
        statuses: Vec<Status>,
        /// REF, such as FJ, our number of the line.
        references: Vec<Reference>,
        /// DTP, such as 472.
        dates: Vec<DateOrPeriod>,
    } below {}
}

impl StatusPatient {
    pub(super) fn write(&self, out: &mut crate::x12::Writer) -> Result<(), crate::x12::WriteError> {
        self.write_own(out)?;
        self.claims.iter().try_for_each(|claim| {
            claim.write_own(out)?;
            claim.lines.iter().try_for_each(|line| line.write_own(out))
        })
    }

    /// Puts a segment where it belongs: a claim begins with TRN, a line with SVC.
    pub(super) fn take(&mut self, segment: &crate::x12::Segment<'_>, after: &mut &'static str) {
        use super::level::{last, open};
        match segment.id() {
            // A status without a trace before it is that of a claim all the same.
            b"TRN" | b"STC" if self.claims.is_empty() => (*after, ()) = ("", open(&mut self.claims)),
            b"TRN" => (*after, ()) = ("", open(&mut self.claims)),
            b"SVC" => (*after, ()) = ("", open(&mut last(&mut self.claims).lines)),
            _ => {}
        }
        match self.claims.last_mut() {
            None => self.place(segment, after),
            Some(claim) => match claim.lines.last_mut() {
                None => claim.place(segment, after),
                Some(line) => line.place(segment, after),
            },
        }
    }
}

impl StatusClaim {
    /// Returns the number by which the sender of the claim or inquiry knows it (TRN02).
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        self.traces.first().and_then(|trace| trace.number.some())
    }

    /// Returns the first number with `qualifier` (REF).
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|r| r.qualifier == qualifier).and_then(|r| r.value.some())
    }

    /// Returns what the statuses of the claim and, where it has none, of its lines come to: the worst of them.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let worst = |statuses: &[Status]| statuses.iter().filter_map(Status::outcome).max();
        worst(&self.statuses).or_else(|| self.lines.iter().filter_map(|line| worst(&line.statuses)).max())
    }
}
