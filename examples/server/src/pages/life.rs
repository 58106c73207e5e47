//! Coming to an account and back to it: invitations, forgotten passwords, recovery, addresses, notices.

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_auth_policy::recovery::RecoveryState;
use mentalspace_core::Email;
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Frame, again, page,
    session::{from_this_site, name_device, onward, remember_device},
    sessions::zone,
    words,
};
use crate::{
    app::App,
    contacts::{self, Use},
    events, forgotten, letters,
    params::InPath,
    problem::Problem,
    recoveries,
    signed::{Caller, Pending, Signed, SignedForm},
    welcome,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/welcome/{token}", get(welcome_page).post(take_up))
        .route("/sign-in/forgotten", get(forgotten_page).post(ask_for_link))
        .route("/sign-in/reset/{token}", get(reset_page).post(reset))
        .route("/sign-in/lost", get(lost_page).post(ask_for_recovery))
        .route("/sign-in/lost/use", post(use_recovery))
        .route("/undo/{token}", get(undo_page).post(undo))
        .route("/recovery/stop/{token}", get(stop_page).post(stop))
        .route("/practice/recoveries", get(list_recoveries))
        .route("/practice/recoveries/{recovery}/approve", post(approve))
        .route("/practice/recoveries/{recovery}/turn-down", post(turn_down))
        .route("/practice/letters", get(list_letters))
        .route("/practice/letters/{letter}", post(handed_over))
        .route("/account/addresses", get(addresses).post(new_address))
        .route("/account/addresses/{change}/confirm", post(confirm_address))
        .route("/account/addresses/{contact}/remove", post(remove_address))
        .route("/account/notices", get(notices).post(read_notices))
}

/// A page that says one thing, with one way on.
#[derive(Template)]
#[template(path = "said.html")]
struct Said {
    frame: Frame,
    text: &'static str,
    /// A button that sends a form here, with its name; or a link.
    action: Option<(String, &'static str)>,
    link: (&'static str, &'static str),
}

fn said(title: &str, text: &'static str) -> Said {
    Said { frame: Frame::open(title), text, action: None, link: ("/sign-in", "Sign in") }
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    frame: Frame,
    name: String,
    login: String,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Chosen {
    password: SecretString,
    #[serde(default)]
    code: String,
}

async fn welcome_form(app: &App, token: &str, problem: Option<Problem>) -> Result<WelcomePage, Problem> {
    let user = welcome::look(app, token).await?;
    let login = user.login.expose().to_owned();
    Ok(WelcomePage { frame: Frame::open("Welcome"), name: user.display_name, login, problem })
}

async fn welcome_page(State(app): State<App>, InPath(token): InPath<String>) -> Result<Response, Problem> {
    page(&welcome_form(&app, &token, None).await?)
}

async fn take_up(
    State(app): State<App>,
    InPath(token): InPath<String>,
    headers: HeaderMap,
    mut caller: Caller,
    Form(form): Form<Chosen>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    let device = name_device(&app, &mut caller);
    match welcome::accept(&app, &token, &form.password, &caller).await {
        Ok(step) => Ok(remember_device(onward(&step), device.as_ref())),
        Err(problem) => again(&problem, &welcome_form(&app, &token, Some(problem.clone())).await?),
    }
}

#[derive(Template)]
#[template(path = "forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    mailed: bool,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Name {
    login: String,
}

fn forgotten_form(app: &App, problem: Option<Problem>) -> ForgottenPage {
    ForgottenPage { frame: Frame::open("Forgotten password"), mailed: app.mailer().is_some(), problem }
}

async fn forgotten_page(State(app): State<App>) -> Result<Response, Problem> {
    page(&forgotten_form(&app, None))
}

async fn ask_for_link(
    State(app): State<App>,
    headers: HeaderMap,
    caller: Caller,
    Form(form): Form<Name>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    match forgotten::request(&app, &form.login, &caller).await {
        Ok(()) if app.mailer().is_some() => page(&said(
            "Look into your mail",
            "If there is an account of this name, a letter with a link is on its way. The link works for half an hour.",
        )),
        Ok(()) => page(&said(
            "Ask your administrator",
            "If there is an account of this name, your administrator finds a link for you and hands it over. It works \
             for half an hour.",
        )),
        Err(problem) => again(&problem, &forgotten_form(&app, Some(problem.clone()))),
    }
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage {
    frame: Frame,
    has_code: bool,
    problem: Option<Problem>,
}

async fn reset_form(app: &App, token: &str, problem: Option<Problem>) -> Result<ResetPage, Problem> {
    let user = forgotten::look(app, token).await?;
    let has_code = user.totp.is_some() || user.backup_codes.is_some();
    Ok(ResetPage { frame: Frame::open("Choose a new password"), has_code, problem })
}

async fn reset_page(State(app): State<App>, InPath(token): InPath<String>) -> Result<Response, Problem> {
    page(&reset_form(&app, &token, None).await?)
}

async fn reset(
    State(app): State<App>,
    InPath(token): InPath<String>,
    headers: HeaderMap,
    caller: Caller,
    Form(form): Form<Chosen>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    match forgotten::reset(&app, &token, &form.password, &form.code, &caller).await {
        Ok(()) => {
            page(&said("Your password is changed", "Every session of your account has ended. Sign in with it now."))
        }
        Err(problem) => again(&problem, &reset_form(&app, &token, Some(problem.clone())).await?),
    }
}

#[derive(Deserialize)]
struct Empty {}

#[derive(Template)]
#[template(path = "lost.html")]
struct LostPage {
    frame: Frame,
    csrf: String,
    wait_hours: u32,
}

async fn lost_page(State(app): State<App>, pending: Pending) -> Result<Response, Problem> {
    let wait_hours = app.policies().recovery.wait_hours;
    page(&LostPage { frame: Frame::open("Your second factor is lost"), csrf: pending.csrf, wait_hours })
}

async fn ask_for_recovery(
    State(app): State<App>,
    pending: Pending,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    recoveries::request(&app, &pending).await?;
    page(&said(
        "It was asked for",
        "Every address of your account is told. After the waiting time an administrator may approve it; call yours. \
         Then sign in again and come back to this page.",
    ))
}

async fn use_recovery(
    State(app): State<App>,
    pending: Pending,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    recoveries::redeem(&app, &pending).await?;
    page(&said("Sign in again", "The lost factors are removed. Sign in with your password and set up a new one now."))
}

async fn undo_page(InPath(token): InPath<String>) -> Result<Response, Problem> {
    page(&Said {
        action: Some((format!("/undo/{token}"), "Undo the change")),
        ..said(
            "Undo the change of an address",
            "The earlier address holds again, and every session of the account ends.",
        )
    })
}

async fn undo(State(app): State<App>, InPath(token): InPath<String>, headers: HeaderMap) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    contacts::undo(&app, &token).await?;
    page(&said("The change is undone", "Sign in and change your password; somebody else may know it."))
}

async fn stop_page(InPath(token): InPath<String>) -> Result<Response, Problem> {
    page(&Said {
        action: Some((format!("/recovery/stop/{token}"), "Stop it")),
        ..said("Stop the request for a new second factor", "Your present second factor stays as it is.")
    })
}

async fn stop(State(app): State<App>, InPath(token): InPath<String>, headers: HeaderMap) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    recoveries::stop_by_link(&app, &token).await?;
    page(&said("It is stopped", "Somebody knows your password: sign in and change it."))
}

