//! The ways a person signs in: setting them up, and the list of them.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_auth_policy::{
    assurance::Factor,
    backup_code::{BackupCodes, FEW_LEFT},
    event::SuspendedBecause,
    out_of_band::{Channel, RISK},
    session::SessionState,
};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Frame, again, page, session::onward, sessions::zone, words};
use crate::{
    app::App,
    authenticators::{self, Act, Held, Listed, Which, phone},
    params::InPath,
    password,
    problem::Problem,
    sign_in::{self, Offered},
    signed::{Pending, Signed, SignedForm},
    zone::Zone,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in/enrol", get(choose))
        .route("/sign-in/enrol/passkey", post(add_passkey))
        .route("/sign-in/enrol/app", post(offer_app))
        .route("/sign-in/enrol/app/confirm", post(confirm_app))
        .route("/sign-in/enrol/phone", post(offer_phone))
        .route("/sign-in/enrol/phone/confirm", post(confirm_phone))
        .route("/account/authenticators", get(list))
        .route("/account/authenticators/{which}", post(act))
        .route("/account/backup-codes", get(codes).post(make_codes))
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct ChoicePage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    /// Whether the person is signed in and adds one more.
    more: bool,
    passkeys: bool,
    has_app: bool,
    phone: Option<PhoneChoice>,
}

struct PhoneChoice {
    voice: bool,
    /// Whether another second factor stands beside it.
    stands: bool,
    risk: &'static str,
}

#[derive(Template)]
#[template(path = "enrol_app.html")]
struct AppPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    /// What is shown once.
    shown: Option<ShownApp>,
}

struct ShownApp {
    address: String,
    secret: String,
    picture: String,
}

#[derive(Template)]
#[template(path = "enrol_phone.html")]
struct PhonePage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "authenticators.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    rows: Vec<Row>,
    left: usize,
    few: bool,
}

struct Row {
    which: String,
    kind: &'static str,
    name: String,
    detail: String,
    restricted: bool,
    bound: String,
    bound_from: String,
    used: Option<String>,
    suspended: Option<Suspended>,
}

struct Suspended {
    since: String,
    copied: bool,
}

#[derive(Template)]
#[template(path = "backup_codes.html")]
struct CodesPage {
    frame: Frame,
    csrf: String,
    left: usize,
    few: bool,
    codes: Vec<String>,
    made: String,
}

#[derive(Deserialize)]
struct Empty {}

