//! Builders of test data.

use chrono::{DateTime, Utc};
use mentalspace_audit::{
    Action, Actor, Assurance, BreakGlass, Disclosure, Event, Hash, LegalBasis, Network, Object, Outcome, Purpose,
    Signer,
};
use uuid::Uuid;

pub(crate) const ORIGIN: &str = "audit.example/practice-1";

pub(crate) fn uuid7(number: u64) -> Uuid {
    Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + seconds, 123_456_789).unwrap()
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[7; 32]).unwrap()
}

pub(crate) fn event(number: u64) -> Event {
    Event::new(
        uuid7(number),
        uuid7(1_000),
        at(number.cast_signed()),
        Actor::user(uuid7(2_000)),
        "note.read",
        Action::Read,
        Object::new("note").with_id(uuid7(3_000)),
    )
    .with_clients([uuid7(4_000)])
    .with_purpose(Purpose::Treatment)
}

/// An event in which every field is set.
pub(crate) fn full_event() -> Event {
    let actor = Actor::user(uuid7(2))
        .with_role("supervisor")
        .with_on_behalf_of(uuid7(3))
        .with_device(uuid7(8))
        .with_session(Hash::digest(b"session token"))
        .with_assurance(Assurance::Aal2, ["password", "totp"]);
    let object = Object::new("note").with_id(uuid7(4)).with_version(u64::MAX).with_sections(["assessment", "plan"]);
    let mut disclosure = Disclosure::new("County \"Court\"", "progress notes", "subpoena 12, caf\u{e9}");
    disclosure.address = Some("1 Main St \\ Springfield".to_owned());
    disclosure.part2 = true;
    let mut break_glass = BreakGlass::new("unconscious in the emergency room", at(86_400));
    break_glass.approver = Some(uuid7(5));
    Event::new(uuid7(1), uuid7(1_000), at(0), actor, "record.disclose", Action::Disclose, object)
        .with_occurred_at(at(-60))
        .with_network(Network::new("2001:db8::1".parse().unwrap()).with_user_agent("Browser/1.0"))
        .with_clients([uuid7(6), uuid7(7)])
        .with_purpose(Purpose::EmergencyTreatment)
        .with_disclosure(disclosure, LegalBasis::required_by_law("court-order"))
        .with_outcome(Outcome::minor("printer-offline"))
        .with_break_glass(break_glass)
        .with_trace_id("4bf92f3577b34da6a3ce929d0e0e4736")
}
