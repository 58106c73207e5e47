//! From a signed note to a priced charge, an entry in the books and a claim that waits to be sent.
//!
//! Two steps, each one unit of work and repeatable: a charge is booked once however often the job runs, and it stays
//! booked when its claim cannot be made yet.

use super::{claims, payers, settings};
use crate::{
    app::App,
    jobs::Failure,
    practice::{Office, notes::CHARGE_QUEUE, visits},
    problem::Problem,
};
use chrono::NaiveDate;
use mentalspace_claims::{
    assemble::{ClaimSources, assemble},
    claim::{Claim, ClaimControlNumber},
    record::ClaimRecord,
};
use mentalspace_core::{
    Access, Appointment, BillTo, Charge, ChargeId, ChargeSources, ChargeStatus, ClaimId, Client, Clinician, Coverage,
    EntryId, Note, NoteId, Payer, PracticeId, Purpose, draw,
    ledger::{Account, Entry, LedgerError, Posting, Source},
    store::{Find, Job, Reading, Term, Versioned, Writing},
};

#[derive(serde::Deserialize)]
struct Payload {
    note: NoteId,
}

/// Bills a signed note: books its charge and makes its claim.
///
/// # Errors
/// [`Failure::Rule`] when a person must complete a record first.
pub async fn prepare(app: &App, practice: PracticeId, job: &Job) -> Result<(), Failure> {
    let Payload { note } = serde_json::from_value(job.payload.expose().clone())
        .map_err(|_| Failure::Rule("the job does not name a note".to_owned()))?;
    let access = Access {
        purpose: Purpose::Payment,
        trace: Some(job.id.to_string()),
        ..Access::system(practice, CHARGE_QUEUE, app.now())
    };
    let fresh = app.new_id();
    let charged = app.vault().write(&access, |work| {
        let access = &access;
        Box::pin(async move { charge(work, access, note, fresh).await })
    });
    let charge = charged.await?;
    let number = control_number(app)?;
    let claimed = app.vault().write(&access, |work| {
        let access = &access;
        Box::pin(async move { claim(work, access, charge, number).await })
    });
    claimed.await
}

/// Draws a number for a claim: sixty random bits in letters that are not mistaken for each other. It says nothing about
/// anybody, and its unique term finds the one in a lifetime that was drawn before.
fn control_number(app: &App) -> Result<ClaimControlNumber, Failure> {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = u64::from_be_bytes(draw(app.entropy()));
    let mut number = String::with_capacity(12);
    for _ in 0..12 {
        number.push(char::from(LETTERS[(bits % 32) as usize]));
        bits /= 32;
    }
    Ok(ClaimControlNumber::parse(number)?)
}

/// Returns the id of a charge's claim: the same, so that the books can name the claim before it is made.
#[must_use]
pub const fn claim_id(charge: ChargeId) -> ClaimId {
    ClaimId::from_uuid(charge.uuid())
}

