//! Place of service (CMS place-of-service code set): where the client was, which for telehealth is not an office.

use crate::value::text_value;

text_value! {
    /// A two-digit place-of-service code. Any two digits are kept; [`PlaceOfService::is_assigned`] tells the known ones.
    public PlaceOfService, "place of service", |text| {
        if text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) { Ok(text) } else { Err("must be two digits") }
    }
}

/// Assigned codes as of April 2026, sorted.
const ASSIGNED: [&str; 52] = [
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "20", "21", "22", "23", "24", "25", "26", "27", "31", "32", "33", "34", "41", "42", "49", "50", "51", "52", "53",
    "54", "55", "56", "57", "58", "60", "61", "62", "65", "66", "71", "72", "81", "99",
];

impl PlaceOfService {
    /// 11: office.
    #[must_use]
    pub fn office() -> Self {
        Self("11".to_owned())
    }

    /// 10: telehealth, the client at home.
    #[must_use]
    pub fn telehealth_home() -> Self {
        Self("10".to_owned())
    }

    /// 02: telehealth, the client elsewhere.
    #[must_use]
    pub fn telehealth_elsewhere() -> Self {
        Self("02".to_owned())
    }

    /// Returns whether CMS has assigned the code.
    #[must_use]
    pub fn is_assigned(&self) -> bool {
        ASSIGNED.binary_search(&self.as_str()).is_ok()
    }

    /// Returns whether the code means telehealth (02, 10).
    #[must_use]
    pub fn is_telehealth(&self) -> bool {
        matches!(self.as_str(), "02" | "10")
    }
}
