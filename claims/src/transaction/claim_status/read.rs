//! From segments to inquiries and responses.

use super::{ClaimStatus, Provider, Receiver, Source, Subscriber};
use crate::transaction::level::{Offered, Slot, is_blank, keep, last, open};
use crate::x12::Segment;

/// The level the next segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Scope {
    #[default]
    Header,
    Source,
    Receiver,
    Provider,
    Subscriber,
    Dependent,
}

/// Reads the segments between ST and SE of a 276 or 277, one at a time.
#[derive(Debug, Default)]
pub struct ClaimStatusReader {
    read: ClaimStatus,
    scope: Scope,
    after: &'static str,
}

impl ClaimStatusReader {
    /// Takes the next segment.
    pub fn take(&mut self, segment: &Segment<'_>) {
        if is_blank(segment) {
            return;
        }
        if segment.id() == b"HL" && self.level(segment.element(3).trim_ascii()) {
            self.after = "";
            return;
        }
        let (read, after) = (&mut self.read, &mut self.after);
        match self.scope {
            Scope::Header => match read.header.offer(segment) {
                Offered::Taken(id) => *after = id,
                Offered::Full(id) => keep(&mut read.kept, segment, id, &["BHT"]),
                Offered::Other => keep(&mut read.kept, segment, after, &["BHT"]),
            },
            Scope::Source => source(read).place(segment, after),
            Scope::Receiver => receiver(read).place(segment, after),
            Scope::Provider => provider(read).place(segment, after),
            Scope::Subscriber => subscriber(read).patient.take(segment, after),
            Scope::Dependent => last(&mut subscriber(read).dependents).take(segment, after),
        }
    }

    /// Returns what was read.
    #[must_use]
    pub fn finish(self) -> ClaimStatus {
        self.read
    }

    /// Opens a level; `false` when its code is not one of ours.
    fn level(&mut self, code: &[u8]) -> bool {
        let read = &mut self.read;
        self.scope = match code {
            b"20" => {
                open(&mut read.sources);
                Scope::Source
            }
            b"21" => {
                open(&mut source(read).receivers);
                Scope::Receiver
            }
            b"19" => {
                open(&mut receiver(read).providers);
                Scope::Provider
            }
            b"22" => {
                open(&mut provider(read).subscribers);
                Scope::Subscriber
            }
            b"23" => {
                open(&mut subscriber(read).dependents);
                Scope::Dependent
            }
            _ => return false,
        };
        true
    }
}

fn source(read: &mut ClaimStatus) -> &mut Source {
    last(&mut read.sources)
}

fn receiver(read: &mut ClaimStatus) -> &mut Receiver {
    last(&mut source(read).receivers)
}

fn provider(read: &mut ClaimStatus) -> &mut Provider {
    last(&mut receiver(read).providers)
}

fn subscriber(read: &mut ClaimStatus) -> &mut Subscriber {
    last(&mut provider(read).subscribers)
}
