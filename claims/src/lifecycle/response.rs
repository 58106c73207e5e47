//! What answers say about claims: TA1, 999 (X231A1), 997, 277CA (X214) and 277 (X212).

use serde::{Deserialize, Serialize};

use super::{ClaimEvent, ClaimStatus, TransitionError};
use crate::transaction::claim_acknowledgement::ClaimAcknowledgement;
use crate::transaction::claim_status::{self, Outcome, Status, StatusClaim, StatusCode};
use crate::transaction::document::{Document, Transaction};
use crate::transaction::implementation_acknowledgement::{
    Context, ImplementationAcknowledgement, SegmentAnswer, SetAnswer,
};
use crate::transaction::interchange_acknowledgement::InterchangeAcknowledgement;
use crate::transaction::part::{Name, Text, Whole};

/// What an answer is about, by the numbers its sender got from us.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum About {
    /// All claims of an interchange (ISA13).
    Interchange {
        /// ISA13.
        control: Text,
    },
    /// All claims of a group (GS06).
    Group {
        /// GS06.
        control: Text,
    },
    /// All claims of a set (GS06, ST02).
    Set {
        /// GS06.
        group: Text,
        /// ST02.
        control: Text,
    },
    /// All claims of a batch (BHT03), or those of one billing provider in it.
    Batch {
        /// BHT03.
        reference: Text,
        /// The provider's number (NM109), when it is about one.
        provider: Option<Text>,
    },
    /// One claim (CLM01).
    Claim {
        /// CLM01.
        number: Text,
    },
}

/// What somebody has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Work {
    /// The file could not be used as a whole: mend its envelope and send it again.
    ResendFile,
    /// The claim is wrong: correct it and send it new.
    CorrectClaim,
    /// Another claim of the same set is wrong, and all were rejected with it: send this one again as it is.
    SendAgain,
    /// The payer does not know the claim: see whether it went to the right one.
    FindClaim,
    /// The payer asks for records.
    SendInformation,
    /// It is decided: see to it that the remittance comes.
    AwaitRemittance,
    /// It is denied: see whether to appeal.
    ReviewDenial,
    /// The answer itself went wrong: ask again.
    AskAgain,
}

/// Why, as far as the answer tells.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Reason {
    /// TA105, AK905, IK502, IK304 or IK403; empty where a status says it.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub code: Text,
    /// Category, code and entity of a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusCode>,
    /// The claim that is wrong (CTX CLM01), where the answer to a set names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Text>,
    /// Segment id.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub segment: Text,
    /// Place of the segment in its set.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub position: Text,
    /// Loop.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub loop_id: Text,
    /// Element, component and repetition, such as `5:1`.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub element: Text,
    /// Our number of the service line, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Text>,
}

/// What one answer says about an interchange, a group, a set, a batch or a claim.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// What it is about.
    pub about: About,
    /// What happens to the claims; `None` when nothing does yet.
    pub event: Option<ClaimEvent>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What somebody has to do.
    pub work: Option<Work>,
    /// The payer's number of the claim (REF*1K), when it gave one.
    pub payer_claim_number: Option<Text>,
}

/// Where a claim of ours went, by the numbers we gave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sent<'a> {
    /// ISA13.
    pub interchange: &'a str,
    /// GS06.
    pub group: &'a str,
    /// ST02.
    pub set: &'a str,
    /// BHT03.
    pub batch: &'a str,
    /// NM109 of the billing provider.
    pub provider: &'a str,
    /// CLM01.
    pub claim: &'a str,
}

/// What an answer does to one claim.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Answer {
    /// What happens to it; `None` when nothing does yet.
    pub event: Option<ClaimEvent>,
    /// Why, as far as this claim is meant.
    pub reasons: Vec<Reason>,
    /// What somebody has to do.
    pub work: Option<Work>,
}

crate::text::silent_debug!(About, Reason, Response, Answer);

impl std::fmt::Debug for Sent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent(…)")
    }
}

impl Answer {
    /// Returns the state of a claim after the answer. A late good word changes nothing about what was decided since,
    /// nor does a second rejection.
    ///
    /// # Errors
    /// The answer contradicts the state, such as a rejection of a claim that is paid.
    pub fn applied_to(&self, status: ClaimStatus) -> Result<ClaimStatus, TransitionError> {
        use ClaimStatus::{Appealed, Denied, Paid, Rejected, Void};
        let Some(event) = self.event else { return Ok(status) };
        match (status, event) {
            (Rejected | Paid | Denied | Appealed | Void, ClaimEvent::Accept | ClaimEvent::Process)
            | (Rejected, ClaimEvent::Reject) => Ok(status),
            _ => status.after(event),
        }
    }
}

impl Response {
    /// Reads all answers of a file, in its order; transactions that are no answers are passed over.
    #[must_use]
    pub fn of_document(document: &Document) -> Vec<Self> {
        let mut all = Vec::new();
        for interchange in &document.interchanges {
            all.extend(interchange.acknowledgements.iter().filter_map(Self::of_interchange));
            for set in interchange.groups.iter().flat_map(|group| &group.sets) {
                match &set.transaction {
                    Transaction::ImplementationAcknowledgement(answer) => all.extend(Self::of_group(answer)),
                    Transaction::ClaimAcknowledgement(answer) => all.extend(Self::of_claims(answer)),
                    Transaction::ClaimStatusResponse(answer) => all.extend(Self::of_status(answer)),
                    _ => {}
                }
            }
        }
        all
    }

