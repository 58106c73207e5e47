//! A visit as one person may see it, for the page that shows it live.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mentalspace_core::{
    Access, Appointment, Client, ClientId, Clinician, ClinicianId, Note, Phi, VisitId,
    store::{Find, Reading, Term, Versioned},
};
use mentalspace_telehealth_port::{
    ParticipantId,
    chat::ChatPolicy,
    consent::Signer,
    guard::{AdmissionPolicy, Guard},
    provider::{GrantId, Recordings},
    quality::Band,
    visit::{Health, Modality, Participant, ParticipantRole, ParticipantState, Person, Prompt, Visit, VisitState},
};
use serde::Serialize;

use super::{
    CONSENT_TEXT, Facts, Seat, capabilities, carrier, connection, link, media, of_appointment, seat::signers, settings,
};
use crate::{
    app::App,
    practice::{Office, people},
    problem::Problem,
    zone::Zone,
};

/// What the page shows.
#[derive(Debug, Serialize)]
pub struct Scene {
    /// Counts the changes; 0 before the waiting room was first opened.
    pub version: u64,
    /// My part.
    pub me: Option<ParticipantId>,
    role: Option<ParticipantRole>,
    host: bool,
    state: &'static str,
    health: &'static str,
    reason: Option<serde_json::Value>,
    prompt: Shown,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    limit: Option<DateTime<Utc>>,
    warned: bool,
    extensions_left: u32,
    now: DateTime<Utc>,
    modality: Modality,
    provider: String,
    phone: String,
    needs: Vec<&'static str>,
    signers: &'static [Signer],
    consent_text: Option<&'static str>,
    people: Vec<Shape>,
    recording: RecordingShown,
    chat: bool,
    after: Option<String>,
    #[serde(skip)]
    pub(crate) visit: Option<VisitId>,
    #[serde(skip)]
    pub(crate) pulse: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Shown {
    kind: &'static str,
    at: Option<DateTime<Utc>>,
    words: String,
}

#[derive(Debug, Serialize)]
struct Shape {
    id: ParticipantId,
    grant: Option<GrantId>,
    role: ParticipantRole,
    name: Phi<String>,
    state: &'static str,
    since: Option<DateTime<Utc>>,
    hand: bool,
    quality: Option<Band>,
    refusals: Vec<Refused>,
    linkable: bool,
}

#[derive(Debug, Serialize)]
struct Refused {
    guard: Option<Guard>,
    detail: String,
    overridable: bool,
}

#[derive(Debug, Serialize)]
struct RecordingShown {
    possible: bool,
    state: &'static str,
    my_answer: Option<bool>,
    must_answer: bool,
    waiting_for: Vec<ParticipantId>,
}

/// Reads a visit as one person may see it.
///
/// # Errors
/// `forbidden`; `not_found`; as the store.
pub async fn scene(app: &App, seat: &Seat) -> Result<Scene, Problem> {
    let access = seat.access("visit.watch");
    let access: &Access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            seat.permit(work, &office).await?;
            let appointment = work.expect::<Appointment>(seat.appointment()).await?;
            match of_appointment(work, seat.appointment()).await? {
                Some(visit) => shown(app, work, seat, &office, &appointment, &visit).await,
                None => not_begun(app, seat, &office, &appointment),
            }
        })
    });
    read.await
}

fn not_begun(app: &App, seat: &Seat, office: &Office, appointment: &Appointment) -> Result<Scene, Problem> {
    let plan = appointment.plan();
    let host = matches!(seat, Seat::Staff(..));
    let opens = plan.slot.start() - mentalspace_telehealth_port::visit::VisitPolicy::default().opens_before.delta();
    Ok(Scene {
        version: 0,
        me: None,
        role: host.then_some(ParticipantRole::Clinician),
        host,
        state: if appointment.status().is_final() { "cancelled" } else { "scheduled" },
        health: "healthy",
        reason: None,
        prompt: words(Prompt::OpensAt(opens), host, None, &office.zone),
        starts_at: plan.slot.start(),
        ends_at: plan.slot.end(),
        started_at: None,
        limit: None,
        warned: false,
        extensions_left: 0,
        now: office.now,
        modality: if media::is_connected(app) { Modality::Video } else { Modality::Telephone },
        provider: carrier(app)?.to_string(),
        phone: crate::pages::phone(&office.practice.phone),
        needs: Vec::new(),
        signers: &[],
        consent_text: None,
        people: Vec::new(),
        recording: RecordingShown {
            possible: false,
            state: "off",
            my_answer: None,
            must_answer: false,
            waiting_for: Vec::new(),
        },
        chat: false,
        after: None,
        visit: None,
        pulse: None,
    })
}

