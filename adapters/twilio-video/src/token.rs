//! Access tokens: JSON Web Tokens with HMAC-SHA-256 (RFC 7519, RFC 7515), in Twilio's profile.
//!
//! Invariant: a token is for one room and has an end; one without a room would open every room of the account.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::Sha256;

/// What a token says.
pub(crate) struct AccessToken<'a> {
    /// API key SID.
    pub(crate) key: &'a str,
    /// Account SID.
    pub(crate) account: &'a str,
    pub(crate) identity: &'a str,
    /// Room SID.
    pub(crate) room: &'a str,
    /// Seconds since 1970.
    pub(crate) issued: i64,
    pub(crate) expires: i64,
}

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
    cty: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    grants: Grants<'a>,
    iat: i64,
    exp: i64,
    iss: &'a str,
    sub: &'a str,
}

#[derive(Serialize)]
struct Grants<'a> {
    identity: &'a str,
    video: VideoGrant<'a>,
}

#[derive(Serialize)]
struct VideoGrant<'a> {
    room: &'a str,
}

impl AccessToken<'_> {
    #[expect(clippy::expect_used, reason = "texts and numbers are JSON, and HMAC takes keys of any length")]
    pub(crate) fn sign(&self, secret: &SecretString) -> SecretString {
        let part = |json: Result<Vec<u8>, _>| URL_SAFE_NO_PAD.encode(json.expect("texts and numbers"));
        let header = Header { alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" };
        let claims = Claims {
            jti: format!("{}-{}", self.key, self.issued),
            grants: Grants { identity: self.identity, video: VideoGrant { room: self.room } },
            iat: self.issued,
            exp: self.expires,
            iss: self.key,
            sub: self.account,
        };
        let signed = format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(&claims)));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any length is a key");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).into()
    }
}
