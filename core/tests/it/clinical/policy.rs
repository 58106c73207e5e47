use chrono::NaiveDate;
use mentalspace_core::{
    Address, BillingAddress, Credential, NoteKind, NotePolicy, Period, Practice, Supervision, TimeZoneName, UsState,
    testing::clinical::{associate, clinician, day, draft, id, practice, signed},
};

#[test]
fn a_note_is_due_after_three_days_across_year_ends() {
    let policy = NotePolicy::default();
    assert_eq!(policy.due_on(day("2026-12-30")), day("2027-01-02"));
    assert_eq!(policy.due_on(day("2028-02-27")), day("2028-03-01"));
    assert_eq!(policy.cosign_due_on(day("2026-12-30")), day("2027-01-06"));
    assert_eq!(policy.due_on(NaiveDate::MAX), NaiveDate::MAX);
}

#[test]
fn only_an_unsigned_note_is_overdue() {
    let policy = NotePolicy::default();
    assert!(!draft().is_overdue(&policy, day("2026-03-05")));
    assert!(draft().is_overdue(&policy, day("2026-03-06")));
    assert!(!signed().is_overdue(&policy, day("2026-12-31")));
}

#[test]
fn an_old_treatment_plan_admits_only_a_new_one() {
    let policy = NotePolicy::default();
    let plan = Some(day("2026-01-01"));
    assert!(policy.admits(NoteKind::Progress, plan, day("2026-04-01")));
    assert!(!policy.admits(NoteKind::Progress, plan, day("2026-04-02")));
    assert!(policy.admits(NoteKind::TreatmentPlan, plan, day("2026-04-02")));
    assert!(policy.admits(NoteKind::Intake, None, day("2026-04-02")));
}

/// P4: the billing address demands nine digits; any other address keeps five.
#[test]
fn a_billing_address_needs_nine_digits() {
    let short = Address::new("100 Main St", "Denver", "CO", "80203").unwrap();
    assert!(BillingAddress::try_from(short.clone()).is_err());
    let mut json = serde_json::to_value(practice()).unwrap();
    json["address"] = serde_json::to_value(short).unwrap();
    assert!(serde_json::from_value::<Practice>(json).is_err());
}

#[test]
fn policies_left_out_are_the_default_ones() {
    let mut json = serde_json::to_value(practice()).unwrap();
    json["policies"] = serde_json::json!({ "notes": { "due_days": 7 } });
    let read: Practice = serde_json::from_value(json).unwrap();
    assert_eq!(read.policies.notes, NotePolicy { due_days: 7, ..NotePolicy::default() });
}

#[test]
fn time_zones_are_checked_by_shape() {
    for right in ["America/Denver", "America/Argentina/Buenos_Aires", "Etc/GMT+7", "UTC"] {
        assert!(TimeZoneName::parse(right).is_ok(), "{right}");
    }
    for wrong in ["", "../etc/passwd", "America/Denver ", "Zürich", "/UTC"] {
        assert!(TimeZoneName::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn supervision_holds_on_its_days_and_the_newest_counts() {
    let mut lee = associate();
    assert_eq!(lee.supervised_on(day("2024-12-31")), None);
    assert_eq!(lee.supervised_on(day("2025-01-01")), Some(clinician().id));
    lee.supervision.push(Supervision { supervisor: id(12), in_force: Period::since(day("2026-01-01")) });
    assert_eq!(lee.supervised_on(day("2025-12-31")), Some(clinician().id));
    assert_eq!(lee.supervised_on(day("2026-01-01")), Some(id(12)));
    lee.supervision = vec![Supervision { supervisor: lee.id, in_force: Period::since(day("2020-01-01")) }];
    assert_eq!(lee.supervised_on(day("2026-01-01")), None, "nobody supervises oneself");
}

#[test]
fn a_license_holds_in_its_state_until_it_expires() {
    let state = |code| UsState::parse(code).unwrap();
    let rivera = clinician();
    assert!(rivera.licensed_in(&state("CO"), day("2027-08-31")));
    assert!(!rivera.licensed_in(&state("CO"), day("2027-09-01")));
    assert!(!rivera.licensed_in(&state("UT"), day("2026-01-01")));
    assert!(Credential::parse("").is_err());
}

#[test]
fn a_period_without_an_end_overlaps_all_that_comes() {
    let closed = |from, to| Period::between(day(from), day(to)).unwrap();
    let year = closed("2025-01-01", "2025-12-31");
    assert!(year.overlaps(closed("2025-12-31", "2026-01-05")));
    assert!(!year.overlaps(closed("2026-01-01", "2026-01-05")));
    assert!(year.overlaps(Period::since(day("2025-12-31"))) && Period::since(day("2025-12-31")).overlaps(year));
    assert!(!year.overlaps(Period::since(day("2026-01-01"))));
    assert!(Period::since(day("2020-01-01")).overlaps(Period::since(day("2030-01-01"))));
    assert!(Period::between(day("2025-01-02"), day("2025-01-01")).is_err());
}
