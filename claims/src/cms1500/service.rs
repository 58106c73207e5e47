//! The service lines of one sheet: item 24.

use super::grid::{Cell, cell};
use super::ink::{Ink, date_cells, money_cells};
use super::party::numbers;
use crate::claim::{Claim, ServiceLine};

const MODIFIERS: [Cell; 4] =
    [cell!("24D", "modifier 1"), cell!("24D", "modifier 2"), cell!("24D", "modifier 3"), cell!("24D", "modifier 4")];

/// Writes `lines`, at most six; `before` lines of the claim stand on earlier sheets.
pub(super) fn fill(ink: &mut Ink<'_>, claim: &Claim, lines: &[ServiceLine], before: usize) {
    for (row, (index, line)) in (0..).zip(lines.iter().enumerate()) {
        ink.enter_row(row, before + index + 1);
        service(ink, claim, line);
    }
    ink.leave_rows();
}

fn service(ink: &mut Ink<'_>, claim: &Claim, line: &ServiceLine) {
    ink.put(cell!("24", "supplemental"), &supplemental(line));
    let rendering = line.rendering.as_ref().or(claim.rendering.as_ref());
    if let Some(provider) = rendering {
        let numbers = numbers(&provider.secondary_ids, provider.taxonomy.as_ref());
        ink.number([cell!("24I", "qualifier"), cell!("24J", "other id")], numbers);
    }
    ink.short_date(date_cells!("24A", "from "), line.dates.from());
    ink.short_date(date_cells!("24A", "to "), line.dates.to());
    ink.put(cell!("24B", "place"), claim.place_of_service_of(line).as_str());
    if line.emergency {
        ink.put(cell!("24C", "emergency"), "Y");
    }
    ink.put(cell!("24D", "procedure"), line.procedure.as_str());
    for (modifier, cell) in line.modifiers.as_slice().iter().zip(MODIFIERS) {
        ink.put(cell, modifier.as_str());
    }
    ink.put(cell!("24E", "pointers"), &line.pointer_letters());
    ink.money(money_cells!("24F"), line.charge);
    ink.put(cell!("24G", "units"), &line.units.to_string());
    if line.epsdt || line.family_planning {
        ink.put(cell!("24H", "family plan"), "Y");
    }
    let npi = rendering.and_then(|provider| provider.npi.as_ref());
    ink.put_some(cell!("24J", "npi"), npi.map(|npi| npi.as_str()));
    ink.unplaced_if(line.prior_authorization.is_some(), cell!("23", "number"), "prior_authorization of a line");
}

/// Each part begins with its qualifier; three blanks stand between parts, and between a drug and its quantity.
fn supplemental(line: &ServiceLine) -> String {
    let drug = line.drug.as_ref().map(|drug| format!("N4{}   {}{}", drug.ndc, drug.unit.code(), drug.quantity));
    let words = [&line.description, &line.note].map(|text| text.as_ref().map(|text| format!("ZZ{}", text.expose())));
    drug.into_iter().chain(words.into_iter().flatten()).collect::<Vec<_>>().join("   ")
}
