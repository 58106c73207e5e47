//! A software authenticator together with its browser: it follows the protocol unless it is told not to.
//!
//! Panics on options that no relying party of ours sends: it serves tests.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a failure here is the report of a broken test")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

/// An authenticator that holds one credential, and its habits. Clone it to have a copy that its owner knows nothing of.
#[derive(Clone, Debug)]
pub struct Device {
    key: SigningKey,
    id: [u8; 16],
    user: Vec<u8>,
    rp_id: String,
    /// The signature counter; each signature adds one unless it is none.
    pub counter: Option<u32>,
    /// Whether it asks for a PIN or a finger, and says so.
    pub verifies_user: bool,
    /// Whether its credential is copied to other devices.
    pub synced: bool,
}

impl Device {
    /// Makes a device whose key follows from the seed.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_slice(&Sha256::digest(seed)).expect("a hash is a key");
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest([seed, seed].concat())[..16]);
        let (user, rp_id) = (Vec::new(), String::new());
        Self { key, id, user, rp_id, counter: Some(0), verifies_user: true, synced: false }
    }

    /// Answers `navigator.credentials.create` on a page of `origin`.
    #[must_use]
    pub fn create(&mut self, origin: &str, options: &Value) -> String {
        let options = &options["publicKey"];
        self.rp_id = text(&options["rp"]["id"]).to_owned();
        self.user = bytes(&options["user"]["id"]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (&point.as_bytes()[1..33], &point.as_bytes()[33..]);
        // COSE_Key: EC2, ES256, P-256 (RFC 9053 §7.1.1).
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat();
        let id_length = u16::try_from(self.id.len()).expect("sixteen").to_be_bytes();
        let attested = [&[0; 16][..], &id_length, &self.id, &key].concat();
        let data = self.authenticator_data(ATTESTED, &attested);
        let length = u16::try_from(data.len()).expect("short").to_be_bytes();
        let object = [
            &[0xa3, 0x63][..],
            b"fmt",
            &[0x64],
            b"none",
            &[0x67],
            b"attStmt",
            &[0xa0, 0x68],
            b"authData",
            &[0x59],
            &length,
            &data,
        ]
        .concat();
        let client = client_data("webauthn.create", text(&options["challenge"]), origin);
        let response = json!({ "attestationObject": encode(&object), "clientDataJSON": encode(&client) });
        self.credential(&response)
    }

    /// Answers `navigator.credentials.get` on a page of `origin`.
    #[must_use]
    pub fn get(&mut self, origin: &str, options: &Value) -> String {
        self.answer(origin, text(&options["publicKey"]["challenge"]))
    }

    /// Signs whatever challenge it is given.
    #[must_use]
    pub fn answer(&mut self, origin: &str, challenge: &str) -> String {
        let data = self.authenticator_data(0, &[]);
        let client = client_data("webauthn.get", challenge, origin);
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client)].concat());
        let response = json!({
            "authenticatorData": encode(&data),
            "clientDataJSON": encode(&client),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": encode(&self.user),
        });
        self.credential(&response)
    }

    /// Makes it answer for another site than the one it was registered with.
    #[must_use]
    pub fn of_site(self, rp_id: &str) -> Self {
        Self { rp_id: rp_id.to_owned(), ..self }
    }

    fn authenticator_data(&mut self, extra: u8, attested: &[u8]) -> Vec<u8> {
        if let Some(counter) = &mut self.counter {
            *counter += 1;
        }
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let backup = if self.synced { BACKUP_ELIGIBLE | BACKED_UP } else { 0 };
        let flags = USER_PRESENT | verified | backup | extra;
        let counter = self.counter.unwrap_or(0).to_be_bytes();
        [&Sha256::digest(self.rp_id.as_bytes())[..], &[flags], &counter, attested].concat()
    }

    fn credential(&self, response: &Value) -> String {
        let id = encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> Vec<u8> {
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string().into_bytes()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(value)).expect("base64url")
}
