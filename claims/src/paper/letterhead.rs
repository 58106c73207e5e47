//! Who writes, and of whom.

use chrono::NaiveDate;
use mentalspace_core::{Address, Npi, PersonName, Phi, Phone, TaxId};

use super::day;
use crate::page::flow::Flow;

/// The practice as its documents show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// Name.
    pub name: String,
    /// Street address.
    pub address: Address,
    /// The number clients call.
    pub phone: Phone,
    /// The NPI that bills.
    pub npi: Npi,
    /// The tax identifier that is paid.
    pub tax_id: TaxId,
}

#[cfg(feature = "clinical")]
impl From<&mentalspace_core::Practice> for Letterhead {
    fn from(practice: &mentalspace_core::Practice) -> Self {
        Self {
            name: practice.name.as_str().to_owned(),
            address: practice.address.clone().into(),
            phone: practice.phone.clone(),
            npi: practice.billing_npi.clone(),
            tax_id: practice.tax_id.clone(),
        }
    }
}

impl Letterhead {
    /// Writes name, address and telephone.
    pub(super) fn write(&self, flow: &mut Flow) {
        flow.strong(&self.name);
        let mut lines = address(&self.address);
        lines.push(format!("Telephone {}", telephone(&self.phone)));
        flow.block(&lines);
    }

    /// Writes the numbers payers and auditors ask for.
    pub(super) fn numbers(&self) -> [(&'static str, String); 2] {
        [("Practice NPI", self.npi.as_str().to_owned()), ("Practice tax ID", tax_id(&self.tax_id))]
    }
}

/// Writes nine digits as the kind of number has them.
pub(super) fn tax_id(id: &TaxId) -> String {
    use mentalspace_core::TaxIdKind;
    let digits = id.expose();
    match (id.kind(), digits.len()) {
        (TaxIdKind::Ein, 9) => format!("{}-{}", &digits[..2], &digits[2..]),
        (_, 9) => format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..]),
        _ => digits.to_owned(),
    }
}

/// Lists the lines of an address.
pub(super) fn address(address: &Address) -> Vec<String> {
    let street = [Some(&address.line1), address.line2.as_ref()].into_iter().flatten();
    let mut lines: Vec<String> = street.map(|line| line.expose().to_owned()).collect();
    lines.push(format!("{}, {} {}", address.city.expose(), address.state, address.zip.expose_hyphenated()));
    lines
}

pub(super) fn telephone(phone: &Phone) -> String {
    match phone.expose_us() {
        Some(us) => format!("({}) {}-{}", &us[..3], &us[3..6], &us[6..]),
        None => phone.expose().to_owned(),
    }
}

/// The client a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Legal name.
    pub name: PersonName,
    /// Date of birth.
    pub birth_date: Phi<NaiveDate>,
    /// The practice's number for the client, if it has one.
    pub account: Option<String>,
}

impl Subject {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("Client", self.name.expose_full()), ("Date of birth", day(*self.birth_date.expose()))];
        pairs.extend(self.account.iter().map(|account| ("Account", account.clone())));
        pairs
    }
}
