//! The security event: what happened to an account, its authenticators and its sessions, for the record and for the
//! person it happened to.
//!
//! Invariant: no secret, no code, no address and no name; what identifies the account stays with the caller.
//! Standard: NIST SP 800-63B-4 §4.6 (notices), OWASP ASVS 5.0 6.3.5, 6.3.7, chapter 16.

use serde::{Deserialize, Serialize};

use crate::assurance::{Aal, Factor};
use crate::out_of_band::Channel;
use crate::session::EndReason;

/// Something that has to be on record.
///
/// Serialises with its [`name`](Self::name) as tag `event`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SecurityEvent {
    /// Someone signed in, or showed a factor again.
    SignedIn {
        /// The factors shown in this session so far.
        factors: Vec<Factor>,
        /// The level they amount to.
        aal: Aal,
    },
    /// A factor was refused.
    Refused {
        /// The factor.
        factor: Factor,
        /// Why.
        why: RefusedBecause,
    },
    /// Someone signed out.
    SignedOut,
    /// A session ended otherwise.
    SessionEnded {
        /// Why.
        reason: EndReason,
    },
    /// An account began to wait after failed attempts.
    AccountWaits {
        /// The factor that failed.
        factor: Factor,
    },
    /// An authenticator was disabled after too many consecutive failures.
    AuthenticatorDisabled {
        /// Its kind.
        factor: Factor,
    },
    /// A network from which too much failed began to wait.
    SourceWaits,
    /// Many accounts failed from one network.
    CredentialStuffing {
        /// How many.
        accounts: u16,
    },
    /// Someone signed in after many failed attempts.
    SignedInAfterFailures {
        /// How many.
        failures: u64,
    },
    /// The password somebody signed in with is on a list of common or breached ones, and is to be changed.
    PasswordFoundCompromised,
    /// A new password was taken although the service that knows breached ones could not be asked.
    BreachCheckMissed,
    /// A password was changed by its owner.
    PasswordChanged,
    /// Someone signed in on a device that this account did not have before.
    NewDevice,
    /// A device was trusted.
    DeviceTrusted,
    /// An account was offered to somebody.
    Invited,
    /// Somebody took up the account and chose a password.
    AccountActivated,
    /// The account was shut.
    AccountDisabled,
    /// The account was opened again.
    AccountEnabled,
    /// What the person may do was changed.
    RolesChanged,
    /// A link to a new password was asked for.
    PasswordResetRequested,
    /// A forgotten password was replaced, by its owner with a second factor or by an administrator with a one-time password.
    PasswordReset,
    /// A new address is to be confirmed.
    ContactChangeRequested,
    /// An address was changed.
    ContactChanged,
    /// The change of an address was undone.
    ContactChangeUndone,
    /// A recovery without any second factor was asked for.
    RecoveryRequested,
    /// A recovery was approved by another person.
    RecoveryApproved,
    /// A recovery was stopped.
    RecoveryStopped,
    /// The lost factors were removed by a recovery.
    RecoveryUsed,
    /// An API key was made.
    ApiKeyIssued,
    /// An API key was given a new secret.
    ApiKeyRotated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// An authenticator was bound to the account.
    AuthenticatorBound {
        /// Its kind.
        factor: Factor,
    },
    /// An authenticator was taken from the account.
    AuthenticatorRemoved {
        /// Its kind.
        factor: Factor,
    },
    /// An authenticator was put out of use until its owner decides (§4.3).
    AuthenticatorSuspended {
        /// Its kind.
        factor: Factor,
        /// Why.
        why: SuspendedBecause,
    },
    /// A suspended authenticator may be used again.
    AuthenticatorRestored {
        /// Its kind.
        factor: Factor,
    },
    /// A backup code was used.
    BackupCodeUsed {
        /// How many are left.
        left: u32,
    },
    /// A code was sent to a telephone.
    CodeSent {
        /// How.
        channel: Channel,
    },
}

/// Why an authenticator was suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SuspendedBecause {
    /// Its owner asked for it.
    Asked,
    /// Its signature counter went back: there may be a copy of it.
    Copied,
}

