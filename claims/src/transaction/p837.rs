//! The professional claim file: 837P, X12 005010X222A1.
//!
//! Claims are grouped by billing provider, subscriber and patient; a claim that cannot be written is reported and the
//! others go out. Times and control numbers are passed in, so the same input gives the same bytes: a trial run is the
//! real one.

mod adjudication;
mod detail;
mod party;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use chrono::NaiveDateTime;

use crate::claim::{Claim, ClaimControlNumber, Contact, OrganizationName};
use crate::x12::{
    Charset, Delimiters, GroupHeader, InterchangeHeader, InterchangeParty, Replaced, Unwritable, Usage, WriteError,
    Writer,
};

/// The guide written here.
pub const GUIDE: &str = "005010X222A1";

/// Sender, receiver and numbers of a file: what belongs to the exchange rather than to a claim.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Submission {
    /// ISA05, ISA06.
    pub sender: InterchangeParty,
    /// ISA07, ISA08.
    pub receiver: InterchangeParty,
    /// GS02, when not ISA06.
    pub application_sender: Option<String>,
    /// GS03, when not ISA08.
    pub application_receiver: Option<String>,
    /// 1000A: who submits, with the number the receiver gave.
    pub submitter: Submitter,
    /// 1000B: who receives.
    pub receiver_name: ReceiverName,
    /// ISA13.
    pub interchange_control: u32,
    /// GS06.
    pub group_control: u32,
    /// BHT03, 1 to 30 characters: comes back in the 277CA. Further sets of the file get a number behind it.
    pub reference: String,
    /// When the file is made.
    pub at: NaiveDateTime,
    /// Production or test.
    pub usage: Usage,
    /// Delimiters.
    pub delimiters: Delimiters,
    /// Character set.
    pub charset: Charset,
    /// What happens to characters outside of it.
    pub unwritable: Unwritable,
    /// Claims per set, at most 5,000 as the guide recommends.
    pub claims_per_set: usize,
}

/// Who submits (1000A).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitter {
    /// Name.
    pub name: OrganizationName,
    /// The number the receiver knows the submitter by.
    pub id: String,
    /// Whom to ask; at least one way to do so.
    pub contact: Contact,
}

/// Who receives (1000B).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverName {
    /// Name.
    pub name: OrganizationName,
    /// Number.
    pub id: String,
}

impl Submission {
    /// A test submission with control numbers 1, usual delimiters and the basic character set; characters outside of
    /// it are replaced and reported.
    #[must_use]
    pub fn new(
        sender: InterchangeParty,
        receiver: InterchangeParty,
        submitter: Submitter,
        receiver_name: ReceiverName,
        reference: impl Into<String>,
        at: NaiveDateTime,
    ) -> Self {
        Self {
            sender,
            receiver,
            application_sender: None,
            application_receiver: None,
            submitter,
            receiver_name,
            interchange_control: 1,
            group_control: 1,
            reference: reference.into(),
            at,
            usage: Usage::Test,
            delimiters: Delimiters::default(),
            charset: Charset::Basic,
            unwritable: Unwritable::Replace,
            claims_per_set: 5000,
        }
    }
}

/// Why no file could be made at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// Envelope, submitter or receiver cannot be written.
    #[error("the submission's own data cannot be written")]
    Write(#[from] WriteError),
    /// The submitter names no way to be reached.
    #[error("the submitter's contact has neither phone nor e-mail nor fax")]
    Contact,
    /// BHT03 is missing or too long.
    #[error("the reference must have 1 to 30 characters")]
    Reference,
}

/// A file and what became of each claim.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Written {
    /// The file; `None` when no claim could be written.
    pub file: Option<Vec<u8>>,
    /// The claims in the file, in the order of the file.
    pub accepted: Vec<ClaimControlNumber>,
    /// The claims that are not.
    pub rejected: Vec<Rejected>,
    /// Where characters had to be replaced.
    pub replaced: Vec<Replaced>,
}

/// A claim that is not in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Its place in the input, counted from 0.
    pub index: usize,
    /// Its number.
    pub control_number: ClaimControlNumber,
    /// Why.
    pub reason: RejectReason,
}

/// Why a claim is not in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// Some of its data cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// An earlier claim of the input has the same control number.
    #[error("another claim of the file has the same control number")]
    Duplicate,
}

/// The most claims of one patient in one loop (2300).
const CLAIMS_PER_PATIENT: usize = 100;

