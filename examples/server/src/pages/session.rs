//! Signing in and out, the second factor, and the first set-up.

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_auth_policy::session::SessionToken;
use mentalspace_core::{
    Address, AddressLine, BillingAddress, Email, Invalid, Npi, OrganizationName, Phone, Practice, Role, TaxId,
    Taxonomy, TimeZoneName, draw,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Frame, again, page};
use crate::{
    app::App,
    authenticators::{Held, phone},
    problem::Problem,
    sender::DEVICE_COOKIE as KNOWN_COOKIE,
    set_up::{self, NewUser},
    sign_in::{self, Answer, NextStep, Step},
    signed::{COOKIE, Caller, DEVICE_COOKIE, Pending, SignedForm, is_same_origin},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(sign_in_page).post(submit_password))
        .route("/sign-in/code", get(code_page).post(submit_code))
        .route("/sign-in/passkey", post(submit_passkey))
        .route("/sign-in/code/passkey", post(confirm_passkey))
        .route("/sign-in/code/send", post(send_code))
        .route("/sign-out", post(sign_out))
        .route("/set-up", get(set_up_page).post(submit_set_up))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    problem: Option<Problem>,
    passkeys: bool,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    has_app: bool,
    has_passkey: bool,
    /// The end of the number that codes go to.
    phone: Option<String>,
    /// Whether a code was asked for.
    sent: bool,
}

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    frame: Frame,
    problem: Option<Problem>,
    form: SetUpForm,
    states: &'static [&'static str],
}

#[derive(Deserialize)]
struct PasswordForm {
    login: String,
    password: SecretString,
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

#[derive(Deserialize)]
struct Empty {}

fn sign_in_form(app: &App, problem: Option<Problem>) -> SignInPage {
    SignInPage { frame: Frame::open("Sign in"), problem, passkeys: app.ways().passkeys.is_some() }
}

async fn sign_in_page(State(app): State<App>) -> Result<Response, Problem> {
    page(&sign_in_form(&app, None))
}

async fn submit_password(
    State(app): State<App>,
    headers: HeaderMap,
    mut caller: Caller,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    let device = name_device(&app, &mut caller);
    match sign_in::with_password(&app, &form.login, &form.password, &caller).await {
        Ok((step, known)) => {
            let mut response = remember_device(onward(&step), device.as_ref());
            let (name, kept) = (KNOWN_COOKIE, known.expose_secret());
            let year = 365 * 24 * 3600;
            set_cookie(
                &mut response,
                &format!("{name}={kept}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={year}"),
            );
            Ok(response)
        }
        Err(problem) => again(&problem, &sign_in_form(&app, Some(problem.clone()))),
    }
}

#[derive(Deserialize)]
struct PasskeyForm {
    answer: String,
}

async fn submit_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    mut caller: Caller,
    Form(form): Form<PasskeyForm>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    let device = name_device(&app, &mut caller);
    let binding = super::passkey::binding(&headers).unwrap_or_default();
    match sign_in::passkey::with_passkey(&app, binding, &form.answer, &caller).await {
        Ok(step) => Ok(remember_device(onward(&step), device.as_ref())),
        Err(problem) => again(&problem, &sign_in_form(&app, Some(problem.clone()))),
    }
}

async fn code_form(app: &App, pending: &Pending, sent: bool, problem: Option<Problem>) -> Result<CodePage, Problem> {
    let held = Held::read(app, &pending.access("authenticator.list", app.now()), pending.user.id).await?;
    let has_passkey = app.ways().passkeys.is_some() && held.usable_passkeys().next().is_some();
    let usable = held.phone.filter(|phone| phone.record.is_usable() && phone::offered(app).is_ok());
    let has_app = pending.user.totp.as_ref().is_some_and(|totp| totp.record.is_usable());
    let phone = usable.map(|phone| phone.number.expose().masked());
    let csrf = pending.csrf.clone();
    Ok(CodePage { frame: Frame::open("Second factor"), csrf, problem, has_app, has_passkey, phone, sent })
}

async fn code_page(State(app): State<App>, pending: Pending) -> Result<Response, Problem> {
    page(&code_form(&app, &pending, false, None).await?)
}

async fn submit_code(
    State(app): State<App>,
    pending: Pending,
    SignedForm(form): SignedForm<CodeForm>,
) -> Result<Response, Problem> {
    second_factor(&app, &pending, Answer::Code(&form.code)).await
}

async fn confirm_passkey(
    State(app): State<App>,
    pending: Pending,
    SignedForm(form): SignedForm<PasskeyForm>,
) -> Result<Response, Problem> {
    second_factor(&app, &pending, Answer::Passkey(&form.answer)).await
}

async fn second_factor(app: &App, pending: &Pending, answer: Answer<'_>) -> Result<Response, Problem> {
    match sign_in::with_second_factor(app, pending, answer).await {
        Ok(step) => Ok(onward(&step)),
        Err(problem) => again(&problem, &code_form(app, pending, false, Some(problem.clone())).await?),
    }
}

async fn send_code(
    State(app): State<App>,
    pending: Pending,
    SignedForm(_): SignedForm<Empty>,
) -> Result<Response, Problem> {
    match phone::send_code(&app, &pending).await {
        Ok(()) => page(&code_form(&app, &pending, true, None).await?),
        Err(problem) => again(&problem, &code_form(&app, &pending, false, Some(problem.clone())).await?),
    }
}

