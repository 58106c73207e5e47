//! Links by which somebody without an account takes part in one visit: a client, a guardian, an interpreter.
//!
//! The link carries 256 random bits and dies with the visit. It opens nothing by itself: a client also states the birth
//! date on record, and five wrong dates end the link. The browser then holds another secret, as a cookie no script can
//! read, and the link's stays out of its address bar. Only hashes are stored.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use mentalspace_core::{
    Access, Actor, AppointmentId, Client, ClientId, GuestActor, Origin, Phi, PracticeId, Purpose, draw,
    store::{Document, Find, Reading, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ParticipantId,
    visit::{ParticipantRole, Person, Visit},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{app::App, practice::named, problem::Problem, signed};

/// Name of the cookie of somebody who came by a link.
pub const COOKIE: &str = "__Host-visit";

/// Wrong birth dates until a link is dead.
const TRIES: u32 = 5;
/// Browsers that may use one link.
const SEATS: usize = 10;
/// How long after the planned end a link works.
const AFTER: TimeDelta = TimeDelta::hours(6);

/// An invitation to one visit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    id: Uuid,
    /// To which appointment's visit.
    pub appointment: AppointmentId,
    /// Whose, where it is a client's.
    client: Option<ClientId>,
    /// As whom.
    pub participant: ParticipantId,
    /// In which part.
    pub role: ParticipantRole,
    /// The name shown to others; a client's is that on record.
    pub name: Phi<String>,
    link: String,
    seats: Vec<String>,
    wrong: u32,
    expires_at: DateTime<Utc>,
    revoked: bool,
}

impl Document for Invitation {
    const KIND: &'static str = "visit_invitation";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![Term::plain("appointment", &self.appointment), Term::plain("link", &self.link).unique()];
        terms.extend(self.seats.iter().map(|seat| Term::plain("seat", seat).unique()));
        terms
    }
}

impl Invitation {
    fn is_open(&self, now: DateTime<Utc>) -> bool {
        !self.revoked && self.wrong < TRIES && now < self.expires_at
    }
}

/// Makes a link for a participant, in the place of an earlier one, and returns its path. `name` is shown to others.
pub(super) async fn issue(
    app: &App,
    work: &mut Writing<'_>,
    visit: &Visit,
    participant: ParticipantId,
    name: Phi<String>,
    practice: PracticeId,
) -> Result<String, Problem> {
    let unknown = || Problem::not_found("Nobody of that id is invited.");
    let invited = visit.participant(participant).ok_or_else(unknown)?;
    let client = match invited.person {
        Person::Client(client) => Some(client),
        Person::Guest => None,
        _ => return Err(Problem::conflict("People with an account sign in; they need no link.")),
    };
    for old in of_appointment(work, visit.appointment()).await?.into_iter().filter(|i| i.participant == participant) {
        let dead = Invitation { revoked: true, ..old.value };
        work.update(&dead, old.version).await?;
    }
    let secret = secret(app);
    let invitation = Invitation {
        id: app.new_id(),
        appointment: visit.appointment(),
        client,
        participant,
        role: invited.role,
        name,
        link: hash(&secret),
        seats: Vec::new(),
        wrong: 0,
        expires_at: visit.ends_at() + AFTER,
        revoked: false,
    };
    work.insert(&invitation).await?;
    Ok(format!("/join/{}.{secret}", practice.uuid().simple()))
}

/// Lists the invitations to an appointment's visit, dead ones among them.
pub(super) async fn of_appointment(
    work: &mut Reading<'_>,
    appointment: AppointmentId,
) -> Result<Vec<Versioned<Invitation>>, mentalspace_core::store::StoreError> {
    work.find_all(Find::<Invitation>::new().with(Term::plain("appointment", &appointment))).await
}

fn secret(app: &App) -> String {
    hex(&draw::<32>(app.entropy()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

fn dead() -> Problem {
    Problem::not_found("This link does not work, or no longer. Please call the practice for a new one.")
}

/// Reads a token of a practice this server serves.
async fn parse<'a>(app: &App, token: &'a str) -> Result<(PracticeId, &'a str), Problem> {
    let (practice, secret) = token.split_once('.').ok_or_else(dead)?;
    let practice = PracticeId::from_uuid(Uuid::try_parse(practice).map_err(|_| dead())?);
    let plain = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain && app.serves(practice).await? { Ok((practice, secret)) } else { Err(dead()) }
}

fn anonymous(practice: PracticeId, activity: &'static str, origin: &Origin, now: DateTime<Utc>) -> Access {
    Access { actor: Actor::Anonymous, origin: Some(origin.clone()), ..Access::system(practice, activity, now) }
}

/// Whether whoever opens a link has to state a birth date.
///
/// # Errors
/// `not_found` for a link that does not work.
pub async fn asks_birth_date(app: &App, token: &str, origin: &Origin) -> Result<bool, Problem> {
    let (practice, secret) = parse(app, token).await?;
    let access = anonymous(practice, "visit_link.open", origin, app.now());
    let find = Find::<Invitation>::new().with(Term::plain("link", &hash(secret))).limit(1);
    let read = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await }));
    let found = read.await?.items.pop().filter(|found| found.is_open(app.now()));
    Ok(found.ok_or_else(dead)?.client.is_some())
}

