//! The signed-in person behind a request: found by cookie or bearer token, checked against the session's limits.

use axum::{
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
    http::{HeaderMap, Method, header, request::Parts},
};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_auth_policy::{
    api_key::PresentedKey,
    assurance::{Aal, Factor},
    device::{Sighting, agent_family, device_id, network_prefix},
    event::SecurityEvent,
    mfa::Requirement,
    session::{
        self, Activity, Live, PasswordStanding, Refusal, Scope, Session, SessionState, SessionToken, SignIn,
        StepUpReason, Touched,
    },
};
use mentalspace_core::{
    Access, Actor, ClinicianId, Origin, PracticeId, Purpose, Role, UserActor, UserId,
    access::{Decision, DenyReason, Permission, Relation, decide},
    store::{Deed, Find, Reading, StoreError, Subject, Versioned},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{
    account::{StoredSession, User},
    api_keys,
    app::App,
    events,
    problem::Problem,
    sender::Sender,
};

/// Name of the session cookie. The prefix binds it to this host, to the whole path and to secure transport.
pub const COOKIE: &str = "__Host-session";

/// Name of the cookie by which a browser is known again. It opens nothing.
pub const DEVICE_COOKIE: &str = "__Host-device";

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct From(pub Origin);

/// Who asks to be signed in: where from, on which device, and after which session.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where the request came from.
    pub origin: Origin,
    /// The token of the device, if the browser has one.
    pub device: Option<SessionToken>,
    /// Who it is as far as guessing is concerned.
    pub sender: Sender,
    /// The session the browser still holds.
    pub earlier: Option<(PracticeId, SessionToken)>,
}

/// A request with a live session in which work is allowed.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The practice.
    pub practice: PracticeId,
    /// The person.
    pub user: UserId,
    /// Name shown to colleagues.
    pub display_name: String,
    /// The roles held.
    pub roles: Vec<Role>,
    /// The clinician this person is.
    pub clinician: Option<ClinicianId>,
    /// When the session ends.
    pub live: Live,
    /// What a form must carry to be accepted.
    pub csrf: String,
    at: DateTime<Utc>,
    session: Session,
    from: Sighting,
    required: Aal,
    /// What a program may do; nothing for people, who act by their roles.
    granted: Option<Vec<Permission>>,
    trace: Option<String>,
    origin: Origin,
    /// Until when a second factor has to be set up.
    pub enrol_by: Option<DateTime<Utc>>,
    /// When a one-time code of this person came a second time.
    pub replayed_at: Option<DateTime<Utc>>,
}

/// A request with a live session in any state, such as one that waits for the second factor.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The practice.
    pub practice: PracticeId,
    /// The person.
    pub user: Versioned<User>,
    /// The session and its version.
    pub stored: Versioned<StoredSession>,
    /// What a form must carry to be accepted.
    pub csrf: String,
    /// Where the request came from.
    pub origin: Origin,
    /// The device, the browser and the network it came from.
    pub from: Sighting,
}

impl Signed {
    /// Lets somebody act without a request, by a session that was never stored and that no token opens.
    ///
    /// # Errors
    /// The session has ended.
    pub(crate) fn acting(
        practice: PracticeId,
        user: &User,
        session: Session,
        policy: &session::SessionPolicy,
        origin: Origin,
        at: DateTime<Utc>,
    ) -> Result<Self, session::Ended> {
        Ok(Self {
            practice,
            user: user.id,
            display_name: user.display_name.clone(),
            roles: user.roles.clone(),
            clinician: user.clinician,
            live: session.check(policy, at)?,
            csrf: String::new(),
            at,
            session,
            from: Sighting::default(),
            required: Aal::Aal1,
            granted: None,
            trace: None,
            origin,
            enrol_by: None,
            replayed_at: None,
        })
    }

