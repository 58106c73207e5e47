//! The documents a practice prints besides the claim form: superbill, statement, estimate, receipt, readable
//! remittance, consent, release, plan, note and chart.
//!
//! Each is plain data with its own sums; laying it out cannot fail, and loses no letter: what the typeface lacks is
//! spelled out by its code point. Invariant: amounts that follow from others are computed, never given.

mod chart;
mod consent;
mod estimate;
mod letterhead;
mod note;
mod plan;
mod receipt;
mod release;
mod remittance;
mod statement;
mod superbill;

use chrono::{NaiveDate, NaiveDateTime};

pub use chart::Chart;
pub use consent::Consent;
pub use estimate::{EstimateError, EstimatedItem, GoodFaithEstimate};
pub use letterhead::{Letterhead, Subject};
pub use note::{Signature, SignedNote};
pub use plan::{Goal, TreatmentPlan};
pub use receipt::{Applied, Receipt};
pub use release::Release;
pub use remittance::RemittanceSummary;
pub use statement::{Ageing, PaymentPlan, Statement, StatementLine};
pub use superbill::{BilledService, Superbill};

use crate::page::flow::Flow;
use crate::page::{Font, Page, Printable, pdf};
use mentalspace_core::Money;

/// Something that can be printed.
pub trait Paper {
    /// Names the kind of document; shown by viewers and spoolers, so it tells nothing of the person.
    fn title(&self) -> &str;

    /// Writes the document; its own headings begin at `depth`.
    fn write(&self, flow: &mut Flow, depth: u8);

    /// Lays the document out on pages of its own.
    fn lay_out(&self) -> Vec<Page> {
        let mut flow = Flow::new(self.title());
        self.write(&mut flow, 1);
        flow.finish()
    }

    /// Writes the document as a file; the same document gives the same bytes.
    fn to_pdf(&self, created: Option<NaiveDateTime>) -> Vec<u8> {
        let title = Printable::spelled(Font::Sans, self.title());
        pdf::render(&self.lay_out(), &pdf::About { title, created })
    }
}

/// Writes a day as people of the country do: `April 2, 2026`.
fn day(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// Writes a day where room is short: `04/02/2026`.
fn short_day(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

/// Writes an amount with its currency, and a comma before each three digits.
fn dollars(amount: Money) -> String {
    let cents = amount.cents().unsigned_abs();
    let digits = (cents / 100).to_string();
    let mut whole = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    let sign = if amount.is_negative() { "-" } else { "" };
    format!("{sign}${whole}.{:02}", cents % 100)
}

#[cfg(test)]
mod tests {
    use super::{Money, dollars};

    #[test]
    fn amounts_are_written_in_dollars() {
        let written = [0, 5, -250, 99_999, 100_000, -123_456_789].map(|cents| dollars(Money::from_cents(cents)));
        assert_eq!(written, ["$0.00", "$0.05", "-$2.50", "$999.99", "$1,000.00", "-$1,234,567.89"]);
    }
}
