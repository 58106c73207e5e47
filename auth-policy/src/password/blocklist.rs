//! The blocklist: passwords that are commonly used, expected or known to be compromised.
//!
//! Invariant: the entire password is compared, exactly and case-folded, never a substring.
//! Standard: NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 6.2.4, 6.2.12.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::pieces::Vocabulary;

/// A set of passwords nobody may choose, such as a corpus of breached ones.
///
/// - It is asked with the NFC form of the password and again with its lower-case form.
/// - `true` means that exactly this form is listed; there is no partial match.
/// - It answers from memory: no disk, no network. A remote service is asked by the caller beforehand.
/// - A false positive puzzles people, since they are told the reason: keep it below one in ten thousand.
pub trait Blocklist {
    /// Tells whether this form is listed.
    fn contains(&self, form: &str) -> bool;
}

/// The empty list: only the embedded rules of [`CommonPasswords`] apply.
impl Blocklist for () {
    fn contains(&self, _form: &str) -> bool {
        false
    }
}

/// Both lists.
impl<A: Blocklist, B: Blocklist> Blocklist for (A, B) {
    fn contains(&self, form: &str) -> bool {
        self.0.contains(form) || self.1.contains(form)
    }
}

impl<B: Blocklist + ?Sized> Blocklist for &B {
    fn contains(&self, form: &str) -> bool {
        (**self).contains(form)
    }
}

/// The embedded list of common passwords, given by rules rather than by entries.
///
/// Listed is what consists of nothing but one or two common words, keyboard walks, alphabet and number runs or
/// repetitions, in any case, reversed or with look-alike signs, with at most eight digits and signs such as a year
/// around them: `Password2026!`, `qwertyuiop123`, `S3ss10nNotes`, `1qaz2wsx3edc4rfv`. A policy always applies it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommonPasswords;

const COMMON_WORDS: &str = include_str!("../../data/common-words.txt");

impl Blocklist for CommonPasswords {
    fn contains(&self, form: &str) -> bool {
        let text: Zeroizing<Vec<char>> = Zeroizing::new(form.chars().flat_map(char::to_lowercase).collect());
        Vocabulary::of_common(COMMON_WORDS.split_ascii_whitespace()).covers(&text)
    }
}

/// A list of passwords held in memory, compared without regard to case.
#[derive(Clone, Default)]
pub struct WordList(Vec<Box<str>>);

impl WordList {
    /// Reads one password per line; line ends may be LF or CRLF, blank lines are ignored.
    #[must_use]
    pub fn from_lines(text: &str) -> Self {
        let mut entries: Vec<Box<str>> =
            text.lines().filter(|line| !line.is_empty()).map(|line| fold(line).as_str().into()).collect();
        entries.sort_unstable();
        entries.dedup();
        Self(entries)
    }

    /// Counts the distinct entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Blocklist for WordList {
    fn contains(&self, form: &str) -> bool {
        let folded = fold(form);
        self.0.binary_search_by(|entry| (**entry).cmp(folded.as_str())).is_ok()
    }
}

impl fmt::Debug for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WordList({} entries)", self.0.len())
    }
}

/// Folds case by Unicode lower-casing of the NFC form.
pub(super) fn fold(text: &str) -> Zeroizing<String> {
    let lower = Zeroizing::new(text.nfc().collect::<String>().to_lowercase());
    Zeroizing::new(lower.nfc().collect())
}
