//! A connection to Janus that can be told to fail.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::setting;

/// What goes wrong with the next request to create a room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is answered with 503 and never gets there.
    Busy,
    /// It gets there, but its answer is lost.
    LostAnswer,
}

pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    created: Vec<String>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url: format!("http://{address}/janus"), state }
    }

    pub(crate) fn fail_next(&self, fault: Fault) {
        self.state.lock().expect("no poison").fault = Some(fault);
    }

    /// Returns the rooms whose creation was asked for through this proxy.
    pub(crate) fn rooms(&self) -> Vec<String> {
        self.state.lock().expect("no poison").created.clone()
    }
}

/// Serves one request of a connection and closes it.
async fn serve(mut client: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let request = read(&mut client).await?;
    let body = request.split("\r\n\r\n").nth(1).unwrap_or_default();
    let fault = if body.contains(r#""request":"create""#) {
        let message: serde_json::Value = serde_json::from_str(body).expect("the provider sends JSON");
        let mut state = state.lock().expect("no poison");
        state.created.push(message["body"]["room"].as_str().expect("rooms are named").to_owned());
        state.fault.take()
    } else {
        None
    };
    if fault == Some(Fault::Busy) {
        client
            .write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await
            .ok()?;
        return Some(());
    }
    let address = setting("URL");
    let address = address.strip_prefix("http://")?.strip_suffix("/janus")?;
    let mut janus = TcpStream::connect(address).await.expect("Janus listens");
    janus.write_all(request.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    janus.read_to_end(&mut answer).await.ok()?;
    if fault != Some(Fault::LostAnswer) {
        client.write_all(&answer).await.ok()?;
    }
    Some(())
}

async fn read(client: &mut TcpStream) -> Option<String> {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = client.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..read]).expect("requests are ASCII"));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().expect("a length"))
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text);
        }
    }
}
