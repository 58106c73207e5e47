//! Finding the next segment in a buffer: the one place that decides where segments begin and end.

use memchr::{memchr, memmem};

use super::delimiter::{Delimiters, Detected};
use super::segment::{Position, Segment};

/// Why no further segment can be told. Says where, never what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum X12Error {
    /// Neither an interchange nor a group nor a set begins here.
    #[error("no x12 interchange begins within {searched} bytes")]
    NotX12 {
        /// How many bytes were looked at.
        searched: u64,
    },
    /// The file ends within its interchange header.
    #[error("the file ends within the interchange header at byte {offset}")]
    TruncatedHeader {
        /// Where the header begins.
        offset: u64,
    },
    /// A segment is longer than allowed.
    #[error("the segment at byte {offset} is longer than {limit} bytes")]
    SegmentTooLong {
        /// Where it begins.
        offset: u64,
        /// The limit in force.
        limit: usize,
    },
    /// A binary segment does not say how long it is, or is cut short.
    #[error("the binary segment at byte {offset} has no usable length")]
    BinaryLength {
        /// Where it begins.
        offset: u64,
    },
    /// The source could not be read.
    #[error("the source cannot be read after byte {offset}")]
    Io {
        /// Where reading stopped.
        offset: u64,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// How many bytes before the first interchange are searched for it.
const LEADING_WINDOW: u64 = 64 * 1024;

/// What [`Framer::step`] found at the start of the buffer.
pub(super) enum Step {
    /// More bytes are needed; this many at the start are done with.
    More { done: usize },
    /// A segment of `len` bytes after `skip`; `done` includes the terminator.
    Segment { skip: usize, len: usize, done: usize, terminated: bool },
    /// Nothing follows.
    End,
}

/// The state between two segments.
#[derive(Debug, Clone)]
pub(super) struct Framer {
    pub(super) delimiters: Delimiters,
    pub(super) position: Position,
    started: bool,
    after_interchange: bool,
    /// Bytes behind the start of the buffer in which there is no terminator, so that a refill does not search again.
    searched: usize,
    pub(super) limit: usize,
}

impl Framer {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            delimiters: Delimiters::default(),
            position: Position::default(),
            started: false,
            after_interchange: false,
            searched: 0,
            limit,
        }
    }

    /// Looks for the next segment in `buffer`, which begins where the last step was done.
    pub(super) fn step(&mut self, buffer: &[u8], eof: bool) -> Result<Step, X12Error> {
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
        if rest[0] == b'I' || (self.after_interchange && !looks_like_segment(rest, self.delimiters.element)) {
            match Delimiters::of_header(rest) {
                Detected::Header(delimiters) => {
                    self.delimiters = delimiters;
                    self.after_interchange = false;
                }
                Detected::Incomplete if !eof => return Ok(Some(Step::More { done: skip })),
                Detected::Incomplete if rest.len() > 3 && rest[3] != self.delimiters.element => {
                    return Err(X12Error::TruncatedHeader { offset: self.position.offset + skip as u64 });
                }
                Detected::Incomplete | Detected::No
                    if self.after_interchange && !looks_like_segment(rest, self.delimiters.element) =>
                {
                    return Ok(Some(self.skip_to_header(rest, skip, eof)));
                }
                Detected::Incomplete | Detected::No => {}
            }
        }
        Ok(None)
    }

    /// Text between two interchanges belongs to neither.
    fn skip_to_header(&self, rest: &[u8], skip: usize, eof: bool) -> Step {
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
                return if rest.len() > self.limit {
                    Err(self.too_long(offset))
                } else {
                    Ok(Step::More { done: skip })
                };
            };
            let end = rest.get(length).copied();
            return match end {
                Some(byte) if byte == self.delimiters.terminator => Ok(self.found(skip, length, true)),
                None if !eof && length <= self.limit => Ok(Step::More { done: skip }),
                None if length > self.limit => Err(self.too_long(offset)),
                None if length == rest.len() => Ok(self.found(skip, length, false)),
                Some(_) | None => Err(X12Error::BinaryLength { offset }),
            };
        }
        let window = &rest[..rest.len().min(self.limit.saturating_add(1))];
        let from = self.searched.min(window.len());
        match memchr(self.delimiters.terminator, &window[from..]) {
            Some(at) => Ok(self.found(skip, from + at, true)),
            None if rest.len() > self.limit => Err(self.too_long(offset)),
            None if eof => Ok(self.found(skip, rest.len(), false)),
            None => {
                self.searched = rest.len();
                Ok(Step::More { done: skip })
            }
        }
    }

    fn found(&mut self, skip: usize, len: usize, terminated: bool) -> Step {
        self.searched = 0;
        Step::Segment { skip, len, done: skip + len + usize::from(terminated), terminated }
    }

    fn too_long(&self, offset: u64) -> X12Error {
        X12Error::SegmentTooLong { offset, limit: self.limit }
    }

    /// Returns the length of a segment that holds binary data; the inner `None` asks for more bytes.
    fn binary_length(&self, rest: &[u8], offset: u64, eof: bool) -> Result<Option<Option<usize>>, X12Error> {
        let element = self.delimiters.element;
        let before = match rest {
            [b'B', b'I', b'N', e, ..] if *e == element => 1,
            [b'B', b'D', b'S', e, ..] if *e == element => 2,
            _ => return Ok(None),
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

    /// Finds the first interchange, or takes a file that begins with a group or a set.
    fn start(&mut self, buffer: &[u8], eof: bool) -> Result<Option<usize>, X12Error> {
        let window = &buffer[..buffer.len().min(LEADING_WINDOW as usize)];
        let full = eof || window.len() as u64 == LEADING_WINDOW;
        for at in memmem::find_iter(window, b"ISA") {
            match Delimiters::of_header(&buffer[at..]) {
                Detected::Header(delimiters) => {
                    self.delimiters = delimiters;
                    self.started = true;
                    return Ok(Some(at));
                }
                Detected::Incomplete if !eof => return Ok(None),
                Detected::Incomplete if at == leading_blank(window) => {
                    return Err(X12Error::TruncatedHeader { offset: at as u64 });
                }
                Detected::Incomplete | Detected::No => {}
            }
        }
        let blank = leading_blank(window);
        if !full && buffer.len() - blank < 1024 {
            return Ok(None);
        }
        if let Some(delimiters) = Delimiters::of_headless(&buffer[blank..]) {
            self.delimiters = delimiters;
            self.started = true;
            return Ok(Some(blank));
        }
        if full { Err(X12Error::NotX12 { searched: window.len() as u64 }) } else { Ok(None) }
    }

    /// Counts line breaks, blanks and stray terminators in front of a segment.
    fn noise(&self, buffer: &[u8]) -> usize {
        let Delimiters { element, terminator, .. } = self.delimiters;
        let is_noise = |b: u8| b == terminator || (matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0) && b != element);
        buffer.iter().position(|b| !is_noise(*b)).unwrap_or(buffer.len())
    }

    /// Gives `bytes`, which begin at `skip` behind the last step, their place and moves on.
    pub(super) fn place<'a>(&mut self, bytes: &'a [u8], skip: usize, done: usize, terminated: bool) -> Segment<'a> {
        let delimiters = self.delimiters;
        let end = bytes.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1);
        let binary = bytes.starts_with(b"BIN") || bytes.starts_with(b"BDS");
        let bytes = if binary { bytes } else { &bytes[..end] };
        self.position.segment += 1;
        let mut segment = Segment { bytes, delimiters, position: self.position, terminated };
        segment.position.offset += skip as u64;
        let id = segment.id();
        segment.position.in_set = match (id, self.position.in_set) {
            (b"ST", _) => 1,
            (b"ISA" | b"GS" | b"GE" | b"IEA", _) | (_, 0) => 0,
            (_, n) => n.saturating_add(1),
        };
        self.position.in_set = if id == b"SE" { 0 } else { segment.position.in_set };
        self.after_interchange = id == b"IEA";
        self.position.offset += done as u64;
        segment
    }

    /// Moves on over bytes that hold no segment.
    pub(super) fn pass(&mut self, done: usize) {
        self.position.offset += done as u64;
    }
}

