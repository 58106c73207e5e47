//! How an 835 pays: method, accounts and trace.

use super::super::catalogue::declare;
use super::super::fields::{Fields, is_digits, mark};
use super::super::finding::Findings;
use crate::guide::Placed;

declare! {
    NEGATIVE = error "payment-negative" Situation Element("I12");
        "the payment is below zero";
        "carry what is owed to the payer forward with PLB reason FB";
    ACCOUNT = error "payment-account-missing" Situation Element("I9");
        "an electronic payment lacks a number of the bank, the account or the company it comes from or goes to";
        "send BPR06 to BPR10 and BPR12 to BPR15 with ACH, BOP and FWT, and BPR05 with ACH";
    ROUTING = warning "routing-number-check-digit" Code Element("7");
        "the check digit of a bank's routing number is wrong";
        "compare the routing number with the bank's";
    NO_PAYMENT = warning "payment-method-none" Situation Element("I12");
        "an amount is paid by the method that pays nothing";
        "send the method of the payment, or zero";
    COMPANY = warning "trace-company" Situation Element("I12");
        "the company of the trace is not the company of the payment";
        "send the same number in TRN03 and BPR10";
    COMPANY_SHAPE = warning "trace-company-shape" Code Element("I12");
        "the company of the trace is not a digit and nine digits of a tax number";
        "send 1 and the payer's nine-digit tax number";
}

/// What the trace is compared with.
#[derive(Debug, Default)]
pub(super) struct Payment {
    company: Option<u64>,
}

impl Payment {
    pub(super) fn financial(&mut self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        let amount = f.cents(2);
        if amount.is_some_and(|amount| amount < 0) {
            out.at(&NEGATIVE, placed).element(2).data_element(782);
        }
        self.company = f.has(10).then(|| mark(f.at(10)));
        let method = f.at(4);
        if method == b"NON" && amount.is_some_and(|amount| amount != 0) {
            out.at(&NO_PAYMENT, placed).element(4).data_element(591);
        }
        if !matches!(method, b"ACH" | b"BOP" | b"FWT") {
            return;
        }
        let first = if method == b"ACH" { 5 } else { 6 };
        if let Some(missing) = (first..=15).find(|at| *at != 11 && !f.has(*at)) {
            out.at(&ACCOUNT, placed).element(u8::try_from(missing).unwrap_or(6));
        }
        for at in [7, 13] {
            if f.at(at - 1) == b"01" && f.has(at) && !is_routing_number(f.at(at)) {
                out.at(&ROUTING, placed).element(u8::try_from(at).unwrap_or(7)).data_element(507);
            }
        }
    }

    pub(super) fn trace(&self, placed: &Placed<'_>, f: &Fields<'_>, out: &mut Findings) {
        if f.has(3) && !is_digits(f.at(3), 10) {
            out.at(&COMPANY_SHAPE, placed).element(3).data_element(509);
        }
        if self.company.is_some_and(|company| f.has(3) && company != mark(f.at(3))) {
            out.at(&COMPANY, placed).element(3).data_element(509);
        }
    }
}

/// Nine digits whose sum, weighed 3, 7, 1, ends in zero.
fn is_routing_number(text: &[u8]) -> bool {
    let sum: u32 =
        text.iter().zip([3, 7, 1].into_iter().cycle()).map(|(d, w)| u32::from(d.wrapping_sub(b'0')) * w).sum();
    is_digits(text, 9) && sum.is_multiple_of(10)
}
