//! A claim on as many sheets as its lines need.

use super::finding::{Finding, FormError};
use super::grid::SERVICE_LINES;
use super::ink::Ink;
use super::options::{Options, Totals};
use super::{FormPage, billing, insured, patient, service, treatment};
use crate::claim::Claim;

/// A claim spelled and placed for paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pages: Vec<FormPage>,
    findings: Vec<Finding>,
}

impl Form {
    /// Puts `claim` on paper: six service lines a sheet, everything else on each of them.
    ///
    /// # Errors
    /// A value does not fit or cannot be spelled, unless `options` let texts be cut; all such values are named.
    pub fn from_claim(claim: &Claim, options: &Options) -> Result<Self, FormError> {
        let mut ink = Ink::new(options);
        insured::fill(&mut ink, claim);
        patient::fill(&mut ink, claim);
        treatment::fill(&mut ink, claim);
        billing::fill(&mut ink, claim);
        let header = ink.take();

        let sheets = claim.lines.chunks(SERVICE_LINES);
        let last = sheets.len().saturating_sub(1);
        let mut pages = Vec::with_capacity(sheets.len());
        for (number, lines) in sheets.enumerate() {
            service::fill(&mut ink, claim, lines, number * SERVICE_LINES);
            match options.totals {
                Totals::PerPage => {
                    billing::total(&mut ink, lines.iter().map(|line| line.charge).sum());
                    if number == 0 {
                        billing::paid(&mut ink, claim);
                    }
                }
                Totals::LastPageOnly if number == last => {
                    billing::total(&mut ink, claim.total());
                    billing::paid(&mut ink, claim);
                }
                Totals::LastPageOnly => {}
            }
            let mut values = header.clone();
            values.append(&mut ink.take());
            pages.push(FormPage { values });
        }
        Ok(Self { pages, findings: ink.findings()? })
    }

    /// Returns the sheets, at least one.
    #[must_use]
    pub fn pages(&self) -> &[FormPage] {
        &self.pages
    }

    /// Returns how the form differs from the claim, each difference once.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
