//! Remittances: handing one in, and what each did to the books.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_claims::{
    record::{RemittanceRecord, RemittanceState},
    transaction::r835::{ClaimPayment, ReasonedAmount, Remittance},
};
use mentalspace_core::{
    ClaimId, Money, RemittanceId, Role,
    store::{Cursor, Page, Versioned},
};
use serde::Deserialize;

use super::{
    Frame, again,
    billing::ItemRow,
    claims::{PostingRow, posting},
    page,
    words::{self, Shown},
};
use crate::{
    app::App,
    billing::{
        self,
        remittances::{self, Outcome},
    },
    params::{InPath, InQuery},
    problem::Problem,
    signed::{Signed, SignedForm},
    upload,
    zone::Zone,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/remittances", get(list).merge(post(hand_in).layer(upload::limit())))
        .route("/remittances/{remittance}", get(show))
        .route("/remittances/{remittance}/release", post(release))
}

#[derive(Template)]
#[template(path = "remittances.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    outcomes: Vec<(RemittanceId, &'static str)>,
    rows: Vec<Row>,
    next: Option<String>,
    may_post: bool,
}

struct Row {
    id: RemittanceId,
    received: String,
    payer: String,
    trace: String,
    amount: String,
    claims: usize,
    state: Shown,
}

#[derive(Template)]
#[template(path = "remittance.html")]
struct ShowPage {
    frame: Frame,
    csrf: String,
    row: Row,
    version: u64,
    paid_on: String,
    method: String,
    held: bool,
    undistributed: String,
    claims: Vec<ClaimBlock>,
    adjustments: Vec<(String, String)>,
    other: Vec<PostingRow>,
    items: Vec<ItemRow>,
    may_post: bool,
}

/// A claim of the remittance: what the payer says, and what it did.
struct ClaimBlock {
    number: String,
    claim: Option<ClaimId>,
    charge: String,
    paid: String,
    lines: Vec<PaidLine>,
    adjustments: String,
    booked: Vec<(String, String)>,
    untouched: Vec<(u16, String)>,
}

struct PaidLine {
    service: String,
    day: String,
    charge: String,
    adjustments: String,
    paid: String,
}

