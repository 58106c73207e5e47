//! What opens which door: signed tokens of Janus, secrets of rooms, credentials of coturn.

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_telehealth_port::provider::GrantId;
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::Sha256;

pub(crate) const PLUGIN: &str = "janus.plugin.videoroom";

/// Makes tokens that Janus itself can verify (Janus, "Signed tokens"): `expiry,realm,descriptor…:signature`, good
/// until the end of the second `expiry`.
#[derive(Debug, Clone)]
pub(crate) struct Signer(SecretString);

impl Signer {
    pub(crate) const fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Lets somebody speak to the plugin.
    pub(crate) fn api(&self, expiry: i64) -> String {
        self.sign(&format!("{expiry},janus,{PLUGIN}"))
    }

    /// Lets somebody whose token is on the room's list enter it.
    pub(crate) fn enter(&self, room: &str, grant: &GrantId, expiry: i64) -> String {
        self.sign(&format!("{expiry},{PLUGIN},room={room},{grant}"))
    }

    /// Lets somebody inside the room receive.
    pub(crate) fn watch(&self, room: &str, expiry: i64) -> String {
        self.sign(&format!("{expiry},{PLUGIN},room={room}"))
    }

    fn sign(&self, text: &str) -> String {
        format!("{text}:{}", sha1(&self.0, text))
    }
}

/// Reads whose token on a room's list it is, and when it expires; `None` for what was not made by [`Signer::enter`].
pub(crate) fn holder(token: &str) -> Option<(GrantId, i64)> {
    let mut parts = token.split_once(':')?.0.split(',');
    let expiry = parts.next()?.parse().ok()?;
    let grant = parts.nth(2)?.parse().ok()?;
    Some((grant, expiry))
}

/// Makes a credential for coturn (`use-auth-secret`): the name says until when it is good.
pub(crate) fn turn(secret: &SecretString, grant: &GrantId, expiry: i64) -> (String, String) {
    let name = format!("{expiry}:{grant}");
    let password = sha1(secret, &name);
    (name, password)
}

/// Derives a secret of a room; `label` tells which.
pub(crate) fn derive(key: &SecretString, label: &str, room: &str) -> String {
    let mut mac = keyed::<Hmac<Sha256>>(key);
    mac.update(b"mentalspace janus v1 ");
    mac.update(label.as_bytes());
    mac.update(b" ");
    mac.update(room.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn sha1(key: &SecretString, text: &str) -> String {
    let mut mac = keyed::<Hmac<Sha1>>(key);
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
fn keyed<M: KeyInit>(key: &SecretString) -> M {
    M::new_from_slice(key.expose_secret().as_bytes()).expect("a key of any length")
}

#[cfg(test)]
mod tests {
    use mentalspace_telehealth_port::ParticipantId;
    use uuid::Uuid;

    use super::*;

    fn grant() -> GrantId {
        GrantId { participant: ParticipantId::from_uuid(Uuid::from_u128(7)), serial: 3 }
    }

    #[test]
    fn a_token_is_signed_as_janus_signs_it() {
        // openssl dgst -sha1 -hmac janus -binary | base64
        let signer = Signer::new("janus".to_owned().into());
        assert_eq!(signer.api(1_893_456_000), "1893456000,janus,janus.plugin.videoroom:x11sCneKH8AnVXBclo/DXTSVcHk=");
    }

    #[test]
    fn a_token_tells_whose_it_is() {
        let signer = Signer::new("janus".to_owned().into());
        assert_eq!(holder(&signer.enter("room", &grant(), 12)), Some((grant(), 12)));
        for other in [signer.watch("room", 12), signer.api(12), String::new(), "12,a,b,p_x_1".to_owned()] {
            assert_eq!(holder(&other), None);
        }
    }
}
