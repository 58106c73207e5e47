//! Payers and prices over the API.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use chrono::NaiveDate;
use mentalspace_core::{
    Address, BillingRules, ClaimFilingIndicator, ElectronicPayerId, Fee, Money, OrganizationName, Payer, PayerId,
    Period, Phone, ProcedureCode, store::Versioned,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Body, claims::Changed};
use crate::{app::App, billing::payers, params::InPath, problem::Problem, signed::Signed};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/payers", get(list).post(create))
        .route("/payers/{payer}", get(read).put(change))
        .route("/fee-schedules/{payer}", get(fees).put(replace_fees))
}

/// A payer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerDetails {
    #[schema(value_type = String)]
    name: OrganizationName,
    /// Its number with the clearinghouse.
    #[schema(value_type = String)]
    electronic_id: ElectronicPayerId,
    /// The kind of insurance, such as `CI`.
    #[schema(value_type = String)]
    filing: ClaimFilingIndicator,
    /// Where paper claims go: `line1`, `line2`, `city`, `state`, `zip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    phone: Option<Phone>,
    /// `telehealth`, `cosign`, `supervised`, `rounding`, `crisis_rounding`; when missing, the usual telehealth coding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    rules: Option<BillingRules>,
}

impl PayerDetails {
    fn into_payer(self, id: PayerId) -> Payer {
        let usual = || BillingRules { telehealth: payers::usual_telehealth(), ..BillingRules::default() };
        Payer {
            id,
            name: self.name,
            electronic_id: self.electronic_id,
            filing: self.filing,
            address: self.address,
            phone: self.phone,
            rules: self.rules.unwrap_or_else(usual),
        }
    }
}

/// A payer on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayerView {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    payer: PayerDetails,
}

impl From<Versioned<Payer>> for PayerView {
    fn from(found: Versioned<Payer>) -> Self {
        let Versioned { version, value } = found;
        let payer = PayerDetails {
            name: value.name,
            electronic_id: value.electronic_id,
            filing: value.filing,
            address: value.address,
            phone: value.phone,
            rules: Some(value.rules),
        };
        Self { id: value.id.uuid(), version, payer }
    }
}

/// A change of a payer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerChange {
    /// The version that was read.
    version: u64,
    payer: PayerDetails,
}

/// A price.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeView {
    #[schema(value_type = String, example = "90837")]
    code: ProcedureCode,
    #[schema(value_type = String, example = "150.00")]
    amount: Money,
    from: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
}

/// All prices for a payer, or for everybody who has none of their own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeScheduleView {
    /// The version that was read; 0 while there are no prices.
    version: u64,
    fees: Vec<FeeView>,
}

/// Lists the payers by name.
#[utoipa::path(get, path = "/api/v1/payers", tag = "payers",
    responses((status = 200, body = Vec<PayerView>), (status = 403)))]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Vec<PayerView>>, Problem> {
    Ok(Json(payers::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Adds a payer.
#[utoipa::path(post, path = "/api/v1/payers", tag = "payers", request_body = PayerDetails,
    responses((status = 201, body = PayerView), (status = 403), (status = 422)))]
pub async fn create(
    State(app): State<App>,
    signed: Signed,
    Body(details): Body<PayerDetails>,
) -> Result<(StatusCode, Json<PayerView>), Problem> {
    let payer = details.into_payer(app.new_id());
    payers::add(&app, &signed, payer.clone()).await?;
    Ok((StatusCode::CREATED, Json(Versioned { version: 1, value: payer }.into())))
}

/// Shows a payer.
#[utoipa::path(get, path = "/api/v1/payers/{payer}", tag = "payers", params(("payer" = Uuid, Path)),
    responses((status = 200, body = PayerView), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(payer): InPath<PayerId>,
) -> Result<Json<PayerView>, Problem> {
    Ok(Json(payers::show(&app, &signed, payer).await?.0.into()))
}

/// Changes a payer.
#[utoipa::path(put, path = "/api/v1/payers/{payer}", tag = "payers", params(("payer" = Uuid, Path)),
    request_body = PayerChange,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(payer): InPath<PayerId>,
    Body(change): Body<PayerChange>,
) -> Result<Json<Changed>, Problem> {
    let version = payers::change(&app, &signed, change.payer.into_payer(payer), change.version).await?;
    Ok(Json(Changed { version }))
}

/// Reads whose prices are meant: a payer's, or `everybody`'s.
pub(crate) fn whose(text: &str) -> Result<Option<PayerId>, Problem> {
    if text == "everybody" {
        return Ok(None);
    }
    let unknown = |_| Problem::not_found("The address names no payer.");
    Uuid::try_parse(text).map(PayerId::from_uuid).map(Some).map_err(unknown)
}

/// Shows the prices for a payer, or under `everybody` those that hold where a payer has none of its own.
#[utoipa::path(get, path = "/api/v1/fee-schedules/{payer}", tag = "payers", params(("payer" = String, Path)),
    responses((status = 200, body = FeeScheduleView), (status = 403), (status = 404)))]
pub async fn fees(
    State(app): State<App>,
    signed: Signed,
    InPath(payer): InPath<String>,
) -> Result<Json<FeeScheduleView>, Problem> {
    let found = payers::fees(&app, &signed, whose(&payer)?).await?;
    let view = |fee: &Fee| FeeView {
        code: fee.code.clone(),
        amount: fee.amount,
        from: fee.in_force.from(),
        to: fee.in_force.to(),
    };
    let version = found.as_ref().map_or(0, |found| found.version);
    let fees = found.iter().flat_map(|found| found.fees()).map(view).collect();
    Ok(Json(FeeScheduleView { version, fees }))
}

/// Replaces the prices.
#[utoipa::path(put, path = "/api/v1/fee-schedules/{payer}", tag = "payers", params(("payer" = String, Path)),
    request_body = FeeScheduleView,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn replace_fees(
    State(app): State<App>,
    signed: Signed,
    InPath(payer): InPath<String>,
    Body(wanted): Body<FeeScheduleView>,
) -> Result<Json<Changed>, Problem> {
    let fee = |fee: FeeView| {
        let in_force = match fee.to {
            Some(to) => Period::between(fee.from, to)?,
            None => Period::since(fee.from),
        };
        Ok::<_, Problem>(Fee { code: fee.code, amount: fee.amount, in_force })
    };
    let fees = wanted.fees.into_iter().map(fee).collect::<Result<_, _>>()?;
    let version = payers::replace_fees(&app, &signed, whose(&payer)?, fees, wanted.version).await?;
    Ok(Json(Changed { version }))
}
