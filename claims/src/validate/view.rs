//! A report as other software reads it: one object for each file.

use serde::Serialize;

use super::{
    finding::Finding,
    report::{Report, SetReport, Verdict},
    rule::{Severity, Snip},
};
use crate::guide::{Guide, GuideKind};

/// What a validation found, by file. Serialised it names places, rules and kinds, never content.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FileView {
    /// The file's name, as it was given.
    pub file: String,
    /// Whether nothing was found that is an error.
    pub valid: bool,
    /// The sets.
    pub transactions: Vec<TransactionView>,
    /// Findings, in the order of the file.
    pub findings: Vec<FindingView>,
    /// Findings beyond those that are listed.
    pub omitted: u64,
}

/// A set.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct TransactionView {
    /// Such as `837P`.
    #[serde(rename = "type")]
    pub kind: TransactionKind,
    /// ST03, or GS08 where the set names no guide itself.
    pub version: String,
    /// ST02.
    pub st: String,
    /// GS06.
    pub group: Option<String>,
    /// ISA13.
    pub interchange: Option<String>,
    /// Claims, claim payments or inquiries.
    pub claims: u64,
    /// Segments, ST and SE included.
    pub segments: u64,
    /// What to answer.
    pub verdict: Verdict,
}

/// What a set is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TransactionKind {
    /// A transaction that has a guide here.
    Known(GuideKind),
    /// Another one, by ST01.
    Other(String),
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FindingView {
    /// Weight.
    pub severity: Severity,
    /// SNIP type, 1 to 7.
    pub snip: Snip,
    /// Stable id of the rule.
    pub rule: String,
    /// ST02 of the set, when in one.
    pub st: Option<String>,
    /// Loop of the guide, when in one.
    #[serde(rename = "loop")]
    pub loop_id: Option<String>,
    /// Segment id.
    pub segment: Option<String>,
    /// Number of the segment in the file, from 1.
    pub index: u64,
    /// Number of the segment in its set, where ST is 1; none outside of a set.
    pub index_in_set: Option<u32>,
    /// Byte of the file where the segment begins.
    pub offset: u64,
    /// The element as the guide names it, such as `SV101-2`, when it is about one.
    pub element: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub fix: String,
}

impl FileView {
    /// Shows `report` as that of `file`.
    #[must_use]
    pub fn new(file: impl Into<String>, report: &Report) -> Self {
        let mut findings: Vec<_> = report.findings.iter().map(|finding| FindingView::new(finding, report)).collect();
        findings.sort_by_key(|finding| finding.index);
        Self {
            file: file.into(),
            valid: report.is_valid(),
            transactions: report.sets.iter().map(|set| TransactionView::new(set, report)).collect(),
            findings,
            omitted: report.omitted,
        }
    }
}

impl TransactionView {
    fn new(set: &SetReport, report: &Report) -> Self {
        let group = set.group.and_then(|group| report.groups.get(group));
        let interchange = group.and_then(|group| report.interchanges.get(group.interchange?));
        let guide = Guide::for_set(&set.header.code, &set.header.guide);
        Self {
            kind: guide.map_or_else(
                || TransactionKind::Other(set.header.code.clone()),
                |guide| TransactionKind::Known(guide.kind),
            ),
            version: set.header.guide.clone(),
            st: set.header.control.clone(),
            group: group.and_then(|group| group.header.as_ref()).map(|header| header.control.clone()),
            interchange: interchange.and_then(|one| one.header.as_ref()).map(|header| header.control.clone()),
            claims: set.claims,
            segments: set.segments,
            verdict: set.verdict,
        }
    }
}

impl FindingView {
    fn new(finding: &Finding, report: &Report) -> Self {
        let Finding { rule, position, segment, .. } = finding;
        let segment = Some(segment.as_str()).filter(|id| !id.is_empty()).map(str::to_owned);
        Self {
            severity: finding.severity,
            snip: rule.snip,
            rule: rule.id.to_owned(),
            st: finding.set.and_then(|set| report.sets.get(set)).map(|set| set.header.control.clone()),
            loop_id: Some(finding.loop_id).filter(|id| !id.is_empty()).map(str::to_owned),
            segment,
            index: position.segment,
            index_in_set: Some(position.in_set).filter(|number| *number > 0),
            offset: position.offset,
            element: finding.designator(),
            message: finding.message(),
            fix: rule.fix.to_owned(),
        }
    }
}
