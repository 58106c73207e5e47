//! The time-based one-time password: six digits, SHA-1, thirty seconds, each step accepted once.
//!
//! Invariants: the last accepted step only grows; a code is six ASCII digits and nothing else; every step of the window
//! is computed whatever the code, so that time tells nothing.
//! Standard: RFC 6238 (§6 for clocks that drift), NIST SP 800-63B-4 §3.1.4, OWASP ASVS 5.0 6.5.1, 6.5.5.

mod drift;
mod enrolment;
mod qr;
mod secret;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};

pub use drift::{Drift, InvalidDrift};
pub use enrolment::TotpEnrolment;
pub use qr::qr_svg;
pub use secret::TotpSecret;

use crate::policy::{Breach, Level, Source};

/// The length of a step in seconds.
pub const STEP_SECONDS: u64 = 30;
/// The number of digits in a code.
pub const DIGITS: usize = 6;

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TotpError {
    /// Not exactly six ASCII digits.
    #[error("code is not six digits")]
    Malformed,
    /// Not a code of this moment.
    #[error("code does not match")]
    Mismatch,
    /// A code of this moment that was used already: to be audited, and the person's sessions to be warned.
    #[error("code was used before")]
    Replayed,
    /// The clock stands before 1970.
    #[error("clock is before the unix epoch")]
    ClockBeforeEpoch,
    /// The enrolment was not confirmed in time.
    #[error("enrolment is over")]
    EnrolmentOver,
    /// The secret of the enrolment was shown already.
    #[error("secret was shown already")]
    AlreadyShown,
    /// A label that authenticator apps cannot read.
    #[error("issuer or account name is empty or contains a colon")]
    InvalidLabel,
    /// An address that no QR code can hold.
    #[error("address is too long for a QR code")]
    TooLong,
}

/// Which steps around the current one of the app are accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// The current step: codes live thirty seconds.
    Current,
    /// The current step and the one before: tolerates slow typing.
    PastOnly,
    /// The current step and one on either side: tolerates clocks that run fast as well, and follows them (see [`Drift`]).
    #[default]
    Symmetric,
}

impl Window {
    /// Lists the steps accepted when the app's clock shows `centre`, which lies before the first one for a moment
    /// after the epoch.
    fn steps(self, centre: i64) -> impl Iterator<Item = u64> {
        let steps = match self {
            Self::Current => 0..=0,
            Self::PastOnly => -1..=0,
            Self::Symmetric => -1..=1,
        };
        steps.filter_map(move |step| u64::try_from(centre.checked_add(step)?).ok())
    }

    /// Lists the rules on the lifetime of codes that this window breaks.
    #[must_use]
    pub fn conformance(self) -> Vec<Breach> {
        match self {
            Self::Current | Self::PastOnly => Vec::new(),
            Self::Symmetric => vec![Breach::new(
                "6.5.5",
                Source::Asvs5,
                "6.5.5",
                Level::Shall,
                "One-time codes are accepted over a span of 90 seconds instead of 30.",
            )],
        }
    }
}

/// An accepted code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a step that is not stored can be used again"]
pub struct Accepted {
    /// The step to be stored as the last one used.
    pub step: u64,
    /// What is known of the app's clock now, to be stored beside it.
    pub drift: Drift,
}

/// A person's confirmed authenticator.
///
/// Storing the step, which makes a code work once even when it arrives several times at the same moment:
/// - `UPDATE … SET last_step = $step WHERE id = $id AND last_step < $step`, or the document with its expected version;
/// - one row changed: the code is accepted;
/// - no row changed: another request used it first, answer as for [`TotpError::Replayed`].
///
/// The secret is stored encrypted and apart from the step, so this type has no serialised form.
#[derive(Clone, Debug)]
pub struct TotpAuthenticator {
    secret: TotpSecret,
    last_step: Option<u64>,
    drift: Drift,
}

