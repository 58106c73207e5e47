//! Against a server of a few lines on loopback.

#![expect(clippy::unwrap_used, reason = "tests speak by panicking")]

use std::time::Duration;

use mentalspace_http::{Answer, Client, HttpError, Method, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Serves one connection with `answer` and returns what was asked.
async fn serve(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let read = stream.read(&mut asked).await.unwrap();
        stream.write_all(answer).await.unwrap();
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    (url, served)
}

async fn get(url: &str, limit: usize) -> Result<Answer, HttpError> {
    let client = Client::new(Duration::from_millis(500), limit).unwrap();
    client.send(Request::new(Method::GET, url).header("authorization", "secret")).await
}

#[tokio::test]
async fn a_status_is_an_answer_and_carries_its_advice() {
    let (url, asked) = serve(b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno").await;
    let answer = get(&url, 10).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (503, b"no".as_slice()));
    assert_eq!(answer.retry_after(), Some(Duration::from_secs(7)));
    assert!(asked.await.unwrap().contains("authorization: secret"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (url, _asked) = serve(b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(get(&url, 10).await.unwrap().status, 302);
}

#[tokio::test]
async fn a_long_answer_is_refused_before_it_is_kept() {
    let (url, _asked) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world").await;
    assert_eq!(get(&url, 10).await.unwrap_err(), HttpError::TooLong);
}

#[tokio::test]
async fn silence_refusal_and_rupture_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    assert_eq!(get(&url, 10).await.unwrap_err(), HttpError::Timeout);
    drop(listener);
    assert_eq!(get(&url, 10).await.unwrap_err(), HttpError::Unreachable);
    let (url, _asked) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
    assert_eq!(get(&url, 10).await.unwrap_err(), HttpError::Broken);
}

#[tokio::test]
async fn a_malformed_request_is_refused_and_nothing_of_it_is_shown() {
    assert_eq!(get("not an address", 10).await.unwrap_err(), HttpError::Request);
    let client = Client::new(Duration::from_millis(500), 10).unwrap();
    let bad = Request::new(Method::GET, "http://127.0.0.1:1/secret").header("x", "line\nbreak").body("secret");
    assert!(!format!("{bad:?}").contains("secret"));
    assert_eq!(client.send(bad).await.unwrap_err(), HttpError::Request);
}
