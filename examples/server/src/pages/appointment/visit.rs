//! The waiting room on an appointment's page.

use std::collections::BTreeSet;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use mentalspace_core::{Address, AppointmentId, PersonName, Phi, UsState};
use mentalspace_telehealth_port::{
    consent::{ConsentStatus, Setting},
    guard::{AdmissionPolicy, Guard, Override},
    visit::{Minutes, Participant, ParticipantRole, ParticipantState, VisitState},
};
use serde::Deserialize;

use super::super::words;
use crate::{
    app::App,
    form::Reader,
    params::InPath,
    practice::visits::{self, Act, CONSENT_TEXT, CheckIn, EmergencyPerson, Encounter, SignedConsent, media},
    problem::Problem,
    signed::{Signed, SignedForm},
};

/// What the page shows of the waiting room.
pub(super) struct Panel {
    pub(super) version: Option<u64>,
    pub(super) state: &'static str,
    pub(super) media: bool,
    pub(super) hosts: bool,
    pub(super) over: bool,
    pub(super) people: Vec<PersonRow>,
    /// Why the client cannot be let in, and whether each may be overridden.
    pub(super) refusals: Vec<(String, bool)>,
    pub(super) acts: Vec<(&'static str, &'static str)>,
    pub(super) admits: bool,
    pub(super) overridable: bool,
    pub(super) checks_in: bool,
    pub(super) asks_consent: bool,
    pub(super) asks_emergency: bool,
    pub(super) consent: &'static str,
    pub(super) consent_text: &'static str,
    pub(super) form: VisitForm,
    pub(super) states: &'static [&'static str],
}

pub(super) struct PersonRow {
    pub(super) who: String,
    pub(super) state: &'static str,
    pub(super) since: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(in super::super) struct VisitForm {
    pub(super) version: String,
    pub(super) act: String,
    pub(super) consent: String,
    pub(super) signer: String,
    pub(super) consent_name: String,
    pub(super) setting: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) zip: String,
    pub(super) emergency_phone: String,
    pub(super) contact_first: String,
    pub(super) contact_last: String,
    pub(super) contact_relationship: String,
    pub(super) contact_phone: String,
    pub(super) reason: String,
    pub(super) minutes: String,
}

pub(super) fn panel(app: &App, signed: &Signed, encounter: &Encounter, form: VisitForm) -> Panel {
    let visit = encounter.visit.as_ref();
    let client = visit.and_then(|visit| visit.participants().iter().find(|p| p.role == ParticipantRole::Client));
    let policy = AdmissionPolicy::default();
    let may_override = |guard: Option<Guard>| guard.is_some_and(|guard| policy.permits_override(guard));
    let refusals: Vec<_> = encounter
        .refusals
        .iter()
        .map(|refusal| (words::capital(&refusal.to_string()), may_override(refusal.guard())))
        .collect();
    let over = visit.is_some_and(|visit| visit.state().is_terminal()) || encounter.appointment.status().is_final();
    let waits = client.is_some_and(|client| client.state == ParticipantState::Waiting);
    let present = visit.zip(signed.clinician).is_some_and(|(visit, me)| visits::is_present(visit, me));
    let hosts = encounter.hosts && !over;
    let form = if form.street.is_empty() && form.act.is_empty() { suggested(encounter, form) } else { form };
    Panel {
        version: visit.map(|visit| visit.version),
        state: visit.map_or("not open", |visit| state(visit.state())),
        media: media::is_connected(app),
        hosts,
        over,
        people: visit.map(|visit| visit.participants()).unwrap_or_default().iter().map(|p| row(p, encounter)).collect(),
        acts: if hosts { acts(encounter, client, present) } else { Vec::new() },
        admits: hosts && waits && present,
        overridable: !refusals.is_empty() && refusals.iter().all(|(_, may)| *may),
        refusals,
        checks_in: !over
            && (encounter.editable || encounter.hosts)
            && client.is_none_or(|c| matches!(c.state, ParticipantState::Invited | ParticipantState::Waiting)),
        asks_consent: encounter.consent != Some(ConsentStatus::Valid),
        asks_emergency: encounter
            .client
            .as_ref()
            .is_none_or(|client| !client.emergency_contacts().any(|contact| contact.phone.is_some())),
        consent: match encounter.consent {
            Some(ConsentStatus::Valid) => "on file",
            Some(ConsentStatus::Expired) => "expired",
            Some(ConsentStatus::Revoked) => "revoked",
            _ => "missing",
        },
        consent_text: CONSENT_TEXT,
        form,
        states: UsState::codes(),
    }
}

/// Offers the address on record; the client still has to say it.
fn suggested(encounter: &Encounter, form: VisitForm) -> VisitForm {
    let Some(home) = encounter.client.as_ref().and_then(|client| client.home()) else { return form };
    VisitForm {
        street: home.line1.expose().to_owned(),
        city: home.city.expose().to_owned(),
        state: home.state.to_string(),
        zip: home.zip.expose_hyphenated(),
        ..form
    }
}

