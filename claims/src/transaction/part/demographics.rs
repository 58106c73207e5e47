//! DMG.

use chrono::NaiveDate;

use super::{Text, Whole, segment};

segment! {
    /// Birth date and sex (DMG).
    Demographics = "DMG" {
        /// DMG01: D8.
        format: Text,
        /// DMG02: birth date.
        birth_date: Text,
        /// DMG03: F, M or U.
        sex: Text,
        /// DMG04.
        marital_status: Text,
        /// DMG05.
        ethnicity: Whole,
        /// DMG06.
        citizenship: Text,
        /// DMG07.
        country: Text,
    }
}

impl Demographics {
    /// Returns the birth date; `None` where it is no date.
    #[must_use]
    pub fn born(&self) -> Option<NaiveDate> {
        super::date::parse_day(self.birth_date.as_bytes())
    }
}
