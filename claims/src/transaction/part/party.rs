//! A person or an organisation with all that is said about it.

use serde::{Deserialize, Serialize};

use super::{
    Anchored, City, Contact, DateOrPeriod, Demographics, Kept, List, Name, Part, PartyIdentification, Reference,
    Specialty, Street, Text, push,
};
use crate::x12::{Segment, WriteError, Writer};

/// A party: NM1 or N1, and the segments behind it that speak of the same one.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// NM1: who it is.
    #[serde(skip_serializing_if = "is_default")]
    pub name: Name,
    /// N1, where the loop begins with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identification: Option<Box<PartyIdentification>>,
    /// N3.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub street: List<Street>,
    /// N4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Box<City>>,
    /// DMG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demographics: Option<Box<Demographics>>,
    /// PRV.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub specialties: List<Specialty>,
    /// DTP.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub dates: List<DateOrPeriod>,
    /// REF.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// PER.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub contacts: List<Contact>,
    /// Other segments of the loop.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

crate::text::silent_debug!(Party);

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Party {
    /// A party with nothing but a name.
    #[must_use]
    pub fn named(name: Name) -> Self {
        Self { name, ..Self::default() }
    }

    /// Reads the segment a party begins with: NM1, or N1.
    #[must_use]
    pub fn read(segment: &Segment<'_>) -> Self {
        if segment.id() == b"N1" {
            Self { identification: Some(Box::new(PartyIdentification::read(segment))), ..Self::default() }
        } else {
            Self::named(Name::read(segment))
        }
    }

    /// Takes a segment that speaks of the party: N3, N4, DMG, PRV, DTP, REF or PER. `false` when it is another one.
    pub fn take(&mut self, segment: &Segment<'_>) -> bool {
        match segment.id() {
            b"N3" => push(&mut self.street, Part::read(segment)),
            b"N4" if self.city.is_none() => self.city = Some(Box::new(Part::read(segment))),
            b"DMG" if self.demographics.is_none() => self.demographics = Some(Box::new(Part::read(segment))),
            b"PRV" => push(&mut self.specialties, Part::read(segment)),
            b"DTP" => push(&mut self.dates, Part::read(segment)),
            b"REF" => push(&mut self.references, Part::read(segment)),
            b"PER" => push(&mut self.contacts, Part::read(segment)),
            _ => return false,
        }
        true
    }

    /// Keeps a segment of the loop that is none of these; `after` is the id of the one before it.
    pub fn keep(&mut self, segment: &Segment<'_>, after: &str) {
        self.kept.push(Kept::beside(segment, &Text::from(after), &["N4", "DMG"]));
    }

    /// Returns what the party is here (NM101 or N101).
    #[must_use]
    pub fn entity(&self) -> &str {
        self.identification.as_ref().map_or(&self.name.entity, |n1| &n1.entity)
    }

    /// Returns the first number with `qualifier` (REF).
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|r| r.qualifier == qualifier).and_then(|r| r.value.some())
    }

    /// Writes the loop, in the order in which the guides have it.
    ///
    /// # Errors
    /// An element holds what cannot be written.
    pub fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        let mut out = Anchored::new(out, &self.kept);
        match &self.identification {
            Some(identification) => out.one(&**identification)?,
            None => out.one(&self.name)?,
        }
        // A provider's specialty stands right behind its name, a subscriber's date of birth behind the address.
        out.all(&self.specialties)?;
        out.all(&self.street)?;
        out.optional(self.city.as_deref())?;
        out.optional(self.demographics.as_deref())?;
        out.all(&self.dates)?;
        out.all(&self.references)?;
        out.all(&self.contacts)?;
        out.end()
    }
}
