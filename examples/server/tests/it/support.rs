//! A practice with everybody in it, and requests to its server.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mentalspace_auth_policy::{
    assurance::Factor,
    hash::StoredPassword,
    mfa::Decision,
    password::NormalizedPassword,
    session::{PasswordStanding, Session, SessionToken, SignIn},
};
use mentalspace_core::{
    Access, Address, BillingAddress, ClaimFilingIndicator, Client, ClientAddress, ClientId, ClientStatus, Clinician,
    ClinicianId, ContactUse, Credential, ElectronicPayerId, Email, License, LicenseNumber, Location, LocationId, Npi,
    OrganizationName, Payer, PayerId, PayerSex, Period, PersonName, Phi, Phone, PlaceOfService, Policies, Practice,
    PracticeId, Role, Supervision, TaxId, Taxonomy, TimeZoneName, UsState, draw,
    store::{Document, LocalKey, Vault},
    testing::{MemoryStore, SequenceEntropy},
    uuid_v7,
};
use mentalspace_server::{
    account::{SignInName, StoredSession, Tenant, User},
    app::{self, App},
    clock::Clock,
    router,
    signed::{COOKIE, DEVICE_COOKIE, wire_token},
    video::Video,
};
use mentalspace_telehealth_port::provider::{Residency, TelehealthProvider};
use secrecy::ExposeSecret;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "otter lantern mosaic thirteen";

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn set(&self, to: &str) {
        *self.0.lock().unwrap() = to.parse().unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} is not JSON: {}", self.status, self.text))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// The problem's field errors as `field: detail`.
    pub(crate) fn errors(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|e| format!("{}: {}", e["field"].as_str().unwrap(), e["detail"].as_str().unwrap())).collect()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

/// A person with a session of two factors.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) token: String,
}

/// The server of a practice in New York, on Monday, March 2, 2026, 9:00 in the morning.
///
/// Anna treats Jordan. Ida is an associate under Sam's supervision and treats Riley.
pub(crate) struct TestApp {
    pub(crate) store: MemoryStore,
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) practice: PracticeId,
    pub(crate) people: BTreeMap<&'static str, Person>,
    pub(crate) anna: ClinicianId,
    pub(crate) ida: ClinicianId,
    pub(crate) sam: ClinicianId,
    pub(crate) location: LocationId,
    pub(crate) payer: PayerId,
    pub(crate) host: &'static str,
    /// The name of the one browser people sign in from here, as the server gave it.
    browser: Mutex<Option<String>>,
    pub(crate) jordan: ClientId,
    pub(crate) riley: ClientId,
}

pub(crate) const START: &str = "2026-03-02T14:00:00Z";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn address() -> Address {
    Address::new("12 Elm Street", "Albany", "NY", "122071234").unwrap()
}

fn practice(id: PracticeId) -> Practice {
    Practice {
        id,
        name: OrganizationName::parse("Harbor Counseling").unwrap(),
        billing_npi: Npi::parse("1234567893").unwrap(),
        tax_id: TaxId::ein("123456789").unwrap(),
        taxonomy: Taxonomy::parse("261QM0801X").unwrap(),
        address: BillingAddress::try_from(address()).unwrap(),
        phone: Phone::parse("5185550100").unwrap(),
        time_zone: TimeZoneName::parse("America/New_York").unwrap(),
        policies: Policies::default(),
    }
}

fn clinician(id: ClinicianId, first: &str, last: &str, supervisor: Option<ClinicianId>) -> Clinician {
    let since = Period::since(day("2020-01-01"));
    Clinician {
        id,
        user: None,
        name: PersonName::new(first, last).unwrap(),
        credentials: vec![Credential::parse(if supervisor.is_some() { "LMSW" } else { "LCSW" }).unwrap()],
        licenses: vec![License {
            state: UsState::parse("NY").unwrap(),
            number: LicenseNumber::parse("012345").unwrap(),
            in_force: since,
        }],
        npi: None,
        taxonomy: None,
        supervision: supervisor.into_iter().map(|supervisor| Supervision { supervisor, in_force: since }).collect(),
    }
}

