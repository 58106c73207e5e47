//! Federal tax identifier: an employer's (EIN) or a person's (SSN). CMS-1500 item 25, 837 2010AA REF EI or SY.

use std::fmt;

use crate::Invalid;

/// A federal tax identifier of nine digits, kept without hyphens. A social security number is protected.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct TaxId {
    kind: TaxIdKind,
    digits: String,
}

/// Which register the number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxIdKind {
    /// Employer identification number, X12 qualifier EI.
    Ein,
    /// Social security number, X12 qualifier SY.
    Ssn,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    kind: TaxIdKind,
    digits: String,
}

impl TaxId {
    /// Checks an employer identification number, with or without its hyphen.
    ///
    /// # Errors
    /// Not nine digits, or a prefix that is never issued (00).
    pub fn ein(text: &str) -> Result<Self, Invalid> {
        Self::parse(TaxIdKind::Ein, text)
    }

    /// Checks a social security number, with or without hyphens.
    ///
    /// # Errors
    /// Not nine digits, or an area, group or serial that is never issued (000, 666, 9xx; 00; 0000).
    pub fn ssn(text: &str) -> Result<Self, Invalid> {
        Self::parse(TaxIdKind::Ssn, text)
    }

    fn parse(kind: TaxIdKind, text: &str) -> Result<Self, Invalid> {
        let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
        if digits.len() != 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid::new("tax id", "must be nine digits"));
        }
        let never_issued = match kind {
            TaxIdKind::Ein => digits.starts_with("00"),
            TaxIdKind::Ssn => {
                digits.starts_with("000")
                    || digits.starts_with("666")
                    || digits.starts_with('9')
                    || &digits[3..5] == "00"
                    || digits.ends_with("0000")
            }
        };
        if never_issued {
            return Err(Invalid::new("tax id", "is a number that is never issued"));
        }
        Ok(Self { kind, digits })
    }

    /// Returns which register the number comes from.
    #[must_use]
    pub const fn kind(&self) -> TaxIdKind {
        self.kind
    }

    /// Reads the nine digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.digits
    }
}

impl fmt::Debug for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxId({:?}, …)", self.kind)
    }
}

impl TryFrom<Parts> for TaxId {
    type Error = Invalid;
    fn try_from(parts: Parts) -> Result<Self, Invalid> {
        Self::parse(parts.kind, &parts.digits)
    }
}

impl From<TaxId> for Parts {
    fn from(id: TaxId) -> Self {
        Self { kind: id.kind, digits: id.digits }
    }
}
