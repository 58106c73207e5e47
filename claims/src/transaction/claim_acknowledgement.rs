//! The claim acknowledgement (277CA), X12 005010X214: which claims of a batch are accepted, and which are not.
//!
//! Decide by the category of a status ([`Outcome`](super::claim_status::Outcome)), never by its action code.

use super::claim_status::{Status, StatusPatient};
use super::level::{Below, Hierarchy, Offered, Slot, is_blank, keep, last, level, open};
use super::part::{Amount, Anchored, Contact, DateOrPeriod, Header, Kept, Name, Quantity, Reference, Trace};
use crate::x12::{Segment, WriteError, Writer};

/// The guide written here (ST03, GS08); GS01 is HN.
pub const GUIDE: &str = "005010X214";

/// Which claims of a batch are accepted (277CA).
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimAcknowledgement {
    /// BHT.
    #[serde(skip_serializing_if = "crate::transaction::level::is_absent")]
    pub header: Header,
    /// Other segments before the first level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
    /// Who answers (2000A); one where the guide is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<AcknowledgingSource>,
}

crate::text::silent_debug!(ClaimAcknowledgement);

level! {
    /// Who answers (2000A): a payer or a clearinghouse.
    AcknowledgingSource {
        /// NM1.
        names: Vec<Name>,
        /// PER.
        contacts: Vec<Contact>,
        /// TRN: its number of this answer.
        traces: Vec<Trace>,
        /// DTP 050 received, 009 processed.
        dates: Vec<DateOrPeriod>,
    } below {
        /// Who sent the batch (2000B); one where the guide is kept.
        receivers: BatchSender,
    }
}

level! {
    /// Who sent the batch (2000B), and what became of it as a whole.
    BatchSender {
        /// NM1.
        names: Vec<Name>,
        /// TRN: the number of the batch (BHT03 of the 837).
        traces: Vec<Trace>,
        /// STC.
        statuses: Vec<Status>,
        /// QTY 90 accepted, AA rejected.
        quantities: Vec<Quantity>,
        /// AMT YU accepted, YY rejected.
        amounts: Vec<Amount>,
    } below {
        /// Billing providers (2000C).
        providers: AcknowledgedProvider,
    }
}

level! {
    /// A billing provider (2000C).
    AcknowledgedProvider {
        /// NM1.
        names: Vec<Name>,
        /// TRN.
        traces: Vec<Trace>,
        /// STC.
        statuses: Vec<Status>,
        /// REF.
        references: Vec<Reference>,
        /// QTY QA accepted, QC rejected.
        quantities: Vec<Quantity>,
        /// AMT YU accepted, YY rejected.
        amounts: Vec<Amount>,
    } below {
        /// Patients (2000D), each with its claims.
        patients: StatusPatient,
    }
}

impl ClaimAcknowledgement {
    /// Writes what stands between ST and SE.
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        let mut header = Anchored::new(out, &self.kept);
        header.behind("")?;
        self.header.put(&mut header)?;
        header.end()?;
        let levels = &mut Hierarchy::default();
        self.sources.iter().try_for_each(|source| {
            let number = levels.level(out, 0, "20", Below::of(&source.receivers))?;
            source.write_own(out)?;
            source.receivers.iter().try_for_each(|receiver| receiver.write(out, levels, number))
        })
    }
}

impl BatchSender {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "21", Below::of(&self.providers))?;
        self.write_own(out)?;
        self.providers.iter().try_for_each(|provider| provider.write(out, levels, number))
    }
}

impl AcknowledgedProvider {
    fn write(&self, out: &mut Writer, levels: &mut Hierarchy, parent: u32) -> Result<(), WriteError> {
        let number = levels.level(out, parent, "19", Below::of(&self.patients))?;
        self.write_own(out)?;
        self.patients.iter().try_for_each(|patient| {
            levels.level(out, number, "PT", Below::Unsaid)?;
            patient.write(out)
        })
    }
}

/// The level the next segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Scope {
    #[default]
    Header,
    Source,
    Receiver,
    Provider,
    Patient,
}

/// Reads the segments between ST and SE of a 277CA, one at a time.
#[derive(Debug, Default)]
pub struct ClaimAcknowledgementReader {
    read: ClaimAcknowledgement,
    scope: Scope,
    after: &'static str,
}

impl ClaimAcknowledgementReader {
    /// Takes the next segment.
    pub fn take(&mut self, segment: &Segment<'_>) {
        if is_blank(segment) {
            return;
        }
        if segment.id() == b"HL" && self.level(segment.element(3).trim_ascii()) {
            self.after = "";
            return;
        }
        let (read, after) = (&mut self.read, &mut self.after);
        match self.scope {
            Scope::Header => match read.header.offer(segment) {
                Offered::Taken(id) => *after = id,
                Offered::Full(id) => keep(&mut read.kept, segment, id, &["BHT"]),
                Offered::Other => keep(&mut read.kept, segment, after, &["BHT"]),
            },
            Scope::Source => last(&mut read.sources).place(segment, after),
            Scope::Receiver => receiver(read).place(segment, after),
            Scope::Provider => provider(read).place(segment, after),
            Scope::Patient => last(&mut provider(read).patients).take(segment, after),
        }
    }

    /// Returns what was read.
    #[must_use]
    pub fn finish(self) -> ClaimAcknowledgement {
        self.read
    }

    /// Opens a level; `false` when its code is not one of ours.
    fn level(&mut self, code: &[u8]) -> bool {
        let read = &mut self.read;
        self.scope = match code {
            b"20" => {
                open(&mut read.sources);
                Scope::Source
            }
            b"21" => {
                open(&mut last(&mut read.sources).receivers);
                Scope::Receiver
            }
            b"19" => {
                open(&mut receiver(read).providers);
                Scope::Provider
            }
            b"PT" => {
                open(&mut provider(read).patients);
                Scope::Patient
            }
            _ => return false,
        };
        true
    }
}

fn receiver(read: &mut ClaimAcknowledgement) -> &mut BatchSender {
    last(&mut last(&mut read.sources).receivers)
}

fn provider(read: &mut ClaimAcknowledgement) -> &mut AcknowledgedProvider {
    last(&mut receiver(read).providers)
}
