use mentalspace_core::Money;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use rust_decimal::Decimal;

use super::from_json;

fn amounts() -> impl Strategy<Value = Money> {
    (-Money::MAX.cents()..=Money::MAX.cents()).prop_map(Money::from_cents)
}

proptest! {
    /// R3: money is exact.
    #[test]
    fn what_is_shown_reads_back_the_same(amount in amounts()) {
        prop_assert_eq!(Money::parse(&amount.to_string()), Ok(amount));
        prop_assert_eq!(Money::parse(&amount.x12()), Ok(amount));
        prop_assert_eq!(from_json::<Money>(&serde_json::to_string(&amount).unwrap()), Ok(amount));
    }

    #[test]
    fn x12_form_is_the_shortest(amount in amounts()) {
        let text = amount.x12();
        let shorter = &text[..text.len() - 1];
        prop_assert!(!text.ends_with('.'));
        prop_assert!(!text.contains('.') || !text.ends_with('0'));
        prop_assert!(text.len() <= 18, "element 782 holds 18 characters");
        prop_assert!(Money::parse(shorter) != Ok(amount) || text.len() == 1 || shorter.ends_with('.'));
    }

    #[test]
    fn sums_agree_with_decimal_arithmetic(list in proptest::collection::vec(amounts(), 0..40)) {
        let sum: Money = list.iter().copied().sum();
        let expected: Decimal = list.iter().map(|amount| amount.decimal()).sum();
        prop_assert_eq!(sum.decimal(), expected);
        let back = list.iter().fold(sum, |rest, amount| rest - *amount);
        prop_assert_eq!(back, Money::ZERO);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
        if let Ok(amount) = Money::parse_bytes(&bytes) {
            prop_assert!(amount.abs() <= Money::MAX);
        }
    }

    #[test]
    fn a_product_is_exact_or_refused(amount in amounts(), units in proptest::prelude::any::<i128>(), scale in 0_u32..=28) {
        let units = Decimal::try_from_i128_with_scale(units >> 32, scale).unwrap();
        if let Ok(product) = amount.times(units) {
            prop_assert!(product.abs() <= Money::MAX);
            let off = (product.decimal() - amount.decimal() * units).abs();
            prop_assert!(off <= Decimal::new(5, 3));
        }
    }
}

#[test]
fn every_way_x12_and_people_write_an_amount_is_read() {
    for (text, cents) in
        [("100", 10_000), ("100.", 10_000), ("100.5", 10_050), (".5", 50), ("-12.50", -1_250), ("0012.000", 1_200)]
    {
        assert_eq!(Money::parse(text), Ok(Money::from_cents(cents)), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in [
        "",
        "-",
        ".",
        "-.",
        "1.005",
        "1,000.00",
        "1e3",
        "+1",
        " 1",
        "1 ",
        "NaN",
        "--1",
        "1.0.0",
        "$5",
        "٣",
        "10000000000000",
    ] {
        assert!(Money::parse(text).is_err(), "{text}");
    }
    assert!(Money::parse("9999999999999.99").is_ok());
}

/// R3: a JSON number has been a float somewhere on its way.
#[test]
fn json_numbers_are_refused() {
    for json in ["1", "1.5", "-3", "1e2", "null", "[\"1\"]"] {
        assert!(from_json::<Money>(json).is_err(), "{json}");
    }
    assert_eq!(from_json::<Money>("\"1.5\""), Ok(Money::from_cents(150)));
    assert_eq!(serde_json::to_string(&Money::from_cents(-1_250)).unwrap(), "\"-12.50\"");
}

#[test]
fn x12_form_drops_what_need_not_be_written() {
    for (cents, text) in [(0, "0"), (10_000, "100"), (10_050, "100.5"), (5, "0.05"), (-300, "-3"), (-5, "-0.05")] {
        assert_eq!(Money::from_cents(cents).x12(), text);
    }
}

#[test]
fn half_a_cent_rounds_away_from_zero() {
    let half = Decimal::new(5, 1);
    assert_eq!(Money::from_cents(1).times(half), Ok(Money::from_cents(1)));
    assert_eq!(Money::from_cents(-1).times(half), Ok(Money::from_cents(-1)));
    assert_eq!(Money::from_cents(333).times(Decimal::new(3, 0)), Ok(Money::from_cents(999)));
}

#[test]
fn a_product_beyond_all_bounds_is_refused_without_a_panic() {
    assert!(Money::MAX.times(Decimal::new(1_000_000_000_000_000, 0)).is_err());
    assert!(Money::MAX.times(Decimal::MAX).is_err());
    assert!(Money::from_cents(i64::MIN).times(Decimal::ONE).is_err());
}

#[test]
fn a_sum_at_the_edge_saturates_and_a_checked_one_says_so() {
    let edge = Money::from_cents(i64::MAX);
    assert_eq!(edge + Money::from_cents(1), edge);
    assert_eq!(edge.checked_add(Money::from_cents(1)), None);
    assert_eq!(Money::from_cents(i64::MIN).to_string(), "-92233720368547758.08");
    assert_eq!(-Money::from_cents(i64::MIN), edge);
}
