//! The notice: how a person learns what happened to the account, at every address on record.
//!
//! Invariants: no secret, no code and nothing about a client in it; it says what to do if it was somebody else, and whom
//! to call. Letters that carry a link are made elsewhere: a notice never does.
//! Standard: NIST SP 800-63B-4 §4.6, OWASP ASVS 5.0 6.3.7.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;
use uuid::Uuid;

use crate::event::SecurityEvent;

/// What every letter of a practice says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Letterhead<'a> {
    /// The name of the practice.
    pub practice: &'a str,
    /// Whom to call, such as a telephone number.
    pub contact: &'a str,
    /// Where the person signs in.
    pub site: &'a str,
}

/// A letter before it is addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Writes the notice of an event, or nothing where none is due. `when` is the moment as the person reads it.
#[must_use]
pub fn write(event: &SecurityEvent, when: &str, head: &Letterhead<'_>) -> Option<Words> {
    let Letterhead { practice, contact, site } = head;
    let sentence = event.notice()?;
    let subject = format!("Your account at {practice}");
    let text = format!(
        "{sentence}\n\nWhen: {when}\nWhere: {practice}, {site}\n\nIf this was you, there is nothing to do.\n\nIf it was \
         not you: sign in at {site}, change your password and end your other sessions under \"Your account\". If you \
         cannot sign in, call {practice} at once: {contact}. Do not answer this message and do not use a link that asks \
         for your password or a code.\n"
    );
    Some(Words { subject, text })
}

/// A letter to one address. Silent in `Debug`.
#[derive(Clone)]
pub struct Mail {
    /// The same for every attempt, so that a receiver can tell a repetition.
    pub id: Uuid,
    /// The address.
    pub to: SecretString,
    /// The subject; nothing secret.
    pub subject: String,
    /// The text; may carry a link.
    pub text: SecretString,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a letter was not handed over. Neither address nor text is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The service cannot be used at this moment; the same letter may be sent again.
    #[error("mail service cannot be used at this moment")]
    Unavailable,
    /// The service will not take this letter, now or later.
    #[error("mail service does not take this letter")]
    Refused,
    /// The service does not accept how it is set up here; a person has to look.
    #[error("mail service refuses the set-up")]
    SetUp,
}

/// A service that takes letters over.
///
/// - `Ok` says that the service took the letter over, not that it arrived.
/// - The same letter may be handed over twice when an answer was lost; its id stays the same.
/// - No answer in time is [`MailError::Unavailable`].
/// - Neither address nor text appears in an error, a log or `Debug`.
#[async_trait]
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Hands a letter over.
    ///
    /// # Errors
    /// [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
