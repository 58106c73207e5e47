//! The HTTP API below `/api/v1`, described by OpenAPI 3.1 at `/openapi.json`.
//!
//! Requests carry `Authorization: Bearer <token>`; refusals are `application/problem+json` (RFC 9457).

pub mod appointments;
pub mod audit;
pub mod authenticators;
pub mod claims;
pub mod clients;
pub mod ledger;
pub mod notes;
pub mod payers;
pub mod practice;
pub mod programs;
pub mod remittances;
pub mod sessions;
pub mod staff;
pub mod visits;

use axum::{Json, Router, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

pub(crate) use crate::body::Body;
use crate::{app::App, health};

/// The description of the API.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "MentalSpace", description = "Reference server for behavioural-health practices"),
    paths(
        health::live,
        health::ready,
        health::detailed,
        sessions::create,
        sessions::second_factor,
        sessions::password_strength,
        sessions::end,
        sessions::step_up,
        sessions::list,
        sessions::end_one,
        sessions::end_others,
        sessions::end_all,
        sessions::current,
        authenticators::list,
        authenticators::rename,
        authenticators::suspend,
        authenticators::restore,
        authenticators::remove,
        clients::list,
        clients::search,
        clients::create,
        clients::read,
        clients::change,
        clients::list_coverages,
        clients::create_coverage,
        clients::change_coverage,
        appointments::list,
        appointments::book,
        appointments::read,
        appointments::replan,
        appointments::happen,
        visits::read,
        visits::act,
        visits::join,
        visits::agree,
        visits::settings,
        visits::change_settings,
        visits::recordings,
        visits::consents,
        visits::print_consent,
        visits::revoke_consent,
        notes::begin,
        notes::read,
        notes::edit,
        notes::sign,
        notes::cosign,
        notes::send_back,
        notes::amend,
        claims::list,
        claims::read,
        claims::act,
        claims::trial,
        claims::file,
        claims::files,
        claims::download,
        claims::print,
        claims::read_settings,
        claims::change_settings,
        remittances::upload_file,
        remittances::list,
        remittances::read,
        remittances::release,
        remittances::list_work,
        remittances::close_work,
        remittances::failed_jobs,
        remittances::retry_job,
        ledger::trial_balance,
        ledger::client,
        payers::list,
        payers::create,
        payers::read,
        payers::change,
        payers::fees,
        payers::replace_fees,
        practice::read,
        practice::change,
        practice::locations,
        practice::add_location,
        practice::location,
        practice::change_location,
        staff::list,
        staff::add,
        staff::read,
        staff::change,
        staff::enable,
        staff::reset,
        staff::invite,
        staff::invite_again,
        staff::uninvite,
        staff::list_sessions,
        staff::end_sessions,
        staff::clinicians,
        staff::clinician,
        staff::change_clinician,
        programs::list,
        programs::add,
        programs::shut,
        programs::issue,
        programs::rotate,
        programs::revoke,
        audit::events,
        audit::export,
        audit::checkpoint,
        audit::verifier_key,
        audit::verification,
    ),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
pub struct Description;

#[derive(Debug)]
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        description.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// Routes of the API.
pub fn routes() -> Router<App> {
    Router::new().route("/openapi.json", get(|| async { Json(Description::openapi()) })).nest("/api/v1", version_1())
}

fn version_1() -> Router<App> {
    Router::new()
        .merge(sessions::routes())
        .merge(authenticators::routes())
        .merge(clients::routes())
        .merge(appointments::routes())
        .merge(visits::routes())
        .merge(notes::routes())
        .merge(claims::routes())
        .merge(remittances::routes())
        .merge(ledger::routes())
        .merge(payers::routes())
        .merge(practice::routes())
        .merge(staff::routes())
        .merge(programs::routes())
        .merge(audit::routes())
}
