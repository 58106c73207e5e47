//! A whole file as typed data: interchanges, groups, sets, and what each set says.
//!
//! Made to pass through JSON: [`Document`] serialises with every element as a string, and what comes back writes the
//! same X12. Delimiters stand in the header; counts and trailers are not kept, they follow from the content. Sets of
//! kinds that are not modelled are kept segment by segment. A document is a file in memory: what has to read files of
//! any size takes the readers of the transactions one by one.
//!
//! ```
//! use mentalspace_claims::transaction::document::{Document, Transaction};
//! let x12 = b"ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *240131*1200*^*00501*000000007*0*P*:~\
//! GS*FA*PAYER*PRACTICE*20240131*1200*7*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HC*12*005010X222A1~\
//! AK2*837*0001*005010X222A1~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*7~IEA*1*000000007~";
//! let document = Document::read(x12)?;
//! let Transaction::ImplementationAcknowledgement(answer) = &document.interchanges[0].groups[0].sets[0].transaction
//! else {
//!     unreachable!("the set is a 999")
//! };
//! assert_eq!(answer.sets[0].verdict.is_accepted(), Some(true));
//! let json = serde_json::to_string(&document)?;
//! let back: Document = serde_json::from_str(&json)?;
//! assert_eq!(back.write()?, x12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod envelope;
mod read;

use serde::{Deserialize, Serialize};

use super::claim_acknowledgement::ClaimAcknowledgement;
use super::claim_status::ClaimStatus;
use super::claim837::ClaimSet;
use super::eligibility::Eligibility;
use super::implementation_acknowledgement::{Flavor, ImplementationAcknowledgement};
use super::interchange_acknowledgement::InterchangeAcknowledgement;
use super::part::Kept;
use super::r835::Remittance;
use crate::x12::{Unwritable, WriteError, Writer};

pub use envelope::{DelimiterSet, GroupHead, InterchangeHead, SetHead};
pub use read::{DocumentError, SetReader};

/// A file.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// Its interchanges.
    pub interchanges: Vec<DocumentInterchange>,
}

/// An interchange.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentInterchange {
    /// ISA; `None` for groups or sets without one.
    pub header: Option<InterchangeHead>,
    /// The delimiters.
    pub delimiters: DelimiterSet,
    /// TA1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledgements: Vec<InterchangeAcknowledgement>,
    /// Groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<DocumentGroup>,
}

/// A functional group.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentGroup {
    /// GS; `None` for sets without one.
    pub header: Option<GroupHead>,
    /// Sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<DocumentSet>,
}

/// A transaction set.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentSet {
    /// ST.
    pub header: SetHead,
    /// What it says.
    pub transaction: Transaction,
}

/// What a set says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transaction {
    /// 837P, 837I and 837D.
    Claims(ClaimSet),
    /// 835.
    Remittance(Box<Remittance>),
    /// 270.
    EligibilityInquiry(Eligibility),
    /// 271.
    EligibilityResponse(Eligibility),
    /// 276.
    ClaimStatusInquiry(ClaimStatus),
    /// 277 that answers a 276.
    ClaimStatusResponse(ClaimStatus),
    /// 277CA.
    ClaimAcknowledgement(ClaimAcknowledgement),
    /// 999 or 997, by the code of the set.
    ImplementationAcknowledgement(ImplementationAcknowledgement),
    /// Any other: its segments.
    Other(Vec<Kept>),
}

impl Default for Transaction {
    fn default() -> Self {
        Self::Other(Vec::new())
    }
}

crate::text::silent_debug!(Document, DocumentInterchange, DocumentGroup, DocumentSet, Transaction);

impl Document {
    /// Writes the file.
    ///
    /// # Errors
    /// A value cannot be written, such as one that holds a delimiter.
    pub fn write(&self) -> Result<Vec<u8>, WriteError> {
        self.write_with(Unwritable::Refuse)
    }

    /// Writes the file; says what happens to characters that cannot be written, such as a delimiter within a text.
    ///
    /// # Errors
    /// As [`Document::write`].
    pub fn write_with(&self, unwritable: Unwritable) -> Result<Vec<u8>, WriteError> {
        let mut out = Vec::new();
        for interchange in &self.interchanges {
            out.extend(interchange.write(unwritable)?);
        }
        Ok(out)
    }
}

impl DocumentSet {
    /// Writes the set without ST and SE.
    fn write_body(&self, out: &mut Writer) -> Result<(), WriteError> {
        match &self.transaction {
            Transaction::Claims(set) => set.write_body(out),
            Transaction::Remittance(set) => set.write_body(out),
            Transaction::EligibilityInquiry(set) | Transaction::EligibilityResponse(set) => set.write(out),
            Transaction::ClaimStatusInquiry(set) | Transaction::ClaimStatusResponse(set) => set.write(out),
            Transaction::ClaimAcknowledgement(set) => set.write(out),
            Transaction::ImplementationAcknowledgement(set) => {
                let flavor = if self.header.code == "997" { Flavor::Functional } else { Flavor::Implementation };
                set.write(out, flavor)
            }
            Transaction::Other(segments) => segments.iter().try_for_each(|segment| segment.write(out)),
        }
    }
}