    /// Reads a TA1; `None` where it accepts, which says nothing about claims.
    #[must_use]
    pub fn of_interchange(answer: &InterchangeAcknowledgement) -> Option<Self> {
        let about = About::Interchange { control: answer.control.clone() };
        let reason = Reason { code: answer.note.clone(), ..Reason::default() };
        answer.is_rejection().then(|| Self::rejection(about, vec![reason], Work::ResendFile))
    }

    /// Reads a 999 or 997 that answers claims: one response for each set, or for the group where that is rejected as a
    /// whole and names none.
    #[must_use]
    pub fn of_group(answer: &ImplementationAcknowledgement) -> Vec<Self> {
        // Groups of inquiries have numbers of their own.
        if answer.group.code != "HC" {
            return Vec::new();
        }
        let group = &answer.group.control;
        if answer.sets.is_empty() && answer.verdict.is_accepted() == Some(false) {
            let reasons = answer.verdict.codes().map(|code| Reason { code: code.into(), ..Reason::default() });
            let about = About::Group { control: group.clone() };
            return vec![Self::rejection(about, reasons.collect(), Work::ResendFile)];
        }
        // A group that is rejected takes the sets with it that were accepted one by one.
        let all_rejected = answer.verdict.is_accepted() == Some(false);
        let responses = answer.sets.iter().map(|set| {
            let about = About::Set { group: group.clone(), control: set.set.control.clone() };
            let rejected = all_rejected || set.verdict.is_accepted() == Some(false);
            let mut reasons = reasons_of_set(set);
            if all_rejected {
                reasons.extend(answer.verdict.codes().map(|code| Reason { code: code.into(), ..Reason::default() }));
            }
            if rejected {
                let work = if set.segments.is_empty() { Work::ResendFile } else { Work::CorrectClaim };
                Self::rejection(about, reasons, work)
            } else {
                Self { about, event: None, reasons, work: None, payer_claim_number: None }
            }
        });
        responses.collect()
    }

    /// Reads a 277CA: one response for each claim, and for batches and providers that are rejected without naming any.
    #[must_use]
    pub fn of_claims(answer: &ClaimAcknowledgement) -> Vec<Self> {
        let mut all = Vec::new();
        for receiver in answer.sources.iter().flat_map(|source| &source.receivers) {
            let reference = receiver.traces.first().map(|trace| trace.number.clone()).unwrap_or_default();
            let batch = |provider| About::Batch { reference: reference.clone(), provider };
            if receiver.providers.is_empty() {
                all.extend(Self::of_statuses(batch(None), &receiver.statuses));
            }
            for provider in &receiver.providers {
                if provider.patients.is_empty() {
                    let number = number_of(&provider.names);
                    all.extend(Self::of_statuses(batch(number), &provider.statuses));
                }
                all.extend(provider.patients.iter().flat_map(|patient| &patient.claims).filter_map(Self::of_claim));
            }
        }
        all
    }

    /// Reads a 277 that answers a 276: one response for each claim. A claim is known by the number we gave it
    /// (REF*EJ), or else by the trace of the question.
    #[must_use]
    pub fn of_status(answer: &claim_status::ClaimStatus) -> Vec<Self> {
        let receivers = answer.sources.iter().flat_map(|source| &source.receivers);
        let subscribers = receivers.flat_map(|receiver| &receiver.providers).flat_map(|provider| &provider.subscribers);
        let patients = subscribers.flat_map(|s| std::iter::once(&s.patient).chain(&s.dependents));
        patients.flat_map(|patient| &patient.claims).filter_map(Self::of_claim).collect()
    }

    fn of_claim(claim: &StatusClaim) -> Option<Self> {
        let number = claim.reference("EJ").or_else(|| claim.number())?;
        let mut response = Self::of_statuses(About::Claim { number: number.into() }, &claim.statuses);
        if response.is_none() {
            let all: Vec<Status> = claim.lines.iter().flat_map(|line| line.statuses.iter().cloned()).collect();
            response = Self::of_statuses(About::Claim { number: number.into() }, &all).map(|response| Self {
                // The lines name themselves below.
                reasons: Vec::new(),
                ..response
            });
        }
        let mut response = response?;
        for line in &claim.lines {
            let own = line.references.iter().find(|r| r.qualifier == "FJ").map(|r| r.value.clone());
            let codes = line.statuses.iter().flat_map(Status::codes);
            response.reasons.extend(codes.map(|code| Reason { line: own.clone(), ..reason_of(code) }));
        }
        response.payer_claim_number = claim.reference("1K").map(Text::from);
        Some(response)
    }

