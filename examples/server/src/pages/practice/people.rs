//! People: accounts, roles, and the clinicians behind them.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use mentalspace_core::{
    Clinician, ClinicianId, Credential, Email, License, PersonName, Role, Supervision, UsState, UserId,
    store::Versioned,
};
use secrecy::ExposeSecret;

use super::{Fields, ROWS};
use crate::{
    app::App,
    form::Reader,
    pages::{Frame, again, page, words},
    params::InPath,
    practice::{
        clinicians::{self, ClinicianDetails},
        people::expose_clinician,
        staff::{self, Employee, OneTime, Post},
    },
    problem::Problem,
    signed::{Signed, SignedForm},
    welcome::{self, Invited},
};

/// The roles staff may hold, as the form names them.
const ROLES: [(Role, &str); 6] = [
    (Role::Administrator, "Administrator"),
    (Role::FrontDesk, "Front desk"),
    (Role::Billing, "Billing"),
    (Role::Clinician, "Clinician"),
    (Role::Supervisor, "Supervisor"),
    (Role::Associate, "Associate (works under supervision)"),
];

#[derive(Template)]
#[template(path = "practice_people.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    id: UserId,
    name: String,
    login: String,
    roles: String,
    clinician: Option<(ClinicianId, String)>,
    state: words::Shown,
}

#[derive(Template)]
#[template(path = "practice_person.html")]
struct PersonPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    action: String,
    form: Fields,
    roles: Vec<words::Choice>,
    /// The account, unless it is new.
    account: Option<Account>,
    /// The fields of a clinician who is not on record yet.
    clinician: Option<ClinicianPart>,
}

struct Account {
    id: UserId,
    login: String,
    enabled: bool,
    own: bool,
    clinician: Option<(ClinicianId, String)>,
    /// Whether nobody has taken it up yet.
    waiting: bool,
    /// In how many places the person is signed in.
    sessions: usize,
}

/// What the choices of a clinician's fields are.
struct ClinicianPart {
    states: &'static [&'static str],
    supervisors: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "practice_clinician.html")]
struct ClinicianPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    action: String,
    form: Fields,
    part: ClinicianPart,
}

#[derive(Template)]
#[template(path = "practice_password.html")]
struct PasswordPage {
    frame: Frame,
    user: UserId,
    password: String,
}

#[derive(Template)]
#[template(path = "practice_invited.html")]
struct InvitedPage {
    frame: Frame,
    user: UserId,
    link: Option<String>,
}

fn named(clinician: &Clinician) -> (ClinicianId, String) {
    (clinician.id, expose_clinician(clinician))
}

pub(super) async fn list(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let row = |employee: Employee| {
        let user = employee.user;
        let (word, class) = match (user.enabled, user.must_change_password) {
            (false, _) => ("shut", "bad"),
            (true, true) => ("has not signed in yet", "warn"),
            (true, false) => ("open", "good"),
        };
        Row {
            id: user.id,
            name: user.display_name.clone(),
            login: user.login.expose().to_owned(),
            roles: user.role_names().map(words::capital).collect::<Vec<_>>().join(", "),
            clinician: employee.clinician.as_deref().map(named),
            state: words::Shown { word, class },
        }
    };
    let rows = staff::list(&app, &signed).await?.into_iter().map(row).collect();
    page(&ListPage { frame: Frame::signed("People", "/practice/people", &signed), rows })
}

async fn part(app: &App, signed: &Signed) -> Result<ClinicianPart, Problem> {
    let supervisor = |employee: Employee| {
        let supervises = employee.user.roles.contains(&Role::Supervisor);
        employee.clinician.filter(|_| supervises).map(|clinician| {
            let (id, name) = named(&clinician);
            (id.to_string(), name)
        })
    };
    let supervisors = staff::list(app, signed).await?.into_iter().filter_map(supervisor).collect();
    Ok(ClinicianPart { states: UsState::codes(), supervisors })
}

async fn person_page(
    app: &App,
    signed: &Signed,
    employee: Option<Employee>,
    form: Fields,
    problem: Option<Problem>,
) -> Result<PersonPage, Problem> {
    let choice = |(role, name): (Role, &str)| words::Choice {
        value: role.name().to_owned(),
        name: name.to_owned(),
        chosen: form.get(role.name()) == "yes",
    };
    let sessions = match &employee {
        Some(employee) => crate::sessions::list_of(app, signed, employee.user.id).await?.len(),
        None => 0,
    };
    let account = employee.map(|Employee { user, clinician, .. }| Account {
        id: user.id,
        login: user.login.expose().to_owned(),
        enabled: user.enabled,
        own: user.id == signed.user,
        clinician: clinician.as_deref().map(named),
        waiting: user.enabled && user.must_change_password,
        sessions,
    });
    let on_record = account.as_ref().is_some_and(|account| account.clinician.is_some());
    let id = account.as_ref().map_or_else(|| "new".to_owned(), |account| account.id.to_string());
    Ok(PersonPage {
        frame: Frame::signed(
            if account.is_some() { "Change person" } else { "New person" },
            "/practice/people",
            signed,
        ),
        csrf: signed.csrf.clone(),
        problem,
        action: format!("/practice/people/{id}"),
        roles: ROLES.into_iter().map(choice).collect(),
        clinician: if on_record { None } else { Some(part(app, signed).await?) },
        account,
        form,
    })
}

