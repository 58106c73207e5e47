//! The chain of signed texts and amendments of one note.
//!
//! A digest covers the JSON form. So that old notes still verify, a field added to what is signed is left out of the
//! JSON while it has its default, and neither fields nor sections change their order.

use serde::Serialize;

use crate::ClinicianId;

use super::{
    Amendment, AmendmentText, LockedFrom, Note, NoteContent, NoteHeader, NoteStatus, SignatureKind,
    signature::{ContentDigest, Signing},
};

/// What makes a text a signed one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Seal {
    /// Its number within the note, from 1.
    pub number: u32,
    /// Who signed it as author, when and how.
    pub signing: Signing,
    /// The digest of the text signed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ContentDigest>,
    /// The digest of this text and, through `previous`, of everything before it.
    pub digest: ContentDigest,
}

/// A signed text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Version {
    /// The text.
    pub content: NoteContent,
    /// Its seal.
    pub seal: Seal,
}

/// A signed record that is not what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Tampered {
    /// A signed text differs from its digest or stands in the wrong place.
    #[error("signed text {0} is not what was signed")]
    Version(u32),
    /// An amendment differs from its digest or stands in the wrong place.
    #[error("amendment {0} is not what was signed")]
    Amendment(u32),
    /// The text is signed where it should not be, or the other way round.
    #[error("the status does not go with the signed texts")]
    Status,
    /// A signature refers to something that is not there, or something signed has no signature.
    #[error("the signatures do not go with the signed texts")]
    Signatures,
}

#[derive(Serialize)]
struct Signed<'a, T> {
    header: &'a NoteHeader,
    number: u32,
    by: ClinicianId,
    signing: &'a Signing,
    signed: &'a T,
}

/// Hashes the JSON form, whose fields stand in the order of their declaration and whose maps are sorted.
fn digest<T: Serialize>(
    domain: &str,
    header: &NoteHeader,
    number: u32,
    signing: &Signing,
    signed: &T,
    previous: Option<&ContentDigest>,
) -> ContentDigest {
    #[expect(clippy::expect_used, reason = "strings, numbers, dates and maps with text keys always serialise")]
    let body = serde_json::to_vec(&Signed { header, number, by: signing.by, signing, signed })
        .expect("a note is representable in JSON");
    ContentDigest::of(&[domain.as_bytes(), previous.map_or("", ContentDigest::as_str).as_bytes(), &body])
}

impl Seal {
    pub(super) fn new(
        header: &NoteHeader,
        number: u32,
        content: &NoteContent,
        signing: Signing,
        previous: Option<ContentDigest>,
    ) -> Self {
        let digest = digest("mentalspace note version 1", header, number, &signing, content, previous.as_ref());
        Self { number, signing, previous, digest }
    }
}

impl Amendment {
    pub(super) fn new(
        header: &NoteHeader,
        number: u32,
        added: AmendmentText,
        signing: Signing,
        previous: ContentDigest,
    ) -> Self {
        let digest = digest("mentalspace note amendment 1", header, number, &signing, &added, Some(&previous));
        Self { number, added, signing, previous, digest }
    }
}

impl Note {
    /// Returns every signed text, oldest first: superseded ones and the one that holds.
    pub fn versions(&self) -> impl Iterator<Item = (&NoteContent, &Seal)> {
        let current = self.seal.iter().map(|seal| (&self.content, seal));
        self.superseded.iter().map(|version| (&version.content, &version.seal)).chain(current)
    }

    /// Checks that signed texts, amendments and signatures are what was signed, complete and in order.
    ///
    /// # Errors
    /// [`Tampered`] names the first that is not.
    pub fn verify(&self) -> Result<(), Tampered> {
        let mut head: Option<&ContentDigest> = None;
        let mut signed = Vec::new();
        for ((content, seal), number) in self.versions().zip(1..) {
            let again = Seal::new(&self.header, number, content, seal.signing.clone(), head.cloned());
            if *seal != again || seal.signing.by != self.header.author {
                return Err(Tampered::Version(number));
            }
            head = Some(&seal.digest);
            signed.push((SignatureKind::Author, &seal.digest, &seal.signing));
        }
        for (amendment, number) in self.amendments.iter().zip(1..) {
            let previous = head.ok_or(Tampered::Amendment(number))?.clone();
            let signing = amendment.signing.clone();
            let again = Amendment::new(&self.header, number, amendment.added.clone(), signing, previous);
            if *amendment != again {
                return Err(Tampered::Amendment(number));
            }
            head = Some(&amendment.digest);
            signed.push((SignatureKind::Amendment, &amendment.digest, &amendment.signing));
        }
        if self.is_open() == self.seal.is_some() {
            return Err(Tampered::Status);
        }
        let own = self.signatures.iter().filter(|signature| signature.kind != SignatureKind::Cosign);
        let own = own.map(|signature| (signature.kind, &signature.digest, &signature.signing));
        if own.eq(signed) && self.cosignature_goes_with_status() { Ok(()) } else { Err(Tampered::Signatures) }
    }

    fn is_open(&self) -> bool {
        match self.status {
            NoteStatus::Draft | NoteStatus::ReturnedForRevision => true,
            NoteStatus::Locked => !self.is_signed_off(),
            NoteStatus::Signed | NoteStatus::PendingCosign | NoteStatus::Cosigned => false,
        }
    }

    /// A co-signed note has one co-signature, of its text and by its co-signer; any other note has none.
    fn cosignature_goes_with_status(&self) -> bool {
        let cosigned = self.status == NoteStatus::Cosigned || self.locked_from == Some(LockedFrom::Cosigned);
        let mut cosignatures = self.signatures.iter().filter(|signature| signature.kind == SignatureKind::Cosign);
        match (cosignatures.next(), cosigned) {
            (Some(one), true) => {
                let current = self.seal.as_ref().map(|seal| &seal.digest);
                cosignatures.next().is_none()
                    && one.revoked.is_none()
                    && Some(&one.digest) == current
                    && Some(one.signing.by) == self.cosigner
            }
            (None, cosigned) => !cosigned,
            (Some(_), false) => false,
        }
    }
}
