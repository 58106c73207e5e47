//! Clients: the list, the search, the record and its forms.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use mentalspace_core::{
    Address, AddressLine, Client, ClientAddress, ClientId, ClientPhone, ClientStatus, Clinician, Contact, ContactUse,
    CoverageId, Email, Messages, PersonName, Phi, Role, UsState,
    store::{Cursor, Page, Versioned},
};
use serde::Deserialize;

use super::{
    Frame, again, page,
    words::{self, Choice, Shown},
};
use crate::{
    app::App,
    billing::balances::ClientBalance,
    form::Reader,
    params::{InPath, InQuery},
    practice::{
        clients::{self, Chart, ClientDetails, Sought},
        people,
    },
    problem::Problem,
    signed::{Signed, SignedForm},
};

mod coverage;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/clients", get(list))
        .route("/clients/search", post(search).get(|| async { Redirect::to("/clients") }))
        .route("/clients/new", get(new).post(create))
        .route("/clients/{client}", get(chart))
        .route("/clients/{client}/edit", get(edit).post(change))
        .route("/clients/{client}/coverages/new", get(coverage::new).post(coverage::create))
        .route("/clients/{client}/coverages/{coverage}", get(coverage::edit).post(coverage::change))
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ListPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    search: SearchForm,
    searched: bool,
    statuses: Vec<Choice>,
    rows: Vec<Row>,
    damaged: usize,
    next: Option<String>,
    may_create: bool,
}

