//! One file made into several: an interchange for each set, or for each group.
//!
//! What stands in a set is copied byte by byte, control numbers included; trailers of groups and interchanges are made
//! anew, so that their counts are right. Memory holds one segment.

use std::io::{self, BufWriter, Read, Write};

use super::{Envelope, EnvelopeFinding, Piece, Position, Segment, StreamReader, X12Error};

/// What each part of a split file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SplitBy {
    /// One set.
    Set,
    /// One group.
    Group,
}

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Part {
    /// Number in the file, counted from 1.
    pub number: u64,
    /// ISA13.
    pub interchange: String,
    /// GS06; none for the acknowledgements (TA1) of an interchange, which have a part of their own.
    pub group: Option<String>,
    /// ST02, when split by sets.
    pub set: Option<String>,
    /// ST01 of its first set.
    pub code: Option<String>,
    /// Where it begins.
    pub position: Position,
}

/// What a split came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Split {
    /// How many parts there are.
    pub parts: u64,
    /// What is wrong with the envelopes of the file. Sets are copied as they are, whatever is wrong with them.
    pub findings: Vec<EnvelopeFinding>,
    /// Segments that stand in no set, and so are in no part; at most a thousand.
    pub left_out: Vec<Position>,
}

/// Why a file was not split to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] X12Error),
    /// A part cannot be written.
    #[error("part {part} cannot be written")]
    Write {
        /// Its number.
        part: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A group or set stands outside of any interchange or group, so that no envelope can be made.
    #[error("there is no envelope for {position}")]
    NoEnvelope {
        /// Where it stands.
        position: Position,
    },
}

/// Splits `source`; `open` is asked for a sink at the beginning of each part.
///
/// ```
/// use std::{cell::RefCell, io, rc::Rc};
/// use mentalspace_claims::x12::{SplitBy, split};
/// # #[derive(Clone, Default)]
/// # struct File(Rc<RefCell<Vec<u8>>>);
/// # impl io::Write for File {
/// #     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> { self.0.borrow_mut().write(bytes) }
/// #     fn flush(&mut self) -> io::Result<()> { Ok(()) }
/// # }
/// let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240131*1200*^*00501*000000001*0*T*:~\
///     GS*HC*S*R*20240131*1200*1*X*005010X222A1~ST*837*0001~SE*2*0001~ST*837*0002~SE*2*0002~GE*2*1~IEA*1*000000001~";
/// let mut files = Vec::new();
/// let split = split(file.as_bytes(), SplitBy::Set, |_| {
///     files.push(File::default());
///     Ok(files[files.len() - 1].clone())
/// })?;
/// assert_eq!(split.parts, 2);
/// assert!(files[1].0.borrow().ends_with(b"~ST*837*0002~SE*2*0002~GE*1*1~IEA*1*000000001~"));
/// # Ok::<(), mentalspace_claims::x12::SplitError>(())
/// ```
///
/// # Errors
/// The file cannot be read, a part cannot be written, or there is no envelope to put around a part.
pub fn split<R: Read, W: Write>(
    source: R,
    by: SplitBy,
    open: impl FnMut(&Part) -> io::Result<W>,
) -> Result<Split, SplitError> {
    let mut reader = StreamReader::new(source);
    let mut splitter = Splitter {
        by,
        open,
        envelope: Envelope::new(),
        parts: 0,
        interchange: Vec::new(),
        group: Vec::new(),
        line_end: Vec::new(),
        ending: Vec::new(),
        element: b'*',
        part: None,
        left_out: Vec::new(),
    };
    let mut after_header = false;
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Segment { segment, raw } => {
                after_header = segment.id() == b"ISA";
                splitter.take(&segment, raw)?;
            }
            // How the first segment ends its line, all do.
            Piece::Between(bytes) if after_header => {
                let breaks = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n'));
                splitter.line_end.extend(breaks.take(2 - splitter.line_end.len()));
            }
            Piece::Between(_) => {}
        }
    }
    splitter.close()?;
    splitter.envelope.finish();
    let findings = splitter.envelope.findings().to_vec();
    Ok(Split { parts: splitter.parts, findings, left_out: splitter.left_out })
}

/// Positions kept; a hostile file could make one per segment.
const MAX_LEFT_OUT: usize = 1000;

struct Splitter<O, W: Write> {
    by: SplitBy,
    open: O,
    envelope: Envelope,
    parts: u64,
    /// The bytes of the last ISA and GS, without what follows their terminators.
    interchange: Vec<u8>,
    group: Vec<u8>,
    /// What follows each terminator: at most a line break.
    line_end: Vec<u8>,
    /// What ends the ISA: its terminator, and a carriage return where that is a line feed.
    ending: Vec<u8>,
    element: u8,
    part: Option<Open<W>>,
    left_out: Vec<Position>,
}

