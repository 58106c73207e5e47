//! What may be done to a note, and by whom. Each act takes the note and gives it back changed, or says why not.

use chrono::{DateTime, Utc};

use crate::{Clinician, ClinicianId};

use super::{
    Amendment, AmendmentText, Cosignature, LockedFrom, Note, NoteAct, NoteContent, NoteError, NoteStatus, NoteText,
    Revocation, Seal, Signature, SignatureKind, Signing, Unlock, Version,
};

impl Note {
    /// Replaces the text of a note that is not signed.
    ///
    /// # Errors
    /// It is signed or locked, `by` is not the author, or the time for which it was unlocked is over.
    pub fn edit(mut self, by: ClinicianId, content: NoteContent, at: DateTime<Utc>) -> Result<Self, NoteError> {
        self.status = self.after(NoteAct::Edit)?;
        self.author_only(by)?;
        self.still_unlocked(at)?;
        self.content = content;
        Ok(self)
    }

    /// Signs the text as its author. Where a co-signature is needed the note then waits for the supervisor.
    ///
    /// # Errors
    /// It is signed already or locked, the signer is not the author, something required is missing
    /// ([`NoteError::Incomplete`] lists all of it), the co-signer would be the author, or the time for which it was
    /// unlocked is over.
    pub fn sign(mut self, signing: Signing, cosignature: Cosignature) -> Result<Self, NoteError> {
        if self.seal.is_some() {
            return Err(NoteError::AlreadySigned);
        }
        self.status = self.after(match cosignature {
            Cosignature::NotNeeded => NoteAct::Sign,
            Cosignature::By(_) => NoteAct::SignForCosign,
        })?;
        self.author_only(signing.by)?;
        self.still_unlocked(signing.at)?;
        let missing = self.content.missing(self.header.kind);
        if !missing.is_empty() {
            return Err(NoteError::Incomplete(missing));
        }
        self.cosigner = match cosignature {
            Cosignature::NotNeeded => None,
            Cosignature::By(supervisor) if supervisor == self.header.author => return Err(NoteError::OwnNote),
            Cosignature::By(supervisor) => Some(supervisor),
        };
        let previous = self.superseded.last().map(|version| version.seal.digest.clone());
        let number = self.superseded.last().map_or(1, |version| version.seal.number + 1);
        let seal = Seal::new(&self.header, number, &self.content, signing.clone(), previous);
        self.signatures.push(Signature {
            kind: SignatureKind::Author,
            signing,
            digest: seal.digest.clone(),
            revoked: None,
        });
        self.seal = Some(seal);
        Ok(self)
    }

    /// Approves a supervised clinician's note.
    ///
    /// # Errors
    /// It does not wait for a co-signature, the signer is the author, is not the supervisor named for it, or was
    /// under supervision on the day of the service.
    pub fn cosign(mut self, signing: Signing, supervisor: &Clinician) -> Result<Self, NoteError> {
        let Some(seal) = &self.seal else {
            return Err(NoteError::NotPossible { status: self.status, act: NoteAct::Cosign });
        };
        let digest = seal.digest.clone();
        self.status = self.after(NoteAct::Cosign)?;
        self.cosigner_only(signing.by)?;
        if supervisor.id != signing.by {
            return Err(NoteError::NotTheCosigner);
        }
        if supervisor.supervised_on(self.header.service_date).is_some() {
            return Err(NoteError::CosignerIsSupervised);
        }
        self.signatures.push(Signature { kind: SignatureKind::Cosign, signing, digest, revoked: None });
        Ok(self)
    }

    /// Sends a note back to its author. The author's signature is revoked and kept, and so is the text it was for.
    ///
    /// # Errors
    /// It does not wait for a co-signature, or `by` is not the supervisor named for it.
    pub fn return_for_revision(
        mut self,
        by: ClinicianId,
        at: DateTime<Utc>,
        comment: &NoteText,
    ) -> Result<Self, NoteError> {
        let status = self.after(NoteAct::Return)?;
        self.cosigner_only(by)?;
        let Some(seal) = self.seal.take() else {
            return Err(NoteError::NotPossible { status: self.status, act: NoteAct::Return });
        };
        self.status = status;
        for signature in self.signatures.iter_mut().filter(|s| s.digest == seal.digest) {
            signature.revoked = Some(Revocation { at, by, reason: comment.clone() });
        }
        self.superseded.push(Version { content: self.content.clone(), seal });
        Ok(self)
    }

