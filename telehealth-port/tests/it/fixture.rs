//! A small practice: one clinician, one client, one video service.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use mentalspace_core::{Address, AppointmentId, ClientId, ClinicianId, Phone, UsState, VisitId};
use mentalspace_telehealth_port::consent::{
    ConsentText, ConsentTextId, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent,
};
use mentalspace_telehealth_port::guard::{
    AdmissionFacts, AdmissionPolicy, Age, ClientFacts, EmergencyContact, Licence, LicenceGround, ProviderAgreement,
};
use mentalspace_telehealth_port::provider::{
    GrantId, ProviderEvent, ProviderEventKind, ProviderId, RoomDetails, RoomHandle, RoomSecret,
};
use mentalspace_telehealth_port::visit::{
    AdmissionRequest, Booking, Intent, Invitee, Modality, ParticipantRole, Person, Visit, VisitError, VisitEvent,
    VisitPolicy,
};
use mentalspace_telehealth_port::{ConsentId, ParticipantId};
use uuid::Uuid;

pub(crate) const CLINICIAN: ParticipantId = ParticipantId::from_uuid(Uuid::from_u128(0xC1));
pub(crate) const CLIENT: ParticipantId = ParticipantId::from_uuid(Uuid::from_u128(0xA1));
pub(crate) const SECOND: ParticipantId = ParticipantId::from_uuid(Uuid::from_u128(0xA2));
pub(crate) const STRANGER: ParticipantId = ParticipantId::from_uuid(Uuid::from_u128(0xFF));

/// Texts that must never leave the practice.
pub(crate) const PERSONAL: [&str; 6] =
    ["Wilhelmina", "Featherstone", "Larkspur", "Albany", "5550142", "seeing her sister"];

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

pub(crate) fn minute(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

pub(crate) fn second(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

pub(crate) fn secret() -> RoomSecret {
    RoomSecret::new([9; 32])
}

pub(crate) fn client_id(number: u128) -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn invitee(id: ParticipantId, role: ParticipantRole) -> Invitee {
    let number = id.uuid().as_u128();
    let person = match role {
        ParticipantRole::Client => Person::Client(client_id(number)),
        ParticipantRole::Clinician | ParticipantRole::Supervisor => {
            Person::Clinician(ClinicianId::from_uuid(Uuid::from_u128(number)))
        }
        _ => Person::Guest,
    };
    Invitee { id, role, person }
}

pub(crate) fn booking() -> Booking {
    Booking {
        id: VisitId::from_uuid(Uuid::from_u128(1)),
        appointment: AppointmentId::from_uuid(Uuid::from_u128(2)),
        starts_at: start(),
        ends_at: minute(50),
        modality: Modality::Video,
        provider: ProviderId::parse("scripted").unwrap(),
        region: None,
        invitees: vec![invitee(CLINICIAN, ParticipantRole::Clinician), invitee(CLIENT, ParticipantRole::Client)],
    }
}

pub(crate) fn agreement() -> ProviderAgreement {
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    ProviderAgreement { provider: ProviderId::parse("scripted").unwrap(), from, until: None }
}

pub(crate) fn consent_by(signer: Signer, client: u128) -> TelehealthConsent {
    let text = ConsentText::of(ConsentTextId::parse("telehealth-adult-en").unwrap(), 2, "I agree.");
    let name = format!("{} {}", PERSONAL[0], PERSONAL[1]).into();
    let signature = Signature { signer, name, signing: Signing::Paper, at: start() - TimeDelta::days(30) };
    let id = ConsentId::from_uuid(Uuid::from_u128(0xC0));
    TelehealthConsent::sign(id, client_id(client), text, signature, Months::new(12)).unwrap()
}

pub(crate) fn location(at: DateTime<Utc>) -> LocationAttestation {
    LocationAttestation {
        address: Address::new("12 Larkspur Rd", "Albany", "NY", "12207").unwrap(),
        setting: Setting::Home,
        emergency_phone: Phone::parse("518-555-0142").unwrap(),
        at,
    }
}

/// What the practice knows; each test takes one thing away.
#[derive(Debug, Clone)]
pub(crate) struct Practice {
    pub(crate) policy: AdmissionPolicy,
    pub(crate) agreement: Option<ProviderAgreement>,
    pub(crate) consent: Option<TelehealthConsent>,
    pub(crate) guardian_consent: Option<TelehealthConsent>,
    pub(crate) minor: bool,
    pub(crate) licences: Vec<Licence>,
    pub(crate) emergency_contact: EmergencyContact,
    pub(crate) seats: Option<u32>,
}

impl Practice {
    pub(crate) fn new() -> Self {
        let from = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let state = UsState::parse("NY").unwrap();
        Self {
            policy: AdmissionPolicy::default(),
            agreement: Some(agreement()),
            consent: Some(consent_by(Signer::Client, 0xA1)),
            guardian_consent: None,
            minor: false,
            licences: vec![Licence { state, ground: LicenceGround::Licence, from, until: None }],
            emergency_contact: EmergencyContact::OnFile,
            seats: None,
        }
    }

    pub(crate) fn for_second() -> Self {
        Self { consent: Some(consent_by(Signer::Client, 0xA2)), ..Self::new() }
    }

    pub(crate) fn facts(&self) -> AdmissionFacts<'_> {
        let age = if self.minor { Age::Minor { guardian_consent: self.guardian_consent.as_ref() } } else { Age::Adult };
        AdmissionFacts {
            client: Some(ClientFacts {
                consent: self.consent.as_ref(),
                age,
                licences: &self.licences,
                emergency_contact: self.emergency_contact,
            }),
            agreement: self.agreement.as_ref(),
            provider_seats: self.seats,
        }
    }

    pub(crate) fn request(&self) -> AdmissionRequest<'_> {
        AdmissionRequest { policy: &self.policy, facts: self.facts(), overridden: None }
    }
}