#[derive(Deserialize)]
struct MoreQuery {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct VersionForm {
    version: String,
}

fn may_post(signed: &Signed) -> bool {
    signed.holds(&[Role::Billing])
}

async fn list(State(app): State<App>, signed: Signed, InQuery(query): InQuery<MoreQuery>) -> Result<Response, Problem> {
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let found = remittances::list(&app, &signed, cursor).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    page(&list_page(&signed, &zone, &found))
}

fn list_page(signed: &Signed, zone: &Zone, found: &Page<RemittanceRecord>) -> ListPage {
    ListPage {
        frame: Frame::signed("Remittances", "/remittances", signed),
        csrf: signed.csrf.clone(),
        problem: None,
        outcomes: Vec::new(),
        rows: found.items.iter().map(|record| row(record, zone)).collect(),
        next: found.next.as_ref().map(|next| format!("/remittances?cursor={next}")),
        may_post: may_post(signed),
    }
}

fn row(record: &RemittanceRecord, zone: &Zone) -> Row {
    let remittance = record.remittance();
    Row {
        id: record.remittance_id(),
        received: words::moment(zone, record.received_at()),
        payer: remittance.payer.name.to_string(),
        trace: remittance.trace.as_ref().map(|trace| trace.number.to_string()).unwrap_or_default(),
        amount: remittance.amount.to_string(),
        claims: remittance.claims.len(),
        state: words::remittance(record.state()),
    }
}

/// One remittance leads to its page; several are listed with what became of each.
async fn hand_in(State(app): State<App>, signed: Signed, request: Request) -> Result<Response, Problem> {
    let done = match upload::form(&app, request, Some(&signed.csrf)).await {
        Ok(file) => remittances::upload(&app, &signed, file).await,
        Err(problem) => Err(problem),
    };
    if let Ok([only]) = done.as_deref() {
        return Ok(Redirect::to(&format!("/remittances/{}", only.remittance())).into_response());
    }
    if let Err(problem) = &done
        && problem.status == axum::http::StatusCode::FORBIDDEN
    {
        return Err(problem.clone());
    }
    let found = remittances::list(&app, &signed, None).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    let shown = list_page(&signed, &zone, &found);
    match done {
        Err(problem) => again(&problem, &ListPage { problem: Some(problem.clone()), ..shown }),
        Ok(outcomes) => {
            let outcomes = outcomes.into_iter().map(|outcome| match outcome {
                Outcome::Posted(id) => (id, "was posted"),
                Outcome::Known(id) => (id, "was on record before"),
                Outcome::Held(id) => (id, "is held: another one with its trace number is posted"),
            });
            page(&ListPage { outcomes: outcomes.collect(), ..shown })
        }
    }
}

async fn release(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<RemittanceId>,
    SignedForm(form): SignedForm<VersionForm>,
) -> Result<Response, Problem> {
    let version = form.version.parse().map_err(|_| Problem::bad_request("The version is no number."))?;
    remittances::release(&app, &signed, id, version).await?;
    Ok(Redirect::to(&format!("/remittances/{id}")).into_response())
}

async fn show(State(app): State<App>, signed: Signed, InPath(id): InPath<RemittanceId>) -> Result<Response, Problem> {
    let shown = remittances::show(&app, &signed, id).await?;
    let zone = billing::wall_clock(&app, &signed).await?;
    let Versioned { version, value: record } = &shown.record;
    let remittance = record.remittance();
    let adjustment = |plb: &mentalspace_claims::transaction::r835::ProviderAdjustment| {
        (plb.reason.to_string(), plb.amount.to_string())
    };
    page(&ShowPage {
        frame: Frame::signed("Remittance", "/remittances", &signed),
        csrf: signed.csrf.clone(),
        row: row(record, &zone),
        version: *version,
        paid_on: remittance.date.map(words::day).unwrap_or_default(),
        method: remittance.method.code().to_owned(),
        held: matches!(record.state(), RemittanceState::Held { .. }),
        undistributed: shown.undistributed().to_string(),
        claims: blocks(&shown, remittance),
        adjustments: remittance.provider_adjustments.iter().map(adjustment).collect(),
        other: shown.postings.iter().filter(|row| row.posting.claim.is_none()).map(posting).collect(),
        items: shown.items.iter().map(|item| ItemRow::new(item, &zone)).collect(),
        may_post: may_post(&signed),
    })
}

fn blocks(shown: &remittances::Shown, remittance: &Remittance) -> Vec<ClaimBlock> {
    let mut booked: BTreeMap<ClaimId, BTreeMap<(String, String), Money>> = BTreeMap::new();
    for row in &shown.postings {
        let Some(claim) = row.posting.claim else { continue };
        let key = (words::capital(row.posting.account.name()), row.posting.reason.clone().unwrap_or_default());
        *booked.entry(claim).or_default().entry(key).or_default() += row.posting.amount;
    }
    let block = |(index, payment): (usize, &ClaimPayment)| {
        let report = shown.report.as_ref();
        let claim = report.and_then(|report| report.claims.get(index).copied().flatten());
        let sums = claim.and_then(|claim| booked.get(&claim)).into_iter().flatten();
        let untouched = report.into_iter().flat_map(|report| &report.untouched);
        ClaimBlock {
            number: payment.control_number.to_string(),
            claim,
            charge: payment.charge.to_string(),
            paid: payment.paid.to_string(),
            lines: payment.lines.iter().map(paid_line).collect(),
            adjustments: reasons(&payment.adjustments),
            booked: sums
                .filter(|(_, amount)| !amount.is_zero())
                .map(|((account, reason), amount)| (format!("{account} {reason}"), amount.to_string()))
                .collect(),
            untouched: untouched.filter(|at| Some(at.claim) == claim).map(|at| (at.line, at.why.clone())).collect(),
        }
    };
    remittance.claims.iter().enumerate().map(block).collect()
}

fn paid_line(line: &mentalspace_claims::transaction::r835::ServicePayment) -> PaidLine {
    let modifiers =
        line.procedure.modifiers.iter().map(|modifier| format!(" {}", modifier.as_str())).collect::<String>();
    PaidLine {
        service: format!("{}{modifiers}", line.procedure.code.as_str()),
        day: line.day().map(words::day).unwrap_or_default(),
        charge: line.charge.to_string(),
        adjustments: reasons(&line.adjustments),
        paid: line.paid.to_string(),
    }
}

fn reasons(list: &[ReasonedAmount]) -> String {
    list.iter().map(|reason| format!("{} {}", reason.label(), reason.amount)).collect::<Vec<_>>().join(", ")
}
