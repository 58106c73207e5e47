//! Money: exact US dollars and cents. Never a float, never more than two places.

use std::{fmt, iter::Sum, ops};

use rust_decimal::Decimal;

use crate::Invalid;

/// An amount in US dollars with exactly two decimal places, between ±[`Money::MAX`].
///
/// Kept as whole cents, so that sums are exact and two equal amounts are equal bytes. On the wire it is a string such
/// as `"-12.50"`: a JSON number is refused, because many readers turn it into a float.
///
/// ```
/// use mentalspace_core::Money;
/// let charge: Money = "150".parse()?;
/// let paid = Money::from_cents(9_025);
/// assert_eq!((charge - paid).to_string(), "59.75");
/// assert!("1.005".parse::<Money>().is_err());
/// # Ok::<(), mentalspace_core::Invalid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be parsed, 9,999,999,999,999.99: sums of a thousand of them still fit.
    pub const MAX: Self = Self(999_999_999_999_999);

    /// Makes an amount from whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// Returns the amount in whole cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// Reads a decimal as X12 and people write it: `100`, `100.`, `100.5`, `.5`, `-12.50`.
    ///
    /// # Errors
    /// Anything else, more than two places that are not zero, or more than [`Money::MAX`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::parse_bytes(text.as_bytes())
    }

    /// Reads a decimal from raw bytes, see [`Money::parse`].
    ///
    /// # Errors
    /// As [`Money::parse`].
    pub fn parse_bytes(text: &[u8]) -> Result<Self, Invalid> {
        const fn refuse(rule: &'static str) -> Invalid {
            Invalid::new("money", rule)
        }
        let (negative, digits) = match text.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, text),
        };
        let (mut cents, mut seen, mut places) = (0_i64, false, None::<u32>);
        for byte in digits {
            match (byte, places) {
                (b'0'..=b'9', None | Some(0 | 1)) => {
                    cents = cents * 10 + i64::from(byte - b'0');
                    seen = true;
                    places = places.map(|n| n + 1);
                    if cents > Self::MAX.0 {
                        return Err(refuse("is out of range"));
                    }
                }
                (b'0', Some(_)) => {}
                (b'0'..=b'9', Some(_)) => return Err(refuse("has more than two decimal places")),
                (b'.', None) => places = Some(0),
                _ => return Err(refuse("is not a decimal number")),
            }
        }
        if !seen {
            return Err(refuse("is not a decimal number"));
        }
        for _ in places.unwrap_or(0)..2 {
            cents *= 10;
        }
        if cents > Self::MAX.0 {
            return Err(refuse("is out of range"));
        }
        Ok(Self(if negative { -cents } else { cents }))
    }

    /// Returns the amount as a decimal with two places.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Multiplies by `units` and rounds half away from zero to the cent.
    ///
    /// # Errors
    /// The product is out of range.
    pub fn times(self, units: Decimal) -> Result<Self, Invalid> {
        use rust_decimal::{RoundingStrategy::MidpointAwayFromZero, prelude::ToPrimitive};
        let cents = || {
            let rounded = self.decimal().checked_mul(units)?.round_dp_with_strategy(2, MidpointAwayFromZero);
            let cents = rounded.checked_mul(Decimal::ONE_HUNDRED)?.to_i64()?;
            (cents.unsigned_abs() <= Self::MAX.0.unsigned_abs()).then_some(Self(cents))
        };
        cents().ok_or(Invalid::new("money", "is out of range"))
    }

    /// Adds, or `None` when the sum does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(cents) => Some(Self(cents)),
            None => None,
        }
    }

    /// Returns whether this is no money at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns whether this is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Returns the amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Writes the shortest X12 form (type R, element 782): `100`, `100.5`, `0.05`, `-3`.
    #[must_use]
    pub fn x12(self) -> String {
        let text = self.to_string();
        if text.ends_with(".00") { text[..text.len() - 3].to_owned() } else { text.trim_end_matches('0').to_owned() }
    }
}

/// Sums saturate at the edge of 64 bits, which no sum of parsed amounts below nine thousand terms can reach;
/// readers of hostile files use [`Money::checked_add`].
impl ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, ops::Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

impl std::str::FromStr for Money {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Money {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Money> for String {
    fn from(amount: Money) -> Self {
        amount.to_string()
    }
}
