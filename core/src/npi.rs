//! National Provider Identifier (45 CFR 162.406): ten digits whose Luhn sum holds with the prefix 80840.

use crate::value::text_value;

text_value! {
    /// A National Provider Identifier with a valid check digit.
    ///
    /// ```
    /// use mentalspace_core::Npi;
    /// assert!(Npi::parse("1234567893").is_ok());
    /// assert!(Npi::parse("1234567890").is_err());
    /// ```
    public Npi, "npi", |text| {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err("must be ten digits");
        }
        if luhn(text.bytes()) { Ok(text) } else { Err("has a wrong check digit") }
    }
}

/// Luhn over 80840 and the digits; the prefix contributes 24 (ISO/IEC 7812, as CMS prescribes).
fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(i, b)| match (u32::from(b - b'0'), i % 2) {
            (d, 0) => d,
            (d, _) => d * 2 / 10 + d * 2 % 10,
        })
        .sum();
    (sum + 24).is_multiple_of(10)
}
