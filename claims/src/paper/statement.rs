//! The patient statement: what is due from the client, since when, and how to pay it.
//!
//! Invariants: money an insurer has not decided on is shown apart and never asked of the client; the ages add up to
//! what the services leave due; no diagnosis stands on it (45 CFR 164.502(b), minimum necessary).

use chrono::NaiveDate;
use mentalspace_core::{Address, Money, PersonName};
use qrcodegen::{QrCode, QrCodeEcc};

use super::letterhead::{self, Letterhead};
use super::{Paper, day, dollars, short_day};
use crate::page::Points;
use crate::page::flow::{Column, Flow};

/// A statement of account.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The practice.
    pub practice: Letterhead,
    /// Who is asked to pay.
    pub addressee: PersonName,
    /// Where the statement goes.
    pub address: Address,
    /// The practice's number for the client.
    pub account: String,
    /// The day of the statement.
    pub on: NaiveDate,
    /// The day by which payment is asked.
    pub due_by: NaiveDate,
    /// Services and what became of their charges, oldest first.
    pub lines: Vec<StatementLine>,
    /// Money received and not yet applied to a service.
    pub unapplied: Money,
    /// An agreement to pay in parts.
    pub plan: Option<PaymentPlan>,
    /// Where to pay online; an address without anything about the person, printed as a QR code too.
    pub pay_at: Option<String>,
}

/// A service on a statement.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// Day of service.
    pub date: NaiveDate,
    /// What it is called towards clients.
    pub what: String,
    /// Charge.
    pub charge: Money,
    /// Paid by insurers.
    pub insurance_paid: Money,
    /// Written off, by contract or otherwise.
    pub adjusted: Money,
    /// Paid by the client.
    pub client_paid: Money,
    /// With an insurer, undecided.
    pub pending: Money,
    /// Since when the rest is the client's to pay.
    pub due_since: NaiveDate,
}

impl StatementLine {
    /// Returns what is left for the client.
    #[must_use]
    pub fn due(&self) -> Money {
        self.charge - self.insurance_paid - self.adjusted - self.client_paid - self.pending
    }
}

/// An agreement to pay in parts.
#[derive(Debug, Clone)]
pub struct PaymentPlan {
    /// Each part.
    pub part: Money,
    /// How often, such as `monthly`.
    pub every: String,
    /// When the next part is due.
    pub next: NaiveDate,
}

/// How long money has been due, in days: 0 to 30, 31 to 60, 61 to 90, more. Credits count as current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ageing([Money; 4]);

impl Ageing {
    /// Sorts what is due by its age on a day.
    #[must_use]
    pub fn of(lines: &[StatementLine], on: NaiveDate) -> Self {
        let mut ages = Self::default();
        for line in lines {
            let bucket = match (on - line.due_since).num_days() {
                ..=30 => 0,
                31..=60 => 1,
                61..=90 => 2,
                _ => 3,
            };
            let due = line.due();
            let bucket = if due.is_negative() { 0 } else { bucket };
            ages.0[bucket] += due;
        }
        ages
    }

    /// Returns the amounts, youngest first.
    #[must_use]
    pub const fn amounts(&self) -> [Money; 4] {
        self.0
    }
}

impl Statement {
    /// Returns what the client is asked to pay; negative when the practice owes.
    #[must_use]
    pub fn due(&self) -> Money {
        self.lines.iter().map(StatementLine::due).sum::<Money>() - self.unapplied
    }

    fn window(&self, flow: &mut Flow) {
        let mut lines = vec![self.addressee.expose_full()];
        lines.extend(letterhead::address(&self.address));
        flow.gap(Points::whole(18));
        flow.block(&lines);
        flow.gap(Points::whole(18));
    }

    fn services(&self, flow: &mut Flow) {
        let columns = [
            Column::words("Date", 17),
            Column::words("Service", 26),
            Column::amounts("Charge", 14),
            Column::amounts("Insurer", 14),
            Column::amounts("Adjusted", 14),
            Column::amounts("You paid", 14),
            Column::amounts("Pending", 14),
            Column::amounts("You owe", 14),
        ];
        let amounts = |line: &StatementLine| {
            [line.charge, line.insurance_paid, line.adjusted, line.client_paid, line.pending, line.due()]
        };
        let mut sums = [Money::default(); 6];
        let mut rows = Vec::with_capacity(self.lines.len() + 2);
        for line in &self.lines {
            let amounts = amounts(line);
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum += amount;
            }
            rows.push([vec![short_day(line.date), line.what.clone()], amounts.map(dollars).to_vec()].concat());
        }
        rows.push([vec![String::new(), "Total".to_owned()], sums.map(dollars).to_vec()].concat());
        flow.table(&columns, &rows, 1);
        if sums[4] != Money::default() {
            flow.small("Pending amounts are with your insurer. Nothing is asked of you for them until it has decided.");
        }
    }

    fn slip(&self, flow: &mut Flow) {
        flow.require(Points::whole(150));
        flow.cut();
        if let Some(code) = self.pay_at.as_ref().and_then(|at| QrCode::encode_text(at, QrCodeEcc::Medium).ok()) {
            let size = usize::try_from(code.size()).unwrap_or(0);
            flow.modules(Points::whole(84), size, |x, y| match (i32::try_from(x), i32::try_from(y)) {
                (Ok(x), Ok(y)) => code.get_module(x, y),
                _ => false,
            });
        }
        flow.strong("Please return this part with your payment");
        let mut pairs = vec![
            ("Account", self.account.clone()),
            ("Statement of", short_day(self.on)),
            ("Amount due", dollars(self.due())),
            ("Amount enclosed", "$ ____________".to_owned()),
        ];
        pairs.push(("Payable to", self.practice.name.clone()));
        flow.pairs(&pairs);
    }
}

impl Paper for Statement {
    fn title(&self) -> &'static str {
        "Statement of account"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        self.practice.write(flow);
        self.window(flow);
        flow.heading(depth, self.title());
        let due = self.due();
        let mut pairs = vec![("Account", self.account.clone()), ("Date", day(self.on))];
        if due.is_negative() {
            pairs.push(("Your credit", dollars(due.abs())));
        } else {
            pairs.push(("Amount due", dollars(due)));
            pairs.push(("Please pay by", day(self.due_by)));
        }
        if !self.unapplied.is_zero() {
            pairs.push(("Received, not yet applied", dollars(self.unapplied)));
        }
        pairs.extend(self.pay_at.as_ref().map(|at| ("Pay online", at.clone())));
        flow.pairs(&pairs);
        flow.heading(depth + 1, "Services");
        self.services(flow);
        flow.heading(depth + 1, "How long it has been due");
        let titles = ["Up to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days"];
        let ages = Ageing::of(&self.lines, self.on).amounts().map(dollars).to_vec();
        flow.table(&titles.map(|title| Column::amounts(title, 1)), &[ages], 0);
        if let Some(plan) = &self.plan {
            flow.heading(depth + 1, "Your payment plan");
            let next = day(plan.next);
            flow.paragraph(&format!("{} {}. The next part is due on {next}.", dollars(plan.part), plan.every));
        }
        if !due.is_negative() {
            self.slip(flow);
        }
    }
}
