//! Writing X12: strict, since whatever leaves here is read by somebody else's software.
//!
//! X12 has no escape character, so data that holds a delimiter is refused or replaced, never written. Trailing empty
//! elements and components are cut, and counts and trailer numbers follow from what was written.

use std::fmt::Write as _;

use chrono::NaiveDateTime;

use super::Delimiters;

/// Which characters may be written (X12.6 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Charset {
    /// Capital letters, digits and common punctuation; small letters are written as capitals.
    #[default]
    Basic,
    /// Small letters and further punctuation as well.
    Extended,
    /// Everything but control characters, as UTF-8: for partners who agreed on it, and for giving back what came.
    Unicode,
}

impl Charset {
    const fn has(self, byte: u8) -> bool {
        let basic = byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match byte {
            b' ' | b'!' | b'"' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b';'
            | b'?' | b'=' => true,
            b'%' | b'~' | b'@' | b'[' | b']' | b'_' | b'{' | b'}' | b'\\' | b'|' | b'<' | b'>' | b'#' | b'$' | b'^'
            | b'`' => !matches!(self, Self::Basic),
            _ => basic || (!matches!(self, Self::Basic) && byte.is_ascii_lowercase()),
        }
    }
}

/// What happens to a character that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Unwritable {
    /// The segment is refused.
    #[default]
    Refuse,
    /// Latin letters lose their marks, everything else becomes a space; [`Writer::replaced`] tells where.
    Replace,
}

/// Why a segment was not written. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A character that is a delimiter, a control character or outside the character set.
    #[error("{tag}{element:02} holds a character that cannot be written")]
    Character {
        /// Segment id.
        tag: &'static str,
        /// Element, counted from 1.
        element: u8,
    },
    /// The segment holds nothing.
    #[error("{tag} has no element")]
    Empty {
        /// Segment id.
        tag: &'static str,
    },
    /// The interchange's parts do not fit its fixed widths.
    #[error("the interchange header cannot be written: {rule}")]
    Header {
        /// The rule broken.
        rule: &'static str,
    },
}

/// A place where characters were replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Replaced {
    /// Segment id.
    pub tag: &'static str,
    /// Element, counted from 1.
    pub element: u8,
    /// Number of the segment in what was written, counted from 1.
    pub segment: u64,
    /// How many characters.
    pub characters: u32,
}

/// A sender or receiver in an ISA: a qualifier and an id of at most 15 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterchangeParty {
    /// ISA05 or ISA07, two characters such as `ZZ` or `30`.
    pub qualifier: String,
    /// ISA06 or ISA08.
    pub id: String,
}

/// Whether an interchange is meant (ISA15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// P.
    Production,
    /// T.
    Test,
}

/// What an ISA says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// Who sends.
    pub sender: InterchangeParty,
    /// Who receives.
    pub receiver: InterchangeParty,
    /// When it was made; never taken from a clock.
    pub at: NaiveDateTime,
    /// ISA13: 1 to 999,999,999.
    pub control: u32,
    /// Production or test.
    pub usage: Usage,
    /// Whether a TA1 is asked for (ISA14).
    pub acknowledge: bool,
}

/// What a GS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader {
    /// GS01, such as `HC`.
    pub code: &'static str,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, GS05.
    pub at: NaiveDateTime,
    /// GS06.
    pub control: u32,
    /// GS08.
    pub version: &'static str,
}

/// A place to return to, see [`Writer::rewind`].
#[derive(Debug, Clone)]
pub struct Mark {
    length: usize,
    replaced: usize,
    state: State,
}

/// What is open, and how much is in it.
#[derive(Debug, Clone, Default)]
struct State {
    segments: u64,
    /// Control number and groups of the interchange.
    interchange: Option<(u32, u32)>,
    /// Control number and sets of the group.
    group: Option<(u32, u32)>,
    /// Number of the set.
    set: Option<u32>,
    in_set: u64,
}

/// Writes segments and the envelope around them.
///
/// ```
/// use mentalspace_claims::x12::{Charset, Delimiters, Unwritable, WriteError, Writer};
/// let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
/// out.segment("REF").element("G1").element("A55").element("").end()?;
/// assert_eq!(out.segment("NTE").element("ADD").element("a*b").end(), Err(WriteError::Character { tag: "NTE", element: 2 }));
/// assert_eq!(out.finish(), b"REF*G1*A55~");
/// # Ok::<(), WriteError>(())
/// ```
pub struct Writer {
    out: Vec<u8>,
    delimiters: Delimiters,
    charset: Charset,
    unwritable: Unwritable,
    replaced: Vec<Replaced>,
    state: State,
    /// Which bytes are written as they are.
    plain: [bool; 256],
}

