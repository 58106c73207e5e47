//! Whether a remittance adds up, at line, claim and transaction (005010X221A1 §1.10.2).

use mentalspace_core::Money;

use super::model::{ClaimPayment, ReasonedAmount, Remittance};
use crate::x12::Position;

/// Where something does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A service line (2110).
    Line,
    /// A claim (2100).
    Claim,
    /// The payment as a whole.
    Transaction,
}

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BalanceRule {
    /// SVC02 less the line's adjustments is SVC03.
    LinePaid,
    /// CLP03 less all adjustments of the claim is CLP04.
    ClaimPaid,
    /// Where lines are sent, their charges are CLP03.
    ClaimCharge,
    /// The claims' payments less the provider adjustments are BPR02.
    Payment,
}

/// A sum that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Imbalance {
    /// The level.
    pub level: Level,
    /// The rule.
    pub rule: BalanceRule,
    /// CLP01, below the transaction.
    pub claim_control_number: Option<String>,
    /// The claim's place in the remittance, counted from 0, below the transaction.
    pub claim_index: Option<usize>,
    /// The line's place in the claim, counted from 0, for a line.
    pub line_index: Option<usize>,
    /// What the parts add up to.
    pub expected: Money,
    /// What is stated.
    pub found: Money,
    /// The segment that states it.
    pub position: Position,
}

impl Imbalance {
    /// Returns what is stated less what the parts add up to.
    #[must_use]
    pub fn difference(&self) -> Money {
        self.found - self.expected
    }
}

/// Checks all sums of `remittance`; nothing is returned when it balances to the cent.
#[must_use]
pub fn balance(remittance: &Remittance) -> Vec<Imbalance> {
    let mut found = Vec::new();
    for (index, claim) in remittance.claims.iter().enumerate() {
        check_claim(index, claim, &mut found);
    }
    let paid: i128 = remittance.claims.iter().map(|claim| cents(claim.paid)).sum();
    let withheld: i128 = remittance.provider_adjustments.iter().map(|plb| cents(plb.amount)).sum();
    if paid - withheld != cents(remittance.amount) {
        found.push(Imbalance {
            level: Level::Transaction,
            rule: BalanceRule::Payment,
            claim_control_number: None,
            claim_index: None,
            line_index: None,
            expected: money(paid - withheld),
            found: remittance.amount,
            position: remittance.position,
        });
    }
    found
}

fn check_claim(index: usize, claim: &ClaimPayment, found: &mut Vec<Imbalance>) {
    let mut unless_equal = |level, rule, line_index, expected: i128, stated: Money, position| {
        if expected != cents(stated) {
            found.push(Imbalance {
                level,
                rule,
                claim_control_number: Some(claim.control_number.to_string()),
                claim_index: Some(index),
                line_index,
                expected: money(expected),
                found: stated,
                position,
            });
        }
    };
    for (i, line) in claim.lines.iter().enumerate() {
        let expected = cents(line.charge) - total(&line.adjustments);
        unless_equal(Level::Line, BalanceRule::LinePaid, Some(i), expected, line.paid, line.position);
    }
    let lines: i128 = claim.lines.iter().map(|line| total(&line.adjustments)).sum();
    let expected = cents(claim.charge) - total(&claim.adjustments) - lines;
    unless_equal(Level::Claim, BalanceRule::ClaimPaid, None, expected, claim.paid, claim.position);
    if !claim.lines.is_empty() {
        let expected = claim.lines.iter().map(|line| cents(line.charge)).sum();
        unless_equal(Level::Claim, BalanceRule::ClaimCharge, None, expected, claim.charge, claim.position);
    }
}

/// Sums are wide enough for any file: no hostile amount makes two wrong totals look equal.
fn total(adjustments: &[ReasonedAmount]) -> i128 {
    adjustments.iter().map(|a| cents(a.amount)).sum()
}

fn cents(amount: Money) -> i128 {
    amount.cents().into()
}

fn money(cents: i128) -> Money {
    Money::from_cents(i64::try_from(cents).unwrap_or(if cents < 0 { i64::MIN } else { i64::MAX }))
}