/// A visit and everything that happened in it.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) visit: Visit,
    pub(crate) log: Vec<VisitEvent>,
}

impl Run {
    pub(crate) fn scheduled() -> Self {
        Self::with(booking(), VisitPolicy::default())
    }

    pub(crate) fn with(booking: Booking, policy: VisitPolicy) -> Self {
        let booked_at = start() - TimeDelta::days(7);
        let (visit, log) = Visit::schedule(booking, policy, Some(&agreement()), booked_at).unwrap();
        Self { visit, log }
    }

    pub(crate) fn group() -> Self {
        let mut booking = booking();
        booking.invitees.push(invitee(SECOND, ParticipantRole::Client));
        Self::with(booking, VisitPolicy { recording: true, ..VisitPolicy::default() })
    }

    /// Runs a step, keeps its events and returns their names.
    pub(crate) fn step(
        &mut self,
        step: impl FnOnce(&mut Visit) -> Result<Vec<VisitEvent>, VisitError>,
    ) -> Result<Vec<&'static str>, VisitError> {
        let events = step(&mut self.visit)?;
        let names = events.iter().map(|event| event.change.name()).collect();
        self.log.extend(events);
        Ok(names)
    }

    /// The same for a step that must succeed.
    pub(crate) fn must(
        &mut self,
        step: impl FnOnce(&mut Visit) -> Result<Vec<VisitEvent>, VisitError>,
    ) -> Vec<&'static str> {
        self.step(step).unwrap()
    }

    pub(crate) fn fire(&mut self, now: DateTime<Utc>) -> Vec<&'static str> {
        self.must(|visit| Ok(visit.fire(now)))
    }

    /// Clinician and client have come, the client has said where they are.
    pub(crate) fn waiting() -> Self {
        let mut run = Self::scheduled();
        run.both_come(CLIENT);
        run
    }

    pub(crate) fn both_come(&mut self, client: ParticipantId) {
        self.must(|visit| visit.arrive(CLINICIAN, minute(-2)));
        self.must(|visit| visit.arrive(client, minute(-1)));
        self.must(|visit| visit.attest_location(client, client, location(minute(-1)), minute(-1)));
    }

    /// The client was let in; the room has been asked for.
    pub(crate) fn admitted() -> Self {
        let mut run = Self::waiting();
        run.must(|visit| visit.admit(CLINICIAN, CLIENT, &Practice::new().request(), &secret(), start()));
        run
    }

    /// Both are in the room since the start.
    pub(crate) fn in_progress() -> Self {
        let mut run = Self::admitted();
        run.open_room(start());
        run.join(CLINICIAN, start());
        run.join(CLIENT, start());
        run
    }

    pub(crate) fn ending() -> Self {
        let mut run = Self::in_progress();
        run.must(|visit| visit.end(CLINICIAN, minute(45)));
        run
    }

    pub(crate) fn ended() -> Self {
        let mut run = Self::ending();
        run.must(|visit| visit.room_closed(minute(45)));
        run
    }

    /// The video service opens the room that was asked for.
    pub(crate) fn open_room(&mut self, now: DateTime<Utc>) -> RoomHandle {
        let asked = self.visit.intents().into_iter().find_map(|intent| match intent {
            Intent::OpenRoom { generation, key, .. } => Some((generation, key)),
            _ => None,
        });
        let (generation, key) = asked.unwrap();
        let handle = RoomHandle {
            provider: self.visit.provider().clone(),
            key,
            room: format!("room-{generation}"),
            details: RoomDetails::new("room secret"),
        };
        self.must(|visit| visit.room_opened(handle.clone(), now));
        handle
    }

    pub(crate) fn grant(&self, who: ParticipantId) -> GrantId {
        self.visit.participant(who).unwrap().grant().unwrap()
    }

    /// Takes the credential and connects.
    pub(crate) fn join(&mut self, who: ParticipantId, now: DateTime<Utc>) {
        let grant = self.grant(who);
        self.must(|visit| visit.granted(grant, now + TimeDelta::minutes(5), now));
        self.report(ProviderEventKind::Joined(grant), now);
    }

    pub(crate) fn report(&mut self, kind: ProviderEventKind, at: DateTime<Utc>) -> Vec<&'static str> {
        self.report_late(kind, at, at)
    }

    pub(crate) fn report_late(
        &mut self,
        kind: ProviderEventKind,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Vec<&'static str> {
        let room = self.visit.room().map_or_else(|| "room-1".to_owned(), |room| room.room.clone());
        let event = ProviderEvent { id: "e".to_owned(), at, room, kind };
        self.must(|visit| Ok(visit.observe(&event, &secret(), now)))
    }

    pub(crate) fn drop_out(&mut self, who: ParticipantId, at: DateTime<Utc>) -> Vec<&'static str> {
        let grant = self.grant(who);
        self.report(ProviderEventKind::Dropped(grant), at)
    }
}
