//! Telehealth consent, versioned and revocable, and the client's word on where they are.
//!
//! A consent is one signature under one exact text. It lapses after twelve months unless the text says otherwise.

use std::fmt;

use chrono::{DateTime, Months, Utc};
use mentalspace_core::store::{Document, Term};
use mentalspace_core::{Address, ClientId, Invalid, Phi, Phone, PlaceOfService, UsState, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ConsentId;
use crate::id::opaque_text;

/// How long a consent holds unless its text says otherwise.
pub const DEFAULT_VALIDITY: Months = Months::new(12);

opaque_text! {
    /// The practice's name of a consent text, such as `telehealth-adult-en`.
    ConsentTextId, "consent text id", 1..=64
}

/// Which text was signed: name, version and SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentText {
    /// The practice's name of it.
    pub id: ConsentTextId,
    /// Counts up with each change of wording.
    pub version: u32,
    /// SHA-256 of the text in UTF-8, in lower-case hex.
    pub sha256: Sha256Hex,
}

impl ConsentText {
    /// Identifies `text`.
    #[must_use]
    pub fn of(id: ConsentTextId, version: u32, text: &str) -> Self {
        Self { id, version, sha256: Sha256Hex::of(text.as_bytes()) }
    }
}

/// A SHA-256 in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        Self(Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    /// Returns the 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sha256Hex {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        let hex = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex { Ok(Self(text)) } else { Err(Invalid::new("sha-256", "must be 64 lower-case hex digits")) }
    }
}

impl From<Sha256Hex> for String {
    fn from(hash: Sha256Hex) -> Self {
        hash.0
    }
}

/// Who signed for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signer {
    /// The client.
    Client,
    /// A parent or guardian.
    Guardian,
    /// Another personal representative (45 CFR 164.502(g)).
    Representative,
}

/// How the consent was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
#[non_exhaustive]
pub enum Signing {
    /// In the portal.
    Electronic {
        /// Network address.
        address: Phi<String>,
        /// User agent.
        user_agent: Option<Phi<String>>,
    },
    /// On paper.
    Paper,
    /// Spoken, and written down by a member of staff.
    Verbal {
        /// Who heard it.
        witness: UserId,
    },
}

/// A signed telehealth consent of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelehealthConsent {
    id: ConsentId,
    client: ClientId,
    text: ConsentText,
    signer: Signer,
    name: Phi<String>,
    signing: Signing,
    signed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

/// A signature about to be recorded.
#[derive(Debug, Clone)]
pub struct Signature {
    /// For whom the signer stands.
    pub signer: Signer,
    /// The name as written.
    pub name: Phi<String>,
    /// How.
    pub signing: Signing,
    /// When.
    pub at: DateTime<Utc>,
}

/// Whether a consent holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsentStatus {
    /// It holds.
    Valid,
    /// It was signed later.
    NotYet,
    /// It lapsed.
    Expired,
    /// It was taken back.
    Revoked,
}

impl TelehealthConsent {
    /// Records a signature under `text`; it holds for `validity`, the last instant excluded.
    ///
    /// # Errors
    /// [`Invalid`] if the name is blank or over 200 characters, or nothing would ever be valid.
    pub fn sign(
        id: ConsentId,
        client: ClientId,
        text: ConsentText,
        signature: Signature,
        validity: Months,
    ) -> Result<Self, Invalid> {
        let Signature { signer, name, signing, at } = signature;
        if name.expose().trim().is_empty() || name.expose().chars().count() > 200 {
            return Err(Invalid::new("consent", "signer's name must have 1 to 200 characters"));
        }
        let expires_at = at.checked_add_months(validity).filter(|end| *end > at);
        let expires_at = expires_at.ok_or(Invalid::new("consent", "validity must be a positive number of months"))?;
        Ok(Self { id, client, text, signer, name, signing, signed_at: at, expires_at, revoked_at: None })
    }

    /// Takes the consent back; a second time changes nothing.
    #[must_use]
    pub fn revoke(self, at: DateTime<Utc>) -> Self {
        Self { revoked_at: Some(self.revoked_at.map_or(at, |earlier| earlier.min(at))), ..self }
    }

    /// Tells whether the consent holds at an instant.
    #[must_use]
    pub fn status(&self, at: DateTime<Utc>) -> ConsentStatus {
        if self.revoked_at.is_some_and(|revoked| revoked <= at) {
            ConsentStatus::Revoked
        } else if at < self.signed_at {
            ConsentStatus::NotYet
        } else if at >= self.expires_at {
            ConsentStatus::Expired
        } else {
            ConsentStatus::Valid
        }
    }

    /// Returns the id.
    #[must_use]
    pub const fn consent_id(&self) -> ConsentId {
        self.id
    }

    /// Returns whose care it is about.
    #[must_use]
    pub const fn client_id(&self) -> ClientId {
        self.client
    }

    /// Returns which text was signed.
    #[must_use]
    pub const fn text(&self) -> &ConsentText {
        &self.text
    }

    /// Returns for whom the signer stands.
    #[must_use]
    pub const fn signer(&self) -> Signer {
        self.signer
    }

    /// Returns the name as written.
    #[must_use]
    pub const fn name(&self) -> &Phi<String> {
        &self.name
    }

    /// Returns how it was given.
    #[must_use]
    pub const fn signing(&self) -> &Signing {
        &self.signing
    }

    /// Returns when it was given.
    #[must_use]
    pub const fn signed_at(&self) -> DateTime<Utc> {
        self.signed_at
    }

    /// Returns the first instant at which it no longer holds.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

impl Document for TelehealthConsent {
    const KIND: &'static str = "telehealth_consent";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn sort(&self) -> String {
        self.signed_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("client", &self.client), Term::plain("text", &self.text.id)]
    }
}

/// Where a client is, by what it means for place of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Setting {
    /// At home: POS 10.
    Home,
    /// Anywhere else: POS 02.
    Elsewhere,
}

impl Setting {
    /// Returns the place of service of a telehealth visit from here.
    #[must_use]
    pub fn place_of_service(self) -> PlaceOfService {
        match self {
            Self::Home => PlaceOfService::telehealth_home(),
            Self::Elsewhere => PlaceOfService::telehealth_elsewhere(),
        }
    }
}

/// Where a client says to be during one visit, and whom to call there in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationAttestation {
    /// Where help would have to go; its state decides which licence is needed.
    pub address: Address,
    /// At home or not.
    pub setting: Setting,
    /// The emergency service of that place; 911 from the clinician's desk would reach the clinician's town.
    pub emergency_phone: Phone,
    /// When it was said.
    pub at: DateTime<Utc>,
}

impl LocationAttestation {
    /// Returns the state the client is in.
    #[must_use]
    pub const fn state(&self) -> &UsState {
        &self.address.state
    }
}
