use mentalspace_auth_policy::password::{MAX_RANGE_BYTES, NormalizedPassword, RangeAnswer, RangeError, RangeQuery};
use proptest::prelude::*;

const SUFFIX: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

fn query() -> RangeQuery {
    RangeQuery::of(&NormalizedPassword::attempt(&"password".into()).unwrap())
}

fn count(body: &str) -> Result<u64, RangeError> {
    RangeAnswer::parse(body.as_bytes()).map(|answer| query().count(&answer))
}

#[test]
fn five_digits_are_asked_for_and_the_rest_is_looked_for() {
    assert_eq!(query().prefix().to_string(), "5BAA6");
    assert_eq!(count(&format!("{SUFFIX}:42\r\n")), Ok(42));
    assert_eq!(format!("{:?}", query()), "RangeQuery(..)");
}

#[test]
fn spellings_of_an_answer_mean_the_same() {
    let other = "0".repeat(35);
    for (body, expected) in [
        (format!("{other}:3\r\n{SUFFIX}:42\r\n"), 42),
        (format!("{other}:3\n{SUFFIX}:42\n"), 42),
        (format!("{other}:3\r\n{SUFFIX}:42"), 42),
        (format!("{}:42\n", SUFFIX.to_lowercase()), 42),
        (format!("{SUFFIX}\n"), 1),
        (format!("{SUFFIX}:0\n"), 0),
        (format!("{SUFFIX}:1\n{SUFFIX}:9\n"), 9),
        (format!("{other}:3\n"), 0),
    ] {
        assert_eq!(count(&body), Ok(expected), "{body:?}");
    }
    assert!(RangeAnswer::parse(format!("{other}:0\n").as_bytes()).unwrap().is_empty(), "padding is no entry");
}

#[test]
fn what_is_no_range_is_refused_with_its_line() {
    assert_eq!(count(""), Err(RangeError::Empty));
    assert_eq!(count("\n"), Err(RangeError::Empty));
    for bad in [
        "<html>",
        &SUFFIX[..34],
        &format!("{SUFFIX}0:1"),
        &format!("{SUFFIX}:"),
        &format!("{SUFFIX}:-1"),
        &format!("{SUFFIX}: 1"),
        &format!("{SUFFIX}:99999999999999999999"),
        &format!("{SUFFIX}:1:2"),
        "G".repeat(35).as_str(),
        "",
    ] {
        assert_eq!(count(&format!("{SUFFIX}:1\r\n{bad}\r\n{SUFFIX}:1")), Err(RangeError::Line { line: 2 }), "{bad}");
    }
    let long = format!("{SUFFIX}:1\n").repeat(MAX_RANGE_BYTES / 38 + 1);
    assert_eq!(count(&long), Err(RangeError::TooLong));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = RangeAnswer::parse(&body);
    }

    #[test]
    fn an_answer_cut_anywhere_inside_its_last_suffix_is_none(cut in 1_usize..35) {
        let body = format!("{SUFFIX}:7\r\n{}", &SUFFIX[..cut]);
        prop_assert!(count(&body).is_err());
    }
}
