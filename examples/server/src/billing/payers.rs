//! Payers, the rules they bill by, and prices.

use chrono::NaiveDate;
use mentalspace_core::{
    Fee, FeeSchedule, FeeScheduleId, Invalid, Modifier, Money, OrganizationName, Payer, PayerId, Period, ProcedureCode,
    Purpose, TelehealthModality, TelehealthRule,
    access::Permission,
    store::{Document, Find, Reading, StoreError, Term, Versioned},
};

use super::require;
use crate::{app::App, problem::Problem, signed::Signed};

/// The day from which the usual telehealth coding holds: place of service 10 exists since then.
const TELEHEALTH_SINCE: NaiveDate = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap();

/// Returns the telehealth coding most payers ask for.
#[must_use]
pub fn usual_telehealth() -> Vec<TelehealthRule> {
    TelehealthRule::starters(TELEHEALTH_SINCE).into()
}

/// Returns that coding with the modifiers a payer asks for instead, from a day on.
///
/// # Errors
/// A modifier is no modifier.
pub fn telehealth(video: Option<&str>, audio: Option<&str>, since: NaiveDate) -> Result<Vec<TelehealthRule>, Invalid> {
    let (video, audio) = (video.map(Modifier::parse).transpose()?, audio.map(Modifier::parse).transpose()?);
    let mut rules = TelehealthRule::starters(since);
    for rule in &mut rules {
        rule.modifier = match rule.modality {
            TelehealthModality::Video => video.clone(),
            TelehealthModality::Audio => audio.clone(),
        };
    }
    Ok(rules.into())
}

/// Lists the payers by name.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Versioned<Payer>>, Problem> {
    let access = signed.access("payer.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, Payer::KIND)?;
            all(work).await.map_err(Problem::from)
        })
    });
    read.await
}

pub(super) async fn all(work: &mut Reading<'_>) -> Result<Vec<Versioned<Payer>>, StoreError> {
    let mut payers = work.find_all(Find::<Payer>::new()).await?;
    payers.sort_by_key(|payer| payer.name.as_str().to_lowercase());
    Ok(payers)
}

/// Shows one payer with its prices.
///
/// # Errors
/// `forbidden`, `not_found`; as the store.
pub async fn show(
    app: &App,
    signed: &Signed,
    payer: PayerId,
) -> Result<(Versioned<Payer>, Option<Versioned<FeeSchedule>>), Problem> {
    let access = signed.access("payer.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, Payer::KIND)?;
            let found = work.expect::<Payer>(payer).await?;
            let fees = schedule(work, Some(payer)).await?;
            Ok::<_, Problem>((found, fees))
        })
    });
    read.await
}

/// Adds a payer.
///
/// # Errors
/// `forbidden`; `invalid` when another payer has the same electronic id.
pub async fn add(app: &App, signed: &Signed, payer: Payer) -> Result<PayerId, Problem> {
    let access = signed.access("payer.add", Purpose::Operations);
    let id = payer.id;
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ManagePayers, Payer::KIND)?;
            same_number(work, &payer).await?;
            work.insert(&payer).await.map_err(Problem::from)
        })
    });
    written.await.map(|()| id)
}

/// Changes a payer somebody saw as version `seen`.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid`; `conflict` when it was changed meanwhile.
pub async fn change(app: &App, signed: &Signed, payer: Payer, seen: u64) -> Result<u64, Problem> {
    let access = signed.access("payer.change", Purpose::Operations);
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ManagePayers, Payer::KIND)?;
            same_number(work, &payer).await?;
            work.update(&payer, seen).await.map_err(Problem::from)
        })
    });
    written.await
}

/// Two payers with one number could not be told apart in a remittance.
async fn same_number(work: &mut Reading<'_>, payer: &Payer) -> Result<(), Problem> {
    let same = Find::<Payer>::new().with(Term::plain("electronic_id", &payer.electronic_id));
    let others = work.find_all(same).await?;
    if others.iter().any(|other| other.id != payer.id) {
        return Err(Problem::field("electronic_id", "is that of another payer"));
    }
    Ok(())
}

