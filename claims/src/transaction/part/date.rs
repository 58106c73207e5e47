//! DTP and DTM.

use chrono::NaiveDate;

use super::{Text, segment};

/// Days from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day; the first where there is one day only.
    pub to: NaiveDate,
}

crate::text::silent_debug!(Period);

segment! {
    /// A date, a time or a period (DTP).
    DateOrPeriod = "DTP" {
        /// DTP01: of what.
        qualifier: Text,
        /// DTP02: D8, RD8, DT, TM and others of element 1250.
        format: Text,
        /// DTP03, as it came.
        value: Text,
    }
}

impl DateOrPeriod {
    /// One day.
    #[must_use]
    pub fn day(qualifier: impl Into<Text>, day: NaiveDate) -> Self {
        Self { qualifier: qualifier.into(), format: "D8".into(), value: ccyymmdd(day), ..Self::default() }
    }

    /// Days from `from` to `to`.
    #[must_use]
    pub fn days(qualifier: impl Into<Text>, from: NaiveDate, to: NaiveDate) -> Self {
        let value = format!("{}-{}", &*ccyymmdd(from), &*ccyymmdd(to));
        Self { qualifier: qualifier.into(), format: "RD8".into(), value: value.into(), ..Self::default() }
    }

    /// Returns the days, whatever the format says; `None` where the value is no date.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        let (from, to) = match self.value.split_once('-') {
            Some((from, to)) => (from, to),
            None => (self.value.as_str(), self.value.as_str()),
        };
        // A time of day may follow the day.
        let day = |text: &str| parse_day(text.as_bytes().get(..8)?);
        Some(Period { from: day(from)?, to: day(to)? })
    }

    /// Returns the day, or the first of a period.
    #[must_use]
    pub fn first(&self) -> Option<NaiveDate> {
        self.period().map(|period| period.from)
    }
}

segment! {
    /// A date and a time (DTM).
    DateTimeReference = "DTM" {
        /// DTM01: of what.
        qualifier: Text,
        /// DTM02: CCYYMMDD.
        date: Text,
    }
}

impl DateTimeReference {
    /// Returns the day; `None` where there is none.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        parse_day(self.date.as_bytes())
    }
}

/// Reads CCYYMMDD.
#[inline]
pub(crate) fn parse_day(bytes: &[u8]) -> Option<NaiveDate> {
    let digits = bytes.trim_ascii();
    if digits.len() != 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits[range].iter().fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'));
    NaiveDate::from_ymd_opt(i32::try_from(number(0..4)).ok()?, number(4..6), number(6..8))
}

/// Writes CCYYMMDD.
pub(crate) fn ccyymmdd(day: NaiveDate) -> Text {
    use chrono::Datelike;
    let year = day.year().unsigned_abs();
    let parts = [year / 1000, year / 100, year / 10, year, day.month() / 10, day.month(), day.day() / 10, day.day()];
    Text::of(&parts.map(|n| b'0' + (n % 10) as u8))
}
