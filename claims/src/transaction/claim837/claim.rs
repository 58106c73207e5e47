//! A claim, and what its other payers decided.

use serde::{Deserialize, Serialize};

use super::coverage::{OtherCoverage, SubscriberInformation};
use super::information::{
    AmbulanceTransport, ClaimInformation, Conditions, Contract, FileInformation, HealthCareCode, HealthCareCodes,
    InstitutionalCodes, Orthodontics, Pricing, SpinalManipulation, ToothStatus,
};
use super::line::ServiceLine;
use crate::transaction::part::{
    Adjustment, Amount, Attachment, DateOrPeriod, Demographics, InpatientAdjudication, Kept, Note,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateOrPeriod>,
    /// CL1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institutional: Option<Box<InstitutionalCodes>>,
    /// DN1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orthodontics: Option<Box<Orthodontics>>,
    /// DN2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tooth_status: Vec<ToothStatus>,
    /// PWK.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// CN1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<Contract>>,
    /// AMT.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    /// REF.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// K3.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_information: Vec<FileInformation>,
    /// NTE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// CR1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambulance: Option<Box<AmbulanceTransport>>,
    /// CR2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spinal_manipulation: Option<Box<SpinalManipulation>>,
    /// CRC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Conditions>,
    /// HI, one list for each segment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<HealthCareCodes>,
    /// HCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Box<Pricing>>,
    /// 2310: who took part, by entity (71, 72, 77, 82, DN, DQ, P3 and others).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Party>,
    /// 2320: other payers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_subscribers: Vec<OtherSubscriber>,
    /// 2400.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ServiceLine>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// AMT.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Party>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Kept>,
}

crate::text::silent_debug!(Claim, OtherSubscriber);