struct Row {
    id: ClientId,
    name: String,
    called: Option<String>,
    born: String,
    phone: String,
    status: Shown,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SearchForm {
    name: String,
    birth_date: String,
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    status: Option<String>,
    cursor: Option<String>,
}

const STATUSES: [(&str, &str); 5] = [
    ("active", "Active"),
    ("inactive", "Inactive"),
    ("discharged", "Discharged"),
    ("deceased", "Deceased"),
    ("all", "All"),
];

async fn list(State(app): State<App>, signed: Signed, InQuery(query): InQuery<ListQuery>) -> Result<Response, Problem> {
    let status = query.status.unwrap_or_else(|| "active".to_owned());
    let cursor = query.cursor.map(|text| text.parse::<Cursor>()).transpose()?;
    let found = clients::list(&app, &signed, Some(status.as_str()).filter(|status| *status != "all"), cursor).await?;
    page(&list_page(&signed, &status, SearchForm::default(), found))
}

async fn search(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<SearchForm>,
) -> Result<Response, Problem> {
    let mut reader = Reader::default();
    let birth_date = reader.optional_day("birth date", &form.birth_date).map(Phi::new);
    let sought = Sought { name: Phi::new(form.name.clone()), birth_date };
    let found = match reader.done() {
        Ok(()) => clients::search(&app, &signed, &sought).await,
        Err(problem) => Err(problem),
    };
    match found {
        Ok(found) => page(&ListPage { searched: true, ..list_page(&signed, "all", form, found) }),
        Err(problem) => {
            let nothing = Page { items: Vec::new(), damaged: Vec::new(), next: None };
            let shown = list_page(&signed, "all", form, nothing);
            again(&problem, &ListPage { searched: true, problem: Some(problem.clone()), ..shown })
        }
    }
}

fn list_page(signed: &Signed, status: &str, search: SearchForm, found: Page<Client>) -> ListPage {
    let next = found.next.map(|next| format!("/clients?status={status}&cursor={next}"));
    ListPage {
        frame: Frame::signed("Clients", "/clients", signed),
        csrf: signed.csrf.clone(),
        problem: None,
        search,
        searched: false,
        statuses: words::choices(&STATUSES, status),
        rows: found.items.iter().map(row).collect(),
        damaged: found.damaged.len(),
        next,
        may_create: signed.holds(&[Role::Administrator, Role::FrontDesk, Role::Clinician, Role::Associate]),
    }
}

fn row(client: &Versioned<Client>) -> Row {
    Row {
        id: client.id,
        name: client.legal_name.expose_filed(),
        called: client.preferred_name.as_ref().map(|name| name.expose().to_owned()),
        born: client.birth_date.expose().format("%m/%d/%Y").to_string(),
        phone: client.phones.first().map(|phone| words::phone(&phone.phone)).unwrap_or_default(),
        status: words::client(client.status),
    }
}

#[derive(Template)]
#[template(path = "client.html")]
struct ChartPage {
    frame: Frame,
    csrf: String,
    id: ClientId,
    name: String,
    legal: String,
    status: Shown,
    born: String,
    age: Option<u32>,
    payer_sex: &'static str,
    gender: Option<String>,
    primary: Option<String>,
    addresses: Vec<(String, String)>,
    phones: Vec<(String, String)>,
    emails: Vec<String>,
    contacts: Vec<ContactRow>,
    coverages: Option<Vec<CoverageRow>>,
    balance: Option<ClientBalance>,
    upcoming: Vec<AppointmentRow>,
    past: Vec<AppointmentRow>,
    notes: Option<Vec<NoteRow>>,
    damaged: usize,
    editable: bool,
    covers: bool,
    writes: bool,
    books: bool,
}

struct ContactRow {
    name: String,
    relationship: String,
    phone: String,
    marks: &'static str,
}

struct CoverageRow {
    id: CoverageId,
    rank: &'static str,
    payer: String,
    plan: String,
    member_id: String,
    in_force: String,
    copay: String,
}

struct AppointmentRow {
    id: mentalspace_core::AppointmentId,
    day: String,
    time: String,
    service: &'static str,
    modality: &'static str,
    status: Shown,
}

struct NoteRow {
    id: mentalspace_core::NoteId,
    day: String,
    kind: String,
    status: Shown,
}

async fn chart(State(app): State<App>, signed: Signed, InPath(id): InPath<ClientId>) -> Result<Response, Problem> {
    let chart = clients::chart(&app, &signed, id).await?;
    page(&chart_page(&signed, &chart))
}

fn chart_page(signed: &Signed, chart: &Chart) -> ChartPage {
    let (client, zone) = (&chart.client, &chart.office.zone);
    let appointment = |appointment: &&Versioned<mentalspace_core::Appointment>| AppointmentRow {
        id: appointment.id(),
        day: words::day(appointment.plan().day),
        time: words::time(zone, appointment.plan().slot.start()),
        service: words::service(appointment.plan().service),
        modality: words::modality(appointment.plan().modality),
        status: words::appointment(appointment.status()),
    };
    let ahead = |appointment: &&Versioned<mentalspace_core::Appointment>| {
        !appointment.status().is_final() && appointment.plan().slot.end() >= chart.office.now
    };
    let all = &chart.appointments.items;
    let note = |note: &Versioned<mentalspace_core::Note>| NoteRow {
        id: note.header().id,
        day: words::day(note.header().service_date),
        kind: words::kind(note.header().kind),
        status: words::note(note.status()),
    };
    ChartPage {
        frame: Frame::signed(client.expose_called(), "/clients", signed),
        csrf: signed.csrf.clone(),
        id: client.id,
        name: client.expose_called(),
        legal: client.legal_name.expose_full(),
        status: words::client(client.status),
        born: client.birth_date.expose().format("%b %-d, %Y").to_string(),
        age: client.age_on(chart.office.today),
        payer_sex: sex(client.payer_sex),
        gender: client.gender.as_ref().map(|gender| gender.expose().to_owned()),
        primary: chart.primary.as_ref().map(people::expose_clinician),
        addresses: client.addresses.iter().map(|a| (usage(a.usage).to_owned(), one_line(&a.address))).collect(),
        phones: client.phones.iter().map(phone_row).collect(),
        emails: client.emails.iter().map(|email| email.expose().to_owned()).collect(),
        contacts: client.contacts.iter().map(contact_row).collect(),
        coverages: chart.coverages.as_ref().map(|all| all.iter().map(coverage::row).collect()),
        balance: chart.balance,
        upcoming: all.iter().rev().filter(ahead).map(|a| appointment(&a)).collect(),
        past: all.iter().filter(|a| !ahead(a)).map(|a| appointment(&a)).collect(),
        notes: chart.notes.as_ref().map(|notes| notes.items.iter().map(note).collect()),
        damaged: chart.appointments.damaged.len() + chart.notes.as_ref().map_or(0, |notes| notes.damaged.len()),
        editable: chart.editable,
        covers: chart.covers,
        writes: chart.writes,
        books: client.status.may_book() && chart.editable,
    }
}

const fn sex(sex: mentalspace_core::PayerSex) -> &'static str {
    match sex {
        mentalspace_core::PayerSex::Female => "female",
        mentalspace_core::PayerSex::Male => "male",
        mentalspace_core::PayerSex::Unknown => "unknown",
    }
}

