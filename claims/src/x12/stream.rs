//! Segments of a source that need not fit into memory.

use std::io::{ErrorKind, Read};

use super::delimiter::is_wrapped;
use super::frame::{Framer, Step, X12Error};
use super::segment::Segment;

/// What a stream may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest segment in bytes; also bounds the memory.
    pub segment: usize,
}

impl Default for Limits {
    /// Segments of at most one mebibyte.
    fn default() -> Self {
        Self { segment: 1 << 20 }
    }
}

impl Limits {
    /// Segments of at most `bytes` bytes.
    #[must_use]
    pub const fn segments_of(bytes: usize) -> Self {
        Self { segment: bytes }
    }
}

const CHUNK: usize = 64 * 1024;

/// Walks the segments of any source; memory is bounded by the longest segment, whatever the size of the file.
///
/// Each segment borrows the buffer, so there is no `Iterator`: call [`StreamReader::next_segment`] until `None`.
pub struct StreamReader<R> {
    source: R,
    framer: Framer,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    eof: bool,
    failed: bool,
    wrapped: bool,
}

impl<R: Read> StreamReader<R> {
    /// Reads `source` with the default limits.
    pub fn new(source: R) -> Self {
        Self::with_limits(source, Limits::default())
    }

    /// Reads `source` with limits of your own.
    pub fn with_limits(source: R, limits: Limits) -> Self {
        Self {
            source,
            framer: Framer::new(limits.segment),
            buffer: Vec::new(),
            start: 0,
            end: 0,
            eof: false,
            failed: false,
            wrapped: false,
        }
    }

    /// Returns the next segment, or `None` at the end; after an error the stream is over.
    ///
    /// # Errors
    /// The source fails, is not X12, or holds a segment that breaks a limit.
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, X12Error> {
        if self.failed {
            return Ok(None);
        }
        loop {
            let step = self.framer.step(&self.buffer[self.start..self.end], self.eof);
            match step {
                Ok(Step::Segment { skip, len, done, terminated }) => {
                    let from = self.start + skip;
                    self.start += done;
                    return Ok(Some(self.framer.place(&self.buffer[from..from + len], skip, done, terminated)));
                }
                Ok(Step::End) => return Ok(None),
                Ok(Step::More { done }) => {
                    if done > 0 {
                        self.start += done;
                        self.framer.pass(done);
                    }
                    if self.eof && done == 0 {
                        return Ok(None);
                    }
                    if (done == 0 || self.start == self.end) && !self.eof {
                        self.fill()?;
                    }
                }
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
            }
        }
    }

    /// Gets more bytes behind those not yet done with.
    fn fill(&mut self) -> Result<(), X12Error> {
        let first = self.buffer.is_empty();
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            let size = (self.buffer.len() * 2).max(CHUNK);
            self.buffer.resize(size, 0);
        }
        // The first look needs enough to see whether the file is wrapped.
        let wanted = if first { 1024 } else { 1 };
        let before = self.end;
        while !self.eof && self.end - before < wanted {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.eof = true,
                // A source that claims more than it was given room for is not believed.
                Ok(n) => self.end = (self.end + n).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => {
                    self.failed = true;
                    let offset = self.framer.position.offset + (self.end - self.start) as u64;
                    return Err(X12Error::Io { offset, source });
                }
            }
        }
        if first {
            self.wrapped = is_wrapped(&self.buffer[..self.end]);
        }
        if self.wrapped {
            self.unwrap_from(before);
        }
        Ok(())
    }

    fn unwrap_from(&mut self, before: usize) {
        let mut to = before;
        for from in before..self.end {
            let byte = self.buffer[from];
            if !matches!(byte, b'\r' | b'\n') {
                self.buffer[to] = byte;
                to += 1;
            }
        }
        self.end = to;
    }
}

impl<R> std::fmt::Debug for StreamReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StreamReader(after {})", self.framer.position)
    }
}
