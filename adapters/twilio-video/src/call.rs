//! One exchange with Twilio, and what its answers mean.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mentalspace_http::{Answer, Client, HttpError, Method, Request};
use mentalspace_telehealth_port::provider::{ProviderError, ProviderErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::form;
use crate::operation::Operation;

/// The account's REST API.
#[derive(Debug)]
pub(crate) struct Rest {
    client: Client,
    endpoint: String,
    authorization: SecretString,
}

impl Rest {
    pub(crate) fn new(client: Client, endpoint: &str, key: &str, secret: &SecretString) -> Self {
        let basic = STANDARD.encode(format!("{key}:{}", secret.expose_secret()));
        Self { client, endpoint: endpoint.to_owned(), authorization: format!("Basic {basic}").into() }
    }

    /// Makes a call; `ids` fill the places of its path and were checked before.
    pub(crate) async fn call(
        &self,
        operation: &Operation,
        ids: &[&str],
        parameters: &[(&'static str, String)],
    ) -> Result<Vec<u8>, ProviderError> {
        debug_assert!(parameters.iter().all(|(name, _)| operation.parameters.contains(name)), "unknown parameter");
        let mut ids = ids.iter();
        let part =
            |part: &'static str| if part.starts_with('{') { ids.next().copied().unwrap_or_default() } else { part };
        let path = operation.path.split('/').map(part).collect::<Vec<_>>().join("/");
        let written = form::write(parameters);
        let (query, body) = match operation.method {
            Method::GET if !written.is_empty() => (format!("?{written}"), String::new()),
            _ => (String::new(), written),
        };
        let mut request = Request::new(operation.method.clone(), format!("{}{path}{query}", self.endpoint))
            .header("authorization", self.authorization.expose_secret())
            .header("accept", "application/json");
        if operation.method == Method::POST {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = self.client.send(request).await.map_err(silence)?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(refusal(&answer)) }
    }

    /// Makes a call and reads its answer.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        ids: &[&str],
        parameters: &[(&'static str, String)],
    ) -> Result<T, ProviderError> {
        let body = self.call(operation, ids, parameters).await?;
        serde_json::from_slice(&body).map_err(|_| ProviderErrorKind::Protocol.into())
    }
}

/// Turns "not found" into nothing, for calls that want it gone.
pub(crate) fn gone<T>(result: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells what no answer means: the call may have taken effect wherever Twilio might have read it.
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
    code: Option<u32>,
}

fn refusal(answer: &Answer) -> ProviderError {
    let body: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut error = ProviderError::new(ProviderErrorKind::of_status(answer.status, answer.retry_after()));
    if let Some(code) = body.code {
        error = error.with_code(&code.to_string());
    }
    match answer.header("twilio-request-id") {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}