impl TotpAuthenticator {
    /// Restores an authenticator from storage.
    #[must_use]
    pub fn restore(secret: TotpSecret, last_step: Option<u64>, drift: Drift) -> Self {
        Self { secret, last_step, drift }
    }

    /// Returns the last step used.
    #[must_use]
    pub fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// Returns what is known of the app's clock.
    #[must_use]
    pub fn drift(&self) -> Drift {
        self.drift
    }

    /// Gives the secret back, to be encrypted and stored.
    #[must_use]
    pub fn secret(&self) -> &TotpSecret {
        &self.secret
    }

    /// Checks a code against the steps of the window around the app's clock, from the one after the last used upwards.
    ///
    /// # Errors
    /// See [`TotpError`]; all are failed attempts for the throttle.
    pub fn verify(&self, code: &str, now: DateTime<Utc>, window: Window) -> Result<Accepted, TotpError> {
        let totp = generator(&self.secret)?;
        let now = u64::try_from(now.timestamp()).map_err(|_| TotpError::ClockBeforeEpoch)?;
        let now = i64::try_from(now / STEP_SECONDS).map_err(|_| TotpError::Mismatch)?;
        if code.len() != DIGITS || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TotpError::Malformed);
        }
        let mut fresh = None;
        let mut used = false;
        for step in window.steps(self.drift.centre(now)) {
            let matches = matches_step(&totp, code, step);
            if self.last_step.is_some_and(|last| step <= last) {
                used |= matches;
            } else if matches && fresh.is_none() {
                fresh = Some(step);
            }
        }
        match fresh {
            Some(step) => Ok(Accepted { step, drift: self.drift.follow(window, now, step) }),
            None if used => Err(TotpError::Replayed),
            None => Err(TotpError::Mismatch),
        }
    }

    /// Records an accepted step; the last step never goes back.
    pub fn accept(&mut self, accepted: Accepted) {
        self.last_step = self.last_step.max(Some(accepted.step));
        self.drift = accepted.drift;
    }
}

fn generator(secret: &TotpSecret) -> Result<Totp, TotpError> {
    Builder::new().with_skew(0).with_secret(*secret.expose()).build().map_err(|_| TotpError::Mismatch)
}

/// Compares, in constant time, a code with the one of a single step; `totp` has no skew of its own.
fn matches_step(totp: &Totp, code: &str, step: u64) -> bool {
    step.checked_mul(totp.step()).is_some_and(|time| totp.check(code, time).is_some())
}

#[cfg(test)]
mod tests {
    use totp_rs::{Algorithm, Builder};

    use super::matches_step;
    use crate::vectors;

    const RFC_6238: &str = "59 94287082 46119246 90693936
1111111109 07081804 68084774 25091201
1111111111 14050471 67062674 99943326
1234567890 89005924 91819424 93441116
2000000000 69279037 90698825 38618901
20000000000 65353130 77737706 47863826";

    fn check_rfc_6238(table: &str) -> usize {
        let seed = b"1234567890".repeat(7);
        let algorithms = [(Algorithm::SHA1, 20), (Algorithm::SHA256, 32), (Algorithm::SHA512, 64)];
        let mut checked = 0;
        for line in table.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
            let columns: Vec<&str> = line.split_ascii_whitespace().collect();
            let step = columns[0].parse::<u64>().unwrap() / 30;
            for ((algorithm, length), code) in algorithms.into_iter().zip(&columns[1..]) {
                let totp = Builder::new()
                    .with_algorithm(algorithm)
                    .with_digits(8)
                    .with_skew(0)
                    .with_secret(seed[..length].to_vec())
                    .build()
                    .unwrap();
                assert!(matches_step(&totp, code, step), "{algorithm} at {step}");
                assert!(!matches_step(&totp, code, step + 1), "{algorithm} after {step}");
                checked += 1;
            }
        }
        checked
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        assert_eq!(check_rfc_6238(RFC_6238), 18);
    }

    #[test]
    fn codes_are_those_of_the_published_vector_file() {
        vectors::run("rfc/rfc6238-appB.tsv", check_rfc_6238);
    }
}