struct RecoveryRow {
    id: Uuid,
    name: String,
    requested: String,
    ready: String,
    state: words::Shown,
    may_approve: bool,
    open: bool,
    reason: String,
}

#[derive(Template)]
#[template(path = "recoveries.html")]
struct RecoveriesPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    rows: Vec<RecoveryRow>,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

async fn recoveries_page(app: &App, signed: &Signed, problem: Option<Problem>) -> Result<RecoveriesPage, Problem> {
    let zone = zone(app, signed).await?;
    let row = |one: recoveries::Listed| {
        let (word, class) = match one.state {
            RecoveryState::Waiting => ("waiting", "warn"),
            RecoveryState::Ready => ("to be approved", "warn"),
            RecoveryState::Approved => ("approved", "good"),
            RecoveryState::Used => ("used", ""),
            RecoveryState::Stopped => ("stopped", "bad"),
            RecoveryState::Expired => ("expired", ""),
        };
        let recovery = &one.stored.recovery;
        RecoveryRow {
            id: one.stored.id,
            name: one.name.clone(),
            requested: words::moment(&zone, recovery.requested_at()),
            ready: words::moment(&zone, recovery.ready_at()),
            state: words::Shown { word, class },
            may_approve: one.state == RecoveryState::Ready && !one.own,
            open: recovery.is_open(app.now()),
            reason: recovery.approval().map_or_else(String::new, |(_, reason)| reason.to_owned()),
        }
    };
    let rows = recoveries::list(app, signed).await?.into_iter().map(row).collect();
    let frame = Frame::signed("Lost second factors", "/practice/people", signed);
    Ok(RecoveriesPage { frame, csrf: signed.csrf.clone(), problem, rows })
}

async fn list_recoveries(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    page(&recoveries_page(&app, &signed, None).await?)
}

async fn approve(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<Uuid>,
    SignedForm(form): SignedForm<Reason>,
) -> Result<Response, Problem> {
    match recoveries::approve(&app, &signed, id, &form.reason).await {
        Ok(()) => Ok(Redirect::to("/practice/recoveries").into_response()),
        Err(problem) => again(&problem, &recoveries_page(&app, &signed, Some(problem.clone())).await?),
    }
}