const fn usage(usage: ContactUse) -> &'static str {
    match usage {
        ContactUse::Home => "home",
        ContactUse::Mailing => "mailing",
        ContactUse::Mobile => "mobile",
        ContactUse::Work => "work",
        _ => "other",
    }
}

pub(super) fn one_line(address: &Address) -> String {
    let street = match &address.line2 {
        Some(line2) => format!("{}, {}", address.line1.expose(), line2.expose()),
        None => address.line1.expose().to_owned(),
    };
    format!("{street}, {}, {} {}", address.city.expose(), address.state, address.zip.expose_hyphenated())
}

fn phone_row(phone: &ClientPhone) -> (String, String) {
    let messages = match phone.messages {
        Messages::Allowed => "messages allowed",
        Messages::Refused => "no messages",
    };
    (format!("{}, {messages}", usage(phone.usage)), words::phone(&phone.phone))
}

fn contact_row(contact: &Contact) -> ContactRow {
    ContactRow {
        name: contact.name.expose_full(),
        relationship: contact.relationship.expose().to_owned(),
        phone: contact.phone.as_ref().map(words::phone).unwrap_or_default(),
        marks: match (contact.emergency, contact.guardianship.is_some()) {
            (true, true) => "emergency, guardian",
            (true, false) => "emergency",
            (false, true) => "guardian",
            (false, false) => "",
        },
    }
}

#[derive(Template)]
#[template(path = "client_form.html")]
struct FormPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    action: String,
    back: String,
    form: ClientForm,
    sexes: Vec<Choice>,
    statuses: Vec<Choice>,
    clinicians: Vec<Choice>,
    states: &'static [&'static str],
}

/// The parts of a record that the form shows; what it does not show stays as it is.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct ClientForm {
    version: String,
    first: String,
    middle: String,
    last: String,
    suffix: String,
    preferred: String,
    birth_date: String,
    payer_sex: String,
    gender: String,
    status: String,
    status_date: String,
    clinician: String,
    street: String,
    street2: String,
    city: String,
    state: String,
    zip: String,
    phone: String,
    messages: String,
    email: String,
    contact_first: String,
    contact_last: String,
    contact_relationship: String,
    contact_phone: String,
}

const SEXES: [(&str, &str); 3] = [("unknown", "Unknown"), ("female", "Female"), ("male", "Male")];

async fn new(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let (clinicians, today) = staff(&app, &signed).await?;
    let form = ClientForm {
        status: "active".to_owned(),
        status_date: today.to_string(),
        clinician: signed.clinician.map(|me| me.to_string()).unwrap_or_default(),
        ..ClientForm::default()
    };
    page(&form_page(&signed, None, form, &clinicians, None))
}

async fn staff(app: &App, signed: &Signed) -> Result<(Vec<Clinician>, chrono::NaiveDate), Problem> {
    let access = signed.access("clinician.list", mentalspace_core::Purpose::Operations);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = crate::practice::Office::open(work, access).await?;
            Ok::<_, Problem>((people::clinicians(work).await?, office.today))
        })
    });
    read.await
}

fn form_page(
    signed: &Signed,
    id: Option<ClientId>,
    form: ClientForm,
    clinicians: &[Clinician],
    problem: Option<Problem>,
) -> FormPage {
    let action = id.map_or_else(|| "/clients/new".to_owned(), |id| format!("/clients/{id}/edit"));
    let back = id.map_or_else(|| "/clients".to_owned(), |id| format!("/clients/{id}"));
    let title = if id.is_some() { "Change client" } else { "New client" };
    let choice = |clinician: &Clinician| Choice {
        chosen: clinician.id.to_string() == form.clinician,
        value: clinician.id.to_string(),
        name: people::expose_clinician(clinician),
    };
    FormPage {
        frame: Frame::signed(title, "/clients", signed),
        csrf: signed.csrf.clone(),
        problem,
        action,
        back,
        sexes: words::choices(&SEXES, &form.payer_sex),
        statuses: words::choices(&STATUSES[..4], &form.status),
        clinicians: clinicians.iter().map(choice).collect(),
        states: UsState::codes(),
        form,
    }
}

