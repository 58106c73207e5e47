//! The check of a prospective password, with a reason and advice for every refusal.
//!
//! Invariant: no refusal holds the password or a part of it.
//! Standard: NIST SP 800-63B-4 §3.1.1.2 (reason and guidance after a refusal).

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;
use unicode_normalization::char::is_public_assigned;
use zeroize::Zeroizing;

use super::blocklist::fold;
use super::pieces::Vocabulary;
use super::{Advice, Blocklist, CommonPasswords, Context, Factors, NormalizedPassword, PasswordPolicy, strength};

/// Why a password cannot be used, displayed as sentences for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rejection {
    /// Fewer code points than the policy asks for.
    #[error(
        "The password has {found} characters and needs at least {min}. A phrase of several words is easy to remember and long enough."
    )]
    TooShort {
        /// The code points found.
        found: usize,
        /// The least number.
        min: u16,
    },
    /// More code points or bytes than the policy permits.
    #[error("The password is too long. Use at most {max} characters.")]
    TooLong {
        /// The greatest number of code points; fewer fit where characters take several bytes each.
        max: u16,
    },
    /// A control character such as NUL or a line break.
    #[error(
        "The password contains a character that cannot be typed, such as a line break. Type it again or paste it without line breaks."
    )]
    ControlCharacter,
    /// A code point that Unicode has not assigned, whose normal form may change one day.
    #[error("The password contains a character that is not part of any writing system yet. Use another one.")]
    UnassignedCharacter,
    /// Listed as common, expected or compromised.
    #[error(
        "The password is one of those that many people use or that became known in a breach. Choose one that nobody else would think of."
    )]
    Common,
    /// Made of the names of the service, the practice or the person.
    #[error(
        "The password is made of names that belong to you, your practice or this service. Choose words that have nothing to do with them."
    )]
    ContextWords,
    /// Too few guesses.
    #[error("The password is too easy to guess.{}", Sentences(.advice))]
    TooWeak {
        /// The score, 0 to 4.
        score: u8,
        /// The least score.
        min: u8,
        /// What would help.
        advice: Vec<Advice>,
    },
    /// One of the person's last passwords.
    #[error("The password was used before. Choose one that differs from your last {remembered}.")]
    Reused {
        /// How many earlier passwords are remembered.
        remembered: u8,
    },
}

struct Sentences<'a>(&'a [Advice]);

impl fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|advice| write!(f, " {advice}"))
    }
}

impl PasswordPolicy {
    /// Checks a prospective password and returns the form to be hashed.
    ///
    /// Takes as long as [`strength`]; earlier passwords are checked apart, see
    /// [`history_to_verify`](Self::history_to_verify).
    ///
    /// # Errors
    /// Every reason that applies, so that the person can mend all at once.
    pub fn check(
        &self,
        candidate: &SecretString,
        context: &Context,
        blocklist: &dyn Blocklist,
        factors: Factors,
    ) -> Result<NormalizedPassword, Vec<Rejection>> {
        let too_long = || vec![Rejection::TooLong { max: self.max_code_points }];
        let password = NormalizedPassword::attempt(candidate).map_err(|_| too_long())?;
        let text = password.expose();
        let found = password.code_points();
        if found > usize::from(self.max_code_points) || text.len() > usize::from(self.max_bytes) {
            return Err(too_long());
        }

        let mut rejections = Vec::new();
        let min = self.min_code_points(factors);
        if found < usize::from(min) {
            rejections.push(Rejection::TooShort { found, min });
        }
        if text.chars().any(char::is_control) {
            rejections.push(Rejection::ControlCharacter);
        }
        if !text.chars().all(is_public_assigned) {
            rejections.push(Rejection::UnassignedCharacter);
        }
        rejections.extend(self.listed(&password, context, blocklist));
        if self.min_score > 0 {
            let estimate = strength(&password, context);
            if estimate.score < self.min_score {
                rejections.push(Rejection::TooWeak {
                    score: estimate.score,
                    min: self.min_score,
                    advice: estimate.advice,
                });
            }
        }
        if rejections.is_empty() { Ok(password) } else { Err(rejections) }
    }

    /// Checks the password someone just signed in with against lists that may have grown since it was set.
    ///
    /// Anything returned is evidence of compromise: the session goes to
    /// [`PasswordExpired`](crate::session::SessionState::PasswordExpired). Empty unless the policy asks for both.
    #[must_use]
    pub fn recheck(
        &self,
        password: &NormalizedPassword,
        context: &Context,
        blocklist: &dyn Blocklist,
    ) -> Vec<Rejection> {
        if self.recheck_at_login && self.change_on_compromise {
            self.listed(password, context, blocklist)
        } else {
            Vec::new()
        }
    }

    fn listed(&self, password: &NormalizedPassword, context: &Context, blocklist: &dyn Blocklist) -> Vec<Rejection> {
        let text = password.expose();
        let folded = fold(text);
        let mut rejections = Vec::new();
        if self.blocklist && (CommonPasswords.contains(text) || blocklist.contains(text) || blocklist.contains(&folded))
        {
            rejections.push(Rejection::Common);
        }
        let letters: Zeroizing<Vec<char>> = Zeroizing::new(folded.chars().collect());
        if self.context_words && Vocabulary::of_words(context.words()).covers(&letters) {
            rejections.push(Rejection::ContextWords);
        }
        rejections
    }
}
