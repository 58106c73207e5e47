//! Elements that should be numbers or dates.

use mentalspace_core::{Invalid, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Element, Text, element};
use crate::x12::{Segment, SegmentWriter};

/// A value that an element can hold besides text.
pub trait FieldValue: Sized {
    /// Reads it; `None` when the bytes are something else.
    fn parse(bytes: &[u8]) -> Option<Self>;
    /// Writes it the X12 way.
    fn to_text(&self) -> Text;
}

/// An element that should be a number or a date and may hold anything: nothing, the value, or text that is none.
///
/// As JSON a string either way.
///
/// ```
/// use mentalspace_claims::transaction::part::Field;
/// use mentalspace_core::Money;
/// let charge: Field<Money> = Money::from_cents(15_050).into();
/// assert_eq!(charge.text(), "150.5");
/// assert_eq!(Field::<Money>::parse(b"abc").value(), None);
/// assert_eq!(Field::<Money>::parse(b"abc").text(), "abc");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Field<T>(State<T>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum State<T> {
    Absent,
    Value(T),
    Raw(Text),
}

impl<T: FieldValue> Field<T> {
    /// Reads the bytes of an element.
    #[inline]
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.trim_ascii();
        Self(match T::parse(bytes) {
            _ if bytes.is_empty() => State::Absent,
            Some(value) => State::Value(value),
            None => State::Raw(Text::of(bytes)),
        })
    }

    /// Returns the element as it is written.
    #[must_use]
    pub fn text(&self) -> Text {
        match &self.0 {
            State::Absent => Text::EMPTY,
            State::Value(value) => value.to_text(),
            State::Raw(text) => text.clone(),
        }
    }
}

impl<T> Field<T> {
    /// Returns the value, where there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match &self.0 {
            State::Value(value) => Some(value),
            State::Absent | State::Raw(_) => None,
        }
    }

    /// Returns the text that is no value.
    #[must_use]
    pub const fn raw(&self) -> Option<&Text> {
        match &self.0 {
            State::Raw(text) => Some(text),
            State::Absent | State::Value(_) => None,
        }
    }
}

impl<T: Copy + Default> Field<T> {
    /// Returns the value, or none of it.
    #[must_use]
    pub fn or_zero(&self) -> T {
        self.value().copied().unwrap_or_default()
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(State::Absent)
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self(State::Value(value))
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        Self(value.map_or(State::Absent, State::Value))
    }
}

impl<T> std::fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            State::Absent => "Field()",
            State::Value(_) => "Field(…)",
            State::Raw(_) => "Field(unreadable)",
        })
    }
}

impl<T: FieldValue> Element for Field<T> {
    #[inline]
    fn read(segment: &Segment<'_>, element: &[u8]) -> Self {
        Self::parse(element::simple(segment, element))
    }

    fn is_absent(&self) -> bool {
        matches!(self.0, State::Absent)
    }

    #[inline]
    fn is_unreadable(&self) -> bool {
        matches!(self.0, State::Raw(_))
    }

    fn write<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        match &self.0 {
            State::Absent => out.skip(1),
            State::Value(value) => value.to_text().write(out),
            State::Raw(text) => text.write(out),
        }
    }
}

impl<T: FieldValue> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(serializer)
    }
}

impl<'de, T: FieldValue> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::parse(text.as_bytes()))
    }
}

impl FieldValue for chrono::NaiveDate {
    fn parse(bytes: &[u8]) -> Option<Self> {
        super::date::parse_day(bytes)
    }

    fn to_text(&self) -> Text {
        super::date::ccyymmdd(*self)
    }
}

impl FieldValue for Money {
    #[inline]
    fn parse(bytes: &[u8]) -> Option<Self> {
        Self::parse_bytes(bytes).ok()
    }

    fn to_text(&self) -> Text {
        decimal(self.is_negative(), self.cents().unsigned_abs(), 2)
    }
}

/// A count as a payer wrote it: any decimal, negative in reversals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Count(Decimal);

impl Count {
    /// Reads digits with an optional sign and point, as X12 has them.
    ///
    /// # Errors
    /// Anything else, or more than 24 characters.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, Invalid> {
        let invalid = Invalid::new("count", "is not a number");
        let (negative, digits) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, bytes),
        };
        if bytes.len() > 24 {
            return Err(invalid);
        }
        if let Some(count) = Self::whole(digits, negative) {
            return Ok(count);
        }
        let (mut number, mut seen, mut places) = (0_i128, false, None::<u32>);
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    number = number * 10 + i128::from(byte - b'0');
                    seen = true;
                    places = places.map(|n| n + 1);
                }
                b'.' if places.is_none() => places = Some(0),
                _ => return Err(invalid),
            }
        }
        if !seen {
            return Err(invalid);
        }
        let mut places = places.unwrap_or(0);
        // Zeros behind the point say nothing.
        while places > 0 && number % 10 == 0 {
            (number, places) = (number / 10, places - 1);
        }
        let number = if negative { -number } else { number };
        Decimal::try_from_i128_with_scale(number, places).map(Self).map_err(|_| invalid)
    }

    /// Reads up to 18 digits without a point, which most counts are.
    fn whole(digits: &[u8], negative: bool) -> Option<Self> {
        if digits.is_empty() || digits.len() > 18 {
            return None;
        }
        let number = digits.iter().try_fold(0_i64, |number, byte| match byte {
            b'0'..=b'9' => Some(number * 10 + i64::from(byte - b'0')),
            _ => None,
        })?;
        Some(Self(Decimal::from(if negative { -number } else { number })))
    }

    /// Returns the count.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Decimal> for Count {
    fn from(count: Decimal) -> Self {
        Self(count.normalize())
    }
}

impl From<u32> for Count {
    fn from(count: u32) -> Self {
        Self(count.into())
    }
}

impl TryFrom<String> for Count {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl From<Count> for String {
    fn from(count: Count) -> Self {
        count.0.to_string()
    }
}

impl FieldValue for Count {
    #[inline]
    fn parse(bytes: &[u8]) -> Option<Self> {
        Self::parse_bytes(bytes).ok()
    }

    fn to_text(&self) -> Text {
        match u64::try_from(self.0.mantissa().unsigned_abs()) {
            Ok(mantissa) => decimal(self.0.mantissa() < 0, mantissa, self.0.scale()),
            Err(_) => Text::from(self.0.normalize().to_string()),
        }
    }
}

/// Writes type R: no zeros that say nothing, a zero before the point.
fn decimal(negative: bool, mut left: u64, mut scale: u32) -> Text {
    while scale > 0 && left.is_multiple_of(10) {
        (left, scale) = (left / 10, scale - 1);
    }
    // 20 digits, 28 places, sign and point.
    let mut buffer = [0_u8; 64];
    let (mut at, mut place) = (buffer.len(), 0);
    loop {
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        (left, place) = (left / 10, place + 1);
        if place == scale {
            at -= 1;
            buffer[at] = b'.';
        }
        if left == 0 && place > scale {
            break;
        }
    }
    if negative {
        at -= 1;
        buffer[at] = b'-';
    }
    Text::of(&buffer[at..])
}