async fn create(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<ClientForm>,
) -> Result<Response, Problem> {
    let created = match form.read(None) {
        Ok(details) => clients::create(&app, &signed, details).await,
        Err(problem) => Err(problem),
    };
    match created {
        Ok(client) => Ok(Redirect::to(&format!("/clients/{}", client.id)).into_response()),
        Err(problem) => {
            let (clinicians, _) = staff(&app, &signed).await?;
            again(&problem, &form_page(&signed, None, form, &clinicians, Some(problem.clone())))
        }
    }
}

async fn edit(State(app): State<App>, signed: Signed, InPath(id): InPath<ClientId>) -> Result<Response, Problem> {
    let client = clients::read(&app, &signed, id).await?;
    let (clinicians, _) = staff(&app, &signed).await?;
    page(&form_page(&signed, Some(id), ClientForm::of(&client), &clinicians, None))
}

async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ClientId>,
    SignedForm(form): SignedForm<ClientForm>,
) -> Result<Response, Problem> {
    match try_change(&app, &signed, id, &form).await {
        Ok(()) => Ok(Redirect::to(&format!("/clients/{id}")).into_response()),
        Err(problem) => {
            let (clinicians, _) = staff(&app, &signed).await?;
            again(&problem, &form_page(&signed, Some(id), form, &clinicians, Some(problem.clone())))
        }
    }
}

async fn try_change(app: &App, signed: &Signed, id: ClientId, form: &ClientForm) -> Result<(), Problem> {
    let old = clients::read(app, signed, id).await?;
    let version = Reader::default().number("version", &form.version).unwrap_or(0);
    let details = form.read(Some(old.value.into()))?;
    clients::change(app, signed, id, version, details).await.map(drop)
}

impl ClientForm {
    fn of(client: &Versioned<Client>) -> Self {
        let name = &client.legal_name;
        let part = |part: &Option<mentalspace_core::NamePart>| part.as_ref().map(|p| p.expose().to_owned());
        let contact = client.emergency_contacts().next();
        let (status, status_date) = match client.status {
            ClientStatus::Active { since } => ("active", since),
            ClientStatus::Inactive { since } => ("inactive", since),
            ClientStatus::Discharged { on } => ("discharged", on),
            ClientStatus::Deceased { on } => ("deceased", on),
        };
        let mut form = Self {
            version: client.version.to_string(),
            first: part(&name.first).unwrap_or_default(),
            middle: part(&name.middle).unwrap_or_default(),
            last: name.last.expose().to_owned(),
            suffix: part(&name.suffix).unwrap_or_default(),
            preferred: part(&client.preferred_name).unwrap_or_default(),
            birth_date: client.birth_date.expose().to_string(),
            payer_sex: sex(client.payer_sex).to_owned(),
            gender: client.gender.as_ref().map(|gender| gender.expose().to_owned()).unwrap_or_default(),
            status: status.to_owned(),
            status_date: status_date.to_string(),
            clinician: client.primary_clinician.map(|id| id.to_string()).unwrap_or_default(),
            email: client.emails.first().map(|email| email.expose().to_owned()).unwrap_or_default(),
            contact_first: contact.and_then(|c| part(&c.name.first)).unwrap_or_default(),
            contact_last: contact.map(|c| c.name.last.expose().to_owned()).unwrap_or_default(),
            contact_relationship: contact.map(|c| c.relationship.expose().to_owned()).unwrap_or_default(),
            contact_phone: contact.and_then(|c| c.phone.as_ref()).map(words::phone).unwrap_or_default(),
            ..Self::default()
        };
        if let Some(phone) = client.phones.first() {
            form.phone = words::phone(&phone.phone);
            form.messages = if phone.messages == Messages::Allowed { "yes".to_owned() } else { String::new() };
        }
        if let Some(home) = client.home() {
            form.street = home.line1.expose().to_owned();
            form.street2 = home.line2.as_ref().map(|line| line.expose().to_owned()).unwrap_or_default();
            form.city = home.city.expose().to_owned();
            form.state = home.state.to_string();
            form.zip = home.zip.expose_hyphenated();
        }
        form
    }

