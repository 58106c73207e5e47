use std::fmt::Write as _;

use chrono::TimeDelta;
use mentalspace_core::{
    Appointment, AppointmentError, AppointmentEvent, AppointmentPolicy, AppointmentStatus, CancelReason, CancelledBy,
    Modality, NoShowReason, Notice, TimeSlot,
    store::Document,
    testing::clinical::{appointment, at, day, id, plan},
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

fn events() -> [AppointmentEvent; 9] {
    [
        AppointmentEvent::Accept,
        AppointmentEvent::Confirm,
        AppointmentEvent::CheckIn,
        AppointmentEvent::UndoCheckIn,
        AppointmentEvent::Begin,
        AppointmentEvent::Complete,
        AppointmentEvent::NoShow { reason: NoShowReason::Forgotten },
        cancel(CancelledBy::Client),
        AppointmentEvent::Reschedule { to: id(41) },
    ]
}

fn cancel(by: CancelledBy) -> AppointmentEvent {
    AppointmentEvent::Cancel { by, reason: CancelReason::Illness }
}

fn apply(appointment: Appointment, event: AppointmentEvent) -> Result<Appointment, AppointmentError> {
    let start = appointment.plan().slot.start();
    appointment.apply(event, start, &AppointmentPolicy::default())
}

#[test]
fn every_pair_of_status_and_event_is_decided() {
    let mut table = String::new();
    for status in AppointmentStatus::ALL {
        for event in events() {
            let next = status.after(&event).map_or("-", AppointmentStatus::name);
            writeln!(table, "{:<12} {:<14} {next}", status.name(), event.name()).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn nothing_leads_out_of_a_final_status() {
    for status in AppointmentStatus::ALL {
        let ways = events().iter().filter(|event| status.after(event).is_some()).count();
        assert_eq!(ways == 0, status.is_final(), "{status}");
    }
}

proptest! {
    #[test]
    fn any_course_of_events_is_recorded_and_ends_for_good(course in proptest::collection::vec(0_usize..9, 0..30)) {
        let mut now = Appointment::request(id(40), plan()).unwrap();
        for step in course {
            match apply(now.clone(), events()[step]) {
                Ok(next) => {
                    prop_assert!(!now.status().is_final());
                    prop_assert_eq!(&next.history()[..now.history().len()], now.history());
                    prop_assert_eq!(next.history().last().map(|change| change.status), Some(next.status()));
                    now = next;
                }
                Err(refused) => {
                    let event = events()[step].name();
                    prop_assert_eq!(refused, AppointmentError::NotPossible { status: now.status(), event });
                }
            }
        }
    }
}

/// S2: a state change applies to one occurrence, for each occurrence is a document.
#[test]
fn a_no_show_of_one_occurrence_leaves_the_others_alone() {
    let series = |number| {
        let mut plan = plan();
        plan.series = Some(id(70));
        Appointment::book(id(number), plan).unwrap()
    };
    let (first, second) = (series(41), series(42));
    let missed = apply(first, AppointmentEvent::NoShow { reason: NoShowReason::Unknown }).unwrap();
    assert_eq!(missed.status(), AppointmentStatus::NoShow);
    assert_eq!(second.status(), AppointmentStatus::Scheduled);
    assert_ne!(Document::id(&missed), Document::id(&second));
}

/// S1: changing one occurrence never affects another.
#[test]
fn one_occurrence_moves_by_itself_and_stays_in_its_series() {
    let mut in_series = plan();
    in_series.series = Some(id(70));
    let occurrence = Appointment::book(id(41), in_series.clone()).unwrap();
    let mut later = in_series.clone();
    later.slot =
        TimeSlot::new(later.slot.start() + TimeDelta::hours(2), later.slot.end() + TimeDelta::hours(2)).unwrap();
    let moved = occurrence.replan(later.clone()).unwrap();
    assert_eq!(moved.plan(), &later);
    later.series = None;
    assert_eq!(moved.replan(later), Err(AppointmentError::OtherRecord));
}

#[test]
fn a_cancellation_within_the_notice_is_late() {
    let start = plan().slot.start();
    let notice = |before: TimeDelta, by| {
        let cancelled = appointment().apply(cancel(by), start - before, &AppointmentPolicy::default()).unwrap();
        cancelled.notice()
    };
    assert_eq!(notice(TimeDelta::hours(24), CancelledBy::Client), Some(Notice::Timely));
    assert_eq!(notice(TimeDelta::hours(24) - TimeDelta::seconds(1), CancelledBy::Client), Some(Notice::Late));
    assert_eq!(notice(TimeDelta::hours(-1), CancelledBy::Client), Some(Notice::Late));
    assert_eq!(notice(TimeDelta::hours(1), CancelledBy::Practice), None, "the practice is never late");
}

#[test]
fn nobody_is_missed_before_the_time_has_come() {
    let start = plan().slot.start();
    let event = AppointmentEvent::NoShow { reason: NoShowReason::Unknown };
    let early = appointment().apply(event, start - TimeDelta::seconds(1), &AppointmentPolicy::default());
    assert_eq!(early, Err(AppointmentError::NotYetDue));
    assert!(appointment().apply(event, start, &AppointmentPolicy::default()).is_ok());
}

#[test]
fn an_appointment_is_not_replaced_by_itself() {
    let event = AppointmentEvent::Reschedule { to: appointment().id() };
    assert_eq!(apply(appointment(), event), Err(AppointmentError::RescheduledToItself));
}

#[test]
fn the_plan_is_fixed_once_the_client_is_here() {
    let here = apply(appointment(), AppointmentEvent::CheckIn).unwrap();
    assert_eq!(here.replan(plan()), Err(AppointmentError::PlanIsFixed(AppointmentStatus::CheckedIn)));
    let mut other = plan();
    other.client = id(99);
    assert_eq!(appointment().replan(other), Err(AppointmentError::OtherRecord));
    let mut by_phone = plan();
    by_phone.modality = Modality::Audio;
    assert_eq!(appointment().replan(by_phone).unwrap().plan().modality, Modality::Audio);
}

#[test]
fn the_local_day_is_that_of_the_start() {
    for (text, fits) in [("2026-03-01", true), ("2026-03-02", true), ("2026-03-03", true), ("2026-03-04", false)] {
        let mut plan = plan();
        plan.day = day(text);
        let booked = Appointment::book(id(40), plan);
        assert_eq!(booked.is_ok(), fits, "{text}");
    }
}

#[test]
fn the_front_desk_cannot_fill_the_record_by_going_back_and_forth() {
    let mut now = appointment();
    for _ in 0..Appointment::MAX_CHANGES / 2 {
        now = apply(now, AppointmentEvent::CheckIn).unwrap();
        now = apply(now, AppointmentEvent::UndoCheckIn).unwrap();
    }
    assert_eq!(apply(now, AppointmentEvent::CheckIn), Err(AppointmentError::TooManyChanges));
}

#[test]
fn a_slot_has_a_length_and_at_most_a_day() {
    let start = at("2026-03-02T16:00:00Z");
    assert!(TimeSlot::new(start, start).is_err());
    assert!(TimeSlot::new(start, start - TimeDelta::seconds(1)).is_err());
    assert!(TimeSlot::new(start, start + TimeDelta::hours(24)).is_ok());
    assert!(TimeSlot::new(start, start + TimeDelta::hours(25)).is_err());
    assert!(TimeSlot::new(at("1899-12-31T23:00:00Z"), at("1899-12-31T23:30:00Z")).is_err());
    let reversed = r#"{"start":"2026-03-02T17:00:00Z","end":"2026-03-02T16:00:00Z"}"#;
    assert!(serde_json::from_str::<TimeSlot>(reversed).is_err());
}

#[test]
fn a_calendar_is_a_range_of_sort_keys() {
    assert_eq!(appointment().sort(), "2026-03-02T16:00:00Z");
}
