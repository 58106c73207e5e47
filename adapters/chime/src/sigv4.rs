//! AWS Signature Version 4 in the `Authorization` header.
//!
//! Invariant: every header handed over is signed, and the hash covers the very bytes that are sent.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Who signs.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretString,
    pub(crate) session_token: Option<SecretString>,
}

/// What is signed. `path` is encoded as it is sent; `headers` are all that count, with names in lower case.
pub(crate) struct Signable<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'a [u8],
}

impl Signer {
    /// Returns the headers to send, the signature among them, without `host`.
    pub(crate) fn sign(
        &self,
        request: Signable<'_>,
        region: &str,
        service: &str,
        at: DateTime<Utc>,
    ) -> Vec<(&'static str, String)> {
        let time = at.format("%Y%m%dT%H%M%SZ").to_string();
        let date = &time[..8];
        let mut headers = request.headers;
        headers.push(("host", request.host.to_owned()));
        headers.push(("x-amz-date", time.clone()));
        if let Some(token) = &self.session_token {
            headers.push(("x-amz-security-token", token.expose_secret().to_owned()));
        }
        headers.sort_by_key(|(name, _)| *name);
        let signed = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let path = request.path.split('/').map(encode).collect::<Vec<_>>().join("/");
        let body = hex::encode(Sha256::digest(request.body));
        let canonical = format!("{}\n{path}\n{}\n{lines}\n{signed}\n{body}", request.method, query_text(request.query));
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let hash = hex::encode(Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
        let secret = format!("AWS4{}", self.secret_access_key.expose_secret());
        let key = [date, region, service, "aws4_request", &text]
            .iter()
            .fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={}",
            self.access_key_id,
            hex::encode(key),
        );
        headers.retain(|(name, _)| *name != "host");
        headers.push(("authorization", authorization));
        headers
    }
}

/// Writes the query, encoded and sorted, as it is both sent and signed.
pub(crate) fn query_text(query: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Encodes all but the unreserved characters (RFC 3986 §2.3).
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(signer: &Signer, request: Signable<'_>, service: &str, at: &str) -> String {
        let headers = signer.sign(request, "us-east-1", service, at.parse().unwrap());
        headers.into_iter().find(|(name, _)| *name == "authorization").unwrap().1
    }

    /// The published example of the signature's test suite, `get-vanilla`.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let request = |query| Signable {
            method: "GET",
            host: "example.amazonaws.com",
            path: "/",
            query,
            headers: Vec::new(),
            body: b"",
        };
        assert_eq!(
            signature(&signer, request(&[]), "service", "2015-08-30T12:36:00Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        );
        let ordered = signature(
            &signer,
            request(&[("Param2", "value2"), ("Param1", "value1")]),
            "service",
            "2015-08-30T12:36:00Z",
        );
        assert!(ordered.ends_with("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
    }
}
