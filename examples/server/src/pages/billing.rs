//! What is left to look at, jobs that failed, the ledger and the settings of the exchange.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use chrono::NaiveDate;
use mentalspace_core::{
    ClaimId, JobId, OrganizationName, Phone, RemittanceId, Role,
    store::{Cursor, Versioned},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, again, page, words};
use crate::{
    app::App,
    billing::{
        self, balances,
        settings::{self, BillingSettings},
        work::{self, WorkRecord},
    },
    form::Reader,
    jobs,
    params::{InPath, InQuery},
    problem::Problem,
    signed::{Signed, SignedForm},
    zone::Zone,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/billing/work", get(list_work))
        .route("/billing/work/{item}", post(close_work))
        .route("/billing/jobs", get(list_jobs))
        .route("/billing/jobs/{job}", post(retry_job))
        .route("/billing/ledger", get(ledger))
        .route("/billing/settings", get(show_settings).post(change_settings))
}

/// Something to look at.
pub(super) struct ItemRow {
    pub(super) id: Uuid,
    pub(super) version: u64,
    pub(super) title: &'static str,
    pub(super) number: String,
    pub(super) claim: Option<ClaimId>,
    pub(super) remittance: Option<RemittanceId>,
    pub(super) amount: String,
    pub(super) reasons: String,
    pub(super) next_step: &'static str,
    pub(super) opened: String,
    pub(super) done: bool,
}

impl ItemRow {
    pub(super) fn new(item: &Versioned<WorkRecord>, zone: &Zone) -> Self {
        Self {
            id: item.id,
            version: item.version,
            title: item.kind.title(),
            number: item.number.clone(),
            claim: item.claim,
            remittance: item.remittance,
            amount: item.amount.to_string(),
            reasons: item.reasons.join(", "),
            next_step: item.next_step(),
            opened: words::moment(zone, item.opened_at),
            done: item.done.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "billing_work.html")]
struct WorkPage {
    frame: Frame,
    csrf: String,
    items: Vec<ItemRow>,
    next: Option<String>,
    may_close: bool,
}

#[derive(Template)]
#[template(path = "failed_jobs.html")]
struct JobsPage {
    frame: Frame,
    csrf: String,
    rows: Vec<JobRow>,
}

struct JobRow {
    id: JobId,
    version: u64,
    what: &'static str,
    error: String,
    attempts: u32,
    given_up: bool,
    due: String,
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    frame: Frame,
    day: NaiveDate,
    shown: String,
    rows: Vec<(String, String, String)>,
    debits: String,
}

#[derive(Template)]
#[template(path = "billing_settings.html")]
struct SettingsPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    form: SettingsForm,
    may_change: bool,
}

