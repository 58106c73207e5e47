//! The socket of peer-to-peer video: passes text between a browser and its seat in the hub.
//!
//! The first message shows a token; nothing else lets in, and nothing of what is said is logged. Mount [`routes`] only
//! where [`LocalProvider`](mentalspace_local::LocalProvider) is in use.

use std::time::Duration;

use axum::{
    Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::any,
};
use mentalspace_local::{Heard, Hub, JoinError, MAX_MESSAGE, Seat};
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::problem::Problem;

/// The path of the socket.
pub const PATH: &str = "/local-video";
/// How long a browser may take to show its token, or to take a message.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a silent browser is asked whether it is still there.
const PING: Duration = Duration::from_secs(15);
/// After how long without any sign a connection counts as broken.
const SILENCE: Duration = Duration::from_secs(40);
/// Bytes that may wait in a connection's own buffers.
const BUFFER: usize = 8 << 10;

/// The route of the socket.
pub fn routes<S: Clone + Send + Sync + 'static>(hub: Hub) -> Router<S> {
    Router::new().route(
        PATH,
        any(move |headers: HeaderMap, socket: WebSocketUpgrade| async move { open(hub, &headers, socket) }),
    )
}

fn open(hub: Hub, headers: &HeaderMap, socket: WebSocketUpgrade) -> Response {
    if !is_own_page(headers) {
        return Problem::forbidden("The socket is for the pages of this server.").into_response();
    }
    socket
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MAX_MESSAGE)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| serve(hub, socket))
}

/// Whether the browser says that a page of this host opened the socket (RFC 6455 §10.2). Programs that are no browsers
/// may say what they like; they need a token all the same.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, host)| text(header::HOST).is_some_and(|own| own.eq_ignore_ascii_case(host)))
}

async fn serve(hub: Hub, mut socket: WebSocket) {
    let Ok(Some(Ok(Message::Text(first)))) = timeout(PATIENCE, socket.recv()).await else { return };
    let reason = match enter(&hub, &first) {
        Ok(mut seat) => talk(&mut seat, &mut socket).await,
        Err(JoinError::Full) => Some("full"),
        Err(_) => Some("token"),
    };
    if let Some(reason) = reason
        && tell(&mut socket, Message::text(json!({ "type": "bye", "reason": reason }).to_string())).await
    {
        tell(&mut socket, Message::Close(None)).await;
    }
}

#[derive(Deserialize)]
struct Hello {
    token: String,
}

fn enter(hub: &Hub, first: &str) -> Result<Seat, JoinError> {
    let hello: Hello = serde_json::from_str(first).map_err(|_| JoinError::Token)?;
    hub.join(&hello.token)
}

/// Carries messages until either side ends it; returns why the server did.
async fn talk(seat: &mut Seat, socket: &mut WebSocket) -> Option<&'static str> {
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    loop {
        let sent = tokio::select! {
            heard = seat.next() => match heard {
                Heard::Text(text) => tell(socket, Message::text(text)).await,
                Heard::Bye(bye) => return Some(bye.reason()),
            },
            received = socket.recv() => {
                heard_at = Instant::now();
                match received {
                    Some(Ok(Message::Text(text))) => match seat.say(&text) {
                        Ok(stays) => stays,
                        Err(bye) => return Some(bye.reason()),
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                    Some(Ok(Message::Binary(_))) => return Some("unreadable"),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                }
            },
            _ = ping.tick() => heard_at.elapsed() < SILENCE && tell(socket, Message::Ping(Vec::new().into())).await,
        };
        if !sent {
            return None;
        }
    }
}

async fn tell(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(())))
}
