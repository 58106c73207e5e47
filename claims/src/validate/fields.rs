//! The elements of one segment as rules ask for them, and the values rules compare.

use chrono::NaiveDate;

use crate::guide::pack_id;
use crate::x12::{Components, Segment};

/// The elements of a segment by number, each found when it is asked for: few rules ask for many.
pub(super) struct Fields<'s> {
    segment: &'s Segment<'s>,
    id: u32,
}

impl<'s> Fields<'s> {
    pub(super) fn of(segment: &'s Segment<'s>) -> Self {
        Self { segment, id: pack_id(segment.id()) }
    }

    /// Returns the segment id, one of [`super::id`].
    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// Returns how many elements there are.
    pub(super) fn len(&self) -> usize {
        let separator = self.segment.delimiters().element;
        self.segment.bytes().iter().filter(|byte| **byte == separator).count()
    }

    /// Returns element `number`, counted from 1; empty when there is none.
    #[inline]
    pub(super) fn at(&self, number: usize) -> &'s [u8] {
        self.segment.element(number)
    }

    /// Returns whether element `number` is sent.
    pub(super) fn has(&self, number: usize) -> bool {
        !self.at(number).is_empty()
    }

    /// Walks the components of element `number`.
    pub(super) fn components(&self, number: usize) -> Components<'s> {
        self.segment.components(self.at(number))
    }

    /// Returns component `component` of element `number`, both counted from 1; empty when there is none.
    pub(super) fn part(&self, number: usize, component: usize) -> &'s [u8] {
        self.components(number).nth(component - 1).unwrap_or_default()
    }

    /// Returns element `number` as hundredths; `None` when it is absent or no amount.
    pub(super) fn cents(&self, number: usize) -> Option<i128> {
        cents(self.at(number))
    }
}

/// Reads an amount as hundredths; `None` for what is no amount, or has a third decimal place that counts.
pub(super) fn cents(text: &[u8]) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 24 || digits == b"." {
        return None;
    }
    // Seventeen characters and two places fit an unsigned word, and are all that honest files need.
    let value = if digits.len() <= 17 { hundredths::<u64>(digits)?.into() } else { hundredths::<i128>(digits)? };
    Some(if negative { -value } else { value })
}

fn hundredths<N>(digits: &[u8]) -> Option<N>
where
    N: From<u8> + std::ops::Mul<Output = N> + std::ops::Add<Output = N>,
{
    let (mut value, mut places) = (N::from(0), None);
    for byte in digits {
        match (byte, places) {
            (b'.', None) => places = Some(0),
            (b'0', Some(2)) => {}
            (b'0'..=b'9', None | Some(0 | 1)) => {
                value = value * N::from(10) + N::from(byte - b'0');
                places = places.map(|places| places + 1);
            }
            _ => return None,
        }
    }
    Some(match places.unwrap_or(0) {
        0 => value * N::from(100),
        1 => value * N::from(10),
        _ => value,
    })
}

/// Writes hundredths as an amount.
pub(super) fn amount(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let whole = cents.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

/// Reads a day, CCYYMMDD; of a longer text its first eight digits.
pub(super) fn day(text: &[u8]) -> Option<NaiveDate> {
    let digits = text.get(..8)?;
    let mut number = 0_u32;
    for byte in digits {
        number = number * 10 + u32::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    NaiveDate::from_ymd_opt(i32::try_from(number / 10_000).ok()?, number / 100 % 100, number % 100)
}

/// Reads a day or a range by its qualifier (element 1250): D8, RD8 and those that begin with a day.
pub(super) fn period(qualifier: &[u8], text: &[u8]) -> Option<(NaiveDate, NaiveDate)> {
    match qualifier {
        b"RD8" => {
            let dash = text.iter().position(|byte| *byte == b'-')?;
            Some((day(&text[..dash])?, day(&text[dash + 1..])?))
        }
        b"D8" | b"DT" => day(text).map(|day| (day, day)),
        _ => None,
    }
}

/// Reads a whole number of at most nine digits.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0, |n, byte| byte.is_ascii_digit().then(|| n * 10 + u32::from(byte - b'0')))
}

/// Returns whether `text` is `length` digits.
pub(super) fn is_digits(text: &[u8], length: usize) -> bool {
    text.len() == length && text.iter().all(u8::is_ascii_digit)
}

/// A short name for a text that rules compare but never show.
pub(super) fn mark(text: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let cases: [(&str, Option<i128>); 14] = [
            ("100", Some(10_000)),
            ("100.", Some(10_000)),
            ("100.5", Some(10_050)),
            (".5", Some(50)),
            ("-0.50", Some(-50)),
            ("1.500", Some(150)),
            ("1.005", None),
            ("", None),
            ("-", None),
            (".", None),
            ("+1", None),
            ("1,000", None),
            ("1e3", None),
            ("999999999999999999.99", Some(99_999_999_999_999_999_999)),
        ];
        for (text, expected) in cases {
            assert_eq!(cents(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(amount(-50), "-0.50");
        assert_eq!(amount(10_005), "100.05");
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert_eq!(day(b"20230229"), None);
        assert_eq!(day(b"2023022"), None);
        assert_eq!(day(b"202401151200"), NaiveDate::from_ymd_opt(2024, 1, 15));
        assert_eq!(period(b"RD8", b"20240101-20240131").map(|(a, b)| (b - a).num_days()), Some(30));
        assert_eq!(period(b"RD8", b"20240101"), None);
        assert_eq!(period(b"TM", b"1200"), None);
    }
}
