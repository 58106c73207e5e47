//! The authorization to release information, to be signed (45 CFR 164.508(c), 42 CFR 2.31).

use chrono::NaiveDate;

use super::letterhead::{Letterhead, Subject};
use super::{Paper, day};
use crate::page::flow::Flow;

/// An authorization.
#[derive(Debug, Clone)]
pub struct Release {
    /// The practice, which discloses.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// What may be disclosed, specifically.
    pub information: String,
    /// Who receives it: name and address, as far as known.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// The day it ends, if it ends on a day.
    pub expires: Option<NaiveDate>,
    /// The event with which it ends, if it ends with one.
    pub ends_with: Option<String>,
    /// Whether it covers records of treatment for substance use.
    pub substance_use: bool,
    /// Whether it covers psychotherapy notes, which then stand alone on it (45 CFR 164.508(b)(3)(ii)).
    pub psychotherapy_notes: bool,
}

impl Paper for Release {
    fn title(&self) -> &'static str {
        "Authorization to release information"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        flow.pairs(&self.client.pairs());
        let ends = match (self.expires, &self.ends_with) {
            (Some(on), Some(event)) => format!("{}, or with this event if it is earlier: {event}", day(on)),
            (Some(on), None) => day(on),
            (None, Some(event)) => event.clone(),
            (None, None) => "____________________".to_owned(),
        };
        let mut pairs = vec![
            ("Disclosed by", self.practice.name.clone()),
            ("Disclosed to", self.recipient.clone()),
            ("What", self.information.clone()),
            ("Purpose", self.purpose.clone()),
            ("Ends", ends),
        ];
        if self.psychotherapy_notes {
            pairs.push(("Notes", "This authorization is for psychotherapy notes and for nothing else.".to_owned()));
        }
        flow.pairs(&pairs);
        flow.heading(depth + 1, "Your rights");
        for words in RIGHTS {
            flow.paragraph(words);
        }
        if self.substance_use {
            flow.heading(depth + 1, "Records of treatment for substance use");
            flow.paragraph(SUBSTANCE_USE);
        }
        flow.signature("Signature of the client or personal representative");
        flow.signature("Name and authority of the representative, if one signs");
    }
}

/// What an authorization has to say (45 CFR 164.508(c)(2)), in our words.
const RIGHTS: [&str; 3] = [
    "You may revoke this authorization at any time by writing to the practice. What was disclosed before that cannot be called back.",
    "Your treatment, payment, enrolment and benefits do not depend on whether you sign.",
    "Who receives the information may not be bound by the same rules and could pass it on.",
];

/// What goes with records under 42 CFR Part 2, in our words.
const SUBSTANCE_USE: &str = "Federal rules (42 CFR Part 2) protect these records. They may be used and passed on only as this consent or those rules permit, and not in civil, criminal, administrative or legislative proceedings against you without your consent or a court order. A copy of this consent, or an explanation of its scope, goes with each disclosure.";
