//! The professional claim: the one model from which the 837P and the CMS-1500 are made.
//!
//! A [`Claim`] that exists is whole: its diagnoses are pointed to, its replacement names what it replaces, its earlier
//! payers' decisions add up, and its total is the sum of its lines. X12 005010X222A1; NUCC CMS-1500 (02/12).

mod check;
mod code;
mod line;
mod other_payer;
mod party;

use chrono::NaiveDate;
use mentalspace_core::{Icd10Cm, Invalid, Money, PlaceOfService, UsState};
use serde::{Deserialize, Serialize};

pub use check::{ClaimError, Problem};
pub use code::{
    AdjustmentGroup, Assignment, BenefitsAssignment, ClaimControlNumber, ClaimType, ConditionCode, DrugUnit,
    FilingIndicator, FreeText, IdQualifier, LineControlNumber, MemberId, Ndc, NoteKind, OrganizationName, PayerCode,
    PayerIdKind, PayerSequence, Quantity, Reference, Relationship, ReleaseOfInformation, UnitKind,
};
pub use line::{Drug, LineAdjudication, ServiceLine};
pub use other_payer::{Adjudication, Adjustment, OtherPayer, OtherSubscriber};
pub use party::{BillingProvider, Contact, Facility, PartyName, Patient, Payer, Provider, SecondaryId, Subscriber};

/// A professional claim whose parts fit together.
///
/// Made from a [`ClaimDraft`] and read like one; to change it, take the draft out and have it checked again.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "ClaimDraft", into = "ClaimDraft")]
pub struct Claim(ClaimDraft);

impl Claim {
    /// Returns the sum of the lines' charges (CLM02; CMS-1500 item 28).
    #[must_use]
    pub fn total(&self) -> Money {
        self.0.lines.iter().map(|line| line.charge).sum()
    }

    /// Returns the place of service of `line`: its own, or the claim's.
    #[must_use]
    pub fn place_of_service_of<'a>(&'a self, line: &'a ServiceLine) -> &'a PlaceOfService {
        line.place_of_service.as_ref().unwrap_or(&self.0.place_of_service)
    }

    /// Returns the first day of service of all lines.
    #[must_use]
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.0.lines.iter().map(|line| line.dates.from()).min()
    }

    /// Returns the last day of service of all lines.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.0.lines.iter().map(|line| line.dates.to()).max()
    }

    /// Takes the draft out, to change it.
    #[must_use]
    pub fn into_draft(self) -> ClaimDraft {
        self.0
    }
}

/// Reads a claim's facts; there is no way to change them in place.
impl std::ops::Deref for Claim {
    type Target = ClaimDraft;
    fn deref(&self) -> &ClaimDraft {
        &self.0
    }
}

impl TryFrom<ClaimDraft> for Claim {
    type Error = ClaimError;
    fn try_from(draft: ClaimDraft) -> Result<Self, ClaimError> {
        check::problems(&draft).map_or(Ok(Self(draft)), Err)
    }
}

impl From<Claim> for ClaimDraft {
    fn from(claim: Claim) -> Self {
        claim.0
    }
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claim({}, …)", self.0.control_number)
    }
}

impl std::fmt::Debug for ClaimDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClaimDraft({}, …)", self.control_number)
    }
}

