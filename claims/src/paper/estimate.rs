//! The good faith estimate for people who pay themselves (45 CFR 149.610).

use chrono::{Months, NaiveDate};
use mentalspace_core::{Icd10Cm, Money, Npi, PersonName, ProcedureCode};

use super::letterhead::{Letterhead, Subject, address};
use super::{Paper, day, dollars};
use crate::page::flow::{Column, Flow};

/// An estimate of what care will cost.
#[derive(Debug, Clone)]
pub struct GoodFaithEstimate {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// Who will give the services.
    pub provider: PersonName,
    /// Individual NPI.
    pub npi: Option<Npi>,
    /// The service for which care is sought, in plain words.
    pub primary_service: String,
    /// Diagnoses, as far as they are known.
    pub diagnoses: Vec<Icd10Cm>,
    /// What is expected.
    pub items: Vec<EstimatedItem>,
    /// The first day it covers.
    pub from: NaiveDate,
    /// The last day it covers.
    pub to: NaiveDate,
    /// The day it was made.
    pub on: NaiveDate,
}

/// A service that is expected, and how often.
#[derive(Debug, Clone)]
pub struct EstimatedItem {
    /// What it is called towards clients.
    pub what: String,
    /// Its code.
    pub procedure: ProcedureCode,
    /// How often.
    pub count: u16,
    /// What each costs.
    pub each: Money,
}

/// Why an estimate cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EstimateError {
    /// It ends before it begins, or covers more than twelve months.
    #[error("an estimate covers one day to twelve months")]
    Period,
    /// Nothing is expected.
    #[error("an estimate has at least one service")]
    Empty,
    /// An amount is negative, or the sum is beyond what money can be.
    #[error("the expected charges cannot be added up")]
    Amounts,
}

impl EstimatedItem {
    fn charge(&self) -> Option<Money> {
        if self.each.is_negative() {
            return None;
        }
        self.each.times(self.count.into()).ok()
    }
}

impl GoodFaithEstimate {
    /// Adds up what is expected.
    ///
    /// # Errors
    /// See [`EstimateError`]; call it before the estimate is printed.
    pub fn total(&self) -> Result<Money, EstimateError> {
        let latest = self.from.checked_add_months(Months::new(12)).ok_or(EstimateError::Period)?;
        if self.to < self.from || self.to >= latest {
            return Err(EstimateError::Period);
        }
        if self.items.is_empty() {
            return Err(EstimateError::Empty);
        }
        let add = |sum: Money, item: &EstimatedItem| sum.checked_add(item.charge()?);
        self.items.iter().try_fold(Money::default(), add).ok_or(EstimateError::Amounts)
    }
}

impl Paper for GoodFaithEstimate {
    fn title(&self) -> &'static str {
        "Good faith estimate"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        let mut pairs = self.client.pairs();
        pairs.push(("Service", self.primary_service.clone()));
        let diagnoses: Vec<String> = self.diagnoses.iter().map(ToString::to_string).collect();
        pairs.push(("Diagnoses", if diagnoses.is_empty() { "not yet known".to_owned() } else { diagnoses.join(", ") }));
        pairs.push(("Period", format!("{} to {}", day(self.from), day(self.to))));
        pairs.push(("Provider", self.provider.expose_full()));
        pairs.extend(self.npi.as_ref().map(|npi| ("Provider NPI", npi.as_str().to_owned())));
        pairs.extend(self.practice.numbers());
        pairs.push(("Where", address(&self.practice.address).join(", ")));
        pairs.push(("Made on", day(self.on)));
        flow.pairs(&pairs);
        flow.heading(depth + 1, "Expected charges");
        let columns = [
            Column::words("Service", 40),
            Column::words("Code", 12),
            Column::amounts("How often", 14),
            Column::amounts("Each", 16),
            Column::amounts("Together", 18),
        ];
        let row = |item: &EstimatedItem| {
            let together = item.charge().map_or_else(String::new, dollars);
            let code = item.procedure.as_str().to_owned();
            vec![item.what.clone(), code, item.count.to_string(), dollars(item.each), together]
        };
        let mut rows: Vec<Vec<String>> = self.items.iter().map(row).collect();
        if let Ok(total) = self.total() {
            let blank = String::new;
            rows.push(vec!["Expected in all".to_owned(), blank(), blank(), blank(), dollars(total)]);
        }
        flow.table(&columns, &rows, 1);
        flow.heading(depth + 1, "What this means");
        for words in DISCLAIMERS {
            flow.paragraph(words);
        }
    }
}

/// What an estimate has to say (45 CFR 149.610(c)(1)), in our words.
const DISCLAIMERS: [&str; 5] = [
    "This is an estimate of the services that can reasonably be expected. Services may be added or change as care goes on, and are then scheduled apart.",
    "It was made from what was known when it was made. The charges may differ from it in the end.",
    "If you are billed at least $400 more than this estimate for a provider, you may dispute the bill through the federal patient-provider dispute process. Ask within 120 calendar days of the date of the bill. A fee of $25 applies. If the reviewer agrees with you, you pay what is on this estimate; if not, the higher amount. How to begin: www.cms.gov/nosurprises or 1-800-985-3059.",
    "Disputing a bill does not affect the quality of your care.",
    "This is not a contract. It does not oblige you to receive any service from this provider. Keep a copy.",
];
