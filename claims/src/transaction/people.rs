//! The people and organisations of a claim as the segments that name them.

use chrono::NaiveDate;
use mentalspace_core::{PayerSex, PersonName};

use super::part::{Demographics, Name, Text};
use crate::claim::{PartyName, Payer};

impl Name {
    /// Names a person.
    #[must_use]
    pub fn person(entity: &str, name: &PersonName) -> Self {
        let text = |part: Option<&str>| Text::from(part.unwrap_or_default());
        Self {
            entity: entity.into(),
            kind: "1".into(),
            last: text(Some(name.last.expose())),
            first: text(name.first.as_ref().map(|n| n.expose())),
            middle: text(name.middle.as_ref().map(|n| n.expose())),
            suffix: text(name.suffix.as_ref().map(|n| n.expose())),
            ..Self::default()
        }
    }

    /// Names an organisation.
    #[must_use]
    pub fn organization(entity: &str, name: &str) -> Self {
        Self { entity: entity.into(), kind: "2".into(), last: name.into(), ..Self::default() }
    }

    /// Names a person or an organisation.
    #[must_use]
    pub fn party(entity: &str, name: &PartyName) -> Self {
        match name {
            PartyName::Person(name) => Self::person(entity, name),
            PartyName::Organization(name) => Self::organization(entity, name.as_str()),
        }
    }

    /// Names a payer, with its number.
    #[must_use]
    pub fn payer(entity: &str, payer: &Payer) -> Self {
        Self::organization(entity, payer.name.as_str()).with_id(payer.id_kind.code(), payer.id.as_str())
    }

    /// Adds a number and what it is.
    #[must_use]
    pub fn with_id(mut self, qualifier: &str, number: &str) -> Self {
        (self.id_qualifier, self.id) = (qualifier.into(), number.into());
        self
    }
}

impl Demographics {
    /// Says when somebody was born, and the sex on file.
    #[must_use]
    pub fn of(born: NaiveDate, sex: PayerSex) -> Self {
        let birth_date = Text::from(born.format("%Y%m%d").to_string());
        Self { format: "D8".into(), birth_date, sex: sex.code().into(), ..Self::default() }
    }
}