async fn shown(
    app: &App,
    work: &mut Reading<'_>,
    seat: &Seat,
    office: &Office,
    appointment: &Appointment,
    found: &Versioned<Visit>,
) -> Result<Scene, Problem> {
    let visit = &found.value;
    let nobody = || Problem::forbidden("Only those invited to this visit see it.");
    let me = seat.me(visit).and_then(|me| visit.participant(me)).ok_or_else(nobody)?;
    let view = visit.view_for(me.id).ok_or_else(nobody)?;
    let host = me.role.is_host();
    let seen: Vec<_> = visit
        .participants()
        .iter()
        .filter(|p| p.id == me.id || view.others.iter().any(|other| other.id == p.id))
        .filter(|p| host || p.id == me.id || p.role != ParticipantRole::RecorderBot)
        .collect();
    let names = Names::read(work, visit, appointment).await?;
    let quality = connection::of_visit(work, visit.visit_id()).await?;
    let facts = facts(app, work, office, appointment, visit).await?;
    let mut people = Vec::with_capacity(seen.len());
    for person in &seen {
        let refusals = match (&facts, host && person.state == ParticipantState::Waiting && !person.role.is_host()) {
            (Some(facts), true) => refusals(facts, visit, office.now),
            _ => Vec::new(),
        };
        people.push(Shape {
            id: person.id,
            grant: person.grant().filter(|_| person.is_admitted()),
            role: person.role,
            name: names.of(person, host || person.id == me.id),
            state: person.state.name(),
            since: person.arrived_at,
            hand: person.hand,
            quality: quality.as_ref().and_then(|quality| quality.band(person.id, office.now)),
            refusals,
            linkable: host && matches!(person.person, Person::Client(_) | Person::Guest),
        });
    }
    let needs = match (&facts, me.role) {
        (Some(facts), ParticipantRole::Client | ParticipantRole::Guardian) => needs(facts, visit, me, office.now),
        _ => Vec::new(),
    };
    let (state, health, reason) = state(visit.state());
    let settings = settings::current(work).await?;
    Ok(Scene {
        version: found.version,
        me: Some(me.id),
        role: Some(me.role),
        host,
        state,
        health,
        reason,
        prompt: words(view.prompt, host, Some(visit), &office.zone),
        starts_at: visit.starts_at(),
        ends_at: visit.ends_at(),
        started_at: visit.started_at(),
        limit: visit.limit(),
        warned: visit.is_warned(),
        extensions_left: visit.extensions_left(),
        now: office.now,
        modality: visit.modalities().last().map_or(Modality::Video, |(_, modality)| *modality),
        provider: visit.provider().to_string(),
        phone: crate::pages::phone(&office.practice.phone),
        consent_text: needs.contains(&"consent").then_some(CONSENT_TEXT),
        needs,
        signers: signers(me.role),
        people,
        recording: recording(app, visit, me, host),
        chat: settings.chat != ChatPolicy::Off,
        after: match host && visit.state().is_terminal() {
            true => Some(next_page(work, visit).await?),
            false => None,
        },
        visit: Some(visit.visit_id()),
        pulse: media::Alarm::pulse(work, visit.visit_id()).await?,
    })
}

/// Where a host goes on: to the note about the visit, or to the appointment while there is none.
async fn next_page(work: &mut Reading<'_>, visit: &Visit) -> Result<String, Problem> {
    let find = Find::<Note>::new().with(Term::plain("appointment", &visit.appointment())).limit(1);
    let note = work.find(&find).await?.items.pop();
    Ok(note.map_or_else(
        || format!("/appointments/{}", visit.appointment()),
        |note| format!("/notes/{}", note.header().id),
    ))
}

