//! From segments to inquiries and responses.

use super::{Eligibility, InquiryLoop, Member, Receiver, Source, Subscriber};
use crate::transaction::level::{Offered, Slot, is_blank, keep, last, open};
use crate::x12::Segment;

/// The loop the next segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Scope {
    #[default]
    Header,
    Source,
    SourceName,
    Receiver,
    Subscriber,
    Dependent,
}

/// What is open within a subscriber or dependent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Detail {
    #[default]
    Member,
    Inquiry,
    Benefit,
    Entity,
}

/// Reads the segments between ST and SE of a 270 or 271, one at a time.
#[derive(Debug, Default)]
pub struct EligibilityReader {
    read: Eligibility,
    scope: Scope,
    detail: Detail,
    after: &'static str,
}

impl EligibilityReader {
    /// Takes the next segment.
    pub fn take(&mut self, segment: &Segment<'_>) {
        if is_blank(segment) {
            return;
        }
        if segment.id() == b"HL" && self.level(segment.element(3).trim_ascii()) {
            (self.detail, self.after) = (Detail::Member, "");
            return;
        }
        match self.scope {
            Scope::Header => match self.read.header.offer(segment) {
                Offered::Taken(id) => self.after = id,
                Offered::Full(id) => keep(&mut self.read.kept, segment, id, &["BHT"]),
                Offered::Other => keep(&mut self.read.kept, segment, self.after, &["BHT"]),
            },
            Scope::Source if segment.id() == b"NM1" => {
                (self.scope, self.after) = (Scope::SourceName, "");
                open(&mut last(&mut self.read.sources).names);
                self.source_name(segment);
            }
            Scope::Source => last(&mut self.read.sources).place(segment, &mut self.after),
            Scope::SourceName => self.source_name(segment),
            Scope::Receiver => receiver(&mut self.read).place(segment, &mut self.after),
            Scope::Subscriber | Scope::Dependent => self.member(segment),
        }
    }

    /// Returns what was read.
    #[must_use]
    pub fn finish(self) -> Eligibility {
        self.read
    }

    /// Opens a level; `false` when its code is not one of ours.
    fn level(&mut self, code: &[u8]) -> bool {
        self.scope = match code {
            b"20" => {
                open(&mut self.read.sources);
                Scope::Source
            }
            b"21" => {
                open(&mut source(&mut self.read).receivers);
                Scope::Receiver
            }
            b"22" => {
                open(&mut receiver(&mut self.read).subscribers);
                Scope::Subscriber
            }
            b"23" => {
                open(&mut subscriber(&mut self.read).dependents);
                Scope::Dependent
            }
            _ => return false,
        };
        true
    }

    fn source_name(&mut self, segment: &Segment<'_>) {
        last(&mut source(&mut self.read).names).place(segment, &mut self.after);
    }

    fn member(&mut self, segment: &Segment<'_>) {
        let subscriber = subscriber(&mut self.read);
        let member: &mut Member =
            if self.scope == Scope::Dependent { last(&mut subscriber.dependents) } else { &mut subscriber.member };
        let id = segment.id();
        let in_benefit = matches!(self.detail, Detail::Benefit | Detail::Entity);
        match id {
            b"EQ" => {
                open(&mut member.inquiries);
                (self.detail, self.after) = (Detail::Inquiry, "");
            }
            b"EB" => {
                open(&mut member.benefits);
                (self.detail, self.after) = (Detail::Benefit, "");
            }
            b"NM1" if in_benefit => {
                open(&mut last(&mut member.benefits).entities);
                (self.detail, self.after) = (Detail::Entity, "");
            }
            // The brackets around the entities follow from there being some.
            b"LS" | b"LE" if in_benefit && segment.element(1).trim_ascii() == b"2120" => return,
            _ => {}
        }
        let after = &mut self.after;
        match self.detail {
            Detail::Member => member.place(segment, after),
            Detail::Inquiry => last::<InquiryLoop>(&mut member.inquiries).place(segment, after),
            Detail::Benefit => last(&mut member.benefits).place(segment, after),
            Detail::Entity => last(&mut last(&mut member.benefits).entities).place(segment, after),
        }
    }
}

fn source(read: &mut Eligibility) -> &mut Source {
    last(&mut read.sources)
}

fn receiver(read: &mut Eligibility) -> &mut Receiver {
    last(&mut source(read).receivers)
}

fn subscriber(read: &mut Eligibility) -> &mut Subscriber {
    last(&mut receiver(read).subscribers)
}
