use mentalspace_auth_policy::mfa::{Decision, Enrolled, MfaPolicy, MfaRules, Requirement};
use mentalspace_auth_policy::password::Factors;

use crate::{at, json, through_json};

fn policy(default: Requirement, roles: &[(&str, Requirement)]) -> MfaPolicy {
    let mut rules: MfaRules = MfaPolicy::everyone().into();
    rules.default = default;
    rules.roles = roles.iter().map(|(role, requirement)| ((*role).to_owned(), *requirement)).collect();
    MfaPolicy::new(rules).unwrap()
}

#[test]
fn everyone_needs_a_second_factor_by_default() {
    let policy = MfaPolicy::everyone();
    for roles in [&[][..], &["clinician"], &["a role of tomorrow"]] {
        let decide = |enrolled| policy.decide(roles.iter().copied(), enrolled, at(0));
        assert_eq!(decide(Enrolled::Yes), Decision::Challenge);
        assert_eq!(decide(Enrolled::No), Decision::EnrolFirst);
        assert_eq!(policy.factors(roles.iter().copied(), at(0)), Factors::WithMfa);
    }
}

#[test]
fn the_legacy_profile_requires_it_of_administrators_and_supervisors() {
    let policy = MfaPolicy::legacy_hipaa();
    assert_eq!(policy.requirement(["administrator"], at(0)), Requirement::Required);
    assert_eq!(policy.requirement(["clinician", "supervisor"], at(0)), Requirement::Required);
    assert_eq!(policy.requirement(["clinician"], at(0)), Requirement::Optional);
    assert_eq!(policy.decide(["clinician"], Enrolled::No, at(0)), Decision::NotNeeded);
    assert_eq!(policy.factors(["clinician"], at(0)), Factors::PasswordOnly);
}

#[test]
fn an_enrolled_factor_is_asked_for_even_where_it_is_optional() {
    let decision = MfaPolicy::legacy_hipaa().decide(["clinician"], Enrolled::Yes, at(0));
    assert_eq!(decision, Decision::Challenge);
}

#[test]
fn a_grace_period_ends_at_its_moment() {
    let policy = policy(Requirement::GraceUntil(at(100)), &[]);
    let decide = |now| policy.decide(["clinician"], Enrolled::No, at(now));
    assert_eq!(decide(99), Decision::EnrolBy(at(100)));
    assert_eq!(decide(100), Decision::EnrolFirst);
    assert_eq!(policy.factors(["clinician"], at(99)), Factors::PasswordOnly);
    assert_eq!(policy.factors(["clinician"], at(100)), Factors::WithMfa);
}

#[test]
fn the_strictest_of_several_roles_wins() {
    let (early, late) = (Requirement::GraceUntil(at(100)), Requirement::GraceUntil(at(200)));
    let policy = policy(Requirement::Optional, &[("early", early), ("late", late), ("strict", Requirement::Required)]);
    for (roles, wanted) in [
        (&["late", "early"][..], early),
        (&["early", "late"], early),
        (&["unlisted", "late"], late),
        (&["late", "strict"], Requirement::Required),
        (&["unlisted"], Requirement::Optional),
    ] {
        assert_eq!(policy.requirement(roles.iter().copied(), at(0)), wanted, "{roles:?}");
    }
}

#[test]
fn the_policy_serialises_as_data() {
    let policy = policy(Requirement::GraceUntil(at(0)), &[("supervisor", Requirement::Required)]);
    assert_eq!(through_json(&policy), policy);
    insta::assert_snapshot!(json(&policy));
    let newer = json(&policy).replace("\"version\": 1", "\"version\": 9");
    assert!(serde_json::from_str::<MfaPolicy>(&newer).is_err());
}
