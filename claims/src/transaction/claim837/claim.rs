//! A claim, and what its other payers decided.

use serde::{Deserialize, Serialize};

use super::coverage::{OtherCoverage, SubscriberInformation};
use super::information::{
    AmbulanceTransport, ClaimInformation, Conditions, Contract, FileInformation, HealthCareCode, HealthCareCodes,
    InstitutionalCodes, Orthodontics, Pricing, SpinalManipulation, ToothStatus,
};
use super::line::ServiceLine;
use crate::transaction::part::{
    Adjustment, Amount, Attachment, DateOrPeriod, Demographics, InpatientAdjudication, Kept, List, Note,
    OutpatientAdjudication, Party, Reference,
};
use crate::x12::Position;

/// A claim (2300).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claim {
    /// Where its CLM stands.
    #[serde(skip)]
    pub position: Position,
    /// CLM.
    pub information: ClaimInformation,
    /// DTP.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub dates: List<DateOrPeriod>,
    /// CL1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institutional: Option<Box<InstitutionalCodes>>,
    /// DN1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orthodontics: Option<Box<Orthodontics>>,
    /// DN2.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub tooth_status: List<ToothStatus>,
    /// PWK.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub attachments: List<Attachment>,
    /// CN1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<Contract>>,
    /// AMT.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub amounts: List<Amount>,
    /// REF.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// K3.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub file_information: List<FileInformation>,
    /// NTE.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub notes: List<Note>,
    /// CR1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambulance: Option<Box<AmbulanceTransport>>,
    /// CR2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spinal_manipulation: Option<Box<SpinalManipulation>>,
    /// CRC.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub conditions: List<Conditions>,
    /// HI, one list for each segment.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub codes: List<HealthCareCodes>,
    /// HCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Box<Pricing>>,
    /// 2310: who took part, by entity (71, 72, 77, 82, DN, DQ, P3 and others).
    #[serde(skip_serializing_if = "List::is_empty")]
    pub providers: List<Party>,
    /// 2320: other payers.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub other_subscribers: List<OtherSubscriber>,
    /// 2400.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub lines: List<ServiceLine>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl Claim {
    /// Returns the codes of the lists `qualifiers`, in order.
    pub fn codes_of<'a>(&'a self, qualifiers: &'a [&'a str]) -> impl Iterator<Item = &'a HealthCareCode> {
        let all = self.codes.iter().flat_map(|segment| &segment.0);
        all.filter(|code| qualifiers.contains(&code.qualifier.as_str()))
    }

    /// Returns the diagnoses, the principal first.
    pub fn diagnoses(&self) -> impl Iterator<Item = &HealthCareCode> {
        self.codes_of(&["ABK", "BK", "ABF", "BF"])
    }

    /// Returns the first of those who took part as `entity`, such as 82 for the rendering provider.
    #[must_use]
    pub fn provider(&self, entity: &str) -> Option<&Party> {
        self.providers.iter().find(|party| party.entity() == entity)
    }

    /// Returns the first number with `qualifier`.
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|r| r.qualifier == qualifier).and_then(|r| r.value.some())
    }
}

/// Another payer of the claim and who is insured with it (2320).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtherSubscriber {
    /// SBR.
    pub information: SubscriberInformation,
    /// CAS.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub adjustments: List<Adjustment>,
    /// AMT.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub amounts: List<Amount>,
    /// DMG, in versions before 5010.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demographics: Option<Box<Demographics>>,
    /// OI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Box<OtherCoverage>>,
    /// MIA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inpatient: Option<Box<InpatientAdjudication>>,
    /// MOA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outpatient: Option<Box<OutpatientAdjudication>>,
    /// 2330A, entity IL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Box<Party>>,
    /// 2330B, entity PR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<Box<Party>>,
    /// 2330C and following: the numbers by which that payer knows providers.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub providers: List<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

crate::text::silent_debug!(Claim, OtherSubscriber);
