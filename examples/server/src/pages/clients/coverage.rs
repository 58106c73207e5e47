//! The form of a client's coverage.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use mentalspace_core::{
    Address, ClientId, Coverage, CoverageId, Money, OtherSubscriber, Payer, Period, PersonName, Phi, Subscriber,
    UsState, access::Permission, store::Versioned,
};
use serde::Deserialize;

use super::{
    super::{
        Frame, again, page,
        words::{self, Choice},
    },
    CoverageRow,
};
use crate::{
    app::App,
    form::Reader,
    params::InPath,
    practice::{
        Office, clients,
        coverages::{self, CoverageDetails, rank_word},
        people,
    },
    problem::Problem,
    signed::{Signed, SignedForm},
};

pub(super) fn row((coverage, payer): &(Versioned<Coverage>, String)) -> CoverageRow {
    let from = coverage.in_force.from().format("%m/%d/%Y");
    CoverageRow {
        id: coverage.id,
        rank: rank_word(coverage.rank),
        payer: payer.clone(),
        plan: coverage.plan_name.as_ref().map(|plan| plan.expose().to_owned()).unwrap_or_default(),
        member_id: coverage.member_id.expose().to_owned(),
        in_force: match coverage.in_force.to() {
            Some(to) => format!("{from} to {}", to.format("%m/%d/%Y")),
            None => format!("since {from}"),
        },
        copay: coverage.copay.map(|copay| format!("${copay}")).unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "coverage_form.html")]
struct FormPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    client: ClientId,
    name: String,
    action: String,
    form: CoverageForm,
    payers: Vec<Choice>,
    ranks: Vec<Choice>,
    relationships: Vec<Choice>,
    sexes: Vec<Choice>,
    states: &'static [&'static str],
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in super::super) struct CoverageForm {
    version: String,
    payer: String,
    rank: String,
    from: String,
    to: String,
    member_id: String,
    group_number: String,
    plan_name: String,
    copay: String,
    relationship: String,
    first: String,
    last: String,
    birth_date: String,
    payer_sex: String,
    street: String,
    city: String,
    state: String,
    zip: String,
}

const RANKS: [(&str, &str); 3] = [("primary", "Primary"), ("secondary", "Secondary"), ("tertiary", "Tertiary")];
const RELATIONSHIPS: [(&str, &str); 7] = [
    ("", "The client"),
    ("spouse", "Somebody else: the client is the spouse"),
    ("child", "Somebody else: the client is a child"),
    ("employee", "Somebody else: the client is an employee"),
    ("life_partner", "Somebody else: the client is the life partner"),
    ("other", "Somebody else: other relationship"),
    ("unknown", "Somebody else: relationship unknown"),
];

async fn form_page(
    app: &App,
    signed: &Signed,
    client: ClientId,
    id: Option<CoverageId>,
    form: CoverageForm,
    problem: Option<Problem>,
) -> Result<FormPage, Problem> {
    let access = signed.access("coverage.form", mentalspace_core::Purpose::Payment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let found = clients::permitted(work, signed, client, Permission::EditCoverage, office.today).await?;
            Ok::<_, Problem>((found.0, people::payers(work).await?))
        })
    });
    let (found, payers) = read.await?;
    let choice = |payer: &Payer| Choice {
        value: payer.id.to_string(),
        name: payer.name.to_string(),
        chosen: payer.id.to_string() == form.payer,
    };
    let action =
        id.map_or_else(|| format!("/clients/{client}/coverages/new"), |id| format!("/clients/{client}/coverages/{id}"));
    Ok(FormPage {
        frame: Frame::signed(if id.is_some() { "Change coverage" } else { "Add coverage" }, "/clients", signed),
        csrf: signed.csrf.clone(),
        problem,
        client,
        name: found.expose_called(),
        action,
        payers: payers.iter().map(choice).collect(),
        ranks: words::choices(&RANKS, &form.rank),
        relationships: words::choices(&RELATIONSHIPS, &form.relationship),
        sexes: words::choices(&super::SEXES, &form.payer_sex),
        states: UsState::codes(),
        form,
    })
}

