//! Security events: on record in the audit log, and told to the person, in the unit of work that caused them.

use chrono::{DateTime, Utc};
use mentalspace_audit::{Action, Outcome};
use mentalspace_auth_policy::{
    assurance::Factor,
    event::{RefusedBecause, SecurityEvent},
};
use mentalspace_core::{
    ClientId, Purpose, UserId,
    store::{Deed, Document, Find, StoreError, Subject, Term, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{User, sort_key},
    app::App,
    letters,
    problem::Problem,
    signed::Signed,
};

/// Something a person is to be told about the own account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Id.
    pub id: Uuid,
    /// Whose account.
    pub user: UserId,
    /// What happened.
    pub event: SecurityEvent,
    /// When.
    pub at: DateTime<Utc>,
    /// When the person read it here.
    pub read_at: Option<DateTime<Utc>>,
}

impl Document for Notice {
    const KIND: &'static str = "notice";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.at)
    }

    fn terms(&self) -> Vec<Term> {
        let state = if self.read_at.is_some() { "read" } else { "unread" };
        vec![Term::plain("user", &self.user), Term::plain("state", state)]
    }
}

/// Lists what the person was not told here yet, oldest first.
///
/// # Errors
/// As the store.
pub async fn unread(app: &App, signed: &Signed) -> Result<Vec<Notice>, Problem> {
    let access = signed.access("notice.list", Purpose::Operations);
    let find = unread_of(signed.user);
    let found = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await })).await?;
    Ok(found.items.into_iter().map(|notice| notice.value).collect())
}

fn unread_of(user: UserId) -> Find<Notice> {
    Find::<Notice>::new().with(Term::plain("user", &user)).with(Term::plain("state", "unread")).limit(50)
}

/// Notes that the person has read them.
///
/// # Errors
/// As the store.
pub async fn read(app: &App, signed: &Signed) -> Result<(), Problem> {
    let access = signed.access("notice.read", Purpose::Operations);
    let find = unread_of(signed.user);
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            for notice in work.find(&find).await?.items {
                work.update(&Notice { read_at: Some(app.now()), ..notice.value }, notice.version).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(done.await?)
}

/// Puts an event on record and, where it asks for it, a notice for the person.
///
/// # Errors
/// As the store.
pub(crate) async fn emit(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    event: SecurityEvent,
) -> Result<(), StoreError> {
    work.record(deed(Some(user), &event));
    letters::tell(app, work, user, &event).await?;
    if event.notice().is_some() {
        work.insert(&Notice { id: app.new_id(), user, event, at: app.now(), read_at: None }).await?;
    }
    Ok(())
}

/// Describes an event for the audit log; whoever acts, by which factors and how surely, is in its actor.
pub(crate) fn deed(user: Option<UserId>, event: &SecurityEvent) -> Deed {
    let subject = Subject { id: user.map(UserId::uuid), ..Subject::new(User::KIND) };
    Deed { action: action(event), subject, outcome: outcome(event) }
}

fn action(event: &SecurityEvent) -> Action {
    match event {
        SecurityEvent::SignedIn { .. } => Action::Login,
        SecurityEvent::Refused { factor: Factor::Password, .. } => Action::LoginFailed,
        SecurityEvent::Refused { why: RefusedBecause::Replayed, .. } => Action::OtpReplay,
        SecurityEvent::Refused { .. } => Action::MfaFail,
        SecurityEvent::SignedOut => Action::Logout,
        SecurityEvent::SessionEnded { .. } => Action::SessionEnd,
        SecurityEvent::AccountWaits { .. }
        | SecurityEvent::AuthenticatorDisabled { .. }
        | SecurityEvent::SourceWaits
        | SecurityEvent::CredentialStuffing { .. }
        | SecurityEvent::AccountDisabled => Action::Lock,
        SecurityEvent::SignedInAfterFailures { .. } => Action::Login,
        SecurityEvent::PasswordChanged | SecurityEvent::PasswordFoundCompromised | SecurityEvent::BreachCheckMissed => {
            Action::PasswordChange
        }
        SecurityEvent::AuthenticatorBound { .. }
        | SecurityEvent::AuthenticatorRemoved { .. }
        | SecurityEvent::AuthenticatorSuspended { .. }
        | SecurityEvent::AuthenticatorRestored { .. } => Action::MfaEnrol,
        SecurityEvent::AccountEnabled => Action::Unlock,
        SecurityEvent::RolesChanged => Action::RoleChange,
        SecurityEvent::Invited | SecurityEvent::AccountActivated | SecurityEvent::ApiKeyIssued => Action::Create,
        SecurityEvent::PasswordReset
        | SecurityEvent::PasswordResetRequested
        | SecurityEvent::RecoveryRequested
        | SecurityEvent::RecoveryApproved
        | SecurityEvent::RecoveryStopped
        | SecurityEvent::RecoveryUsed => Action::Recovery,
        SecurityEvent::ContactChanged
        | SecurityEvent::ContactChangeUndone
        | SecurityEvent::ApiKeyRotated
        | SecurityEvent::ApiKeyRevoked => Action::Update,
        _ => Action::Execute,
    }
}

fn outcome(event: &SecurityEvent) -> Outcome {
    match event {
        SecurityEvent::Refused { why: RefusedBecause::Throttled, .. } => Outcome::denied("throttled"),
        SecurityEvent::Refused { why: RefusedBecause::Disabled, .. } => Outcome::denied("disabled"),
        SecurityEvent::Refused { why: RefusedBecause::Replayed, .. } => Outcome::minor("replayed"),
        SecurityEvent::AccountWaits { .. } => Outcome::minor("account-waits"),
        SecurityEvent::AuthenticatorDisabled { .. } => Outcome::denied("disabled"),
        SecurityEvent::SourceWaits => Outcome::minor("source-waits"),
        SecurityEvent::CredentialStuffing { .. } => Outcome::minor("credential-stuffing"),
        SecurityEvent::SignedInAfterFailures { .. } => Outcome::minor("after-many-failures"),
        SecurityEvent::PasswordFoundCompromised => Outcome::minor("password-compromised"),
        SecurityEvent::BreachCheckMissed => Outcome::minor("breach-check-missed"),
        SecurityEvent::Refused { factor, .. } => Outcome::minor(match factor {
            Factor::Password => "wrong-credentials",
            _ => "wrong-code",
        }),
        _ => Outcome::success(),
    }
}
