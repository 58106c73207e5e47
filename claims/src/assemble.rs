//! A claim from the records of a practice: charge, client, coverage, payer, clinicians and location become one checked
//! [`Claim`]. Nothing is guessed: what is missing is named with the field it is missing from.

use mentalspace_core::{
    Charge, Client, Clinician, Coverage, CoverageRank, Diagnoses, Invalid, Location, Payer as CorePayer, Practice,
    Subscriber as CoreSubscriber,
};
use rust_decimal::Decimal;

use crate::claim::{
    BillingProvider, Claim, ClaimControlNumber, ClaimDraft, ClaimError, Contact, Facility, FilingIndicator,
    LineControlNumber, MemberId, OrganizationName, OtherPayer, OtherSubscriber, PartyName, Patient, Payer, PayerCode,
    PayerSequence, Provider, Quantity, Reference, Relationship, ServiceLine, Subscriber,
};

/// What a claim is made from.
#[derive(Debug, Clone, Copy)]
pub struct ClaimSources<'a> {
    /// Who bills.
    pub practice: &'a Practice,
    /// What is billed.
    pub charge: &'a Charge,
    /// Who was treated.
    pub client: &'a Client,
    /// The coverages in force on the date of service with their payers, in the order they are billed; the first one is
    /// billed by this claim.
    pub coverages: &'a [(&'a Coverage, &'a CorePayer)],
    /// Who renders.
    pub rendering: &'a Clinician,
    /// Who supervised.
    pub supervising: Option<&'a Clinician>,
    /// Where the service was given from.
    pub location: &'a Location,
}

