//! The page of a visit by video, and the calls it makes while it is open.
//!
//! The same page serves staff, below their appointment, and people with a link. It learns of changes by an event
//! stream; every call answers with what the person may see.

use std::{convert::Infallible, time::Duration};

use askama::Template;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Redirect, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{Stream, stream};
use mentalspace_core::{AppointmentId, NoteKind, Phi};
use mentalspace_telehealth_port::{
    ParticipantId,
    chat::{Message, MessageKind},
    provider::{GrantId, ProviderId, WebhookRequest},
    quality::{DeviceCheck, Readiness, Sample},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Frame, again, page};
use crate::{
    api::visits::Credential,
    app::App,
    body::Body,
    params::InQuery,
    practice::notes::{self, Beginning},
    practice::visits::{
        Deed, Scene, Seat,
        connection::{self, Presence},
        deed, link, media, practice_name, scene, talk,
    },
    problem::Problem,
    signed::{self, Signed, check_csrf, is_same_origin},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/join/{token}", get(knock))
        .route("/join", post(enter))
        .route("/visit", get(visit_page))
        .route("/appointments/{appointment}/video", get(visit_page))
        .nest("/visit/api", calls())
        .nest("/appointments/{appointment}/visit/api", calls())
        .route("/hooks/video/{provider}", post(hook))
}

fn calls() -> Router<App> {
    Router::new()
        .route("/state", get(state))
        .route("/events", get(events))
        .route("/acts", post(act))
        .route("/join", post(join))
        .route("/presence", post(present))
        .route("/quality", post(quality).get(reports))
        .route("/check", post(check))
        .route("/check/download", get(download))
        .route("/check/upload", post(upload).layer(DefaultBodyLimit::max(NOISE)))
        .route("/chat", get(read).post(write))
}

/// The bytes a browser moves to measure its bandwidth.
const NOISE: usize = 1 << 20;

#[derive(Template)]
#[template(path = "visit_link.html")]
struct LinkPage {
    frame: Frame,
    problem: Option<Problem>,
    token: String,
    asks: bool,
}

async fn knock(State(app): State<App>, from: signed::From, Path(token): Path<String>) -> Result<Response, Problem> {
    let asks = link::asks_birth_date(&app, &token, &from.0).await?;
    page(&LinkPage { frame: Frame::open("Your visit"), problem: None, token, asks })
}

#[derive(Deserialize)]
struct Knock {
    token: String,
    #[serde(default)]
    birth_date: String,
}

