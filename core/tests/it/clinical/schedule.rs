use std::num::{NonZeroU8, NonZeroU16};

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use mentalspace_core::{
    Appointment, AppointmentEvent, AppointmentPlan, AppointmentPolicy, CancelReason, CancelledBy, Modality, Series,
    ServiceKind, TimeSlot, WeeklyRule,
    schedule::{Booked, Conflict, conflicts},
    testing::clinical::{appointment, at, day, id, plan},
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

/// Mountain time in 2026: an hour ahead from 8 March 09:00 UTC to 1 November 08:00 UTC.
fn denver(local: NaiveDateTime) -> MappedLocalTime<DateTime<Utc>> {
    let (spring, autumn) = (at("2026-03-08T09:00:00Z"), at("2026-11-01T08:00:00Z"));
    let summer = (local + TimeDelta::hours(6)).and_utc();
    let winter = (local + TimeDelta::hours(7)).and_utc();
    match ((spring..autumn).contains(&summer), !(spring..autumn).contains(&winter)) {
        (true, true) => MappedLocalTime::Ambiguous(summer, winter),
        (true, false) => MappedLocalTime::Single(summer),
        (false, true) => MappedLocalTime::Single(winter),
        (false, false) => MappedLocalTime::None,
    }
}

fn rule(first: &str, hour: u32, minute: u32, every_weeks: u8) -> WeeklyRule {
    WeeklyRule {
        first: day(first),
        at: NaiveTime::from_hms_opt(hour, minute, 0).unwrap(),
        minutes: NonZeroU16::new(50).unwrap(),
        every_weeks: NonZeroU8::new(every_weeks).unwrap(),
        until: None,
        except: [].into(),
    }
}

fn series(rule: WeeklyRule) -> Series {
    let plan = plan();
    Series {
        id: id(70),
        client: plan.client,
        clinician: plan.clinician,
        location: plan.location,
        zone: plan.zone,
        modality: Modality::InPerson,
        service: ServiceKind::Psychotherapy,
        rule,
    }
}

fn starts(rule: WeeklyRule, from: &str, to: &str) -> Vec<String> {
    let series = series(rule);
    series.plans(day(from)..day(to), denver).map(|plan| plan.unwrap().slot.start().to_rfc3339()).collect()
}

/// S7: local wall time is kept across the change of clocks.
#[test]
fn nine_o_clock_stays_nine_o_clock_in_spring_and_autumn() {
    assert_eq!(
        starts(rule("2026-03-02", 9, 0, 1), "2026-03-01", "2026-03-17"),
        ["2026-03-02T16:00:00+00:00", "2026-03-09T15:00:00+00:00", "2026-03-16T15:00:00+00:00"]
    );
    assert_eq!(
        starts(rule("2026-10-26", 9, 0, 1), "2026-10-26", "2026-11-03"),
        ["2026-10-26T15:00:00+00:00", "2026-11-02T16:00:00+00:00"]
    );
}

/// S7: a time that does not exist is read with the offset from before the change.
#[test]
fn a_time_lost_in_spring_falls_an_hour_later() {
    let lost = rule("2026-03-08", 2, 30, 1).slot_on(day("2026-03-08"), denver).unwrap();
    assert_eq!(lost.start(), at("2026-03-08T09:30:00Z"), "03:30 on the new clock");
    assert_eq!(lost.end(), at("2026-03-08T10:20:00Z"));
}

/// S7: a time that exists twice is the first.
#[test]
fn a_time_doubled_in_autumn_is_the_first_of_the_two() {
    let doubled = rule("2026-11-01", 1, 30, 1).slot_on(day("2026-11-01"), denver).unwrap();
    assert_eq!(doubled.start(), at("2026-11-01T07:30:00Z"));
}

/// S8: every seventh and every eighth week.
#[test]
fn any_interval_is_accepted() {
    let days = |every| rule("2026-01-05", 9, 0, every).days(day("2026-01-01")..day("2026-06-01")).collect::<Vec<_>>();
    assert_eq!(days(7), ["2026-01-05", "2026-02-23", "2026-04-13"].map(day));
    assert_eq!(days(8), ["2026-01-05", "2026-03-02", "2026-04-27"].map(day));
    assert_eq!(days(255), [day("2026-01-05")]);
}

/// S3: a series without an end is expanded as far as somebody looks.
#[test]
fn an_open_series_is_expanded_lazily() {
    let open = rule("2026-01-05", 9, 0, 1);
    let far = open.days(day("2226-01-01")..NaiveDate::MAX).take(3).collect::<Vec<_>>();
    assert_eq!(far.len(), 3);
    assert_eq!(far[0].signed_duration_since(open.first).num_days() % 7, 0);
    let json = serde_json::to_string(&series(open.clone())).unwrap();
    assert_eq!(serde_json::from_str::<Series>(&json).unwrap(), series(open));
}

/// S1: leaving out one occurrence keeps the others.
#[test]
fn a_day_left_out_leaves_its_neighbours() {
    let mut rule = rule("2026-01-05", 9, 0, 1);
    rule.except = [day("2026-01-12")].into();
    rule.until = Some(day("2026-01-19"));
    let days: Vec<_> = rule.days(day("2026-01-01")..day("2027-01-01")).collect();
    assert_eq!(days, [day("2026-01-05"), day("2026-01-19")]);
}

/// S5: one occurrence that cannot be computed does not hide the others.
#[test]
fn an_impossible_occurrence_fails_alone() {
    let zone = |local: NaiveDateTime| {
        if local.date() <= day("2026-01-05") { MappedLocalTime::None } else { denver(local) }
    };
    let series = series(rule("2026-01-05", 9, 0, 1));
    let plans: Vec<_> = series.plans(day("2026-01-01")..day("2026-01-13"), zone).collect();
    assert!(plans[0].is_err());
    assert_eq!(plans[1].as_ref().unwrap().day, day("2026-01-12"));
}

#[test]
fn the_end_of_the_calendar_is_an_error_and_no_panic() {
    let last = NaiveDate::MAX.pred_opt().unwrap();
    let mut rule = rule("2026-01-05", 9, 0, 1);
    rule.first = last;
    assert_eq!(rule.days(last..NaiveDate::MAX).count(), 1);
    assert!(rule.slot_on(last, |local| MappedLocalTime::Single(local.and_utc())).is_err());
}

proptest! {
    #[test]
    fn a_window_shows_what_the_whole_series_shows_there(every in 1_u8..10, from in -100_i64..700, length in 0_i64..120) {
        let rule = rule("2026-01-05", 9, 0, every);
        let from = rule.first + TimeDelta::days(from);
        let to = from + TimeDelta::days(length);
        let all = (0..200).map(|n| rule.first + TimeDelta::days(n * 7 * i64::from(every)));
        let expected: Vec<_> = all.filter(|day| (from..to).contains(day)).collect();
        prop_assert_eq!(rule.days(from..to).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn overlap_is_mutual_and_means_a_shared_instant(a in 0_i64..100, la in 1_i64..50, b in 0_i64..100, lb in 1_i64..50) {
        let slot = |from: i64, length: i64| {
            let start = at("2026-03-02T16:00:00Z") + TimeDelta::minutes(from);
            TimeSlot::new(start, start + TimeDelta::minutes(length)).unwrap()
        };
        let shared = (a..a + la).any(|minute| (b..b + lb).contains(&minute));
        prop_assert_eq!(slot(a, la).overlaps(slot(b, lb)), shared);
        prop_assert!(slot(a, la).overlaps(slot(b, lb)) == slot(b, lb).overlaps(slot(a, la)));
    }
}

fn booked(number: u128, change: impl FnOnce(&mut AppointmentPlan)) -> Appointment {
    let mut plan = plan();
    change(&mut plan);
    Appointment::book(id(number), plan).unwrap()
}

fn found(new: &Appointment, with: &[Appointment]) -> Vec<(u128, Booked)> {
    let found: Vec<Conflict> = conflicts(new.id(), new.plan(), with);
    found.into_iter().map(|conflict| (conflict.with.uuid().as_u128(), conflict.who)).collect()
}

#[test]
fn nobody_is_booked_twice() {
    let others = [
        booked(41, |plan| plan.client = id(98)),
        booked(42, |plan| plan.clinician = id(99)),
        booked(43, |_| {}),
        booked(44, |plan| (plan.client, plan.clinician) = (id(98), id(99))),
    ];
    let new = appointment();
    assert_eq!(found(&new, &others), [(41, Booked::Clinician), (42, Booked::Client), (43, Booked::Both)]);
}

#[test]
fn one_may_begin_when_the_other_ends() {
    let next = booked(41, |plan| {
        plan.slot = TimeSlot::new(plan.slot.end(), plan.slot.end() + TimeDelta::minutes(50)).unwrap();
    });
    assert!(found(&appointment(), std::slice::from_ref(&next)).is_empty());
}

#[test]
fn an_appointment_is_not_in_its_own_way_and_a_cancelled_one_in_nobodys() {
    let cancel = AppointmentEvent::Cancel { by: CancelledBy::Practice, reason: CancelReason::Weather };
    let cancelled = booked(41, |_| {}).apply(cancel, plan().slot.start(), &AppointmentPolicy::default()).unwrap();
    assert!(found(&appointment(), &[appointment(), cancelled]).is_empty());
}

#[test]
fn members_of_a_group_share_their_clinician_and_nobody_else_does() {
    let group = |number, client| booked(number, |plan| (plan.service, plan.client) = (ServiceKind::Group, id(client)));
    let (one, two) = (group(41, 31), group(42, 32));
    assert!(found(&one, std::slice::from_ref(&two)).is_empty());
    assert_eq!(found(&appointment(), &[one]), [(41, Booked::Clinician)]);
    assert_eq!(found(&group(43, 32), &[two]), [(42, Booked::Both)], "one member does not sit in it twice");
}
