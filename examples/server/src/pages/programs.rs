//! Programs of the practice: service accounts and their keys.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use chrono::{NaiveTime, TimeDelta};
use mentalspace_core::{OrganizationName, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

use super::{Frame, again, page, sessions::zone, words};
use crate::{
    api_keys::{self, SCOPES},
    app::App,
    form::Reader,
    params::InPath,
    problem::Problem,
    signed::{Signed, SignedForm},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/practice/programs", get(list).post(add))
        .route("/practice/programs/{program}/shut", post(shut))
        .route("/practice/programs/{program}/keys", post(issue))
        .route("/practice/keys/{key}/rotate", post(rotate))
        .route("/practice/keys/{key}/revoke", post(revoke))
}

struct Key {
    id: Uuid,
    scopes: String,
    expires: String,
    last_used: String,
    lives: bool,
}

struct Program {
    id: UserId,
    name: String,
    enabled: bool,
    keys: Vec<Key>,
}

#[derive(Template)]
#[template(path = "programs.html")]
struct ProgramsPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    programs: Vec<Program>,
    scopes: Vec<(&'static str, String)>,
    /// A key that was just made.
    fresh: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Empty {}

async fn show(
    app: &App,
    signed: &Signed,
    fresh: Option<SecretString>,
    problem: Option<Problem>,
) -> Result<ProgramsPage, Problem> {
    let zone = zone(app, signed).await?;
    let named = |scope: &str| words::capital(&scope.replace('_', " "));
    let key = |stored: api_keys::StoredKey| Key {
        id: stored.id,
        scopes: stored.key.scopes().iter().map(|scope| named(scope)).collect::<Vec<_>>().join(", "),
        expires: words::day(zone.day(stored.key.expires_at())),
        last_used: stored.key.last_used().map_or_else(|| "never".to_owned(), |at| words::moment(&zone, at)),
        lives: stored.key.lives(app.now()),
    };
    let programs = api_keys::list(app, signed).await?;
    Ok(ProgramsPage {
        frame: Frame::signed("Programs", "/practice/people", signed),
        csrf: signed.csrf.clone(),
        problem,
        programs: programs
            .into_iter()
            .map(|(account, keys)| Program {
                id: account.id,
                name: account.name,
                enabled: account.enabled,
                keys: keys.into_iter().map(key).collect(),
            })
            .collect(),
        scopes: SCOPES.iter().map(|(scope, _)| (*scope, named(scope))).collect(),
        fresh: fresh.map(|key| key.expose_secret().to_owned()),
    })
}

async fn list(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    page(&show(&app, &signed, None, None).await?)
}

async fn done(app: &App, signed: &Signed, done: Result<(), Problem>) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to("/practice/programs").into_response()),
        Err(problem) => again(&problem, &show(app, signed, None, Some(problem.clone())).await?),
    }
}

async fn add(State(app): State<App>, signed: Signed, SignedForm(form): SignedForm<Named>) -> Result<Response, Problem> {
    let made = match OrganizationName::parse(form.name.trim()) {
        Ok(name) => api_keys::add_account(&app, &signed, &name).await.map(drop),
        Err(error) => Err(Problem::field("name", error.rule)),
    };
    done(&app, &signed, made).await
}

async fn shut(
    State(app): State<App>,
    signed: Signed,
    InPath(program): InPath<UserId>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    let shut = api_keys::shut_account(&app, &signed, program).await;
    done(&app, &signed, shut).await
}

async fn issue(
    State(app): State<App>,
    signed: Signed,
    InPath(program): InPath<UserId>,
    SignedForm(form): SignedForm<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let until = reader.day("last day", form.get("until").map_or("", String::as_str));
    let scopes: BTreeSet<String> =
        SCOPES.iter().map(|(scope, _)| (*scope).to_owned()).filter(|scope| form.contains_key(scope)).collect();
    let made = match (reader.done(), until) {
        (Ok(()), Some(until)) => {
            let end = until.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
            api_keys::issue(&app, &signed, program, scopes, end).await
        }
        _ => Err(reader.refusal()),
    };
    match made {
        Ok((_, key)) => page(&show(&app, &signed, Some(key), None).await?),
        Err(problem) => again(&problem, &show(&app, &signed, None, Some(problem.clone())).await?),
    }
}

async fn rotate(
    State(app): State<App>,
    signed: Signed,
    InPath(key): InPath<Uuid>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    match api_keys::rotate(&app, &signed, key).await {
        Ok(key) => page(&show(&app, &signed, Some(key), None).await?),
        Err(problem) => again(&problem, &show(&app, &signed, None, Some(problem.clone())).await?),
    }
}

async fn revoke(
    State(app): State<App>,
    signed: Signed,
    InPath(key): InPath<Uuid>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    let revoked = api_keys::revoke(&app, &signed, key).await;
    done(&app, &signed, revoked).await
}
