//! A person's name and the two kinds of sex and gender a practice keeps apart.

use crate::value::{plain_text, text_value};

text_value! {
    /// One part of a person's name: 1 to 60 characters, no control characters (X12 element 1035).
    phi NamePart, "name", |text| plain_text(&text, 60)
}

/// A person's name as it stands on the card. Protected.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// Family name.
    pub last: NamePart,
    /// Given name. Organisations and a few people have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<NamePart>,
    /// Middle name or initial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<NamePart>,
    /// Suffix such as JR or III, not a title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<NamePart>,
}

impl PersonName {
    /// Makes a name of a given and a family name.
    ///
    /// # Errors
    /// A part is empty, too long or holds a control character.
    pub fn new(first: &str, last: &str) -> Result<Self, crate::Invalid> {
        Ok(Self { last: NamePart::parse(last)?, first: Some(NamePart::parse(first)?), middle: None, suffix: None })
    }

    /// Reads the name in speaking order: first, middle, last, suffix.
    #[must_use]
    pub fn expose_full(&self) -> String {
        let parts = [&self.first, &self.middle, &Some(self.last.clone()), &self.suffix];
        parts.into_iter().flatten().map(NamePart::expose).collect::<Vec<_>>().join(" ")
    }

    /// Reads the name in filing order: last, first.
    #[must_use]
    pub fn expose_filed(&self) -> String {
        match &self.first {
            Some(first) => format!("{}, {}", self.last.expose(), first.expose()),
            None => self.last.expose().to_owned(),
        }
    }
}

/// The sex on file with the payer (X12 element 1068). Claims use this one; how a person lives is [`Gender`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerSex {
    /// F.
    Female,
    /// M.
    Male,
    /// U: the payer keeps none or another.
    #[default]
    Unknown,
}

impl PayerSex {
    /// Returns the X12 code: F, M or U.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Unknown => "U",
        }
    }
}

text_value! {
    /// Gender in the client's own words, 1 to 60 characters. Never sent to a payer.
    phi Gender, "gender", |text| plain_text(&text, 60)
}
