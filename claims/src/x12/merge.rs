//! Several files made into one interchange.
//!
//! What stands in a set is copied, with the delimiters of the first file. Groups and sets get new control numbers, which
//! are unique in the whole interchange, and trailers are made anew, so that every count is right. Memory holds one
//! segment and what was renumbered.

use std::io::{self, BufWriter, Read, Write};

use super::translate::Translation;
use super::{Delimiters, Envelope, EnvelopeFinding, Position, Segment, StreamReader, X12Error};

/// What becomes of the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Groups {
    /// Each stays one.
    Keep,
    /// Neighbours of the same kind, version, sender and receiver become one.
    #[default]
    Join,
}

/// How files are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MergeOptions {
    /// What becomes of the groups.
    pub groups: Groups,
    /// ISA13 of the merged file; that of the first where none is given.
    pub control: Option<u32>,
}

/// What got a new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// A group: GS06.
    Group,
    /// A set: ST02.
    Set,
}

/// The old and the new control number of a group or set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Renumbered {
    /// Number of the file, counted from 1.
    pub file: usize,
    /// Where it stands in that file.
    pub position: Position,
    /// Whether group or set.
    pub level: Level,
    /// As it was.
    pub old: String,
    /// As it is in the merged file.
    pub new: String,
}

/// What a merge came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Merged {
    /// How many groups there are.
    pub groups: u32,
    /// How many sets there are.
    pub sets: u32,
    /// All groups and sets, in their order.
    pub renumbered: Vec<Renumbered>,
    /// What was wrong with the envelopes of the files, by number of the file. Counts and trailers are right now.
    pub findings: Vec<(usize, EnvelopeFinding)>,
    /// Segments that stood in no set and are left out, by number of the file; at most a thousand.
    pub left_out: Vec<(usize, Position)>,
}

/// Why files were not merged. What was written by then is not a whole interchange.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// A file cannot be read.
    #[error("file {file} cannot be read")]
    Read {
        /// Its number, counted from 1.
        file: usize,
        /// Why.
        #[source]
        source: X12Error,
    },
    /// The merged file cannot be written.
    #[error("the merged file cannot be written")]
    Write(#[from] io::Error),
    /// There is no interchange to merge into.
    #[error("file {file} has no envelope for {position}")]
    NoEnvelope {
        /// Its number.
        file: usize,
        /// Where the group or set stands.
        position: Position,
    },
    /// An interchange is not between the same parties, of the same version and usage as the first.
    #[error("file {file} differs from the first in ISA{element:02}")]
    Differs {
        /// Its number.
        file: usize,
        /// The element.
        element: usize,
    },
    /// Data holds what is a delimiter in the first file.
    #[error("file {file} holds a delimiter of the first in element {element} of {position}")]
    Delimiter {
        /// Its number.
        file: usize,
        /// Where the segment stands.
        position: Position,
        /// The element, counted from 1.
        element: usize,
    },
    /// A set has no SE: it may be cut.
    #[error("file {file} ends a set without its trailer at {position}")]
    Unfinished {
        /// Its number.
        file: usize,
        /// Where the set begins.
        position: Position,
    },
    /// More sets or groups than control numbers, or a control number given that is none.
    #[error("there is no control number left or the one given is none")]
    Control,
}

/// Merges `sources` into one interchange, which is written to `sink`.
///
/// ```
/// use mentalspace_claims::x12::{MergeOptions, merge};
/// let file = |set: &str| format!("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240131*1200*^*00501*000000001*0*T*:~\
///     GS*HC*S*R*20240131*1200*1*X*005010X222A1~ST*837*{set}~SE*2*{set}~GE*1*1~IEA*1*000000001~");
/// let (first, second) = (file("0001"), file("0001"));
/// let mut merged = Vec::new();
/// let report = merge([first.as_bytes(), second.as_bytes()], &mut merged, &MergeOptions::default())?;
/// assert!(merged.ends_with(b"~ST*837*0001~SE*2*0001~ST*837*0002~SE*2*0002~GE*2*1~IEA*1*000000001~"));
/// assert_eq!((report.sets, &*report.renumbered[3].old, &*report.renumbered[3].new), (2, "0001", "0002"));
/// # Ok::<(), mentalspace_claims::x12::MergeError>(())
/// ```
///
/// # Errors
/// A file cannot be read or does not fit to the first, or the merged one cannot be written.
pub fn merge<R: Read, W: Write>(
    sources: impl IntoIterator<Item = R>,
    sink: W,
    options: &MergeOptions,
) -> Result<Merged, MergeError> {
    let mut merger = Merger {
        sink: BufWriter::new(sink),
        options: *options,
        file: 0,
        first: None,
        translation: Translation::new(Delimiters::default(), Delimiters::default()),
        group: None,
        set: None,
        buffer: Vec::new(),
        merged: Merged::default(),
    };
    for source in sources {
        merger.file += 1;
        merger.add(source)?;
    }
    merger.finish()
}

