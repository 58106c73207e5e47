//! A claim from the clinical records: what a signed note made billable, for whom, by whom, to whom.
//!
//! Charges of one client, coverage, location and clinician become one claim; what does not fit together is refused.

use mentalspace_core as core;
use mentalspace_core::{Charge, Client, Clinician, Coverage, Icd10Cm, Invalid, Location, Phi, Practice};
use rust_decimal::Decimal;

use crate::claim::{
    BillingProvider, Claim, ClaimControlNumber, ClaimDraft, ClaimError, Contact, Facility, FilingIndicator,
    LineControlNumber, MemberId, OrganizationName, PartyName, Patient, Payer, PayerCode, PayerSequence, Provider,
    Quantity, Reference, Relationship, ServiceLine, Subscriber,
};

/// The records a claim is made of.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The charges; at least one.
    pub charges: &'a [Charge],
    /// Whose.
    pub client: &'a Client,
    /// The coverage that is billed.
    pub coverage: &'a Coverage,
    /// Who pays.
    pub payer: &'a core::Payer,
    /// Who bills.
    pub practice: &'a Practice,
    /// Where.
    pub location: &'a Location,
    /// Who rendered.
    pub rendering: &'a Clinician,
    /// Who supervised, when the charges name a supervisor.
    pub supervising: Option<&'a Clinician>,
    /// The payer's authorisation, when there is one.
    pub prior_authorization: Option<&'a Reference>,
}

