//! The paper form and the file it is printed from.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panic and tell what is missing")]

mod content;
mod example;
mod file;
mod findings;
mod paging;
mod parity;
mod placing;

use mentalspace_claims::claim::Claim;
use mentalspace_claims::cms1500::{Form, FormPage, Options};

/// Prints a claim that is known to fit.
fn form(claim: &Claim) -> Form {
    Form::from_claim(claim, &Options::default()).unwrap()
}

/// Prints a claim that is known to fit on one sheet.
fn sheet(claim: &Claim) -> FormPage {
    let form = form(claim);
    assert_eq!(form.pages().len(), 1);
    form.pages()[0].clone()
}
