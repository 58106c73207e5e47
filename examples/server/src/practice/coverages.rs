//! A client's coverages: at most one of each rank on any day.

use mentalspace_core::{
    ClientId, Coverage, CoverageId, CoverageRank, GroupNumber, MemberId, Money, Payer, PayerId, Period, PlanName,
    Purpose, Subscriber,
    access::Permission,
    store::{Find, Reading, StoreError, Term, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Office, clients, current, named};
use crate::{app::App, problem::Problem, signed::Signed};

/// What is on record about a coverage, without ids.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageDetails {
    /// Who pays.
    #[schema(value_type = Uuid)]
    pub payer: PayerId,
    /// In which order: `primary`, `secondary` or `tertiary`.
    #[schema(value_type = String)]
    pub rank: CoverageRank,
    /// For which dates of service: `from` and, once known, `to`.
    #[schema(value_type = Object)]
    pub in_force: Period,
    /// The number on the card.
    #[schema(value_type = String)]
    pub member_id: MemberId,
    /// The group or policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub group_number: Option<GroupNumber>,
    /// The plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub plan_name: Option<PlanName>,
    /// Whose insurance it is: `client`, or `other` with the subscriber.
    #[schema(value_type = Object)]
    pub subscriber: Subscriber,
    /// What the client pays per visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "25.00")]
    pub copay: Option<Money>,
}

impl CoverageDetails {
    fn into_coverage(self, id: CoverageId, client: ClientId) -> Coverage {
        Coverage {
            id,
            client,
            payer: self.payer,
            rank: self.rank,
            in_force: self.in_force,
            member_id: self.member_id,
            group_number: self.group_number,
            plan_name: self.plan_name,
            subscriber: self.subscriber,
            copay: self.copay,
        }
    }
}

impl From<Coverage> for CoverageDetails {
    fn from(coverage: Coverage) -> Self {
        Self {
            payer: coverage.payer,
            rank: coverage.rank,
            in_force: coverage.in_force,
            member_id: coverage.member_id,
            group_number: coverage.group_number,
            plan_name: coverage.plan_name,
            subscriber: coverage.subscriber,
            copay: coverage.copay,
        }
    }
}

async fn of(work: &mut Reading<'_>, client: ClientId) -> Result<Vec<Versioned<Coverage>>, StoreError> {
    let mut all = work.find_all(Find::<Coverage>::new().with(Term::plain("client", &client))).await?;
    all.sort_by_key(|coverage| (coverage.rank, std::cmp::Reverse(coverage.in_force.from())));
    Ok(all)
}

/// Reads a client's coverages and the names of their payers.
///
/// # Errors
/// As the store.
pub async fn with_payers(
    work: &mut Reading<'_>,
    client: ClientId,
) -> Result<Vec<(Versioned<Coverage>, String)>, StoreError> {
    let mut named = Vec::new();
    for coverage in of(work, client).await? {
        let payer = work.get::<Payer>(coverage.payer).await?;
        let name = payer.map_or_else(|| "a payer that is not on record".to_owned(), |payer| payer.name.to_string());
        named.push((coverage, name));
    }
    Ok(named)
}

/// Lists a client's coverages in the order they are billed.
///
/// # Errors
/// `forbidden`; `not_found`.
pub async fn list(app: &App, signed: &Signed, client: ClientId) -> Result<Vec<Versioned<Coverage>>, Problem> {
    let access = signed.access("coverage.list", Purpose::Payment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            clients::permitted(work, signed, client, Permission::ReadCoverage, office.today).await?;
            Ok::<_, Problem>(of(work, client).await?)
        })
    });
    read.await
}

/// Adds a coverage.
///
/// # Errors
/// `conflict` when another one has the same rank on the same day; `invalid`; `forbidden`; `not_found`.
pub async fn create(
    app: &App,
    signed: &Signed,
    client: ClientId,
    details: CoverageDetails,
) -> Result<Versioned<Coverage>, Problem> {
    save(app, signed, client, None, details).await
}

/// Replaces what is on record about a coverage.
///
/// # Errors
/// As [`create`], and `conflict` when the record was changed meanwhile.
pub async fn change(
    app: &App,
    signed: &Signed,
    client: ClientId,
    (id, version): (CoverageId, u64),
    details: CoverageDetails,
) -> Result<Versioned<Coverage>, Problem> {
    save(app, signed, client, Some((id, version)), details).await
}

async fn save(
    app: &App,
    signed: &Signed,
    client: ClientId,
    known: Option<(CoverageId, u64)>,
    details: CoverageDetails,
) -> Result<Versioned<Coverage>, Problem> {
    let access = signed.access(if known.is_some() { "coverage.change" } else { "coverage.create" }, Purpose::Payment);
    let (access, fresh) = (&access, app.new_id());
    let saved = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            clients::permitted(work, signed, client, Permission::EditCoverage, office.today).await?;
            named::<Payer>(work, details.payer, "payer").await?;
            let value = details.into_coverage(known.map_or(fresh, |(id, _)| id), client);
            let others = of(work, client).await?;
            value.fits_beside(others.iter().map(|other| &other.value)).map_err(|conflict| {
                let rank = format!("another coverage is {} on the same days", rank_word(conflict.rank));
                Problem::conflict("Two coverages cannot be billed in the same place.").with_error("rank", rank)
            })?;
            let version = match known {
                None => work.insert(&value).await.map(|()| 1)?,
                Some((id, version)) => {
                    if current::<Coverage>(work, id, version).await?.client != client {
                        return Err(Problem::not_found("The client has no such coverage."));
                    }
                    work.update(&value, version).await?
                }
            };
            Ok(Versioned { version, value })
        })
    });
    saved.await
}

/// Writes a rank as people do.
#[must_use]
pub const fn rank_word(rank: CoverageRank) -> &'static str {
    match rank {
        CoverageRank::Primary => "primary",
        CoverageRank::Secondary => "secondary",
        CoverageRank::Tertiary => "tertiary",
    }
}
