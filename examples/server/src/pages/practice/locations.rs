//! Locations.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use mentalspace_core::{Location, LocationId};

use super::{Fields, states};
use crate::{
    app::App,
    form::Reader,
    pages::{Frame, again, page},
    params::InPath,
    practice::locations::{self, LocationDetails},
    problem::Problem,
    signed::{Signed, SignedForm},
};

#[derive(Template)]
#[template(path = "practice_locations.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    id: LocationId,
    name: String,
    address: String,
    place: String,
    npi: String,
}

#[derive(Template)]
#[template(path = "practice_location.html")]
struct FormPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    action: String,
    form: Fields,
    states: &'static [&'static str],
}

pub(super) async fn list(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let row = |location: &Location| Row {
        id: location.id,
        name: location.name.as_str().to_owned(),
        address: crate::pages::clients::one_line(&location.address),
        place: location.place_of_service.to_string(),
        npi: location.npi.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let rows = locations::list(&app, &signed).await?.iter().map(|location| row(location)).collect();
    page(&ListPage { frame: Frame::signed("Locations", "/practice/people", &signed), rows })
}

fn form_page(signed: &Signed, id: Option<LocationId>, form: Fields, problem: Option<Problem>) -> FormPage {
    let title = if id.is_some() { "Change location" } else { "New location" };
    FormPage {
        frame: Frame::signed(title, "/practice/people", signed),
        csrf: signed.csrf.clone(),
        problem,
        action: format!("/practice/locations/{}", id.map_or_else(|| "new".to_owned(), |id| id.to_string())),
        form,
        states: states(),
    }
}

pub(super) async fn new(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    // Who may not add one sees no form for it.
    locations::list(&app, &signed).await?;
    let mut form = Fields::default();
    form.set("place_of_service", "11");
    page(&form_page(&signed, None, form, None))
}

pub(super) async fn create(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let added = match read(&form) {
        Ok(details) => locations::add(&app, &signed, details).await.map(drop),
        Err(problem) => Err(problem),
    };
    answer(&signed, None, form, added)
}

pub(super) async fn edit(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<LocationId>,
) -> Result<Response, Problem> {
    let location = locations::read(&app, &signed, id).await?;
    let mut form = Fields::default();
    form.set("version", location.version);
    form.set("name", location.name.as_str());
    form.set_address(&location.address);
    form.set("npi", location.npi.as_ref().map(ToString::to_string).unwrap_or_default());
    form.set("place_of_service", &location.place_of_service);
    page(&form_page(&signed, Some(id), form, None))
}

pub(super) async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<LocationId>,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let changed = match read(&form) {
        Ok(details) => locations::change(&app, &signed, id, form.version(), details).await.map(drop),
        Err(problem) => Err(problem),
    };
    answer(&signed, Some(id), form, changed)
}

fn answer(
    signed: &Signed,
    id: Option<LocationId>,
    form: Fields,
    done: Result<(), Problem>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to("/practice/locations").into_response()),
        Err(problem) => again(&problem, &form_page(signed, id, form, Some(problem.clone()))),
    }
}

fn read(form: &Fields) -> Result<LocationDetails, Problem> {
    let mut reader = Reader::default();
    let name = reader.required("name", form.get("name"));
    let address = form.address(&mut reader);
    let npi = reader.optional("npi", form.get("npi"));
    let place = reader.required("place of service", form.get("place_of_service"));
    reader.done()?;
    match (name, address, place) {
        (Some(name), Some(address), Some(place_of_service)) => {
            Ok(LocationDetails { name, address, npi, place_of_service })
        }
        _ => Err(reader.refusal()),
    }
}
