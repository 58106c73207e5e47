//! Reference server assembled from the MentalSpace crates: an HTTP API, web pages and background jobs.
//!
//! The server keeps no state between requests; everything is in the store behind the [`Vault`](mentalspace_core::store::Vault).

pub mod account;
#[expect(clippy::missing_errors_doc, reason = "the responses of each operation are described in its OpenAPI path")]
#[expect(unused_qualifications, reason = "the macro of OpenAPI paths writes them")]
pub mod api;
pub mod api_keys;
pub mod app;
pub mod attempts;
pub mod audit_trail;
pub mod authenticators;
pub mod billing;
pub mod body;
pub mod breaches;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod demo;
pub mod devices;
pub mod entropy;
pub mod events;
pub mod forgotten;
pub mod form;
pub mod hashing;
pub mod health;
pub mod jobs;
pub mod letters;
pub mod links;
pub mod local_video;
pub mod mail;
pub mod pages;
pub mod params;
pub mod password;
pub mod practice;
pub mod problem;
pub mod recoveries;
pub mod security;
pub mod sender;
pub mod sessions;
pub mod set_up;
pub mod sign_in;
pub mod signed;
pub mod start;
pub mod step_up;
pub mod upload;
pub mod video;
pub mod ways;
pub mod welcome;
pub mod zone;

use app::App;
use axum::Router;

/// Returns every route of the server behind its guards.
pub fn router(app: &App) -> Router {
    security::guard(Router::new().merge(health::routes()).merge(api::routes()).merge(pages::routes()), app)
}