    /// Returns the session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Makes sure that the person has shown every factor a short while ago; otherwise they are asked for and the person
    /// comes back to `page`.
    ///
    /// # Errors
    /// A step-up is required.
    pub fn confirmed(&self, app: &App, page: &str) -> Result<(), Problem> {
        let asked = session::Access { scope: Scope::Sensitive, required: self.required, from: self.from.clone() };
        match self.session.authorize(&asked, &app.policies().session, app.now()) {
            Ok(_) => Ok(()),
            Err(refused) => Err(refusal(refused).coming_back(page)),
        }
    }

    /// Begins the account of an access by this person.
    #[must_use]
    pub fn access(&self, activity: &'static str, purpose: Purpose) -> Access {
        Access {
            practice: self.practice,
            actor: actor(self.user, &self.roles, &self.session),
            activity,
            purpose,
            at: self.at,
            trace: self.trace.clone(),
            origin: Some(self.origin.clone()),
        }
    }

    pub(crate) fn advance(&mut self, now: DateTime<Utc>) {
        self.at = self.at.max(now);
    }

    /// Decides by the roles of a person, or by what a program was granted.
    #[must_use]
    pub fn decide(&self, wanted: Permission, relation: Relation) -> Decision {
        match &self.granted {
            Some(granted) if granted.contains(&wanted) => Decision::Allow,
            Some(_) => Decision::Deny { reason: DenyReason::NoRole },
            None => decide(&self.roles, wanted, relation),
        }
    }

    /// Lets a program act by its key: one factor, no roles, no session that is stored.
    async fn program(parts: &Parts, app: &App, text: &str) -> Result<Self, Problem> {
        let opened = api_keys::open(app, text).await?.ok_or_else(signed_out)?;
        let (policy, now) = (&app.policies().session, app.now());
        let sign_in = SignIn {
            id: opened.key.id,
            user: opened.account.id.uuid(),
            token: opened.hash,
            from: Sighting::default(),
            factor: Factor::ApiKey,
            mfa: mentalspace_auth_policy::mfa::Decision::NotNeeded,
            password: PasswordStanding::Current,
        };
        let session = Session::start(&sign_in, policy, now);
        Ok(Self {
            practice: opened.practice,
            user: opened.account.id,
            display_name: opened.account.name,
            roles: Vec::new(),
            clinician: None,
            live: session.check(policy, now).map_err(|_| signed_out())?,
            csrf: String::new(),
            at: now,
            session,
            from: Sighting::default(),
            // A program never reaches what asks for two factors, such as account administration and exports.
            required: Aal::Aal2,
            granted: Some(api_keys::permissions(opened.key.key.scopes())),
            enrol_by: None,
            replayed_at: None,
            trace: parts.extensions.get::<crate::security::Trace>().map(|trace| trace.0.clone()),
            origin: origin(parts),
        })
    }

    /// Lets the person do something, or accounts for the refusal, also when the unit of work is undone for it.
    ///
    /// # Errors
    /// `forbidden` with the reason.
    pub fn require(
        &self,
        work: &mut Reading<'_>,
        wanted: Permission,
        relation: Relation,
        subject: Subject,
    ) -> Result<(), Problem> {
        let Decision::Deny { reason } = self.decide(wanted, relation) else { return Ok(()) };
        let outcome = mentalspace_audit::Outcome::denied("not-permitted");
        work.record(Deed { action: mentalspace_audit::Action::Execute, subject, outcome });
        Err(Problem::forbidden(format!("Your role does not allow this: {reason}.")))
    }

