//! A clinical note: written by its author, signed, co-signed where supervision asks for it, closed, and from then on
//! only added to.
//!
//! What is signed never changes. Each signed text and each amendment carries a digest of itself and of what came before
//! it, so that [`Note::verify`] notices a changed record. A signed text can be read only together with its amendments.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    AppointmentId, BillingRules, ClientId, Clinician, ClinicianId, NoteId, NotePolicy, UserId,
    store::{Document, Term},
    value::id_debug,
};

mod amendment;
mod content;
mod kind;
mod lifecycle;
mod seal;
mod signature;
mod status;

pub use amendment::{Amendment, AmendmentKind, AmendmentText};
pub use content::{Complexity, Diagnoses, Missing, NoteContent, NoteText, SessionTimes};
pub use kind::{KindRules, Needed, NoteFormat, NoteKind, Section};
pub use seal::{Seal, Tampered, Version};
pub use signature::{
    Attestation, AttestationId, ContentDigest, Revocation, Signature, SignatureKind, SignatureMethod, Signing,
    UserAgent,
};
pub use status::{LockedFrom, NoteAct, NoteStatus};

/// What a note is about; fixed when it is begun.
#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteHeader {
    /// The note.
    pub id: NoteId,
    /// Its kind.
    pub kind: NoteKind,
    /// Whose record it belongs to; nobody's for supervision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The appointment it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentId>,
    /// Who writes it.
    pub author: ClinicianId,
    /// The day of the service, in the practice's zone.
    pub service_date: NaiveDate,
}

id_debug!(NoteHeader, id);

/// A clinical note.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    header: NoteHeader,
    status: NoteStatus,
    content: NoteContent,
    /// Present when `content` is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal: Option<Seal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    superseded: Vec<Version>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amendments: Vec<Amendment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    signatures: Vec<Signature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cosigner: Option<ClinicianId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked_from: Option<LockedFrom>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unlocks: Vec<Unlock>,
}

id_debug!(Note, header.id);

/// Leave to open a locked note for a while.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    /// Who approved it.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when the note may be written and signed.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: NoteText,
}

/// Whether the author's signature is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cosignature {
    /// It is.
    NotNeeded,
    /// This supervisor signs as well.
    By(ClinicianId),
}

impl Cosignature {
    /// Decides who, if anybody, must co-sign a note of `kind` by `author` about a service on `day`: the supervisor of
    /// that day. A payer may ask it of a credential, even where no supervision is on record.
    ///
    /// # Errors
    /// [`NoteError::NoSupervisor`] when a co-signature is needed and nobody is there to give it.
    pub fn needed(
        author: &Clinician,
        kind: NoteKind,
        rules: Option<&BillingRules>,
        day: NaiveDate,
    ) -> Result<Self, NoteError> {
        if kind == NoteKind::Supervision {
            return Ok(Self::NotNeeded);
        }
        let asked = kind.rules().billable && rules.is_some_and(|r| r.wants_cosignature(&author.credentials, day));
        match (author.supervised_on(day), asked) {
            (Some(supervisor), _) => Ok(Self::By(supervisor)),
            (None, true) => Err(NoteError::NoSupervisor),
            (None, false) => Ok(Self::NotNeeded),
        }
    }
}

/// Why a note refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The status does not admit the act.
    #[error("cannot {act} a note that is {status}")]
    NotPossible {
        /// Where the note stands.
        status: NoteStatus,
        /// What was tried.
        act: NoteAct,
    },
    /// It is signed already.
    #[error("the note is already signed")]
    AlreadySigned,
    /// Something required is missing.
    #[error("the note is not complete: {}", List(.0))]
    Incomplete(Vec<Missing>),
    /// Only the author writes and signs.
    #[error("only the author may do this")]
    NotTheAuthor,
    /// Only the supervisor named for the note co-signs or returns it.
    #[error("only the supervisor named for the note may do this")]
    NotTheCosigner,
    /// Only the author or the co-signer adds to a signed note.
    #[error("only the author or the co-signer may amend the note")]
    MayNotAmend,
    /// Nobody co-signs an own note.
    #[error("nobody co-signs an own note")]
    OwnNote,
    /// Somebody under supervision does not co-sign.
    #[error("a clinician under supervision cannot co-sign")]
    CosignerIsSupervised,
    /// A co-signature is needed and no supervision is on record for the day.
    #[error("a co-signature is needed, but no supervisor is on record for the date of service")]
    NoSupervisor,
    /// The leave to write in a locked note has run out.
    #[error("the time for which the note was unlocked is over")]
    UnlockExpired,
    /// An unlock must end after it begins.
    #[error("the unlock ends before it begins")]
    UnlockTooShort,
    /// The kind does not go with the appointment or client it was given, or lacks one.
    #[error("a {0} note {1}")]
    WrongHeader(NoteKind, &'static str),
}

