//! Payers and prices.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_core::{
    BillingRules, ClaimFilingIndicator, ElectronicPayerId, Fee, FeeSchedule, Modifier, Money, OrganizationName, Payer,
    PayerId, Phone, ProcedureCode, Role, SupervisedBilling, TelehealthModality, store::Versioned,
};
use serde::Deserialize;

use super::{
    Frame, again, page,
    words::{self, Choice},
};
use crate::{
    api::payers::whose,
    app::App,
    billing::{self, payers},
    form::Reader,
    params::InPath,
    problem::Problem,
    signed::{Signed, SignedForm},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/payers", get(list).post(create))
        .route("/payers/{payer}", get(show).post(change))
        .route("/payers/{payer}/prices", post(set_price))
}

#[derive(Template)]
#[template(path = "payers.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    rows: Vec<(PayerId, String, String, String)>,
    form: PayerForm,
    filings: Vec<Choice>,
    supervised: Vec<Choice>,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "payer.html")]
struct PayerPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    /// The payer's id, or `everybody`.
    id: String,
    name: String,
    is_payer: bool,
    form: PayerForm,
    filings: Vec<Choice>,
    supervised: Vec<Choice>,
    prices: Vec<(String, String, String, String)>,
    own_prices: bool,
    today: String,
    may_change: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PayerForm {
    version: String,
    name: String,
    electronic_id: String,
    filing: String,
    phone: String,
    supervised: String,
    video: String,
    audio: String,
}

#[derive(Deserialize)]
struct PriceForm {
    code: String,
    amount: String,
    from: String,
}

const FILINGS: [(&str, &str); 10] = [
    ("CI", "CI – commercial"),
    ("BL", "BL – Blue Cross Blue Shield"),
    ("12", "12 – PPO"),
    ("HM", "HM – HMO"),
    ("MB", "MB – Medicare part B"),
    ("MC", "MC – Medicaid"),
    ("CH", "CH – TRICARE"),
    ("VA", "VA – Veterans Affairs"),
    ("WC", "WC – workers' compensation"),
    ("ZZ", "ZZ – other"),
];

const SUPERVISED: [(&str, &str); 2] = [
    ("under_clinician", "The clinician renders, the supervisor is named"),
    ("under_supervisor", "The supervisor renders"),
];

fn may_change(signed: &Signed) -> bool {
    signed.holds(&[Role::Billing, Role::Administrator])
}

async fn list(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let form = PayerForm { filing: "CI".to_owned(), video: "95".into(), audio: "93".into(), ..PayerForm::default() };
    page(&list_page(&app, &signed, form).await?)
}

async fn list_page(app: &App, signed: &Signed, form: PayerForm) -> Result<ListPage, Problem> {
    let found = payers::list(app, signed).await?;
    let row = |payer: &Versioned<Payer>| {
        let (id, filing) = (payer.electronic_id.as_str().to_owned(), payer.filing.as_str().to_owned());
        (payer.id, payer.name.as_str().to_owned(), id, filing)
    };
    Ok(ListPage {
        frame: Frame::signed("Payers", "/claims", signed),
        csrf: signed.csrf.clone(),
        problem: None,
        rows: found.iter().map(row).collect(),
        filings: words::choices(&FILINGS, &form.filing),
        supervised: words::choices(&SUPERVISED, &form.supervised),
        form,
        may_change: may_change(signed),
    })
}

async fn create(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<PayerForm>,
) -> Result<Response, Problem> {
    let added = match read(&form, app.new_id(), None) {
        Ok(payer) => payers::add(&app, &signed, payer).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(id) => Ok(Redirect::to(&format!("/payers/{id}")).into_response()),
        Err(problem) => {
            let shown = list_page(&app, &signed, form).await?;
            again(&problem, &ListPage { problem: Some(problem.clone()), ..shown })
        }
    }
}

/// Reads the form; what it does not show of the rules stays as it was.
fn read(form: &PayerForm, id: PayerId, old: Option<&Payer>) -> Result<Payer, Problem> {
    let mut reader = Reader::default();
    let name = reader.keep("name", OrganizationName::parse(form.name.as_str()));
    let electronic_id = reader.keep("electronic id", ElectronicPayerId::parse(form.electronic_id.as_str()));
    let filing = reader.keep("kind of insurance", ClaimFilingIndicator::parse(form.filing.as_str()));
    let phone = Some(form.phone.trim()).filter(|phone| !phone.is_empty());
    let phone = phone.map(|phone| reader.keep("telephone", Phone::parse(phone)));
    let mut modifier = |field: &str, text: &str| {
        let text = Some(text.trim()).filter(|text| !text.is_empty());
        text.map(|text| reader.keep(field, Modifier::parse(text)))
    };
    let (video, audio) = (modifier("modifier by video", &form.video), modifier("modifier by voice", &form.audio));
    reader.done()?;
    let (Some(name), Some(electronic_id), Some(filing)) = (name, electronic_id, filing) else {
        return Err(reader.refusal());
    };
    let usual = || BillingRules { telehealth: payers::usual_telehealth(), ..BillingRules::default() };
    let mut rules = old.map_or_else(usual, |old| old.rules.clone());
    for rule in &mut rules.telehealth {
        rule.modifier = match rule.modality {
            TelehealthModality::Video => video.clone().flatten(),
            TelehealthModality::Audio => audio.clone().flatten(),
        };
    }
    rules.supervised = match form.supervised.as_str() {
        "under_supervisor" => SupervisedBilling::UnderSupervisor,
        _ => SupervisedBilling::UnderClinician,
    };
    let address = old.and_then(|old| old.address.clone());
    Ok(Payer { id, name, electronic_id, filing, address, phone: phone.flatten(), rules })
}

