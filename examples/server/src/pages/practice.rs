//! The practice for its administrator: people, locations, settings.

mod locations;
mod people;
mod settings;

use std::{collections::BTreeMap, fmt::Display};

use axum::{
    Router,
    routing::{get, post},
};
use mentalspace_core::{Address, AddressLine, NamePart, Period};
use serde::Deserialize;

use crate::{app::App, form::Reader};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/practice/people", get(people::list))
        .route("/practice/people/new", get(people::new).post(people::create))
        .route("/practice/people/{user}", get(people::edit).post(people::change))
        .route("/practice/people/{user}/enabled", post(people::enable))
        .route("/practice/people/{user}/reset", post(people::reset))
        .route("/practice/people/{user}/invite", post(people::invite))
        .route("/practice/people/{user}/sessions", post(people::end_sessions))
        .route("/practice/clinicians/{clinician}", get(people::clinician).post(people::change_clinician))
        .route("/practice/locations", get(locations::list))
        .route("/practice/locations/new", get(locations::new).post(locations::create))
        .route("/practice/locations/{location}", get(locations::edit).post(locations::change))
        .route("/practice/settings", get(settings::show).post(settings::change))
}

/// The fields of a form by name; what was not sent is empty. Rows of a list are numbered: `license.0.state`.
#[derive(Deserialize, Default, Clone)]
#[serde(transparent)]
struct Fields(BTreeMap<String, String>);

/// How many rows of a list a form reads.
const ROWS: usize = 50;

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn at(&self, list: &str, row: impl Display, name: &str) -> &str {
        self.get(&format!("{list}.{row}.{name}"))
    }

    fn set(&mut self, name: impl Into<String>, value: impl Display) {
        self.0.insert(name.into(), format!("{value}"));
    }

    fn set_part(&mut self, name: &str, part: Option<&NamePart>) {
        self.set(name, part.map_or("", |part| part.expose()));
    }

    /// The rows that are filled, and an empty one to add to them.
    fn rows(&self, list: &str) -> Vec<usize> {
        let filled = (0..ROWS).rev().find(|row| self.is_filled(list, *row));
        (0..filled.map_or(1, |last| last + 2).min(ROWS)).collect()
    }

    fn is_filled(&self, list: &str, row: usize) -> bool {
        let prefix = format!("{list}.{row}.");
        self.0.iter().any(|(name, value)| name.starts_with(&prefix) && !value.trim().is_empty())
    }

    fn version(&self) -> u64 {
        self.get("version").parse().unwrap_or(0)
    }

    fn set_address(&mut self, address: &Address) {
        self.set("street", address.line1.expose());
        self.set("street2", address.line2.as_ref().map_or("", |line| line.expose()));
        self.set("city", address.city.expose());
        self.set("state", &address.state);
        self.set("zip", address.zip.expose_hyphenated());
    }

    fn address(&self, reader: &mut Reader) -> Option<Address> {
        let line1 = reader.required::<AddressLine>("street", self.get("street"));
        let line2 = reader.optional("suite", self.get("street2"));
        let city = reader.required("city", self.get("city"));
        let state = reader.required("state", self.get("state"));
        let zip = reader.required("zip", self.get("zip"));
        Some(Address { line1: line1?, line2, city: city?, state: state?, zip: zip? })
    }

    fn set_period(&mut self, list: &str, row: usize, period: Period) {
        self.set(format!("{list}.{row}.from"), period.from());
        self.set(format!("{list}.{row}.to"), period.to().map(|day| day.to_string()).unwrap_or_default());
    }

    fn period(&self, reader: &mut Reader, list: &str, row: usize) -> Option<Period> {
        let from = reader.day(&format!("{list}: from"), self.at(list, row, "from"));
        let to = reader.optional_day(&format!("{list}: to"), self.at(list, row, "to"));
        match to {
            Some(to) => reader.keep(&format!("{list}: to"), Period::between(from?, to)),
            None => from.map(Period::since),
        }
    }
}