async fn sign_out(
    State(app): State<App>,
    pending: Pending,
    SignedForm(_): SignedForm<Empty>,
) -> Result<Response, Problem> {
    sign_in::out(&app, &pending).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    set_cookie(&mut response, &gone);
    // Pages kept by the browser for the back button go with the session.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

pub(super) fn onward(step: &Step) -> Response {
    let next = match step.next {
        NextStep::Code => "/sign-in/code",
        NextStep::Enrol => "/sign-in/enrol",
        NextStep::NewPassword => "/account/password",
        NextStep::BackupCodes => "/account/backup-codes",
        NextStep::Work => "/",
    };
    let mut response = Redirect::to(next).into_response();
    let token = step.token.expose_secret();
    set_cookie(&mut response, &format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict"));
    response
}

/// Gives a browser that is not known a name of its own, to be sent with the answer.
pub(super) fn name_device(app: &App, caller: &mut Caller) -> Option<SessionToken> {
    if caller.device.is_some() {
        return None;
    }
    caller.device = Some(SessionToken::from_random(draw(app.entropy())));
    caller.device.clone()
}

/// Sends a browser its name, for as long as browsers keep one; it opens nothing.
pub(super) fn remember_device(mut response: Response, device: Option<&SessionToken>) -> Response {
    if let Some(token) = device {
        let token = token.expose();
        let token = token.expose_secret();
        let kept = format!("{DEVICE_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000");
        set_cookie(&mut response, &kept);
    }
    response
}

pub(super) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

pub(super) fn from_this_site(headers: &HeaderMap) -> Result<(), Problem> {
    if is_same_origin(headers) { Ok(()) } else { Err(Problem::forbidden("The request came from another site.")) }
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct SetUpForm {
    token: String,
    practice: String,
    npi: String,
    tax_id: String,
    taxonomy: String,
    street: String,
    street2: String,
    city: String,
    state: String,
    zip: String,
    phone: String,
    time_zone: String,
    name: String,
    login: String,
    password: SecretString,
}

async fn set_up_page(State(app): State<App>) -> Result<Response, Problem> {
    if !app.practices().await?.is_empty() {
        return Err(Problem::not_found("A practice is set up already."));
    }
    let form = SetUpForm { time_zone: "America/New_York".to_owned(), ..SetUpForm::default() };
    page(&set_up_form(form, None))
}

fn set_up_form(form: SetUpForm, problem: Option<Problem>) -> SetUpPage {
    let states = mentalspace_core::UsState::codes();
    SetUpPage { frame: Frame::open("Set up your practice"), problem, form, states }
}

async fn submit_set_up(
    State(app): State<App>,
    headers: HeaderMap,
    Form(form): Form<SetUpForm>,
) -> Result<Response, Problem> {
    from_this_site(&headers)?;
    match complete_set_up(&app, &form).await {
        Ok(()) => Ok(Redirect::to("/sign-in").into_response()),
        Err(problem) => again(&problem, &set_up_form(form, Some(problem.clone()))),
    }
}

/// Everything is checked before the token is used up, so that a typing mistake costs nothing.
async fn complete_set_up(app: &App, form: &SetUpForm) -> Result<(), Problem> {
    let practice = practice(app, form)?;
    let named = |field: &'static str| move |error: Invalid| Problem::field(field, error.rule);
    let administrator = NewUser {
        login: Email::parse(form.login.as_str()).map_err(named("login"))?,
        display_name: OrganizationName::parse(form.name.as_str()).map_err(named("name"))?.as_str().to_owned(),
        roles: vec![Role::Administrator],
        clinician: None,
        password: form.password.clone(),
    };
    set_up::check_new_password(app, &practice, &administrator).await?;
    set_up::redeem(app, &form.token).await?;
    set_up::create_practice(app, &practice, administrator).await.map(drop)
}

fn practice(app: &App, form: &SetUpForm) -> Result<Practice, Problem> {
    let named = |field: &'static str| move |error: Invalid| Problem::field(field, error.rule);
    let mut address = Address::new(&form.street, &form.city, &form.state, &form.zip).map_err(named("address"))?;
    if !form.street2.trim().is_empty() {
        address.line2 = Some(AddressLine::parse(form.street2.as_str()).map_err(named("street2"))?);
    }
    let zone: chrono_tz::Tz = form.time_zone.parse().map_err(|_| Problem::field("time_zone", "is not a time zone"))?;
    Ok(Practice {
        id: app.new_id(),
        name: OrganizationName::parse(form.practice.as_str()).map_err(named("practice"))?,
        billing_npi: Npi::parse(form.npi.trim()).map_err(named("npi"))?,
        tax_id: TaxId::ein(&form.tax_id).map_err(named("tax_id"))?,
        taxonomy: Taxonomy::parse(form.taxonomy.as_str()).map_err(named("taxonomy"))?,
        address: BillingAddress::try_from(address).map_err(named("zip"))?,
        phone: Phone::parse(form.phone.as_str()).map_err(named("phone"))?,
        time_zone: TimeZoneName::parse(zone.name()).map_err(named("time_zone"))?,
        policies: mentalspace_core::Policies::default(),
    })
}
