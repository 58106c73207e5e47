//! From minutes to units of codes that are counted rather than banded.

/// How a part of a 15-minute unit counts; payers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rounding {
    /// From eight minutes on.
    #[default]
    EightMinute,
    /// From more than half a unit on, which in whole minutes is the same.
    Midpoint,
    /// Never.
    FullUnitOnly,
    /// From the first minute on.
    Ceil,
}

/// Counts the 15-minute units in `minutes`; none when the time is too short for one.
#[must_use]
pub const fn fifteen_minute_units(minutes: u32, rounding: Rounding) -> u32 {
    let least_part = match rounding {
        Rounding::EightMinute | Rounding::Midpoint => 8,
        Rounding::FullUnitOnly => 15,
        Rounding::Ceil => 1,
    };
    minutes / 15 + if minutes % 15 >= least_part { 1 } else { 0 }
}

/// How a part of a further half hour of crisis psychotherapy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CrisisRounding {
    /// From its half on: the first from minute 75, the second from minute 105.
    #[default]
    Midpoint,
    /// Only when full: the first from minute 90, the second from minute 120.
    FullUnitOnly,
}

impl CrisisRounding {
    pub(super) const fn further_half_hours(self, minutes: u32) -> u32 {
        let before_first = match self {
            Self::Midpoint => 45,
            Self::FullUnitOnly => 60,
        };
        minutes.saturating_sub(before_first) / 30
    }
}