fn recording(app: &App, visit: &Visit, me: &Participant, host: bool) -> RecordingShown {
    let service = capabilities(app, visit.provider()).is_some_and(|known| known.recording != Recordings::None);
    let current = visit.recording();
    let waits = |p: &&Participant| current.is_some() && visit.must_answer(p.id);
    RecordingShown {
        possible: host && service && visit.policy().recording,
        state: match (current, visit.recordings().last()) {
            (Some(recording), _) => recording.state.name(),
            (None, Some(last)) => match last.state.name() {
                "refused" => "off",
                name => name,
            },
            (None, None) => "off",
        },
        my_answer: current.and_then(|recording| recording.answers.get(&me.id)).map(|answer| answer.yes),
        must_answer: visit.must_answer(me.id),
        waiting_for: visit.participants().iter().filter(waits).map(|p| p.id).collect(),
    }
}

async fn facts(
    app: &App,
    work: &mut Reading<'_>,
    office: &Office,
    appointment: &Appointment,
    visit: &Visit,
) -> Result<Option<Facts>, Problem> {
    let plan = appointment.plan();
    let client = work.get::<Client>(plan.client).await?;
    let clinician = work.get::<Clinician>(plan.clinician).await?;
    match (client, clinician) {
        (Some(client), Some(clinician)) if !visit.state().is_terminal() => {
            Ok(Some(Facts::read(app, work, &client, &clinician, office, visit.provider()).await?))
        }
        _ => Ok(None),
    }
}

fn refusals(facts: &Facts, visit: &Visit, now: DateTime<Utc>) -> Vec<Refused> {
    let policy = AdmissionPolicy::default();
    let refused = |refusal: mentalspace_telehealth_port::guard::Refusal| Refused {
        guard: refusal.guard(),
        detail: refusal.to_string(),
        overridable: refusal.guard().is_some_and(|guard| policy.permits_override(guard)),
    };
    facts.refusals(visit, now).into_iter().map(refused).collect()
}

fn needs(facts: &Facts, visit: &Visit, me: &Participant, now: DateTime<Utc>) -> Vec<&'static str> {
    let refused: Vec<_> = facts.refusals(visit, now).iter().filter_map(|refusal| refusal.guard()).collect();
    let (own, guardians) = (refused.contains(&Guard::Consent), refused.contains(&Guard::GuardianConsent));
    let mut needs = Vec::new();
    match me.role {
        ParticipantRole::Guardian if own || guardians => needs.push("consent"),
        ParticipantRole::Client if guardians => needs.push("guardian"),
        ParticipantRole::Client if own => needs.push("consent"),
        _ => {}
    }
    if me.role == ParticipantRole::Client && refused.contains(&Guard::Location) {
        needs.push("location");
    }
    needs
}

/// What people are called: staff by their full name, clients as they wish to be called to hosts and by the first name
/// alone to others.
struct Names {
    clients: BTreeMap<ClientId, (Phi<String>, Phi<String>)>,
    clinicians: BTreeMap<ClinicianId, Phi<String>>,
    guests: BTreeMap<ParticipantId, Phi<String>>,
}

impl Names {
    async fn read(work: &mut Reading<'_>, visit: &Visit, appointment: &Appointment) -> Result<Self, Problem> {
        let (mut clients, mut clinicians) = (BTreeMap::new(), BTreeMap::new());
        for person in visit.participants() {
            match person.person {
                Person::Client(id) => {
                    if let Some(client) = work.get::<Client>(id).await? {
                        let full = client.expose_called();
                        let first = full.split_whitespace().next().unwrap_or_default().to_owned();
                        clients.insert(id, (Phi::new(full), Phi::new(first)));
                    }
                }
                Person::Clinician(id) => {
                    if let Some(clinician) = work.get::<Clinician>(id).await? {
                        clinicians.insert(id, Phi::new(people::expose_clinician(&clinician)));
                    }
                }
                _ => {}
            }
        }
        let guests = link::of_appointment(work, appointment.id()).await?;
        let guests = guests.into_iter().filter(|guest| !guest.name.expose().is_empty());
        let guests = guests.map(|guest| (guest.participant, guest.value.name)).collect();
        Ok(Self { clients, clinicians, guests })
    }

