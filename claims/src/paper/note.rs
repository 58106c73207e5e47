//! A note as it was signed.

use chrono::{DateTime, NaiveDate, Utc};

use super::letterhead::{Letterhead, Subject};
use super::{Paper, day};
use crate::page::flow::Flow;

/// A signed note.
#[derive(Debug, Clone)]
pub struct SignedNote {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// Its kind, such as `Progress note`.
    pub kind: String,
    /// Day of service.
    pub date: NaiveDate,
    /// When and where, who was there and what was billed: names and values.
    pub session: Vec<(&'static str, String)>,
    /// Headings and texts, in order.
    pub sections: Vec<(String, String)>,
    /// Who signed, in order.
    pub signatures: Vec<Signature>,
    /// Later amendments: when, by whom, what.
    pub amendments: Vec<(Signature, String)>,
}

/// A signature.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Name and credentials.
    pub name: String,
    /// As what, such as `author` or `supervisor`.
    pub role: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Signature {
    fn sentence(&self) -> String {
        format!("{}, {}, on {}", self.name, self.role, self.at.format("%Y-%m-%d %H:%M:%S UTC"))
    }
}

pub(super) fn signatures(flow: &mut Flow, signatures: &[Signature]) {
    if signatures.is_empty() {
        return;
    }
    flow.rule();
    let lines: Vec<(&str, String)> = signatures.iter().map(|signature| ("Signed", signature.sentence())).collect();
    flow.pairs(&lines);
}

impl Paper for SignedNote {
    fn title(&self) -> &str {
        &self.kind
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, &format!("{}, {}", self.kind, day(self.date)));
        self.practice.write(flow);
        let mut pairs = self.client.pairs();
        pairs.extend(self.session.iter().cloned());
        flow.pairs(&pairs);
        for (heading, text) in &self.sections {
            flow.heading(depth + 1, heading);
            flow.paragraph(text);
        }
        signatures(flow, &self.signatures);
        for (by, text) in &self.amendments {
            flow.heading(depth + 1, "Amendment");
            flow.paragraph(text);
            flow.small(&by.sentence());
        }
    }
}