/// Writes `claims` as one interchange with one group.
///
/// # Errors
/// The submission's own data cannot be written. A claim that cannot be is no error, see [`Written::rejected`].
pub fn write<'c>(
    submission: &Submission,
    claims: impl IntoIterator<Item = &'c Claim>,
) -> Result<Written, SubmissionError> {
    if submission.reference.is_empty() || submission.reference.len() > 24 + 6 {
        return Err(SubmissionError::Reference);
    }
    let claims: Vec<&Claim> = claims.into_iter().collect();
    let mut file = File {
        out: Writer::new(submission.delimiters, submission.charset, submission.unwritable),
        levels: 0,
        accepted: Vec::with_capacity(claims.len()),
        rejected: Vec::new(),
    };
    let mut seen = HashSet::new();
    let mut numbered: Vec<(usize, &Claim)> = Vec::with_capacity(claims.len());
    for (index, claim) in claims.iter().enumerate() {
        if seen.insert(&claim.control_number) {
            numbered.push((index, claim));
        } else {
            file.reject(&[(index, claim)], &RejectReason::Duplicate);
        }
    }
    file.out.begin_interchange(&InterchangeHeader {
        sender: submission.sender.clone(),
        receiver: submission.receiver.clone(),
        at: submission.at,
        control: submission.interchange_control,
        usage: submission.usage,
        acknowledge: false,
    })?;
    file.out.begin_group(&GroupHeader {
        code: "HC",
        sender: submission.application_sender.as_ref().unwrap_or(&submission.sender.id).clone(),
        receiver: submission.application_receiver.as_ref().unwrap_or(&submission.receiver.id).clone(),
        at: submission.at,
        control: submission.group_control,
        version: GUIDE,
    })?;
    for (number, set) in numbered.chunks(submission.claims_per_set.clamp(1, 5000)).enumerate() {
        file.set(submission, number, set)?;
    }
    file.rejected.sort_by_key(|r| r.index);
    Ok(Written {
        replaced: file.out.replaced().to_vec(),
        file: (!file.accepted.is_empty()).then(|| file.out.finish()),
        accepted: file.accepted.into_iter().map(|c| c.control_number.clone()).collect(),
        rejected: file.rejected,
    })
}

/// Writes one claim with its levels, as a set of its own, whatever characters it holds.
pub(crate) fn alone(claim: &Claim) -> Result<Vec<u8>, WriteError> {
    // Delimiters that no text of a claim can hold.
    let delimiters = Delimiters { element: 0x1D, component: 0x1F, repetition: Some(0x1E), terminator: 0x1C };
    let mut out = Writer::new(delimiters, Charset::Unicode, Unwritable::Refuse);
    let party = || InterchangeParty { qualifier: "ZZ".to_owned(), id: "-".to_owned() };
    out.begin_interchange(&InterchangeHeader {
        sender: party(),
        receiver: party(),
        at: NaiveDateTime::default(),
        control: 1,
        usage: Usage::Test,
        acknowledge: false,
    })?;
    out.begin_set("837", Some(GUIDE))?;
    party::level(&mut out, 1, None, "20", true)?;
    party::billing_provider(&mut out, &claim.billing_provider)?;
    party::level(&mut out, 2, Some(1), "22", claim.patient.is_some())?;
    party::subscriber(&mut out, claim)?;
    if let Some(patient) = &claim.patient {
        party::level(&mut out, 3, Some(2), "23", false)?;
        party::patient(&mut out, patient, &claim.subscriber)?;
    }
    detail::claim(&mut out, claim)?;
    Ok(out.finish())
}

/// A claim and its place in the input.
type Numbered<'c> = (usize, &'c Claim);

struct File<'c> {
    out: Writer,
    /// HL01 of the last level.
    levels: u32,
    accepted: Vec<&'c Claim>,
    rejected: Vec<Rejected>,
}

