//! Signed notes: a text with one or more Ed25519 signatures below it.
//!
//! Invariant: a [`VerifiedNote`] was signed by at least one of the keys it was opened with, and
//! no signature by one of these keys on it fails.
//! Standard: C2SP signed-note (type 0x01) and tlog-cosignature (type 0x04, verified only).

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub use key::{KeyKind, Signer, VerifierKey};

/// The longest note in bytes, signatures included.
pub const MAX_NOTE: usize = 131_072;
/// The most signatures on one note.
pub const MAX_SIGNATURES: usize = 64;

/// Why a note or a key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// A key name is empty or holds a space, a plus or a control character, or is too long.
    #[error("key name is empty, too long or holds a space, plus or control character")]
    Name,
    /// A verifier key is not well-formed, of an unsupported type, weak, or its id is not its own.
    #[error("verifier key is malformed, unsupported, weak or does not match its id")]
    Key,
    /// The note is not well-formed.
    #[error("note is malformed")]
    Malformed,
    /// The note is longer than [`MAX_NOTE`] or has more than [`MAX_SIGNATURES`].
    #[error("note is longer than {MAX_NOTE} bytes or has over {MAX_SIGNATURES} signatures")]
    TooLong,
    /// A signature by a known key does not verify.
    #[error("signature by a known key does not verify")]
    Signature,
    /// No known key has signed.
    #[error("no known key has signed the note")]
    Unsigned,
}

/// A text that can be signed: one or more lines, the last one ended, no other control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Checks a text.
    ///
    /// # Errors
    /// [`NoteError::Malformed`], [`NoteError::TooLong`].
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        check_text(&text)?;
        if text.ends_with('\n') { Ok(Self(text)) } else { Err(NoteError::Malformed) }
    }

    /// Signs the text, giving the whole note.
    #[must_use]
    pub fn sign(&self, signers: &[&Signer]) -> String {
        let mut note = format!("{}\n", self.0);
        for signer in signers {
            note.push_str(&signature_line(signer.verifier().name(), &signer.sign(&self.0)));
        }
        note
    }

    /// Opens a signed note with the keys that are known. Signatures by other keys are ignored.
    ///
    /// # Errors
    /// Every [`NoteError`] but `Name` and `Key`.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<VerifiedNote, NoteError> {
        check_text(note)?;
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        let mut verified: Vec<VerifiedSignature> = Vec::new();
        for (count, line) in lines.split('\n').enumerate() {
            if count == MAX_SIGNATURES {
                return Err(NoteError::TooLong);
            }
            let signature = SignatureLine::parse(line)?;
            let known = keys.iter().filter(|key| signature.is_by(key));
            let results = known.map(|key| (key, key.verify(text, &signature.bytes)));
            let Some(best) = results.max_by_key(|(_, time)| time.is_some()) else {
                continue;
            };
            let (key, Some(time)) = best else {
                return Err(NoteError::Signature);
            };
            if verified.iter().all(|earlier| earlier.key != *key) {
                verified.push(VerifiedSignature { key: key.clone(), time });
            }
        }
        if verified.is_empty() {
            return Err(NoteError::Unsigned);
        }
        Ok(VerifiedNote { text: text.to_owned(), signatures: verified })
    }
}

/// A note of which at least one signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedNote {
    /// The signed text with its final newline.
    pub text: String,
    /// The first signature by each known key.
    pub signatures: Vec<VerifiedSignature>,
}

/// A signature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedSignature {
    /// The key that signed.
    pub key: VerifierKey,
    /// When a cosigner says it signed, in seconds since 1970; `None` for a plain signature.
    pub time: Option<u64>,
}

struct SignatureLine<'a> {
    name: &'a str,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("\u{2014} ").ok_or(NoteError::Malformed)?;
        let (name, base64) = rest.split_once(' ').ok_or(NoteError::Malformed)?;
        let decoded = STANDARD.decode(base64).map_err(|_| NoteError::Malformed)?;
        let (id, signature) = decoded.split_first_chunk().ok_or(NoteError::Malformed)?;
        if signature.is_empty() || !key::is_name(name) {
            return Err(NoteError::Malformed);
        }
        Ok(Self { name, id: *id, bytes: signature.to_vec() })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        (self.name, self.id) == (key.name(), key.id())
    }
}

fn signature_line(name: &str, signature: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", STANDARD.encode(signature))
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    let control = text.bytes().any(|byte| byte < b' ' && byte != b'\n');
    if control { Err(NoteError::Malformed) } else { Ok(()) }
}