fn leading_blank(bytes: &[u8]) -> usize {
    let bom = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    bytes[bom..].iter().position(|b| !b.is_ascii_whitespace()).map_or(bytes.len(), |at| at + bom)
}

fn looks_like_segment(bytes: &[u8], element: u8) -> bool {
    let id = &bytes[..bytes.len().min(4)];
    matches!(memchr(element, id), Some(2 | 3)) && id[0].is_ascii_uppercase()
}

/// Walks the segments of a file that is in memory, without copying.
///
/// ```
/// use mentalspace_claims::x12::Reader;
/// let file = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       \
///     *240131*1200*^*00501*000000001*0*T*:~GS*HC*S*R*20240131*1200*1*X*005010X222A1~";
/// let ids: Vec<_> = Reader::new(file).map(|s| s.map(|s| s.id().to_vec())).collect::<Result<_, _>>()?;
/// assert_eq!(ids, [b"ISA".to_vec(), b"GS".to_vec()]);
/// # Ok::<(), mentalspace_claims::x12::X12Error>(())
/// ```
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    framer: Framer,
    failed: bool,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which may hold several interchanges and text around them.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, framer: Framer::new(usize::MAX), failed: false }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Segment<'a>, X12Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            match self.framer.step(self.bytes, true) {
                Ok(Step::Segment { skip, len, done, terminated }) => {
                    let bytes = &self.bytes[skip..skip + len];
                    self.bytes = &self.bytes[done..];
                    return Some(Ok(self.framer.place(bytes, skip, done, terminated)));
                }
                Ok(Step::More { done }) if done > 0 => {
                    self.bytes = &self.bytes[done..];
                    self.framer.pass(done);
                }
                Ok(Step::More { .. } | Step::End) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader(after {})", self.framer.position)
    }
}