pub(super) async fn new(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    page(&person_page(&app, &signed, None, Fields::default(), None).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    match try_create(&app, &signed, &form).await {
        Ok(response) => Ok(response),
        Err(problem) => again(&problem, &person_page(&app, &signed, None, form, Some(problem.clone())).await?),
    }
}

async fn try_create(app: &App, signed: &Signed, form: &Fields) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let login: Option<Email> = reader.required("e-mail", form.get("login"));
    let post = read_post(form, &mut reader, true);
    reader.done()?;
    match (login, post) {
        (Some(login), Some(post)) if form.get("by") == "invitation" => {
            invited(signed, staff::invite(app, signed, login, post).await?)
        }
        (Some(login), Some(post)) => once(signed, &staff::add(app, signed, login, post).await?),
        _ => Err(reader.refusal()),
    }
}

fn invited(signed: &Signed, invited: Invited) -> Result<Response, Problem> {
    let link = invited.link.map(|link| link.expose_secret().to_owned());
    page(&InvitedPage { frame: Frame::signed("Invitation", "/practice/people", signed), user: invited.user, link })
}

pub(super) async fn invite(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let done = if form.get("what") == "withdraw" {
        welcome::withdraw(&app, &signed, id).await.map(|()| None)
    } else {
        welcome::again(&app, &signed, id).await.map(Some)
    };
    match done {
        Ok(Some(made)) => invited(&signed, made),
        Ok(None) => Ok(Redirect::to(&format!("/practice/people/{id}")).into_response()),
        Err(problem) => again(&problem, &on_record(&app, &signed, id, Some(problem.clone())).await?),
    }
}

pub(super) async fn end_sessions(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
    SignedForm(_): SignedForm<Fields>,
) -> Result<Response, Problem> {
    crate::sessions::end_of(&app, &signed, id).await?;
    Ok(Redirect::to(&format!("/practice/people/{id}")).into_response())
}

fn once(signed: &Signed, made: &OneTime) -> Result<Response, Problem> {
    let frame = Frame::signed("One-time password", "/practice/people", signed);
    page(&PasswordPage { frame, user: made.user, password: made.password.expose_secret().to_owned() })
}

pub(super) async fn edit(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
) -> Result<Response, Problem> {
    page(&on_record(&app, &signed, id, None).await?)
}

async fn on_record(app: &App, signed: &Signed, id: UserId, problem: Option<Problem>) -> Result<PersonPage, Problem> {
    let employee = staff::read(app, signed, id).await?;
    let mut form = Fields::default();
    form.set("version", employee.user.version);
    form.set("name", &employee.user.display_name);
    for role in employee.user.role_names() {
        form.set(role, "yes");
    }
    person_page(app, signed, Some(employee), form, problem).await
}

pub(super) async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let employee = staff::read(&app, &signed, id).await?;
    let mut reader = Reader::default();
    let post = read_post(&form, &mut reader, employee.user.clinician.is_none());
    let changed = match (reader.done(), post) {
        (Ok(()), Some(post)) => staff::change(&app, &signed, id, form.version(), post).await.map(drop),
        _ => Err(reader.refusal()),
    };
    match changed {
        Ok(()) => Ok(Redirect::to("/practice/people").into_response()),
        Err(problem) => {
            again(&problem, &person_page(&app, &signed, Some(employee), form, Some(problem.clone())).await?)
        }
    }
}

pub(super) async fn enable(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    match staff::enable(&app, &signed, id, form.version(), form.get("enabled") == "yes").await {
        Ok(_) => Ok(Redirect::to(&format!("/practice/people/{id}")).into_response()),
        Err(problem) => again(&problem, &on_record(&app, &signed, id, Some(problem.clone())).await?),
    }
}

pub(super) async fn reset(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<UserId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    match staff::reset(&app, &signed, id, form.version()).await {
        Ok(made) => once(&signed, &made),
        Err(problem) => again(&problem, &on_record(&app, &signed, id, Some(problem.clone())).await?),
    }
}

