//! People, organisations, addresses and numbers as the form writes them.

use mentalspace_core::{Address, NamePart, PersonName, Phone, Taxonomy};

use super::grid::Cell;
use super::ink::Ink;
use crate::claim::{PartyName, SecondaryId};

/// Last name and suffix, first name, middle initial, parted by commas (items 2, 4, 9).
pub(super) fn filed(name: &PersonName) -> String {
    let last = [Some(name.last.expose()), part(&name.suffix)];
    let last = last.into_iter().flatten().collect::<Vec<_>>().join(" ");
    [Some(last.as_str()), part(&name.first), initial(name)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// First name, middle initial, last name, suffix (items 17, 33).
pub(super) fn spoken(name: &PartyName) -> String {
    match name {
        PartyName::Organization(name) => name.as_str().to_owned(),
        PartyName::Person(name) => {
            let parts = [part(&name.first), initial(name), Some(name.last.expose()), part(&name.suffix)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    }
}

fn part(part: &Option<NamePart>) -> Option<&str> {
    part.as_ref().map(NamePart::expose)
}

/// The form asks for the initial where the 837 carries the middle name.
fn initial(name: &PersonName) -> Option<&str> {
    let middle = part(&name.middle)?;
    middle.chars().next().and_then(|first| middle.get(..first.len_utf8()))
}

/// Both street lines in one.
pub(super) fn street(address: &Address) -> String {
    match &address.line2 {
        Some(line2) => format!("{} {}", address.line1.expose(), line2.expose()),
        None => address.line1.expose().to_owned(),
    }
}

/// City, state and ZIP without commas.
pub(super) fn city_state_zip(address: &Address) -> String {
    format!("{} {} {}", address.city.expose(), address.state, address.zip.expose_hyphenated())
}

/// A number and the qualifier that says what it is.
pub(super) type QualifiedId<'a> = (&'a str, &'a str);

/// Lists the numbers a payer may know a provider by besides the NPI, the one to print first.
pub(super) fn numbers<'a>(
    ids: &'a [SecondaryId],
    taxonomy: Option<&'a Taxonomy>,
) -> impl Iterator<Item = QualifiedId<'a>> {
    let taxonomy = taxonomy.map(|code| (TAXONOMY, code.as_str()));
    ids.iter().map(|id| (id.qualifier.code(), id.value.expose())).chain(taxonomy)
}

/// Qualifier of a taxonomy code on paper, where the 837 says PXC.
const TAXONOMY: &str = "ZZ";

impl Ink<'_> {
    /// Writes a US telephone number without its country code.
    pub(super) fn phone(&mut self, area_code: Cell, number: Cell, phone: Option<&Phone>) {
        match phone.map(|phone| phone.expose_us().and_then(|digits| digits.split_at_checked(3))) {
            None => {}
            Some(None) => self.unplaced(number, "phone outside the US"),
            Some(Some((area, rest))) => {
                self.put(area_code, area);
                self.put(number, rest);
            }
        }
    }

    /// Writes the first of `numbers` into a cell for the qualifier and one for the number.
    pub(super) fn number<'n>(&mut self, [qualifier, id]: [Cell; 2], numbers: impl Iterator<Item = QualifiedId<'n>>) {
        for (i, (kind, number)) in numbers.enumerate() {
            if i == 0 {
                self.put(qualifier, kind);
                self.put(id, number);
            } else {
                self.unplaced(id, "further number of the provider");
            }
        }
    }

    /// Writes the first of `numbers` right after its qualifier.
    pub(super) fn joined_number<'n>(&mut self, cell: Cell, numbers: impl Iterator<Item = QualifiedId<'n>>) {
        for (i, (kind, number)) in numbers.enumerate() {
            if i == 0 {
                self.put(cell, &format!("{kind}{number}"));
            } else {
                self.unplaced(cell, "further number of the provider");
            }
        }
    }
}
