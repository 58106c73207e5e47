//! Balances over the API.

use axum::{Json, Router, extract::State, routing::get};
use chrono::NaiveDate;
use mentalspace_core::{ClientId, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::claims::PostingView;
use crate::{
    app::App,
    billing::balances,
    params::{InPath, InQuery},
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/ledger/trial-balance", get(trial_balance)).route("/ledger/clients/{client}", get(client))
}

/// A day.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DayQuery {
    /// Today when missing.
    day: Option<NaiveDate>,
}

/// The sum of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    account: &'static str,
    /// Debits less credits.
    #[schema(value_type = String)]
    amount: Money,
}

/// The sums of all accounts at the end of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalanceView {
    through: NaiveDate,
    accounts: Vec<AccountView>,
    /// The sum of all accounts, which is nothing.
    #[schema(value_type = String, example = "0.00")]
    sum: Money,
}

/// What stands open for a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientBalanceView {
    /// Owed by payers.
    #[schema(value_type = String)]
    insurance_due: Money,
    /// Owed by the client.
    #[schema(value_type = String)]
    patient_due: Money,
    /// Received and not applied yet.
    #[schema(value_type = String)]
    unapplied: Money,
    /// The newest 500.
    postings: Vec<PostingView>,
}

/// Shows the sums of all accounts at the end of a day.
#[utoipa::path(get, path = "/api/v1/ledger/trial-balance", tag = "ledger", params(DayQuery),
    responses((status = 200, body = TrialBalanceView), (status = 403)))]
pub async fn trial_balance(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<DayQuery>,
) -> Result<Json<TrialBalanceView>, Problem> {
    let found = balances::trial_balance(&app, &signed, query.day).await?;
    let account = |balance: &mentalspace_core::store::Balance| AccountView {
        account: balance.account.name(),
        amount: balance.amount,
    };
    let accounts = found.balances.iter().map(account).collect();
    Ok(Json(TrialBalanceView { through: found.through, accounts, sum: found.sum() }))
}

/// Shows what stands open for a client: what payers owe apart from what the client owes.
#[utoipa::path(get, path = "/api/v1/ledger/clients/{client}", tag = "ledger", params(("client" = Uuid, Path)),
    responses((status = 200, body = ClientBalanceView), (status = 403), (status = 404)))]
pub async fn client(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
) -> Result<Json<ClientBalanceView>, Problem> {
    let found = balances::client_ledger(&app, &signed, client).await?;
    Ok(Json(ClientBalanceView {
        insurance_due: found.balance.insurance_due,
        patient_due: found.balance.patient_due,
        unapplied: found.balance.unapplied,
        postings: found.postings.into_iter().map(Into::into).collect(),
    }))
}
