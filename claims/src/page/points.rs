//! Length on paper.

use std::{fmt, ops};

/// A length in thousandths of a typographic point (1/72 in), so that places are exact and comparable.
///
/// Sums stop at the edge of 32 bits, some 750 metres away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Points(i32);

impl Points {
    /// No length.
    pub const ZERO: Self = Self(0);

    /// Makes a length of thousandths of a point.
    #[must_use]
    pub const fn thousandths(count: i32) -> Self {
        Self(count)
    }

    /// Makes a length of whole points.
    #[must_use]
    pub const fn whole(count: i32) -> Self {
        Self(count.saturating_mul(1000))
    }

    /// Returns the length in thousandths of a point.
    #[must_use]
    pub const fn as_thousandths(self) -> i32 {
        self.0
    }

    /// Multiplies by `numerator / denominator`, towards zero. A denominator of zero counts as one.
    #[must_use]
    pub const fn scaled(self, numerator: i32, denominator: i32) -> Self {
        let denominator = if denominator == 0 { 1 } else { denominator as i64 };
        let exact = (self.0 as i64 * numerator as i64) / denominator;
        if exact > i32::MAX as i64 {
            Self(i32::MAX)
        } else if exact < i32::MIN as i64 {
            Self(i32::MIN)
        } else {
            Self(exact as i32)
        }
    }

    /// Returns the length in points. 32 bits of float are finer than 0.001 pt over any sheet of paper.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a sheet of paper is far smaller than 2^24 thousandths")]
    pub const fn as_f32(self) -> f32 {
        self.0 as f32 / 1000.0
    }
}

impl ops::Add for Points {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for Points {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Writes the points with at most three decimals, as PDF does.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        let mut places = 3;
        if rest == 0 {
            return Ok(());
        }
        while rest % 10 == 0 {
            rest /= 10;
            places -= 1;
        }
        write!(f, ".{rest:0places$}")
    }
}
