//! A span of days that something is in force: a licence, a coverage, a fee, a payer's rule.

use chrono::NaiveDate;

use crate::Invalid;

/// Days in force, first and last included; without a last day it holds until further notice. Never ends before it
/// begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Period {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    from: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
}

impl Period {
    /// In force from `from` until further notice.
    #[must_use]
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, to: None }
    }

    /// In force from `from` to `to`, both included.
    ///
    /// # Errors
    /// The last day lies before the first.
    pub fn between(from: NaiveDate, to: NaiveDate) -> Result<Self, Invalid> {
        if to < from {
            return Err(Invalid::new("period", "ends before it begins"));
        }
        Ok(Self { from, to: Some(to) })
    }

    /// Returns the first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Returns the last day, or `None` when it is open.
    #[must_use]
    pub const fn to(self) -> Option<NaiveDate> {
        self.to
    }

    /// Returns whether `day` lies within.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Returns whether the two share a day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

impl TryFrom<Parts> for Period {
    type Error = Invalid;
    fn try_from(parts: Parts) -> Result<Self, Invalid> {
        parts.to.map_or(Ok(Self::since(parts.from)), |to| Self::between(parts.from, to))
    }
}

impl From<Period> for Parts {
    fn from(period: Period) -> Self {
        Self { from: period.from, to: period.to }
    }
}
