//! Postal address in the United States, its territories and armed-forces mail.

use crate::value::{plain_text, text_value};

text_value! {
    /// A line of a street address: 1 to 55 characters (X12 element 166).
    phi AddressLine, "address line", |text| plain_text(&text, 55)
}

text_value! {
    /// A city: 1 to 30 characters (X12 element 19).
    phi City, "city", |text| plain_text(&text, 30)
}

text_value! {
    /// A US state, territory or armed-forces region by its two-letter postal code (USPS Publication 28, appendix B).
    public UsState, "state", |text| {
        let code = text.trim().to_ascii_uppercase();
        if STATES.binary_search(&code.as_str()).is_ok() { Ok(code) } else { Err("is not a US state or territory") }
    }
}

text_value! {
    /// A ZIP code of five or nine digits, kept without its hyphen.
    phi Zip, "zip", |text| {
        let text = text.trim();
        let digits = match text.split_once('-') {
            Some((five, four)) if (five.len(), four.len()) == (5, 4) => format!("{five}{four}"),
            Some(_) => return Err("has its hyphen in the wrong place"),
            None => text.to_owned(),
        };
        let shaped = matches!(digits.len(), 5 | 9) && digits.bytes().all(|b| b.is_ascii_digit());
        if !shaped {
            Err("must be five or nine digits")
        } else if digits.starts_with("00000") {
            Err("is a number that is never issued")
        } else {
            Ok(digits)
        }
    }
}

/// Sorted, for binary search.
const STATES: [&str; 62] = [
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA", "GU", "HI", "IA",
    "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE",
    "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI",
    "VT", "WA", "WI", "WV", "WY",
];

impl UsState {
    /// Returns every code in order, for pick lists.
    #[must_use]
    pub const fn codes() -> &'static [&'static str] {
        &STATES
    }
}

impl Zip {
    /// Returns whether the four digits after the hyphen are known. 837 2010AA demands them.
    #[must_use]
    pub fn is_plus_four(&self) -> bool {
        self.expose().len() == 9
    }

    /// Reads the ZIP with a hyphen before the last four, as on an envelope.
    #[must_use]
    pub fn expose_hyphenated(&self) -> String {
        match self.expose().split_at_checked(5) {
            Some((five, four)) if !four.is_empty() => format!("{five}-{four}"),
            _ => self.expose().to_owned(),
        }
    }
}

/// A postal address. Protected, since a client's is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    pub line1: AddressLine,
    /// Apartment, suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<AddressLine>,
    /// City.
    pub city: City,
    /// State or territory.
    pub state: UsState,
    /// ZIP code.
    pub zip: Zip,
}

impl Address {
    /// Makes an address of one street line.
    ///
    /// # Errors
    /// The first part that breaks its rule.
    pub fn new(line1: &str, city: &str, state: &str, zip: &str) -> Result<Self, crate::Invalid> {
        Ok(Self {
            line1: AddressLine::parse(line1)?,
            line2: None,
            city: City::parse(city)?,
            state: UsState::parse(state)?,
            zip: Zip::parse(zip)?,
        })
    }
}
