//! Finding the next segment in a buffer: the one place that decides where segments begin and end.

use memchr::{memchr, memmem};

use super::block::{BLOCK, Wanted, ends_of_parts};
use super::delimiter::{Delimiters, Detected, HEADER_WINDOW};
use super::error::X12Error;
use super::limits::Limits;
use super::segment::{Position, Segment};

/// How many bytes before the first interchange are searched for it.
const LEADING_WINDOW: usize = 64 * 1024;
/// An interchange that begins within so many bytes is preferred to a group or set at the very start.
const LEADING_NEAR: usize = 1024;

/// Letters and digits in a segment id.
const LONGEST_ID: usize = 3;

/// What stands at the start of the buffer, after a closer look.
pub(super) enum Next {
    /// A segment, after bytes that belong to none.
    Segment(Found, Role),
    /// So many bytes that belong to no segment.
    Between(usize),
    /// More bytes are needed to tell.
    Starved,
    /// Nothing but bytes that belong to no segment.
    End,
}

/// A segment in the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Bytes before it that belong to no segment.
    pub(super) skip: usize,
    len: usize,
    /// Its length with everything up to and including the terminator.
    pub(super) raw: usize,
    ends: u64,
}

impl Found {
    /// Returns where the next segment can begin.
    #[inline]
    pub(super) const fn done(&self) -> usize {
        self.skip + self.raw
    }
}

/// What a segment is besides its bytes.
#[derive(Clone, Copy)]
pub(super) struct Role {
    in_set: u32,
    terminated: bool,
    /// It ends with data of any bytes.
    binary: bool,
    ends_set: bool,
    ends_interchange: bool,
}

/// What [`Framer::step`] found at the start of the buffer.
enum Step {
    /// More bytes are needed; this many at the start are done with.
    More { done: usize },
    /// A segment of `len` bytes after `skip`.
    Segment { skip: usize, len: usize, terminated: bool },
    /// Nothing follows.
    End,
}

/// Where in the file the next segment is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the end of an interchange, or where there is none.
    Inside,
    /// Behind an interchange: another one follows, or a segment that got lost, or text.
    Behind,
    /// In text, which only an interchange ends.
    Text,
}

/// The state between two segments.
#[derive(Debug, Clone)]
pub(super) struct Framer {
    delimiters: Delimiters,
    element: Wanted,
    terminator: Wanted,
    pub(super) position: Position,
    started: bool,
    place: Place,
    /// Bytes behind the start of the buffer in which there is no terminator, so that a refill does not search again.
    searched: usize,
    limits: Limits,
    /// Segments shorter than this may be taken without a closer look; 0 where each needs one.
    plain: usize,
    /// The next segment, if it is an ordinary one in the middle of a set. It is looked for when the one before is
    /// taken, so that the processor finds it while that one is worked on.
    pub(super) ahead: Option<Found>,
}

/// The segments that [`Framer::plain`] leaves to a closer look, by their first two, five bits of each: `BIN` and
/// `BDS`, and the segments of the envelope.
const MARKED: [u32; 32] = {
    let mut marked = [0; 32];
    let ids = [b"BI", b"BD", b"IS", b"IE", b"GS", b"GE", b"ST", b"SE"];
    let mut i = 0;
    while i < ids.len() {
        marked[(ids[i][0] & 31) as usize] |= 1 << (ids[i][1] & 31);
        i += 1;
    }
    marked
};