    /// Gives a waiting note to another supervisor, one the author is supervised by on the day it is handed over.
    ///
    /// # Errors
    /// It does not wait for a co-signature, `author` is not its author, or is not supervised by `to` on that day.
    pub fn reassign(
        mut self,
        author: &Clinician,
        to: ClinicianId,
        today: chrono::NaiveDate,
    ) -> Result<Self, NoteError> {
        self.status = self.after(NoteAct::Reassign)?;
        self.author_only(author.id)?;
        if author.supervised_on(today) != Some(to) {
            return Err(NoteError::NoSupervisor);
        }
        self.cosigner = Some(to);
        Ok(self)
    }

    /// Closes a note, as the weekly lock does. An unsigned draft is closed as well.
    ///
    /// # Errors
    /// It waits for somebody or is locked already.
    pub fn lock(mut self) -> Result<Self, NoteError> {
        let status = self.after(NoteAct::Lock)?;
        self.locked_from = match self.status {
            NoteStatus::Signed => Some(LockedFrom::Signed),
            NoteStatus::Cosigned => Some(LockedFrom::Cosigned),
            NoteStatus::Draft | NoteStatus::PendingCosign | NoteStatus::ReturnedForRevision | NoteStatus::Locked => {
                Some(LockedFrom::Draft)
            }
        };
        self.status = status;
        Ok(self)
    }

    /// Opens a locked note as it was before, for a while. What is signed stays signed.
    ///
    /// # Errors
    /// It is not locked, or the leave ends before it begins.
    pub fn unlock(mut self, leave: Unlock) -> Result<Self, NoteError> {
        let from = self.locked_from.unwrap_or(LockedFrom::Draft);
        let status = self.after(NoteAct::Unlock(from))?;
        if leave.until <= leave.at {
            return Err(NoteError::UnlockTooShort);
        }
        self.status = status;
        self.locked_from = None;
        self.unlocks.push(leave);
        Ok(self)
    }

    /// Adds to a signed note. The signed text is not touched.
    ///
    /// # Errors
    /// Nothing is signed yet, a co-signature is pending, or the signer is neither author nor co-signer.
    pub fn amend(mut self, signing: Signing, added: AmendmentText) -> Result<Self, NoteError> {
        let refused = NoteError::NotPossible { status: self.status, act: NoteAct::Amend };
        self.status = self.after(NoteAct::Amend)?;
        if signing.by != self.header.author && Some(signing.by) != self.cosigner {
            return Err(NoteError::MayNotAmend);
        }
        let (previous, number) = match (self.amendments.last(), &self.seal) {
            (Some(last), Some(_)) => (last.digest.clone(), last.number + 1),
            (None, Some(seal)) => (seal.digest.clone(), 1),
            (_, None) => return Err(refused),
        };
        let amendment = Amendment::new(&self.header, number, added, signing.clone(), previous);
        let digest = amendment.digest.clone();
        self.signatures.push(Signature { kind: SignatureKind::Amendment, signing, digest, revoked: None });
        self.amendments.push(amendment);
        Ok(self)
    }

    fn author_only(&self, by: ClinicianId) -> Result<(), NoteError> {
        if by == self.header.author { Ok(()) } else { Err(NoteError::NotTheAuthor) }
    }

    fn cosigner_only(&self, by: ClinicianId) -> Result<(), NoteError> {
        if by == self.header.author {
            Err(NoteError::OwnNote)
        } else if Some(by) == self.cosigner {
            Ok(())
        } else {
            Err(NoteError::NotTheCosigner)
        }
    }

    fn still_unlocked(&self, at: DateTime<Utc>) -> Result<(), NoteError> {
        match self.unlocks.last() {
            Some(leave) if at >= leave.until => Err(NoteError::UnlockExpired),
            Some(_) | None => Ok(()),
        }
    }
}
