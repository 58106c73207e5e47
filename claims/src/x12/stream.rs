//! Segments of a source that need not fit into memory.

use std::io::{ErrorKind, Read};

use super::delimiter::is_wrapped;
use super::error::X12Error;
use super::frame::{Found, Framer, Next};
use super::limits::Limits;
use super::piece::Piece;
use super::segment::Segment;

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
            framer: Framer::new(limits),
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
    #[inline(always)]
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, X12Error> {
        match self.framer.ahead {
            Some(found) => {
                let from = self.pass_over(found.done());
                Ok(Some(self.framer.take_ahead(&self.buffer[from..self.end], found)))
            }
            None => self.next_carefully(),
        }
    }

    /// Returns the next segment or what stands between two; all pieces one after the other are the source.
    ///
    /// The line breaks of a source wrapped at a fixed width are in no piece, see [`StreamReader::is_wrapped`].
    ///
    /// # Errors
    /// As [`StreamReader::next_segment`].
    #[inline(always)]
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, X12Error> {
        match self.framer.ahead {
            Some(found) if found.skip == 0 => {
                let from = self.pass_over(found.raw);
                let segment = self.framer.take_ahead(&self.buffer[from..self.end], found);
                Ok(Some(Piece::Segment { segment, raw: &self.buffer[from..self.start] }))
            }
            Some(found) => Ok(Some(self.between(found.skip))),
            None => self.next_piece_carefully(),
        }
    }

    /// Returns whether the source was wrapped at a fixed width, which its first segment tells.
    #[must_use]
    pub const fn is_wrapped(&self) -> bool {
        self.wrapped
    }

    #[cold]
    #[inline(never)]
    fn next_carefully(&mut self) -> Result<Option<Segment<'_>>, X12Error> {
        loop {
            match self.look()? {
                Next::Segment(found, role) => {
                    let from = self.pass_over(found.done());
                    return Ok(Some(self.framer.take(&self.buffer[from..self.end], found, role)));
                }
                Next::Between(len) => drop(self.between(len)),
                Next::Starved | Next::End => return Ok(None),
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn next_piece_carefully(&mut self) -> Result<Option<Piece<'_>>, X12Error> {
        let between = match self.look()? {
            Next::Segment(found, role) if found.skip == 0 => {
                let from = self.pass_over(found.raw);
                let segment = self.framer.take(&self.buffer[from..self.end], found, role);
                return Ok(Some(Piece::Segment { segment, raw: &self.buffer[from..self.start] }));
            }
            Next::Segment(Found { skip, .. }, _) | Next::Between(skip) => skip,
            Next::Starved | Next::End if self.failed || self.start == self.end => return Ok(None),
            Next::Starved | Next::End => self.end - self.start,
        };
        Ok(Some(self.between(between)))
    }

    fn between(&mut self, len: usize) -> Piece<'_> {
        let from = self.pass_over(len);
        self.framer.pass(len);
        Piece::Between(&self.buffer[from..self.start])
    }

    /// Finds the next segment or gap, reading on where that is needed.
    fn look(&mut self) -> Result<Next, X12Error> {
        if self.failed {
            return Ok(Next::End);
        }
        loop {
            match self.framer.careful(&self.buffer[self.start..self.end], self.eof) {
                Ok(Next::Starved) if !self.eof => self.fill()?,
                Ok(next) => return Ok(next),
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
            }
        }
    }

    /// Moves on and returns from where.
    #[inline(always)]
    fn pass_over(&mut self, done: usize) -> usize {
        let from = self.start;
        self.start += done;
        from
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