/// Books the charge of a note, or finds the one that is booked.
async fn charge(work: &mut Writing<'_>, access: &Access, note: NoteId, fresh: ChargeId) -> Result<ChargeId, Failure> {
    let known = work.find_all(Find::<Charge>::new().with(Term::plain("note", &note))).await?;
    if let Some(known) = known.iter().find(|known| !matches!(known.status, ChargeStatus::Voided { .. })) {
        return Ok(known.id);
    }
    let office = Office::open(work, access).await?;
    let note = work.expect::<Note>(note).await?.value;
    let header = note.header();
    let appointment = header.appointment.ok_or_else(|| Failure::Rule("the note is about no appointment".to_owned()))?;
    let appointment = work.expect::<Appointment>(appointment).await?.value;
    let author = work.expect::<Clinician>(header.author).await?.value;
    let location = work.expect::<mentalspace_core::Location>(appointment.plan().location).await?.value;
    let delivery = visits::delivery(work, &appointment, &location).await?;
    let delivery = delivery.ok_or_else(|| {
        Failure::Rule("the record of the visit is missing, or does not say where the client was".to_owned())
    })?;
    let began = note.billing().times.map_or(appointment.plan().slot.start(), mentalspace_core::SessionTimes::start);
    let day = office.zone.day(began);
    let covered = coverages(work, appointment.plan().client, day).await?;
    let settings = settings::load(work, &office.practice).await.map_err(|_| unusable("billing settings"))?;
    let bill_to = match covered.first() {
        Some((coverage, payer)) => BillTo::Payer(payer, coverage.id),
        None => BillTo::Client(&settings.self_pay),
    };
    let fees = payers::prices(work, covered.first().map(|(_, payer)| payer.id)).await?;
    let fees = fees.ok_or_else(|| Failure::Rule("no fee schedule is set up".to_owned()))?.value;
    let sources = ChargeSources {
        note: &note,
        appointment: &appointment,
        author: &author,
        delivery: &delivery,
        bill_to,
        fees: &fees,
        day,
    };
    let charge = Charge::from_note(fresh, &sources)?;
    work.insert(&charge).await?;
    match entry(&charge, &office) {
        Ok(entry) => work.post(&entry).await?,
        Err(LedgerError::Empty) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(charge.id)
}

fn unusable(what: &str) -> Failure {
    Failure::Rule(format!("the {what} cannot be used"))
}

/// The entry of a charge: owed by the payer it is billed to, or by the client. Its id is the charge's, so that it is
/// booked once.
fn entry(charge: &Charge, office: &Office) -> Result<Entry, LedgerError> {
    let owed = if charge.payer.is_some() { Account::InsuranceReceivable } else { Account::PatientReceivable };
    let claim = charge.payer.map(|_| claim_id(charge.id));
    let mut postings = Vec::with_capacity(charge.lines.len() * 2);
    for (index, line) in charge.lines.iter().enumerate() {
        for (account, amount) in [(owed, line.amount), (Account::ServiceRevenue, -line.amount)] {
            postings.push(Posting {
                client: Some(charge.client),
                claim,
                line: u16::try_from(index + 1).ok(),
                payer: charge.payer,
                ..Posting::new(account, amount)
            });
        }
    }
    let source = Source { kind: "charge".to_owned(), id: charge.id.uuid() };
    Entry::new(EntryId::from_uuid(charge.id.uuid()), charge.date_of_service.from(), office.now, source, postings)
}

/// Takes a charge that is on no claim any more out of the books, by an entry of its own, and leaves the job that bills
/// its note anew.
pub(super) async fn take_back(
    work: &mut Writing<'_>,
    app: &App,
    office: &Office,
    charge: ChargeId,
) -> Result<(), Problem> {
    let impossible = |error: &dyn std::error::Error| Problem::conflict(crate::problem::sentence(error));
    let Versioned { version, value: charge } = work.expect::<Charge>(charge).await?;
    match entry(&charge, office) {
        Ok(booked) => {
            let source = Source { kind: "charge".to_owned(), id: charge.id.uuid() };
            work.post(&booked.reversal(app.new_id(), office.today, office.now, source)).await?;
        }
        Err(LedgerError::Empty) => {}
        Err(error) => return Err(impossible(&error)),
    }
    let note = charge.note;
    let voided = charge.release().and_then(|charge| charge.void(office.now)).map_err(|error| impossible(&error))?;
    work.update(&voided, version).await?;
    let payload = serde_json::json!({ "note": note });
    work.insert(&Job::new(app.new_id(), CHARGE_QUEUE, payload, office.now)?).await?;
    Ok(())
}

/// Reads the coverages in force on a day and their payers, in the order they are billed.
async fn coverages(
    work: &mut Reading<'_>,
    client: mentalspace_core::ClientId,
    day: NaiveDate,
) -> Result<Vec<(Coverage, Payer)>, Failure> {
    let all = work.find_all(Find::<Coverage>::new().with(Term::plain("client", &client))).await?;
    let in_force = Coverage::in_force_on(all.iter().map(|found| &found.value), day)?;
    let mut covered = Vec::with_capacity(in_force.len());
    for coverage in in_force {
        let payer = work.expect::<Payer>(coverage.payer).await?.value;
        covered.push((coverage.clone(), payer));
    }
    Ok(covered)
}

/// Makes the claim of a charge that goes to a payer and is on no claim yet.
async fn claim(
    work: &mut Writing<'_>,
    access: &Access,
    charge: ChargeId,
    number: ClaimControlNumber,
) -> Result<(), Failure> {
    let charge = work.expect::<Charge>(charge).await?;
    if charge.payer.is_none() || charge.status != ChargeStatus::Ready {
        return Ok(());
    }
    let office = Office::open(work, access).await?;
    let claim = assembled(work, &office, &charge, number).await?;
    let id = claim_id(charge.id);
    let record = ClaimRecord::new(id, Some(charge.client), charge.payer, vec![charge.id], claim);
    let record = claims::finished(work, &office, record).await.map_err(|_| unusable("billing settings"))?;
    work.insert(&record).await?;
    let version = charge.version;
    work.update(&charge.value.bill(id)?, version).await?;
    Ok(())
}

/// Puts the records of a charge together to its claim.
pub(super) async fn assembled(
    work: &mut Reading<'_>,
    office: &Office,
    charge: &Charge,
    number: ClaimControlNumber,
) -> Result<Claim, Failure> {
    let client = work.expect::<Client>(charge.client).await?.value;
    let rendering = work.expect::<Clinician>(charge.rendering).await?.value;
    let supervising = match charge.supervising {
        Some(supervisor) => Some(work.expect::<Clinician>(supervisor).await?.value),
        None => None,
    };
    let location = work.expect::<mentalspace_core::Location>(charge.location).await?.value;
    let covered = coverages(work, charge.client, charge.date_of_service.from()).await?;
    let covered: Vec<(&Coverage, &Payer)> = covered.iter().map(|(coverage, payer)| (coverage, payer)).collect();
    let sources = ClaimSources {
        practice: &office.practice,
        charge,
        client: &client,
        coverages: &covered,
        rendering: &rendering,
        supervising: supervising.as_ref(),
        location: &location,
    };
    Ok(assemble(number, &sources)?)
}
