//! What an 835 says, by its loops.

use chrono::NaiveDate;
use mentalspace_core::{Invalid, Money, Phi};
use rust_decimal::Decimal;

use crate::claim::{AdjustmentGroup, FilingIndicator};
use crate::text::open_code;
use crate::x12::{EnvelopeFinding, Position};

open_code! {
    /// How a payer dealt with a claim (CLP02).
    ClaimPaymentStatus {
        /// 1: processed as primary.
        Primary = "1",
        /// 2: processed as secondary.
        Secondary = "2",
        /// 3: processed as tertiary.
        Tertiary = "3",
        /// 4: denied.
        Denied = "4",
        /// 19: processed as primary and forwarded.
        PrimaryForwarded = "19",
        /// 20: processed as secondary and forwarded.
        SecondaryForwarded = "20",
        /// 21: processed as tertiary and forwarded.
        TertiaryForwarded = "21",
        /// 22: reversal of an earlier payment.
        Reversal = "22",
        /// 23: not the payer's claim, forwarded.
        NotOursForwarded = "23",
        /// 25: predetermination, no payment.
        Predetermination = "25",
    }
}

impl ClaimPaymentStatus {
    /// Returns whether the payer sent the claim on to the next one, so that no further claim is to be made.
    #[must_use]
    pub const fn is_forwarded(&self) -> bool {
        matches!(
            self,
            Self::PrimaryForwarded | Self::SecondaryForwarded | Self::TertiaryForwarded | Self::NotOursForwarded
        )
    }
}

open_code! {
    /// How the money comes (BPR04).
    PaymentMethod {
        /// ACH.
        Ach = "ACH",
        /// BOP: by the financial institution's choice.
        InstitutionOption = "BOP",
        /// CHK.
        Check = "CHK",
        /// FWT.
        Wire = "FWT",
        /// NON: no payment.
        None = "NON",
    }
}

open_code! {
    /// The direction of the money (BPR03).
    CreditDebit {
        /// C.
        Credit = "C",
        /// D.
        Debit = "D",
    }
}

/// A count as a payer wrote it: any decimal, negative in reversals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Count(Decimal);

impl Count {
    /// Reads digits with an optional sign and point, as X12 has them.
    ///
    /// # Errors
    /// Anything else, or more than 24 characters.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, Invalid> {
        let plain = bytes.len() <= 24 && bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let text = std::str::from_utf8(bytes).ok().filter(|_| plain);
        text.and_then(|t| t.parse().ok()).map(Self).ok_or(Invalid::new("count", "is not a number"))
    }

    /// Returns the count.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Count {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl From<Count> for String {
    fn from(count: Count) -> Self {
        count.0.to_string()
    }
}

/// One payment and what it is for: one transaction set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Remittance {
    /// Where its ST stands.
    #[serde(skip)]
    pub position: Position,
    /// ISA13, when there was an interchange.
    pub interchange_control: Option<String>,
    /// GS06, when there was a group.
    pub group_control: Option<String>,
    /// ST02.
    pub set_control: String,
    /// ST03 or GS08.
    pub guide: String,
    /// SHA-256 of the segments from ST to SE, in lower-case hex. White space between segments does not count.
    pub sha256: String,
    /// BPR01.
    pub handling: String,
    /// BPR02.
    pub amount: Money,
    /// BPR03.
    pub credit_debit: CreditDebit,
    /// BPR04.
    pub method: PaymentMethod,
    /// BPR16: when the money comes; `None` when absent or not a date.
    pub date: Option<NaiveDate>,
    /// TRN.
    pub trace: Option<Trace>,
    /// DTM*405.
    pub production_date: Option<NaiveDate>,
    /// 1000A.
    pub payer: RemitParty,
    /// 1000B.
    pub payee: RemitParty,
    /// 2100, in the order of the file.
    pub claims: Vec<ClaimPayment>,
    /// PLB, one for each pair.
    pub provider_adjustments: Vec<ProviderAdjustment>,
    /// Segments that are not modelled.
    pub kept: Vec<KeptSegment>,
    /// What could not be read as what it should be. A remittance with problems is not posted.
    pub problems: Vec<ReadProblem>,
    /// What is wrong with the envelope, up to the end of the set.
    #[serde(skip)]
    pub envelope_findings: Vec<EnvelopeFinding>,
}

