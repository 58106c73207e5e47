//! Whether and how codes go to telephones.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::assurance::Factor;
use crate::policy::{Breach, Level, PolicyError, SCHEMA_VERSION, Source, check_range, checked_policy};

/// What a person reads before a number is set up (§3.2.9): the risk, and what to use instead.
pub const RISK: &str = "Codes sent to a telephone are the weakest second factor: a number can be moved to a stranger's \
    phone, and messages can be read on the way. Use a passkey or an authenticator app where you can, and keep the number \
    only as a fallback.";

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// A text message.
    Sms,
    /// A call that speaks the digits.
    Voice,
}

impl Channel {
    /// Returns the factor that a code on this channel shows.
    #[must_use]
    pub const fn factor(self) -> Factor {
        match self {
            Self::Sms => Factor::Sms,
            Self::Voice => Factor::Voice,
        }
    }
}

/// Whether codes by telephone are offered at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneCodes {
    /// They are not.
    Refused,
    /// To who has another second factor already, as a fallback.
    Fallback,
}

/// The rules of codes by telephone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OutOfBandRules {
    /// The schema version, [`SCHEMA_VERSION`].
    pub version: u16,
    /// Whether they are offered.
    pub offered: PhoneCodes,
    /// The digits of a code, 6 to 8.
    pub digits: u8,
    /// How long a code lives in seconds, 60 to 600.
    pub lifetime_secs: u32,
    /// The least pause between two codes in seconds, 30 to 600.
    pub pause_secs: u32,
    /// The most codes in an hour, 1 to 10.
    pub most_per_hour: u8,
}

impl OutOfBandRules {
    fn check(&self) -> Result<(), PolicyError> {
        check_range("digits", self.digits, 6..=8)?;
        check_range("lifetime_secs", self.lifetime_secs, 60..=600)?;
        check_range("pause_secs", self.pause_secs, 30..=600)?;
        check_range("most_per_hour", self.most_per_hour, 1..=10)
    }

    /// Returns how long a code lives.
    #[must_use]
    pub fn lifetime(&self) -> TimeDelta {
        TimeDelta::seconds(self.lifetime_secs.into())
    }

    pub(super) fn pause(&self) -> TimeDelta {
        TimeDelta::seconds(self.pause_secs.into())
    }
}

checked_policy! {
    /// How codes go to telephones.
    ///
    /// No value that NIST SP 800-63B-4 §3.1.3 forbids can be expressed.
    OutOfBandPolicy, OutOfBandRules, "OutOfBandRules"
}

impl OutOfBandPolicy {
    /// Sends no codes: nothing restricted is in use.
    #[must_use]
    pub const fn refused() -> Self {
        Self(OutOfBandRules {
            version: SCHEMA_VERSION,
            offered: PhoneCodes::Refused,
            digits: 6,
            lifetime_secs: 600,
            pause_secs: 60,
            most_per_hour: 5,
        })
    }

    /// Sends codes as a fallback: six digits for ten minutes, one a minute, five an hour.
    #[must_use]
    pub fn fallback() -> Self {
        Self(OutOfBandRules { offered: PhoneCodes::Fallback, ..Self::refused().0 })
    }

    /// Lists what speaks against codes by telephone.
    #[must_use]
    pub fn conformance(&self) -> Vec<Breach> {
        match self.offered {
            PhoneCodes::Refused => Vec::new(),
            PhoneCodes::Fallback => vec![Breach::new(
                "OB-8",
                Source::Nist63b4,
                "3.2.9",
                Level::Note,
                "Codes by telephone are restricted: the risk assessment has to address them, with a plan to leave them.",
            )],
        }
    }
}
