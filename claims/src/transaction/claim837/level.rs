//! What claims share: the head of the set and the levels above them.

use serde::{Deserialize, Serialize};

use super::coverage::{Currency, PatientInformation, SubscriberInformation};
use crate::transaction::part::{Header, Kept, List, Party, Reference, Specialty, Text};
use crate::x12::Position;

/// The head of a set: BHT, 1000A and 1000B.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetHeader {
    /// Where its ST stands.
    #[serde(skip)]
    pub position: Position,
    /// ISA13, when there was an interchange.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub interchange_control: Text,
    /// GS06, when there was a group.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub group_control: Text,
    /// ST02 as it was read; a written set gets the next number of its group.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub set_control: Text,
    /// ST03 or GS08.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub guide: Text,
    /// BHT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// REF of the set, in versions before 5010.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// 1000A, entity 41.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitter: Option<Box<Party>>,
    /// 1000B, entity 40.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Box<Party>>,
    /// Parties of another kind.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub others: List<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

/// Who bills (2000A).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingLevel {
    /// PRV.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub specialties: List<Specialty>,
    /// CUR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Box<Currency>>,
    /// 2010AA, entity 85.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Box<Party>>,
    /// 2010AB, entity 87: where payments go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_to: Option<Box<Party>>,
    /// 2010AC, entity PE: the plan payments go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_to_plan: Option<Box<Party>>,
    /// Parties of another kind.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub others: List<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

/// Who is insured, and with whom (2000B).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriberLevel {
    /// SBR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information: Option<Box<SubscriberInformation>>,
    /// PAT, where the subscriber is the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<Box<PatientInformation>>,
    /// 2010BA, entity IL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Box<Party>>,
    /// 2010BB, entity PR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<Box<Party>>,
    /// Parties of another kind.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub others: List<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl SubscriberLevel {
    /// Returns whether the subscriber is said to be the patient (SBR02).
    #[must_use]
    pub fn is_patient(&self) -> bool {
        self.information.as_ref().is_some_and(|sbr| sbr.relationship == "18")
    }
}

/// The patient, when not the subscriber (2000C).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatientLevel {
    /// PAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information: Option<Box<PatientInformation>>,
    /// 2010CA, entity QC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<Box<Party>>,
    /// Parties of another kind.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub others: List<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

crate::text::silent_debug!(SetHeader, BillingLevel, SubscriberLevel, PatientLevel);
