//! Posts of Janus' event handler (`sampleevh`): events of the videoroom plugin as the port's events.
//!
//! The handler signs in with a password and signs nothing, so that what it says is worth what the connection is worth:
//! the same machine, a private network or TLS.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, ProviderEvent, ProviderEventKind, WebhookError, WebhookRequest,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::config::Login;
use crate::token::{PLUGIN, holder};

/// Events of plugins (Janus, "Event handlers").
const OF_A_PLUGIN: u64 = 64;
/// How old an event may be, or how far ahead.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

pub(crate) fn parse(
    login: &Login,
    request: &WebhookRequest<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<ProviderEvent>, WebhookError> {
    let basic = format!("{}:{}", login.user, login.password.expose_secret());
    let expected = format!("Basic {}", BASE64_STANDARD.encode(basic));
    let given = request.header("authorization").unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        return Err(WebhookError::Signature);
    }
    let posts = match serde_json::from_slice(request.body) {
        Ok(Value::Array(posts)) => posts,
        Ok(post @ Value::Object(_)) => vec![post],
        _ => return Err(WebhookError::Malformed),
    };
    let mut stale = false;
    let events: Vec<_> = posts
        .iter()
        .filter_map(read)
        .filter(|event| {
            let fresh = (now - event.at).abs() <= WINDOW;
            stale |= !fresh;
            fresh
        })
        .collect();
    // What waited beside something fresh is only late; nothing but old events is a replay.
    if events.is_empty() && stale { Err(WebhookError::Stale) } else { Ok(events) }
}

/// Reads an event of a room of ours; `None` for all the others.
fn read(post: &Value) -> Option<ProviderEvent> {
    if post.get("type")?.as_u64()? != OF_A_PLUGIN {
        return None;
    }
    let event = post.get("event")?;
    if event.get("plugin")?.as_str()? != PLUGIN {
        return None;
    }
    let data = event.get("data")?;
    let what = data.get("event")?.as_str()?;
    let room = IdempotencyKey::parse(data.get("room")?.as_str()?).ok()?;
    let who = || data.get("id")?.as_str()?.parse::<GrantId>().ok();
    let kind = match what {
        "destroyed" => ProviderEventKind::RoomEnded,
        // Whoever comes under another's name is nobody.
        "joined" => {
            let (bearer, _) = holder(data.get("token")?.as_str()?)?;
            ProviderEventKind::Joined(who().filter(|grant| *grant == bearer)?)
        }
        "leaving" => ProviderEventKind::Left(who()?),
        // A connection that breaks ends its stream before it leaves; who leaves on purpose only leaves.
        "unpublished" | "kicked" => ProviderEventKind::Dropped(who()?),
        _ => return None,
    };
    let micros = post.get("timestamp")?.as_i64()?;
    let person = who().map(|grant| format!("-{grant}")).unwrap_or_default();
    Some(ProviderEvent {
        id: format!("{micros}-{what}-{room}{person}"),
        at: DateTime::from_timestamp_micros(micros)?,
        room: room.as_str().to_owned(),
        kind,
    })
}
