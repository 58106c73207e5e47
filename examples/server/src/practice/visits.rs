//! Telehealth visits: the waiting room of an appointment, who is let in, and what the visit measured.
//!
//! The visit decides ([`mentalspace_telehealth_port::visit`]); here the facts are read, the result is stored, and the
//! calls it asks for are made afterwards ([`media`]). Without a connected video service the visit is held by telephone
//! and nothing is pretended: times are those of admission and end.

mod act;
mod again;
pub mod connection;
pub mod consents;
pub mod link;
pub mod media;
pub mod recordings;
mod scene;
mod seat;
mod settings;
pub mod talk;

use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_core::{
    Appointment, AppointmentEvent, AppointmentId, AppointmentPolicy, AppointmentStatus, Client, ClientId, ClientPlace,
    Clinician, Delivery, Location, Modality, NoShowReason, Purpose, SessionTimes, TelehealthModality,
    access::{Permission, Relation, decide},
    store::{Document, Find, Reading, StoreError, Subject, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    consent::{ConsentStatus, ConsentText, ConsentTextId, Setting, Signer, TelehealthConsent},
    guard::{AdmissionPolicy, Licence, LicenceGround, ProviderAgreement, Refusal},
    provider::{Capabilities, ProviderId},
    summary::VisitSummary,
    visit::{CancelReason, Modality as Held, Participant, ParticipantRole, Person, Visit, VisitError, VisitState},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use act::{Act, CheckIn, EmergencyPerson, SignedConsent, act};
pub(crate) use scene::pulse;
pub use scene::{Scene, practice_name, scene};
pub use seat::{Deed, Done, Seat, deed};
pub use settings::{VideoSettings, change_settings, read_settings};

use super::{Office, schedule};
use crate::{
    app::App,
    problem::{Problem, sentence},
    signed::Signed,
    zone::Zone,
};

/// The age from which a client consents alone, in completed years.
pub const ADULT: u32 = 18;

/// The text a client agrees to before the first visit.
pub const CONSENT_TEXT: &str = "I agree to meet my clinician by video or telephone. I understand that a connection \
can fail or be overheard at my end, that some care cannot be given this way, and that I may ask to meet in person \
instead. At each visit I say where I am, so that help can reach me in an emergency. I can take this consent back at \
any time without losing care.";

/// Identifies the text a client agrees to.
///
/// # Errors
/// None in practice: the name is a constant.
pub fn consent_text() -> Result<ConsentText, Problem> {
    Ok(ConsentText::of(ConsentTextId::parse("telehealth-consent-en")?, 1, CONSENT_TEXT))
}

/// The practice's business associate agreements with video services (45 CFR 164.504(e)).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoAgreements {
    /// One for each service.
    pub agreements: Vec<ProviderAgreement>,
}

/// Stands for the video service where none is connected.
const TELEPHONE: &str = "telephone";
const AGREEMENTS: Uuid = Uuid::from_u128(1);

impl Document for VideoAgreements {
    const KIND: &'static str = "video_agreements";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        AGREEMENTS
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// Records the agreement with a video service, in the place of an earlier one.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn record_agreement(app: &App, signed: &Signed, agreement: ProviderAgreement) -> Result<(), Problem> {
    let access = signed.access("video_agreement.record", Purpose::Operations);
    let agreement = &agreement;
    let recorded = app.vault().write(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new("video_agreement");
            signed.require(work, Permission::ManagePractice, Relation::default(), subject)?;
            let old = work.get::<VideoAgreements>(AGREEMENTS).await?;
            let version = old.as_ref().map(|old| old.version);
            let mut all = old.map(|old| old.value).unwrap_or_default();
            all.agreements.retain(|known| known.provider != agreement.provider);
            all.agreements.push(agreement.clone());
            match version {
                None => work.insert(&all).await?,
                Some(version) => work.update(&all, version).await.map(drop)?,
            }
            Ok(())
        })
    });
    recorded.await
}

