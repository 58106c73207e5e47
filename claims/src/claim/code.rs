//! Codes and short texts of a claim, by the names of the 837 professional guide.

use std::num::NonZeroU16;

use rust_decimal::Decimal;

use mentalspace_core::Invalid;

use crate::text::{open_code, plain, text_value, token};

text_value! {
    /// The number by which a claim comes back in every answer: 1 to 20 characters (837 CLM01, 835 CLP01, CMS-1500
    /// item 26). Unique within the practice and never a client's number.
    public ClaimControlNumber, "claim control number", |text| token(text, 20)
}

text_value! {
    /// The number by which a service line comes back: 1 to 30 characters (837 2400 REF*6R).
    public LineControlNumber, "line control number", |text| token(text, 30)
}

text_value! {
    /// A name of an organisation: 1 to 60 characters.
    public OrganizationName, "organization name", |text| plain(text, 1, 60)
}

text_value! {
    /// The number by which a payer is addressed: 2 to 80 characters (NM109 of the payer).
    public PayerCode, "payer id", |text| plain(text, 2, 80)
}

text_value! {
    /// A member's number with the payer: 2 to 80 characters.
    phi MemberId, "member id", |text| plain(text, 2, 80)
}

text_value! {
    /// A reference number given by a payer or another party: 1 to 50 characters.
    phi Reference, "reference", |text| plain(text, 1, 50)
}

text_value! {
    /// Free text of a claim or a line: 1 to 80 characters.
    phi FreeText, "note", |text| plain(text, 1, 80)
}

text_value! {
    /// A national drug code of eleven digits, without hyphens.
    public Ndc, "ndc", |text| {
        let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
        if digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit()) { Ok(digits) } else { Err("must be eleven digits") }
    }
}

text_value! {
    /// A two- or three-character condition code (837 HI*BG, CMS-1500 item 10d).
    public ConditionCode, "condition code", |text| {
        let text = plain(text, 2, 3)?;
        if text.bytes().all(|b| b.is_ascii_alphanumeric()) { Ok(text) } else { Err("must be letters or digits") }
    }
}

/// A count of units or of a drug: more than none, at most 99,999.999, three decimal places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(Decimal);

impl Quantity {
    /// One.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Checks a count.
    ///
    /// # Errors
    /// Not more than none, more than 99,999.999, or more than three decimal places.
    pub fn new(count: Decimal) -> Result<Self, Invalid> {
        let count = count.normalize();
        if count <= Decimal::ZERO || count > Decimal::new(99_999_999, 3) {
            return Err(Invalid::new("quantity", "is out of range"));
        }
        if count.scale() > 3 {
            return Err(Invalid::new("quantity", "has more than three decimal places"));
        }
        Ok(Self(count))
    }

    /// Returns the count.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<NonZeroU16> for Quantity {
    fn from(count: NonZeroU16) -> Self {
        Self(Decimal::from(count.get()))
    }
}

impl std::str::FromStr for Quantity {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::new(text.parse().map_err(|_| Invalid::new("quantity", "is not a decimal number"))?)
    }
}