#[derive(Deserialize)]
struct MoreQuery {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct DayQuery {
    day: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct VersionForm {
    version: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct SettingsForm {
    version: String,
    sender_qualifier: String,
    sender_id: String,
    receiver_qualifier: String,
    receiver_id: String,
    receiver_name: String,
    submitter_id: String,
    contact_name: String,
    contact_phone: String,
    production: String,
}

fn version(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::bad_request("The version is no number."))
}

async fn list_work(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<MoreQuery>,
) -> Result<Response, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let found = work::open(&app, &signed, cursor).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    page(&WorkPage {
        frame: Frame::signed("To look at", "/claims", &signed),
        csrf: signed.csrf.clone(),
        items: found.items.iter().map(|item| ItemRow::new(item, &zone)).collect(),
        next: found.next.map(|next| format!("/billing/work?cursor={next}")),
        may_close: signed.holds(&[Role::Billing]),
    })
}

async fn close_work(
    State(app): State<App>,
    signed: Signed,
    InPath(item): InPath<Uuid>,
    SignedForm(form): SignedForm<VersionForm>,
) -> Result<Response, Problem> {
    work::close(&app, &signed, item, version(&form.version)?).await?;
    Ok(Redirect::to("/billing/work").into_response())
}

async fn list_jobs(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let failed = jobs::failed(&app, &signed).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    let row = |job: &Versioned<mentalspace_core::store::Job>| JobRow {
        id: job.id,
        version: job.version,
        what: match job.queue.as_str() {
            crate::practice::notes::CHARGE_QUEUE => "Bill a signed note",
            "letter.send" => "Letter to a person",
            _ => "Background work",
        },
        error: job.last_error.as_deref().map(words::capital_sentence).unwrap_or_default(),
        attempts: job.attempts,
        given_up: job.state == mentalspace_core::store::JobState::Dead,
        due: words::moment(&zone, job.due),
    };
    page(&JobsPage {
        frame: Frame::signed("Failed jobs", "/claims", &signed),
        csrf: signed.csrf.clone(),
        rows: failed.iter().map(row).collect(),
    })
}

async fn retry_job(
    State(app): State<App>,
    signed: Signed,
    InPath(job): InPath<JobId>,
    SignedForm(form): SignedForm<VersionForm>,
) -> Result<Response, Problem> {
    jobs::retry(&app, &signed, job, version(&form.version)?).await?;
    Ok(Redirect::to("/billing/jobs").into_response())
}

async fn ledger(
    State(app): State<App>,
    signed: Signed,
    InQuery(query): InQuery<DayQuery>,
) -> Result<Response, Problem> {
    let found = balances::trial_balance(&app, &signed, query.day).await?;
    let row = |balance: &mentalspace_core::store::Balance| {
        let (debit, credit) = match balance.amount {
            amount if amount.is_zero() => (String::new(), String::new()),
            amount if amount.is_negative() => (String::new(), amount.abs().to_string()),
            amount => (amount.to_string(), String::new()),
        };
        (words::capital(balance.account.name()), debit, credit)
    };
    page(&LedgerPage {
        frame: Frame::signed("Ledger", "/claims", &signed),
        day: found.through,
        shown: words::day(found.through),
        rows: found.balances.iter().map(row).collect(),
        debits: found.debits().to_string(),
    })
}

async fn show_settings(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let Versioned { version, value } = settings::show(&app, &signed).await?;
    let form = SettingsForm {
        version: version.to_string(),
        sender_qualifier: value.sender_qualifier,
        sender_id: value.sender_id,
        receiver_qualifier: value.receiver_qualifier,
        receiver_id: value.receiver_id,
        receiver_name: value.receiver_name.as_str().to_owned(),
        submitter_id: value.submitter_id,
        contact_name: value.contact_name.as_str().to_owned(),
        contact_phone: words::phone(&value.contact_phone),
        production: if value.production { "on".to_owned() } else { String::new() },
    };
    page(&settings_page(&signed, form))
}

fn settings_page(signed: &Signed, form: SettingsForm) -> SettingsPage {
    SettingsPage {
        frame: Frame::signed("Exchange of claims", "/claims", signed),
        csrf: signed.csrf.clone(),
        problem: None,
        form,
        may_change: signed.holds(&[Role::Billing]),
    }
}

async fn change_settings(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<SettingsForm>,
) -> Result<Response, Problem> {
    let seen = version(&form.version)?;
    let self_pay = settings::show(&app, &signed).await?.value.self_pay;
    let changed = match read(&form, self_pay) {
        Ok(wanted) => settings::change(&app, &signed, wanted, seen).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(Redirect::to("/billing/settings").into_response()),
        Err(problem) => {
            let shown = settings_page(&signed, form);
            again(&problem, &SettingsPage { problem: Some(problem.clone()), ..shown })
        }
    }
}

fn read(form: &SettingsForm, self_pay: mentalspace_core::BillingRules) -> Result<BillingSettings, Problem> {
    let mut reader = Reader::default();
    let receiver_name = reader.keep("receiver's name", OrganizationName::parse(form.receiver_name.as_str()));
    let contact_name = reader.keep("contact", OrganizationName::parse(form.contact_name.as_str()));
    let contact_phone = reader.keep("telephone", Phone::parse(form.contact_phone.as_str()));
    let (Some(receiver_name), Some(contact_name), Some(contact_phone)) = (receiver_name, contact_name, contact_phone)
    else {
        return Err(reader.refusal());
    };
    let text = |text: &str| text.trim().to_owned();
    Ok(BillingSettings {
        sender_qualifier: text(&form.sender_qualifier),
        sender_id: text(&form.sender_id),
        receiver_qualifier: text(&form.receiver_qualifier),
        receiver_id: text(&form.receiver_id),
        receiver_name,
        submitter_id: text(&form.submitter_id),
        contact_name,
        contact_phone,
        production: form.production == "on",
        self_pay,
    })
}