/// The agreement that covers a service. The practice's own telephone and machines need none: a carrier only passes the
/// call on.
async fn agreement_with(
    work: &mut Reading<'_>,
    provider: &ProviderId,
    self_hosted: bool,
) -> Result<Option<ProviderAgreement>, StoreError> {
    if self_hosted || provider.as_str() == TELEPHONE {
        return Ok(Some(ProviderAgreement { provider: provider.clone(), from: NaiveDate::MIN, until: None }));
    }
    let all = work.get::<VideoAgreements>(AGREEMENTS).await?.map(|found| found.value).unwrap_or_default();
    Ok(all.agreements.into_iter().find(|agreement| agreement.provider == *provider))
}

/// The service that carries new visits.
fn carrier(app: &App) -> Result<ProviderId, Problem> {
    match app.video().and_then(|video| video.preferred()) {
        Some(preferred) => Ok(preferred.id()),
        None => Ok(ProviderId::parse(TELEPHONE)?),
    }
}

fn capabilities(app: &App, provider: &ProviderId) -> Option<Capabilities> {
    app.video()?.provider(provider).map(|provider| provider.capabilities())
}

/// Finds the visit of an appointment.
///
/// # Errors
/// As the store.
pub async fn of_appointment(work: &mut Reading<'_>, id: AppointmentId) -> Result<Option<Versioned<Visit>>, StoreError> {
    let find = Find::<Visit>::new().with(Term::plain("appointment", &id)).limit(1);
    Ok(work.find(&find).await?.items.pop())
}

/// Who called an appointment off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOff {
    /// The client.
    ByClient,
    /// The practice, or nobody came.
    ByPractice,
}

/// Closes the waiting room of an appointment that does not take place.
///
/// # Errors
/// As the store.
pub async fn call_off(
    work: &mut Writing<'_>,
    id: AppointmentId,
    by: CallOff,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(Versioned { version, mut value }) = of_appointment(work, id).await? else { return Ok(()) };
    let reason = match by {
        CallOff::ByClient => CancelReason::Client,
        CallOff::ByPractice => CancelReason::Practice,
    };
    if value.cancel(reason, now).is_ok() {
        keep(work, Some(version), &value, now).await?;
    }
    Ok(())
}

/// Stores a visit together with the moment at which the clock has to look at it again.
async fn keep(
    work: &mut Writing<'_>,
    version: Option<u64>,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match version {
        None => work.insert(visit).await?,
        Some(version) => work.update(visit, version).await.map(drop)?,
    }
    media::Alarm::set(work, visit, now).await
}

/// Says why an event is decided at the door of the visit and not by itself: a telehealth session begins with the
/// admission, which checks consent and place, and ends with the visit, which measures it.
#[must_use]
pub fn leaves_to_door(
    appointment: &Appointment,
    visit: Option<&Visit>,
    event: &AppointmentEvent,
) -> Option<&'static str> {
    match event {
        AppointmentEvent::Begin if appointment.plan().modality != Modality::InPerson => {
            Some("A telehealth session begins when the clinician lets the client in.")
        }
        AppointmentEvent::Complete if visit.is_some_and(|visit| !visit.state().is_terminal()) => {
            Some("The session is completed when the clinician ends the visit.")
        }
        _ => None,
    }
}

/// Lets the appointment follow its visit: one that ended took place, a client who never came missed it.
async fn follow(
    work: &mut Writing<'_>,
    visit: &Visit,
    policy: &AppointmentPolicy,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let event = match visit.state() {
        VisitState::Ended(_) | VisitState::Ending(_) => AppointmentEvent::Complete,
        VisitState::NoShow => AppointmentEvent::NoShow { reason: NoShowReason::Unknown },
        _ => return Ok(()),
    };
    let Some(appointment) = work.get::<Appointment>(visit.appointment()).await? else { return Ok(()) };
    if appointment.status().after(&event).is_some() {
        let followed = appointment.value.apply(event, now, policy)?;
        work.update(&followed, appointment.version).await?;
    }
    Ok(())
}

