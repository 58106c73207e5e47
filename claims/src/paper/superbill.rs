//! The superbill: what a client sends to an insurer that the practice does not bill.

use chrono::NaiveDate;
use mentalspace_core::{DateOfService, Icd10Cm, Modifiers, Money, Npi, PersonName, PlaceOfService, ProcedureCode};
use rust_decimal::Decimal;

use super::letterhead::{Letterhead, Subject};
use super::{Paper, dollars, short_day};
use crate::page::flow::{Column, Flow};

/// A superbill.
#[derive(Debug, Clone)]
pub struct Superbill {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// Who gave the services.
    pub provider: PersonName,
    /// Credentials behind the name, such as `LCSW`.
    pub credentials: Option<String>,
    /// Individual NPI.
    pub npi: Option<Npi>,
    /// Licence, with its state.
    pub licence: Option<String>,
    /// Diagnoses, the leading one first.
    pub diagnoses: Vec<Icd10Cm>,
    /// Services.
    pub services: Vec<BilledService>,
    /// The day the superbill was made.
    pub on: NaiveDate,
}

/// A service on a superbill.
#[derive(Debug, Clone)]
pub struct BilledService {
    /// When.
    pub dates: DateOfService,
    /// Where.
    pub place: PlaceOfService,
    /// What.
    pub procedure: ProcedureCode,
    /// Modifiers.
    pub modifiers: Modifiers,
    /// Units.
    pub units: Decimal,
    /// Charge for all units.
    pub charge: Money,
    /// What the client paid for it.
    pub paid: Money,
}

impl Superbill {
    /// Adds up charges and payments.
    #[must_use]
    pub fn totals(&self) -> (Money, Money) {
        (self.services.iter().map(|s| s.charge).sum(), self.services.iter().map(|s| s.paid).sum())
    }
}

impl Paper for Superbill {
    fn title(&self) -> &'static str {
        "Superbill"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        let mut pairs = self.client.pairs();
        let credentials = self.credentials.iter().map(|credentials| format!(", {credentials}"));
        pairs.push(("Provider", self.provider.expose_full() + &credentials.collect::<String>()));
        pairs.extend(self.npi.as_ref().map(|npi| ("Provider NPI", npi.as_str().to_owned())));
        pairs.extend(self.licence.as_ref().map(|licence| ("Licence", licence.clone())));
        pairs.extend(self.practice.numbers());
        pairs.push(("Date", short_day(self.on)));
        let diagnoses: Vec<String> = ('A'..).zip(&self.diagnoses).map(|(at, code)| format!("{at}. {code}")).collect();
        pairs.push(("Diagnoses (ICD-10-CM)", diagnoses.join("   ")));
        flow.pairs(&pairs);
        flow.heading(depth + 1, "Services");
        let columns = [
            Column::words("Date", 18),
            Column::words("Place", 9),
            Column::words("Code", 12),
            Column::words("Modifiers", 16),
            Column::amounts("Units", 9),
            Column::amounts("Charge", 16),
            Column::amounts("Paid", 16),
        ];
        let mut rows: Vec<Vec<String>> = self.services.iter().map(BilledService::row).collect();
        let (charged, paid) = self.totals();
        let sum = |name: &str, charge: String, paid: String| {
            let blank = String::new;
            vec![blank(), blank(), blank(), name.to_owned(), blank(), charge, paid]
        };
        rows.push(sum("Total", dollars(charged), dollars(paid)));
        rows.push(sum("Balance", dollars(charged - paid), String::new()));
        flow.table(&columns, &rows, 2);
        flow.signature("Signature of the provider");
        flow.small("This is a statement of services for reimbursement. It is not a bill and promises no payment by an insurer.");
    }
}

impl BilledService {
    fn row(&self) -> Vec<String> {
        let from = short_day(self.dates.from());
        let dates = if self.dates.is_one_day() { from } else { format!("{from} to {}", short_day(self.dates.to())) };
        let modifiers: Vec<&str> = self.modifiers.as_slice().iter().map(|modifier| modifier.as_str()).collect();
        vec![
            dates,
            self.place.as_str().to_owned(),
            self.procedure.as_str().to_owned(),
            modifiers.join(" "),
            self.units.normalize().to_string(),
            dollars(self.charge),
            dollars(self.paid),
        ]
    }
}
