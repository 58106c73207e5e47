//! The envelope around answers.

use super::code::copy;
use super::implementation::{Answers, flavor};
use super::interchange::is_rejected;
use super::{ClaimAnswer, Reply, Units, interchange};
use crate::transaction::implementation_acknowledgement::Flavor;
use crate::transaction::part::Part as _;
use crate::transaction::{claim_acknowledgement, implementation_acknowledgement};
use crate::validate::{GroupReport, Report};
use crate::x12::{
    Charset, Delimiters, GroupHeader, Interchange, InterchangeHeader, InterchangeParty, Unwritable, Usage, WriteError,
    Writer,
};

/// Why a file cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcknowledgeError {
    /// The file has no interchange header, and the reply does not name the parties.
    #[error("nobody is named to whom the answer goes")]
    NoParties,
    /// More was found than the report holds, so that no claim can be called free of errors.
    #[error("the report leaves {omitted} findings out, so claims cannot be answered one by one")]
    Incomplete {
        /// How many.
        omitted: u64,
    },
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Write(#[from] WriteError),
}

/// Writes the answer to a file: for each interchange that needs one, an interchange with a TA1 where it is due and an
/// acknowledgement of each group. A rejected interchange gets a TA1 alone; acknowledgements are not acknowledged.
///
/// Empty when nothing needs an answer.
///
/// # Errors
/// The parties are not known, or their numbers cannot be written.
pub fn write(report: &Report, units: Option<&Units>, reply: &Reply) -> Result<Vec<u8>, AcknowledgeError> {
    let mut out = Out::new(reply);
    let answers = Answers::new(report, units, reply);
    let interchanges = (0..report.interchanges.len()).map(Some).chain([None]);
    for index in interchanges {
        let answered = index.and_then(|index| report.interchanges.get(index));
        let ta1 = index.and_then(|index| interchange(report, index, reply));
        let groups = report.groups.iter().enumerate().filter(|(_, group)| {
            let acknowledges = group.header.as_ref().is_none_or(|header| header.code == "FA");
            group.interchange == index && !acknowledges && !answered.is_some_and(is_rejected)
        });
        let groups: Vec<_> = groups.collect();
        if ta1.is_none() && groups.is_empty() {
            continue;
        }
        out.interchange(answered.and_then(|answered| answered.header.as_ref()), Edition::Theirs)?;
        if let Some(ta1) = ta1 {
            ta1.write(&mut out.writer)?;
        }
        for (number, group) in groups {
            let Some(answer) = answers.group(number) else { continue };
            let flavor = flavor(group.header.as_ref().map_or("", |header| &header.version));
            let (set, guide) = match flavor {
                Flavor::Implementation => ("999", implementation_acknowledgement::GUIDE),
                Flavor::Functional => ("997", "004010"),
            };
            out.group("FA", guide, group)?;
            out.writer.begin_set(set, Some(guide).filter(|_| flavor == Flavor::Implementation))?;
            answer.write(&mut out.writer, flavor)?;
            out.writer.end_set()?;
        }
        out.end()?;
    }
    Ok(out.done)
}

/// Writes answers to claims: for each interchange that held claims, one with a group of 277CA.
///
/// # Errors
/// As [`write()`].
pub fn write_claims(report: &Report, answers: &[ClaimAnswer], reply: &Reply) -> Result<Vec<u8>, AcknowledgeError> {
    let mut out = Out::new(reply);
    let mut open = None;
    for answer in answers {
        let group = report.sets.get(answer.set).and_then(|set| set.group).and_then(|group| report.groups.get(group));
        let index = group.and_then(|group| group.interchange);
        if open != Some(index) {
            if open.is_some() {
                out.end()?;
            }
            let header = index.and_then(|at| report.interchanges.get(at)).and_then(|i| i.header.as_ref());
            out.interchange(header, Edition::Latest)?;
            open = Some(index);
        }
        match group {
            Some(group) => out.group("HN", claim_acknowledgement::GUIDE, group)?,
            None => out.unnamed_group("HN", claim_acknowledgement::GUIDE)?,
        }
        out.writer.begin_set("277", Some(claim_acknowledgement::GUIDE))?;
        answer.acknowledgement.write(&mut out.writer)?;
        out.writer.end_set()?;
    }
    if open.is_some() {
        out.end()?;
    }
    Ok(out.done)
}

/// Which version of X12 an answer is framed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edition {
    /// That of the file.
    Theirs,
    /// 00501, without which there is no 277CA.
    Latest,
}

