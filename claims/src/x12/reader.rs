//! Segments of a file that is in memory.

use super::error::X12Error;
use super::frame::{Found, Framer, Next, Role};
use super::limits::Limits;
use super::piece::Piece;
use super::segment::Segment;

/// Walks the segments of a file that is in memory, without copying.
///
/// A file wrapped at a fixed width must be unwrapped first, by [`super::unwrap_lines`]: its segments are not in one
/// stretch.
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
    /// Reads `bytes`, which may hold several interchanges and text around them. Segments may have any length.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_limits(bytes, Limits::in_memory())
    }

    /// Reads `bytes` with limits of your own.
    #[must_use]
    pub fn with_limits(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, framer: Framer::new(limits), failed: false }
    }

    /// Returns the next segment or what stands between two; all pieces one after the other are the file.
    ///
    /// ```
    /// use mentalspace_claims::x12::{Piece, Reader};
    /// let file = b"\xEF\xBB\xBFST*835*0001~\r\nSE*2*0001~\n";
    /// let (mut reader, mut copy, mut segments) = (Reader::new(file), Vec::new(), 0);
    /// while let Some(piece) = reader.next_piece()? {
    ///     segments += usize::from(matches!(piece, Piece::Segment { .. }));
    ///     copy.extend_from_slice(piece.bytes());
    /// }
    /// assert_eq!((&copy[..], segments), (&file[..], 2));
    /// # Ok::<(), mentalspace_claims::x12::X12Error>(())
    /// ```
    ///
    /// # Errors
    /// As the iterator's; what follows an error is [`Reader::rest`].
    #[inline(always)]
    pub fn next_piece(&mut self) -> Result<Option<Piece<'a>>, X12Error> {
        if let Some(found) = self.framer.ahead {
            if found.skip > 0 {
                return Ok(Some(self.between(found.skip)));
            }
            let raw = &self.bytes[..found.raw];
            return Ok(Some(Piece::Segment { segment: self.take_ahead(found), raw }));
        }
        self.next_piece_carefully()
    }

    #[cold]
    #[inline(never)]
    fn next_piece_carefully(&mut self) -> Result<Option<Piece<'a>>, X12Error> {
        let between = match self.look()? {
            Next::Segment(found, role) if found.skip == 0 => {
                let raw = &self.bytes[..found.raw];
                return Ok(Some(Piece::Segment { segment: self.take(found, role), raw }));
            }
            Next::Segment(Found { skip, .. }, _) | Next::Between(skip) => skip,
            Next::Starved | Next::End if self.failed || self.bytes.is_empty() => return Ok(None),
            Next::Starved | Next::End => self.bytes.len(),
        };
        Ok(Some(self.between(between)))
    }

    fn between(&mut self, len: usize) -> Piece<'a> {
        let (piece, rest) = self.bytes.split_at(len);
        self.bytes = rest;
        self.framer.pass(len);
        Piece::Between(piece)
    }

    /// Returns what was not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    fn look(&mut self) -> Result<Next, X12Error> {
        if self.failed {
            return Ok(Next::End);
        }
        self.framer.careful(self.bytes, true).inspect_err(|_| self.failed = true)
    }

    #[inline(always)]
    fn take_ahead(&mut self, found: Found) -> Segment<'a> {
        let segment = self.framer.take_ahead(self.bytes, found);
        self.bytes = &self.bytes[found.done()..];
        segment
    }

    fn take(&mut self, found: Found, role: Role) -> Segment<'a> {
        let segment = self.framer.take(self.bytes, found, role);
        self.bytes = &self.bytes[found.done()..];
        segment
    }

    #[cold]
    #[inline(never)]
    fn next_carefully(&mut self) -> Result<Option<Segment<'a>>, X12Error> {
        loop {
            match self.look()? {
                Next::Segment(found, role) => return Ok(Some(self.take(found, role))),
                Next::Between(len) => drop(self.between(len)),
                Next::Starved | Next::End => return Ok(None),
            }
        }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Segment<'a>, X12Error>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        match self.framer.ahead {
            Some(found) => Some(Ok(self.take_ahead(found))),
            None => self.next_carefully().transpose(),
        }
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader(after {})", self.framer.position)
    }
}
