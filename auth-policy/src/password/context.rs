//! The context of a password: words that an attacker who knows the account tries first.
//!
//! Invariant: at most [`MAX_WORDS`] distinct words of 3 to [`MAX_WORD_CHARS`] letters and digits, lower case.
//! Standard: NIST SP 800-63B-4 §3.1.1.2 (context-specific words), OWASP ASVS 5.0 6.1.2, 6.2.11.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

pub(super) const MAX_WORDS: usize = 20;
pub(super) const MAX_WORD_CHARS: usize = 64;
const MIN_WORD_CHARS: usize = 3;

/// The words around one account: service, practice, person.
///
/// Words beyond the twentieth are ignored, so the most telling ones come first.
///
/// ```
/// use mentalspace_auth_policy::password::Context;
///
/// let context = Context::new()
///     .word("MentalSpace")
///     .word("jon.smith")
///     .email("jon.smith@example.org")
///     .word("Harbor Lights Counseling");
/// assert_eq!(context.len(), 9);
/// ```
#[derive(Clone, Default)]
pub struct Context {
    words: Vec<String>,
}

impl Context {
    /// Starts without words.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name (of the service, the practice, the person, the account), whole, in its parts, and without the digits at their
    /// ends.
    #[must_use]
    pub fn word(mut self, name: &str) -> Self {
        let name: String = name.nfc().take(4 * MAX_WORD_CHARS).collect();
        self.add(&name);
        for part in name.split(|c: char| !c.is_alphanumeric()) {
            self.add(part);
            self.add(part.trim_end_matches(char::is_numeric));
        }
        self
    }

    /// Adds the local part of an e-mail address and the name of its domain.
    #[must_use]
    pub fn email(self, address: &str) -> Self {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        let this = self.word(local);
        match domain.rsplit_once('.') {
            Some((name, _top_level)) => this.word(name),
            None => this,
        }
    }

    /// Counts the distinct words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Tells whether there are no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    fn add(&mut self, text: &str) {
        let word: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(MAX_WORD_CHARS).collect();
        if self.words.len() < MAX_WORDS && word.chars().count() >= MIN_WORD_CHARS && !self.words.contains(&word) {
            self.words.push(word);
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({} words)", self.words.len())
    }
}
