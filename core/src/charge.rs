//! A charge: what a signed note makes billable, priced.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    Appointment, AppointmentId, AppointmentStatus, BillingRules, ChargeId, ClaimId, ClientId, Clinician, ClinicianId,
    CoverageId, DateOfService, Delivery, Diagnoses, FeeSchedule, Icd10Cm, Invalid, LocationId, Money, Note, NoteId,
    NoteKind, NoteStatus, Payer, PayerId, ProcedureCode, SupervisedBilling,
    coding::{CodedService, CodingError, Encounter, code_encounter},
    store::{Document, Term},
    value::id_debug,
};

/// One service line (837 2400, CMS-1500 item 24).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ChargeLine {
    /// Code, modifiers, place, units and the rules they rest on.
    pub service: CodedService,
    /// The price of all units.
    pub amount: Money,
    /// The diagnoses it treats: one to four of the charge's, by code, so that no reordering moves them.
    pub diagnoses: Diagnoses,
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ChargeStatus {
    /// Not on a claim or statement yet.
    Ready,
    /// On a claim.
    Billed {
        /// The claim.
        claim: ClaimId,
    },
    /// Taken back; another charge may be made from the note.
    Voided {
        /// When.
        at: DateTime<Utc>,
    },
}

impl ChargeStatus {
    /// Returns the name used on the wire and in search terms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Billed { .. } => "billed",
            Self::Voided { .. } => "voided",
        }
    }
}

/// A charge for one session. Its lines are priced and point to its diagnoses.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Charge {
    /// The charge.
    pub id: ChargeId,
    /// Who was treated.
    pub client: ClientId,
    /// The appointment.
    pub appointment: AppointmentId,
    /// The note it rests on.
    pub note: NoteId,
    /// Where it was given from.
    pub location: LocationId,
    /// The coverage billed first; none when the client pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageId>,
    /// The payer billed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<PayerId>,
    /// The day, in the practice's zone.
    pub date_of_service: DateOfService,
    /// Whose NPI renders (837 2310B, CMS-1500 24J).
    pub rendering: ClinicianId,
    /// Who supervised (837 2310D).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervising: Option<ClinicianId>,
    /// All diagnoses, the leading one first.
    pub diagnoses: Diagnoses,
    /// The service and its add-ons.
    pub lines: Vec<ChargeLine>,
    /// Where it stands.
    pub status: ChargeStatus,
}

id_debug!(Charge, id);

/// Who is billed.
#[derive(Debug, Clone, Copy)]
pub enum BillTo<'a> {
    /// The client; the rules are the practice's own.
    Client(&'a BillingRules),
    /// A payer, by a coverage in force on the date of service.
    Payer(&'a Payer, CoverageId),
}

/// What a charge is made from.
#[derive(Debug, Clone, Copy)]
pub struct ChargeSources<'a> {
    /// The signed note.
    pub note: &'a Note,
    /// Its appointment.
    pub appointment: &'a Appointment,
    /// Its author.
    pub author: &'a Clinician,
    /// How the session was in fact held.
    pub delivery: &'a Delivery,
    /// Who is billed.
    pub bill_to: BillTo<'a>,
    /// The prices for whom is billed.
    pub fees: &'a FeeSchedule,
    /// The day of the session in the practice's zone.
    pub day: NaiveDate,
}