pub(super) async fn new(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
) -> Result<Response, Problem> {
    page(&form_page(&app, &signed, client, None, CoverageForm::default(), None).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
    SignedForm(form): SignedForm<CoverageForm>,
) -> Result<Response, Problem> {
    let created = match form.read() {
        Ok(details) => coverages::create(&app, &signed, client, details).await,
        Err(problem) => Err(problem),
    };
    match created {
        Ok(_) => Ok(Redirect::to(&format!("/clients/{client}")).into_response()),
        Err(problem) => again(&problem, &form_page(&app, &signed, client, None, form, Some(problem.clone())).await?),
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    signed: Signed,
    InPath((client, id)): InPath<(ClientId, CoverageId)>,
) -> Result<Response, Problem> {
    let all = coverages::list(&app, &signed, client).await?;
    let found = all.iter().find(|coverage| coverage.id == id);
    let found = found.ok_or_else(|| Problem::not_found("The client has no such coverage."))?;
    page(&form_page(&app, &signed, client, Some(id), CoverageForm::of(found), None).await?)
}

pub(super) async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath((client, id)): InPath<(ClientId, CoverageId)>,
    SignedForm(form): SignedForm<CoverageForm>,
) -> Result<Response, Problem> {
    let version = form.version.parse().unwrap_or(0);
    let changed = match form.read() {
        Ok(details) => coverages::change(&app, &signed, client, (id, version), details).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(Redirect::to(&format!("/clients/{client}")).into_response()),
        Err(problem) => {
            again(&problem, &form_page(&app, &signed, client, Some(id), form, Some(problem.clone())).await?)
        }
    }
}

impl CoverageForm {
    fn of(coverage: &Versioned<Coverage>) -> Self {
        let mut form = Self {
            version: coverage.version.to_string(),
            payer: coverage.payer.to_string(),
            rank: rank_word(coverage.rank).to_owned(),
            from: coverage.in_force.from().to_string(),
            to: coverage.in_force.to().map(|to| to.to_string()).unwrap_or_default(),
            member_id: coverage.member_id.expose().to_owned(),
            group_number: coverage.group_number.as_ref().map(|n| n.expose().to_owned()).unwrap_or_default(),
            plan_name: coverage.plan_name.as_ref().map(|n| n.expose().to_owned()).unwrap_or_default(),
            copay: coverage.copay.map(|copay| copay.to_string()).unwrap_or_default(),
            ..Self::default()
        };
        if let Subscriber::Other(other) = &coverage.subscriber {
            let relationship = serde_json::to_value(other.relationship).ok();
            form.relationship = relationship.and_then(|r| r.as_str().map(str::to_owned)).unwrap_or_default();
            form.first = other.name.first.as_ref().map(|first| first.expose().to_owned()).unwrap_or_default();
            form.last = other.name.last.expose().to_owned();
            form.birth_date = other.birth_date.expose().to_string();
            form.payer_sex = super::sex(other.payer_sex).to_owned();
            form.street = other.address.line1.expose().to_owned();
            form.city = other.address.city.expose().to_owned();
            form.state = other.address.state.to_string();
            form.zip = other.address.zip.expose_hyphenated();
        }
        form
    }

    fn read(&self) -> Result<CoverageDetails, Problem> {
        let mut reader = Reader::default();
        let payer = reader.required("payer", &self.payer);
        let rank = reader.choice("rank", &self.rank);
        let (from, to) = (reader.day("first day", &self.from), reader.optional_day("last day", &self.to));
        let in_force = from.and_then(|from| match to {
            Some(to) => reader.keep("last day", Period::between(from, to)),
            None => Some(Period::since(from)),
        });
        let member_id = reader.required("member id", &self.member_id);
        let group_number = reader.optional("group number", &self.group_number);
        let plan_name = reader.optional("plan", &self.plan_name);
        let copay: Option<Money> = match self.copay.trim().trim_start_matches('$') {
            "" => None,
            text => reader.keep("copay", text.parse()),
        };
        let subscriber = self.subscriber(&mut reader);
        reader.done()?;
        let (Some(payer), Some(rank), Some(in_force), Some(member_id), Some(subscriber)) =
            (payer, rank, in_force, member_id, subscriber)
        else {
            return Err(reader.refusal());
        };
        Ok(CoverageDetails { payer, rank, in_force, member_id, group_number, plan_name, subscriber, copay })
    }

    fn subscriber(&self, reader: &mut Reader) -> Option<Subscriber> {
        if self.relationship.is_empty() {
            return Some(Subscriber::Client);
        }
        let relationship = reader.choice("subscriber", &self.relationship);
        let name = reader.keep("name of the subscriber", PersonName::new(&self.first, &self.last));
        let birth_date = reader.day("birth date of the subscriber", &self.birth_date);
        let payer_sex = reader.choice("sex of the subscriber", &self.payer_sex);
        let address = Address::new(&self.street, &self.city, &self.state, &self.zip);
        let address = reader.keep("address of the subscriber", address);
        Some(Subscriber::Other(Box::new(OtherSubscriber {
            relationship: relationship?,
            name: name?,
            birth_date: Phi::new(birth_date?),
            payer_sex: payer_sex?,
            address: address?,
        })))
    }
}