/// The answer as far as it is written.
struct Out<'r> {
    reply: &'r Reply,
    done: Vec<u8>,
    writer: Writer,
    delimiters: Delimiters,
    interchanges: u32,
    groups: u32,
    /// The ids of the open interchange: ours, theirs.
    parties: (String, String),
    /// What the open group was opened with.
    group: Option<(&'static str, String, String)>,
}

impl<'r> Out<'r> {
    fn new(reply: &'r Reply) -> Self {
        Self {
            reply,
            done: Vec::new(),
            writer: writer(reply.delimiters),
            delimiters: reply.delimiters,
            interchanges: 0,
            groups: 0,
            parties: (String::new(), String::new()),
            group: None,
        }
    }

    fn interchange(&mut self, answered: Option<&Interchange>, edition: Edition) -> Result<(), AcknowledgeError> {
        self.delimiters = self.reply.delimiters;
        let is_old = answered.is_some_and(|i| i.version.starts_with("004") && *i.version < *"00402");
        if is_old && edition == Edition::Theirs {
            self.delimiters.repetition = None;
        }
        let named = |qualifier: &str, id: &str| InterchangeParty {
            qualifier: if qualifier.len() == 2 && qualifier.bytes().all(|b| b.is_ascii_alphanumeric()) {
                qualifier.to_owned()
            } else {
                "ZZ".to_owned()
            },
            id: copy(id, 15, &self.delimiters).into(),
        };
        let (sender, receiver) = match (answered, &self.reply.parties) {
            (Some(i), _) => (named(&i.receiver_qualifier, &i.receiver), named(&i.sender_qualifier, &i.sender)),
            (None, Some(parties)) => parties.clone(),
            (None, None) => return Err(AcknowledgeError::NoParties),
        };
        let usage = if answered.is_some_and(|i| i.usage == "T") { Usage::Test } else { Usage::Production };
        self.parties = (sender.id.clone(), receiver.id.clone());
        self.writer = writer(self.delimiters);
        let control = counted(self.reply.interchange_control, self.interchanges);
        self.interchanges += 1;
        let at = self.reply.at;
        Ok(self.writer.begin_interchange(&InterchangeHeader {
            sender,
            receiver,
            at,
            control,
            usage,
            acknowledge: false,
        })?)
    }

    /// Goes on with the open group where it is of the same kind and between the same two, else opens one.
    fn group(&mut self, code: &'static str, version: &'static str, answered: &GroupReport) -> Result<(), WriteError> {
        let (ours, theirs) = self.parties.clone();
        let id = |text: Option<&str>, otherwise: String| {
            let text: String = copy(text.unwrap_or_default(), 15, &self.delimiters).into();
            if text.len() < 2 { otherwise } else { text }
        };
        let header = answered.header.as_ref();
        let sender = id(header.map(|header| header.receiver.as_str()), ours);
        let receiver = id(header.map(|header| header.sender.as_str()), theirs);
        self.open_group(code, version, sender, receiver)
    }

    fn unnamed_group(&mut self, code: &'static str, version: &'static str) -> Result<(), WriteError> {
        let (sender, receiver) = self.parties.clone();
        self.open_group(code, version, sender, receiver)
    }

    fn open_group(
        &mut self,
        code: &'static str,
        version: &'static str,
        sender: String,
        receiver: String,
    ) -> Result<(), WriteError> {
        let key = Some((version, sender, receiver));
        if self.group == key {
            return Ok(());
        }
        let Some((_, sender, receiver)) = key.clone() else { return Ok(()) };
        self.group = key;
        let control = counted(self.reply.group_control, self.groups);
        self.groups += 1;
        self.writer.begin_group(&GroupHeader { code, sender, receiver, at: self.reply.at, control, version })
    }

    fn end(&mut self) -> Result<(), WriteError> {
        self.writer.end_interchange()?;
        self.group = None;
        let writer = std::mem::replace(&mut self.writer, writer(self.delimiters));
        self.done.extend(writer.finish());
        Ok(())
    }
}

/// What was copied has no character that cannot be written but in names, which lose their marks.
fn writer(delimiters: Delimiters) -> Writer {
    Writer::new(delimiters, Charset::Extended, Unwritable::Replace)
}

/// The number after `first` and `others`, among those of nine digits.
const fn counted(first: u32, others: u32) -> u32 {
    (first.saturating_sub(1).wrapping_add(others)) % 999_999_999 + 1
}
