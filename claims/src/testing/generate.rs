//! Claims and remittances of invented people, as X12 that its guides find nothing wrong with (005010X222A1 for the 837P,
//! 005010X221A1 for the 835): numbers with their check digits, codes of their lists, amounts that balance, control
//! numbers that do not repeat.
//!
//! The same seed gives the same bytes, and the remittances of a seed answer its claims one by one.
//!
//! ```
//! use mentalspace_claims::testing::generate;
//! use mentalspace_claims::x12::{Envelope, Reader};
//! let file = generate::remittances(7, 20_000);
//! let mut envelope = Envelope::new();
//! Reader::new(&file).flatten().for_each(|segment| envelope.feed(&segment));
//! envelope.finish();
//! assert_eq!(envelope.findings(), []);
//! ```

mod claim;
mod p837;
mod r835;

use std::fmt::Write as _;
use std::io::Read;

use claim::Claim;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// 837P.
    Claims,
    /// 835.
    Remittances,
}

/// Claims in a set: a batch of a day, a payment of a week.
const CLAIMS_PER_SET: u64 = 400;

/// Writes an interchange of 837P sets with at least `bytes` bytes.
#[must_use]
pub fn claims(seed: u64, bytes: usize) -> Vec<u8> {
    file(Kind::Claims, seed, bytes)
}

/// Writes an interchange of 835 sets with at least `bytes` bytes.
#[must_use]
pub fn remittances(seed: u64, bytes: usize) -> Vec<u8> {
    file(Kind::Remittances, seed, bytes)
}

fn file(kind: Kind, seed: u64, bytes: usize) -> Vec<u8> {
    let mut source = Source::new(kind, seed, bytes as u64);
    let mut file = Vec::with_capacity(bytes + bytes / 8);
    while source.fill() {
        file.append(&mut source.ready);
    }
    file
}

/// An interchange of any size that is made while it is read; memory holds one set.
#[derive(Debug)]
pub struct Source {
    kind: Kind,
    seed: u64,
    wanted: u64,
    written: u64,
    claims: u64,
    sets: u32,
    stage: Stage,
    ready: Vec<u8>,
    taken: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Sets,
    Tail,
    Over,
}

impl Source {
    /// Begins a file of at least `bytes` bytes; it ends with the set that reaches them.
    #[must_use]
    pub const fn new(kind: Kind, seed: u64, bytes: u64) -> Self {
        let stage = Stage::Head;
        Self { kind, seed, wanted: bytes, written: 0, claims: 0, sets: 0, stage, ready: Vec::new(), taken: 0 }
    }

    /// Makes the next stretch; `false` at the end.
    fn fill(&mut self) -> bool {
        self.ready.clear();
        self.taken = 0;
        self.ready = match self.stage {
            Stage::Head => {
                self.stage = Stage::Sets;
                self.head()
            }
            Stage::Sets => self.set(),
            Stage::Tail => {
                self.stage = Stage::Over;
                format!("GE*{}*1~IEA*1*000000001~", self.sets).into_bytes()
            }
            Stage::Over => return false,
        };
        self.written += self.ready.len() as u64;
        if self.stage == Stage::Sets && self.sets > 0 && self.written >= self.wanted {
            self.stage = Stage::Tail;
        }
        true
    }

    fn head(&self) -> Vec<u8> {
        let (sender, receiver, group, guide) = match self.kind {
            Kind::Claims => ("LAKESIDE", "EXCHANGE", "HC", "005010X222A1"),
            Kind::Remittances => ("EXCHANGE", "LAKESIDE", "HP", "005010X221A1"),
        };
        format!(
            "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*240401*0600*^*00501*000000001*0*T*:~\
             GS*{group}*{sender}*{receiver}*20240401*0600*1*X*{guide}~"
        )
        .into_bytes()
    }

    fn set(&mut self) -> Vec<u8> {
        self.sets += 1;
        let left = self.wanted.saturating_sub(self.written);
        let (seed, first) = (self.seed, self.claims);
        let mut given = 0;
        let claims = (0..CLAIMS_PER_SET).map(|n| Claim::invent(seed, first + n + 1)).inspect(|_| given += 1);
        let set = match self.kind {
            Kind::Claims => p837::set(self.sets, left, claims),
            Kind::Remittances => r835::set(self.sets, left, claims),
        };
        self.claims += given;
        set.into_bytes()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.taken == self.ready.len() {
            if !self.fill() {
                return Ok(0);
            }
        }
        let rest = &self.ready[self.taken..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.taken += n;
        Ok(n)
    }
}

/// A set on its way: its text and how many segments it has.
struct Text {
    text: String,
    segments: u32,
}

impl Text {
    const fn new() -> Self {
        Self { text: String::new(), segments: 0 }
    }

    fn segment(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(text);
        self.text.push('~');
        self.segments += 1;
    }

    /// Puts `head` before what is there.
    fn after(self, head: Self) -> Self {
        Self { segments: self.segments + head.segments, text: head.text + &self.text }
    }

    fn end(mut self, number: u32) -> String {
        let count = self.segments + 1;
        self.segment(format_args!("SE*{count}*{number:04}"));
        self.text
    }
}

/// An amount as X12 has it: no point where there are no cents, no zero at the end.
struct Amount(i64);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, cents) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        match (cents / 100, cents % 100) {
            (whole, 0) => write!(f, "{sign}{whole}"),
            (whole, part) if part % 10 == 0 => write!(f, "{sign}{whole}.{}", part / 10),
            (whole, part) => write!(f, "{sign}{whole}.{part:02}"),
        }
    }
}
