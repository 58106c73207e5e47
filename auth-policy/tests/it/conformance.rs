use mentalspace_auth_policy::mfa::MfaPolicy;
use mentalspace_auth_policy::password::{PasswordPolicy, PasswordRules};
use mentalspace_auth_policy::session::{SessionPolicy, SessionRules};
use mentalspace_auth_policy::totp::Window;

use crate::json;

#[test]
fn the_nist_profile_breaks_nothing() {
    assert_eq!(PasswordPolicy::nist_63b_4().conformance(), []);
    assert_eq!(SessionPolicy::standard().conformance(), []);
    assert_eq!(MfaPolicy::everyone().conformance(), []);
    assert_eq!(Window::PastOnly.conformance(), []);
    assert_eq!(Window::Current.conformance(), []);
}

#[test]
fn the_legacy_profile_reports_what_it_breaks() {
    let mut breaches = PasswordPolicy::legacy_hipaa().conformance();
    breaches.extend(MfaPolicy::legacy_hipaa().conformance());
    breaches.extend(Window::Symmetric.conformance());
    insta::assert_snapshot!(json(&breaches));
    let sentences: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("legacy_as_sentences", sentences.join("\n"));
}

#[test]
fn each_weakening_is_reported() {
    type Change = fn(&mut PasswordRules);
    let changes: [(Change, &[&str]); 5] = [
        (|rules| rules.min_password_only = 14, &["PW-1"]),
        (|rules| rules.min_with_mfa = 7, &["PW-1", "6.2.1"]),
        (|rules| rules.change_on_compromise = false, &["PW-6"]),
        (|rules| rules.blocklist = false, &["PW-11", "6.2.4"]),
        (|rules| rules.context_words = false, &["6.2.11"]),
    ];
    for (change, ids) in changes {
        let mut rules: PasswordRules = PasswordPolicy::nist_63b_4().into();
        change(&mut rules);
        let breaches = PasswordPolicy::new(rules).unwrap().conformance();
        let found: Vec<&str> = breaches.iter().map(|breach| breach.id).collect();
        assert_eq!(found, ids);
    }
}

#[test]
fn long_sessions_are_reported() {
    let mut rules: SessionRules = SessionPolicy::standard().into();
    rules.idle_secs = 2 * 3600;
    rules.absolute_secs = 25 * 3600;
    let breaches = SessionPolicy::new(rules).unwrap().conformance();
    assert_eq!(breaches.len(), 2);
}