/// Positions kept; a hostile file could make one per segment.
const MAX_LEFT_OUT: usize = 1000;
/// The elements of an ISA that all files must share: parties, version and usage.
const SHARED: [usize; 6] = [5, 6, 7, 8, 12, 15];

struct Merger<W: Write> {
    sink: BufWriter<W>,
    options: MergeOptions,
    file: usize,
    first: Option<First>,
    translation: Translation,
    group: Option<OpenGroup>,
    set: Option<OpenSet>,
    buffer: Vec<u8>,
    merged: Merged,
}

/// What the first interchange says.
struct First {
    delimiters: Delimiters,
    shared: [Vec<u8>; 6],
    control: String,
}

struct OpenGroup {
    /// GS01, 02, 03, 07 and 08.
    same: [Vec<u8>; 5],
    sets: u32,
}

struct OpenSet {
    position: Position,
    segments: u64,
    control: String,
}

impl<W: Write> Merger<W> {
    fn add(&mut self, source: impl Read) -> Result<(), MergeError> {
        let file = self.file;
        let (mut reader, mut envelope) = (StreamReader::new(source), Envelope::new());
        loop {
            let segment = reader.next_segment().map_err(|source| MergeError::Read { file, source })?;
            let Some(segment) = segment else { break };
            envelope.feed(&segment);
            self.take(&segment)?;
        }
        self.whole_set()?;
        envelope.finish();
        self.merged.findings.extend(envelope.findings().iter().map(|finding| (file, finding.clone())));
        Ok(())
    }

    fn take(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        match segment.id() {
            b"ISA" => {
                self.whole_set()?;
                self.interchange(segment)
            }
            b"GS" => {
                self.whole_set()?;
                self.group(segment)
            }
            b"ST" => {
                self.whole_set()?;
                self.set(segment)
            }
            b"SE" if self.set.is_some() => self.end_set(),
            b"GE" | b"IEA" => self.whole_set(),
            b"TA1" if self.set.is_none() && self.first.is_some() => {
                self.end_group()?;
                self.copy(segment)
            }
            _ => match &mut self.set {
                Some(set) => {
                    set.segments += 1;
                    self.copy(segment)
                }
                None => {
                    if self.merged.left_out.len() < MAX_LEFT_OUT {
                        self.merged.left_out.push((self.file, segment.position()));
                    }
                    Ok(())
                }
            },
        }
    }

    fn interchange(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        let shared = SHARED.map(|element| segment.element(element).to_vec());
        let Some(first) = &self.first else {
            let control = match self.options.control {
                Some(control @ 1..=999_999_999) => format!("{control:09}"),
                Some(_) => return Err(MergeError::Control),
                None => String::from_utf8_lossy(segment.element(13)).into_owned(),
            };
            let delimiters = segment.delimiters();
            self.translation = Translation::new(delimiters, delimiters);
            self.first = Some(First { delimiters, shared, control: control.clone() });
            return self.copy_with(segment, 13, &control);
        };
        let differs = shared.iter().zip(&first.shared).zip(SHARED).find(|((a, b), _)| a.trim_ascii() != b.trim_ascii());
        if let Some((_, element)) = differs {
            return Err(MergeError::Differs { file: self.file, element });
        }
        self.translation = Translation::new(segment.delimiters(), first.delimiters);
        Ok(())
    }