/// Says how a session was in fact held, from the record of the visit; `None` when a telehealth session has none, so
/// that nobody bills a place that was never told.
///
/// # Errors
/// As the store.
pub async fn delivery(
    work: &mut Reading<'_>,
    appointment: &Appointment,
    location: &Location,
) -> Result<Option<Delivery>, StoreError> {
    if appointment.plan().modality == Modality::InPerson {
        return Ok(Some(Delivery::InPerson { place_of_service: location.place_of_service.clone() }));
    }
    let Some(visit) = of_appointment(work, appointment.id()).await? else { return Ok(None) };
    let Some(client) = client_of(&visit).filter(|_| began(&visit).is_some()) else { return Ok(None) };
    let place = client.location.as_ref().map(|place| match place.setting {
        Setting::Home => ClientPlace::Home,
        _ => ClientPlace::Elsewhere,
    });
    Ok(place.map(|client_at| Delivery::Telehealth { modality: held(&visit), client_at }))
}

/// How most of the visit was held.
fn held(visit: &Visit) -> TelehealthModality {
    let longest = VisitSummary::of(visit).and_then(|s| s.modalities.into_iter().max_by_key(|(_, time)| *time));
    let modality = longest.or_else(|| visit.modalities().last().map(|(_, m)| (*m, chrono::TimeDelta::zero())));
    match modality {
        Some((Held::Video, _)) => TelehealthModality::Video,
        _ => TelehealthModality::Audio,
    }
}

/// Says when a session began and ended: as the visit measured, or by the admission where the telephone was used, or by
/// the changes of the appointment's status.
#[must_use]
pub fn times(appointment: &Appointment, visit: Option<&Visit>) -> Option<SessionTimes> {
    let measured = visit.and_then(|visit| SessionTimes::new(began(visit)?, visit.cut_at()?, 0).ok());
    measured.or_else(|| {
        let reached = |status| appointment.history().iter().rfind(|change| change.status == status).map(|c| c.at);
        let (begun, done) = (reached(AppointmentStatus::InSession)?, reached(AppointmentStatus::Completed)?);
        SessionTimes::new(begun, done, 0).ok()
    })
}

/// Says how a visit was held, for the note about it; `None` while it is not over.
#[must_use]
pub fn account(visit: &Visit, zone: &Zone) -> Option<String> {
    let summary = VisitSummary::of(visit)?;
    let time = |at: DateTime<Utc>| zone.wall(at).format("%-I:%M %p").to_string();
    let mut sentences = Vec::new();
    let modality = |modality: Held| match modality {
        Held::Video => "video",
        Held::AudioOnly => "sound alone",
        _ => "telephone",
    };
    let ways: Vec<_> =
        summary.modalities.iter().map(|(how, time)| format!("{} {} min", modality(*how), time.num_minutes())).collect();
    match ways.is_empty() {
        true => sentences.push("Held by telephone.".to_owned()),
        false => sentences.push(format!("Held by {}.", ways.join(", then "))),
    }
    if let Some(place) = client_of(visit).and_then(|client| client.location.as_ref()) {
        let setting = if place.setting == Setting::Home { "at home" } else { "elsewhere" };
        let code = place.setting.place_of_service();
        // Payers may ask for another modifier; the charge follows their rule.
        let modifier = if held(visit) == TelehealthModality::Video { "95" } else { "93" };
        let (state, code) = (place.state(), code.as_str());
        sentences.push(format!("Client {setting} in {state}, place of service {code}, modifier {modifier}."));
    }
    let present = summary.attendance.iter().map(|one| {
        let role = serde_json::to_value(one.role).ok().and_then(|role| role.as_str().map(str::to_owned));
        format!("{} {} min", role.unwrap_or_default(), one.connected.num_minutes())
    });
    let present: Vec<_> = present.collect();
    if !present.is_empty() {
        sentences.push(format!("Present: {}.", present.join(", ")));
    }
    for gap in summary.interruptions.iter().filter(|gap| gap.until.is_some_and(|until| until > gap.from)) {
        let until = gap.until.map_or_else(String::new, time);
        sentences.push(format!("Interrupted {} to {until}.", time(gap.from)));
    }
    if let Some(consent) = client_of(visit).and_then(|client| client.admission.as_ref()?.consent) {
        sentences.push(format!("Telehealth consent {consent}."));
    }
    Some(sentences.join(" "))
}

