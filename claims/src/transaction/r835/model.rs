//! What an 835 says, by its loops.

use chrono::NaiveDate;
use mentalspace_core::{Money, Phi};
use serde::{Deserialize, Serialize};

use super::summary::ClaimGroup;
use crate::claim::{AdjustmentGroup, FilingIndicator};
use crate::text::open_code;
use crate::transaction::part::{
    Amount, City, Contact, Count, DateTimeReference, Field, InpatientAdjudication, Kept, List, ListedCode, More, Name,
    OutpatientAdjudication, Procedure, Quantity, ReadProblem, Reference, Street, Text, Trace, Whole,
};
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

/// One payment and what it is for: one transaction set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub handling: Text,
    /// BPR02.
    pub amount: Money,
    /// BPR03.
    pub credit_debit: CreditDebit,
    /// BPR04.
    pub method: PaymentMethod,
    /// BPR05 to BPR15: format and accounts of a transfer.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub transfer: List<Whole>,
    /// BPR16: when the money comes; `None` when absent or not a date.
    pub date: Option<NaiveDate>,
    /// BPR17 and following.
    #[serde(default, skip_serializing_if = "More::is_empty")]
    pub further_transfer: More,
    /// Elements of BPR that are not what they should be.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub unreadable: List<Unreadable>,
    /// TRN.
    pub trace: Option<Trace>,
    /// REF of the set.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// DTM of the set; 405 is the production date.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub dates: List<DateTimeReference>,
    /// 1000A.
    pub payer: RemitParty,
    /// 1000B.
    pub payee: RemitParty,
    /// 2100, in the order of the file.
    pub claims: Vec<ClaimPayment>,
    /// Header numbers behind the last claim, under which there is none.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub groups_at_end: List<ClaimGroup>,
    /// PLB, one for each pair.
    pub provider_adjustments: Vec<ProviderAdjustment>,
    /// Segments before the parties that are not modelled.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
    /// Segments behind the claims that are not modelled.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub kept_at_end: List<Kept>,
    /// What could not be read as what it should be. A remittance with problems is not posted.
    pub problems: Vec<ReadProblem>,
    /// What is wrong with the envelope, up to the end of the set.
    #[serde(skip)]
    pub envelope_findings: Vec<EnvelopeFinding>,
}

impl Remittance {
    /// A payment of nothing to nobody, to be filled.
    #[must_use]
    pub fn new(position: Position) -> Self {
        Self {
            position,
            interchange_control: None,
            group_control: None,
            set_control: String::new(),
            guide: String::new(),
            sha256: String::new(),
            handling: Text::EMPTY,
            amount: Money::ZERO,
            credit_debit: "".into(),
            method: "".into(),
            transfer: List::new(),
            date: None,
            further_transfer: More::default(),
            unreadable: List::new(),
            trace: None,
            references: List::new(),
            dates: List::new(),
            payer: RemitParty::default(),
            payee: RemitParty::default(),
            claims: Vec::new(),
            groups_at_end: List::new(),
            provider_adjustments: Vec::new(),
            kept: List::new(),
            kept_at_end: List::new(),
            problems: Vec::new(),
            envelope_findings: Vec::new(),
        }
    }

    /// Returns the number by which the payer is told apart: its 2U number, else N104, else who issued the trace.
    #[must_use]
    pub fn payer_id(&self) -> Option<&str> {
        let own = self.payer.reference("2U").or(self.payer.id.some());
        own.or_else(|| self.trace.as_ref().and_then(|trace| trace.originator.some()))
    }

    /// Returns when the advice was made (DTM*405).
    #[must_use]
    pub fn production_date(&self) -> Option<NaiveDate> {
        self.dates.iter().find(|date| date.qualifier == "405").and_then(DateTimeReference::day)
    }
}

/// An element that is not what it should be, as it came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Its place in the segment, counted from 1.
    pub element: u8,
    /// Its text.
    pub text: Text,
}

/// Payer or payee (1000A, 1000B).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RemitParty {
    /// N102.
    pub name: Text,
    /// N103.
    pub id_qualifier: Text,
    /// N104.
    pub id: Text,
    /// N105 and following.
    #[serde(skip_serializing_if = "More::is_empty")]
    pub more: More,
    /// N3.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub street: List<Street>,
    /// N4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<City>,
    /// REF.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// PER.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub contacts: List<Contact>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl RemitParty {
    /// Returns the first number with `qualifier`.
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|r| r.qualifier == qualifier).and_then(|r| r.value.some())
    }
}