impl Writer {
    /// Begins with nothing written.
    #[must_use]
    pub const fn new(delimiters: Delimiters, charset: Charset, unwritable: Unwritable) -> Self {
        let mut plain = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            plain[byte] = charset.has(byte as u8);
            byte += 1;
        }
        let Delimiters { element, component, repetition, terminator } = delimiters;
        plain[element as usize] = false;
        plain[component as usize] = false;
        plain[terminator as usize] = false;
        if let Some(repetition) = repetition {
            plain[repetition as usize] = false;
        }
        Self {
            plain,
            out: Vec::new(),
            delimiters,
            charset,
            unwritable,
            replaced: Vec::new(),
            state: State { segments: 0, interchange: None, group: None, set: None, in_set: 0 },
        }
    }

    /// Begins a segment; nothing is written before [`SegmentWriter::end`].
    pub fn segment(&mut self, tag: &'static str) -> SegmentWriter<'_> {
        self.begin(tag, tag)
    }

    /// Begins a segment whose id came from elsewhere: two or three capital letters or digits, and not
    /// of an envelope.
    pub fn foreign_segment(&mut self, id: &str) -> SegmentWriter<'_> {
        let is_id = matches!(id.len(), 2 | 3)
            && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && !matches!(id, "ISA" | "GS" | "ST" | "SE" | "GE" | "IEA" | "BIN" | "BDS");
        let mut segment = self.begin("segment", if is_id { id } else { "" });
        if !is_id {
            segment.error = Some(WriteError::Character { tag: "segment", element: 0 });
        }
        segment
    }

    fn begin(&mut self, tag: &'static str, id: &str) -> SegmentWriter<'_> {
        let start = self.out.len();
        self.out.extend_from_slice(id.as_bytes());
        let kept = self.out.len();
        let replaced = self.replaced.len();
        SegmentWriter { writer: self, tag, start, body: kept, kept, replaced, element: 0, error: None }
    }

    /// Opens an interchange, closing an open one.
    ///
    /// # Errors
    /// A part does not fit its width or cannot be written.
    pub fn begin_interchange(&mut self, header: &InterchangeHeader) -> Result<(), WriteError> {
        self.end_interchange()?;
        if !self.delimiters.are_distinct() {
            return Err(WriteError::Header { rule: "the delimiters cannot be told apart" });
        }
        for party in [&header.sender, &header.receiver] {
            if party.qualifier.len() != 2 || !party.qualifier.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(WriteError::Header { rule: "a qualifier has two letters or digits" });
            }
            if party.id.is_empty() || party.id.len() > 15 || !party.id.bytes().all(|b| self.writable(b)) {
                return Err(WriteError::Header { rule: "an id has 1 to 15 writable characters" });
            }
        }
        if !(1..=999_999_999).contains(&header.control) {
            return Err(WriteError::Header { rule: "a control number lies between 1 and 999999999" });
        }
        let Delimiters { element, component, repetition, terminator } = self.delimiters;
        let (e, at) = (char::from(element), header.at);
        let mut isa = String::with_capacity(106);
        let blank = " ".repeat(10);
        let fields = [
            "ISA",
            "00",
            &blank,
            "00",
            &blank,
            &header.sender.qualifier,
            &format!("{:<15}", header.sender.id),
            &header.receiver.qualifier,
            &format!("{:<15}", header.receiver.id),
            &at.format("%y%m%d").to_string(),
            &at.format("%H%M").to_string(),
        ];
        for field in fields {
            isa.push_str(field);
            isa.push(e);
        }
        let (mark, version) = repetition.map_or(('U', "00401"), |r| (char::from(r), "00501"));
        let usage = match header.usage {
            Usage::Production => 'P',
            Usage::Test => 'T',
        };
        let acknowledge = u8::from(header.acknowledge);
        // Writing to a string cannot fail.
        let _ = write!(isa, "{mark}{e}{version}{e}{:09}{e}{acknowledge}{e}{usage}{e}", header.control);
        self.out.extend_from_slice(isa.as_bytes());
        self.out.extend_from_slice(&[component, terminator]);
        self.state.segments += 1;
        self.state.interchange = Some((header.control, 0));
        Ok(())
    }

    /// Opens a group, closing an open one.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn begin_group(&mut self, header: &GroupHeader) -> Result<(), WriteError> {
        self.end_group()?;
        self.segment("GS")
            .element(header.code)
            .element(&header.sender)
            .element(&header.receiver)
            .element(&header.at.format("%Y%m%d").to_string())
            .element(&header.at.format("%H%M").to_string())
            .element(&header.control.to_string())
            .element("X")
            .element(header.version)
            .end()?;
        self.state.group = Some((header.control, 0));
        if let Some((_, groups)) = &mut self.state.interchange {
            *groups += 1;
        }
        Ok(())
    }

    /// Opens a set, closing an open one; its control number counts up within the group, from 0001.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn begin_set(&mut self, code: &str, guide: Option<&str>) -> Result<(), WriteError> {
        self.end_set()?;
        let number = self.state.group.as_mut().map_or(1, |(_, sets)| {
            *sets += 1;
            *sets
        });
        self.state.in_set = 0;
        self.segment("ST").element(code).element(&format!("{number:04}")).element(guide.unwrap_or_default()).end()?;
        self.state.set = Some(number);
        Ok(())
    }

    /// Closes the set, if one is open.
    ///
    /// # Errors
    /// None that can occur: the values are our own.
    pub fn end_set(&mut self) -> Result<(), WriteError> {
        let Some(number) = self.state.set.take() else { return Ok(()) };
        let count = self.state.in_set + 1;
        self.segment("SE").element(&count.to_string()).element(&format!("{number:04}")).end()
    }

    /// Closes the group and what is open in it.
    ///
    /// # Errors
    /// As [`Writer::end_set`].
    pub fn end_group(&mut self) -> Result<(), WriteError> {
        self.end_set()?;
        let Some((control, sets)) = self.state.group.take() else { return Ok(()) };
        self.segment("GE").element(&sets.to_string()).element(&control.to_string()).end()
    }

    /// Closes the interchange and what is open in it.
    ///
    /// # Errors
    /// As [`Writer::end_set`].
    pub fn end_interchange(&mut self) -> Result<(), WriteError> {
        self.end_group()?;
        let Some((control, groups)) = self.state.interchange.take() else { return Ok(()) };
        self.segment("IEA").element(&groups.to_string()).element(&format!("{control:09}")).end()
    }

    /// Closes what is open and returns the file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        // The trailers hold digits only, which no usable delimiter is.
        let _ = self.end_interchange();
        self.out
    }

    /// Returns where characters were replaced.
    #[must_use]
    pub fn replaced(&self) -> &[Replaced] {
        &self.replaced
    }

    /// Returns the number of segments written since ST, ST included.
    #[must_use]
    pub const fn segments_in_set(&self) -> u64 {
        self.state.in_set
    }

    /// Remembers this place.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { length: self.out.len(), replaced: self.replaced.len(), state: self.state.clone() }
    }

    /// Takes back what was written since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.out.truncate(mark.length);
        self.replaced.truncate(mark.replaced);
        self.state = mark.state;
    }

    const fn writable(&self, byte: u8) -> bool {
        self.plain[byte as usize]
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} segments, {} bytes)", self.state.segments, self.out.len())
    }
}

