//! The remittance summary: an 835 as people read it.

use std::collections::BTreeMap;

use mentalspace_core::Money;

use super::{Paper, dollars, short_day};
use crate::code_list::{CodeLists, ListId};
use crate::page::flow::{Column, Flow};
use crate::transaction::r835::Remittance;
use crate::transaction::r835::view::{AdjustmentView, ClaimView, LineView, PaymentView};

/// A payment with its claims, lines and reasons.
#[derive(Debug)]
pub struct RemittanceSummary {
    payment: PaymentView,
    /// The words of the reasons that occur, as far as `lists` had any.
    words: BTreeMap<String, String>,
}

impl RemittanceSummary {
    /// Summarises a payment; `lists` may hold a customer's licensed words for the reasons.
    #[must_use]
    pub fn new(remittance: &Remittance, lists: &CodeLists) -> Self {
        let payment = PaymentView::from(remittance);
        let list = lists.get(ListId::AdjustmentReason);
        let claims = payment.claims.iter().flat_map(|claim| &claim.adjustments);
        let lines = payment.claims.iter().flat_map(|claim| &claim.lines).flat_map(|line| &line.adjustments);
        let words = claims
            .chain(lines)
            .filter_map(|a| Some((a.reason.clone(), list?.description(a.reason.as_bytes())?.to_owned())))
            .collect();
        Self { payment, words }
    }
}

impl Paper for RemittanceSummary {
    fn title(&self) -> &'static str {
        "Remittance"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        let payment = &self.payment;
        flow.heading(depth, self.title());
        flow.pairs(&[
            ("From", format!("{} ({})", payment.payer.name, payment.payer.id)),
            ("To", format!("{} ({})", payment.payee.name, payment.payee.id)),
            ("Amount", dollars(payment.amount)),
            ("By", payment.method.clone()),
            ("Date", payment.date.map_or_else(String::new, short_day)),
            ("Trace", payment.trace.clone().unwrap_or_default()),
        ]);
        for claim in &payment.claims {
            self.claim(flow, depth + 1, claim);
        }
        if payment.provider_adjustments.is_empty() {
            return;
        }
        flow.heading(depth + 1, "Adjustments of the whole payment");
        let columns = [Column::words("Reason", 20), Column::words("Reference", 50), Column::amounts("Amount", 30)];
        let rows: Vec<Vec<String>> = payment
            .provider_adjustments
            .iter()
            .map(|plb| vec![plb.reason.clone(), plb.reference.clone(), dollars(plb.amount)])
            .collect();
        flow.table(&columns, &rows, 0);
    }
}

impl RemittanceSummary {
    fn claim(&self, flow: &mut Flow, depth: u8, claim: &ClaimView) {
        flow.heading(depth, &format!("Claim {}", claim.patient_control_number));
        let mut pairs = vec![
            ("Payer's number", claim.payer_control_number.clone()),
            ("Status", claim.status.clone()),
            ("Charged", dollars(claim.charge)),
            ("Paid", dollars(claim.paid)),
        ];
        pairs.extend(claim.patient_responsibility.map(|amount| ("Client's share", dollars(amount))));
        if !claim.adjustments.is_empty() {
            pairs.push(("Adjusted", self.reasons(&claim.adjustments)));
        }
        if !claim.remarks.is_empty() {
            pairs.push(("Remarks", claim.remarks.join(" ")));
        }
        flow.pairs(&pairs);
        if claim.lines.is_empty() {
            return;
        }
        let columns = [
            Column::words("Date", 16),
            Column::words("Service", 16),
            Column::amounts("Charged", 15),
            Column::amounts("Paid", 15),
            Column::words("Adjusted", 48),
        ];
        let mut rows: Vec<Vec<String>> = claim.lines.iter().map(|line| self.row(line)).collect();
        let sum = |of: fn(&LineView) -> Money| dollars(claim.lines.iter().map(of).sum());
        let total =
            vec![String::new(), "Total".to_owned(), sum(|line| line.charge), sum(|line| line.paid), String::new()];
        rows.push(total);
        flow.table(&columns, &rows, 1);
    }

    fn row(&self, line: &LineView) -> Vec<String> {
        let service = std::iter::once(&line.procedure).chain(&line.modifiers).cloned().collect::<Vec<_>>().join(" ");
        let mut why = self.reasons(&line.adjustments);
        if !line.remarks.is_empty() {
            why.push_str(&format!("\n{}", line.remarks.join(" ")));
        }
        vec![line.date.map_or_else(String::new, short_day), service, dollars(line.charge), dollars(line.paid), why]
    }

    /// Names each reason by group, code and words, where there are any.
    fn reasons(&self, adjustments: &[AdjustmentView]) -> String {
        let told = adjustments.iter().map(|adjustment| {
            let wording = self.words.get(&adjustment.reason).map_or_else(String::new, |words| format!(" {words}"));
            format!("{}-{} {}{wording}", adjustment.group, adjustment.reason, dollars(adjustment.amount))
        });
        told.collect::<Vec<_>>().join("\n")
    }
}