/// The facts of a claim before they are checked against each other.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ClaimDraft {
    /// Which form the claim takes.
    #[serde(default = "professional", skip_serializing_if = "is_professional")]
    pub claim_type: ClaimType,
    /// Our number of the claim.
    pub control_number: ClaimControlNumber,
    /// Whether this is the first claim, or replaces or voids one.
    #[serde(default)]
    pub frequency: Frequency,
    /// Who bills.
    pub billing_provider: BillingProvider,
    /// Who holds the coverage.
    pub subscriber: Subscriber,
    /// The patient, when not the subscriber.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<Patient>,
    /// Who is asked to pay.
    pub payer: Payer,
    /// The place of that payer in the order of payers.
    #[serde(default = "primary")]
    pub payer_sequence: PayerSequence,
    /// Place of service of all lines that name none.
    pub place_of_service: PlaceOfService,
    /// Whether the provider's signature is on file (CLM06; CMS-1500 item 31).
    #[serde(default = "yes")]
    pub provider_signature_on_file: bool,
    /// Whether the provider takes the payer's terms.
    #[serde(default = "accepted")]
    pub assignment: Assignment,
    /// Whether the payer may pay the provider.
    #[serde(default = "benefits_assigned")]
    pub benefits_assignment: BenefitsAssignment,
    /// Consent to release the record.
    #[serde(default = "release_signed")]
    pub release: ReleaseOfInformation,
    /// Whether the provider signed for the patient, who was not there (CLM10 P).
    #[serde(default, skip_serializing_if = "is_false")]
    pub signature_generated_by_provider: bool,
    /// What the condition is related to.
    #[serde(default, skip_serializing_if = "RelatedCauses::is_none")]
    pub related_causes: RelatedCauses,
    /// Special programme (CLM12), such as 02.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_program: Option<String>,
    /// Why the claim is late (CLM20), such as 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_reason: Option<String>,
    /// Dates of the case.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dates: ClaimDates,
    /// What the patient paid (AMT*F5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_paid: Option<Money>,
    /// Prior authorisation (REF*G1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_authorization: Option<Reference>,
    /// Referral (REF*9F).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral_number: Option<Reference>,
    /// Medical record number (REF*EA).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_record_number: Option<Reference>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ClaimNote>,
    /// One to twelve diagnoses, the main one first.
    pub diagnoses: Vec<Icd10Cm>,
    /// Condition codes, at most twelve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub condition_codes: Vec<ConditionCode>,
    /// Who referred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referring: Option<Provider>,
    /// Who rendered, when not the billing provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendering: Option<Provider>,
    /// Who supervised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervising: Option<Provider>,
    /// Where, when not at the billing provider's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<Facility>,
    /// The claim's other payers, at most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_payers: Vec<OtherPayer>,
    /// One to fifty service lines.
    pub lines: Vec<ServiceLine>,
}

impl ClaimDraft {
    /// The most diagnoses a claim carries.
    pub const MAX_DIAGNOSES: usize = 12;
    /// The most service lines a claim carries.
    pub const MAX_LINES: usize = 50;
    /// The most other payers a claim carries.
    pub const MAX_OTHER_PAYERS: usize = 10;

    /// An original claim to the first payer for the subscriber itself, accepted and with signatures on file.
    #[must_use]
    pub fn new(
        control_number: ClaimControlNumber,
        billing_provider: BillingProvider,
        subscriber: Subscriber,
        payer: Payer,
        place_of_service: PlaceOfService,
        diagnoses: Vec<Icd10Cm>,
        lines: Vec<ServiceLine>,
    ) -> Self {
        Self {
            claim_type: ClaimType::Professional,
            control_number,
            frequency: Frequency::Original,
            billing_provider,
            subscriber,
            patient: None,
            payer,
            payer_sequence: PayerSequence::Primary,
            place_of_service,
            provider_signature_on_file: true,
            assignment: Assignment::Accepted,
            benefits_assignment: BenefitsAssignment::Yes,
            release: ReleaseOfInformation::Signed,
            signature_generated_by_provider: false,
            related_causes: RelatedCauses::default(),
            special_program: None,
            delay_reason: None,
            dates: ClaimDates::default(),
            patient_paid: None,
            prior_authorization: None,
            referral_number: None,
            medical_record_number: None,
            note: None,
            diagnoses,
            condition_codes: Vec::new(),
            referring: None,
            rendering: None,
            supervising: None,
            facility: None,
            other_payers: Vec::new(),
            lines,
        }
    }

    /// Moves a diagnosis to another place; the lines keep pointing to the diagnoses they pointed to.
    ///
    /// Positions are counted from 1; one that does not exist changes nothing.
    pub fn move_diagnosis(&mut self, from: u8, to: u8) {
        let count = self.diagnoses.len();
        let exists = |p: u8| p >= 1 && usize::from(p) <= count;
        if !exists(from) || !exists(to) {
            return;
        }
        let moved = self.diagnoses.remove(usize::from(from) - 1);
        self.diagnoses.insert(usize::from(to) - 1, moved);
        for pointer in self.lines.iter_mut().flat_map(|line| &mut line.pointers) {
            *pointer = match *pointer {
                p if p == from => to,
                p if from < p && p <= to => p - 1,
                p if to <= p && p < from => p + 1,
                p => p,
            };
        }
    }
}

