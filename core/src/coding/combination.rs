//! Which codes exist on a day and which may stand together. The facts are tables; a code that is not in them is free.

use chrono::{Datelike, NaiveDate};

use crate::ProcedureCode;

use super::CodingError;

/// Came in with 2013.
const SINCE_2013: [&str; 11] =
    ["90785", "90791", "90792", "90832", "90833", "90834", "90836", "90837", "90838", "90839", "90840"];

/// Went out with 2022.
const UNTIL_2022: [&str; 2] = ["99354", "99355"];

const INTERACTIVE_PRIMARIES: [&str; 9] =
    ["90791", "90792", "90832", "90833", "90834", "90836", "90837", "90838", "90853"];

/// Each add-on with the codes it adds to.
const ADD_ONS: [(&str, &[&str]); 2] = [("90785", &INTERACTIVE_PRIMARIES), ("90840", &["90839"])];

/// Each code with those that never stand beside it.
const APART: [(&str, &[&str]); 4] = [
    ("90839", &["90785", "90791", "90792", "90832", "90833", "90834", "90836", "90837", "90838"]),
    ("90840", &["90785"]),
    ("90846", &["90785"]),
    ("90847", &["90785"]),
];

/// Checks that the codes of one client, clinician and day exist on it and may be reported together.
///
/// # Errors
/// [`CodingError::NotEffective`], [`CodingError::CombinationProhibited`], or [`CodingError::NotWithPrimary`].
pub fn check_combination(codes: &[ProcedureCode], on: NaiveDate) -> Result<(), CodingError> {
    for code in codes {
        if !in_effect(code, on) {
            return Err(CodingError::NotEffective { code: code.clone(), on });
        }
        let apart = APART.iter().find(|(one, _)| *one == code.as_str()).map_or(&[][..], |(_, others)| others);
        if let Some(with) = codes.iter().find(|other| apart.contains(&other.as_str())) {
            return Err(CodingError::CombinationProhibited { code: code.clone(), with: with.clone() });
        }
    }
    for code in codes {
        let Some((_, primaries)) = ADD_ONS.iter().find(|(add_on, _)| *add_on == code.as_str()) else { continue };
        if !codes.iter().any(|other| primaries.contains(&other.as_str())) {
            return Err(CodingError::NotWithPrimary { code: code.clone() });
        }
    }
    Ok(())
}

fn in_effect(code: &ProcedureCode, on: NaiveDate) -> bool {
    let (code, year) = (code.as_str(), on.year());
    !(SINCE_2013.contains(&code) && year < 2013 || UNTIL_2022.contains(&code) && year > 2022)
}