impl TryFrom<String> for Quantity {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Quantity> for String {
    fn from(count: Quantity) -> Self {
        count.0.to_string()
    }
}

open_code! {
    /// Which form a claim takes. Only professional claims can be made here.
    ClaimType {
        /// 837P, CMS-1500.
        Professional = "professional",
        /// 837I, UB-04.
        Institutional = "institutional",
        /// 837D.
        Dental = "dental",
    }
}

open_code! {
    /// Where a payer stands in the order of payers (SBR01).
    PayerSequence {
        /// P.
        Primary = "P",
        /// S.
        Secondary = "S",
        /// T.
        Tertiary = "T",
        /// U.
        Unknown = "U",
    }
}

open_code! {
    /// The kind of insurance (SBR09, 835 CLP06; element 1032).
    FilingIndicator {
        /// 12: preferred provider organisation.
        Ppo = "12",
        /// 13: point of service.
        PointOfService = "13",
        /// 14: exclusive provider organisation.
        Epo = "14",
        /// 15: indemnity.
        Indemnity = "15",
        /// BL: Blue Cross Blue Shield.
        BlueCross = "BL",
        /// CH: TRICARE.
        Tricare = "CH",
        /// CI: commercial.
        Commercial = "CI",
        /// FI: federal employees.
        FederalEmployees = "FI",
        /// HM: health maintenance organisation.
        Hmo = "HM",
        /// MA: Medicare part A.
        MedicareA = "MA",
        /// MB: Medicare part B.
        MedicareB = "MB",
        /// MC: Medicaid.
        Medicaid = "MC",
        /// OF: other federal programme.
        OtherFederal = "OF",
        /// VA: Veterans Affairs.
        VeteransAffairs = "VA",
        /// WC: workers' compensation.
        WorkersCompensation = "WC",
        /// ZZ: mutually defined.
        MutuallyDefined = "ZZ",
    }
}

impl FilingIndicator {
    /// Returns whether this is Medicare, part A or B.
    #[must_use]
    pub const fn is_medicare(&self) -> bool {
        matches!(self, Self::MedicareA | Self::MedicareB)
    }
}

open_code! {
    /// Who the patient is to the subscriber (PAT01, SBR02; CMS-1500 item 6).
    Relationship {
        /// 18.
        SelfSame = "18",
        /// 01.
        Spouse = "01",
        /// 19.
        Child = "19",
        /// 20.
        Employee = "20",
        /// 21.
        Unknown = "21",
        /// 39.
        OrganDonor = "39",
        /// 40.
        CadaverDonor = "40",
        /// 53.
        LifePartner = "53",
        /// G8: any other.
        OtherRelationship = "G8",
    }
}

open_code! {
    /// How a payer is numbered (NM108 of the payer).
    PayerIdKind {
        /// PI: the payer's own identification.
        Payer = "PI",
        /// XV: the national plan identifier.
        NationalPlan = "XV",
    }
}

open_code! {
    /// What a provider's further number is (REF01 of a provider; CMS-1500 17a, 24I, 32b, 33b).
    IdQualifier {
        /// 0B: state licence.
        StateLicense = "0B",
        /// 1G: UPIN.
        Upin = "1G",
        /// G2: the payer's own number for the provider.
        PayerAssigned = "G2",
        /// LU: location number.
        Location = "LU",
    }
}

open_code! {
    /// Whether the provider takes the payer's terms (CLM07; CMS-1500 item 27).
    Assignment {
        /// A: accepted.
        Accepted = "A",
        /// B: accepted for laboratory services only.
        LaboratoryOnly = "B",
        /// C: not accepted.
        NotAccepted = "C",
    }
}

open_code! {
    /// Whether the patient lets the payer pay the provider (CLM08, OI03; CMS-1500 item 13).
    BenefitsAssignment {
        /// Y.
        Yes = "Y",
        /// N.
        No = "N",
        /// W: the patient refuses.
        Refused = "W",
    }
}

open_code! {
    /// The patient's consent to the release of the record (CLM09, OI06; CMS-1500 item 12).
    ReleaseOfInformation {
        /// Y: a signed statement is on file.
        Signed = "Y",
        /// I: informed consent where the law does not ask for a signature.
        Informed = "I",
    }
}

open_code! {
    /// What a unit of service is (SV103).
    UnitKind {
        /// UN.
        Unit = "UN",
        /// MJ.
        Minutes = "MJ",
    }
}

open_code! {
    /// What a drug is measured in (CTP05).
    DrugUnit {
        /// F2.
        InternationalUnit = "F2",
        /// GR.
        Gram = "GR",
        /// ME.
        Milligram = "ME",
        /// ML.
        Milliliter = "ML",
        /// UN.
        Unit = "UN",
    }
}

open_code! {
    /// What a claim's note is about (NTE01).
    NoteKind {
        /// ADD: additional information.
        Additional = "ADD",
        /// CER: certification narrative.
        Certification = "CER",
        /// DCP: goals, rehabilitation potential or discharge plans.
        DischargePlan = "DCP",
        /// DGN: diagnosis description.
        Diagnosis = "DGN",
        /// TPO: third-party organisation notes.
        ThirdParty = "TPO",
    }
}

open_code! {
    /// On whose account an adjustment stands (CAS01).
    AdjustmentGroup {
        /// CO: by contract, never the patient's.
        Contractual = "CO",
        /// CR: correction, in old files only.
        Correction = "CR",
        /// OA: other.
        OtherAdjustment = "OA",
        /// PI: payer-initiated reduction.
        PayerInitiated = "PI",
        /// PR: the patient's responsibility.
        PatientResponsibility = "PR",
    }
}