/// Why a factor was refused; never shown to the person who tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusedBecause {
    /// It is wrong, or the account is unknown or shut.
    Wrong,
    /// It was right once and has been used.
    Replayed,
    /// There is a wait after too many failures.
    Throttled,
    /// The authenticator is disabled after too many failures.
    Disabled,
}

impl SecurityEvent {
    /// Returns the stable name, such as `password_changed`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::Refused { .. } => "refused",
            Self::SignedOut => "signed_out",
            Self::SessionEnded { .. } => "session_ended",
            Self::AccountWaits { .. } => "account_waits",
            Self::AuthenticatorDisabled { .. } => "authenticator_disabled",
            Self::SourceWaits => "source_waits",
            Self::CredentialStuffing { .. } => "credential_stuffing",
            Self::SignedInAfterFailures { .. } => "signed_in_after_failures",
            Self::PasswordFoundCompromised => "password_found_compromised",
            Self::BreachCheckMissed => "breach_check_missed",
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::DeviceTrusted => "device_trusted",
            Self::Invited => "invited",
            Self::AccountActivated => "account_activated",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::RolesChanged => "roles_changed",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::ContactChangeRequested => "contact_change_requested",
            Self::ContactChanged => "contact_changed",
            Self::ContactChangeUndone => "contact_change_undone",
            Self::RecoveryRequested => "recovery_requested",
            Self::RecoveryApproved => "recovery_approved",
            Self::RecoveryStopped => "recovery_stopped",
            Self::RecoveryUsed => "recovery_used",
            Self::ApiKeyIssued => "api_key_issued",
            Self::ApiKeyRotated => "api_key_rotated",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::AuthenticatorBound { .. } => "authenticator_bound",
            Self::AuthenticatorRemoved { .. } => "authenticator_removed",
            Self::AuthenticatorSuspended { .. } => "authenticator_suspended",
            Self::AuthenticatorRestored { .. } => "authenticator_restored",
            Self::BackupCodeUsed { .. } => "backup_code_used",
            Self::CodeSent { .. } => "code_sent",
        }
    }

    /// Returns the sentence by which the person is told, at every address on record, or nothing where no notice is due.
    #[must_use]
    pub const fn notice(&self) -> Option<&'static str> {
        match self {
            Self::AuthenticatorDisabled { .. } => {
                Some("A way to sign in to your account was disabled after too many failed attempts.")
            }
            Self::SignedInAfterFailures { .. } => Some(
                "Somebody signed in to your account after several failed attempts. If it was not you, tell your administrator.",
            ),
            Self::PasswordFoundCompromised => Some(
                "Your password was found in a list of common or breached ones. You choose another one at the next sign-in.",
            ),
            Self::PasswordChanged => Some("The password of your account was changed."),
            Self::AuthenticatorBound { factor } => Some(match factor {
                Factor::Passkey => "A passkey was added to your account.",
                Factor::Totp => "An authenticator app was set up for your account.",
                Factor::BackupCode => "New backup codes were made for your account; the earlier ones no longer work.",
                Factor::Sms | Factor::Voice => {
                    "A telephone number was set up to receive sign-in codes for your account."
                }
                Factor::Password | Factor::ApiKey => "A password was set for your account.",
            }),
            Self::AuthenticatorRemoved { factor } => Some(match factor {
                Factor::Passkey => "A passkey was removed from your account.",
                Factor::Totp => "An authenticator app was removed from your account.",
                Factor::BackupCode => "The backup codes of your account were withdrawn.",
                Factor::Sms | Factor::Voice => "A telephone number no longer receives sign-in codes for your account.",
                Factor::Password | Factor::ApiKey => "The password of your account was withdrawn.",
            }),
            Self::AuthenticatorSuspended { why: SuspendedBecause::Copied, .. } => {
                Some("A passkey of your account was suspended, because somebody may have a copy of it.")
            }
            Self::AuthenticatorSuspended { .. } => Some("A way to sign in to your account was suspended."),
            Self::AuthenticatorRestored { .. } => Some("A suspended way to sign in to your account was allowed again."),
            Self::BackupCodeUsed { .. } => Some("A backup code was used to sign in to your account."),
            Self::Refused { why: RefusedBecause::Replayed, .. } => {
                Some("A one-time code of your account was used a second time. Somebody may have seen it.")
            }
            Self::Refused { why: RefusedBecause::Disabled, .. } => {
                Some("A way to sign in to your account was disabled after too many failed attempts.")
            }
            Self::NewDevice => Some("Somebody signed in to your account on a device that was not used for it before."),
            Self::DeviceTrusted => {
                Some("A browser was trusted: for a while it is not asked for the second factor of your account.")
            }
            Self::AccountDisabled => Some("Your account was shut."),
            Self::AccountEnabled => Some("Your account was opened again."),
            Self::RolesChanged => Some("What you may do with your account was changed."),
            Self::PasswordReset => Some("The password of your account was reset."),
            Self::ContactChangeRequested => Some("A change of an address of your account was begun."),
            Self::ContactChanged => Some("An address of your account was changed."),
            Self::ContactChangeUndone => Some("The change of an address of your account was undone."),
            Self::RecoveryRequested => Some(
                "Somebody who knows your password has asked to set up a new second factor for your account because the present one is lost.",
            ),
            Self::RecoveryApproved => Some("A new second factor for your account was approved and can be set up now."),
            Self::RecoveryStopped => Some("The request for a new second factor for your account was stopped."),
            Self::RecoveryUsed => {
                Some("The second factors of your account were removed, as was asked for and approved.")
            }
            Self::SignedIn { .. }
            | Self::Refused { .. }
            | Self::SignedOut
            | Self::SessionEnded { .. }
            | Self::Invited
            | Self::AccountActivated
            | Self::PasswordResetRequested
            | Self::ApiKeyIssued
            | Self::ApiKeyRotated
            | Self::ApiKeyRevoked
            | Self::AccountWaits { .. }
            | Self::SourceWaits
            | Self::CredentialStuffing { .. }
            | Self::BreachCheckMissed
            | Self::CodeSent { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RefusedBecause, SecurityEvent, SuspendedBecause};
    use crate::assurance::{Aal, Factor};
    use crate::out_of_band::Channel;
    use crate::session::EndReason;

    #[test]
    fn an_event_is_stored_under_its_name() {
        let events = [
            SecurityEvent::SignedIn { factors: vec![Factor::Password], aal: Aal::Aal1 },
            SecurityEvent::Refused { factor: Factor::Totp, why: RefusedBecause::Replayed },
            SecurityEvent::SignedOut,
            SecurityEvent::SessionEnded { reason: EndReason::Idle },
            SecurityEvent::AccountWaits { factor: Factor::Password },
            SecurityEvent::AuthenticatorDisabled { factor: Factor::Password },
            SecurityEvent::SourceWaits,
            SecurityEvent::CredentialStuffing { accounts: 16 },
            SecurityEvent::SignedInAfterFailures { failures: 7 },
            SecurityEvent::PasswordFoundCompromised,
            SecurityEvent::BreachCheckMissed,
            SecurityEvent::PasswordChanged,
            SecurityEvent::AuthenticatorBound { factor: Factor::Passkey },
            SecurityEvent::AuthenticatorRemoved { factor: Factor::Sms },
            SecurityEvent::NewDevice,
            SecurityEvent::RecoveryRequested,
            SecurityEvent::AuthenticatorSuspended { factor: Factor::Passkey, why: SuspendedBecause::Copied },
            SecurityEvent::AuthenticatorRestored { factor: Factor::Totp },
            SecurityEvent::BackupCodeUsed { left: 3 },
            SecurityEvent::CodeSent { channel: Channel::Voice },
        ];
        for event in events {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["event"], event.name());
            assert_eq!(serde_json::from_value::<SecurityEvent>(stored).unwrap(), event);
        }
    }
}