/// A segment on its way, see [`Writer::segment`].
#[derive(Debug)]
#[must_use = "a segment is written by `end`"]
pub struct SegmentWriter<'w> {
    writer: &'w mut Writer,
    tag: &'static str,
    start: usize,
    /// End of the id.
    body: usize,
    /// End of the last element that is not empty.
    kept: usize,
    replaced: usize,
    element: u8,
    error: Option<WriteError>,
}

impl SegmentWriter<'_> {
    /// Adds an element; empty text leaves it out.
    pub fn element(mut self, text: &str) -> Self {
        self.separate();
        self.data(text);
        self
    }

    /// Adds an element of UTF-8 that was checked before.
    #[inline]
    pub(crate) fn utf8(mut self, text: &[u8]) -> Self {
        self.separate();
        self.bytes(text);
        self
    }

    /// Adds an element where there is one.
    pub fn optional(self, text: Option<&str>) -> Self {
        self.element(text.unwrap_or_default())
    }

    /// Leaves `count` elements out.
    pub fn skip(mut self, count: u8) -> Self {
        for _ in 0..count {
            self.separate();
        }
        self
    }

    /// Adds an element of components, without its empty ones at the end.
    pub fn composite(mut self, components: &[&str]) -> Self {
        self.separate();
        let used = components.iter().rposition(|c| !c.is_empty()).map_or(0, |last| last + 1);
        for (i, component) in components[..used].iter().enumerate() {
            if i > 0 {
                self.writer.out.push(self.writer.delimiters.component);
            }
            self.data(component);
        }
        self
    }

    /// Adds an element that repeats, each repetition a list of components, all without their empty ones at the end.
    pub fn repetitions<'t>(mut self, repetitions: impl Iterator<Item = &'t [impl AsRef<str> + 't]>) -> Self {
        self.separate();
        for (i, components) in repetitions.enumerate() {
            if i > 0 {
                match self.writer.delimiters.repetition {
                    Some(separator) => self.writer.out.push(separator),
                    None => {
                        let error = WriteError::Character { tag: self.tag, element: self.element };
                        self.error.get_or_insert(error);
                    }
                }
            }
            let used = components.iter().rposition(|c| !c.as_ref().is_empty()).map_or(0, |last| last + 1);
            for (i, component) in components[..used].iter().enumerate() {
                if i > 0 {
                    self.writer.out.push(self.writer.delimiters.component);
                }
                self.data(component.as_ref());
            }
        }
        self
    }

    /// Writes the segment without its empty elements at the end.
    ///
    /// # Errors
    /// An element holds what cannot be written, or all are empty; then nothing is written.
    pub fn end(self) -> Result<(), WriteError> {
        let empty = self.kept == self.body;
        let error = self.error.or_else(|| empty.then_some(WriteError::Empty { tag: self.tag }));
        let writer = self.writer;
        if let Some(error) = error {
            writer.out.truncate(self.start);
            writer.replaced.truncate(self.replaced);
            return Err(error);
        }
        writer.out.truncate(self.kept);
        writer.out.push(writer.delimiters.terminator);
        writer.state.segments += 1;
        writer.state.in_set += 1;
        Ok(())
    }

    fn separate(&mut self) {
        self.element = self.element.saturating_add(1);
        self.writer.out.push(self.writer.delimiters.element);
    }

    #[inline]
    fn data(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    #[inline]
    fn bytes(&mut self, text: &[u8]) {
        let writer = &mut *self.writer;
        match text {
            [] => {}
            [b' ', ..] | [.., b' '] => self.unusual(text),
            _ if text.iter().all(|byte| writer.plain[usize::from(*byte)]) => {
                writer.out.extend_from_slice(text);
                self.kept = writer.out.len();
            }
            _ => self.unusual(text),
        }
    }

    /// Writes text that holds more than plain characters.
    #[cold]
    fn unusual(&mut self, text: &[u8]) {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let writer = &mut *self.writer;
        // Spaces at the ends carry nothing and are not allowed.
        let text = text.trim_matches(' ');
        let before = writer.out.len();
        let mut characters = 0;
        for c in text.chars() {
            let c = if writer.charset == Charset::Basic { c.to_ascii_uppercase() } else { c };
            match u8::try_from(c).ok().filter(|b| writer.writable(*b)) {
                Some(byte) => writer.out.push(byte),
                None if writer.charset == Charset::Unicode && !c.is_ascii() && !c.is_control() => {
                    writer.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None if writer.unwritable == Unwritable::Replace => {
                    characters += 1;
                    for byte in plain_letters(c).bytes() {
                        let byte = if writer.charset == Charset::Basic { byte.to_ascii_uppercase() } else { byte };
                        writer.out.push(if writer.writable(byte) { byte } else { b' ' });
                    }
                }
                None => {
                    let error = WriteError::Character { tag: self.tag, element: self.element };
                    self.error.get_or_insert(error);
                    return;
                }
            }
        }
        while writer.out.len() > before && writer.out.last() == Some(&b' ') {
            writer.out.pop();
        }
        if writer.out.len() > before {
            self.kept = writer.out.len();
        } else if !text.is_empty() {
            // Nothing legible is left: an empty element would say that nothing was known.
            self.error.get_or_insert(WriteError::Character { tag: self.tag, element: self.element });
        }
        if characters > 0 {
            let segment = writer.state.segments + 1;
            writer.replaced.push(Replaced { tag: self.tag, element: self.element, segment, characters });
        }
    }
}

/// Returns a Latin letter without its marks, a typographic sign as its plain form, anything else as a space.
const fn plain_letters(c: char) -> &'static str {
    match c {
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Č' => "C",
        'ç' | 'ć' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'İ' => "I",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'Ł' => "L",
        'ł' => "l",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'ñ' | 'ń' | 'ň' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ř' => "R",
        'ř' => "r",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'Ť' | 'Ț' | 'Ţ' => "T",
        'ť' | 'ț' | 'ţ' => "t",
        'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '\u{2018}' | '\u{2019}' | '`' => "'",
        '\u{201C}' | '\u{201D}' => "\"",
        '\u{2010}'..='\u{2015}' => "-",
        _ => " ",
    }
}
