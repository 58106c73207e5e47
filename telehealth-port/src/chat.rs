//! What is written during a visit: chat between those in the room, and notes a clinician shares with the client.
//!
//! Chat belongs to the visit and closes with it. How long it is kept is the practice's policy; a shared note is part of
//! the client's record.

use chrono::{DateTime, Days, SecondsFormat, Utc};
use mentalspace_core::store::{Document, Term};
use mentalspace_core::{ClientId, Invalid, Phi, VisitId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ParticipantId;
use crate::visit::{ParticipantState, Visit};

mentalspace_core::typed_ids! {
    /// One message of a visit.
    MessageId,
}

/// Most characters of a message.
pub const MAX_TEXT: usize = 4000;
/// Most messages of one visit.
pub const MAX_MESSAGES: u32 = 2000;

/// What becomes of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "keep", content = "days")]
#[non_exhaustive]
pub enum ChatPolicy {
    /// There is none.
    Off,
    /// Forgotten so many days after the visit.
    Days(u16),
    /// Kept with the record.
    Record,
}

impl Default for ChatPolicy {
    fn default() -> Self {
        Self::Days(1)
    }
}

impl ChatPolicy {
    /// Returns when a message written at `at` is forgotten; `None` if never.
    #[must_use]
    pub fn forget_at(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Off => Some(at),
            Self::Days(days) => at.checked_add_days(Days::new(days.into())),
            Self::Record => None,
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Chat.
    Chat,
    /// A note a clinician shares with the client; kept with the record.
    SharedNote,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Of which visit.
    pub visit: VisitId,
    /// The visit's client, where there is one alone.
    pub client: Option<ClientId>,
    /// Counts the visit's messages from 1.
    pub number: u32,
    /// By whom.
    pub from: ParticipantId,
    /// When.
    pub at: DateTime<Utc>,
    /// What it is.
    pub kind: MessageKind,
    /// What it says.
    pub text: Phi<String>,
    /// When it is forgotten; never if none.
    pub forget_at: Option<DateTime<Utc>>,
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// Only those in the room write, and only while it is there.
    #[error("only people in the visit can write, while it lasts")]
    NotInVisit,
    /// Only hosts share notes.
    #[error("notes are shared by clinicians and supervisors of the visit")]
    NotHost,
    /// The practice has no chat.
    #[error("the practice does not use chat")]
    Off,
    /// Too many.
    #[error("at most {MAX_MESSAGES} messages a visit")]
    TooMany,
    /// The text breaks its rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Message {
    /// Writes message `number` of a visit.
    ///
    /// # Errors
    /// [`ChatError`].
    pub fn write(
        id: MessageId,
        visit: &Visit,
        number: u32,
        from: ParticipantId,
        draft: &Draft,
        policy: ChatPolicy,
        now: DateTime<Utc>,
    ) -> Result<Self, ChatError> {
        let writer = visit.participant(from).filter(|_| !visit.state().is_terminal()).ok_or(ChatError::NotInVisit)?;
        let inside = matches!(writer.state, ParticipantState::Connected | ParticipantState::Reconnecting);
        match draft.kind {
            _ if !inside => return Err(ChatError::NotInVisit),
            MessageKind::SharedNote if !writer.role.is_host() => return Err(ChatError::NotHost),
            MessageKind::Chat if policy == ChatPolicy::Off => return Err(ChatError::Off),
            MessageKind::Chat | MessageKind::SharedNote => {}
        }
        if number > MAX_MESSAGES {
            return Err(ChatError::TooMany);
        }
        let text = draft.text.expose().trim();
        let allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        if text.is_empty() || text.chars().count() > MAX_TEXT || !text.chars().all(allowed) {
            return Err(Invalid::new("message", "must have 1 to 4,000 characters and no control characters").into());
        }
        let forget_at = match draft.kind {
            MessageKind::Chat => policy.forget_at(now),
            MessageKind::SharedNote => None,
        };
        let (client, text) = (visit.client(), Phi::new(text.to_owned()));
        Ok(Self { id, visit: visit.visit_id(), client, number, from, at: now, kind: draft.kind, text, forget_at })
    }

    /// Names message `number` of a visit, to be found by.
    #[must_use]
    pub fn turn(visit: VisitId, number: u32) -> Term {
        Term::plain("turn", &format!("{visit}/{number}"))
    }

    /// Tells whether the message is due to be forgotten.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.forget_at.is_some_and(|at| at <= now)
    }
}

/// A message about to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is.
    pub kind: MessageKind,
    /// What it says.
    pub text: Phi<String>,
}

impl Document for Message {
    const KIND: &'static str = "visit_message";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// When it is forgotten: what is kept for good sorts last.
    fn sort(&self) -> String {
        self.forget_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![Term::plain("visit", &self.visit), Self::turn(self.visit, self.number).unique()];
        if self.kind == MessageKind::SharedNote {
            terms.extend(self.client.map(|client| Term::plain("shared_with", &client)));
        }
        terms
    }
}