    /// Returns whether the person holds one of `roles`.
    #[must_use]
    pub fn holds(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// Names the person behind a session, as the audit trail records it.
pub(crate) fn actor(user: UserId, roles: &[Role], session: &Session) -> Actor {
    Actor::User(UserActor {
        user,
        roles: roles.to_vec(),
        session: token_digest(session),
        assurance: level(session.aal()),
        factors: session.factors().iter().map(|(factor, _)| factor.name().to_owned()).collect(),
    })
}

fn token_digest(session: &Session) -> [u8; 32] {
    use sha2::Digest;
    Sha256::digest(session.token().to_key()).into()
}

const fn level(aal: Aal) -> u8 {
    match aal {
        Aal::Aal1 => 1,
        Aal::Aal2 => 2,
    }
}

/// A session token as it travels: the practice, so that its records can be found, and 256 random bits.
#[must_use]
pub fn wire_token(practice: PracticeId, token: &SessionToken) -> SecretString {
    format!("{}.{}", practice.uuid().simple(), token.expose().expose_secret()).into()
}

pub(crate) fn read_token(text: &str) -> Option<(PracticeId, SessionToken)> {
    let (practice, token) = text.split_once('.')?;
    let practice = uuid::Uuid::try_parse(practice).ok()?;
    Some((PracticeId::from_uuid(practice), SessionToken::parse(token).ok()?))
}

/// Derives from the session token what forms must carry (NIST SP 800-63B-4 §5.1: a request that changes something
/// carries an identifier the server verifies).
fn csrf_token(token: &SessionToken) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(token.expose().expose_secret().as_bytes()).expect("any key length");
    mac.update(b"csrf");
    mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

enum Carrier {
    Cookie,
    Bearer,
}

fn presented(headers: &HeaderMap) -> Option<(Carrier, String)> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some((Carrier::Bearer, token.trim().to_owned()));
    }
    cookie(headers, COOKIE).map(|token| (Carrier::Cookie, token))
}

fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// Tells where a request comes from, as far as it concerns one person.
pub(crate) fn sighting(device: Option<&SessionToken>, origin: &Origin, user: UserId) -> Sighting {
    Sighting {
        device: device.map(|token| device_id(token.hash(), user.uuid())),
        agent: origin.user_agent.as_deref().and_then(agent_family),
        network: origin.address.parse().ok().map(network_prefix),
    }
}

/// Returns the assurance that somebody's roles call for.
pub(crate) fn required(app: &App, user: &User) -> Aal {
    match app.policies().mfa.requirement(user.role_names(), app.now()) {
        Requirement::Required => Aal::Aal2,
        _ => Aal::Aal1,
    }
}

/// A page that only listens keeps nobody signed in; an `EventSource` cannot say so by a header.
fn activity(parts: &Parts) -> Activity {
    let route = parts.extensions.get::<axum::extract::MatchedPath>();
    let listens = parts.headers.contains_key("x-background")
        || route.is_some_and(|route| route.as_str().ends_with("/visit/api/events"));
    if listens { Activity::Background } else { Activity::Interactive }
}

fn signed_out() -> Problem {
    Problem::unauthenticated("You are not signed in, or your session has ended.")
}

fn refusal(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Ended(_) => signed_out(),
        Refusal::State(SessionState::MfaPending) => {
            Problem::unauthenticated("Please enter the code of your second factor.")
        }
        Refusal::State(SessionState::MfaEnrolmentRequired) => {
            Problem::unauthenticated("Please set up your second factor first.")
        }
        Refusal::State(SessionState::PasswordExpired) => {
            Problem::unauthenticated("Please choose a new password first.")
        }
        Refusal::StepUpRequired(StepUpReason::OtherDevice) => {
            Problem::step_up("Your session was begun on another device or in another browser.")
        }
        Refusal::StepUpRequired(_) => Problem::step_up("This asks for your password and your second factor again."),
        _ => Problem::unauthenticated("Your sign-in is not sure enough for this."),
    }
}

impl Pending {
    /// Begins the account of a step of signing in or out by this person.
    pub(crate) fn access(&self, activity: &'static str, at: DateTime<Utc>) -> Access {
        let actor = actor(self.user.id, &self.user.roles, &self.stored.session);
        Access { actor, origin: Some(self.origin.clone()), ..Access::system(self.practice, activity, at) }
    }

