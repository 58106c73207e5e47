//! Whole visits while a fifth of the calls go wrong.

use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use mentalspace_core::{Address, AppointmentId, ClientId, ClinicianId, Phone, UsState, VisitId};
use mentalspace_telehealth_port::consent::{
    ConsentText, ConsentTextId, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent,
};
use mentalspace_telehealth_port::guard::{
    AdmissionFacts, AdmissionPolicy, Age, ClientFacts, EmergencyContact, Licence, LicenceGround, ProviderAgreement,
};
use mentalspace_telehealth_port::provider::{
    Attempts, IdempotencyKey, ProviderError, ProviderId, RetryPolicy, RoomSecret, TelehealthProvider,
};
use mentalspace_telehealth_port::testing::conformance::Subject;
use mentalspace_telehealth_port::visit::{
    AdmissionRequest, Booking, Intent, Invitee, Modality, ParticipantRole, Person, Visit, VisitPolicy,
};
use mentalspace_telehealth_port::{ConsentId, ParticipantId};
use serde_json::json;
use tokio::task::LocalSet;
use uuid::Uuid;

use crate::fake::Fake;

/// Texts that must never leave the practice.
const PERSONAL: [&str; 6] = ["Wilhelmina", "Featherstone", "Larkspur", "Albany", "5550142", "555-0142"];
const VISITS: u128 = 50;

fn start() -> DateTime<Utc> {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

fn secret() -> RoomSecret {
    RoomSecret::new([9; 32])
}

fn id(visit: u128, what: u128) -> Uuid {
    Uuid::from_u128(visit << 16 | what)
}

/// A visit whose clinician and client are there and have been let in, on paper.
fn admitted(number: u128) -> Visit {
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let provider = ProviderId::parse("twilio-video").unwrap();
    let agreement = ProviderAgreement { provider: provider.clone(), from: day, until: None };
    let client_id = ClientId::from_uuid(id(number, 1));
    let clinician = Invitee {
        id: ParticipantId::from_uuid(id(number, 2)),
        role: ParticipantRole::Clinician,
        person: Person::Clinician(ClinicianId::from_uuid(id(number, 3))),
    };
    let client = Invitee {
        id: ParticipantId::from_uuid(id(number, 4)),
        role: ParticipantRole::Client,
        person: Person::Client(client_id),
    };
    let booking = Booking {
        id: VisitId::from_uuid(id(number, 5)),
        appointment: AppointmentId::from_uuid(id(number, 6)),
        starts_at: start(),
        ends_at: start() + TimeDelta::minutes(50),
        modality: Modality::Video,
        provider,
        region: None,
        invitees: vec![clinician, client],
    };
    let booked = start() - TimeDelta::days(7);
    let (mut visit, _) = Visit::schedule(booking, VisitPolicy::default(), Some(&agreement), booked).unwrap();
    visit.arrive(clinician.id, start()).unwrap();
    visit.arrive(client.id, start()).unwrap();
    let location = LocationAttestation {
        address: Address::new("12 Larkspur Rd", "Albany", "NY", "12207").unwrap(),
        setting: Setting::Home,
        emergency_phone: Phone::parse("518-555-0142").unwrap(),
        at: start(),
    };
    visit.attest_location(client.id, client.id, location, start()).unwrap();
    let text = ConsentText::of(ConsentTextId::parse("telehealth-adult-en").unwrap(), 1, "I agree.");
    let name = format!("{} {}", PERSONAL[0], PERSONAL[1]).into();
    let signature = Signature { signer: Signer::Client, name, signing: Signing::Paper, at: booked };
    let consent_id = ConsentId::from_uuid(id(number, 7));
    let consent = TelehealthConsent::sign(consent_id, client_id, text, signature, Months::new(12)).unwrap();
    let state = UsState::parse("NY").unwrap();
    let licence = Licence { state, ground: LicenceGround::Licence, from: day, until: None };
    let facts = ClientFacts {
        consent: Some(&consent),
        age: Age::Adult,
        licences: std::slice::from_ref(&licence),
        emergency_contact: EmergencyContact::OnFile,
    };
    let policy = AdmissionPolicy::default();
    let facts = AdmissionFacts { client: Some(facts), agreement: Some(&agreement), provider_seats: Some(50) };
    let request = AdmissionRequest { policy: &policy, facts, overridden: None };
    visit.admit(clinician.id, client.id, &request, &secret(), start()).unwrap();
    visit
}

/// Repeats a call as the port advises, oftener and faster than a server would.
async fn persist<T>(call: impl AsyncFn() -> Result<T, ProviderError>) -> T {
    let pauses = RetryPolicy { first: Duration::from_millis(2), tries: 12, ..RetryPolicy::default() };
    let mut attempts = Attempts::new(pauses);
    loop {
        match call().await {
            Ok(value) => return value,
            Err(error) => match attempts.after(error.kind, u32::MAX / 2) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => panic!("the failure stands: {error}"),
            },
        }
    }
}

