//! Costs of one event, of a checkpoint and of verifying an export.
#![expect(clippy::expect_used, reason = "a benchmark fails by panic")]

use chrono::DateTime;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use mentalspace_audit::{
    Action, Actor, Assurance, Checkpoint, CompactRange, EncodedEvent, Event, ExportWriter, Hash, LogHead, Network,
    Object, Purpose, Signer, verify,
};
use uuid::Uuid;

fn main() {
    divan::main();
}

fn uuid7(number: u64) -> Uuid {
    Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

fn event(number: u64) -> Event {
    let actor = Actor::user(uuid7(2))
        .with_role("clinician")
        .with_session(Hash::digest(b"session token"))
        .with_assurance(Assurance::Aal2, ["password", "totp"]);
    Event::new(
        uuid7(number),
        uuid7(1),
        DateTime::from_timestamp_nanos(1_767_225_600_123_456_789),
        actor,
        "note.sign",
        Action::Update,
        Object::new("note").with_id(uuid7(3)).with_version(4).with_sections(["plan"]),
    )
    .with_network(Network::new([192, 0, 2, 1].into()).with_user_agent("Mozilla/5.0 (X11; Linux)"))
    .with_clients([uuid7(5)])
    .with_purpose(Purpose::Treatment)
}

fn encoded(number: u64) -> EncodedEvent {
    event(number).encode().expect("a valid event")
}

fn signer() -> Signer {
    Signer::from_seed("audit.example/practice-1", &[7; 32]).expect("a valid name")
}

fn export(count: u64) -> Vec<u8> {
    let events: Vec<_> = (0..count).map(encoded).collect();
    let mut head = LogHead::new();
    let leaves = events.iter().map(EncodedEvent::leaf_hash);
    let checkpoint = head.integrate(leaves, &signer(), &[]).expect("a new log");
    let mut export =
        ExportWriter::new(Vec::new(), &checkpoint, signer().verifier(), count).expect("its own checkpoint");
    for (index, event) in events.iter().enumerate() {
        export.write(index as u64, event, &[]).expect("in order");
    }
    export.finish().expect("complete")
}

#[divan::bench]
fn encode_event(bencher: Bencher<'_, '_>) {
    let event = event(1);
    let bytes = encoded(1).as_bytes().len();
    bencher.counter(ItemsCount::new(1_u32)).counter(BytesCount::new(bytes)).bench(|| black_box(&event).encode());
}

#[divan::bench]
fn decode_event(bencher: Bencher<'_, '_>) {
    let event = encoded(1);
    bencher.counter(ItemsCount::new(1_u32)).bench(|| Event::decode(black_box(event.as_bytes())));
}

#[divan::bench]
fn hash_and_append(bencher: Bencher<'_, '_>) {
    let event = encoded(1);
    let mut range = CompactRange::new();
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| range.append(black_box(&event).leaf_hash()));
}

#[divan::bench]
fn sign_checkpoint(bencher: Bencher<'_, '_>) {
    let signer = signer();
    let checkpoint = Checkpoint::new("audit.example/practice-1", 1, Hash::digest(b"root"));
    bencher.bench(|| black_box(&checkpoint).sign(&signer));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn verify_export_of_10_000(bencher: Bencher<'_, '_>) {
    let export = export(10_000);
    let keys = [signer().verifier().clone()];
    bencher
        .counter(ItemsCount::new(10_000_u32))
        .counter(BytesCount::new(export.len()))
        .bench(|| verify(black_box(export.as_slice()), &keys));
}