    async fn find(parts: &Parts, app: &App) -> Result<(Self, Carrier), Problem> {
        let (carrier, text) = presented(&parts.headers).ok_or_else(signed_out)?;
        let (practice, token) = read_token(&text).ok_or_else(signed_out)?;
        if !app.serves(practice).await? {
            return Err(signed_out());
        }
        let access = Access::system(practice, "session.check", app.now());
        let find = Find::<StoredSession>::new().with(StoredSession::term(token.hash())).limit(1);
        let found = app.vault().read(&access, |read| {
            Box::pin(async move {
                let Some(stored) = read.find(&find).await?.items.pop() else { return Ok(None) };
                let user = read.get::<User>(stored.session.user()).await?;
                Ok::<_, StoreError>(user.map(|user| (stored, user)))
            })
        });
        let (stored, user) = found.await?.ok_or_else(signed_out)?;
        if !user.enabled {
            return Err(signed_out());
        }
        let origin = origin(parts);
        let from = sighting(device_token(&parts.headers).as_ref(), &origin, user.id);
        Ok((Self { practice, user, stored, csrf: csrf_token(&token), origin, from }, carrier))
    }

    /// Lets a session in any state do what its state permits.
    ///
    /// # Errors
    /// As the session decides.
    pub fn permit(&self, app: &App, scope: Scope) -> Result<(), Problem> {
        let asked = session::Access { scope, required: required(app, &self.user), from: self.from.clone() };
        self.stored.session.authorize(&asked, &app.policies().session, app.now()).map(drop).map_err(refusal)
    }

    /// Refuses a session that was carried elsewhere or is past its time, and ends it for good.
    async fn hold(&mut self, app: &App, asked: &session::Access) -> Result<(), Problem> {
        let (policy, now) = (&app.policies().session, app.now());
        let Err(refused) = self.stored.session.authorize(asked, policy, now) else { return Ok(()) };
        let open = !matches!(self.stored.session.state(), SessionState::Ended(_));
        if let Refusal::Ended(ended) = refused
            && open
        {
            let version = self.stored.version;
            self.stored.value.session.end(ended.reason, now);
            let (over, user) = (self.stored.value.clone(), self.user.id);
            let access = self.access("session.end", now);
            let event = SecurityEvent::SessionEnded { reason: ended.reason };
            let written = app.vault().write(&access, |write| {
                Box::pin(async move {
                    write.update(&over, version).await?;
                    events::emit(app, write, user, event).await
                })
            });
            match written.await {
                Ok(()) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(refusal(refused))
    }
}

fn device_token(headers: &HeaderMap) -> Option<SessionToken> {
    cookie(headers, DEVICE_COOKIE).and_then(|text| SessionToken::parse(&text).ok())
}

pub(crate) fn origin(parts: &Parts) -> Origin {
    let address = parts.extensions.get::<crate::security::ClientAddress>();
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: address.map(|address| address.0.to_string()).unwrap_or_default(),
        user_agent: agent.map(str::to_owned),
    }
}

impl FromRequestParts<App> for From {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(origin(parts)))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let sender = Sender::from_request_parts(parts, app).await?;
        let earlier = cookie(&parts.headers, COOKIE).and_then(|text| read_token(&text));
        Ok(Self { origin: origin(parts), device: device_token(&parts.headers), sender, earlier })
    }
}

