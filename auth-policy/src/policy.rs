//! What every policy of this crate shares: a schema version, the refusal of values that make no sense,
//! and a report of the rules a permitted but weak policy breaks.
//!
//! A policy is data. Its rules are a plain struct of public fields ([`PasswordRules`](crate::password::PasswordRules)
//! and so on); the policy is the same data once checked, and is what the rest of the crate takes.

use std::fmt;

use serde::Serialize;

/// The schema version this crate reads and writes.
pub const SCHEMA_VERSION: u16 = 1;

/// Why rules cannot become a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The rules were written by a newer or unknown release.
    #[error("policy schema version {found} is unknown, {SCHEMA_VERSION} is understood")]
    UnknownVersion {
        /// The version found.
        found: u16,
    },
    /// A value lies outside what this field may hold.
    #[error("{field} is {found}, must be {min} to {max}")]
    OutOfRange {
        /// The name of the field.
        field: &'static str,
        /// The value found.
        found: u64,
        /// The least permitted value.
        min: u64,
        /// The greatest permitted value.
        max: u64,
    },
}

pub(crate) fn check_version(found: u16) -> Result<(), PolicyError> {
    if found == SCHEMA_VERSION { Ok(()) } else { Err(PolicyError::UnknownVersion { found }) }
}

pub(crate) fn check_range(
    field: &'static str,
    found: impl Into<u64>,
    range: std::ops::RangeInclusive<u64>,
) -> Result<(), PolicyError> {
    let found = found.into();
    if range.contains(&found) {
        return Ok(());
    }
    Err(PolicyError::OutOfRange { field, found, min: *range.start(), max: *range.end() })
}

/// Declares a policy as the checked form of its rules: reads like the rules, is built only through `new`.
macro_rules! checked_policy {
    ($(#[$doc:meta])* $policy:ident, $rules:ident, $text:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = $text, into = $text)]
        pub struct $policy($rules);

        impl $policy {
            /// Checks the rules.
            ///
            /// # Errors
            /// An unknown schema version, or a value outside its range.
            pub fn new(rules: $rules) -> Result<Self, $crate::policy::PolicyError> {
                $crate::policy::check_version(rules.version)?;
                rules.check()?;
                Ok(Self(rules))
            }
        }

        impl std::ops::Deref for $policy {
            type Target = $rules;

            fn deref(&self) -> &$rules {
                &self.0
            }
        }

        impl TryFrom<$rules> for $policy {
            type Error = $crate::policy::PolicyError;

            fn try_from(rules: $rules) -> Result<Self, Self::Error> {
                Self::new(rules)
            }
        }

        impl From<$policy> for $rules {
            fn from(policy: $policy) -> Self {
                policy.0
            }
        }
    };
}
pub(crate) use checked_policy;

/// One rule of a standard that a policy breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Breach {
    /// This project's short name of the rule, as used in its security documentation.
    pub id: &'static str,
    /// The standard.
    pub source: Source,
    /// The place in the standard.
    pub section: &'static str,
    /// How binding the rule is.
    pub level: Level,
    /// What the policy does against the rule, as a sentence.
    pub text: &'static str,
}

impl Breach {
    pub(crate) const fn new(
        id: &'static str,
        source: Source,
        section: &'static str,
        level: Level,
        text: &'static str,
    ) -> Self {
        Self { id, source, section, level, text }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}): {}", self.source, self.section, self.level, self.text)
    }
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// NIST SP 800-63B-4, final of July 2025.
    Nist63b4,
    /// OWASP Application Security Verification Standard 5.0.
    Asvs5,
    /// The proposed HIPAA Security Rule, 90 FR 898; not in force.
    HipaaProposal,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nist63b4 => "NIST SP 800-63B-4",
            Self::Asvs5 => "OWASP ASVS 5.0",
            Self::HipaaProposal => "HIPAA Security Rule proposal (90 FR 898)",
        })
    }
}

/// How binding a rule is, in the words of the standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// Must be done.
    Shall,
    /// Must not be done.
    ShallNot,
    /// Ought to be done.
    Should,
    /// Worth knowing, binds nobody yet.
    Note,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shall => "SHALL",
            Self::ShallNot => "SHALL NOT",
            Self::Should => "SHOULD",
            Self::Note => "note",
        })
    }
}