async fn enter(
    State(app): State<App>,
    headers: HeaderMap,
    from: signed::From,
    form: Result<axum::Form<Knock>, axum::extract::rejection::FormRejection>,
) -> Result<Response, Problem> {
    let axum::Form(form) = form.map_err(|_| Problem::bad_request("The form cannot be read."))?;
    if !is_same_origin(&headers) {
        return Err(Problem::forbidden("The request came from another site."));
    }
    let birth_date = NaiveDate::parse_from_str(form.birth_date.trim(), "%Y-%m-%d").ok();
    match link::open(&app, &form.token, birth_date, &from.0).await {
        Ok(seat) => {
            let cookie = format!("{}={seat}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400", link::COOKIE);
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/visit")).into_response())
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let frame = Frame::open("Your visit");
            again(&problem.clone(), &LinkPage { frame, problem: Some(problem), token: form.token, asks: true })
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage {
    title: &'static str,
    practice: String,
    csrf: String,
    api: String,
    back: Option<String>,
}

async fn visit_page(State(app): State<App>, seat: Seat) -> Result<Response, Problem> {
    let practice = practice_name(&app, &seat).await?;
    let (api, back) = match &seat {
        Seat::Staff(_, id) => (format!("/appointments/{id}/visit/api"), Some(format!("/appointments/{id}"))),
        Seat::Guest(_) => ("/visit/api".to_owned(), None),
    };
    let csrf = seat.csrf().to_owned();
    let mut response = page(&VisitPage { title: "Your visit", practice, csrf, api, back })?;
    let hosts = app.video().map(|video| video.hosts().join(" ")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self' blob:; \
         connect-src 'self' {hosts}; worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// A JSON body with the page's token beside it: in a header or, from a page that is being left, in the body.
struct Guarded<T> {
    seat: Seat,
    body: T,
}

#[derive(Deserialize)]
struct Carried {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<App> for Guarded<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let seat = <Seat as axum::extract::FromRequestParts<App>>::from_request_parts(&mut parts, app).await?;
        let sent = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Body(mut value) = Body::<serde_json::Value>::from_request(Request::from_parts(parts, body), app).await?;
        let carried = serde_json::from_value::<Carried>(value.clone()).map(|carried| carried.csrf).unwrap_or_default();
        check_csrf(seat.csrf(), sent.as_deref().unwrap_or(&carried))?;
        if let Some(object) = value.as_object_mut() {
            object.remove("csrf");
        }
        let body = serde_json::from_value(value).map_err(|_| Problem::invalid("The body is not what is expected."))?;
        Ok(Self { seat, body })
    }
}

async fn state(State(app): State<App>, seat: Seat) -> Result<Json<Scene>, Problem> {
    scene(&app, &seat).await.map(Json)
}

#[derive(Serialize)]
struct Acted {
    #[serde(flatten)]
    scene: Scene,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<NotAdmitted>,
}

#[derive(Serialize)]
struct NotAdmitted {
    who: ParticipantId,
    #[serde(flatten)]
    problem: Problem,
}

async fn act(State(app): State<App>, Guarded { seat, body }: Guarded<Deed>) -> Result<Json<Acted>, Problem> {
    let done = deed(&app, &seat, &body).await?;
    if let (Deed::End, Seat::Staff(signed, appointment)) = (&body, &seat) {
        begin_note(&app, signed, *appointment).await;
    }
    let refused = done.refused.into_iter().map(|(who, problem)| NotAdmitted { who, problem }).collect();
    Ok(Json(Acted { scene: scene(&app, &seat).await?, link: done.link, refused }))
}

/// Begins the note about a visit that ended, so that its measured times wait for the clinician. What keeps it from being
/// begun, such as a treatment plan that is too old, is told when the clinician begins it.
async fn begin_note(app: &App, signed: &Signed, appointment: AppointmentId) {
    let beginning = Beginning { kind: NoteKind::Progress, appointment: Some(appointment), client: None, day: None };
    if let Err(problem) = notes::begin(app, signed, &beginning).await {
        tracing::info!(detail = problem.detail, "the note is left to be begun by hand");
    }
}

/// What the browser needs to join, and which of its drivers takes it.
#[derive(Serialize)]
struct Joining {
    provider: ProviderId,
    #[serde(flatten)]
    credential: Credential,
}

#[derive(Deserialize)]
struct Nothing {}

async fn join(
    State(app): State<App>,
    Guarded { seat, body: Nothing {} }: Guarded<Nothing>,
) -> Result<Json<Joining>, Problem> {
    let ticket = media::join(&app, &seat).await?;
    Ok(Json(Joining { credential: Credential::of(&ticket)?, provider: ticket.provider }))
}

#[derive(Deserialize)]
struct Report {
    state: Presence,
    grant: GrantId,
}

async fn present(State(app): State<App>, Guarded { seat, body }: Guarded<Report>) -> Result<StatusCode, Problem> {
    connection::presence(&app, &seat, body.state, body.grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Measured {
    rtt_ms: f64,
    jitter_ms: f64,
    loss_percent: f64,
    #[serde(default)]
    up_kbps: f64,
    #[serde(default)]
    down_kbps: f64,
    fps: Option<f64>,
    width: Option<u32>,
    height: Option<u32>,
    #[serde(default)]
    relayed: bool,
}

async fn quality(
    State(app): State<App>,
    Guarded { seat, body }: Guarded<Measured>,
) -> Result<Json<mentalspace_telehealth_port::quality::Verdict>, Problem> {
    let Measured { rtt_ms, jitter_ms, loss_percent, up_kbps, down_kbps, fps, width, height, relayed } = body;
    let at = app.now();
    let sample = Sample { at, rtt_ms, jitter_ms, loss_percent, up_kbps, down_kbps, fps, width, height, relayed };
    connection::sample(&app, &seat, sample).await.map(Json)
}

async fn reports(State(app): State<App>, seat: Seat) -> Result<Response, Problem> {
    match seat {
        Seat::Staff(..) => Ok(Json(connection::reports(&app, &seat).await?).into_response()),
        Seat::Guest(_) => Err(Problem::forbidden("The report is for the practice.")),
    }
}

#[derive(Serialize)]
struct Verdict {
    verdict: Readiness,
    words: &'static str,
}

async fn check(Guarded { body, .. }: Guarded<DeviceCheck>) -> Json<Verdict> {
    let verdict = body.readiness();
    let words = match verdict {
        Readiness::Good => "Everything is ready for video.",
        Readiness::Warn => "Video will work, and may stutter at times.",
        Readiness::AudioOnly => "The connection or the camera is not enough for video. Sound will work.",
        _ => "Sound may not work. Please have your telephone at hand.",
    };
    Json(Verdict { verdict, words })
}

async fn download(State(app): State<App>, _seat: Seat) -> Response {
    // Noise cannot be made smaller on the way.
    let mut noise = vec![0; NOISE];
    app.entropy().fill(&mut noise);
    ([(header::CONTENT_TYPE, "application/octet-stream")], noise).into_response()
}

async fn upload(seat: Seat, headers: HeaderMap, _body: Bytes) -> Result<StatusCode, Problem> {
    let sent = headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    check_csrf(seat.csrf(), sent)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct Said {
    n: u32,
    at: DateTime<Utc>,
    from: ParticipantId,
    text: Phi<String>,
    note: bool,
}

impl From<Message> for Said {
    fn from(message: Message) -> Self {
        let note = message.kind == MessageKind::SharedNote;
        Self { n: message.number, at: message.at, from: message.from, text: message.text, note }
    }
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u32,
}

async fn read(
    State(app): State<App>,
    seat: Seat,
    InQuery(After { after }): InQuery<After>,
) -> Result<Json<Vec<Said>>, Problem> {
    let said = talk::read(&app, &seat, after).await?;
    Ok(Json(said.into_iter().map(Said::from).collect()))
}

#[derive(Deserialize)]
struct Saying {
    text: Phi<String>,
    #[serde(default)]
    note: bool,
}

async fn write(State(app): State<App>, Guarded { seat, body }: Guarded<Saying>) -> Result<Json<Said>, Problem> {
    let kind = if body.note { MessageKind::SharedNote } else { MessageKind::Chat };
    talk::write(&app, &seat, kind, body.text).await.map(|message| Json(message.into()))
}

/// How long a stream rests between two looks at what another server may have changed.
const LOOK: Duration = Duration::from_secs(3);
/// How long a stream lasts. The browser opens the next one by itself, and is asked again whether it still may.
const STREAM: Duration = Duration::from_secs(60);

/// A stream's memory: what the page was last told.
struct Watch {
    app: App,
    seat: Seat,
    bell: tokio::sync::broadcast::Receiver<mentalspace_core::VisitId>,
    told: Option<Scene>,
    text: String,
    said: u32,
    waiting: Vec<Event>,
    until: tokio::time::Instant,
}

async fn events(
    State(app): State<App>,
    seat: Seat,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    // Refuses here what would only break the stream.
    scene(&app, &seat).await?;
    let bell = app.bell();
    let until = tokio::time::Instant::now() + STREAM;
    let watch = Watch { app, seat, bell, told: None, text: String::new(), said: 0, waiting: Vec::new(), until };
    let told = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(told).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

impl Watch {
    /// Waits for something to tell; `None` when the server stops or the person may no longer watch.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop() {
                return Some(event);
            }
            if self.told.is_some() && !self.changed().await? {
                continue;
            }
            self.look().await?;
        }
    }

    async fn changed(&mut self) -> Option<bool> {
        let mine = self.told.as_ref().and_then(|told| told.visit);
        tokio::select! {
            () = self.app.stopped() => return None,
            () = tokio::time::sleep_until(self.until) => return None,
            rung = self.bell.recv() => return match rung {
                Ok(visit) => Some(mine.is_none_or(|mine| mine == visit)),
                // Too many to remember: look.
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => Some(true),
                Err(tokio::sync::broadcast::error::RecvError::Closed) => None,
            },
            () = tokio::time::sleep(LOOK) => {}
        }
        let told = self.told.as_ref()?;
        match told.visit {
            None => Some(true),
            Some(visit) => Some(crate::practice::visits::pulse(&self.app, &self.seat, visit).await.ok()? != told.pulse),
        }
    }

    async fn look(&mut self) -> Option<()> {
        self.seat.advance(self.app.now());
        let fresh = scene(&self.app, &self.seat).await.ok()?;
        let said = talk::read(&self.app, &self.seat, self.said).await.ok()?;
        let mut events = Vec::new();
        let mut shown = serde_json::to_value(&fresh).ok()?;
        // The time alone is no news.
        let now = shown.as_object_mut().and_then(|shown| shown.remove("now"));
        let text = shown.to_string();
        if text != self.text {
            if let (Some(shown), Some(now)) = (shown.as_object_mut(), now) {
                shown.insert("now".to_owned(), now);
            }
            events.push(Event::default().event("state").data(shown.to_string()));
            self.text = text;
        }
        for message in said {
            self.said = self.said.max(message.number);
            events.push(Event::default().event("chat").json_data(Said::from(message)).ok()?);
        }
        events.reverse();
        (self.waiting, self.told) = (events, Some(fresh));
        Some(())
    }
}

/// Takes a notification of a video service, believed only with its signature.
async fn hook(
    State(app): State<App>,
    Path(provider): Path<String>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::not_found("No such video service is connected.");
    let id = ProviderId::parse(provider).map_err(|_| unknown())?;
    let services = app.video().ok_or_else(unknown)?;
    let video = services.provider(&id).ok_or_else(unknown)?;
    let url = format!("{}{}", services.public_url(), uri.path_and_query().map_or("", |path| path.as_str()));
    let named = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let named: Vec<_> = named.collect();
    let request = WebhookRequest { url: &url, headers: &named, body: &body };
    let events = video.parse_webhook(&request, app.now()).map_err(|error| {
        tracing::warn!(provider = %id, %error, "a notification was not believed");
        Problem::forbidden("The notification is not believed.")
    })?;
    media::observe(&app, &id, &events).await?;
    Ok(StatusCode::NO_CONTENT)
}
