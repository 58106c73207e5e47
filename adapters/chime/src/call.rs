//! One signed exchange with an AWS service, and what its answers mean.

use chrono::{DateTime, Utc};
use mentalspace_http::{Answer, Client, HttpError, Method, Request};
use mentalspace_telehealth_port::provider::{ProviderError, ProviderErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::{ChimeConfigError, rule};
use crate::sigv4::{Signable, Signer, query_text};

/// Where a service is, and the scope its signatures are for.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    base: String,
    host: String,
    region: String,
    name: &'static str,
}

impl Service {
    /// Reads `http(s)://host[:port]`, with or without a slash behind it.
    pub(crate) fn new(
        setting: &'static str,
        endpoint: &str,
        region: &str,
        name: &'static str,
    ) -> Result<Self, ChimeConfigError> {
        let endpoint = endpoint.strip_suffix('/').unwrap_or(endpoint).to_ascii_lowercase();
        let plain = endpoint.strip_prefix("http://").map(|host| (host, ":80"));
        let (host, port) = endpoint.strip_prefix("https://").map(|host| (host, ":443")).or(plain).unwrap_or_default();
        let written = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        rule(setting, !host.is_empty() && host.bytes().all(written), "is not the address of a service")?;
        let local = ["127.0.0.1", "[::1]", "localhost"];
        let local = local.iter().any(|name| host == *name || host.starts_with(&format!("{name}:")));
        rule(setting, plain.is_none() || local, "is not encrypted")?;
        let host = host.strip_suffix(port).unwrap_or(host).to_owned();
        Ok(Self { base: endpoint, host, region: region.to_owned(), name })
    }
}

/// What is asked. `path` holds nothing that would need encoding.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Name of the operation where the address does not tell it (AWS JSON 1.0).
    pub(crate) target: Option<&'static str>,
    pub(crate) body: Option<Value>,
}

impl Call<'_> {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: &[], target: None, body: None }
    }

    pub(crate) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// Sends a call and returns the body of a successful answer.
pub(crate) async fn send(
    client: &Client,
    signer: &Signer,
    service: &Service,
    call: Call<'_>,
) -> Result<Vec<u8>, ProviderError> {
    let body = call.body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    let mut headers = Vec::new();
    if let Some(target) = call.target {
        headers.push(("content-type", "application/x-amz-json-1.0".to_owned()));
        headers.push(("x-amz-target", target.to_owned()));
    } else if !body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    let signable = Signable {
        method: call.method.as_str(),
        host: &service.host,
        path: &call.path,
        query: call.query,
        headers,
        body: &body,
    };
    let headers =
        signer.sign(signable, &service.region, service.name, DateTime::<Utc>::from(std::time::SystemTime::now()));
    let query = query_text(call.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let request = Request::new(call.method, format!("{}{}{mark}{query}", service.base, call.path));
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).body(body);
    let answer = client.send(request).await.map_err(silence)?;
    if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(refusal(&answer)) }
}

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(body).map_err(|_| ProviderErrorKind::Protocol.into())
}

/// Tells what no answer means: the call may have taken effect wherever the service might have read it.
fn silence(error: HttpError) -> ProviderError {
    ProviderError::new(match error {
        HttpError::Unreachable | HttpError::Tls => ProviderErrorKind::Unavailable { retry_after: None },
        HttpError::Request => ProviderErrorKind::InvalidRequest,
        HttpError::TooLong => ProviderErrorKind::Protocol,
        _ => ProviderErrorKind::Timeout,
    })
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(rename = "Code")]
    code: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(rename = "RequestId")]
    request_id: Option<String>,
}

/// Reads a refusal: the HTTP status first, then the code, which the services spell differently.
fn refusal(answer: &Answer) -> ProviderError {
    let body: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    // `NotFoundException:http://…` in the header, `com.amazonaws.sqs#QueueDoesNotExist` in a body.
    let header = answer.header("x-amzn-errortype").and_then(|text| text.split(':').next());
    let code = header.or(body.code.as_deref()).or(body.kind.as_deref()).unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    let retry_after = answer.retry_after();
    let kind = match (answer.status, code.strip_suffix("Exception").unwrap_or(code)) {
        (400, code) if code.contains("LimitExceeded") => ProviderErrorKind::LimitExceeded,
        (400, code) if code.contains("Throttl") => ProviderErrorKind::Throttled { retry_after },
        (
            400 | 403,
            "ExpiredToken"
            | "IncompleteSignature"
            | "InvalidClientTokenId"
            | "InvalidSignature"
            | "MissingAuthenticationToken"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClient",
        ) => ProviderErrorKind::Unauthorized,
        (status, _) => ProviderErrorKind::of_status(status, retry_after),
    };
    let error = ProviderError::new(kind).with_code(code);
    match answer.header("x-amzn-requestid").or(body.request_id.as_deref()) {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}