struct List<'a>(&'a [Missing]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, missing) in self.0.iter().enumerate() {
            write!(f, "{}{missing}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// A note as it must be shown and exported: what is signed never without what was added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading<'a> {
    /// The current text.
    pub content: &'a NoteContent,
    /// What was added, oldest first. Part of the note.
    pub amendments: &'a [Amendment],
    /// Every signature, revoked ones included, oldest first.
    pub signatures: &'a [Signature],
}

/// What billing may know of a note: no narrative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoteBilling<'a> {
    /// The diagnoses treated.
    pub diagnoses: &'a Diagnoses,
    /// When the session began and ended.
    pub times: Option<SessionTimes>,
    /// Whether the session was unusually complex.
    pub complexity: Complexity,
}

impl Note {
    /// Begins a note.
    ///
    /// # Errors
    /// [`NoteError::WrongHeader`]: the kind needs an appointment or a client, or must have none.
    pub fn draft(header: NoteHeader, content: NoteContent) -> Result<Self, NoteError> {
        let wrong = |why| Err(NoteError::WrongHeader(header.kind, why));
        match (header.kind.rules().appointment, header.appointment) {
            (Needed::Required, None) => return wrong("belongs to an appointment"),
            (Needed::None, Some(_)) => return wrong("belongs to no appointment"),
            (Needed::Required | Needed::Optional, Some(_)) | (Needed::Optional | Needed::None, None) => {}
        }
        match (header.kind == NoteKind::Supervision, header.client.is_some()) {
            (true, true) => return wrong("belongs to no client"),
            (false, false) => return wrong("belongs to a client"),
            (true, false) | (false, true) => {}
        }
        Ok(Self {
            header,
            status: NoteStatus::Draft,
            content,
            seal: None,
            superseded: Vec::new(),
            amendments: Vec::new(),
            signatures: Vec::new(),
            cosigner: None,
            locked_from: None,
            unlocks: Vec::new(),
        })
    }

    /// Returns what the note is about.
    #[must_use]
    pub const fn header(&self) -> &NoteHeader {
        &self.header
    }

    /// Returns where it stands.
    #[must_use]
    pub const fn status(&self) -> NoteStatus {
        self.status
    }

    /// Returns the supervisor who co-signs or has co-signed.
    #[must_use]
    pub const fn cosigner(&self) -> Option<ClinicianId> {
        self.cosigner
    }

    /// Returns the note with everything that was added to it.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        Reading { content: &self.content, amendments: &self.amendments, signatures: &self.signatures }
    }

    /// Returns what billing may know.
    #[must_use]
    pub const fn billing(&self) -> NoteBilling<'_> {
        let NoteContent { diagnoses, times, complexity, .. } = &self.content;
        NoteBilling { diagnoses, times: *times, complexity: *complexity }
    }

    /// Returns every leave that was given to open the note, oldest first.
    #[must_use]
    pub fn unlocks(&self) -> &[Unlock] {
        &self.unlocks
    }

    /// Returns whether all signatures that were asked for are there, so that a service may be billed from it.
    #[must_use]
    pub fn is_signed_off(&self) -> bool {
        match self.status {
            NoteStatus::Signed | NoteStatus::Cosigned => true,
            NoteStatus::Locked => self.locked_from.is_some_and(|from| from != LockedFrom::Draft),
            NoteStatus::Draft | NoteStatus::PendingCosign | NoteStatus::ReturnedForRevision => false,
        }
    }

    /// Returns whether the author should have signed before `today`, in the practice's zone.
    #[must_use]
    pub fn is_overdue(&self, policy: &NotePolicy, today: NaiveDate) -> bool {
        self.seal.is_none() && today > policy.due_on(self.header.service_date)
    }

    fn after(&self, act: NoteAct) -> Result<NoteStatus, NoteError> {
        self.status.after(act).ok_or(NoteError::NotPossible { status: self.status, act })
    }
}

impl Document for Note {
    const KIND: &'static str = "note";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.header.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        self.header.client
    }

    /// The day of the service.
    fn sort(&self) -> String {
        self.header.service_date.to_string()
    }

    fn terms(&self) -> Vec<Term> {
        let NoteHeader { kind, client, appointment, author, .. } = &self.header;
        let mut terms =
            vec![Term::plain("author", author), Term::plain("kind", kind), Term::plain("status", self.status.name())];
        terms.extend(client.iter().map(|id| Term::plain("client", id)));
        if let Some(appointment) = appointment {
            terms.push(Term::plain("appointment", appointment));
            terms.push(Term::plain("appointment_kind", &format!("{appointment}/{kind}")).unique());
        }
        if self.status == NoteStatus::PendingCosign {
            terms.extend(self.cosigner.iter().map(|id| Term::plain("cosigner", id)));
        }
        terms
    }
}