#[derive(Deserialize)]
struct NewPasskey {
    name: String,
    answer: String,
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

#[derive(Deserialize)]
struct NewPhone {
    number: String,
    #[serde(default)]
    voice: Option<String>,
}

#[derive(Deserialize)]
struct Order {
    act: String,
    #[serde(default)]
    name: String,
}

/// The frame of a page that is reached while signing in as well as later.
fn frame(title: &str, signed: Option<&Signed>) -> Frame {
    match signed {
        Some(signed) => Frame::signed(title, "/account", signed),
        None => Frame::open(title),
    }
}

async fn choice(
    app: &App,
    pending: &Pending,
    signed: Option<&Signed>,
    problem: Option<Problem>,
) -> Result<ChoicePage, Problem> {
    let held = Held::read(app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let more = pending.stored.session.state() == SessionState::Active;
    let has_app = pending.user.totp.is_some();
    let phone = phone::offered(app).ok().filter(|_| more).map(|telephone| PhoneChoice {
        voice: telephone.sender.channels().contains(&Channel::Voice),
        stands: has_app || held.usable_passkeys().next().is_some(),
        risk: RISK,
    });
    let title = if more { "Add a way to sign in" } else { "Set up your second factor" };
    let passkeys = app.ways().passkeys.is_some();
    Ok(ChoicePage { frame: frame(title, signed), csrf: pending.csrf.clone(), problem, more, passkeys, has_app, phone })
}

async fn choose(State(app): State<App>, signed: Option<Signed>, pending: Pending) -> Result<Response, Problem> {
    sign_in::may_enrol(&app, &pending).await.map_err(|problem| problem.coming_back("/sign-in/enrol"))?;
    page(&choice(&app, &pending, signed.as_ref(), None).await?)
}

async fn add_passkey(
    State(app): State<App>,
    signed: Option<Signed>,
    pending: Pending,
    SignedForm(form): SignedForm<NewPasskey>,
) -> Result<Response, Problem> {
    match authenticators::passkey::finish(&app, &pending, &form.name, &form.answer).await {
        Ok(step) => Ok(onward(&step)),
        Err(problem) if problem.is_step_up() => Err(problem),
        Err(problem) => again(&problem, &choice(&app, &pending, signed.as_ref(), Some(problem.clone())).await?),
    }
}

fn app_page(pending: &Pending, signed: Option<&Signed>, shown: Option<&Offered>, problem: Option<Problem>) -> AppPage {
    let shown = shown.map(|offered| ShownApp {
        address: offered.address.expose_secret().to_owned(),
        secret: in_groups(offered.secret.expose_secret()),
        picture: offered.picture.expose_secret().to_owned(),
    });
    AppPage { frame: frame("Set up an authenticator app", signed), csrf: pending.csrf.clone(), problem, shown }
}

/// Writes a key in groups of four, as people type it; apps pass over the blanks.
fn in_groups(key: &str) -> String {
    key.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

async fn offer_app(
    State(app): State<App>,
    signed: Option<Signed>,
    pending: Pending,
    SignedForm(_): SignedForm<Empty>,
) -> Result<Response, Problem> {
    let offered = sign_in::offer_totp(&app, &pending).await?;
    page(&app_page(&pending, signed.as_ref(), Some(&offered), None))
}

async fn confirm_app(
    State(app): State<App>,
    signed: Option<Signed>,
    pending: Pending,
    SignedForm(form): SignedForm<CodeForm>,
) -> Result<Response, Problem> {
    match sign_in::confirm_totp(&app, &pending, &form.code).await {
        Ok(step) => Ok(onward(&step)),
        Err(problem) if problem.is_step_up() => Err(problem),
        Err(problem) => again(&problem, &app_page(&pending, signed.as_ref(), None, Some(problem.clone()))),
    }
}

fn phone_page(pending: &Pending, signed: Option<&Signed>, problem: Option<Problem>) -> PhonePage {
    PhonePage { frame: frame("Set up a telephone", signed), csrf: pending.csrf.clone(), problem }
}

async fn offer_phone(
    State(app): State<App>,
    signed: Option<Signed>,
    pending: Pending,
    SignedForm(form): SignedForm<NewPhone>,
) -> Result<Response, Problem> {
    let channel = if form.voice.is_some() { Channel::Voice } else { Channel::Sms };
    match phone::offer(&app, &pending, &form.number, channel).await {
        Ok(()) => page(&phone_page(&pending, signed.as_ref(), None)),
        Err(problem) if problem.is_step_up() => Err(problem),
        Err(problem) => again(&problem, &choice(&app, &pending, signed.as_ref(), Some(problem.clone())).await?),
    }
}

async fn confirm_phone(
    State(app): State<App>,
    signed: Option<Signed>,
    pending: Pending,
    SignedForm(form): SignedForm<CodeForm>,
) -> Result<Response, Problem> {
    match phone::confirm(&app, &pending, &form.code).await {
        Ok(step) => Ok(onward(&step)),
        Err(problem) if problem.is_step_up() => Err(problem),
        Err(problem) => again(&problem, &phone_page(&pending, signed.as_ref(), Some(problem.clone()))),
    }
}

/// Writes the kind of an authenticator.
pub(super) const fn kind(factor: Factor) -> &'static str {
    match factor {
        Factor::Passkey => "Passkey",
        Factor::Totp => "Authenticator app",
        Factor::Sms => "Text message",
        Factor::Voice => "Telephone call",
        Factor::BackupCode => "Backup codes",
        _ => "Other",
    }
}

fn row(zone: &Zone, one: Listed) -> Row {
    let moment = |at| words::moment(zone, at);
    Row {
        which: one.which.to_string(),
        kind: kind(one.factor),
        restricted: one.factor.is_restricted(),
        detail: one.detail,
        bound: moment(one.record.bound_at),
        used: one.record.last_used.map(moment),
        suspended: one.record.suspended.map(|suspended| Suspended {
            since: moment(suspended.at),
            copied: suspended.why == SuspendedBecause::Copied,
        }),
        name: one.record.name,
        bound_from: one.record.bound_from,
    }
}

async fn list(State(app): State<App>, signed: Signed, pending: Pending) -> Result<Response, Problem> {
    let zone = zone(&app, &signed).await?;
    let held = Held::read(&app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let rows = authenticators::listed(&pending.user, &held).into_iter().map(|one| row(&zone, one)).collect();
    let left = pending.user.backup_codes.as_ref().map_or(0, BackupCodes::left);
    let frame = Frame::signed("How you sign in", "/account", &signed);
    page(&ListPage { frame, csrf: signed.csrf.clone(), rows, left, few: left <= FEW_LEFT })
}

async fn act(
    State(app): State<App>,
    signed: Signed,
    pending: Pending,
    InPath(which): InPath<String>,
    SignedForm(order): SignedForm<Order>,
) -> Result<Response, Problem> {
    let which: Which = which.parse()?;
    let act = match order.act.as_str() {
        "rename" => Act::Rename(order.name),
        "suspend" => Act::Suspend,
        "restore" => Act::Restore,
        "remove" => Act::Remove,
        _ => return Err(Problem::bad_request("This cannot be done with a way to sign in.")),
    };
    debug_assert_eq!(signed.user, pending.user.id, "one request, one person");
    authenticators::act(&app, &pending, which, act).await?;
    Ok(Redirect::to("/account/authenticators").into_response())
}

fn codes_page(signed: &Signed, pending: &Pending, codes: Vec<String>, made: String) -> CodesPage {
    let left = pending.user.backup_codes.as_ref().map_or(0, BackupCodes::left);
    let frame = Frame::signed("Backup codes", "/account", signed);
    CodesPage { frame, csrf: signed.csrf.clone(), left, few: left <= FEW_LEFT, codes, made }
}

async fn codes(signed: Signed, pending: Pending) -> Result<Response, Problem> {
    page(&codes_page(&signed, &pending, Vec::new(), String::new()))
}

async fn make_codes(
    State(app): State<App>,
    signed: Signed,
    pending: Pending,
    SignedForm(_): SignedForm<Empty>,
) -> Result<Response, Problem> {
    let codes = password::new_backup_codes(&app, &pending).await?;
    let codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
    let made = words::moment(&zone(&app, &signed).await?, app.now());
    page(&codes_page(&signed, &pending, codes, made))
}