impl<'c> File<'c> {
    fn set(&mut self, submission: &Submission, number: usize, claims: &[Numbered<'c>]) -> Result<(), SubmissionError> {
        let (mark, before) = (self.out.mark(), self.accepted.len());
        self.levels = 0;
        self.out.begin_set("837", Some(GUIDE))?;
        header(&mut self.out, submission, number)?;
        for group in grouped(claims, |claim| &claim.billing_provider) {
            self.billing_provider(&group);
        }
        self.out.end_set()?;
        if self.accepted.len() == before {
            self.out.rewind(mark);
        }
        Ok(())
    }

    /// 2000A. A level that holds no claim in the end is taken back.
    fn billing_provider(&mut self, claims: &[Numbered<'c>]) {
        let Some((_, first)) = claims.first() else { return };
        self.level(
            claims,
            |out, id| {
                party::level(out, id, None, "20", true)?;
                party::billing_provider(out, &first.billing_provider)
            },
            |file, parent| {
                let key = |c: &&'c Claim| (&c.subscriber, &c.payer, &c.payer_sequence, c.patient.is_none());
                for group in grouped(claims, key) {
                    file.subscriber(parent, &group);
                }
            },
        );
    }

    /// 2000B; the subscriber who is the patient has a level of its own.
    fn subscriber(&mut self, parent: u32, claims: &[Numbered<'c>]) {
        let Some((_, first)) = claims.first() else { return };
        let is_patient = first.patient.is_none();
        let batches: Vec<&[Numbered<'c>]> =
            if is_patient { claims.chunks(CLAIMS_PER_PATIENT).collect() } else { vec![claims] };
        for batch in batches {
            self.level(
                batch,
                |out, id| {
                    party::level(out, id, Some(parent), "22", !is_patient)?;
                    party::subscriber(out, first)
                },
                |file, parent| {
                    if is_patient {
                        file.claims(batch);
                    } else {
                        for group in grouped(batch, |claim| &claim.patient) {
                            file.patient(parent, &group);
                        }
                    }
                },
            );
        }
    }

    /// 2000C.
    fn patient(&mut self, parent: u32, claims: &[Numbered<'c>]) {
        let Some((_, first)) = claims.first() else { return };
        let Some(patient) = &first.patient else { return };
        for batch in claims.chunks(CLAIMS_PER_PATIENT) {
            self.level(
                batch,
                |out, id| {
                    party::level(out, id, Some(parent), "23", false)?;
                    party::patient(out, patient, &first.subscriber)
                },
                |file, _| file.claims(batch),
            );
        }
    }

    /// Writes a level and what is below it; takes it back when it cannot be written or nothing came to stand in it.
    fn level(
        &mut self,
        claims: &[Numbered<'c>],
        head: impl FnOnce(&mut Writer, u32) -> Result<(), WriteError>,
        body: impl FnOnce(&mut Self, u32),
    ) {
        let (mark, levels, before) = (self.out.mark(), self.levels, self.accepted.len());
        self.levels += 1;
        match head(&mut self.out, self.levels) {
            Ok(()) => body(self, self.levels),
            Err(error) => self.reject(claims, &error.into()),
        }
        if self.accepted.len() == before {
            self.out.rewind(mark);
            self.levels = levels;
        }
    }

    /// 2300.
    fn claims(&mut self, claims: &[Numbered<'c>]) {
        for &(index, claim) in claims {
            let mark = self.out.mark();
            match detail::claim(&mut self.out, claim) {
                Ok(()) => self.accepted.push(claim),
                Err(error) => {
                    self.out.rewind(mark);
                    self.reject(&[(index, claim)], &error.into());
                }
            }
        }
    }

    fn reject(&mut self, claims: &[Numbered<'c>], reason: &RejectReason) {
        self.rejected.extend(claims.iter().map(|(index, claim)| Rejected {
            index: *index,
            control_number: claim.control_number.clone(),
            reason: reason.clone(),
        }));
    }
}

/// BHT, 1000A and 1000B.
fn header(out: &mut Writer, submission: &Submission, number: usize) -> Result<(), SubmissionError> {
    let reference = match number {
        0 => submission.reference.clone(),
        n => format!("{}-{}", submission.reference.chars().take(24).collect::<String>(), n + 1),
    };
    out.segment("BHT")
        .element("0019")
        .element("00")
        .element(&reference)
        .element(&submission.at.format("%Y%m%d").to_string())
        .element(&submission.at.format("%H%M").to_string())
        .element("CH")
        .end()?;
    let submitter = &submission.submitter;
    party::organization(out, "41", &submitter.name, Some(("46", &submitter.id)))?;
    if !party::contact(out, &submitter.contact, Some(submitter.name.as_str()))? {
        return Err(SubmissionError::Contact);
    }
    Ok(party::organization(out, "40", &submission.receiver_name.name, Some(("46", &submission.receiver_name.id)))?)
}

/// Groups claims by `key`; groups and claims keep the order in which they came.
fn grouped<'c, K: Hash + Eq>(claims: &[Numbered<'c>], key: impl Fn(&&'c Claim) -> K) -> Vec<Vec<Numbered<'c>>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<Numbered<'c>>> = Vec::new();
    for numbered in claims {
        let place = *places.entry(key(&numbered.1)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(*numbered),
            None => groups.push(vec![*numbered]),
        }
    }
    groups
}
