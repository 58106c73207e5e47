//! The telephone number that codes are sent to.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A number in international form: a plus sign and 7 to 15 digits, the first of them not zero (ITU-T E.164).
///
/// Nothing is guessed: national forms, blanks, brackets and extensions are refused. Silent in `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(Zeroizing<String>);

/// Text that is no number in international form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("telephone number is not a plus sign and 7 to 15 digits that begin with a country code")]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// Reads a number.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`].
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        let valid =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if valid { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(InvalidPhoneNumber) }
    }

    /// Reads the number, to send to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Writes what tells its owner which number is meant and nobody else what it is: the last two digits.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("•••{}", &self.0[self.0.len() - 2..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, InvalidPhoneNumber> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0.to_string()
    }
}
