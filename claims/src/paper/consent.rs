//! A consent as it was signed: the text, who signed it, when and how.

use chrono::{DateTime, NaiveDate, Utc};

use super::letterhead::{Letterhead, Subject};
use super::{Paper, day};
use crate::page::flow::Flow;

/// A consent to telehealth or to anything else.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// What is consented to, such as `Consent to telehealth`.
    pub title: String,
    /// The text that was shown.
    pub text: String,
    /// Name and version of the text.
    pub version: String,
    /// SHA-256 of the text, in hex.
    pub digest: String,
    /// The name as it was signed.
    pub signed_by: String,
    /// What the signer is to the client, such as `parent`.
    pub signed_as: String,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// How, by what and from where: names and values.
    pub evidence: Vec<(&'static str, String)>,
    /// The last day it holds, if it ends by itself.
    pub until: Option<NaiveDate>,
}

impl Paper for Consent {
    fn title(&self) -> &str {
        &self.title
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, &self.title);
        self.practice.write(flow);
        flow.pairs(&self.client.pairs());
        flow.paragraph(&self.text);
        flow.rule();
        let mut pairs = vec![
            ("Signed", self.signed_by.clone()),
            ("As", self.signed_as.clone()),
            ("On", self.signed_at.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ];
        pairs.extend(self.evidence.iter().cloned());
        pairs.extend(self.until.map(|until| ("Holds until", day(until))));
        pairs.push(("Text", self.version.clone()));
        pairs.push(("SHA-256 of the text", self.digest.clone()));
        flow.pairs(&pairs);
    }
}
