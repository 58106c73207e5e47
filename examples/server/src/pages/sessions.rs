//! Where the person is signed in, and the browsers that are known.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_auth_policy::{assurance::Factor, session::Ending};
use mentalspace_core::Practice;
use mentalspace_core::Purpose;
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, page, words};
use crate::{
    app::App,
    devices::{self, Device},
    problem::Problem,
    sessions::{self, Listed},
    signed::{Signed, SignedForm},
    zone::Zone,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/sessions", get(show))
        .route("/account/sessions/end", post(end))
        .route("/account/devices/trust", post(trust))
        .route("/account/devices/forget", post(forget))
}

/// A session as it is written.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) place: String,
    pub(super) since: String,
    pub(super) last: String,
    pub(super) factors: String,
    pub(super) current: bool,
}

struct Known {
    id: Uuid,
    place: String,
    last: String,
    trusted: Option<String>,
    current: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    frame: Frame,
    csrf: String,
    rows: Vec<Row>,
    devices: Vec<Known>,
    may_trust: bool,
    days: u32,
}

#[derive(Deserialize)]
struct Order {
    which: String,
}

#[derive(Deserialize)]
struct OneDevice {
    device: Uuid,
}

#[derive(Deserialize)]
struct Empty {}

/// Reads the practice's time zone, in which moments are written.
pub(super) async fn zone(app: &App, signed: &Signed) -> Result<Zone, Problem> {
    let access = signed.access("practice.read", Purpose::Operations);
    let id = signed.practice;
    let practice = app.vault().read(&access, |work| Box::pin(async move { work.expect::<Practice>(id).await })).await?;
    Ok(Zone::of(&practice.time_zone))
}

fn place(agent: Option<&str>, network: Option<&str>) -> String {
    match (agent, network) {
        (Some(agent), Some(network)) => format!("{agent}, network {network}"),
        (Some(agent), None) => agent.to_owned(),
        (None, Some(network)) => format!("A program, network {network}"),
        (None, None) => "Unknown".to_owned(),
    }
}

fn factor(factor: Factor) -> &'static str {
    match factor {
        Factor::Password => "password",
        Factor::Totp => "authenticator app",
        Factor::BackupCode => "backup code",
        Factor::Passkey => "passkey",
        Factor::Sms => "text message",
        Factor::Voice => "telephone call",
        _ => "other",
    }
}

/// Writes sessions for people.
pub(super) fn rows(zone: &Zone, listed: Vec<Listed>) -> Vec<Row> {
    let row = |one: Listed| Row {
        id: one.id,
        place: place(one.from.agent.as_deref(), one.from.network.as_deref()),
        since: words::moment(zone, one.since),
        last: words::moment(zone, one.last_activity),
        factors: one.factors.into_iter().map(factor).collect::<Vec<_>>().join(", "),
        current: one.current,
    };
    listed.into_iter().map(row).collect()
}

async fn show(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let zone = zone(&app, &signed).await?;
    let here = signed.session().device();
    let known = |device: Device| Known {
        id: device.id,
        place: place(device.agent.as_deref(), device.network.as_deref()),
        last: words::moment(&zone, device.last_used),
        trusted: device
            .trusted
            .as_ref()
            .filter(|trust| trust.until() > app.now())
            .map(|trust| words::moment(&zone, trust.until())),
        current: here == Some(device.id),
    };
    let devices = devices::list(&app, &signed).await?.into_iter().map(known).collect();
    page(&SessionsPage {
        frame: Frame::signed("Where you are signed in", "/account", &signed),
        csrf: signed.csrf.clone(),
        rows: rows(&zone, sessions::list(&app, &signed).await?),
        devices,
        may_trust: devices::may_trust(&app, &signed),
        days: app.policies().trust.days,
    })
}

async fn end(
    State(app): State<App>,
    signed: Signed,
    SignedForm(order): SignedForm<Order>,
) -> Result<Response, Problem> {
    let order = match order.which.as_str() {
        "others" => Ending::Others(signed.session().id()),
        "all" => Ending::All,
        one => Ending::One(one.parse().map_err(|_| Problem::bad_request("The form names no session."))?),
    };
    sessions::end(&app, &signed, order).await?;
    let gone = matches!(order, Ending::All) || order == Ending::One(signed.session().id());
    Ok(Redirect::to(if gone { "/sign-in" } else { "/account/sessions" }).into_response())
}

async fn trust(
    State(app): State<App>,
    signed: Signed,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    devices::trust(&app, &signed).await?;
    Ok(Redirect::to("/account/sessions").into_response())
}

async fn forget(
    State(app): State<App>,
    signed: Signed,
    SignedForm(one): SignedForm<OneDevice>,
) -> Result<Response, Problem> {
    devices::forget(&app, &signed, one.device).await?;
    Ok(Redirect::to("/account/sessions").into_response())
}
