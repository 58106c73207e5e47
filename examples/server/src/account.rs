//! Accounts: who may sign in, with what, and the sessions that come of it.

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_auth_policy::{
    backup_code::BackupCodes,
    hash::StoredPassword,
    session::{Session, TokenHash},
    totp::{Drift, TotpAuthenticator, TotpSecret},
};
use mentalspace_core::{
    ClientId, ClinicianId, Email, Phi, PracticeId, Role, UserId,
    store::{Document, Term},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::authenticators::Record;

/// A person who may sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Name used to sign in.
    pub login: Email,
    /// Name shown to colleagues.
    pub display_name: String,
    /// What the person does.
    pub roles: Vec<Role>,
    /// The clinician this person is.
    pub clinician: Option<ClinicianId>,
    /// Hash of the password.
    pub password: Phi<StoredPassword>,
    /// When the password was set.
    pub password_set_at: DateTime<Utc>,
    /// Whether the password must be changed before anything else.
    pub must_change_password: bool,
    /// Authenticator app, once confirmed. Passkeys and a telephone lie beside: `authenticators::Held` reads them, and
    /// `authenticators::withdraw_all` takes everything.
    pub totp: Option<Totp>,
    /// Authenticator app that was offered but not confirmed yet.
    pub offered_totp: Option<OfferedTotp>,
    /// Backup codes.
    pub backup_codes: Option<BackupCodes>,
    /// Whether the person may sign in.
    pub enabled: bool,
}

/// A confirmed authenticator app, its last used step, so that each code works once, and what is known of its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totp {
    secret: Phi<[u8; 20]>,
    last_step: Option<u64>,
    drift: Drift,
    /// What is on record.
    pub record: Record,
}

/// An authenticator app waiting for its first code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedTotp {
    /// The secret that was shown.
    pub secret: Phi<[u8; 20]>,
    /// When it was shown.
    pub at: DateTime<Utc>,
}

impl Totp {
    /// Keeps what a confirmed or verified authenticator knows.
    #[must_use]
    pub fn keep(authenticator: &TotpAuthenticator, record: Record) -> Self {
        let secret = Phi::new(*authenticator.secret().expose());
        Self { secret, last_step: authenticator.last_step(), drift: authenticator.drift(), record }
    }

    /// Returns the authenticator.
    #[must_use]
    pub fn authenticator(&self) -> TotpAuthenticator {
        TotpAuthenticator::restore(TotpSecret::from_bytes(*self.secret.expose()), self.last_step, self.drift)
    }
}

/// How long a password lasts that was made for somebody else's first sign-in (OWASP ASVS 5.0 6.4.1).
const ONE_TIME: TimeDelta = TimeDelta::days(3);

impl User {
    /// Returns whether the person may try to sign in with the password: an account that is shut admits nobody, and a
    /// one-time password does not last.
    #[must_use]
    pub fn admits(&self, now: DateTime<Utc>) -> bool {
        self.enabled && !(self.must_change_password && now - self.password_set_at >= ONE_TIME)
    }

    /// Returns the names of the roles, as policies know them.
    pub fn role_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.roles.iter().map(|role| role.name())
    }
}

impl Document for User {
    const KIND: &'static str = "user";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::blind("login", login_key(&self.login)).unique()]
    }
}

/// The form of a sign-in name that is compared: without case.
#[must_use]
pub fn login_key(login: &Email) -> String {
    login.expose().to_lowercase()
}

/// Which practice a sign-in name belongs to. Lives in [`PracticeId::DIRECTORY`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInName {
    /// Id.
    pub id: Uuid,
    /// The name.
    pub login: Email,
    /// The practice.
    pub practice: PracticeId,
    /// The person.
    pub user: UserId,
}

impl Document for SignInName {
    const KIND: &'static str = "sign_in_name";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::blind("login", login_key(&self.login)).unique(), Term::plain("user", &self.user)]
    }
}

/// A practice the server serves. Lives in [`PracticeId::DIRECTORY`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The practice.
    pub practice: PracticeId,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
}

impl Document for Tenant {
    const KIND: &'static str = "tenant";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.practice.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// A session as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSession {
    /// The session.
    pub session: Session,
    /// When a one-time code of this person came a second time, until the person has read it here.
    #[serde(default)]
    pub replayed_at: Option<DateTime<Utc>>,
}

impl StoredSession {
    /// Stores a session.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, replayed_at: None }
    }

    /// The term by which the session of a token is found.
    #[must_use]
    pub fn term(token: TokenHash) -> Term {
        Term::plain("token", &token.to_key()).unique()
    }
}

impl Document for StoredSession {
    const KIND: &'static str = "session";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.session.id()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.session.expires_at())
    }

    fn terms(&self) -> Vec<Term> {
        vec![Self::term(self.session.token()), Term::plain("user", &self.session.user())]
    }
}

/// The form of an instant by which sessions are ordered.
pub(crate) fn sort_key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
