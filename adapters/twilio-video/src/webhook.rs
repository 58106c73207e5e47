//! Status callbacks: verified by `X-Twilio-Signature`, told in our words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_telehealth_port::provider::{GrantId, ProviderEvent, ProviderEventKind, WebhookError, WebhookRequest};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::config::is_sid;
use crate::form;

/// How far the time of a notification may be off.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Longest body that is looked at; Twilio's are below 4 KiB.
const LONGEST: usize = 64 << 10;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Verifies and reads a notification.
pub(crate) fn parse(
    auth_token: &SecretString,
    request: &WebhookRequest<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<ProviderEvent>, WebhookError> {
    if request.body.len() > LONGEST {
        return Err(WebhookError::Malformed);
    }
    let parameters = verify(auth_token, request)?;
    let text = |name: &str| {
        let mut values = parameters.iter().filter(|(known, _)| known == name.as_bytes()).map(|(_, value)| value);
        let only = values.next().filter(|_| values.next().is_none())?;
        str::from_utf8(only).ok()
    };
    let at = text("Timestamp").and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map(|at| at.with_timezone(&Utc));
    let at = at.ok_or(WebhookError::Malformed)?;
    if (now - at).abs() > TOLERANCE {
        return Err(WebhookError::Stale);
    }
    let room = text("RoomSid").filter(|sid| is_sid("RM", sid)).ok_or(WebhookError::Malformed)?;
    let event = text("StatusCallbackEvent").ok_or(WebhookError::Malformed)?;
    let grant = || text("ParticipantIdentity").and_then(|identity| identity.parse::<GrantId>().ok());
    let kind = match event {
        "room-ended" => Some(ProviderEventKind::RoomEnded),
        "participant-connected" => grant().map(ProviderEventKind::Joined),
        // Twilio does not tell a lost connection from leaving; whoever was lost may come back.
        "participant-disconnected" => grant().map(ProviderEventKind::Dropped),
        event if event.starts_with("recording-") || event.starts_with("composition-") => {
            Some(ProviderEventKind::RecordingChanged)
        }
        _ => None,
    };
    // Numbers run through the events of a room; what has none is told apart by what it is about.
    let number = text("SequenceNumber").or_else(|| text("CompositionSid")).unwrap_or_default();
    let id = format!("{room}/{event}/{number}/{}", at.timestamp_millis());
    Ok(kind.map(|kind| ProviderEvent { id, at, room: room.to_owned(), kind }).into_iter().collect())
}

/// Checks the signature over the bytes, and only then returns what they say.
fn verify(auth_token: &SecretString, request: &WebhookRequest<'_>) -> Result<Pairs, WebhookError> {
    let given = request.header("x-twilio-signature").ok_or(WebhookError::Signature)?;
    let given = STANDARD.decode(given).map_err(|_| WebhookError::Signature)?;
    let json = body_hash(request.url);
    let parameters = if json.is_some() { Vec::new() } else { form::read(request.body) };
    let signed = signed_parameters(&parameters);
    let genuine = addresses(request.url)
        .into_iter()
        .fold(false, |genuine, url| genuine | mac(auth_token, &[url.as_bytes(), &signed]).verify_slice(&given).is_ok());
    if !genuine {
        return Err(WebhookError::Signature);
    }
    let Some(hash) = json else { return Ok(parameters) };
    // Equal hashes of hashes: compared without telling where they differ.
    let own = hex::encode(Sha256::digest(request.body));
    if Sha256::digest(hash.to_ascii_lowercase()) != Sha256::digest(own) {
        return Err(WebhookError::Signature);
    }
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(object.into_iter().filter_map(|(name, value)| Some((name.into_bytes(), text(value)?.into_bytes()))).collect())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(auth_token: &SecretString, parts: &[&[u8]]) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.expose_secret().as_bytes()).expect("any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// Name and value of each parameter, sorted, each value of a name once.
fn signed_parameters(parameters: &Pairs) -> Vec<u8> {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.into_iter().flat_map(|(name, value)| name.iter().chain(value)).copied().collect()
}

/// The parameter of the address that stands for a body which is no form.
fn body_hash(url: &str) -> Option<&str> {
    let query = url.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="))
}

/// The address as it was told, without a port, and with the usual one.
fn addresses(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_start = authority.rfind('@').map_or(0, |at| at + 1);
    // A colon before the closing bracket belongs to an IPv6 address.
    let colon = authority[host_start..].rfind(']').map_or(host_start, |at| host_start + at);
    match authority[colon..].find(':') {
        Some(at) => all.push(format!("{scheme}://{}{path}", &authority[..colon + at])),
        None => {
            let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
            all.push(format!("{scheme}://{authority}:{port}{path}"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_unsigned_is_believed_whatever_it_looks_like(
            url in "(https?://)?[a-z@:\\[\\].]{0,12}(/[a-zé?&=]{0,8}(bodySHA256=[0-9a-f]{0,64})?)?",
            signature in "[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=|.{0,8}",
            body in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let headers = [("x-twilio-signature", signature.as_str())];
            let request = WebhookRequest { url: &url, headers: &headers, body: &body };
            let told = parse(&"12345".into(), &request, DateTime::UNIX_EPOCH);
            prop_assert_eq!(told, Err(WebhookError::Signature));
        }
    }

    /// The example of Twilio's own libraries.
    #[test]
    fn the_published_example_is_genuine() {
        let request = |url, body| WebhookRequest {
            url,
            headers: &[("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
            body,
        };
        let body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(verify(&"12345".into(), &request(url, body)).unwrap().len(), 5);
        for (url, body) in [("https://mycompany.com/myapp.php?foo=1&bar=3", body.as_slice()), (url, &body[1..])] {
            assert_eq!(verify(&"12345".into(), &request(url, body)), Err(WebhookError::Signature));
        }
        assert_eq!(verify(&"12346".into(), &request(url, body)), Err(WebhookError::Signature));
    }

    #[test]
    fn the_port_may_be_written_or_not() {
        for (url, other) in [
            ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
            ("http://a.example", "http://a.example:80"),
            ("https://a.example:8443/x:1", "https://a.example/x:1"),
            ("https://u:p@[::1]:443/x", "https://u:p@[::1]/x"),
            ("https://u:p@[::1]/x", "https://u:p@[::1]:443/x"),
        ] {
            assert_eq!(addresses(url), [url, other]);
        }
        assert_eq!(addresses("nonsense"), ["nonsense"]);
    }
}