    fn read(&self, old: Option<ClientDetails>) -> Result<ClientDetails, Problem> {
        let mut reader = Reader::default();
        let name = self.name(&mut reader);
        let birth_date = reader.day("birth date", &self.birth_date);
        let status = reader.day("status since", &self.status_date).map(|day| match self.status.as_str() {
            "inactive" => ClientStatus::Inactive { since: day },
            "discharged" => ClientStatus::Discharged { on: day },
            "deceased" => ClientStatus::Deceased { on: day },
            _ => ClientStatus::Active { since: day },
        });
        let payer_sex = reader.choice("sex on file with the payer", &self.payer_sex);
        let (preferred_name, gender) =
            (reader.optional("preferred name", &self.preferred), reader.optional("gender", &self.gender));
        let primary_clinician = reader.optional("clinician", &self.clinician);
        let (address, phone) = (self.address(&mut reader), self.phone(&mut reader));
        let email: Option<Email> = reader.optional("e-mail", &self.email);
        let contact = self.contact(&mut reader);
        reader.done()?;
        let (Some(legal_name), Some(birth_date), Some(status), Some(payer_sex)) = (name, birth_date, status, payer_sex)
        else {
            return Err(reader.refusal());
        };
        let (mut addresses, mut phones, mut emails, mut contacts) = match old {
            Some(old) => (old.addresses, old.phones, old.emails, old.contacts),
            None => Default::default(),
        };
        replace(&mut addresses, |a| a.usage == ContactUse::Home, address);
        let usage = phones.first().map_or(ContactUse::Mobile, |phone| phone.usage);
        let first = phones.first().cloned();
        replace(&mut phones, |p| Some(p) == first.as_ref(), phone.map(|phone| ClientPhone { usage, ..phone }));
        let first = emails.first().cloned();
        replace(&mut emails, |e| Some(e) == first.as_ref(), email);
        let known = contacts.iter().find(|c| c.emergency).cloned();
        let contact = contact.map(|contact| match known.clone() {
            Some(known) => Contact { email: known.email, guardianship: known.guardianship, ..contact },
            None => contact,
        });
        replace(&mut contacts, |c| Some(c) == known.as_ref(), contact);
        Ok(ClientDetails {
            legal_name,
            preferred_name,
            birth_date: Phi::new(birth_date),
            payer_sex,
            gender,
            addresses,
            phones,
            emails,
            contacts,
            status,
            primary_clinician,
        })
    }

    fn name(&self, reader: &mut Reader) -> Option<PersonName> {
        Some(PersonName {
            first: reader.optional("first name", &self.first),
            middle: reader.optional("middle name", &self.middle),
            suffix: reader.optional("suffix", &self.suffix),
            last: reader.required("last name", &self.last)?,
        })
    }

    fn address(&self, reader: &mut Reader) -> Option<ClientAddress> {
        let parts = [&self.street, &self.city, &self.zip];
        if parts.iter().all(|part| part.trim().is_empty()) {
            return None;
        }
        let line1 = reader.required::<AddressLine>("street", &self.street);
        let line2 = reader.optional("apartment", &self.street2);
        let (city, state) = (reader.required("city", &self.city), reader.required("state", &self.state));
        let address =
            Address { line1: line1?, line2, city: city?, state: state?, zip: reader.required("zip", &self.zip)? };
        Some(ClientAddress { usage: ContactUse::Home, address })
    }

    fn phone(&self, reader: &mut Reader) -> Option<ClientPhone> {
        let phone = reader.optional("telephone", &self.phone)?;
        let messages = if self.messages == "yes" { Messages::Allowed } else { Messages::Refused };
        Some(ClientPhone { usage: ContactUse::Mobile, phone, messages })
    }

    fn contact(&self, reader: &mut Reader) -> Option<Contact> {
        let parts = [&self.contact_first, &self.contact_last, &self.contact_phone];
        if parts.iter().all(|part| part.trim().is_empty()) {
            return None;
        }
        let first = reader.optional("first name of the contact", &self.contact_first);
        let last = reader.required("last name of the contact", &self.contact_last);
        let relationship = reader.required("relationship of the contact", &self.contact_relationship);
        let phone = reader.optional("telephone of the contact", &self.contact_phone);
        Some(Contact {
            name: PersonName { last: last?, first, middle: None, suffix: None },
            relationship: relationship?,
            phone,
            email: None,
            emergency: true,
            guardianship: None,
        })
    }
}

/// Puts `fresh` in the place of the one that `which` picks, in front when there is none; without a fresh one it goes.
fn replace<T>(all: &mut Vec<T>, which: impl Fn(&T) -> bool, fresh: Option<T>) {
    match (all.iter().position(which), fresh) {
        (Some(at), Some(fresh)) => all[at] = fresh,
        (Some(at), None) => drop(all.remove(at)),
        (None, Some(fresh)) => all.insert(0, fresh),
        (None, None) => {}
    }
}
