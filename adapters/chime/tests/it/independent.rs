//! The vendor's own Python client at the same fake: it is believed as well, and sees what we did.

use std::process::Command;

use serde_json::Value;

use crate::fake::{Fake, key, participant, variable};

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn the_vendors_client_sees_our_room() {
    let fake = Fake::connect().await;
    let room = fake.open(1).await;
    let mut expected = Vec::new();
    for number in 1..=12 {
        fake.attendee(&room, &participant(number)).await;
        expected.push(participant(number).grant.to_string());
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/boto3_client.py");
    let mut command = Command::new(variable("MENTALSPACE_CHIME_PYTHON"));
    command.args([script, &fake.access_key_id, &fake.secret_access_key, &room.room]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["external"], key(1).as_str());
    assert_eq!(seen["seats"], serde_json::to_value(expected).unwrap());
    assert!(seen["told"].as_u64() > Some(0));
}
