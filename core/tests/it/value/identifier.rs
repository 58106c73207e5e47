use chrono::{DateTime, Utc};
use mentalspace_core::{ClientId, Npi, TaxId, TaxIdKind, uuid_v7};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::from_json;

/// P12: a provider number is never zero.
#[test]
fn only_numbers_with_a_right_check_digit_are_provider_numbers() {
    for right in ["1234567893", "1245319599"] {
        assert_eq!(Npi::parse(right).unwrap().as_str(), right);
    }
    for wrong in [
        "",
        "1234567890",
        "0000000000",
        "123456789",
        "12345678931",
        "123456789a",
        " 1234567893",
        "１２３４５６７８９３",
    ] {
        assert!(Npi::parse(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn one_wrong_digit_is_always_noticed(at in 0_usize..10, by in 1_u8..10) {
        let mut digits = *b"1245319599";
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert!(Npi::parse(std::str::from_utf8(&digits).unwrap()).is_err());
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,14}") {
        let _ = (Npi::parse(text.as_str()), TaxId::ein(&text), TaxId::ssn(&text), text.parse::<ClientId>());
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made(early in 0_i64..4_000_000_000_000, later in 1_i64..1_000_000, a in any::<[u8; 10]>(), b in any::<[u8; 10]>()) {
        let time = |millis| DateTime::<Utc>::from_timestamp_millis(millis).unwrap();
        let (first, second) = (uuid_v7(time(early), a), uuid_v7(time(early + later), b));
        prop_assert!(first < second);
        prop_assert_eq!(first.get_version_num(), 7);
    }
}

#[test]
fn tax_ids_lose_their_hyphens_and_keep_their_register() {
    let (ein, ssn) = (TaxId::ein("84-1234567").unwrap(), TaxId::ssn("123-45-6789").unwrap());
    assert_eq!((ein.kind(), ein.expose()), (TaxIdKind::Ein, "841234567"));
    assert_eq!((ssn.kind(), ssn.expose()), (TaxIdKind::Ssn, "123456789"));
    assert_eq!(serde_json::to_string(&ein).unwrap(), r#"{"kind":"ein","digits":"841234567"}"#);
    assert_eq!(from_json::<TaxId>(r#"{"kind":"ssn","digits":"123456789"}"#), Ok(ssn));
}

#[test]
fn numbers_that_are_never_issued_are_refused() {
    for wrong in ["00-1234567", "84123456", "8412345678", "84-12E4567", ""] {
        assert!(TaxId::ein(wrong).is_err(), "{wrong}");
    }
    for wrong in ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "123-45-678"] {
        assert!(TaxId::ssn(wrong).is_err(), "{wrong}");
    }
    assert!(from_json::<TaxId>(r#"{"kind":"ssn","digits":"666123456"}"#).is_err());
}

#[test]
fn a_tax_id_shows_its_register_only() {
    assert_eq!(format!("{:?}", TaxId::ssn("123-45-6789").unwrap()), "TaxId(Ssn, …)");
}