/// Makes the calls of a visit until there is none left, and lets in whoever got a credential.
async fn settle(fake: &Fake, visit: &mut Visit) -> usize {
    let (provider, mut joined) = (&fake.provider, 0);
    loop {
        let Some(intent) = visit.intents().into_iter().next() else { return joined };
        match intent {
            Intent::OpenRoom { key, spec, .. } => {
                let room = persist(async || provider.open_room(&spec, &key).await).await;
                visit.room_opened(room, start()).unwrap();
            }
            Intent::Grant { room, participant } => {
                let minted = persist(async || provider.join_grant(&room, &participant, start()).await).await;
                visit.granted(participant.grant, minted.expires_at, start()).unwrap();
                assert_eq!(fake.join(&room, &minted.credential).await, Some(true));
                joined += 1;
            }
            Intent::Revoke { room, grant } => {
                persist(async || provider.revoke(&room, &grant).await).await;
                visit.revoked(grant, start());
            }
            Intent::CloseRoom { room } => {
                persist(async || provider.close_room(&room).await).await;
                visit.room_closed(start()).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn fifty_visits_at_once_have_one_room_each_though_a_fifth_of_the_calls_fail() {
    let fake = Rc::new(Fake::connect().await);
    fake.control("fault", json!({ "rate": 0.2 })).await;
    let local = LocalSet::new();
    let mut running = Vec::new();
    for number in 1..=VISITS {
        let fake = Rc::clone(&fake);
        running.push(local.spawn_local(async move {
            let mut visit = admitted(number);
            assert_eq!(settle(&fake, &mut visit).await, 2);
            visit
        }));
    }
    local.await;
    let mut visits = Vec::new();
    for visit in running {
        visits.push(visit.await.unwrap());
    }

    let state = fake.state().await;
    assert_eq!((&state["living"], &state["created"]), (&json!(50), &json!(50)));
    assert_eq!(state["inside"].as_array().map(Vec::len), Some(100));
    let mut living: Vec<_> = state["names"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let keys = (1..=VISITS).map(|number| IdempotencyKey::derive(&secret(), VisitId::from_uuid(id(number, 5)), 1));
    let mut keys: Vec<_> = keys.map(String::from).collect();
    living.sort_unstable();
    keys.sort_unstable();
    assert_eq!(living, keys, "each visit has its room");

    for visit in &mut visits {
        let clinician = visit.participants().iter().find(|p| p.role == ParticipantRole::Clinician).unwrap().id;
        visit.end(clinician, start()).unwrap();
        settle(&fake, visit).await;
    }
    let state = fake.state().await;
    assert_eq!((&state["living"], &state["created"]), (&json!(0), &json!(50)));
    for kind in ["throttle", "unavailable", "drop", "lose"] {
        assert!(state["faults"][kind].as_u64() > Some(2), "too few calls went wrong: {}", state["faults"]);
    }

    let sent = state["requests"].to_string().to_ascii_lowercase();
    assert!(sent.contains(&keys[0]), "the log must hold what was sent");
    for text in PERSONAL {
        assert!(!sent.contains(&text.to_ascii_lowercase()), "{text} left the practice");
    }
}