    fn of(&self, person: &Participant, full: bool) -> Phi<String> {
        let known = match person.person {
            Person::Client(id) => self.clients.get(&id).map(|(all, first)| if full { all } else { first }),
            Person::Clinician(id) => self.clinicians.get(&id),
            _ => self.guests.get(&person.id),
        };
        known.cloned().unwrap_or_else(|| Phi::new("Guest".to_owned()))
    }
}

fn state(state: VisitState) -> (&'static str, &'static str, Option<serde_json::Value>) {
    let health = match state {
        VisitState::InProgress(Health::Interrupted) => "interrupted",
        _ => "healthy",
    };
    let reason = match state {
        VisitState::Ending(reason) | VisitState::Ended(reason) => serde_json::to_value(reason).ok(),
        VisitState::Cancelled(reason) => serde_json::to_value(reason).ok(),
        _ => None,
    };
    (state.name(), health, reason)
}

fn words(prompt: Prompt, host: bool, visit: Option<&Visit>, zone: &Zone) -> Shown {
    let time = |at: DateTime<Utc>| zone.wall(at).format("%-I:%M %p").to_string();
    let (kind, at, words) = match prompt {
        Prompt::OpensAt(at) => (
            "opens_at",
            Some(at),
            match host {
                true => format!("The waiting room opens by itself at {}. You can open it now.", time(at)),
                false => format!("The waiting room opens at {}. You can stay on this page.", time(at)),
            },
        ),
        Prompt::Arrive => ("arrive", None, "Say that you are here.".to_owned()),
        Prompt::Wait => (
            "wait",
            None,
            match host {
                true => "Let somebody in, and the room opens.".to_owned(),
                false => {
                    "You are in the waiting room. Your clinician sees that you are here and will let you in.".to_owned()
                }
            },
        ),
        Prompt::AnswerRecording => (
            "answer_recording",
            None,
            "This visit is being recorded. Say whether you agree before you join.".to_owned(),
        ),
        Prompt::Prepare => ("prepare", None, "The room is being prepared.".to_owned()),
        Prompt::Join => ("join", None, "You can join now.".to_owned()),
        Prompt::InRoom => ("in_room", None, "You are in the visit.".to_owned()),
        Prompt::Rejoin { until } => (
            "rejoin",
            until,
            until
                .map_or_else(|| "You can come back.".to_owned(), |at| format!("You can come back until {}.", time(at))),
        ),
        Prompt::Barred => ("barred", None, "You were not let in. Please call the practice.".to_owned()),
        _ => ("over", None, over(visit.map(Visit::state)).to_owned()),
    };
    Shown { kind, at, words }
}

const fn over(state: Option<VisitState>) -> &'static str {
    match state {
        Some(VisitState::NoShow) => "The visit did not take place.",
        Some(VisitState::Cancelled(_)) => "The visit was cancelled. Please call the practice.",
        Some(VisitState::Failed) => "The visit was given up. Please call the practice.",
        _ => "The visit is over.",
    }
}

/// Reads whether a visit may have changed since a scene was read, without an access to it.
pub(crate) async fn pulse(app: &App, seat: &Seat, visit: VisitId) -> Result<Option<u64>, Problem> {
    let access = Access::system(seat.practice(), "visit.pulse", app.now());
    let read = app.vault().read(&access, |work| Box::pin(async move { media::Alarm::pulse(work, visit).await }));
    Ok(read.await?)
}

/// Reads what the practice is called.
///
/// # Errors
/// As the store.
pub async fn practice_name(app: &App, seat: &Seat) -> Result<String, Problem> {
    let access = Access::system(seat.practice(), "visit.page", app.now());
    let access = &access;
    let read = app.vault().read(access, |work| Box::pin(async move { Office::open(work, access).await }));
    Ok(read.await?.practice.name.to_string())
}