/// When clinician and client met: as the video service reported or, by telephone, when the client was let in.
fn began(visit: &Visit) -> Option<DateTime<Utc>> {
    let by_telephone = matches!(visit.modalities().last(), Some((_, Held::Telephone)));
    let admitted = || client_of(visit)?.admission.as_ref().map(|admission| admission.at);
    visit.started_at().or_else(|| admitted().filter(|_| by_telephone))
}

fn client_of(visit: &Visit) -> Option<&Participant> {
    visit.participants().iter().find(|p| p.role == ParticipantRole::Client)
}

/// What an appointment's page shows.
#[derive(Debug)]
pub struct Encounter {
    /// The practice.
    pub office: Office,
    /// The appointment.
    pub appointment: Versioned<Appointment>,
    /// Who is treated; `None` when the person may not know.
    pub client: Option<Client>,
    /// Who treats.
    pub clinician: Option<Clinician>,
    /// From where.
    pub location: Option<Location>,
    /// Whether the person may change the appointment.
    pub editable: bool,
    /// Whether the person is the clinician who lets in and ends.
    pub hosts: bool,
    /// The waiting room, once it was opened.
    pub visit: Option<Versioned<Visit>>,
    /// How the newest consent stands; `None` without one.
    pub consent: Option<ConsentStatus>,
    /// What would keep the client out now.
    pub refusals: Vec<Refusal>,
    /// The note about it, by kind, that exist already.
    pub notes: Vec<Versioned<mentalspace_core::Note>>,
}

/// Reads an appointment with everything its page shows.
///
/// # Errors
/// `forbidden`; `not_found`.
pub async fn encounter(app: &App, signed: &Signed, id: AppointmentId) -> Result<Encounter, Problem> {
    let access = signed.access("appointment.read", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let found = schedule::permitted(work, signed, id, Permission::ReadSchedule, office.today).await?;
            let (appointment, relation) = found;
            let plan = appointment.plan().clone();
            let may = |wanted| decide(&signed.roles, wanted, relation).is_allowed();
            let client = match may(Permission::ReadClient) {
                true => work.get::<Client>(plan.client).await?.map(|found| found.value),
                false => None,
            };
            let clinician = work.get::<Clinician>(plan.clinician).await?.map(|found| found.value);
            let visit = of_appointment(work, id).await?;
            let (mut consent, mut refusals) = (None, Vec::new());
            if let (Some(client), Some(clinician)) = (&client, &clinician) {
                let provider = match &visit {
                    Some(visit) => visit.provider().clone(),
                    None => carrier(app)?,
                };
                let facts = Facts::read(app, work, client, clinician, &office, &provider).await?;
                consent = facts.consent.as_ref().map(|consent| consent.status(office.now));
                if let Some(visit) = &visit {
                    refusals = facts.refusals(visit, office.now);
                }
            }
            let notes = match may(Permission::BeginNote) || may(Permission::ReadNote) {
                true => work.find(&Find::new().with(Term::plain("appointment", &id))).await?.items,
                false => Vec::new(),
            };
            Ok::<_, Problem>(Encounter {
                location: work.get(plan.location).await?.map(|found| found.value),
                editable: may(Permission::EditSchedule),
                hosts: may(Permission::JoinVisit) && signed.clinician == Some(plan.clinician),
                office,
                appointment,
                client,
                clinician,
                visit,
                consent,
                refusals,
                notes,
            })
        })
    });
    read.await
}

/// What the practice knows about a client just before the admission.
#[derive(Debug)]
struct Facts {
    client: ClientId,
    consent: Option<TelehealthConsent>,
    guardian_consent: Option<TelehealthConsent>,
    minor: bool,
    licences: Vec<Licence>,
    emergency: bool,
    agreement: Option<ProviderAgreement>,
    seats: Option<u32>,
}