fn form(payer: &Versioned<Payer>) -> PayerForm {
    let modifier = |modality| {
        let rule = payer.rules.telehealth.iter().find(|rule| rule.modality == modality);
        rule.and_then(|rule| rule.modifier.as_ref()).map(ToString::to_string).unwrap_or_default()
    };
    PayerForm {
        version: payer.version.to_string(),
        name: payer.name.as_str().to_owned(),
        electronic_id: payer.electronic_id.as_str().to_owned(),
        filing: payer.filing.as_str().to_owned(),
        phone: payer.phone.as_ref().map(words::phone).unwrap_or_default(),
        supervised: match payer.rules.supervised {
            SupervisedBilling::UnderSupervisor => "under_supervisor".to_owned(),
            _ => "under_clinician".to_owned(),
        },
        video: modifier(TelehealthModality::Video),
        audio: modifier(TelehealthModality::Audio),
    }
}

async fn show(State(app): State<App>, signed: Signed, InPath(id): InPath<String>) -> Result<Response, Problem> {
    let whose = whose(&id)?;
    page(&payer_page(&app, &signed, whose, None).await?)
}

async fn payer_page(
    app: &App,
    signed: &Signed,
    whose: Option<PayerId>,
    typed: Option<PayerForm>,
) -> Result<PayerPage, Problem> {
    let (payer, fees) = match whose {
        Some(id) => payers::show(app, signed, id).await.map(|(payer, fees)| (Some(payer), fees))?,
        None => (None, payers::fees(app, signed, None).await?),
    };
    let zone = billing::wall_clock(app, signed).await?;
    let name = payer.as_ref().map_or_else(|| "Everybody".to_owned(), |payer| payer.name.as_str().to_owned());
    let form = typed.or_else(|| payer.as_ref().map(form)).unwrap_or_default();
    let mut filings = words::choices(&FILINGS, &form.filing);
    if !form.filing.is_empty() && filings.iter().all(|choice| !choice.chosen) {
        filings.push(Choice { value: form.filing.clone(), name: form.filing.clone(), chosen: true });
    }
    Ok(PayerPage {
        frame: Frame::signed(name.clone(), "/claims", signed),
        csrf: signed.csrf.clone(),
        problem: None,
        id: whose.map_or_else(|| "everybody".to_owned(), |id| id.to_string()),
        name,
        is_payer: whose.is_some(),
        filings,
        supervised: words::choices(&SUPERVISED, &form.supervised),
        form,
        own_prices: fees.is_some(),
        prices: fees.as_deref().map(prices).unwrap_or_default(),
        today: zone.day(app.now()).to_string(),
        may_change: may_change(signed),
    })
}

fn prices(schedule: &FeeSchedule) -> Vec<(String, String, String, String)> {
    let mut fees: Vec<&Fee> = schedule.fees().iter().collect();
    fees.sort_by(|a, b| (a.code.as_str(), a.in_force.from()).cmp(&(b.code.as_str(), b.in_force.from())));
    let row = |fee: &Fee| {
        let to = fee.in_force.to().map(words::day).unwrap_or_default();
        (fee.code.as_str().to_owned(), fee.amount.to_string(), words::day(fee.in_force.from()), to)
    };
    fees.into_iter().map(row).collect()
}

async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<PayerId>,
    SignedForm(form): SignedForm<PayerForm>,
) -> Result<Response, Problem> {
    let old = payers::show(&app, &signed, id).await?.0;
    let version = form.version.parse().map_err(|_| Problem::bad_request("The version is no number."))?;
    let changed = match read(&form, id, Some(&old.value)) {
        Ok(payer) => payers::change(&app, &signed, payer, version).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(Redirect::to(&format!("/payers/{id}")).into_response()),
        Err(problem) => {
            let shown = payer_page(&app, &signed, Some(id), Some(form)).await?;
            again(&problem, &PayerPage { problem: Some(problem.clone()), ..shown })
        }
    }
}

async fn set_price(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<String>,
    SignedForm(form): SignedForm<PriceForm>,
) -> Result<Response, Problem> {
    let whose = whose(&id)?;
    let mut reader = Reader::default();
    let code = reader.keep("code", ProcedureCode::parse(form.code.as_str()));
    let amount = reader.keep("price", form.amount.trim().parse::<Money>());
    let from = reader.day("from", &form.from);
    let set = match (code, amount, from) {
        (Some(code), Some(amount), Some(from)) => payers::set_price(&app, &signed, whose, code, amount, from).await,
        _ => Err(reader.refusal()),
    };
    match set {
        Ok(_) => Ok(Redirect::to(&format!("/payers/{id}")).into_response()),
        Err(problem) => {
            let shown = payer_page(&app, &signed, whose, None).await?;
            again(&problem, &PayerPage { problem: Some(problem.clone()), ..shown })
        }
    }
}
