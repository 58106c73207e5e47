//! Where the event handler of Janus posts to, and what it posts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use mentalspace_janus::JanusProvider;
use mentalspace_telehealth_port::provider::{ProviderEvent, TelehealthProvider, WebhookError, WebhookRequest};
use mentalspace_telehealth_port::testing::conformance::Notification;
use serde_json::json;
use tokio::time::sleep;

use crate::server::setting;

static HEARD: Mutex<Vec<Notification>> = Mutex::new(Vec::new());

/// Begins to listen, once for all tests.
pub(crate) fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let listener = TcpListener::bind(setting("EVENTS")).expect("the port is free");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || hear(stream));
            }
        });
    });
}

fn hear(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let headers: Vec<_> = head[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let value = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v);
        if value("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").expect("Janus waits");
        }
        let length = value("content-length").and_then(|length| length.parse().ok()).expect("a length");
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the whole body");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("Janus waits");
        let url = format!("http://{}/janus", setting("EVENTS"));
        HEARD.lock().expect("no poison").push(Notification { url, headers, body });
    }
}

/// Waits for a post that speaks of all these.
pub(crate) async fn heard(texts: &[&str]) -> Notification {
    for _ in 0..100 {
        let posts = HEARD.lock().expect("no poison").clone();
        let says = |post: &Notification, text: &str| String::from_utf8_lossy(&post.body).contains(text);
        if let Some(post) = posts.into_iter().find(|post| texts.iter().all(|text| says(post, text))) {
            return post;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("no post in time");
}

/// Lets the provider read a post.
pub(crate) fn read(
    provider: &JanusProvider,
    post: &Notification,
    now: DateTime<Utc>,
) -> Result<Vec<ProviderEvent>, WebhookError> {
    let headers: Vec<_> = post.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    provider.parse_webhook(&WebhookRequest { url: &post.url, headers: &headers, body: &post.body }, now)
}

/// Makes the post of one event as Janus makes it; that it does is shown where real ones are compared.
pub(crate) fn posted(event: &str, room: &str, id: Option<&str>, at: DateTime<Utc>) -> Notification {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let mut data = json!({ "event": event, "room": room });
    if let Some(id) = id {
        data["id"] = id.into();
    }
    let post = json!([{ "emitter": "MyJanusInstance", "type": 64, "timestamp": at.timestamp_micros(),
        "event": { "plugin": "janus.plugin.videoroom", "data": data } }]);
    let login = BASE64_STANDARD.encode(format!("{}:{}", setting("EVENTS_USER"), setting("EVENTS_PASSWORD")));
    let headers = [("Authorization", format!("Basic {login}")), ("Content-Type", "application/json".to_owned())];
    Notification {
        url: format!("http://{}/janus", setting("EVENTS")),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: post.to_string().into_bytes(),
    }
}
