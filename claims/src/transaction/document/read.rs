//! From a file to a document.

use super::{
    Document, DocumentGroup, DocumentInterchange, DocumentSet, GroupHead, InterchangeHead, SetHead, Transaction,
};
use crate::transaction::claim_acknowledgement::ClaimAcknowledgementReader;
use crate::transaction::claim_status::ClaimStatusReader;
use crate::transaction::claim837;
use crate::transaction::eligibility::EligibilityReader;
use crate::transaction::implementation_acknowledgement::ImplementationAcknowledgementReader;
use crate::transaction::level::{is_blank, last};
use crate::transaction::part::{Kept, Part, Text};
use crate::transaction::r835;
use crate::x12::{Envelope, Reader, Segment, X12Error, unwrap_lines};

/// Why a file could not be read to its end; what stood before is not lost.
#[derive(Debug, thiserror::Error)]
#[error("the file cannot be read to its end")]
pub struct DocumentError {
    /// Why.
    #[source]
    pub source: X12Error,
    /// What stood before that.
    pub before: Box<Document>,
}

impl Document {
    /// Reads a file, tolerantly: what is wrong with its envelope is for [`Envelope`] to tell.
    ///
    /// # Errors
    /// The bytes are not X12, or a segment cannot be told; what stood before it comes with the error.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let bytes = unwrap_lines(bytes);
        let mut reading = Reading::default();
        for segment in Reader::new(&bytes) {
            match segment {
                Ok(segment) => reading.take(&segment),
                Err(source) => return Err(DocumentError { source, before: Box::new(reading.finish()) }),
            }
        }
        Ok(reading.finish())
    }
}

#[derive(Debug, Default)]
struct Reading {
    document: Document,
    envelope: Envelope,
    /// The set that is open.
    set: Option<(SetHead, SetReader)>,
    /// Whether what follows belongs to the last interchange, and to its last group.
    in_interchange: bool,
    in_group: bool,
}

impl Reading {
    fn take(&mut self, segment: &Segment<'_>) {
        self.envelope.feed(segment);
        let ends = matches!(segment.id(), b"SE" | b"GE" | b"IEA");
        if !ends && is_blank(segment) {
            return;
        }
        match segment.id() {
            b"ISA" => {
                self.leave_set();
                self.interchange(segment).header = Some(InterchangeHead::of(segment));
                self.in_interchange = true;
                self.in_group = false;
            }
            b"GS" => {
                self.leave_set();
                let header = Some(GroupHead::read(segment));
                self.enclosing(segment).groups.push(DocumentGroup { header, sets: Vec::new() });
                self.in_group = true;
            }
            b"ST" => {
                self.leave_set();
                if !self.in_group {
                    self.enclosing(segment).groups.push(DocumentGroup::default());
                    self.in_group = true;
                }
                self.set = Some((SetHead::read(segment), SetReader::new(&self.envelope, segment)));
            }
            b"SE" => {
                if let Some((_, reader)) = &mut self.set {
                    reader.end(segment);
                }
                self.leave_set();
            }
            b"GE" => {
                self.leave_set();
                self.in_group = false;
            }
            b"IEA" => {
                self.leave_set();
                (self.in_interchange, self.in_group) = (false, false);
            }
            b"TA1" if self.set.is_none() => self.enclosing(segment).acknowledgements.push(Part::read(segment)),
            _ => {
                if let Some((_, reader)) = &mut self.set {
                    reader.take(segment);
                }
            }
        }
    }

    fn interchange(&mut self, segment: &Segment<'_>) -> &mut DocumentInterchange {
        let delimiters = segment.delimiters().into();
        self.document.interchanges.push(DocumentInterchange { delimiters, ..DocumentInterchange::default() });
        last(&mut self.document.interchanges)
    }

    /// Returns the open interchange; a group or set without one gets one without a header.
    fn enclosing(&mut self, segment: &Segment<'_>) -> &mut DocumentInterchange {
        if !self.in_interchange {
            self.in_interchange = true;
            return self.interchange(segment);
        }
        last(&mut self.document.interchanges)
    }

    fn leave_set(&mut self) {
        if let Some((header, reader)) = self.set.take() {
            let set = DocumentSet { header, transaction: reader.finish() };
            last(&mut last(&mut self.document.interchanges).groups).sets.push(set);
        }
    }

    fn finish(mut self) -> Document {
        self.leave_set();
        self.document
    }
}

/// Reads the segments between ST and SE of a set of any kind.
#[derive(Debug)]
pub struct SetReader(Kind);