    /// Reads statuses by their categories; `None` where none of them is known.
    fn of_statuses(about: About, statuses: &[Status]) -> Option<Self> {
        let outcome = statuses.iter().filter_map(Status::outcome).max()?;
        let reasons = statuses.iter().flat_map(Status::codes).map(reason_of).collect();
        let (event, work) = match outcome {
            Outcome::Received => (None, None),
            Outcome::Accepted => (Some(ClaimEvent::Accept), None),
            Outcome::Rejected => (Some(ClaimEvent::Reject), Some(Work::CorrectClaim)),
            Outcome::NotFound => (None, Some(Work::FindClaim)),
            Outcome::Pending => (Some(ClaimEvent::Process), None),
            Outcome::Requested => (Some(ClaimEvent::Process), Some(Work::SendInformation)),
            // What was paid is known when the remittance is posted, not before.
            Outcome::Decided | Outcome::Paid => (Some(ClaimEvent::Process), Some(Work::AwaitRemittance)),
            Outcome::Denied => (Some(ClaimEvent::Deny), Some(Work::ReviewDenial)),
            Outcome::Failed => (None, Some(Work::AskAgain)),
        };
        Some(Self { about, event, reasons, work, payer_claim_number: None })
    }

    const fn rejection(about: About, reasons: Vec<Reason>, work: Work) -> Self {
        Self { about, event: Some(ClaimEvent::Reject), reasons, work: Some(work), payer_claim_number: None }
    }

    /// Returns what the answer does to a claim of ours; `None` when it is not about it.
    #[must_use]
    pub fn answer_to(&self, sent: &Sent<'_>) -> Option<Answer> {
        let meant = match &self.about {
            About::Interchange { control } => same_number(control, sent.interchange),
            About::Group { control } => same_number(control, sent.group),
            About::Set { group, control } => same_number(group, sent.group) && same_number(control, sent.set),
            About::Batch { reference, provider } => {
                **reference == *sent.batch && provider.as_ref().is_none_or(|number| **number == *sent.provider)
            }
            // We may have sent it in capitals.
            About::Claim { number } => number.eq_ignore_ascii_case(sent.claim.trim()),
        };
        meant.then(|| self.of_sent(sent))
    }

    fn of_sent(&self, sent: &Sent<'_>) -> Answer {
        let own = |reason: &&Reason| reason.claim.as_ref().is_none_or(|claim| claim.eq_ignore_ascii_case(sent.claim));
        let reasons: Vec<Reason> = self.reasons.iter().filter(own).cloned().collect();
        // A set is rejected for the claims it names; those it does not name were only in bad company.
        let names_claims = self.reasons.iter().any(|reason| reason.claim.is_some());
        let is_named = reasons.iter().any(|reason| reason.claim.is_some());
        let has_own = reasons.iter().any(|reason| !reason.segment.is_empty());
        let innocent = self.event == Some(ClaimEvent::Reject) && names_claims && !is_named && !has_own;
        let work = if innocent { Some(Work::SendAgain) } else { self.work };
        Answer { event: self.event, reasons, work }
    }
}

fn reason_of(code: &StatusCode) -> Reason {
    Reason { status: Some(code.clone()), ..Reason::default() }
}

fn number_of(names: &[Name]) -> Option<Text> {
    names.first().map(|name| name.id.clone()).filter(|id| !id.is_empty())
}

/// The reasons a 999 or 997 gives for a set: each element that is wrong, else the segment, and what the set as a whole
/// is told but that some segment is wrong.
fn reasons_of_set(set: &SetAnswer) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = set.segments.iter().flat_map(reasons_of_segment).collect();
    let told = |code: &&str| !reasons.is_empty() && matches!(*code, "5" | "I5");
    let codes: Vec<&str> = set.verdict.codes().filter(|code| !told(code)).collect();
    reasons.extend(codes.into_iter().map(|code| Reason { code: code.into(), ..Reason::default() }));
    reasons
}

fn reasons_of_segment(answer: &SegmentAnswer) -> Vec<Reason> {
    let note = &answer.note;
    let reason = Reason {
        code: note.code.clone(),
        claim: answer.contexts.iter().find_map(claim_of),
        segment: note.segment.clone(),
        position: note.position.text(),
        loop_id: note.loop_id.clone(),
        ..Reason::default()
    };
    if answer.elements.is_empty() {
        return vec![reason];
    }
    let elements = answer.elements.iter().map(|wrong| {
        let place = &wrong.note.place;
        let parts = [&place.element, &place.component, &place.repetition];
        let used = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
        let element: Vec<&str> = parts[..used].iter().map(|part| part.as_str()).collect();
        Reason { code: wrong.note.code.clone(), element: element.join(":").into(), ..reason.clone() }
    });
    elements.collect()
}

/// The claim a context names.
fn claim_of(context: &Context) -> Option<Text> {
    match &context.name {
        Whole::Components(parts) if parts.first().is_some_and(|name| *name == "CLM01") => parts.get(1).cloned(),
        _ => None,
    }
}

/// Control numbers are numbers: `1` and `0001` are the same.
fn same_number(a: &str, b: &str) -> bool {
    let bare = |text: &str| text.trim().trim_start_matches('0').to_owned();
    !a.trim().is_empty() && bare(a) == bare(b)
}
