use chrono::NaiveDate;
use mentalspace_core::DateOfService;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::from_json;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn one_day_is_written_as_one() {
    let dates = DateOfService::on(day("2026-03-02"));
    assert_eq!(serde_json::to_string(&dates).unwrap(), r#"{"from":"2026-03-02"}"#);
    assert_eq!(from_json::<DateOfService>(r#"{"from":"2026-03-02","to":"2026-03-02"}"#), Ok(dates));
    assert!(dates.is_one_day() && dates.contains(day("2026-03-02")) && !dates.contains(day("2026-03-03")));
}

#[test]
fn a_span_never_ends_before_it_begins() {
    assert!(DateOfService::span(day("2026-03-02"), day("2026-03-01")).is_err());
    assert!(from_json::<DateOfService>(r#"{"from":"2026-03-02","to":"2026-03-01"}"#).is_err());
    assert!(from_json::<DateOfService>(r#"{"from":"2026-02-30"}"#).is_err());
    assert!(from_json::<DateOfService>(r#"{"from":"2026-03-02","till":"2026-03-03"}"#).is_err());
}

proptest! {
    #[test]
    fn a_span_reads_back_and_holds_its_ends(first in 0_i32..60_000, days in 0_u64..400) {
        let from = NaiveDate::from_num_days_from_ce_opt(700_000 + first).unwrap();
        let to = from + chrono::Days::new(days);
        let span = DateOfService::span(from, to).unwrap();
        prop_assert_eq!(from_json::<DateOfService>(&serde_json::to_string(&span).unwrap()), Ok(span));
        prop_assert!(span.contains(from) && span.contains(to));
        prop_assert!(!span.contains(to + chrono::Days::new(1)));
    }
}