/// Shows the prices for a payer, or for clients who pay themselves.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn fees(
    app: &App,
    signed: &Signed,
    payer: Option<PayerId>,
) -> Result<Option<Versioned<FeeSchedule>>, Problem> {
    let access = signed.access("fee_schedule.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, FeeSchedule::KIND)?;
            schedule(work, payer).await.map_err(Problem::from)
        })
    });
    read.await
}

/// Finds the prices for a payer alone, or for clients who pay themselves.
pub(super) async fn schedule(
    work: &mut Reading<'_>,
    payer: Option<PayerId>,
) -> Result<Option<Versioned<FeeSchedule>>, StoreError> {
    let key = payer.map_or_else(|| "self_pay".to_owned(), |payer| payer.to_string());
    Ok(work.find(&Find::<FeeSchedule>::new().with(Term::plain("payer", &key)).limit(1)).await?.items.pop())
}

/// Finds the prices that hold for a payer: its own, or those for everybody where it has none.
pub(super) async fn prices(
    work: &mut Reading<'_>,
    payer: Option<PayerId>,
) -> Result<Option<Versioned<FeeSchedule>>, StoreError> {
    match schedule(work, payer).await? {
        None if payer.is_some() => schedule(work, None).await,
        found => Ok(found),
    }
}

/// Replaces all prices for a payer. `seen` is the version somebody saw, 0 when there were none.
///
/// # Errors
/// `forbidden`; `invalid` when a code has two prices on one day; `conflict` when they were changed meanwhile.
pub async fn replace_fees(
    app: &App,
    signed: &Signed,
    payer: Option<PayerId>,
    fees: Vec<Fee>,
    seen: u64,
) -> Result<u64, Problem> {
    edit_fees(app, signed, payer, Some(seen), |_| Ok(fees)).await
}

/// Sets the price of a code from a day on; an earlier price ends the day before.
///
/// # Errors
/// `forbidden`; `invalid` when the code has a later price already.
pub async fn set_price(
    app: &App,
    signed: &Signed,
    payer: Option<PayerId>,
    code: ProcedureCode,
    amount: Money,
    from: NaiveDate,
) -> Result<u64, Problem> {
    edit_fees(app, signed, payer, None, move |old| {
        let in_force = Period::since(from);
        let mut fees = Vec::with_capacity(old.len() + 1);
        for fee in old {
            if fee.code != code || !fee.in_force.overlaps(in_force) {
                fees.push(fee.clone());
                continue;
            }
            if fee.in_force.from() > from {
                return Err(Problem::field("from", "lies before a later price of the same code"));
            }
            // A price that never held is replaced.
            if let Some(eve) = from.pred_opt().filter(|eve| *eve >= fee.in_force.from()) {
                fees.push(Fee { in_force: Period::between(fee.in_force.from(), eve)?, ..fee.clone() });
            }
        }
        fees.push(Fee { code, amount, in_force });
        Ok(fees)
    })
    .await
}

async fn edit_fees(
    app: &App,
    signed: &Signed,
    payer: Option<PayerId>,
    seen: Option<u64>,
    edit: impl FnOnce(&[Fee]) -> Result<Vec<Fee>, Problem> + Send,
) -> Result<u64, Problem> {
    let access = signed.access("fee_schedule.change", Purpose::Operations);
    let fresh: FeeScheduleId = app.new_id();
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ManagePayers, FeeSchedule::KIND)?;
            let name = match payer {
                Some(payer) => work.expect::<Payer>(payer).await?.value.name,
                None => OrganizationName::parse("Everybody")?,
            };
            let old = schedule(work, payer).await?;
            let version = old.as_ref().map_or(0, |old| old.version);
            let id = old.as_ref().map_or(fresh, |old| FeeScheduleId::from_uuid(old.id()));
            if seen.is_some_and(|seen| seen != version) {
                return Err(StoreError::Conflict { kind: FeeSchedule::KIND.to_owned(), id: id.uuid() }.into());
            }
            let mut schedule = FeeSchedule::new(id, name, payer);
            for fee in edit(old.as_ref().map_or(&[], |old| old.fees()))? {
                schedule.add(fee)?;
            }
            if version > 0 {
                return Ok::<_, Problem>(work.update(&schedule, version).await?);
            }
            work.insert(&schedule).await?;
            Ok(1)
        })
    });
    written.await
}
