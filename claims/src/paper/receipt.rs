//! The receipt for a payment.

use chrono::NaiveDate;
use mentalspace_core::{Money, PersonName};

use super::letterhead::Letterhead;
use super::{Paper, day, dollars, short_day};
use crate::page::flow::{Column, Flow};

/// A receipt.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The practice.
    pub practice: Letterhead,
    /// The receipt's number.
    pub number: String,
    /// Who paid.
    pub payer: PersonName,
    /// The practice's number for the client.
    pub account: String,
    /// When.
    pub on: NaiveDate,
    /// How, such as `card ending in 4242`; never a whole card number.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// What for, as far as it is applied.
    pub applied: Vec<Applied>,
}

/// A part of a payment.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Day of service.
    pub date: NaiveDate,
    /// What it is called towards clients.
    pub what: String,
    /// How much of the payment.
    pub amount: Money,
}

impl Receipt {
    /// Returns what is not applied to a service.
    #[must_use]
    pub fn unapplied(&self) -> Money {
        self.amount - self.applied.iter().map(|part| part.amount).sum::<Money>()
    }
}

impl Paper for Receipt {
    fn title(&self) -> &'static str {
        "Receipt"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        flow.pairs(&[
            ("Receipt", self.number.clone()),
            ("Received from", self.payer.expose_full()),
            ("Account", self.account.clone()),
            ("Received on", day(self.on)),
            ("By", self.method.clone()),
            ("Amount", dollars(self.amount)),
        ]);
        let mut rows: Vec<Vec<String>> = self
            .applied
            .iter()
            .map(|part| vec![short_day(part.date), part.what.clone(), dollars(part.amount)])
            .collect();
        if !self.unapplied().is_zero() {
            rows.push(vec![String::new(), "Kept for later services".to_owned(), dollars(self.unapplied())]);
        }
        rows.push(vec![String::new(), "Total".to_owned(), dollars(self.amount)]);
        let columns = [Column::words("Date", 20), Column::words("Applied to", 60), Column::amounts("Amount", 20)];
        flow.table(&columns, &rows, 1);
        flow.small("Thank you.");
    }
}
