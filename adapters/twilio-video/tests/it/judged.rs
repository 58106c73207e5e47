//! The vendor's own library as a judge.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use mentalspace_telehealth_port::provider::{TelehealthProvider, WebhookError, WebhookRequest};
use mentalspace_telehealth_port::testing::conformance::Subject;
use mentalspace_twilio_video::{TwilioVideoConfig, TwilioVideoProvider};
use serde_json::{Value, json};

use crate::fake::{Fake, config, participant, variable};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn ask(questions: &[Value]) -> Vec<Value> {
    let mut judge = Command::new("node")
        .arg("judge.js")
        .current_dir(variable("MENTALSPACE_TWILIO_PEERS"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let mut input = judge.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = judge.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let answers: Vec<_> = output.stdout.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(answers.len(), questions.len(), "the judge answers each question");
    answers.into_iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// Numbers that look random and are the same each time (Knuth's generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }
}

const NAMES: &[&str] = &["RoomSid", "Timestamp", "a", "A", "aa", "%C3%9Cml", "x%5B%5D", "Room+Name", "0"];
const VALUES: &[&str] = &["", "1", "b", "a+b", "%2B1", "%26%3D", "%E2%82%AC", "RM%200", "p_1", "%25", "~*-._"];
const ADDRESSES: &[&str] = &[
    "https://practice.example/hook",
    "https://practice.example:443/hook?a=1&b=%20x",
    "http://practice.example/",
    "http://practice.example:80/hook?x",
    "https://practice.example:8443/hook",
    "https://[2001:db8::1]/hook",
    "https://practice.example/hook?it's=1",
];

fn provider(url: &str) -> TwilioVideoProvider {
    let config = TwilioVideoConfig::new(
        "AC0123456789abcdef0123456789abcdef",
        "SK0123456789abcdef0123456789abcdef",
        "secret".into(),
    );
    TwilioVideoProvider::new(config.webhooks(url, TOKEN.into())).unwrap()
}

/// Tells whether the signature is believed; what is said under it is another matter.
fn believed(provider: &TwilioVideoProvider, url: &str, body: &str, signature: &str) -> bool {
    let headers = [("x-twilio-signature", signature)];
    let request = WebhookRequest { url, headers: &headers, body: body.as_bytes() };
    provider.parse_webhook(&request, DateTime::<Utc>::UNIX_EPOCH) != Err(WebhookError::Signature)
}

#[test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
fn forms_are_believed_if_and_only_if_the_vendor_signed_them() {
    let mut numbers = Numbers(1);
    let cases: Vec<(&str, String)> = (0..300)
        .map(|_| {
            let pair = |numbers: &mut Numbers| format!("{}={}", numbers.pick(NAMES), numbers.pick(VALUES));
            let body: Vec<_> = (0..numbers.below(7)).map(|_| pair(&mut numbers)).collect();
            (numbers.pick(ADDRESSES), body.join("&"))
        })
        .collect();
    let sign = |(url, body): &(&str, String)| json!({ "ask": "signForm", "token": TOKEN, "url": url, "body": body });
    let signatures = ask(&cases.iter().map(sign).collect::<Vec<_>>());
    let provider = provider("https://practice.example/hook");
    let mut crossed = Vec::new();
    for (number, (url, body)) in cases.iter().enumerate() {
        let signature = signatures[number].as_str().unwrap();
        assert!(believed(&provider, url, body, signature), "{url} {body}");
        // The signature of another case, and whether the vendor takes it for this one.
        let other = signatures[(number * 7 + 1) % cases.len()].as_str().unwrap();
        let question = json!({ "ask": "validForm", "token": TOKEN, "url": url, "body": body, "signature": other });
        crossed.push((question, believed(&provider, url, body, other)));
    }
    let verdicts = ask(&crossed.iter().map(|(question, _)| question.clone()).collect::<Vec<_>>());
    for ((question, ours), vendors) in crossed.iter().zip(verdicts) {
        assert_eq!(json!(ours), vendors, "{question}");
    }
}

#[test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
fn documents_are_believed_if_and_only_if_the_vendor_signed_them() {
    let bodies = [r#"{"RoomSid":"RM1","Größe":2}"#, "{}", "{ }", ""];
    let hashes = ask(&bodies.map(|body| json!({ "ask": "hash", "body": body })));
    let provider = provider("https://practice.example/hook");
    let mut questions = Vec::new();
    for (signed, hash) in hashes.iter().enumerate() {
        for address in ["https://practice.example/hook?", "https://practice.example:443/hook?a=1&"] {
            let url = format!("{address}bodySHA256={}", hash.as_str().unwrap());
            questions.push((signed, url.clone(), json!({ "ask": "signJson", "token": TOKEN, "url": url })));
        }
    }
    let signatures = ask(&questions.iter().map(|(_, _, question)| question.clone()).collect::<Vec<_>>());
    let mut verdicts = Vec::new();
    for ((signed, url, _), signature) in questions.iter().zip(&signatures) {
        let signature = signature.as_str().unwrap();
        for (number, body) in bodies.iter().enumerate() {
            let ours = believed(&provider, url, body, signature);
            assert_eq!(ours, number == *signed, "{url} {body}");
            let mut question = json!({ "ask": "validJson", "token": TOKEN, "url": url, "body": body });
            question["signature"] = json!(signature);
            verdicts.push((question, ours));
        }
        assert!(!believed(&provider, &url.replace("hook", "hock"), bodies[*signed], signature));
    }
    let vendors = ask(&verdicts.iter().map(|(question, _)| question.clone()).collect::<Vec<_>>());
    for ((question, ours), vendors) in verdicts.iter().zip(vendors) {
        assert_eq!(json!(ours), vendors, "{question}");
    }
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn tokens_are_byte_for_byte_the_vendors() {
    let fake = Fake::connect().await;
    let room = fake.open(1).await;
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for number in 1..=20 {
        let mut who = participant(number);
        who.ttl = std::time::Duration::from_secs(10 + 14 * u64::try_from(number).unwrap());
        let minted = fake.provider.join_grant(&room, &who, fake.now()).await.unwrap();
        ours.push(json!(minted.credential.expose()));
        questions.push(json!({
            "ask": "token", "account": fake.account_sid, "key": fake.api_key_sid, "secret": fake.api_key_secret,
            "identity": who.grant.to_string(), "room": room.room, "issued": fake.now().timestamp(),
            "ttl": who.ttl.as_secs(),
        }));
    }
    assert_eq!(ask(&questions), ours);
}

#[tokio::test]
#[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
async fn the_vendors_client_sees_our_room() {
    let fake = Fake::connect().await;
    let room = fake.open(2).await;
    fake.enter(&room, &participant(1)).await;
    let mut command = Command::new("node");
    command.current_dir(variable("MENTALSPACE_TWILIO_PEERS"));
    command.args(["rest.js", &fake.account_sid, &fake.api_key_sid, &fake.api_key_secret, &room.room]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen, json!({ "name": room.key, "inside": [participant(1).grant] }));
    assert!(TwilioVideoProvider::new(config(&fake.account_sid, &fake.api_key_sid, "x")).is_ok());
}
