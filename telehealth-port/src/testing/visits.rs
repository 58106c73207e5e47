//! Fifty whole visits at once, driven as a server drives them: store, call, record.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "behaviours of the suite panic")]

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use mentalspace_core::{Address, AppointmentId, ClientId, ClinicianId, Phone, UsState, VisitId};
use uuid::Uuid;

use super::conformance::Subject;
use crate::consent::{
    ConsentText, ConsentTextId, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent,
};
use crate::guard::{
    AdmissionFacts, AdmissionPolicy, Age, ClientFacts, EmergencyContact, Licence, LicenceGround, ProviderAgreement,
};
use crate::provider::{ProviderError, ProviderId, Retry, RoomSecret};
use crate::visit::{AdmissionRequest, Booking, Intent, Invitee, Modality, ParticipantRole, Person, Visit, VisitPolicy};
use crate::{ConsentId, ParticipantId};

const VISITS: u128 = 50;
/// Tries of one call; the pauses between them are not waited for.
const TRIES: u32 = 40;
/// Texts of the clients that must never leave the practice, in lower case.
const PERSONAL: [&str; 7] = ["wilhelmina", "featherstone", "larkspur", "albany", "5550142", "555-0142", "5185550142"];

/// Fifty visits at once, while calls fail as often as the set-up can arrange, have one room each, let everybody in,
/// end with none, and tell the service nothing about anybody.
pub async fn fifty_visits_have_one_room_each(subject: &dyn Subject) {
    let before = subject.living_rooms().await;
    subject.fail_often().await;
    let running = (1..=VISITS).map(|number| -> Pin<Box<dyn Future<Output = Visit>>> {
        Box::pin(async move {
            let mut visit = admitted(subject, number);
            settle(subject, &mut visit).await;
            visit
        })
    });
    let mut visits = together(running.collect()).await;

    let rooms: BTreeSet<_> = visits.iter().map(|visit| visit.room().map(|room| room.room.clone())).collect();
    assert!(!rooms.contains(&None), "each visit must have a room");
    assert_eq!(rooms.len(), visits.len(), "no two visits may share a room");
    if let (Some(before), Some(after)) = (before, subject.living_rooms().await) {
        assert_eq!(after, before + visits.len(), "no visit may have a second room");
    }

    let ending = visits.iter_mut().map(|visit| -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async move {
            let host = visit.participants().iter().find(|person| person.role.is_host()).unwrap().id;
            visit.end(host, subject.now()).unwrap();
            settle(subject, visit).await;
        })
    });
    together(ending.collect()).await;
    assert_eq!(subject.living_rooms().await, before, "an ended visit must leave no room");

    if let Some(sent) = subject.sent().await {
        let sent = sent.to_lowercase();
        let key = crate::provider::IdempotencyKey::derive(&secret(), VisitId::from_uuid(id(1, 5)), 1);
        assert!(sent.contains(key.as_str()), "what was sent must be known");
        for text in PERSONAL {
            assert!(!sent.contains(text), "{text} left the practice");
        }
    }
}

/// Makes the calls of a visit until there is none left, and lets in whoever got a credential.
async fn settle(subject: &dyn Subject, visit: &mut Visit) {
    let (provider, now) = (subject.provider(), subject.now());
    while let Some(intent) = visit.intents().into_iter().next() {
        match intent {
            Intent::OpenRoom { key, spec, .. } => {
                let room = persist(async || provider.open_room(&spec, &key).await).await;
                visit.room_opened(room, now).unwrap();
            }
            Intent::Grant { room, participant } => {
                let minted = persist(async || provider.join_grant(&room, &participant, now).await).await;
                visit.granted(participant.grant, minted.expires_at, now).unwrap();
                let got_in = subject.join(&room, &minted.credential).await;
                assert_ne!(got_in, Some(false), "whoever was admitted must get in");
            }
            Intent::Revoke { room, grant } => {
                persist(async || provider.revoke(&room, &grant).await).await;
                visit.revoked(grant, now);
            }
            Intent::CloseRoom { room } => {
                persist(async || provider.close_room(&room).await).await;
                visit.room_closed(now).unwrap();
            }
            other => panic!("nobody asked for {other:?}"),
        }
    }
}