/// Why no claim can be made. Says which record, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// There is nothing to bill.
    #[error("there is no charge to bill")]
    NoCharge,
    /// A record belongs to something else than the charges do.
    #[error("the {0} is not that of the charges")]
    Mismatch(&'static str),
    /// Something is not on file that a claim needs.
    #[error("the {0} is not on file")]
    Missing(&'static str),
    /// A value does not fit a claim.
    #[error(transparent)]
    Value(#[from] Invalid),
    /// The parts do not make a claim.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

/// Makes a claim with this control number; each line's number is the claim's with the line behind it.
///
/// # Errors
/// The records do not belong together, something is missing, or the parts do not make a claim.
pub fn assemble(control_number: ClaimControlNumber, from: &Sources<'_>) -> Result<Claim, AssembleError> {
    let first = from.charges.first().ok_or(AssembleError::NoCharge)?;
    same_records(from)?;
    let diagnoses = diagnoses(from.charges);
    let mut lines = Vec::new();
    for charge in from.charges {
        for line in &charge.lines {
            let pointers = line.diagnoses.expose().iter().filter_map(|code| position(&diagnoses, code));
            let units = Quantity::new(Decimal::from(line.service.units))?;
            let pointers: Vec<u8> = pointers.take(4).collect();
            let mut made =
                ServiceLine::new(line.service.code.clone(), line.amount, units, charge.date_of_service, &pointers);
            made.modifiers = line.service.modifiers.clone();
            made.place_of_service = Some(line.service.place_of_service.clone());
            made.control_number = Some(LineControlNumber::parse(format!("{control_number}-{}", lines.len() + 1))?);
            lines.push(made);
        }
    }
    let place = lines.first().and_then(|line| line.place_of_service.clone()).ok_or(AssembleError::NoCharge)?;
    for line in &mut lines {
        line.place_of_service = line.place_of_service.take().filter(|own| *own != place);
    }
    let (subscriber, patient) = insured(from)?;
    let billing = billing_provider(from.practice)?;
    let telehealth = place.is_telehealth();
    let mut draft = ClaimDraft::new(control_number, billing, subscriber, payer(from.payer)?, place, diagnoses, lines);
    draft.patient = patient;
    draft.payer_sequence = PayerSequence::from(from.coverage.rank.code());
    draft.prior_authorization = from.prior_authorization.cloned();
    draft.rendering = Some(provider(from.rendering)?);
    draft.supervising = match (first.supervising, from.supervising) {
        (Some(_), Some(supervisor)) => Some(provider(supervisor)?),
        (Some(_), None) => return Err(AssembleError::Missing("supervisor")),
        (None, _) => None,
    };
    // By telehealth nobody was at a place of the practice.
    if !telehealth && from.location.address != *from.practice.address.address() {
        let mut facility =
            Facility::new(OrganizationName::parse(from.location.name.as_str())?, from.location.address.clone());
        facility.npi = from.location.npi.clone();
        draft.facility = Some(facility);
    }
    Ok(Claim::try_from(draft)?)
}

fn same_records(from: &Sources<'_>) -> Result<(), AssembleError> {
    let supervisor = from.supervising.map(|s| s.id);
    let first = from.charges.first();
    for charge in from.charges {
        let same = [
            ("client", charge.client == from.client.id && from.coverage.client == from.client.id),
            ("coverage", charge.coverage == Some(from.coverage.id)),
            ("payer", charge.payer == Some(from.payer.id) && from.coverage.payer == from.payer.id),
            ("location", charge.location == from.location.id),
            ("rendering clinician", charge.rendering == from.rendering.id),
            (
                "supervising clinician",
                charge.supervising.is_none() || supervisor.is_none() || charge.supervising == supervisor,
            ),
            ("supervising clinician", first.is_none_or(|first| first.supervising == charge.supervising)),
        ];
        if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
            return Err(AssembleError::Mismatch(what));
        }
    }
    Ok(())
}

/// Gathers the diagnoses of all charges, each once, in the order in which they come.
fn diagnoses(charges: &[Charge]) -> Vec<Icd10Cm> {
    let mut all: Vec<Icd10Cm> = Vec::new();
    let every = charges
        .iter()
        .flat_map(|c| c.diagnoses.expose().iter().chain(c.lines.iter().flat_map(|line| line.diagnoses.expose())));
    for code in every {
        if !all.contains(code) {
            all.push(code.clone());
        }
    }
    all
}

/// Counts from 1.
fn position(diagnoses: &[Icd10Cm], code: &Icd10Cm) -> Option<u8> {
    diagnoses.iter().position(|d| d == code).and_then(|at| u8::try_from(at + 1).ok())
}

fn insured(from: &Sources<'_>) -> Result<(Subscriber, Option<Patient>), AssembleError> {
    let (client, coverage) = (from.client, from.coverage);
    let home = client.home().cloned().ok_or(AssembleError::Missing("client's address"))?;
    let member = MemberId::parse(coverage.member_id.expose())?;
    let phone = client.phones.first().map(|p| p.phone.clone());
    let (mut subscriber, patient) = match &coverage.subscriber {
        core::Subscriber::Client => {
            let mut subscriber = Subscriber::new(client.legal_name.clone(), member);
            subscriber.birth_date = Some(client.birth_date.clone());
            subscriber.sex = Some(client.payer_sex);
            subscriber.address = Some(home);
            subscriber.phone = phone;
            (subscriber, None)
        }
        core::Subscriber::Other(other) => {
            let mut subscriber = Subscriber::new(other.name.clone(), member);
            subscriber.birth_date = Some(other.birth_date.clone());
            subscriber.sex = Some(other.payer_sex);
            subscriber.address = Some(other.address.clone());
            let relationship = Relationship::from(other.relationship.code());
            let birth: &Phi<_> = &client.birth_date;
            let mut patient =
                Patient::new(relationship, client.legal_name.clone(), *birth.expose(), client.payer_sex, home);
            patient.phone = phone;
            (subscriber, Some(patient))
        }
    };
    subscriber.group_number = coverage.group_number.as_ref().map(|n| Reference::parse(n.expose())).transpose()?;
    subscriber.group_name = coverage.plan_name.as_ref().map(|n| OrganizationName::parse(n.expose())).transpose()?;
    Ok((subscriber, patient))
}

fn billing_provider(practice: &Practice) -> Result<BillingProvider, AssembleError> {
    let name = PartyName::Organization(OrganizationName::parse(practice.name.as_str())?);
    let address = practice.address.address().clone();
    let mut provider = BillingProvider::new(name, practice.billing_npi.clone(), practice.tax_id.clone(), address);
    provider.taxonomy = Some(practice.taxonomy.clone());
    provider.contact = Some(Contact { phone: Some(practice.phone.clone()), ..Contact::default() });
    Ok(provider)
}

fn payer(payer: &core::Payer) -> Result<Payer, AssembleError> {
    let name = OrganizationName::parse(payer.name.as_str())?;
    let mut made =
        Payer::new(name, PayerCode::parse(payer.electronic_id.as_str())?, FilingIndicator::from(payer.filing.as_str()));
    made.address = payer.address.clone();
    Ok(made)
}

fn provider(clinician: &Clinician) -> Result<Provider, AssembleError> {
    let npi = clinician.npi.clone().ok_or(AssembleError::Missing("clinician's npi"))?;
    let mut provider = Provider::new(PartyName::Person(clinician.name.clone()), npi);
    provider.taxonomy = clinician.taxonomy.clone();
    Ok(provider)
}
