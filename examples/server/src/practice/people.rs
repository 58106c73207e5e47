//! Who works here, and how a person stands to a client.

use chrono::NaiveDate;
use mentalspace_core::{
    Appointment, AppointmentPlan, AppointmentStatus, Client, ClientId, Clinician, ClinicianId, Location, Payer, Role,
    access::{Permission, Relation},
    store::{Find, Reading, StoreError, Term},
};

use crate::signed::Signed;

/// Looks up how the signed-in person stands to a client: treats or supervises the treatment, is the client or a
/// guardian.
///
/// # Errors
/// As the store.
pub async fn to_client(
    work: &mut Reading<'_>,
    signed: &Signed,
    client: &Client,
    today: NaiveDate,
) -> Result<Relation, StoreError> {
    let guards = |user| client.guardians_on(today).any(|c| c.guardianship.as_ref().is_some_and(|g| g.user == user));
    let mut relation = Relation {
        is_client: client.user == Some(signed.user),
        guardian: guards(Some(signed.user)),
        ..Relation::default()
    };
    let Some(me) = signed.clinician else { return Ok(relation) };
    relation.own_client = client.primary_clinician == Some(me) || treats(work, me, client.id).await?;
    if let Some(primary) = client.primary_clinician {
        relation.supervises = supervises(work, me, primary, today).await?;
    }
    Ok(relation)
}

/// Looks up how the signed-in person stands to the client of an appointment.
///
/// # Errors
/// As the store.
pub async fn to_appointment(
    work: &mut Reading<'_>,
    signed: &Signed,
    plan: &AppointmentPlan,
    today: NaiveDate,
) -> Result<Relation, StoreError> {
    if signed.clinician == Some(plan.clinician) {
        return Ok(Relation { own_client: true, ..Relation::default() });
    }
    match work.get::<Client>(plan.client).await? {
        Some(client) => to_client(work, signed, &client, today).await,
        None => Ok(Relation::default()),
    }
}

/// Tells whether `me` answers for `clinician` on `day`.
///
/// # Errors
/// As the store.
pub async fn supervises(
    work: &mut Reading<'_>,
    me: ClinicianId,
    clinician: ClinicianId,
    day: NaiveDate,
) -> Result<bool, StoreError> {
    if me == clinician {
        return Ok(false);
    }
    let clinician = work.get::<Clinician>(clinician).await?;
    Ok(clinician.is_some_and(|clinician| clinician.supervised_on(day) == Some(me)))
}

/// Returns for whose clients the signed-in person may do `wanted`: everybody's (`None`), or those of certain clinicians.
///
/// # Errors
/// As the store.
pub async fn scope(
    work: &mut Reading<'_>,
    signed: &Signed,
    wanted: Permission,
    day: NaiveDate,
) -> Result<Option<Vec<ClinicianId>>, StoreError> {
    if signed.decide(wanted, Relation::default()).is_allowed() {
        return Ok(None);
    }
    let Some(me) = signed.clinician else { return Ok(Some(Vec::new())) };
    let mut of = vec![me];
    if signed.holds(&[Role::Supervisor]) {
        of.extend(clinicians(work).await?.iter().filter(|c| c.supervised_on(day) == Some(me)).map(|c| c.id));
    }
    Ok(Some(of))
}

async fn treats(work: &mut Reading<'_>, me: ClinicianId, client: ClientId) -> Result<bool, StoreError> {
    let held = AppointmentStatus::ALL.into_iter().filter(|status| status.takes_time());
    let find = Find::<Appointment>::new()
        .with(Term::plain("client", &client))
        .with(Term::plain("clinician", &me))
        .with_any(held.map(|status| Term::plain("status", status.name())))
        .limit(1);
    Ok(!work.find(&find).await?.items.is_empty())
}

/// Lists the clinicians by name.
///
/// # Errors
/// As the store.
pub async fn clinicians(work: &mut Reading<'_>) -> Result<Vec<Clinician>, StoreError> {
    let found = work.find_all(Find::<Clinician>::new()).await?;
    let mut all: Vec<Clinician> = found.into_iter().map(|found| found.value).collect();
    all.sort_by_cached_key(|clinician| clinician.name.expose_filed().to_lowercase());
    Ok(all)
}

/// Lists the places by name.
///
/// # Errors
/// As the store.
pub async fn locations(work: &mut Reading<'_>) -> Result<Vec<Location>, StoreError> {
    let found = work.find_all(Find::<Location>::new()).await?;
    let mut all: Vec<Location> = found.into_iter().map(|found| found.value).collect();
    all.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    Ok(all)
}

/// Lists the payers by name.
///
/// # Errors
/// As the store.
pub async fn payers(work: &mut Reading<'_>) -> Result<Vec<Payer>, StoreError> {
    let found = work.find_all(Find::<Payer>::new()).await?;
    let mut all: Vec<Payer> = found.into_iter().map(|found| found.value).collect();
    all.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    Ok(all)
}

/// Writes a clinician as colleagues do: name and leading credential.
#[must_use]
pub fn expose_clinician(clinician: &Clinician) -> String {
    let name = clinician.name.expose_full();
    match clinician.credentials.first() {
        Some(credential) => format!("{name}, {credential}"),
        None => name,
    }
}
