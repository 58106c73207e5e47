//! What every answer carries and every request passes: trace ids, headers, limits, error pages.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use mentalspace_core::draw;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{app::App, pages, problem::Problem};

/// The id of a request, in logs and in the audit trail.
#[derive(Debug, Clone)]
pub struct Trace(pub String);

/// Where a request came from, as far as the proxies in between are believed.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub std::net::IpAddr);

/// The largest body of a request; uploads have their own limit.
const BODY: usize = 1 << 20;

const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(self), display-capture=(self)"),
];

/// Puts the routes behind limits and headers.
pub fn guard(routes: Router<App>, app: &App) -> Router {
    routes
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(60)))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::internal("The failure was logged.").into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), surround))
        .with_state(app.clone())
}

async fn surround(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let trace: [u8; 8] = draw(app.entropy());
    let trace: String = trace.iter().map(|byte| format!("{byte:02x}")).collect();
    request.extensions_mut().insert(Trace(trace.clone()));
    let connection = request.extensions().get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
    if let Some(address) = connection.map(|info| app.proxies().client(info.0.ip(), request.headers())) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let programs = ["/api/", "/health", "/hooks/", "/passkey/", "/visit/api/"];
    let is_api = programs.iter().any(|start| path.starts_with(start)) || path.contains("/visit/api/");
    let route = request.extensions().get::<axum::extract::MatchedPath>().map(|path| path.as_str().to_owned());
    let began = std::time::Instant::now();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>()
        && !is_api
    {
        response = pages::problem(&problem, &path);
    }
    let (status, millis) = (response.status().as_u16(), began.elapsed().as_millis());
    tracing::info!(%trace, %method, route = route.as_deref().unwrap_or("-"), status, millis, "request");
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&trace) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
