//! A practice with a client, a payer and prices, and people who work in it over the API.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    hash::StoredPassword,
    mfa::Decision,
    session::{PasswordStanding, Session, SessionToken, SignIn},
};
use mentalspace_core::{
    Access, Appointment, AppointmentEvent, AppointmentId, AppointmentPolicy, Cosignature, Email, Location, Modality,
    Note, NoteHeader, NoteId, Phi, PlaceOfService, PracticeId, Role, SessionTimes, TimeSlot,
    store::{Document, Job, LocalKey, Vault, Versioned},
    testing::{MemoryStore, SequenceEntropy, clinical},
};
use mentalspace_server::{
    account::{StoredSession, Tenant, User},
    app::{App, Policies},
    clock::Clock,
    jobs, router,
    signed::wire_token,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tower::ServiceExt;

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(super) struct StandingClock(Mutex<DateTime<Utc>>);

impl Clock for StandingClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// The practice.
pub(super) struct Desk {
    pub(super) app: App,
    router: Router,
    clock: Arc<StandingClock>,
    billing: String,
    administrator: String,
    clinician: String,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Billing,
    Administrator,
    Clinician,
    Nobody,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

pub(super) fn practice() -> PracticeId {
    clinical::practice().id
}

impl Desk {
    /// A practice with nothing but people, a client and a location.
    pub(super) async fn bare() -> Self {
        let clock = Arc::new(StandingClock(Mutex::new(clinical::at("2026-03-04T16:00:00Z"))));
        let vault = Vault::new(
            Arc::new(MemoryStore::default()),
            Arc::new(LocalKey::new("test", [7; 32])),
            Arc::new(SequenceEntropy::default()),
        );
        let app = App::new(vault, Arc::clone(&clock) as Arc<dyn Clock>, Policies::default(), [9; 32], None);
        insert_into(&app, PracticeId::DIRECTORY, &Tenant { practice: practice(), created_at: app.now() }).await;
        insert(&app, &clinical::practice()).await;
        insert(&app, &clinical::clinician()).await;
        insert(&app, &clinical::location()).await;
        insert(&app, &clinical::client()).await;
        let billing = person(&app, 201, Role::Billing).await;
        let administrator = person(&app, 202, Role::Administrator).await;
        let clinician = person(&app, 203, Role::Clinician).await;
        Self { router: router(&app), app, clock, billing, administrator, clinician }
    }

    /// A practice that can bill.
    pub(super) async fn new() -> Self {
        let desk = Self::bare().await;
        insert(&desk.app, &clinical::payer()).await;
        insert(&desk.app, &clinical::fee_schedule()).await;
        insert(&desk.app, &clinical::coverage()).await;
        desk
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        *self.clock.0.lock().unwrap() += time;
    }

    /// Signs off a note about session number `n`, held at `location`, and leaves the job that bills it.
    pub(super) async fn sign_off_at(&self, n: u64, location: &Location) {
        let start = clinical::at("2026-03-02T16:00:00Z") + TimeDelta::hours(i64::try_from(n).unwrap());
        let slot = TimeSlot::new(start, start + TimeDelta::minutes(50)).unwrap();
        let plan = mentalspace_core::AppointmentPlan {
            slot,
            modality: Modality::InPerson,
            location: location.id,
            ..clinical::plan()
        };
        let id: AppointmentId = clinical::id(400 + u128::from(n));
        let booked = Appointment::book(id, plan).unwrap();
        let held = [AppointmentEvent::CheckIn, AppointmentEvent::Begin, AppointmentEvent::Complete]
            .into_iter()
            .fold(booked, |held, event| held.apply(event, start, &AppointmentPolicy::default()).unwrap());
        insert(&self.app, &held).await;
        let note: NoteId = clinical::id(500 + u128::from(n));
        let header = NoteHeader { id: note, appointment: Some(id), ..clinical::header() };
        let mut content = clinical::content();
        content.times = Some(SessionTimes::new(start, start + TimeDelta::minutes(50), 0).unwrap());
        let signing = clinical::signing(header.author);
        let signed = Note::draft(header, content).unwrap().sign(signing, Cosignature::NotNeeded).unwrap();
        insert(&self.app, &signed).await;
        let job = Job::new(self.app.new_id(), "charge.prepare", json!({ "note": note }), self.app.now()).unwrap();
        insert(&self.app, &job).await;
    }

    pub(super) async fn sign_off(&self, n: u64) {
        self.sign_off_at(n, &clinical::location()).await;
    }

    /// A place whose code nobody assigned: its claims stay drafts.
    pub(super) async fn unassigned_place(&self) -> Location {
        let place_of_service = PlaceOfService::parse("98").unwrap();
        let location = Location { id: clinical::id(3), place_of_service, ..clinical::location() };
        insert(&self.app, &location).await;
        location
    }

    pub(super) async fn work(&self) {
        // What is due now is taken a moment later.
        self.pass(TimeDelta::milliseconds(1));
        jobs::round(&self.app, practice()).await.unwrap();
    }

    /// Bills `count` sessions and returns the claims, oldest first.
    pub(super) async fn billed(&self, count: u64) -> Vec<Value> {
        for n in 0..count {
            self.sign_off(n).await;
        }
        self.work().await;
        self.claims().await
    }

    pub(super) async fn claims(&self) -> Vec<Value> {
        let listed = self.get(Who::Billing, "/api/v1/claims").await.expect(StatusCode::OK);
        listed.json()["claims"].as_array().unwrap().clone()
    }

    pub(super) async fn claim(&self, id: &Value) -> Value {
        let path = format!("/api/v1/claims/{}", id.as_str().unwrap());
        self.get(Who::Billing, &path).await.expect(StatusCode::OK).json()
    }

    pub(super) async fn get(&self, who: Who, path: &str) -> Answer {
        self.send(who, Method::GET, path, "application/json", Vec::new()).await
    }

    pub(super) async fn post(&self, who: Who, path: &str, body: &Value) -> Answer {
        self.send(who, Method::POST, path, "application/json", body.to_string().into_bytes()).await
    }

    pub(super) async fn put(&self, who: Who, path: &str, body: &Value) -> Answer {
        self.send(who, Method::PUT, path, "application/json", body.to_string().into_bytes()).await
    }

    pub(super) async fn upload(&self, file: impl Into<Vec<u8>>) -> Answer {
        self.send(Who::Billing, Method::POST, "/api/v1/remittances", "application/edi-x12", file.into()).await
    }

    pub(super) async fn send(&self, who: Who, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let token = match who {
            Who::Billing => Some(&self.billing),
            Who::Administrator => Some(&self.administrator),
            Who::Clinician => Some(&self.clinician),
            Who::Nobody => None,
        };
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.answer(request.body(Body::from(body)).unwrap()).await
    }

    /// Opens a page as the browser of `who` does.
    pub(super) async fn page(&self, who: Who, path: &str) -> Answer {
        self.answer(self.browser(who, Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as the browser of `who` does.
    pub(super) async fn form(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = self
            .browser(who, Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    pub(super) fn browser(&self, who: Who, method: Method, path: &str) -> axum::http::request::Builder {
        let token = match who {
            Who::Billing => &self.billing,
            Who::Administrator => &self.administrator,
            Who::Clinician => &self.clinician,
            Who::Nobody => "",
        };
        Request::builder().method(method).uri(path).header(header::COOKIE, format!("__Host-session={token}"))
    }

    pub(super) async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, body }
    }

    /// The sum of an account.
    pub(super) async fn account(&self, name: &str) -> String {
        let balance = self.get(Who::Billing, "/api/v1/ledger/trial-balance").await.expect(StatusCode::OK).json();
        assert_eq!(balance["sum"], "0.00");
        let accounts = balance["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["account"] == name).unwrap()["amount"].as_str().unwrap().to_owned()
    }

    /// Files claims and returns the answer.
    pub(super) async fn file(&self, claims: &[Value]) -> Value {
        let ids: Vec<&Value> = claims.iter().map(|claim| &claim["id"]).collect();
        self.post(Who::Billing, "/api/v1/claims/files", &json!({ "claims": ids }))
            .await
            .expect(StatusCode::CREATED)
            .json()
    }

    pub(super) async fn open_work(&self) -> Vec<Value> {
        let listed = self.get(Who::Billing, "/api/v1/billing-work").await.expect(StatusCode::OK);
        listed.json()["items"].as_array().unwrap().clone()
    }
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

async fn insert<T: Document>(app: &App, document: &T) {
    insert_into(app, practice(), document).await;
}

async fn insert_into<T: Document>(app: &App, practice: PracticeId, document: &T) {
    let access = Access::system(practice, "test.insert", app.now());
    let inserted = app.vault().write(&access, |work| Box::pin(async move { work.insert(document).await }));
    inserted.await.unwrap();
}

pub(super) async fn read<T: Document + Clone>(desk: &Desk, id: uuid::Uuid) -> Versioned<T> {
    let access = Access::system(practice(), "test.read", desk.app.now());
    desk.app.vault().read(&access, |work| Box::pin(async move { work.expect::<T>(id).await })).await.unwrap()
}

pub(super) async fn add<T: Document>(desk: &Desk, document: &T) {
    insert(&desk.app, document).await;
}

pub(super) async fn replace<T: Document>(desk: &Desk, document: &T, version: u64) {
    let access = Access::system(practice(), "test.replace", desk.app.now());
    let replaced =
        desk.app.vault().write(&access, |work| Box::pin(async move { work.update(document, version).await }));
    replaced.await.unwrap();
}

/// Gives somebody an account and a session with two factors; returns the token.
async fn person(app: &App, number: u128, role: Role) -> String {
    let hash = "$argon2id$v=19$m=64,t=1,p=1$AQEBAQEBAQEBAQEBAQEBAQ$AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    let user = User {
        id: clinical::id(number),
        login: Email::parse(format!("{}@example.org", role.name())).unwrap(),
        display_name: format!("{role:?} Person"),
        roles: vec![role],
        clinician: (role == Role::Clinician).then(|| clinical::clinician().id),
        password: Phi::new(hash.parse::<StoredPassword>().unwrap()),
        password_set_at: app.now(),
        must_change_password: false,
        totp: None,
        offered_totp: None,
        backup_codes: None,
        enabled: true,
    };
    insert(app, &user).await;
    let policy = &app.policies().session;
    let sign_in = SignIn {
        id: app.new_id(),
        user: user.id.uuid(),
        token: SessionToken::from_random([1; 32]).hash(),
        from: mentalspace_auth_policy::device::Sighting::default(),
        factor: Factor::Password,
        mfa: Decision::Challenge,
        password: PasswordStanding::Current,
    };
    let mut session = Session::start(&sign_in, policy, app.now());
    let token = SessionToken::from_random(mentalspace_core::draw(app.entropy()));
    session.complete_mfa(Factor::Totp, token.hash(), policy, app.now()).unwrap();
    insert(app, &StoredSession::new(session)).await;
    wire_token(practice(), &token).expose_secret().to_owned()
}