impl Facts {
    async fn read(
        app: &App,
        work: &mut Reading<'_>,
        client: &Client,
        clinician: &Clinician,
        office: &Office,
        provider: &ProviderId,
    ) -> Result<Self, Problem> {
        let capabilities = capabilities(app, provider);
        let self_hosted = capabilities.as_ref().is_some_and(|known| known.self_hosted);
        let find = Find::<TelehealthConsent>::new().with(Term::plain("client", &client.id)).descending().limit(50);
        let consents = work.find(&find).await?.items;
        let newest = |by_guardian: bool| {
            let mut fitting = consents.iter().filter(|c| !by_guardian || c.signer() != Signer::Client);
            fitting.next().map(|consent| consent.value.clone())
        };
        let licence = |license: &mentalspace_core::License| Licence {
            state: license.state.clone(),
            ground: LicenceGround::Licence,
            from: license.in_force.from(),
            until: license.in_force.to(),
        };
        Ok(Self {
            client: client.id,
            consent: newest(false),
            guardian_consent: newest(true),
            minor: client.age_on(office.today).is_none_or(|age| age < ADULT),
            licences: clinician.licenses.iter().map(licence).collect(),
            emergency: client.emergency_contacts().any(|contact| contact.phone.is_some()),
            agreement: agreement_with(work, provider, self_hosted).await?,
            seats: capabilities.and_then(|known| known.max_participants),
        })
    }

    fn admission(&self) -> mentalspace_telehealth_port::guard::AdmissionFacts<'_> {
        use mentalspace_telehealth_port::guard::{AdmissionFacts, Age, ClientFacts, EmergencyContact};
        let age = match self.minor {
            true => Age::Minor { guardian_consent: self.guardian_consent.as_ref() },
            false => Age::Adult,
        };
        let emergency_contact = if self.emergency { EmergencyContact::OnFile } else { EmergencyContact::Missing };
        let client = ClientFacts { consent: self.consent.as_ref(), age, licences: &self.licences, emergency_contact };
        AdmissionFacts { client: Some(client), agreement: self.agreement.as_ref(), provider_seats: self.seats }
    }

    /// Lists what would keep the client out now, whether or not the client has come.
    fn refusals(&self, visit: &Visit, now: DateTime<Utc>) -> Vec<Refusal> {
        use mentalspace_telehealth_port::guard::Subject;
        let Some(client) = client_of(visit) else { return Vec::new() };
        let subject = Subject {
            client: Some(self.client),
            location: client.location.as_ref(),
            occupied: 0,
            capacity: visit.policy().capacity,
            provider: visit.provider(),
        };
        AdmissionPolicy::default().check(&subject, &self.admission(), now)
    }
}

/// The participant a clinician is in a visit.
fn clinician_in(visit: &Visit, me: mentalspace_core::ClinicianId) -> Option<&Participant> {
    visit.participants().iter().find(|p| p.person == Person::Clinician(me))
}

/// Explains why a visit refused, on the practice's wall clock.
fn refused(error: &VisitError, zone: &Zone) -> Problem {
    match error {
        VisitError::Refused(refusals) => {
            let problem = Problem::conflict("The client cannot be let in yet.");
            refusals
                .iter()
                .fold(problem, |problem, refusal| problem.with_error(guard_name(refusal), refusal.to_string()))
        }
        VisitError::TooEarly { opens_at } => {
            let at = zone.wall(*opens_at).format("%-I:%M %p");
            Problem::conflict(format!("The waiting room opens at {at}, or earlier when the clinician opens it."))
        }
        VisitError::HostAbsent => Problem::conflict("Open the waiting room and be there before you let somebody in."),
        VisitError::NoAgreement => Problem::conflict(
            "No business associate agreement with the video service is on record for this day. An administrator \
             records it before visits are held by video.",
        ),
        other => Problem::conflict(sentence(other)),
    }
}

fn guard_name(refusal: &Refusal) -> String {
    let name = refusal.guard().and_then(|guard| serde_json::to_value(guard).ok());
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_else(|| "facts".to_owned())
}

/// Tells whether a clinician has come and has not gone.
#[must_use]
pub fn is_present(visit: &Visit, me: mentalspace_core::ClinicianId) -> bool {
    use mentalspace_telehealth_port::visit::ParticipantState;
    clinician_in(visit, me).is_some_and(|p| p.state == ParticipantState::Waiting || p.is_admitted())
}