    fn group(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        if self.first.is_none() {
            return Err(MergeError::NoEnvelope { file: self.file, position: segment.position() });
        }
        let same = [1, 2, 3, 7, 8].map(|element| segment.element(element).trim_ascii().to_vec());
        let joins = self.options.groups == Groups::Join && self.group.as_ref().is_some_and(|open| open.same == same);
        if !joins {
            self.end_group()?;
            self.merged.groups = next(self.merged.groups)?;
        }
        let control = self.merged.groups.to_string();
        self.renumbered(segment, Level::Group, segment.element(6), control.clone());
        if joins {
            return Ok(());
        }
        self.group = Some(OpenGroup { same, sets: 0 });
        self.copy_with(segment, 6, &control)
    }

    fn set(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        let Some(group) = &mut self.group else {
            return Err(MergeError::NoEnvelope { file: self.file, position: segment.position() });
        };
        group.sets += 1;
        self.merged.sets = next(self.merged.sets)?;
        let control = format!("{:04}", self.merged.sets);
        self.renumbered(segment, Level::Set, segment.element(2), control.clone());
        self.copy_with(segment, 2, &control)?;
        self.set = Some(OpenSet { position: segment.position(), segments: 1, control });
        Ok(())
    }

    fn renumbered(&mut self, segment: &Segment<'_>, level: Level, old: &[u8], new: String) {
        let old = String::from_utf8_lossy(old).into_owned();
        self.merged.renumbered.push(Renumbered { file: self.file, position: segment.position(), level, old, new });
    }

    /// Refuses to go on when a set has not ended.
    fn whole_set(&self) -> Result<(), MergeError> {
        match &self.set {
            Some(set) => Err(MergeError::Unfinished { file: self.file, position: set.position }),
            None => Ok(()),
        }
    }

    fn end_set(&mut self) -> Result<(), MergeError> {
        let Some(set) = self.set.take() else { return Ok(()) };
        self.trailer("SE", set.segments + 1, &set.control)
    }

    fn end_group(&mut self) -> Result<(), MergeError> {
        let Some(group) = self.group.take() else { return Ok(()) };
        self.trailer("GE", u64::from(group.sets), &self.merged.groups.to_string())
    }

    fn finish(mut self) -> Result<Merged, MergeError> {
        self.end_group()?;
        if let Some(first) = &self.first {
            let control = first.control.clone();
            self.trailer("IEA", u64::from(self.merged.groups), &control)?;
        }
        self.sink.flush()?;
        Ok(self.merged)
    }

    fn trailer(&mut self, id: &str, count: u64, control: &str) -> Result<(), MergeError> {
        let Delimiters { element, terminator, .. } =
            self.first.as_ref().map_or_else(Default::default, |f| f.delimiters);
        let count = count.to_string();
        let bytes = [id.as_bytes(), &[element], count.as_bytes(), &[element], control.as_bytes(), &[terminator]];
        Ok(self.sink.write_all(&bytes.concat())?)
    }

    fn copy(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        self.translate(segment)?;
        Ok(self.sink.write_all(&self.buffer)?)
    }

    /// Copies a segment with another value for element `number`.
    fn copy_with(&mut self, segment: &Segment<'_>, number: usize, value: &str) -> Result<(), MergeError> {
        self.translate(segment)?;
        let separator = self.first.as_ref().map_or(b'*', |first| first.delimiters.element);
        let Some((terminator, body)) = self.buffer.split_last() else { return Ok(()) };
        let mut parts = body.split(|byte| *byte == separator);
        for _ in 0..number {
            self.sink.write_all(parts.next().unwrap_or_default())?;
            self.sink.write_all(&[separator])?;
        }
        self.sink.write_all(value.as_bytes())?;
        for part in parts.skip(1) {
            self.sink.write_all(&[separator])?;
            self.sink.write_all(part)?;
        }
        Ok(self.sink.write_all(&[*terminator])?)
    }

    fn translate(&mut self, segment: &Segment<'_>) -> Result<(), MergeError> {
        self.buffer.clear();
        self.translation.copy(segment, &mut self.buffer).map_err(|element| MergeError::Delimiter {
            file: self.file,
            position: segment.position(),
            element,
        })
    }
}

/// The next control number of at most nine digits.
fn next(number: u32) -> Result<u32, MergeError> {
    if number < 999_999_999 { Ok(number + 1) } else { Err(MergeError::Control) }
}