fn client(id: ClientId, first: &str, last: &str, clinician: ClinicianId) -> Client {
    Client {
        id,
        user: None,
        legal_name: PersonName::new(first, last).unwrap(),
        preferred_name: None,
        birth_date: Phi::new(day("1990-05-04")),
        payer_sex: PayerSex::Female,
        gender: None,
        addresses: vec![ClientAddress { usage: ContactUse::Home, address: address() }],
        phones: Vec::new(),
        emails: Vec::new(),
        contacts: Vec::new(),
        status: ClientStatus::Active { since: day("2025-01-01") },
        primary_clinician: Some(clinician),
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with_videos(Vec::new()).await
    }

    pub(crate) async fn with_video(video: Option<Arc<dyn TelehealthProvider>>) -> Self {
        Self::with_videos(video.into_iter().collect()).await
    }

    pub(crate) async fn with_videos(videos: Vec<Arc<dyn TelehealthProvider>>) -> Self {
        let mut test = Self::bare(videos);
        test.seed().await;
        test
    }

    /// A server with ways to sign in beside the password, under these policies.
    pub(crate) async fn with_ways(policies: app::Policies, ways: app::Ways) -> Self {
        let mut test = Self::made(Vec::new(), policies, ways);
        test.seed().await;
        test
    }

    /// A server without any practice.
    pub(crate) fn bare(videos: Vec<Arc<dyn TelehealthProvider>>) -> Self {
        Self::made(videos, app::Policies::default(), app::Ways::default())
    }

    fn made(videos: Vec<Arc<dyn TelehealthProvider>>, policies: app::Policies, ways: app::Ways) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(START.parse().unwrap())));
        let keys = Arc::new(LocalKey::new("test", [7; 32]));
        let store = MemoryStore::default();
        let vault = Vault::new(Arc::new(store.clone()), keys, Arc::new(SequenceEntropy::default()));
        let video = (!videos.is_empty()).then(|| Video::new(videos, Residency::default(), "https://practice.test"));
        let app = App::new(vault, clock.clone(), policies, [9; 32], video).with_ways(ways);
        Self::on(app, store, clock, "harbor.example")
    }

    /// A practice with other rules of signing in, or other guards.
    pub(crate) async fn guarded(policies: app::Policies, guard: app::GuardSettings) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(START.parse().unwrap())));
        let keys = Arc::new(LocalKey::new("test", [7; 32]));
        let store = MemoryStore::default();
        let vault = Vault::new(Arc::new(store.clone()), keys, Arc::new(SequenceEntropy::default()));
        let app = App::guarded(vault, clock.clone(), policies, [9; 32], None, guard).unwrap();
        let mut test = Self::on(app, store, clock, "harbor.example");
        test.seed().await;
        test
    }

    /// A practice of its own on a store that others may use as well.
    pub(crate) async fn over(store: Arc<dyn mentalspace_core::store::Store>) -> Self {
        let clock = Arc::new(TestClock(Mutex::new(START.parse().unwrap())));
        let keys = Arc::new(LocalKey::new("test", [7; 32]));
        let entropy = Arc::new(mentalspace_server::entropy::SystemEntropy);
        let vault = Vault::new(store, keys, entropy);
        let app = App::new(vault, clock.clone(), app::Policies::default(), [9; 32], None);
        let random: [u8; 6] = draw(app.entropy());
        let host: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let host = Box::leak(format!("{host}.example").into_boxed_str());
        let mut test = Self::on(app, MemoryStore::default(), clock, host);
        test.seed().await;
        test
    }

    /// Another practice on the same server.
    pub(crate) async fn neighbour(&self) -> Self {
        let mut test = Self::on(self.app.clone(), self.store.clone(), self.clock.clone(), "elsewhere.example");
        test.seed().await;
        test
    }

    fn on(app: App, store: MemoryStore, clock: Arc<TestClock>, host: &'static str) -> Self {
        Self {
            store,
            host,
            browser: Mutex::default(),
            router: router(&app),
            practice: app.new_id(),
            people: BTreeMap::new(),
            anna: app.new_id(),
            ida: app.new_id(),
            sam: app.new_id(),
            location: app.new_id(),
            payer: app.new_id(),
            jordan: app.new_id(),
            riley: app.new_id(),
            clock,
            app,
        }
    }

    async fn seed(&mut self) {
        let tenant = Tenant { practice: self.practice, created_at: self.app.now() };
        self.put_in(PracticeId::DIRECTORY, &tenant).await;
        self.put(&practice(self.practice)).await;
        self.put(&clinician(self.anna, "Anna", "Abel", None)).await;
        self.put(&clinician(self.sam, "Sam", "Stone", None)).await;
        self.put(&clinician(self.ida, "Ida", "Irwin", Some(self.sam))).await;
        self.put(&client(self.jordan, "Jordan", "Quillfeather", self.anna)).await;
        self.put(&client(self.riley, "Riley", "Underwood", self.ida)).await;
        let location = Location {
            id: self.location,
            name: OrganizationName::parse("Main Office").unwrap(),
            address: address(),
            npi: None,
            place_of_service: PlaceOfService::office(),
        };
        self.put(&location).await;
        let payer = Payer {
            id: self.payer,
            name: OrganizationName::parse("Evergreen Health").unwrap(),
            electronic_id: ElectronicPayerId::parse("EVG01").unwrap(),
            filing: ClaimFilingIndicator::parse("CI").unwrap(),
            address: None,
            phone: None,
            rules: mentalspace_core::BillingRules::default(),
        };
        self.put(&payer).await;
        // Nobody signs in with a password here, so one hash does for all; `sessions` signs in for real.
        let hash: StoredPassword = self.app.hasher().dummy().into();
        let everybody = [
            ("administrator", vec![Role::Administrator], None),
            ("supervisor", vec![Role::Supervisor, Role::Clinician], Some(self.sam)),
            ("clinician", vec![Role::Clinician], Some(self.anna)),
            ("associate", vec![Role::Associate], Some(self.ida)),
            ("billing", vec![Role::Billing], None),
            ("front_desk", vec![Role::FrontDesk], None),
            ("client", vec![Role::Client], None),
        ];
        for (name, roles, clinician) in everybody {
            let user = self.add_user(name, roles, clinician, hash.clone()).await;
            let token = self.session(&user).await;
            self.people.insert(name, Person { user, token });
        }
    }

    pub(crate) async fn put_in(&self, practice: PracticeId, document: &impl Document) {
        let access = Access::system(practice, "test.seed", self.app.now());
        self.app.vault().write(&access, |work| Box::pin(async move { work.insert(document).await })).await.unwrap();
    }

    pub(crate) async fn put(&self, document: &impl Document) {
        self.put_in(self.practice, document).await;
    }

    pub(crate) async fn add_user(
        &self,
        name: &str,
        roles: Vec<Role>,
        clinician: Option<ClinicianId>,
        hash: StoredPassword,
    ) -> User {
        let user = User {
            id: self.app.new_id(),
            login: Email::parse(format!("{name}@{}", self.host)).unwrap(),
            display_name: format!("The {name}"),
            roles,
            clinician,
            password: Phi::new(hash),
            password_set_at: self.app.now(),
            must_change_password: false,
            totp: None,
            offered_totp: None,
            backup_codes: None,
            enabled: true,
        };
        let known = SignInName {
            id: uuid_v7(self.app.now(), draw(self.app.entropy())),
            login: user.login.clone(),
            practice: self.practice,
            user: user.id,
        };
        self.put_in(PracticeId::DIRECTORY, &known).await;
        self.put(&user).await;
        user
    }

    /// Adds somebody who signs in with [`PASSWORD`].
    pub(crate) async fn add_person_with_password(&self, name: &str, roles: Vec<Role>) -> User {
        let password = NormalizedPassword::attempt(&PASSWORD.to_owned().into()).unwrap();
        let hash = self.app.hash_password(password).await.unwrap();
        self.add_user(name, roles, None, hash).await
    }

    /// Starts a session that has shown a password and waits for the second factor.
    pub(crate) async fn pending_session(&self, user: &User) -> String {
        let token = SessionToken::from_random(draw(self.app.entropy()));
        let sign_in = SignIn {
            id: self.app.new_id(),
            user: user.id.uuid(),
            token: token.hash(),
            from: mentalspace_auth_policy::device::Sighting::default(),
            factor: Factor::Password,
            mfa: Decision::Challenge,
            password: PasswordStanding::Current,
        };
        let session = Session::start(&sign_in, &self.app.policies().session, self.app.now());
        self.put(&StoredSession::new(session)).await;
        wire_token(self.practice, &token).expose_secret().to_owned()
    }

    /// Starts a session that has shown two factors.
    pub(crate) async fn session(&self, user: &User) -> String {
        let (first, token): (SessionToken, SessionToken) =
            (SessionToken::from_random(draw(self.app.entropy())), SessionToken::from_random(draw(self.app.entropy())));
        let sign_in = SignIn {
            id: self.app.new_id(),
            user: user.id.uuid(),
            token: first.hash(),
            from: mentalspace_auth_policy::device::Sighting::default(),
            factor: Factor::Password,
            mfa: Decision::Challenge,
            password: PasswordStanding::Current,
        };
        let policy = &self.app.policies().session;
        let mut session = Session::start(&sign_in, policy, self.app.now());
        session.complete_mfa(Factor::Totp, token.hash(), policy, self.app.now()).unwrap();
        self.put(&StoredSession::new(session)).await;
        wire_token(self.practice, &token).expose_secret().to_owned()
    }

    /// Starts another session, for a clock that was moved beyond the first one's limit.
    pub(crate) async fn token_after_idle(&self, who: &str) -> String {
        self.session(&self.people[who].user).await
    }

    pub(crate) fn token(&self, who: &str) -> &str {
        &self.people[who].token
    }

    pub(crate) async fn request(&self, mut request: Request<Body>) -> Answer {
        self.name_browser(&mut request);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let cookies = parts.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        for named in cookies.filter_map(|cookie| cookie.split(';').next()?.strip_prefix(DEVICE_COOKIE)) {
            *self.browser.lock().unwrap() = Some(format!("{DEVICE_COOKIE}{named}"));
        }
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Sends the browser's name along, unless the test has a browser of its own.
    fn name_browser(&self, request: &mut Request<Body>) {
        let Some(named) = self.browser.lock().unwrap().clone() else { return };
        let sent = request.headers().get(header::COOKIE).map_or("", |value| value.to_str().unwrap());
        if !sent.contains(DEVICE_COOKIE) {
            let cookies = format!("{sent}; {named}").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookies);
        }
    }

    pub(crate) async fn bytes(&self, request: Request<Body>) -> Vec<u8> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        to_bytes(response.into_body(), 4 << 20).await.unwrap().to_vec()
    }

    /// Calls the API.
    pub(crate) async fn call(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_with(self.token(who), method, path, body).await
    }

    pub(crate) async fn call_with(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
            }
            None => request.body(Body::empty()).unwrap(),
        };
        self.request(request).await
    }

    /// Loads a page.
    pub(crate) async fn page(&self, who: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("{COOKIE}={}", self.token(who)));
        self.request(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a browser does, with the token that stands on a page.
    pub(crate) async fn submit(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = csrf(&self.page(who, "/account").await.text);
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        self.request(form(path, Some(self.token(who)), &fields)).await
    }

    /// Books Jordan with Anna (or Riley with Ida) and returns the appointment.
    pub(crate) async fn booked(&self, who: &str, day: &str, at: &str, modality: &str) -> String {
        let (client, clinician) = match who {
            "riley" => (self.riley, self.ida),
            _ => (self.jordan, self.anna),
        };
        let body = serde_json::json!({
            "client": client,
            "terms": { "clinician": clinician, "location": self.location, "day": day, "at": at, "minutes": 50,
                       "modality": modality, "service": "psychotherapy" },
        });
        let booked = self.call("front_desk", "POST", "/appointments", Some(body)).await.expect(201).json();
        booked["appointments"][0].as_str().unwrap().to_owned()
    }

    /// Lets something happen to an appointment.
    pub(crate) async fn happen(&self, who: &str, appointment: &str, event: Value) -> Answer {
        self.happen_with(self.token(who), appointment, event).await
    }

    pub(crate) async fn happen_with(&self, token: &str, appointment: &str, event: Value) -> Answer {
        let path = format!("/appointments/{appointment}");
        let read = self.call_with(token, "GET", &path, None).await.expect(200).json();
        let body = serde_json::json!({ "version": read["version"], "event": event });
        self.call_with(token, "POST", &format!("{path}/events"), Some(body)).await
    }
}

/// Reads the text of a PDF file with poppler; `None` where it is not installed and need not be.
pub(crate) fn pdf_text(pdf: &[u8]) -> Option<String> {
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    match std::process::Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output() {
        Ok(read) => Some(String::from_utf8(read.stdout).unwrap()),
        Err(_) if std::env::var_os("MENTALSPACE_REQUIRE_TOOLS").is_none() => None,
        Err(error) => panic!("pdftotext: {error}"),
    }
}

/// A form as a browser sends it.
pub(crate) fn form(path: &str, token: Option<&str>, fields: &[(&str, &str)]) -> Request<Body> {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
                other => out.push_str(&format!("%{other:02X}")),
            }
            out
        })
    };
    let body = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let body = body.collect::<Vec<_>>().join("&");
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let request = match token {
        Some(token) => request.header(header::COOKIE, format!("{COOKIE}={token}")),
        None => request,
    };
    request.body(Body::from(body)).unwrap()
}

/// Finds the form token on a page.
#[track_caller]
pub(crate) fn csrf(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("the page has a form");
    rest.split_once('"').unwrap().0.to_owned()
}
