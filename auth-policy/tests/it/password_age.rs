use chrono::TimeDelta;
use mentalspace_auth_policy::password::{PasswordAge, PasswordPolicy};

use crate::at;

fn legacy(days: i64, seconds: i64) -> PasswordAge {
    let changed = at(0);
    let now = changed + TimeDelta::days(days) + TimeDelta::seconds(seconds);
    PasswordAge::state(&PasswordPolicy::legacy_hipaa(), changed, at(-86_400), now)
}

#[test]
fn ninety_days_are_told_from_day_seventy_six() {
    assert_eq!(legacy(0, 0), PasswordAge::Fresh);
    assert_eq!(legacy(75, 86_399), PasswordAge::Fresh);
    assert_eq!(legacy(76, 0), PasswordAge::ExpiresIn(14));
    assert_eq!(legacy(89, 1), PasswordAge::ExpiresIn(0));
    assert_eq!(legacy(90, 0), PasswordAge::ExpiresIn(0));
    assert_eq!(legacy(90, 1), PasswordAge::Expired);
}

/// PW-6.
#[test]
fn without_rotation_a_password_never_expires() {
    let policy = PasswordPolicy::nist_63b_4();
    let now = at(0) + TimeDelta::days(36_500);
    assert_eq!(PasswordAge::state(&policy, at(0), at(0), now), PasswordAge::Fresh);
}

#[test]
fn a_new_policy_counts_from_its_own_start() {
    let policy = PasswordPolicy::legacy_hipaa();
    let active_since = at(0) + TimeDelta::days(1000);
    let state = |days| PasswordAge::state(&policy, at(0), active_since, active_since + TimeDelta::days(days));
    assert_eq!(state(1), PasswordAge::Fresh);
    assert_eq!(state(80), PasswordAge::ExpiresIn(10));
    assert_eq!(state(91), PasswordAge::Expired);
}

#[test]
fn a_clock_set_back_expires_nothing() {
    assert_eq!(legacy(-400, 0), PasswordAge::Fresh);
}