/// Opens a link and returns what the browser shall hold.
///
/// # Errors
/// `not_found` for a link that does not work; `invalid` for a wrong birth date.
pub async fn open(app: &App, token: &str, birth_date: Option<NaiveDate>, origin: &Origin) -> Result<String, Problem> {
    let (practice, link) = parse(app, token).await?;
    let access = anonymous(practice, "visit_link.open", origin, app.now());
    let seat = secret(app);
    let (hashed, now) = (hash(&seat), app.now());
    let find = Find::<Invitation>::new().with(Term::plain("link", &hash(link))).limit(1);
    let opened = app.vault().write(&access, |work| {
        Box::pin(async move {
            let found = work.find(&find).await?.items.pop().filter(|found| found.is_open(now)).ok_or_else(dead)?;
            let Versioned { version, value: mut invitation } = found;
            let right = match invitation.client {
                None => true,
                Some(client) => birth_date == Some(*named::<Client>(work, client, "client").await?.birth_date.expose()),
            };
            if right {
                if invitation.seats.len() >= SEATS {
                    invitation.seats.remove(0);
                }
                invitation.seats.push(hashed);
            } else {
                invitation.wrong += 1;
            }
            work.update(&invitation, version).await?;
            Ok::<_, Problem>(right)
        })
    });
    match opened.await {
        Ok(true) => Ok(format!("{}.{seat}", practice.uuid().simple())),
        Ok(false) => Err(Problem::field("birth_date", "is not the one the practice has on record")),
        Err(problem) => Err(problem),
    }
}

/// Somebody who came by a link.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The practice.
    pub practice: PracticeId,
    /// To what they are invited.
    pub invitation: Invitation,
    /// Where the request came from.
    pub origin: Origin,
    /// What a request that changes something must carry.
    pub csrf: String,
    session: [u8; 32],
    at: DateTime<Utc>,
    trace: Option<String>,
}

impl Guest {
    pub(crate) fn advance(&mut self, now: DateTime<Utc>) {
        self.at = self.at.max(now);
    }

    /// Begins the account of an access by this person.
    #[must_use]
    pub fn access(&self, activity: &'static str) -> Access {
        let role = serde_json::to_value(self.invitation.role).ok();
        let birth_date = self.invitation.client.map(|_| "birth_date".to_owned());
        Access {
            practice: self.practice,
            actor: Actor::Guest(GuestActor {
                participant: self.invitation.participant.uuid(),
                role: role.and_then(|role| role.as_str().map(str::to_owned)).unwrap_or_default(),
                session: self.session,
                factors: std::iter::once("link".to_owned()).chain(birth_date).collect(),
            }),
            activity,
            purpose: Purpose::ClientRequest,
            at: self.at,
            trace: self.trace.clone(),
            origin: Some(self.origin.clone()),
        }
    }

    async fn find(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let token = held(&parts.headers).ok_or_else(dead)?;
        let (practice, secret) = parse(app, &token).await?;
        let origin = signed::origin(parts);
        let access = anonymous(practice, "visit_link.check", &origin, app.now());
        let find = Find::<Invitation>::new().with(Term::plain("seat", &hash(secret))).limit(1);
        let read = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await }));
        let found = read.await?.items.pop().filter(|found| found.is_open(app.now()));
        Ok(Self {
            practice,
            invitation: found.ok_or_else(dead)?.value,
            origin,
            csrf: csrf(secret),
            session: Sha256::digest(secret).into(),
            at: app.now(),
            trace: parts.extensions.get::<crate::security::Trace>().map(|trace| trace.0.clone()),
        })
    }
}

fn held(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn csrf(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(b"visit csrf");
    hex(&mac.finalize().into_bytes()[..16])
}

impl FromRequestParts<App> for Guest {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let safe = matches!(parts.method, axum::http::Method::GET | axum::http::Method::HEAD);
        if !safe && !signed::is_same_origin(&parts.headers) {
            return Err(Problem::forbidden("The request came from another site."));
        }
        Self::find(parts, app).await
    }
}