impl Framer {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            delimiters: Delimiters::default(),
            element: Wanted::new(b'*'),
            terminator: Wanted::new(b'~'),
            position: Position::default(),
            started: false,
            place: Place::Inside,
            searched: 0,
            limits,
            plain: 0,
            ahead: None,
        }
    }

    /// Finds an ordinary segment in the middle of a set; leaves everything else to [`Framer::careful`].
    #[inline(always)]
    fn plain(&self, buffer: &[u8]) -> Option<Found> {
        let skip = match *buffer.first_chunk()? {
            [first, _] if first > b'\r' => 0,
            [b'\n', _] => 1,
            [b'\r', b'\n'] => 2,
            _ => return None,
        };
        let block: &[u8; BLOCK] = buffer.get(skip..)?.first_chunk()?;
        let [first, second, third, ..] = *block;
        let marked = MARKED[usize::from(first & 31)] >> (second & 31) & 1 != 0;
        if !first.is_ascii_uppercase() || marked && (third == self.delimiters.element || first != b'S') {
            return None;
        }
        let terminators = self.terminator.places(block);
        let len = terminators.trailing_zeros() as usize;
        if len >= self.plain {
            return None;
        }
        let raw = len + 1;
        let ends = self.element.places(block);
        if matches!(block[(len - 1) % BLOCK], b'\r' | b'\n') {
            return without_break(block, Found { skip, len: len - 1, raw, ends });
        }
        // Up to and including the first terminator.
        let ends = (ends | terminators) & (terminators ^ (terminators - 1));
        Some(Found { skip, len, raw, ends })
    }

    /// Gives what is ahead its place, moves on behind it and looks ahead again.
    #[inline(always)]
    pub(super) fn take_ahead<'a>(&mut self, buffer: &'a [u8], found: Found) -> Segment<'a> {
        let segment = self.place(buffer, found);
        self.ahead = buffer.get(found.done()..).and_then(|rest| self.plain(rest));
        segment
    }

    #[inline(always)]
    fn place<'a>(&mut self, buffer: &'a [u8], found: Found) -> Segment<'a> {
        let in_set = self.position.in_set.saturating_add(u32::from(self.position.in_set > 0));
        let position =
            Position { offset: self.position.offset + found.skip as u64, segment: self.position.segment + 1, in_set };
        self.position.offset = position.offset + found.raw as u64;
        self.position.segment = position.segment;
        self.position.in_set = in_set;
        self.searched = 0;
        Segment {
            bytes: &buffer[found.skip..found.skip + found.len],
            ends: found.ends,
            position,
            delimiters: self.delimiters,
            terminated: true,
            binary: false,
            excess: None,
        }
    }

    /// Tells what stands at the start of `buffer`, which begins where the last segment or gap ended.
    #[inline(never)]
    pub(super) fn careful(&mut self, buffer: &[u8], eof: bool) -> Result<Next, X12Error> {
        Ok(match self.step(buffer, eof)? {
            Step::Segment { skip, len, terminated } => {
                let (found, role) = self.describe(&buffer[skip..skip + len], skip, terminated);
                Next::Segment(found, role)
            }
            Step::More { done: 0 } => Next::Starved,
            Step::More { done } => Next::Between(done),
            Step::End => Next::End,
        })
    }

    fn describe(&self, bytes: &[u8], skip: usize, terminated: bool) -> (Found, Role) {
        let element = self.delimiters.element;
        let raw = bytes.len() + usize::from(terminated);
        let before_data = data_after(bytes, element);
        let len = match before_data {
            0 => bytes.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1),
            _ => bytes.len(),
        };
        let mut ends = ends_of_parts(&bytes[..len], element);
        if before_data > 0 {
            let in_data = (0..before_data).fold(ends, |ends, _| ends & ends.wrapping_sub(1));
            ends &= !in_data;
        }
        let id = &bytes[..(ends.trailing_zeros() as usize).min(len)];
        let in_set = match (id, self.position.in_set) {
            (b"ST", _) => 1,
            (b"ISA" | b"GS" | b"GE" | b"IEA", _) | (_, 0) => 0,
            (_, n) => n.saturating_add(1),
        };
        let role =
            Role { in_set, terminated, binary: before_data > 0, ends_set: id == b"SE", ends_interchange: id == b"IEA" };
        (Found { skip, len, raw, ends }, role)
    }

    /// Gives what [`Framer::careful`] found its place and moves on behind it.
    pub(super) fn take<'a>(&mut self, buffer: &'a [u8], found: Found, role: Role) -> Segment<'a> {
        let mut segment = self.place(buffer, found);
        segment.position.in_set = role.in_set;
        (segment.terminated, segment.binary) = (role.terminated, role.binary);
        let split = if role.binary { &[] } else { segment.bytes };
        segment.excess = self.limits.excess(split, &self.delimiters);
        self.position.in_set = if role.ends_set { 0 } else { role.in_set };
        self.place = if role.ends_interchange { Place::Behind } else { Place::Inside };
        (self.element, self.terminator) =
            (Wanted::new(self.delimiters.element), Wanted::new(self.delimiters.terminator));
        let simple = self.place == Place::Inside && !matches!(self.delimiters.element, b'\r' | b'\n');
        self.plain = if simple { self.limits.harmless().min(BLOCK) } else { 0 };
        self.ahead = self.plain(&buffer[found.done()..]);
        segment
    }

    /// Moves on over bytes that hold no segment.
    pub(super) fn pass(&mut self, done: usize) {
        self.position.offset += done as u64;
        if let Some(found) = &mut self.ahead {
            found.skip -= done;
        }
    }

    /// Looks for the next segment in `buffer`, which begins where the last step was done.
    fn step(&mut self, buffer: &[u8], eof: bool) -> Result<Step, X12Error> {
        let skip = if !self.started {
            match self.start(buffer, eof)? {
                Some(skip) => skip,
                None => return Ok(Step::More { done: 0 }),
            }
        } else {
            self.noise(buffer)
        };
        if self.searched == 0 && skip > 0 && skip == buffer.len() && !eof {
            return Ok(Step::More { done: skip });
        }
        let rest = &buffer[skip..];
        if rest.is_empty() {
            return Ok(if eof { Step::End } else { Step::More { done: skip } });
        }
        if let Some(step) = self.header(rest, skip, eof)? {
            return Ok(step);
        }
        self.segment(rest, skip, eof)
    }

    /// Takes up the delimiters of an ISA; `Some` when that decides the step.
    fn header(&mut self, rest: &[u8], skip: usize, eof: bool) -> Result<Option<Step>, X12Error> {
        let is_segment = match self.place {
            Place::Inside => true,
            Place::Behind if rest.len() < LONGEST_ID + 1 && !eof => return Ok(Some(Step::More { done: skip })),
            Place::Behind => looks_like_segment(rest, self.delimiters.element),
            Place::Text => false,
        };
        if is_segment && rest[0] != b'I' {
            return Ok(None);
        }
        match Delimiters::of_header(rest) {
            Detected::Header(delimiters) => {
                self.delimiters = delimiters;
                self.place = Place::Inside;
                Ok(None)
            }
            Detected::Incomplete if !eof => Ok(Some(Step::More { done: skip })),
            Detected::Incomplete if rest.len() > 3 && rest[3] != self.delimiters.element => {
                Err(X12Error::TruncatedHeader { offset: self.position.offset + skip as u64 })
            }
            Detected::Incomplete | Detected::No if is_segment => Ok(None),
            Detected::Incomplete | Detected::No => {
                self.place = Place::Text;
                Ok(Some(Self::skip_to_header(rest, skip, eof)))
            }
        }
    }

    /// Text between two interchanges belongs to neither.
    fn skip_to_header(rest: &[u8], skip: usize, eof: bool) -> Step {
        match memmem::find(&rest[1..], b"ISA") {
            Some(at) => Step::More { done: skip + 1 + at },
            None if eof => Step::End,
            // Two bytes stay behind: they may be the begin of the next ISA.
            None => Step::More { done: skip + rest.len().saturating_sub(2).max(1).min(rest.len()) },
        }
    }

    fn segment(&mut self, rest: &[u8], skip: usize, eof: bool) -> Result<Step, X12Error> {
        let offset = self.position.offset + skip as u64;
        if let Some(length) = self.binary_length(rest, offset, eof)? {
            let Some(length) = length else {
                return if rest.len() > self.limits.segment {
                    Err(self.too_long(offset))
                } else {
                    Ok(Step::More { done: skip })
                };
            };
            let end = rest.get(length).copied();
            return match end {
                Some(byte) if byte == self.delimiters.terminator => {
                    Ok(Step::Segment { skip, len: length, terminated: true })
                }
                None if !eof && length <= self.limits.segment => Ok(Step::More { done: skip }),
                None if length > self.limits.segment => Err(self.too_long(offset)),
                None if length == rest.len() => Ok(Step::Segment { skip, len: length, terminated: false }),
                Some(_) | None => Err(X12Error::BinaryLength { offset }),
            };
        }
        let window = &rest[..rest.len().min(self.limits.segment.saturating_add(1))];
        let from = self.searched.min(window.len());
        match memchr(self.delimiters.terminator, &window[from..]) {
            Some(at) => Ok(Step::Segment { skip, len: from + at, terminated: true }),
            None if rest.len() > self.limits.segment => Err(self.too_long(offset)),
            None if eof => Ok(Step::Segment { skip, len: rest.len(), terminated: false }),
            None => {
                self.searched = rest.len();
                Ok(Step::More { done: skip })
            }
        }
    }

    fn too_long(&self, offset: u64) -> X12Error {
        X12Error::SegmentTooLong { offset, limit: self.limits.segment }
    }

    /// Returns the length of a segment that holds binary data; the inner `None` asks for more bytes.
    fn binary_length(&self, rest: &[u8], offset: u64, eof: bool) -> Result<Option<Option<usize>>, X12Error> {
        let element = self.delimiters.element;
        let before = match data_after(rest, element) {
            0 => return Ok(None),
            separators => separators - 1,
        };
        // An id, a filter code and a length of at most 15 digits.
        let head = &rest[..rest.len().min(32)];
        let mut separators = memchr::memchr_iter(element, head).skip(before - 1);
        match (separators.next(), separators.next()) {
            (Some(from), Some(to)) => {
                let digits = &head[from + 1..to];
                let number = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
                let length: usize = number.and_then(|d| d.parse().ok()).ok_or(X12Error::BinaryLength { offset })?;
                Ok(Some(Some(length.saturating_add(to + 1))))
            }
            _ if eof || rest.len() >= 32 => Err(X12Error::BinaryLength { offset }),
            _ => Ok(Some(None)),
        }
    }

    /// Finds the first interchange, or takes a file that begins with a group or a set: one that begins near the start,
    /// else the group or set, else one that begins later. The answer does not depend on how much is there already.
    fn start(&mut self, buffer: &[u8], eof: bool) -> Result<Option<usize>, X12Error> {
        let window = &buffer[..buffer.len().min(LEADING_WINDOW)];
        let blank = leading_blank(window);
        let near = memmem::find_iter(window, b"ISA").take_while(|at| *at < LEADING_NEAR);
        let starts = near.map(Some).chain(std::iter::once(None));
        for at in starts.chain(memmem::find_iter(window, b"ISA").skip_while(|at| *at < LEADING_NEAR).map(Some)) {
            let Some(at) = at else {
                if !eof && buffer.len() < blank.max(LEADING_NEAR) + HEADER_WINDOW {
                    return Ok(None);
                }
                if let Some(delimiters) = Delimiters::of_headless(&buffer[blank..]) {
                    return Ok(Some(self.begin(blank, delimiters)));
                }
                continue;
            };
            match Delimiters::of_header(&buffer[at..]) {
                Detected::Header(delimiters) => return Ok(Some(self.begin(at, delimiters))),
                Detected::Incomplete if !eof => return Ok(None),
                Detected::Incomplete if at == blank => return Err(X12Error::TruncatedHeader { offset: at as u64 }),
                Detected::Incomplete | Detected::No => {}
            }
        }
        if eof || window.len() == LEADING_WINDOW {
            return Err(X12Error::NotX12 { searched: window.len() as u64 });
        }
        Ok(None)
    }

    fn begin(&mut self, at: usize, delimiters: Delimiters) -> usize {
        self.delimiters = delimiters;
        self.started = true;
        at
    }

    /// Counts line breaks, blanks and stray terminators in front of a segment.
    fn noise(&self, buffer: &[u8]) -> usize {
        let Delimiters { element, terminator, .. } = self.delimiters;
        let is_noise = |b: u8| b == terminator || (matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0) && b != element);
        buffer.iter().position(|b| !is_noise(*b)).unwrap_or(buffer.len())
    }
}

/// Ends a segment in front of the carriage return that belongs to the line feed behind it; leaves more to a closer look.
fn without_break(block: &[u8; BLOCK], found: Found) -> Option<Found> {
    let end = 1 << found.len;
    let [.., before, b'\r'] = block[..=found.len] else { return None };
    let found = Found { ends: found.ends & (end - 1) | end, ..found };
    (!matches!(before, b'\r' | b'\n')).then_some(found)
}

/// After how many separators the data of a binary segment begins; 0 for any other segment.
fn data_after(bytes: &[u8], element: u8) -> usize {
    match bytes {
        [b'B', b'I', b'N', e, ..] if *e == element => 2,
        [b'B', b'D', b'S', e, ..] if *e == element => 3,
        _ => 0,
    }
}

fn leading_blank(bytes: &[u8]) -> usize {
    let bom = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    bytes[bom..].iter().position(|b| !b.is_ascii_whitespace()).map_or(bytes.len(), |at| at + bom)
}

fn looks_like_segment(bytes: &[u8], element: u8) -> bool {
    let id = &bytes[..bytes.len().min(LONGEST_ID + 1)];
    matches!(memchr(element, id), Some(2 | 3)) && id[0].is_ascii_uppercase()
}