/// The part that is being written.
struct Open<W: Write> {
    sink: BufWriter<W>,
    /// GS06, when it holds a group.
    group: Option<String>,
    /// ISA13.
    interchange: String,
    sets: u64,
}

impl<O: FnMut(&Part) -> io::Result<W>, W: Write> Splitter<O, W> {
    fn take(&mut self, segment: &Segment<'_>, raw: &[u8]) -> Result<(), SplitError> {
        let in_set = self.envelope.set().is_some();
        self.envelope.feed(segment);
        match segment.id() {
            b"ISA" => {
                self.close()?;
                raw.clone_into(&mut self.interchange);
                self.line_end.clear();
                raw[segment.bytes().len()..].clone_into(&mut self.ending);
                self.element = segment.delimiters().element;
            }
            b"GS" => {
                self.close()?;
                raw.clone_into(&mut self.group);
            }
            b"GE" | b"IEA" => self.close()?,
            b"ST" => {
                if self.by == SplitBy::Set || self.part.as_ref().is_some_and(|part| part.group.is_none()) {
                    self.close()?;
                }
                if self.part.is_none() {
                    self.begin(segment.position(), Holds::Sets)?;
                }
                self.copy(raw)?;
                if let Some(part) = &mut self.part {
                    part.sets += 1;
                }
            }
            _ if in_set && segment.is_terminated() => self.copy(raw)?,
            _ if in_set => self.copy(&[segment.bytes(), &self.ending].concat())?,
            b"TA1" => {
                if self.part.as_ref().is_some_and(|part| part.group.is_some()) {
                    self.close()?;
                }
                if self.part.is_none() {
                    self.begin(segment.position(), Holds::Acknowledgements)?;
                }
                self.copy(raw)?;
            }
            _ if self.left_out.len() < MAX_LEFT_OUT => self.left_out.push(segment.position()),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, position: Position, holds: Holds) -> Result<(), SplitError> {
        let no_envelope = SplitError::NoEnvelope { position };
        let Some(interchange) = self.envelope.interchange() else { return Err(no_envelope) };
        let group = match (holds, self.envelope.group()) {
            (Holds::Sets, None) => return Err(no_envelope),
            (Holds::Sets, group) => group,
            (Holds::Acknowledgements, _) => None,
        };
        let set = self.envelope.set();
        self.parts += 1;
        let part = Part {
            number: self.parts,
            interchange: interchange.control.clone(),
            group: group.map(|group| group.control.clone()),
            set: set.filter(|_| self.by == SplitBy::Set).map(|set| set.control.clone()),
            code: set.map(|set| set.code.clone()),
            position,
        };
        let write = |source| SplitError::Write { part: part.number, source };
        let sink = BufWriter::new((self.open)(&part).map_err(write)?);
        self.part = Some(Open { sink, interchange: part.interchange, group: part.group, sets: 0 });
        let (interchange, group) = (std::mem::take(&mut self.interchange), std::mem::take(&mut self.group));
        self.copy(&interchange)?;
        if matches!(holds, Holds::Sets) {
            self.copy(&group)?;
        }
        (self.interchange, self.group) = (interchange, group);
        Ok(())
    }

    fn copy(&mut self, raw: &[u8]) -> Result<(), SplitError> {
        let part = self.parts;
        let Some(open) = &mut self.part else { return Ok(()) };
        let written = open.sink.write_all(raw).and_then(|()| open.sink.write_all(&self.line_end));
        written.map_err(|source| SplitError::Write { part, source })
    }

    /// Ends the part, if there is one.
    fn close(&mut self) -> Result<(), SplitError> {
        let Some(open) = &self.part else { return Ok(()) };
        let trailer = |id: &str, count: u64, control: &str| {
            let count = count.to_string();
            let element = &[self.element][..];
            [id.as_bytes(), element, count.as_bytes(), element, control.as_bytes(), &self.ending].concat()
        };
        let group = open.group.as_ref().map(|control| trailer("GE", open.sets, control));
        let interchange = trailer("IEA", group.iter().len() as u64, &open.interchange);
        if let Some(group) = group {
            self.copy(&group)?;
        }
        self.copy(&interchange)?;
        let part = self.parts;
        let flushed = self.part.take().map_or(Ok(()), |mut open| open.sink.flush());
        flushed.map_err(|source| SplitError::Write { part, source })
    }
}

/// What a part is begun for.
#[derive(Clone, Copy)]
enum Holds {
    Sets,
    Acknowledgements,
}
