//! The conformance report of a password policy: every SHALL and every ASVS point it breaks.

use super::{NIST_MIN_PASSWORD_ONLY, NIST_MIN_WITH_MFA, PasswordPolicy};
use crate::policy::Level::{Shall, ShallNot};
use crate::policy::Source::{Asvs5, Nist63b4};
use crate::policy::{Breach, Level, Source};

impl PasswordPolicy {
    /// Lists the rules of NIST SP 800-63B-4 §3.1.1.2 and OWASP ASVS 5.0 §6.2 that this policy breaks.
    ///
    /// Empty for [`nist_63b_4`](Self::nist_63b_4). Rules that no policy of this crate can break (composition, hints,
    /// truncation, a maximum below 64) do not appear.
    #[must_use]
    pub fn conformance(&self) -> Vec<Breach> {
        RULES
            .iter()
            .filter(|rule| (rule.0)(self))
            .map(|&(_, id, source, section, level, text)| Breach::new(id, source, section, level, text))
            .collect()
    }
}

type Rule = (fn(&PasswordPolicy) -> bool, &'static str, Source, &'static str, Level, &'static str);

#[rustfmt::skip]
const RULES: [Rule; 9] = [
    (|policy| policy.min_password_only < NIST_MIN_PASSWORD_ONLY, "PW-1", Nist63b4, "3.1.1.2(1)", Shall,
     "Passwords shorter than 15 characters are accepted for people who sign in without a second factor."),
    (|policy| policy.min_with_mfa < NIST_MIN_WITH_MFA, "PW-1", Nist63b4, "3.1.1.2(1)", Shall,
     "Passwords shorter than 8 characters are accepted together with a second factor."),
    (|policy| policy.min_password_only.min(policy.min_with_mfa) < 8, "6.2.1", Asvs5, "6.2.1", Shall,
     "Passwords shorter than 8 characters are accepted."),
    (|policy| policy.rotation.is_some(), "PW-6", Nist63b4, "3.1.1.2(6)", ShallNot,
     "Passwords must be changed periodically."),
    (|policy| policy.rotation.is_some(), "6.2.10", Asvs5, "6.2.10", ShallNot,
     "Passwords expire although nothing suggests compromise."),
    (|policy| !policy.change_on_compromise, "PW-6", Nist63b4, "3.1.1.2(6)", Shall,
     "Evidence of compromise does not force a change."),
    (|policy| !policy.blocklist, "PW-11", Nist63b4, "3.1.1.2", Shall,
     "New passwords are not compared with common and compromised ones."),
    (|policy| !policy.blocklist, "6.2.4", Asvs5, "6.2.4, 6.2.12", Shall,
     "Common and breached passwords are accepted."),
    (|policy| !policy.context_words, "6.2.11", Asvs5, "6.2.11", Shall,
     "Passwords made of the names of the service, the practice or the person are accepted."),
];