async fn turn_down(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<Uuid>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    recoveries::turn_down(&app, &signed, id).await?;
    Ok(Redirect::to("/practice/recoveries").into_response())
}

struct LetterRow {
    id: Uuid,
    to: String,
    at: String,
    text: String,
}

#[derive(Template)]
#[template(path = "letters.html")]
struct LettersPage {
    frame: Frame,
    csrf: String,
    mailed: bool,
    rows: Vec<LetterRow>,
}

async fn list_letters(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let zone = zone(&app, &signed).await?;
    let row = |letter: letters::Letter| LetterRow {
        id: letter.id,
        to: letter.to.expose().to_owned(),
        at: words::moment(&zone, letter.at),
        text: letter.text.as_ref().map_or_else(String::new, |text| text.expose().clone()),
    };
    let rows = letters::to_hand_over(&app, &signed).await?.into_iter().map(row).collect();
    let frame = Frame::signed("Letters to hand over", "/practice/people", &signed);
    page(&LettersPage { frame, csrf: signed.csrf.clone(), mailed: app.mailer().is_some(), rows })
}

async fn handed_over(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<Uuid>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    letters::handed_over(&app, &signed, id).await?;
    Ok(Redirect::to("/practice/letters").into_response())
}

#[derive(Template)]
#[template(path = "addresses.html")]
struct AddressesPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    login: String,
    mailed: bool,
    further: Vec<(Uuid, String)>,
    /// The change whose code is asked for.
    confirming: Option<Uuid>,
}

#[derive(Deserialize)]
struct NewAddress {
    email: String,
    purpose: Use,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn addresses_page(
    app: &App,
    signed: &Signed,
    pending: &Pending,
    confirming: Option<Uuid>,
    problem: Option<Problem>,
) -> Result<AddressesPage, Problem> {
    let further = contacts::list(app, signed).await?;
    Ok(AddressesPage {
        frame: Frame::signed("Your addresses", "/account", signed),
        csrf: signed.csrf.clone(),
        problem,
        login: pending.user.login.expose().to_owned(),
        mailed: app.mailer().is_some(),
        further: further.into_iter().map(|contact| (contact.id, contact.email.expose().to_owned())).collect(),
        confirming,
    })
}

async fn addresses(State(app): State<App>, signed: Signed, pending: Pending) -> Result<Response, Problem> {
    page(&addresses_page(&app, &signed, &pending, None, None).await?)
}

async fn new_address(
    State(app): State<App>,
    signed: Signed,
    pending: Pending,
    SignedForm(form): SignedForm<NewAddress>,
) -> Result<Response, Problem> {
    let asked = match Email::parse(form.email.trim()) {
        Ok(email) => contacts::request(&app, &signed, form.purpose, email).await,
        Err(error) => Err(Problem::field("email", error.rule)),
    };
    match asked {
        Ok(change) => page(&addresses_page(&app, &signed, &pending, Some(change), None).await?),
        Err(problem) => again(&problem, &addresses_page(&app, &signed, &pending, None, Some(problem.clone())).await?),
    }
}

async fn confirm_address(
    State(app): State<App>,
    signed: Signed,
    pending: Pending,
    InPath(change): InPath<Uuid>,
    SignedForm(form): SignedForm<Code>,
) -> Result<Response, Problem> {
    match contacts::confirm(&app, &signed, change, &form.code).await {
        Ok(()) => Ok(Redirect::to("/account/addresses").into_response()),
        Err(problem) => {
            again(&problem, &addresses_page(&app, &signed, &pending, Some(change), Some(problem.clone())).await?)
        }
    }
}

async fn remove_address(
    State(app): State<App>,
    signed: Signed,
    InPath(contact): InPath<Uuid>,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    contacts::remove(&app, &signed, contact).await?;
    Ok(Redirect::to("/account/addresses").into_response())
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    frame: Frame,
    csrf: String,
    rows: Vec<(String, &'static str)>,
}

async fn notices(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let zone = zone(&app, &signed).await?;
    let unread = events::unread(&app, &signed).await?;
    let rows = unread.iter().filter_map(|notice| Some((words::moment(&zone, notice.at), notice.event.notice()?)));
    let rows = rows.collect();
    page(&NoticesPage {
        frame: Frame::signed("What happened to your account", "/account", &signed),
        csrf: signed.csrf.clone(),
        rows,
    })
}

async fn read_notices(
    State(app): State<App>,
    signed: Signed,
    SignedForm(Empty {}): SignedForm<Empty>,
) -> Result<Response, Problem> {
    events::read(&app, &signed).await?;
    Ok(Redirect::to("/").into_response())
}
