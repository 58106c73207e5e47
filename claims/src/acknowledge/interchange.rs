//! From a report to a TA1.

use super::code::copy;
use super::{Reply, Warnings};
use crate::transaction::interchange_acknowledgement::InterchangeAcknowledgement;
use crate::validate::{Ack, Finding, InterchangeReport, Report, Severity, Verdict};

/// Answers the interchange at `index` of the report, where its sender wants an answer or it is rejected.
#[must_use]
pub fn interchange(report: &Report, index: usize, reply: &Reply) -> Option<InterchangeAcknowledgement> {
    let answered = report.interchanges.get(index)?;
    if !answered.wants_ta1 && !is_rejected(answered) {
        return None;
    }
    let header = answered.header.as_ref()?;
    let told = |finding: &&Finding| {
        let weight = match reply.warnings {
            Warnings::Told => Severity::Warning,
            Warnings::Silent => Severity::Error,
        };
        finding.interchange == Some(index) && finding.severity >= weight
    };
    let notes = report.findings.iter().filter(told).filter_map(|finding| match finding.rule.ack {
        Ack::Interchange(code) => Some((finding.severity, code)),
        _ => None,
    });
    // The gravest comes first, then the first.
    let note = notes.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
    let (action, note) = match (answered.verdict, note) {
        (Verdict::Rejected | Verdict::Partly, Some((_, code))) => ("R", code),
        // An answer that rejects names a reason.
        (Verdict::Rejected | Verdict::Partly, None) => ("R", "024"),
        (Verdict::AcceptedWithErrors | Verdict::Accepted, Some((Severity::Warning, code))) => ("E", code),
        (Verdict::AcceptedWithErrors | Verdict::Accepted, _) => ("A", "000"),
    };
    let digits = |text: &str, width: usize, otherwise: String| {
        let fine = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
        if fine { copy(text, width, &reply.delimiters) } else { otherwise.into() }
    };
    Some(InterchangeAcknowledgement {
        control: digits(&header.control, 9, "000000000".to_owned()),
        date: digits(&header.date, 6, reply.at.format("%y%m%d").to_string()),
        time: digits(&header.time, 4, reply.at.format("%H%M").to_string()),
        action: action.into(),
        note: note.into(),
        ..InterchangeAcknowledgement::default()
    })
}

/// Whether nothing of the interchange is taken.
pub(super) fn is_rejected(answered: &InterchangeReport) -> bool {
    answered.verdict == Verdict::Rejected
}