/// What a payer decided about one claim (2100).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClaimPayment {
    /// Where its CLP stands.
    #[serde(skip)]
    pub position: Position,
    /// LX, TS3 and TS2, where a new header number begins with this claim; the last one is its own.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub groups: List<ClaimGroup>,
    /// CLP01: our claim control number, as the payer gives it back.
    pub control_number: Text,
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
    pub payer_control_number: Phi<Text>,
    /// CLP08.
    pub facility_type: Text,
    /// CLP09.
    pub frequency: Text,
    /// CLP10 and following: patient status, DRG and its weight, discharge fraction.
    #[serde(default, skip_serializing_if = "More::is_empty")]
    pub more: More,
    /// Elements of CLP that are not what they should be.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub unreadable: List<Unreadable>,
    /// CAS of the claim itself.
    pub adjustments: List<ReasonedAmount>,
    /// NM1: QC patient, IL insured, 74 corrected, 82 rendering, TT crossover carrier, PR corrected payer, GB other.
    pub names: List<Name>,
    /// MIA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inpatient: Option<Box<InpatientAdjudication>>,
    /// MOA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outpatient: Option<Box<OutpatientAdjudication>>,
    /// REF.
    pub references: List<Reference>,
    /// DTM; 232 and 233 are the claim's period.
    pub dates: List<DateTimeReference>,
    /// PER.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub contacts: List<Contact>,
    /// AMT; information only.
    pub amounts: List<Amount>,
    /// QTY; information only.
    pub quantities: List<Quantity>,
    /// 2110.
    pub lines: List<ServicePayment>,
    /// Segments that are not modelled.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl ClaimPayment {
    /// A decision about nothing, to be filled.
    #[must_use]
    pub fn new(control_number: Text, status: ClaimPaymentStatus) -> Self {
        Self {
            position: Position::default(),
            groups: List::new(),
            control_number,
            status,
            charge: Money::ZERO,
            paid: Money::ZERO,
            patient_responsibility: None,
            filing_indicator: "".into(),
            payer_control_number: Phi::default(),
            facility_type: Text::EMPTY,
            frequency: Text::EMPTY,
            more: More::default(),
            unreadable: List::new(),
            adjustments: List::new(),
            names: List::new(),
            inpatient: None,
            outpatient: None,
            references: List::new(),
            dates: List::new(),
            contacts: List::new(),
            amounts: List::new(),
            quantities: List::new(),
            lines: List::new(),
            kept: List::new(),
        }
    }

    /// Returns all adjustments, those of the claim first.
    pub fn all_adjustments(&self) -> impl Iterator<Item = &ReasonedAmount> {
        self.adjustments.iter().chain(self.lines.iter().flat_map(|line| &line.adjustments))
    }

    /// Returns the remark codes of the claim (MIA, MOA).
    pub fn remarks(&self) -> impl Iterator<Item = &Text> {
        let inpatient = self.inpatient.iter().flat_map(|mia| mia.remarks());
        inpatient.chain(self.outpatient.iter().flat_map(|moa| moa.remarks()))
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
        let own = self.dates.iter().filter(|date| date.qualifier == "232");
        let lines = self.lines.iter().flat_map(|l| &l.dates);
        own.chain(lines).filter_map(DateTimeReference::day).min()
    }
}

/// What a payer decided about one service (2110).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    pub revenue_code: Text,
    /// SVC05; absent means one.
    pub units: Option<Count>,
    /// SVC06: what was billed, when the payer changed it.
    pub billed_procedure: Option<Box<Procedure>>,
    /// SVC07.
    pub billed_units: Option<Count>,
    /// SVC08 and following.
    #[serde(default, skip_serializing_if = "More::is_empty")]
    pub more: More,
    /// Elements of SVC that are not what they should be.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub unreadable: List<Unreadable>,
    /// REF*6R: our line control number.
    pub control_number: Option<Text>,
    /// CAS.
    pub adjustments: List<ReasonedAmount>,
    /// REF other than the line control number.
    pub references: List<Reference>,
    /// DTM; 472 is the service, 150 and 151 its begin and end.
    pub dates: List<DateTimeReference>,
    /// AMT; information only.
    pub amounts: List<Amount>,
    /// QTY; information only.
    pub quantities: List<Quantity>,
    /// LQ: list and code.
    pub remarks: List<ListedCode>,
    /// Segments that are not modelled.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl ServicePayment {
    /// Returns the procedure as it was billed.
    #[must_use]
    pub fn billed(&self) -> &Procedure {
        self.billed_procedure.as_deref().unwrap_or(&self.procedure)
    }

    /// Returns the day of service, or its first.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        let service = self.dates.iter().filter(|date| date.qualifier == "472" || date.qualifier == "150");
        service.filter_map(DateTimeReference::day).next()
    }

    /// Returns whether nothing was paid for other than contractual reasons or by the patient's share.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.paid.is_zero() && self.adjustments.iter().any(ReasonedAmount::is_denial)
    }
}

/// An adjustment with its reason (one triplet of a CAS): a positive amount lowers the payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReasonedAmount {
    /// On whose account.
    pub group: AdjustmentGroup,
    /// Claim adjustment reason code.
    pub reason: Text,
    /// Amount.
    pub amount: Money,
    /// Units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
        format!("{}-{}", self.group.code(), self.reason.as_str())
    }
}

/// An adjustment outside of any claim (one pair of a PLB): a positive amount lowers the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderAdjustment {
    /// Where the PLB stands.
    #[serde(skip)]
    pub position: Position,
    /// PLB01.
    pub provider: Text,
    /// PLB02: end of the fiscal period.
    #[serde(default)]
    pub fiscal_period: Field<NaiveDate>,
    /// Reason code.
    pub reason: Text,
    /// What it refers to, often a claim's or a trace number.
    pub reference: Phi<Text>,
    /// Further components of the reference.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub more: List<Text>,
    /// Amount.
    pub amount: Money,
}

crate::text::silent_debug!(ClaimPayment, ServicePayment, RemitParty, Unreadable);