impl Remittance {
    /// Returns the number by which the payer is told apart: its 2U number, else N104, else who issued the trace.
    #[must_use]
    pub fn payer_id(&self) -> Option<&str> {
        let own = self.payer.reference("2U").or(Some(self.payer.id.as_str())).filter(|id| !id.is_empty());
        own.or_else(|| self.trace.as_ref().map(|trace| trace.originator.as_str())).filter(|id| !id.is_empty())
    }
}

/// The number that ties the advice to the money (TRN).
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// TRN02: check or transfer number.
    pub number: String,
    /// TRN03: who issued it.
    pub originator: String,
}

/// Payer or payee (1000A, 1000B).
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RemitParty {
    /// N102.
    pub name: String,
    /// N103.
    pub id_qualifier: String,
    /// N104.
    pub id: String,
    /// REF: qualifier and number.
    pub references: Vec<(String, Phi<String>)>,
}

impl RemitParty {
    /// Returns the first number with `qualifier`.
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|(q, _)| q == qualifier).map(|(_, number)| number.expose().as_str())
    }
}

/// What a payer decided about one claim (2100).
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ClaimPayment {
    /// Where its CLP stands.
    #[serde(skip)]
    pub position: Position,
    /// CLP01: our claim control number, as the payer gives it back.
    pub control_number: String,
    /// CLP02.
    pub status: ClaimPaymentStatus,
    /// CLP03.
    pub charge: Money,
    /// CLP04.
    pub paid: Money,
    /// CLP05.
    pub patient_responsibility: Option<Money>,
    /// CLP06.
    pub filing_indicator: FilingIndicator,
    /// CLP07.
    pub payer_control_number: Phi<String>,
    /// CLP08.
    pub facility_type: String,
    /// CLP09.
    pub frequency: String,
    /// CAS of the claim itself.
    pub adjustments: Vec<ReasonedAmount>,
    /// NM1.
    pub names: Vec<RemitName>,
    /// Remark codes of MIA and MOA.
    pub remarks: Vec<String>,
    /// REF: qualifier and number.
    pub references: Vec<(String, Phi<String>)>,
    /// DTM: qualifier and day; 232 and 233 are the claim's period.
    pub dates: Vec<(String, Phi<NaiveDate>)>,
    /// AMT: qualifier and amount; information only.
    pub amounts: Vec<(String, Money)>,
    /// QTY: qualifier and count; information only.
    pub quantities: Vec<(String, Count)>,
    /// 2110.
    pub lines: Vec<ServicePayment>,
}

impl ClaimPayment {
    /// Returns all adjustments, those of the claim first.
    pub fn all_adjustments(&self) -> impl Iterator<Item = &ReasonedAmount> {
        self.adjustments.iter().chain(self.lines.iter().flat_map(|line| &line.adjustments))
    }

    /// Returns whether nothing was paid for other than contractual reasons or by the patient's share.
    ///
    /// Such a claim is denied whatever its status says: its balance stays where it is until somebody has looked.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        match self.status {
            ClaimPaymentStatus::Denied => true,
            ClaimPaymentStatus::Reversal | ClaimPaymentStatus::Predetermination => false,
            _ => self.paid.is_zero() && self.all_adjustments().any(ReasonedAmount::is_denial),
        }
    }

    /// Returns the first day of service: the claim's, or the earliest of its lines.
    #[must_use]
    pub fn first_day(&self) -> Option<NaiveDate> {
        let own = self.dates.iter().filter(|(q, _)| q == "232");
        let lines = self.lines.iter().flat_map(|l| &l.dates);
        own.chain(lines).map(|(_, day)| *day.expose()).min()
    }
}

/// What a payer decided about one service (2110).
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ServicePayment {
    /// Where its SVC stands.
    #[serde(skip)]
    pub position: Position,
    /// SVC01: what was paid for.
    pub procedure: Procedure,
    /// SVC02.
    pub charge: Money,
    /// SVC03.
    pub paid: Money,
    /// SVC04.
    pub revenue_code: String,
    /// SVC05; absent means one.
    pub units: Option<Count>,
    /// SVC06: what was billed, when the payer changed it.
    pub billed_procedure: Option<Procedure>,
    /// SVC07.
    pub billed_units: Option<Count>,
    /// REF*6R: our line control number.
    pub control_number: Option<String>,
    /// CAS.
    pub adjustments: Vec<ReasonedAmount>,
    /// REF other than 6R: qualifier and number.
    pub references: Vec<(String, Phi<String>)>,
    /// DTM: qualifier and day; 472 is the service, 150 and 151 its begin and end.
    pub dates: Vec<(String, Phi<NaiveDate>)>,
    /// AMT; information only.
    pub amounts: Vec<(String, Money)>,
    /// QTY; information only.
    pub quantities: Vec<(String, Count)>,
    /// LQ: list and code.
    pub remarks: Vec<(String, String)>,
}