/// Repeats a call as long as the error advises it.
async fn persist<T>(call: impl AsyncFn() -> Result<T, ProviderError>) -> T {
    for _ in 0..TRIES {
        match call().await {
            Ok(value) => return value,
            Err(error) => assert_ne!(error.retry(), Retry::Never, "{error}"),
        }
    }
    panic!("{TRIES} tries failed");
}

/// Runs futures side by side in one task.
async fn together<T>(mut futures: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

fn secret() -> RoomSecret {
    RoomSecret::new([9; 32])
}

fn id(visit: u128, what: u128) -> Uuid {
    Uuid::from_u128(visit << 16 | what)
}

/// A visit whose clinician and client are there, the client let in.
fn admitted(subject: &dyn Subject, number: u128) -> Visit {
    let (now, provider) = (subject.now(), subject.provider().id());
    let booked = now - TimeDelta::days(7);
    let day = booked.date_naive();
    let agreement = ProviderAgreement { provider: provider.clone(), from: day, until: None };
    let client = Person::Client(ClientId::from_uuid(id(number, 1)));
    let clinician = Person::Clinician(ClinicianId::from_uuid(id(number, 3)));
    let invite = |what, role, person| Invitee { id: ParticipantId::from_uuid(id(number, what)), role, person };
    let host = invite(2, ParticipantRole::Clinician, clinician);
    let guest = invite(4, ParticipantRole::Client, client);
    let booking = booking(number, provider, now, vec![host, guest]);
    let (mut visit, _) = Visit::schedule(booking, VisitPolicy::default(), Some(&agreement), booked).unwrap();
    visit.arrive(host.id, now).unwrap();
    visit.arrive(guest.id, now).unwrap();
    visit.attest_location(guest.id, guest.id, location(now), now).unwrap();
    let consent = consent(number, booked);
    let licence = licence(day);
    let facts = ClientFacts {
        consent: Some(&consent),
        age: Age::Adult,
        licences: std::slice::from_ref(&licence),
        emergency_contact: EmergencyContact::OnFile,
    };
    let seats = subject.provider().capabilities().max_participants;
    let facts = AdmissionFacts { client: Some(facts), agreement: Some(&agreement), provider_seats: seats };
    let policy = AdmissionPolicy::default();
    let request = AdmissionRequest { policy: &policy, facts, overridden: None };
    visit.admit(host.id, guest.id, &request, &secret(), now).unwrap();
    visit
}

fn booking(number: u128, provider: ProviderId, now: DateTime<Utc>, invitees: Vec<Invitee>) -> Booking {
    Booking {
        id: VisitId::from_uuid(id(number, 5)),
        appointment: AppointmentId::from_uuid(id(number, 6)),
        starts_at: now,
        ends_at: now + TimeDelta::minutes(50),
        modality: Modality::Video,
        provider,
        region: None,
        invitees,
    }
}

fn location(at: DateTime<Utc>) -> LocationAttestation {
    LocationAttestation {
        address: Address::new("12 Larkspur Rd", "Albany", "NY", "12207").unwrap(),
        setting: Setting::Home,
        emergency_phone: Phone::parse("518-555-0142").unwrap(),
        at,
    }
}

fn consent(number: u128, at: DateTime<Utc>) -> TelehealthConsent {
    let text = ConsentText::of(ConsentTextId::parse("telehealth-adult-en").unwrap(), 1, "I agree.");
    let name = "Wilhelmina Featherstone".to_owned().into();
    let signature = Signature { signer: Signer::Client, name, signing: Signing::Paper, at };
    let consent = ConsentId::from_uuid(id(number, 7));
    TelehealthConsent::sign(consent, ClientId::from_uuid(id(number, 1)), text, signature, Months::new(12)).unwrap()
}

fn licence(from: NaiveDate) -> Licence {
    Licence { state: UsState::parse("NY").unwrap(), ground: LicenceGround::Licence, from, until: None }
}
