//! The treatment plan.

use chrono::NaiveDate;
use mentalspace_core::Icd10Cm;

use super::letterhead::{Letterhead, Subject};
use super::note::{Signature, signatures};
use super::{Paper, day};
use crate::page::flow::Flow;

/// A treatment plan.
#[derive(Debug, Clone)]
pub struct TreatmentPlan {
    /// The practice.
    pub practice: Letterhead,
    /// The client.
    pub client: Subject,
    /// Diagnoses, the leading one first.
    pub diagnoses: Vec<Icd10Cm>,
    /// What brings the client, in words.
    pub problem: String,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// Kind and frequency of treatment.
    pub treatment: String,
    /// The day it begins.
    pub from: NaiveDate,
    /// The day by which it is reviewed.
    pub review_by: NaiveDate,
    /// Who signed; lines to sign are left where nobody did.
    pub signatures: Vec<Signature>,
}

/// A goal and the steps to it.
#[derive(Debug, Clone)]
pub struct Goal {
    /// What is to be reached.
    pub goal: String,
    /// Measurable steps, each with the day by which it is expected.
    pub objectives: Vec<(String, Option<NaiveDate>)>,
    /// What is done for it.
    pub interventions: Vec<String>,
}

impl Paper for TreatmentPlan {
    fn title(&self) -> &'static str {
        "Treatment plan"
    }

    fn write(&self, flow: &mut Flow, depth: u8) {
        flow.heading(depth, self.title());
        self.practice.write(flow);
        let mut pairs = self.client.pairs();
        let diagnoses: Vec<String> = self.diagnoses.iter().map(ToString::to_string).collect();
        pairs.push(("Diagnoses (ICD-10-CM)", diagnoses.join(", ")));
        pairs.push(("From", day(self.from)));
        pairs.push(("Review by", day(self.review_by)));
        flow.pairs(&pairs);
        flow.heading(depth + 1, "Problem");
        flow.paragraph(&self.problem);
        for (number, goal) in (1..).zip(&self.goals) {
            flow.heading(depth + 1, &format!("Goal {number}"));
            flow.paragraph(&goal.goal);
            for (step, (objective, by)) in (1..).zip(&goal.objectives) {
                let by = by.map_or_else(String::new, |by| format!(" (by {})", day(by)));
                flow.paragraph(&format!("{number}.{step}  {objective}{by}"));
            }
            for intervention in &goal.interventions {
                flow.paragraph(&format!("•  {intervention}"));
            }
        }
        flow.heading(depth + 1, "Treatment");
        flow.paragraph(&self.treatment);
        signatures(flow, &self.signatures);
        if self.signatures.is_empty() {
            flow.signature("Signature of the client or guardian");
            flow.signature("Signature of the clinician");
        }
    }
}