/// Why records do not make a claim. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// Nobody is there to be billed.
    #[error("no coverage is in force on the date of service")]
    NoCoverage,
    /// The records belong to different people, payers or places.
    #[error("{0} of the charge and what was given differ")]
    Mismatch(&'static str),
    /// A record lacks what a claim needs.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A line points to a diagnosis that the charge does not have.
    #[error("line {line} treats a diagnosis that the charge does not name")]
    Diagnosis {
        /// The line, counted from 1.
        line: usize,
    },
    /// A value of the records is nothing a claim can carry.
    #[error(transparent)]
    Value(#[from] Invalid),
    /// The parts do not make a whole claim.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

/// Makes the claim to the first payer.
///
/// # Errors
/// [`AssembleError`]: records that do not belong together, or lack what a claim needs.
pub fn assemble(number: ClaimControlNumber, from: &ClaimSources<'_>) -> Result<Claim, AssembleError> {
    let Some((&(coverage, payer), others)) = from.coverages.split_first() else {
        return Err(AssembleError::NoCoverage);
    };
    belongs_together(from, coverage, payer)?;
    let lines = lines(&number, from.charge)?;
    let place = from.charge.lines.first().map(|line| line.service.place_of_service.clone());
    let place = place.ok_or(AssembleError::Missing("a service line"))?;
    let telehealth = place.is_telehealth();
    let diagnoses = from.charge.diagnoses.expose().to_vec();
    let (subscriber, patient) = insured(from.client, coverage)?;
    let mut draft = ClaimDraft::new(
        number,
        billing_provider(from.practice)?,
        subscriber,
        self::payer(payer)?,
        place,
        diagnoses,
        lines,
    );
    draft.patient = patient;
    draft.payer_sequence = sequence(coverage.rank);
    draft.rendering = Some(provider(from.rendering));
    draft.supervising = from.supervising.map(provider);
    if !telehealth && from.location.address != *from.practice.address.address() {
        let mut facility =
            Facility::new(OrganizationName::parse(from.location.name.as_str())?, from.location.address.clone());
        facility.npi.clone_from(&from.location.npi);
        draft.facility = Some(facility);
    }
    for (coverage, payer) in others {
        draft.other_payers.push(other_payer(from.client, coverage, payer)?);
    }
    Ok(Claim::try_from(draft)?)
}

fn belongs_together(from: &ClaimSources<'_>, coverage: &Coverage, payer: &CorePayer) -> Result<(), AssembleError> {
    let charge = from.charge;
    let day = charge.date_of_service.from();
    let same = [
        ("the client", charge.client == from.client.id),
        ("the coverage", charge.coverage == Some(coverage.id)),
        ("the payer", charge.payer == Some(payer.id)),
        ("the rendering clinician", charge.rendering == from.rendering.id),
        ("the supervising clinician", charge.supervising == from.supervising.map(|s| s.id)),
        ("the location", charge.location == from.location.id),
    ];
    if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(AssembleError::Mismatch(what));
    }
    let fits = |(coverage, payer): &(&Coverage, &CorePayer)| {
        coverage.client == charge.client && coverage.payer == payer.id && coverage.in_force.contains(day)
    };
    if from.coverages.iter().all(fits) { Ok(()) } else { Err(AssembleError::Mismatch("a coverage")) }
}

fn billing_provider(practice: &Practice) -> Result<BillingProvider, AssembleError> {
    let name = OrganizationName::parse(practice.name.as_str())?;
    let mut provider = BillingProvider::new(
        PartyName::Organization(name.clone()),
        practice.billing_npi.clone(),
        practice.tax_id.clone(),
        practice.address.address().clone(),
    );
    provider.taxonomy = Some(practice.taxonomy.clone());
    provider.contact = Some(Contact { name: Some(name), phone: Some(practice.phone.clone()), ..Contact::default() });
    Ok(provider)
}

fn provider(clinician: &Clinician) -> Provider {
    // A clinician without an NPI is named all the same: the check of the claim says what is missing.
    Provider {
        name: PartyName::Person(clinician.name.clone()),
        npi: clinician.npi.clone(),
        taxonomy: clinician.taxonomy.clone(),
        secondary_ids: Vec::new(),
    }
}

fn payer(payer: &CorePayer) -> Result<Payer, Invalid> {
    let id = PayerCode::parse(payer.electronic_id.as_str())?;
    let filing = FilingIndicator::from(payer.filing.as_str());
    let mut made = Payer::new(OrganizationName::parse(payer.name.as_str())?, id, filing);
    made.address.clone_from(&payer.address);
    Ok(made)
}

fn insured(client: &Client, coverage: &Coverage) -> Result<(Subscriber, Option<Patient>), AssembleError> {
    let member = MemberId::parse(coverage.member_id.expose())?;
    let home = client.home().ok_or(AssembleError::Missing("the client's home address"))?.clone();
    let phone = client.phones.first().map(|known| known.phone.clone());
    let (mut subscriber, patient) = match &coverage.subscriber {
        CoreSubscriber::Client => {
            let mut subscriber = Subscriber::new(client.legal_name.clone(), member);
            subscriber.birth_date = Some(client.birth_date.clone());
            subscriber.sex = Some(client.payer_sex);
            subscriber.address = Some(home);
            subscriber.phone = phone;
            (subscriber, None)
        }
        CoreSubscriber::Other(other) => {
            let mut subscriber = Subscriber::new(other.name.clone(), member);
            subscriber.birth_date = Some(other.birth_date.clone());
            subscriber.sex = Some(other.payer_sex);
            subscriber.address = Some(other.address.clone());
            let relationship = Relationship::from(other.relationship.code());
            let born = *client.birth_date.expose();
            let mut patient = Patient::new(relationship, client.legal_name.clone(), born, client.payer_sex, home);
            patient.phone = phone;
            (subscriber, Some(patient))
        }
    };
    (subscriber.group_number, subscriber.group_name) = plan(coverage)?;
    Ok((subscriber, patient))
}

fn plan(coverage: &Coverage) -> Result<(Option<Reference>, Option<OrganizationName>), Invalid> {
    let number = coverage.group_number.as_ref().map(|number| Reference::parse(number.expose())).transpose()?;
    let name = coverage.plan_name.as_ref().map(|name| OrganizationName::parse(name.expose())).transpose()?;
    Ok((number, name))
}

fn other_payer(client: &Client, coverage: &Coverage, payer: &CorePayer) -> Result<OtherPayer, AssembleError> {
    let member_id = MemberId::parse(coverage.member_id.expose())?;
    let (group_number, group_name) = plan(coverage)?;
    let subscriber = match &coverage.subscriber {
        CoreSubscriber::Client => OtherSubscriber {
            name: client.legal_name.clone(),
            member_id,
            relationship: Relationship::SelfSame,
            address: client.home().cloned(),
            group_number,
            group_name,
        },
        CoreSubscriber::Other(other) => OtherSubscriber {
            name: other.name.clone(),
            member_id,
            relationship: Relationship::from(other.relationship.code()),
            address: Some(other.address.clone()),
            group_number,
            group_name,
        },
    };
    Ok(OtherPayer::new(sequence(coverage.rank), subscriber, self::payer(payer)?))
}

fn sequence(rank: CoverageRank) -> PayerSequence {
    PayerSequence::from(rank.code())
}

fn lines(number: &ClaimControlNumber, charge: &Charge) -> Result<Vec<ServiceLine>, AssembleError> {
    let first = charge.lines.first().map(|line| &line.service.place_of_service);
    let line = |(index, line): (usize, &mentalspace_core::ChargeLine)| {
        let pointers = pointers(&charge.diagnoses, &line.diagnoses);
        let pointers = pointers.ok_or(AssembleError::Diagnosis { line: index + 1 })?;
        let (service, units) = (&line.service, Quantity::new(Decimal::from(line.service.units))?);
        let mut made = ServiceLine::new(service.code.clone(), line.amount, units, charge.date_of_service, &pointers);
        made.modifiers = service.modifiers.clone();
        made.control_number = Some(LineControlNumber::parse(format!("{number}-{}", index + 1))?);
        made.place_of_service = Some(&service.place_of_service).filter(|place| Some(*place) != first).cloned();
        Ok(made)
    };
    charge.lines.iter().enumerate().map(line).collect()
}

/// Positions, counted from 1, of a line's diagnoses among all.
fn pointers(all: &Diagnoses, of_line: &Diagnoses) -> Option<Vec<u8>> {
    let place = |code| all.expose().iter().position(|other| other == code).and_then(|at| u8::try_from(at + 1).ok());
    of_line.expose().iter().map(place).collect()
}