impl ServicePayment {
    /// Returns the procedure as it was billed.
    #[must_use]
    pub fn billed(&self) -> &Procedure {
        self.billed_procedure.as_ref().unwrap_or(&self.procedure)
    }

    /// Returns the day of service, or its first.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.dates.iter().find(|(q, _)| q == "472" || q == "150").map(|(_, day)| *day.expose())
    }

    /// Returns whether nothing was paid for other than contractual reasons or by the patient's share.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.paid.is_zero() && self.adjustments.iter().any(ReasonedAmount::is_denial)
    }
}

/// A procedure by its code list (SVC01, SVC06).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Procedure {
    /// The list, such as HC.
    pub qualifier: String,
    /// The code.
    pub code: String,
    /// Modifiers, in order.
    pub modifiers: Vec<String>,
}

/// An adjustment with its reason (one triplet of a CAS): a positive amount lowers the payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ReasonedAmount {
    /// On whose account.
    pub group: AdjustmentGroup,
    /// Claim adjustment reason code.
    pub reason: String,
    /// Amount.
    pub amount: Money,
    /// Units.
    pub quantity: Option<Count>,
}

impl ReasonedAmount {
    /// Reasons that lower a payment by contract or by rule and are written off: above the fee schedule, negotiated,
    /// incentive, sequestration, and the payer's own reductions of that kind.
    const CONTRACTUAL: [&'static str; 4] = ["45", "131", "144", "253"];

    /// Returns whether the amount is written off under the contract with the payer.
    #[must_use]
    pub fn is_contractual(&self) -> bool {
        self.group == AdjustmentGroup::Contractual && Self::CONTRACTUAL.contains(&self.reason.as_str())
    }

    /// Returns whether the amount is the patient's share: deductible, coinsurance or copay.
    #[must_use]
    pub fn is_patient_share(&self) -> bool {
        self.group == AdjustmentGroup::PatientResponsibility
    }

    /// Returns whether the amount tells what earlier payers did, which is already in the books.
    #[must_use]
    pub fn is_prior_payer(&self) -> bool {
        self.reason == "23"
    }

    /// Returns whether the amount was refused rather than agreed away, owed by the patient or paid before.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.amount > Money::ZERO && !self.is_contractual() && !self.is_patient_share() && !self.is_prior_payer()
    }

    /// Returns group and reason as one word, such as `PR-1`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}-{}", self.group.code(), self.reason)
    }
}

/// A name in a claim (NM1), by whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RemitName {
    /// NM101: QC patient, IL insured, 74 corrected, 82 rendering, TT crossover carrier, PR corrected payer, GB other.
    pub entity: String,
    /// NM103.
    pub last: Phi<String>,
    /// NM104.
    pub first: Phi<String>,
    /// NM105.
    pub middle: Phi<String>,
    /// NM108.
    pub id_qualifier: String,
    /// NM109.
    pub id: Phi<String>,
}

/// An adjustment outside of any claim (one pair of a PLB): a positive amount lowers the payment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ProviderAdjustment {
    /// Where the PLB stands.
    #[serde(skip)]
    pub position: Position,
    /// PLB01.
    pub provider: String,
    /// PLB02: end of the fiscal period.
    pub fiscal_period: Option<NaiveDate>,
    /// Reason code.
    pub reason: String,
    /// What it refers to, often a claim's or a trace number.
    pub reference: Phi<String>,
    /// Amount.
    pub amount: Money,
}

/// A segment that is not modelled, as it came.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct KeptSegment {
    /// Where it stands.
    #[serde(skip)]
    pub position: Position,
    /// Its claim, counted from 0, when it stands in one.
    pub claim: Option<usize>,
    /// Its text without the terminator.
    pub text: Phi<String>,
}

/// Something that could not be read as what it should be. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ReadProblem {
    /// Where.
    #[serde(skip)]
    pub position: Position,
    /// Segment id.
    pub segment: String,
    /// Element, counted from 1; 0 for the segment.
    pub element: u8,
    /// The rule broken.
    pub rule: std::borrow::Cow<'static, str>,
}

crate::text::silent_debug!(ClaimPayment, ServicePayment);
