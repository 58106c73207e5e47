//! What the adapter is told: its secret, its clock, and the relays of the practice.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_telehealth_port::provider::GrantId;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde_json::{Value, json};
use sha1::Sha1;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What the adapter is told.
#[non_exhaustive]
pub struct LocalConfig {
    /// Signs the tokens; drawn afresh at every start, since no room outlives the process.
    pub secret: SecretBox<[u8; 32]>,
    /// Tells when tokens and rooms end.
    pub clock: Clock,
    /// Path of the WebSocket on the server's own origin.
    pub socket: String,
    /// Helpers for browsers that cannot reach each other; none by default.
    pub ice: Vec<IceServer>,
}

impl LocalConfig {
    /// Configures the socket `/local-video` and no helpers. `secret` comes from an approved random generator.
    #[must_use]
    pub fn new(secret: [u8; 32], clock: Clock) -> Self {
        Self { secret: SecretBox::new(Box::new(secret)), clock, socket: "/local-video".to_owned(), ice: Vec::new() }
    }
}

impl fmt::Debug for LocalConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalConfig").field("socket", &self.socket).field("ice", &self.ice).finish_non_exhaustive()
    }
}

/// A helper that lets browsers find or reach each other (RFC 8445), run by the practice.
#[derive(Debug, Clone)]
pub struct IceServer {
    urls: Vec<String>,
    secret: Option<SecretString>,
}

impl IceServer {
    /// Names a STUN server, such as `stun:video.example.org:3478`: it tells browsers their public address.
    #[must_use]
    pub fn stun(url: impl Into<String>) -> Self {
        Self { urls: vec![url.into()], secret: None }
    }

    /// Names a TURN relay by its addresses, such as `turns:video.example.org:5349?transport=tcp`. Every grant gets its
    /// own short-lived password made from `secret`, coturn's `static-auth-secret`.
    #[must_use]
    pub fn turn(urls: Vec<String>, secret: SecretString) -> Self {
        Self { urls, secret: Some(secret) }
    }

    /// Writes the helper as a browser's `RTCIceServer`. A relay's password works until `until`: its user name is
    /// `<seconds>:<grant>`, its password the base64 of HMAC-SHA-1 over that (draft-uberti-behave-turn-rest).
    pub(crate) fn document(&self, grant: GrantId, until: DateTime<Utc>) -> Value {
        let Some(secret) = &self.secret else { return json!({ "urls": self.urls }) };
        let name = format!("{}:{grant}", until.timestamp());
        json!({ "urls": self.urls, "username": name, "credential": password(secret, &name) })
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn password(secret: &SecretString, name: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes any key");
    mac.update(name.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn a_relay_password_is_what_coturn_computes() {
        // printf '1893456000:p_x_1' | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(password(&"north".into(), "1893456000:p_x_1"), "X/SDEQdTIj62Hc1rujIRjcRVGEc=");
    }
}