impl FromRequestParts<App> for Pending {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (mut pending, carrier) = Self::find(parts, app).await?;
        same_site(parts, &carrier)?;
        let asked = session::Access { scope: Scope::LogOut, required: Aal::Aal1, from: pending.from.clone() };
        pending.hold(app, &asked).await?;
        Ok(pending)
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        if let Some((Carrier::Bearer, text)) = presented(&parts.headers)
            && PresentedKey::is_meant(&text)
        {
            let signed = Self::program(parts, app, &text).await?;
            parts.extensions.insert(signed.clone());
            return Ok(signed);
        }
        let (mut pending, carrier) = Pending::find(parts, app).await?;
        same_site(parts, &carrier)?;
        let (policy, now) = (&app.policies().session, app.now());
        let required = required(app, &pending.user);
        let asked = session::Access { scope: Scope::Work, required, from: pending.from.clone() };
        let page = (parts.method == Method::GET).then(|| parts.uri.path_and_query().map_or("/", |path| path.as_str()));
        pending.hold(app, &asked).await.map_err(|problem| problem.coming_back(page.unwrap_or("/")))?;
        let Versioned { version, value: mut stored } = pending.stored;
        if let Ok(Touched::Write) = stored.session.touch(activity(parts), policy, now) {
            let access = Access::system(pending.practice, "session.touch", now);
            let (session, touched) = (stored.session.clone(), stored.clone());
            let written =
                app.vault().write(&access, |write| Box::pin(async move { write.update(&touched, version).await }));
            match written.await {
                Ok(_) | Err(StoreError::Conflict { .. }) => stored.session = session,
                Err(error) => return Err(error.into()),
            }
        }
        let live = stored.session.check(policy, now).map_err(|_| signed_out())?;
        let enrol_by = match app.policies().mfa.requirement(pending.user.role_names(), now) {
            Requirement::GraceUntil(end) if live.aal < Aal::Aal2 => Some(end),
            _ => None,
        };
        let user = pending.user.value;
        let signed = Self {
            practice: pending.practice,
            user: user.id,
            display_name: user.display_name,
            roles: user.roles,
            clinician: user.clinician,
            live,
            csrf: pending.csrf,
            at: now,
            session: stored.session,
            from: pending.from,
            required,
            granted: None,
            trace: parts.extensions.get::<crate::security::Trace>().map(|trace| trace.0.clone()),
            origin: pending.origin,
            enrol_by,
            replayed_at: stored.replayed_at,
        };
        parts.extensions.insert(signed.clone());
        Ok(signed)
    }
}

impl OptionalFromRequestParts<App> for Signed {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(signed) => Ok(Some(signed)),
            Err(problem) if problem.status == axum::http::StatusCode::UNAUTHORIZED => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

/// Refuses requests that change something and were sent by another site with our cookie. Bearer tokens are never sent
/// by a browser on its own.
fn same_site(parts: &Parts, carrier: &Carrier) -> Result<(), Problem> {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || matches!(carrier, Carrier::Bearer) || is_same_origin(&parts.headers) {
        return Ok(());
    }
    Err(Problem::forbidden("The request came from another site."))
}

/// Reads what the browser says of the sender (Fetch Metadata, or the Origin header where that is missing).
#[must_use]
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, sender)| sender == host),
        (None, _, _) => false,
    }
}

/// A form sent by a signed-in person, accepted only with the session's own token in the field `csrf`.
#[derive(Debug)]
pub struct SignedForm<T>(pub T);

#[derive(Deserialize)]
struct Guarded<T> {
    csrf: String,
    #[serde(flatten)]
    form: T,
}

/// Checks what a form carries against what the session expects.
///
/// # Errors
/// They differ.
pub fn check_csrf(expected: &str, sent: &str) -> Result<(), Problem> {
    use subtle::ConstantTimeEq;
    match expected.as_bytes().ct_eq(sent.as_bytes()).into() {
        true => Ok(()),
        false => Err(Problem::forbidden("The form is out of date. Load the page again.")),
    }
}

impl<T: DeserializeOwned> FromRequest<App> for SignedForm<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let expected = match <Signed as FromRequestParts<App>>::from_request_parts(&mut parts, app).await {
            Ok(signed) => signed.csrf,
            Err(_) => <Pending as FromRequestParts<App>>::from_request_parts(&mut parts, app).await?.csrf,
        };
        let form = axum::Form::<Guarded<T>>::from_request(Request::from_parts(parts, body), app).await;
        let axum::Form(guarded) = form.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        check_csrf(&expected, &guarded.csrf)?;
        Ok(Self(guarded.form))
    }
}
