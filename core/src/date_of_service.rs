//! Date of service: one day, or a span of days.

use chrono::NaiveDate;

use crate::Invalid;

/// The days a service covers, first and last included; `from` never lies after `to` (837 2400 DTP*472, CMS-1500 24A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct DateOfService {
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    from: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
}

impl DateOfService {
    /// A service of one day.
    #[must_use]
    pub const fn on(day: NaiveDate) -> Self {
        Self { from: day, to: day }
    }

    /// A service of several days.
    ///
    /// # Errors
    /// The last day lies before the first.
    pub fn span(from: NaiveDate, to: NaiveDate) -> Result<Self, Invalid> {
        if to < from {
            return Err(Invalid::new("date of service", "ends before it begins"));
        }
        Ok(Self { from, to })
    }

    /// Returns the first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Returns the last day.
    #[must_use]
    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// Returns whether both ends are the same day.
    #[must_use]
    pub fn is_one_day(self) -> bool {
        self.from == self.to
    }

    /// Returns whether `day` lies within.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

impl TryFrom<Parts> for DateOfService {
    type Error = Invalid;
    fn try_from(parts: Parts) -> Result<Self, Invalid> {
        Self::span(parts.from, parts.to.unwrap_or(parts.from))
    }
}

impl From<DateOfService> for Parts {
    fn from(dates: DateOfService) -> Self {
        Self { from: dates.from, to: (!dates.is_one_day()).then_some(dates.to) }
    }
}
