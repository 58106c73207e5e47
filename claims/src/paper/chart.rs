//! The chart export: a cover and every document of a client, one after the other.

use chrono::NaiveDate;

use super::letterhead::{Letterhead, Subject};
use super::{Paper, day};
use crate::page::flow::Flow;

/// A client's chart, or the part of it that was asked for.
pub struct Chart<'a> {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// What was asked for, such as `whole chart` or a period.
    pub extent: String,
    /// Who asked for it.
    pub requested_by: String,
    /// The day of the export.
    pub on: NaiveDate,
    /// The documents, in order.
    pub documents: Vec<&'a dyn Paper>,
}

impl std::fmt::Debug for Chart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chart({} documents)", self.documents.len())
    }
}

impl Paper for Chart<'_> {
    fn title(&self) -> &'static str {
        "Chart"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        let mut pairs = self.client.pairs();
        pairs.push(("Extent", self.extent.clone()));
        pairs.push(("Requested by", self.requested_by.clone()));
        pairs.push(("Exported on", day(self.on)));
        pairs.push(("Documents", self.documents.len().to_string()));
        flow.pairs(&pairs);
        for document in &self.documents {
            flow.page_break();
            document.write(flow, depth);
        }
    }
}
