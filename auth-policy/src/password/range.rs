//! The range: a breach corpus asked over the network without telling it the password.
//!
//! A fifth of the SHA-1 of the password leaves the machine, and the service answers with everything that begins alike.
//!
//! Invariants: the answer is bounded, read strictly, and an answer that breaks off is none; padding rows count nothing.
//! Interface: the range search of Pwned Passwords, which others offer as well.

use std::fmt;

use async_trait::async_trait;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::NormalizedPassword;

/// The most bytes of an answer: three times what the largest range with padding takes.
pub const MAX_RANGE_BYTES: usize = 256 * 1024;
const SUFFIX_CHARS: usize = 35;
const MAX_LINE_BYTES: usize = SUFFIX_CHARS + 1 + 20;

/// What is asked for: the first five hexadecimal digits of a SHA-1, in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RangePrefix([u8; 5]);

impl fmt::Display for RangePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// A password as a range knows it: what is asked, and what is looked for in the answer. Silent in `Debug`.
pub struct RangeQuery {
    prefix: RangePrefix,
    suffix: Zeroizing<[u8; SUFFIX_CHARS]>,
}

impl RangeQuery {
    /// Hashes a password.
    #[must_use]
    pub fn of(password: &NormalizedPassword) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let hash: Zeroizing<[u8; 20]> = Zeroizing::new(Sha1::digest(password.expose().as_bytes()).into());
        let mut text = Zeroizing::new([0; 40]);
        for (pair, byte) in text.chunks_mut(2).zip(hash.iter()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        let (mut prefix, mut suffix) = ([0; 5], Zeroizing::new([0; SUFFIX_CHARS]));
        prefix.copy_from_slice(&text[..5]);
        suffix.copy_from_slice(&text[5..]);
        Self { prefix: RangePrefix(prefix), suffix }
    }

    /// Returns what is asked for.
    #[must_use]
    pub fn prefix(&self) -> RangePrefix {
        self.prefix
    }

    /// Returns how often the password was seen in breaches according to the answer for its prefix.
    #[must_use]
    pub fn count(&self, answer: &RangeAnswer) -> u64 {
        let same = |row: &&([u8; SUFFIX_CHARS], u64)| bool::from(row.0.ct_eq(&*self.suffix));
        answer.rows.iter().filter(same).map(|row| row.1).max().unwrap_or(0)
    }
}

impl fmt::Debug for RangeQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RangeQuery(..)")
    }
}

/// Why an answer cannot be used; names the line, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// More bytes than any range has.
    #[error("answer has more than {MAX_RANGE_BYTES} bytes")]
    TooLong,
    /// Nothing at all: every range has entries.
    #[error("answer is empty")]
    Empty,
    /// A line that is not 35 hexadecimal digits and perhaps a count.
    #[error("line {line} is no entry of a range")]
    Line {
        /// From 1.
        line: usize,
    },
}

/// What a service knows below a prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct RangeAnswer {
    rows: Box<[([u8; SUFFIX_CHARS], u64)]>,
}

impl RangeAnswer {
    /// Reads an answer: lines of `SUFFIX:COUNT` that end in LF or CRLF, in either case; a missing count is one, and
    /// rows that count nothing are padding.
    ///
    /// # Errors
    /// [`RangeError`], also for a last line that was cut off.
    pub fn parse(body: &[u8]) -> Result<Self, RangeError> {
        if body.len() > MAX_RANGE_BYTES {
            return Err(RangeError::TooLong);
        }
        let text = body.strip_suffix(b"\n").unwrap_or(body);
        if text.is_empty() {
            return Err(RangeError::Empty);
        }
        let mut rows = Vec::new();
        for (line, bytes) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            let (suffix, count) = row(bytes).ok_or(RangeError::Line { line })?;
            if count > 0 {
                rows.push((suffix, count));
            }
        }
        Ok(Self { rows: rows.into() })
    }

    /// Counts the entries, padding left out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there are no entries but padding.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn row(line: &[u8]) -> Option<([u8; SUFFIX_CHARS], u64)> {
    if line.len() > MAX_LINE_BYTES {
        return None;
    }
    let (suffix, rest) = line.split_first_chunk::<SUFFIX_CHARS>()?;
    if !suffix.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let count = match rest.split_first() {
        None => 1,
        Some((b':', digits)) if digits.iter().all(u8::is_ascii_digit) => {
            std::str::from_utf8(digits).ok()?.parse().ok()?
        }
        Some(_) => return None,
    };
    Some((suffix.to_ascii_uppercase().try_into().ok()?, count))
}

impl fmt::Debug for RangeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RangeAnswer({} entries)", self.rows.len())
    }
}

/// A service could not answer, or not in time. Whether passwords are accepted meanwhile is for [`OnUnavailable`] to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the breach corpus cannot be asked at the moment")]
pub struct RangeUnavailable;

/// A service that knows breached passwords by ranges.
///
/// - It is asked for a prefix and nothing else; the password and its whole hash stay here.
/// - It answers within a second or not at all: somebody is waiting.
/// - An answer that cannot be read whole is none.
#[async_trait]
pub trait BreachRange: fmt::Debug + Send + Sync {
    /// Returns everything known below the prefix.
    ///
    /// # Errors
    /// [`RangeUnavailable`].
    async fn range(&self, prefix: RangePrefix) -> Result<RangeAnswer, RangeUnavailable>;
}

/// What to do with a new password while the service cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnUnavailable {
    /// Take it, and leave a note that it was not checked.
    #[default]
    AllowAndFlag,
    /// Ask the person to come back.
    Deny,
}