/// Whether a claim is the first, or replaces or voids one the payer has (CLM05-3 and REF*F8; CMS-1500 item 22).
///
/// The payer's number of the earlier claim stands exactly where it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "FrequencyParts", into = "FrequencyParts")]
#[non_exhaustive]
pub enum Frequency {
    /// 1: the first claim.
    #[default]
    Original,
    /// 7: takes the place of an earlier claim.
    Replacement {
        /// The payer's number of the claim to replace.
        payer_claim_number: Reference,
    },
    /// 8: takes an earlier claim back.
    Void {
        /// The payer's number of the claim to void.
        payer_claim_number: Reference,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrequencyParts {
    kind: FrequencyKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payer_claim_number: Option<Reference>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FrequencyKind {
    Original,
    Replacement,
    Void,
}

impl TryFrom<FrequencyParts> for Frequency {
    type Error = Invalid;
    fn try_from(parts: FrequencyParts) -> Result<Self, Invalid> {
        match (parts.kind, parts.payer_claim_number) {
            (FrequencyKind::Original, None) => Ok(Self::Original),
            (FrequencyKind::Original, Some(_)) => Err(Invalid::new("frequency", "an original claim replaces nothing")),
            (FrequencyKind::Replacement, Some(payer_claim_number)) => Ok(Self::Replacement { payer_claim_number }),
            (FrequencyKind::Void, Some(payer_claim_number)) => Ok(Self::Void { payer_claim_number }),
            (FrequencyKind::Replacement | FrequencyKind::Void, None) => {
                Err(Invalid::new("frequency", "needs the payer's number of the earlier claim"))
            }
        }
    }
}

impl From<Frequency> for FrequencyParts {
    fn from(frequency: Frequency) -> Self {
        let kind = match &frequency {
            Frequency::Original => FrequencyKind::Original,
            Frequency::Replacement { .. } => FrequencyKind::Replacement,
            Frequency::Void { .. } => FrequencyKind::Void,
        };
        Self { kind, payer_claim_number: frequency.payer_claim_number().cloned() }
    }
}

impl Frequency {
    /// Returns the code: 1, 7 or 8.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Original => "1",
            Self::Replacement { .. } => "7",
            Self::Void { .. } => "8",
        }
    }

    /// Returns the payer's number of the earlier claim.
    #[must_use]
    pub const fn payer_claim_number(&self) -> Option<&Reference> {
        match self {
            Self::Original => None,
            Self::Replacement { payer_claim_number } | Self::Void { payer_claim_number } => Some(payer_claim_number),
        }
    }
}

/// What the patient's condition is related to (CLM11; CMS-1500 items 10a to 10c).
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelatedCauses {
    /// The patient's work.
    pub employment: bool,
    /// An accident with a vehicle, and the state it happened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_accident: Option<UsState>,
    /// Another accident.
    pub other_accident: bool,
}

impl RelatedCauses {
    /// Returns whether the condition is related to nothing of the kind.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        !self.employment && self.auto_accident.is_none() && !self.other_accident
    }
}

crate::text::silent_debug!(ClaimDates, RelatedCauses);

/// Dates of the case (2300 DTP; CMS-1500 items 14 to 16 and 18).
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ClaimDates {
    /// 431: onset of the current illness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<NaiveDate>,
    /// 454: initial treatment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_treatment: Option<NaiveDate>,
    /// 304: last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<NaiveDate>,
    /// 453: acute manifestation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acute_manifestation: Option<NaiveDate>,
    /// 439: accident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accident: Option<NaiveDate>,
    /// 484: last menstrual period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_menstrual_period: Option<NaiveDate>,
    /// 360: begin of a disability; with an end as well 314.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disability_from: Option<NaiveDate>,
    /// 361: end of a disability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disability_to: Option<NaiveDate>,
    /// 297: last worked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_worked: Option<NaiveDate>,
    /// 296: authorised return to work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_to_work: Option<NaiveDate>,
    /// 435: admission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission: Option<NaiveDate>,
    /// 096: discharge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discharge: Option<NaiveDate>,
    /// 090: care assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub care_assumed: Option<NaiveDate>,
    /// 091: care relinquished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub care_relinquished: Option<NaiveDate>,
    /// 444: first contact in a property or casualty case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_contact: Option<NaiveDate>,
}

/// A note about a claim (NTE; CMS-1500 item 19).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimNote {
    /// What it is about.
    #[serde(default = "additional")]
    pub kind: NoteKind,
    /// The text.
    pub text: FreeText,
}

const fn professional() -> ClaimType {
    ClaimType::Professional
}

fn is_professional(kind: &ClaimType) -> bool {
    *kind == ClaimType::Professional
}

const fn primary() -> PayerSequence {
    PayerSequence::Primary
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const fn accepted() -> Assignment {
    Assignment::Accepted
}

const fn benefits_assigned() -> BenefitsAssignment {
    BenefitsAssignment::Yes
}

const fn release_signed() -> ReleaseOfInformation {
    ReleaseOfInformation::Signed
}

const fn additional() -> NoteKind {
    NoteKind::Additional
}
