//! The practice's own record.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use mentalspace_core::{BillingAddress, Policies, Practice, TaxId, TaxIdKind, store::Versioned};

use super::{Fields, states};
use crate::{
    app::App,
    form::Reader,
    pages::{Frame, again, page, words},
    practice::settings::{self, PracticeDetails},
    problem::Problem,
    signed::{Signed, SignedForm},
};

#[derive(Template)]
#[template(path = "practice_settings.html")]
struct SettingsPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    form: Fields,
    states: &'static [&'static str],
}

fn settings_page(signed: &Signed, form: Fields, problem: Option<Problem>) -> SettingsPage {
    let frame = Frame::signed("Practice", "/practice/people", signed);
    SettingsPage { frame, csrf: signed.csrf.clone(), problem, form, states: states() }
}

pub(super) async fn show(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    page(&settings_page(&signed, written(&settings::read(&app, &signed).await?), None))
}

pub(super) async fn change(
    State(app): State<App>,
    signed: Signed,
    SignedForm(form): SignedForm<Fields>,
) -> Result<Response, Problem> {
    let changed = match read(&form) {
        Ok(details) => settings::change(&app, &signed, form.version(), details).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(Redirect::to("/practice/settings").into_response()),
        Err(problem) => again(&problem, &settings_page(&signed, form, Some(problem.clone()))),
    }
}

fn written(practice: &Versioned<Practice>) -> Fields {
    let mut form = Fields::default();
    form.set("version", practice.version);
    form.set("name", practice.name.as_str());
    form.set("npi", &practice.billing_npi);
    form.set("tax_id_kind", if practice.tax_id.kind() == TaxIdKind::Ssn { "ssn" } else { "ein" });
    form.set("tax_id", practice.tax_id.expose());
    form.set("taxonomy", &practice.taxonomy);
    form.set_address(practice.address.address());
    form.set("phone", words::phone(&practice.phone));
    form.set("time_zone", practice.time_zone.as_str());
    form.set("due_days", practice.policies.notes.due_days);
    form.set("cosign_days", practice.policies.notes.cosign_days);
    form.set("plan_days", practice.policies.notes.plan_days);
    form.set("notice_hours", practice.policies.appointments.notice_hours);
    form
}

fn read(form: &Fields) -> Result<PracticeDetails, Problem> {
    let mut reader = Reader::default();
    let name = reader.required("name", form.get("name"));
    let npi = reader.required("npi", form.get("npi"));
    let tax_id = form.get("tax_id");
    let tax_id = if form.get("tax_id_kind") == "ssn" { TaxId::ssn(tax_id) } else { TaxId::ein(tax_id) };
    let tax_id = reader.keep("tax id", tax_id);
    let taxonomy = reader.required("taxonomy", form.get("taxonomy"));
    let address = form.address(&mut reader);
    let address = address.and_then(|address| reader.keep("zip", BillingAddress::try_from(address)));
    let phone = reader.required("telephone", form.get("phone"));
    let time_zone = reader.required("time zone", form.get("time_zone"));
    let mut policies = Policies::default();
    let days = [
        ("due_days", &mut policies.notes.due_days),
        ("cosign_days", &mut policies.notes.cosign_days),
        ("plan_days", &mut policies.notes.plan_days),
        ("notice_hours", &mut policies.appointments.notice_hours),
    ];
    for (field, value) in days {
        *value = reader.number(&field.replace('_', " "), form.get(field)).unwrap_or_default();
    }
    reader.done()?;
    match (name, npi, tax_id, taxonomy, address, phone, time_zone) {
        (Some(name), Some(billing_npi), Some(tax_id), Some(taxonomy), Some(address), Some(phone), Some(time_zone)) => {
            Ok(PracticeDetails { name, billing_npi, tax_id, taxonomy, address, phone, time_zone, policies })
        }
        _ => Err(reader.refusal()),
    }
}