#[derive(Debug)]
enum Kind {
    Claims(Box<claim837::SetReader>),
    Remittance(Box<r835::SetReader>),
    /// A remittance whose SE was there.
    Ended(Box<r835::Remittance>),
    Eligibility(Box<EligibilityReader>, Direction),
    /// A 277 whose guide is not named: its BHT tells what it is.
    Untold,
    ClaimStatus(Box<ClaimStatusReader>, Direction),
    ClaimAcknowledgement(Box<ClaimAcknowledgementReader>),
    ImplementationAcknowledgement(Box<ImplementationAcknowledgementReader>),
    Other(Vec<Kept>),
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Inquiry,
    Response,
}

impl SetReader {
    /// Begins a set at its ST, which `envelope` was fed with.
    #[must_use]
    pub fn new(envelope: &Envelope, st: &Segment<'_>) -> Self {
        let guide = envelope.set().map_or("", |set| set.guide.trim());
        Self(match &*Text::of(st.element(1)) {
            "837" => Kind::Claims(Box::new(claim837::SetReader::new(envelope, st))),
            "835" => Kind::Remittance(Box::new(r835::SetReader::new(envelope, st))),
            "270" => Kind::Eligibility(Box::default(), Direction::Inquiry),
            "271" => Kind::Eligibility(Box::default(), Direction::Response),
            "276" => Kind::ClaimStatus(Box::default(), Direction::Inquiry),
            "277" => match guide.get(6..10) {
                Some("X214") => Kind::ClaimAcknowledgement(Box::default()),
                Some("X212" | "X093") => Kind::ClaimStatus(Box::default(), Direction::Response),
                None => Kind::Untold,
                Some(_) => Kind::Other(Vec::new()),
            },
            "999" | "997" => Kind::ImplementationAcknowledgement(Box::default()),
            _ => Kind::Other(Vec::new()),
        })
    }

    /// Takes the next segment.
    pub fn take(&mut self, segment: &Segment<'_>) {
        if matches!(self.0, Kind::Untold) {
            let is_acknowledgement = segment.id() == b"BHT" && segment.element(1) == b"0085";
            self.0 = if is_acknowledgement {
                Kind::ClaimAcknowledgement(Box::default())
            } else {
                Kind::ClaimStatus(Box::default(), Direction::Response)
            };
        }
        match &mut self.0 {
            Kind::Claims(reader) => reader.take(segment),
            Kind::Remittance(reader) => reader.take(segment),
            Kind::Eligibility(reader, _) => reader.take(segment),
            Kind::ClaimStatus(reader, _) => reader.take(segment),
            Kind::ClaimAcknowledgement(reader) => reader.take(segment),
            Kind::ImplementationAcknowledgement(reader) => reader.take(segment),
            Kind::Other(segments) if !is_blank(segment) => segments.push(Kept::read(segment, "")),
            Kind::Other(_) | Kind::Untold | Kind::Ended(_) => {}
        }
    }

    /// Takes the SE, which a remittance is known by.
    pub fn end(&mut self, se: &Segment<'_>) {
        let kind = std::mem::replace(&mut self.0, Kind::Untold);
        self.0 = match kind {
            Kind::Remittance(reader) => Kind::Ended(Box::new(reader.finish(Some(se)))),
            other => other,
        };
    }

    /// Returns what was read.
    #[must_use]
    pub fn finish(self) -> Transaction {
        match self.0 {
            Kind::Claims(reader) => Transaction::Claims(reader.finish()),
            Kind::Remittance(reader) => Transaction::Remittance(Box::new(reader.finish(None))),
            Kind::Ended(read) => Transaction::Remittance(read),
            Kind::Eligibility(reader, Direction::Inquiry) => Transaction::EligibilityInquiry(reader.finish()),
            Kind::Eligibility(reader, Direction::Response) => Transaction::EligibilityResponse(reader.finish()),
            Kind::ClaimStatus(reader, Direction::Inquiry) => Transaction::ClaimStatusInquiry(reader.finish()),
            Kind::ClaimStatus(reader, Direction::Response) => Transaction::ClaimStatusResponse(reader.finish()),
            Kind::ClaimAcknowledgement(reader) => Transaction::ClaimAcknowledgement(reader.finish()),
            Kind::ImplementationAcknowledgement(reader) => Transaction::ImplementationAcknowledgement(reader.finish()),
            Kind::Other(segments) => Transaction::Other(segments),
            Kind::Untold => Transaction::default(),
        }
    }
}