/// Why no charge can be made, or why it cannot change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChargeError {
    /// A signature is missing.
    #[error("the note is {0}, not signed off")]
    NoteNotSigned(NoteStatus),
    /// Nothing is billed from notes of this kind.
    #[error("a {0} note is not billable")]
    NotBillable(NoteKind),
    /// The parts do not belong together.
    #[error("{0} of the note and what was given differ")]
    Mismatch(&'static str),
    /// The session did not take place or is not over.
    #[error("the appointment is {0}, not completed")]
    NotCompleted(AppointmentStatus),
    /// No diagnosis.
    #[error("the note names no diagnosis")]
    MissingDiagnosis,
    /// An external cause cannot stand first.
    #[error("the leading diagnosis names an external cause")]
    ExternalCauseFirst,
    /// The service cannot be coded.
    #[error(transparent)]
    Coding(#[from] CodingError),
    /// The fee schedule has no price.
    #[error("no fee for {code} on {on}")]
    NoFee {
        /// The code.
        code: ProcedureCode,
        /// The date of service.
        on: NaiveDate,
    },
    /// The price is out of range.
    #[error(transparent)]
    Amount(#[from] Invalid),
    /// The payer wants the supervisor to render, and there is none.
    #[error("the payer wants the supervisor to render, but none is on record")]
    NoSupervisor,
    /// The charge is where this cannot happen.
    #[error("a charge that is {0} cannot do this")]
    NotPossible(&'static str),
}

/// The most diagnoses a line points to (837 SV107, CMS-1500 24E).
const MAX_POINTERS: usize = 4;

impl Charge {
    /// Makes the charge for a session from its signed note.
    ///
    /// # Errors
    /// [`ChargeError`]: the note is not signed off or not billable, the appointment is not completed, the parts do not
    /// belong together, a diagnosis, code or price is missing.
    pub fn from_note(id: ChargeId, from: &ChargeSources<'_>) -> Result<Self, ChargeError> {
        let (header, plan) = (from.note.header(), from.appointment.plan());
        billable(from)?;
        let facts = from.note.billing();
        let diagnoses = facts.diagnoses;
        match diagnoses.expose().first().map(Icd10Cm::chapter) {
            None => return Err(ChargeError::MissingDiagnosis),
            Some(crate::Chapter::ExternalCause) => return Err(ChargeError::ExternalCauseFirst),
            Some(_) => {}
        }
        let (rules, payer, coverage) = match from.bill_to {
            BillTo::Client(rules) => (rules, None, None),
            BillTo::Payer(payer, coverage) => (&payer.rules, Some(payer.id), Some(coverage)),
        };
        if from.fees.payer().is_some_and(|of| Some(of) != payer) {
            return Err(ChargeError::Mismatch("payer"));
        }
        let encounter = Encounter {
            service: plan.service,
            minutes: facts.times.map(crate::SessionTimes::minutes),
            delivery: from.delivery,
            complexity: facts.complexity,
            on: from.day,
        };
        let pointed: Vec<Icd10Cm> = diagnoses.expose().iter().take(MAX_POINTERS).cloned().collect();
        let pointed = Diagnoses::try_from(pointed)?;
        let price = |service: CodedService| {
            let no_fee = || ChargeError::NoFee { code: service.code.clone(), on: from.day };
            let fee = from.fees.fee(&service.code, from.day).ok_or_else(no_fee)?;
            let amount = fee.times(service.units.into())?;
            Ok(ChargeLine { service, amount, diagnoses: pointed.clone() })
        };
        let lines = code_encounter(&encounter, rules)?.into_iter().map(price);
        let lines = lines.collect::<Result<Vec<_>, ChargeError>>()?;
        let supervisor = from.author.supervised_on(from.day);
        let (rendering, supervising) = match (rules.supervised, supervisor) {
            (SupervisedBilling::UnderSupervisor, Some(supervisor)) => (supervisor, None),
            (SupervisedBilling::UnderClinician | SupervisedBilling::UnderSupervisor, supervisor) => {
                (header.author, supervisor)
            }
        };
        Ok(Self {
            id,
            client: plan.client,
            appointment: from.appointment.id(),
            note: header.id,
            location: plan.location,
            coverage,
            payer,
            date_of_service: DateOfService::on(from.day),
            rendering,
            supervising,
            diagnoses: diagnoses.clone(),
            lines,
            status: ChargeStatus::Ready,
        })
    }

    /// Returns what all lines cost.
    #[must_use]
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// Puts the charge on a claim.
    ///
    /// # Errors
    /// It is on one already, or voided.
    pub fn bill(self, claim: ClaimId) -> Result<Self, ChargeError> {
        match self.status {
            ChargeStatus::Ready => Ok(Self { status: ChargeStatus::Billed { claim }, ..self }),
            ChargeStatus::Billed { .. } | ChargeStatus::Voided { .. } => {
                Err(ChargeError::NotPossible(self.status.name()))
            }
        }
    }

    /// Takes the charge off a claim that was never sent or is void.
    ///
    /// # Errors
    /// It is on no claim.
    pub fn release(self) -> Result<Self, ChargeError> {
        match self.status {
            ChargeStatus::Billed { .. } => Ok(Self { status: ChargeStatus::Ready, ..self }),
            ChargeStatus::Ready | ChargeStatus::Voided { .. } => Err(ChargeError::NotPossible(self.status.name())),
        }
    }

    /// Takes the charge back.
    ///
    /// # Errors
    /// It is on a claim, which must be voided first, or is voided already.
    pub fn void(self, at: DateTime<Utc>) -> Result<Self, ChargeError> {
        match self.status {
            ChargeStatus::Ready => Ok(Self { status: ChargeStatus::Voided { at }, ..self }),
            ChargeStatus::Billed { .. } | ChargeStatus::Voided { .. } => {
                Err(ChargeError::NotPossible(self.status.name()))
            }
        }
    }
}

fn billable(from: &ChargeSources<'_>) -> Result<(), ChargeError> {
    let (header, plan) = (from.note.header(), from.appointment.plan());
    if !header.kind.rules().billable {
        return Err(ChargeError::NotBillable(header.kind));
    }
    if !from.note.is_signed_off() {
        return Err(ChargeError::NoteNotSigned(from.note.status()));
    }
    let same = [
        ("appointment", header.appointment == Some(from.appointment.id())),
        ("client", header.client == Some(plan.client)),
        ("author", header.author == from.author.id),
        ("date of service", header.service_date == from.day),
    ];
    if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(ChargeError::Mismatch(what));
    }
    match from.appointment.status() {
        AppointmentStatus::Completed => Ok(()),
        status => Err(ChargeError::NotCompleted(status)),
    }
}

impl Document for Charge {
    const KIND: &'static str = "charge";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    /// The date of service.
    fn sort(&self) -> String {
        self.date_of_service.from().to_string()
    }

    fn terms(&self) -> Vec<Term> {
        let note = Term::plain("note", &self.note);
        let mut terms = vec![
            Term::plain("client", &self.client),
            Term::plain("appointment", &self.appointment),
            Term::plain("status", self.status.name()),
        ];
        match self.status {
            ChargeStatus::Ready => terms.push(note.unique()),
            ChargeStatus::Billed { claim } => terms.extend([note.unique(), Term::plain("claim", &claim)]),
            ChargeStatus::Voided { .. } => terms.push(note),
        }
        terms.extend(self.payer.iter().map(|payer| Term::plain("payer", payer)));
        terms
    }
}