fn read_post(form: &Fields, reader: &mut Reader, new_to_practice: bool) -> Option<Post> {
    let display_name = reader.required("name", form.get("name"));
    let roles: Vec<Role> =
        ROLES.into_iter().map(|(role, _)| role).filter(|role| form.get(role.name()) == "yes").collect();
    let treats = roles.iter().any(|role| matches!(role, Role::Clinician | Role::Associate | Role::Supervisor));
    let clinician = if treats && new_to_practice { Some(read_clinician(form, reader)?) } else { None };
    Some(Post { display_name: display_name?, roles, clinician })
}

fn clinician_page(
    signed: &Signed,
    id: ClinicianId,
    part: ClinicianPart,
    form: Fields,
    problem: Option<Problem>,
) -> ClinicianPage {
    ClinicianPage {
        frame: Frame::signed("Clinician", "/practice/people", signed),
        csrf: signed.csrf.clone(),
        problem,
        action: format!("/practice/clinicians/{id}"),
        form,
        part,
    }
}

pub(super) async fn clinician(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ClinicianId>,
) -> Result<Response, Problem> {
    let form = written(&clinicians::read(&app, &signed, id).await?);
    page(&clinician_page(&signed, id, part(&app, &signed).await?, form, None))
}

pub(super) async fn change_clinician(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ClinicianId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let details = read_clinician(&form, &mut reader);
    let changed = match (reader.done(), details) {
        (Ok(()), Some(details)) => clinicians::change(&app, &signed, id, form.version(), details).await.map(drop),
        _ => Err(reader.refusal()),
    };
    match changed {
        Ok(()) => Ok(Redirect::to("/practice/people").into_response()),
        Err(problem) => {
            let part = part(&app, &signed).await?;
            again(&problem, &clinician_page(&signed, id, part, form, Some(problem.clone())))
        }
    }
}

fn written(clinician: &Versioned<Clinician>) -> Fields {
    let mut form = Fields::default();
    form.set("version", clinician.version);
    form.set_part("first", clinician.name.first.as_ref());
    form.set_part("middle", clinician.name.middle.as_ref());
    form.set_part("suffix", clinician.name.suffix.as_ref());
    form.set("last", clinician.name.last.expose());
    let credentials: Vec<&str> = clinician.credentials.iter().map(Credential::as_str).collect();
    form.set("credentials", credentials.join(", "));
    form.set("npi", clinician.npi.as_ref().map(ToString::to_string).unwrap_or_default());
    form.set("taxonomy", clinician.taxonomy.as_ref().map(ToString::to_string).unwrap_or_default());
    for (row, license) in clinician.licenses.iter().enumerate() {
        form.set(format!("license.{row}.state"), &license.state);
        form.set(format!("license.{row}.number"), license.number.as_str());
        form.set_period("license", row, license.in_force);
    }
    for (row, supervision) in clinician.supervision.iter().enumerate() {
        form.set(format!("supervision.{row}.supervisor"), supervision.supervisor);
        form.set_period("supervision", row, supervision.in_force);
    }
    form
}

fn read_clinician(form: &Fields, reader: &mut Reader) -> Option<ClinicianDetails> {
    let (first, middle) =
        (reader.optional("first name", form.get("first")), reader.optional("middle name", form.get("middle")));
    let (last, suffix) =
        (reader.required("last name", form.get("last")), reader.optional("suffix", form.get("suffix")));
    let credentials = form.get("credentials").split(',').filter(|one| !one.trim().is_empty());
    let credentials = credentials.filter_map(|one| reader.required("credentials", one)).collect();
    let npi = reader.optional("npi", form.get("npi"));
    let taxonomy = reader.optional("taxonomy", form.get("taxonomy"));
    let filled = |list: &'static str| (0..ROWS).filter(move |row| form.is_filled(list, *row));
    let license = |row: usize, reader: &mut Reader| {
        let state = reader.required("license: state", form.at("license", row, "state"));
        let number = reader.required("license: number", form.at("license", row, "number"));
        let in_force = form.period(reader, "license", row);
        Some(License { state: state?, number: number?, in_force: in_force? })
    };
    let licenses = filled("license").filter_map(|row| license(row, reader)).collect();
    let supervision = |row: usize, reader: &mut Reader| {
        let supervisor = reader.required("supervision: supervisor", form.at("supervision", row, "supervisor"));
        let in_force = form.period(reader, "supervision", row);
        Some(Supervision { supervisor: supervisor?, in_force: in_force? })
    };
    let supervision = filled("supervision").filter_map(|row| supervision(row, reader)).collect();
    let name = PersonName { first, middle, last: last?, suffix };
    Some(ClinicianDetails { name, credentials, licenses, npi, taxonomy, supervision })
}