const fn state(state: VisitState) -> &'static str {
    match state {
        VisitState::Scheduled => "not open",
        VisitState::Open => "open",
        VisitState::InProgress(_) => "in progress",
        VisitState::Ending(_) => "ending",
        VisitState::Ended(_) => "ended",
        VisitState::NoShow => "no-show",
        VisitState::Cancelled(_) => "cancelled",
        _ => "given up",
    }
}

fn row(person: &Participant, encounter: &Encounter) -> PersonRow {
    let name = match person.role {
        ParticipantRole::Client => encounter.client.as_ref().map(mentalspace_core::Client::expose_called),
        ParticipantRole::Clinician => encounter.clinician.as_ref().map(crate::practice::people::expose_clinician),
        _ => None,
    };
    let since = match (person.state, person.arrived_at) {
        (ParticipantState::Waiting, Some(at)) => format!("since {}", words::time(&encounter.office.zone, at)),
        _ => String::new(),
    };
    // A host who has come waits for nobody's leave.
    let state = match person.state {
        ParticipantState::Waiting if person.role.is_host() => "here",
        state => state.name(),
    };
    PersonRow { who: name.unwrap_or_else(|| "Somebody else".to_owned()), state, since }
}

fn acts(encounter: &Encounter, client: Option<&Participant>, present: bool) -> Vec<(&'static str, &'static str)> {
    let mut acts = Vec::new();
    if !present {
        acts.push(("open", "Open the waiting room"));
    }
    match client.map(|client| client.state) {
        Some(ParticipantState::Waiting) => acts.push(("decline", "Do not let in")),
        Some(ParticipantState::Admitted | ParticipantState::Joining | ParticipantState::Connected) => {
            acts.extend([("send_back", "Back to the waiting room"), ("remove", "Remove"), ("end", "End the visit")]);
        }
        Some(ParticipantState::Removed | ParticipantState::Declined) => acts.push(("allow_back", "Allow back")),
        _ => {}
    }
    let late = encounter.office.now >= encounter.appointment.plan().slot.start() + chrono::TimeDelta::minutes(15);
    if present && late && client.is_some_and(|client| client.arrived_at.is_none()) {
        acts.push(("no_show", "The client did not come"));
    }
    acts
}

pub(super) async fn act(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    SignedForm(form): SignedForm<VisitForm>,
) -> Result<Response, Problem> {
    let acted = match form.deed() {
        Ok(deed) => visits::act(&app, &signed, id, form.version.parse().ok(), &deed).await,
        Err(problem) => Err(problem),
    };
    match acted {
        Ok(()) => Ok(Redirect::to(&format!("/appointments/{id}#visit")).into_response()),
        Err(problem) => super::shown_again(&app, &signed, id, problem, form).await,
    }
}

impl VisitForm {
    fn deed(&self) -> Result<Act, Problem> {
        Ok(match self.act.as_str() {
            "open" => Act::Open,
            "check_in" => Act::CheckIn(Box::new(self.check_in()?)),
            "admit" => Act::Admit(None),
            "override" => {
                let all: BTreeSet<Guard> = [Guard::Location, Guard::Licence, Guard::EmergencyContact].into();
                Act::Admit(Some(Override::new(all, self.reason.clone())?))
            }
            "decline" => Act::Decline,
            "send_back" => Act::SendBack,
            "remove" => Act::Remove,
            "allow_back" => Act::AllowBack,
            "telephone" => Act::Telephone,
            "extend" => Act::Extend(Minutes(self.minutes.parse().unwrap_or(0))),
            "no_show" => Act::NoShow,
            "end" => Act::End,
            _ => return Err(Problem::bad_request("The form names no such act.")),
        })
    }

    fn check_in(&self) -> Result<CheckIn, Problem> {
        let mut reader = Reader::default();
        let consent = match self.consent.as_str() {
            "" => None,
            how => {
                let name = Phi::new(self.consent_name.clone());
                let signer = reader.choice("signer of the consent", &self.signer);
                signer.map(|signer| SignedConsent { signer, name, verbal: how == "verbal" })
            }
        };
        let place = match self.setting.as_str() {
            "" => None,
            setting => {
                let address = Address::new(&self.street, &self.city, &self.state, &self.zip);
                let address = reader.keep("address of the client now", address);
                let phone = reader.required("emergency service", &self.emergency_phone);
                let setting = reader.choice::<Setting>("where", setting);
                address.zip(setting).zip(phone).map(|((address, setting), phone)| (address, setting, phone))
            }
        };
        let parts = [&self.contact_first, &self.contact_last, &self.contact_phone];
        let emergency = match parts.iter().all(|part| part.trim().is_empty()) {
            true => None,
            false => {
                let name = PersonName::new(&self.contact_first, &self.contact_last);
                let name = reader.keep("name of the emergency contact", name);
                let relationship = reader.required("relationship", &self.contact_relationship);
                let phone = reader.required("telephone of the emergency contact", &self.contact_phone);
                name.zip(relationship).zip(phone).map(|((name, relationship), phone)| EmergencyPerson {
                    name,
                    relationship,
                    phone,
                })
            }
        };
        reader.done()?;
        Ok(CheckIn { consent, place, emergency })
    }
}
