//! Coordination of benefits: the other payers of a claim and what they decided.

use chrono::NaiveDate;
use mentalspace_core::{Address, Money, PersonName};
use serde::{Deserialize, Serialize};

use super::code::{
    AdjustmentGroup, BenefitsAssignment, MemberId, OrganizationName, PayerSequence, Quantity, Reference, Relationship,
    ReleaseOfInformation,
};
use super::party::Payer;

/// Another payer of the claim, before or after the one addressed (2320, 2330A, 2330B; CMS-1500 item 9).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OtherPayer {
    /// Its place in the order of payers.
    pub sequence: PayerSequence,
    /// Who is insured there.
    pub subscriber: OtherSubscriber,
    /// The payer.
    pub payer: Payer,
    /// Whether it may pay the provider.
    #[serde(default = "super::benefits_assigned")]
    pub benefits_assignment: BenefitsAssignment,
    /// Consent to release.
    #[serde(default = "super::release_signed")]
    pub release: ReleaseOfInformation,
    /// Its number of this claim (REF*F8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_number: Option<Reference>,
    /// Its prior authorisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_authorization: Option<Reference>,
    /// Its referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_number: Option<Reference>,
    /// What it decided; absent while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjudication: Option<Adjudication>,
}

impl OtherPayer {
    /// Another payer that has not decided yet.
    #[must_use]
    pub const fn new(sequence: PayerSequence, subscriber: OtherSubscriber, payer: Payer) -> Self {
        Self {
            sequence,
            subscriber,
            payer,
            benefits_assignment: BenefitsAssignment::Yes,
            release: ReleaseOfInformation::Signed,
            claim_number: None,
            prior_authorization: None,
            referral_number: None,
            adjudication: None,
        }
    }
}

/// Who is insured with another payer (2320 SBR, 2330A).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSubscriber {
    /// Name.
    pub name: PersonName,
    /// Number with that payer.
    pub member_id: MemberId,
    /// Who the patient is to this subscriber.
    pub relationship: Relationship,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Group or policy number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_number: Option<Reference>,
    /// Name of the group or plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<OrganizationName>,
}

/// What another payer decided about the claim (2320, 2330B DTP*573).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjudication {
    /// What it paid in all.
    pub paid: Money,
    /// Date of the check or remittance.
    pub paid_on: NaiveDate,
    /// Adjustments of the claim as a whole; those of lines stand at the lines, never at both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What it did not cover (AMT*A8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_covered: Option<Money>,
    /// What the patient still owes (AMT*EAF).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_patient_liability: Option<Money>,
    /// Remark codes of the claim (MOA).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Why a payer did not pay the whole charge (CAS): a positive amount lowers the payment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// On whose account.
    pub group: AdjustmentGroup,
    /// Claim adjustment reason code.
    pub reason: String,
    /// Amount.
    pub amount: Money,
    /// Units adjusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
}

crate::text::silent_debug!(Adjudication, Adjustment);
