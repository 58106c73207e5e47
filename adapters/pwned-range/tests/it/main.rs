//! The client beside a server that answers as it is told: rightly, in other spellings, and in every wrong way.
#![expect(clippy::unwrap_used, reason = "a failure here is the report of a broken test")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mentalspace_auth_policy::password::{BreachRange, NormalizedPassword, RangeQuery, RangeUnavailable};
use mentalspace_pwned_range::{PwnedRange, PwnedRangeConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Its SHA-1 is 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8.
const PASSWORD: &str = "password";
const SUFFIX: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

/// What the server does with a connection.
#[derive(Clone)]
enum Behaviour {
    Answer(String),
    Slow,
    Hangs,
}

fn ok(body: &str) -> Behaviour {
    Behaviour::Answer(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

struct Fake {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

async fn fake(behaviour: Behaviour) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = socket.read(&mut request).await.unwrap();
            seen.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
            match behaviour.clone() {
                Behaviour::Answer(answer) => {
                    // The client may have seen enough before the end.
                    let _ = socket.write_all(answer.as_bytes()).await;
                }
                Behaviour::Slow => {
                    let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
                    while socket.write_all(b"A").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
                Behaviour::Hangs => {
                    std::future::pending::<()>().await;
                }
            }
        }
    });
    Fake { address, requests }
}

async fn count(behaviour: Behaviour) -> Result<u64, RangeUnavailable> {
    let server = fake(behaviour).await;
    let config = PwnedRangeConfig::new(&server.address).unwrap().patience(Duration::from_millis(400));
    let service = PwnedRange::new(config).unwrap();
    let query = query(PASSWORD);
    service.range(query.prefix()).await.map(|answer| query.count(&answer))
}

fn query(password: &str) -> RangeQuery {
    RangeQuery::of(&NormalizedPassword::attempt(&password.into()).unwrap())
}

#[tokio::test]
async fn a_breached_password_is_found_however_the_answer_is_spelled() {
    assert_eq!(count(ok(&format!("{OTHER}:1\r\n{SUFFIX}:9545824\r\n"))).await, Ok(9_545_824));
    assert_eq!(count(ok(&format!("{OTHER}:1\n{SUFFIX}:3"))).await, Ok(3), "LF, no end of the last line");
    assert_eq!(count(ok(&format!("{SUFFIX}\r\n{OTHER}\r\n"))).await, Ok(1), "no count");
    assert_eq!(count(ok(&format!("{}:7\r\n", SUFFIX.to_lowercase()))).await, Ok(7), "lower case");
    assert_eq!(count(ok(&format!("{OTHER}:12\r\n"))).await, Ok(0));
    assert_eq!(count(ok(&format!("{OTHER}:12\r\n{SUFFIX}:0\r\n"))).await, Ok(0), "padding counts nothing");
}

#[tokio::test]
async fn what_cannot_be_read_whole_is_no_answer() {
    let refused = |text: &str| Behaviour::Answer(text.to_owned());
    for behaviour in [
        refused("HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n"),
        refused("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n"),
        refused("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
        refused("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"),
        refused("not HTTP at all"),
        ok(""),
        ok("<html>Please sign in to the network</html>"),
        ok(&format!("{OTHER}:1\r\n{}", &SUFFIX[..20])),
        ok(&format!("{OTHER}:1\r\n\r\n{SUFFIX}:1\r\n")),
        ok(&format!("{OTHER}:99999999999999999999999\r\n")),
        ok(&format!("{OTHER}:1\r\n").repeat(7000)),
        Behaviour::Slow,
        Behaviour::Hangs,
    ] {
        assert_eq!(count(behaviour).await, Err(RangeUnavailable));
    }
}

#[tokio::test]
async fn five_digits_are_told_padding_is_asked_for_and_the_answer_is_kept() {
    let server = fake(ok(&format!("{SUFFIX}:5\r\n"))).await;
    let service = PwnedRange::new(PwnedRangeConfig::new(&format!("{}/", server.address)).unwrap()).unwrap();
    for _ in 0..3 {
        let query = query(PASSWORD);
        assert_eq!(query.count(&service.range(query.prefix()).await.unwrap()), 5);
    }
    let requests = server.requests.lock().unwrap();
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    let request = request.to_lowercase();
    assert!(request.starts_with("get /range/5baa6 http/1.1\r\n"), "{request}");
    assert!(request.contains("add-padding: true"), "{request}");
    assert!(!request.contains(&SUFFIX[..6].to_lowercase()) && !request.contains(PASSWORD));
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let service = PwnedRange::new(PwnedRangeConfig::new("http://127.0.0.1:1").unwrap()).unwrap();
    assert_eq!(service.range(query(PASSWORD).prefix()).await, Err(RangeUnavailable));
}

#[test]
fn only_encrypted_services_are_asked_unless_it_is_this_machine() {
    for good in
        ["https://api.pwnedpasswords.com", "http://127.0.0.1:8081/mirror", "http://localhost", "http://[::1]:80"]
    {
        assert!(PwnedRangeConfig::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "api.example",
        "http://api.example",
        "http://localhost.evil.example",
        "https://",
        "https://a b",
        "https://u@h",
    ] {
        assert!(PwnedRangeConfig::new(bad).is_err(), "{bad}");
    }
}
