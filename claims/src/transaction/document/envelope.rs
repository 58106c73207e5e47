//! ISA, GS and ST as data.

use serde::{Deserialize, Serialize};

use super::{DocumentGroup, DocumentInterchange, DocumentSet};
use crate::transaction::part::{Part, Text, segment};
use crate::x12::{Charset, Delimiters, Segment, Unwritable, WriteError, Writer};

segment! {
    /// An interchange header (ISA), without the spaces that fill it up.
    InterchangeHead = "ISA" {
        /// ISA01.
        authorization_qualifier: Text,
        /// ISA02.
        authorization: Text,
        /// ISA03.
        security_qualifier: Text,
        /// ISA04.
        security: Text,
        /// ISA05.
        sender_qualifier: Text,
        /// ISA06.
        sender: Text,
        /// ISA07.
        receiver_qualifier: Text,
        /// ISA08.
        receiver: Text,
        /// ISA09: YYMMDD.
        date: Text,
        /// ISA10: HHMM.
        time: Text,
        /// ISA11: the repetition separator, or U before 00402. Follows from the delimiters when written.
        standard: Text,
        /// ISA12.
        version: Text,
        /// ISA13.
        control: Text,
        /// ISA14: 1 asks for a TA1.
        acknowledge: Text,
        /// ISA15: P or T.
        usage: Text,
    }
}

segment! {
    /// A group header (GS).
    GroupHead = "GS" {
        /// GS01.
        code: Text,
        /// GS02.
        sender: Text,
        /// GS03.
        receiver: Text,
        /// GS04.
        date: Text,
        /// GS05.
        time: Text,
        /// GS06.
        control: Text,
        /// GS07.
        agency: Text,
        /// GS08.
        version: Text,
    }
}

segment! {
    /// A set header (ST).
    SetHead = "ST" {
        /// ST01.
        code: Text,
        /// ST02.
        control: Text,
        /// ST03.
        guide: Text,
    }
}

/// Delimiters, as JSON one character each; bytes above 127 are those of ISO 8859-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelimiterSet {
    element: char,
    component: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repetition: Option<char>,
    terminator: char,
}

impl From<Delimiters> for DelimiterSet {
    fn from(own: Delimiters) -> Self {
        Self {
            element: own.element.into(),
            component: own.component.into(),
            repetition: own.repetition.map(char::from),
            terminator: own.terminator.into(),
        }
    }
}

impl Default for DelimiterSet {
    fn default() -> Self {
        Delimiters::default().into()
    }
}

impl TryFrom<DelimiterSet> for Delimiters {
    type Error = WriteError;
    fn try_from(set: DelimiterSet) -> Result<Self, WriteError> {
        let byte = |c: char| u8::try_from(c).map_err(|_| WriteError::Header { rule: "a delimiter is one byte" });
        Ok(Self {
            element: byte(set.element)?,
            component: byte(set.component)?,
            repetition: set.repetition.map(byte).transpose()?,
            terminator: byte(set.terminator)?,
        })
    }
}

impl InterchangeHead {
    /// Reads an ISA.
    pub(super) fn of(segment: &Segment<'_>) -> Self {
        let mut head = Self::read(segment);
        // The separator itself cannot be text of an element; ISA16 is told by the delimiters.
        head.standard = if segment.delimiters().repetition.is_some() { Text::EMPTY } else { head.standard };
        head.more.clear();
        head
    }

    /// Writes an ISA of 106 characters.
    fn write_padded(&self, delimiters: Delimiters, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let repetition = delimiters.repetition.map(|r| char::from(r).to_string());
        let standard = repetition.as_deref().or_else(|| self.standard.some()).unwrap_or("U");
        let fields: [(&str, usize); 15] = [
            (self.authorization_qualifier.some().unwrap_or("00"), 2),
            (&self.authorization, 10),
            (self.security_qualifier.some().unwrap_or("00"), 2),
            (&self.security, 10),
            (&self.sender_qualifier, 2),
            (&self.sender, 15),
            (&self.receiver_qualifier, 2),
            (&self.receiver, 15),
            (&self.date, 6),
            (&self.time, 4),
            (standard, 1),
            (&self.version, 5),
            (&self.control, 9),
            (&self.acknowledge, 1),
            (&self.usage, 1),
        ];
        out.extend_from_slice(b"ISA");
        for (number, (field, width)) in (1_u8..).zip(fields) {
            let writable = |b: u8| (b' '..=b'~').contains(&b) && (number == 11 || !delimiters.contains(b));
            if field.len() > width || !field.bytes().all(writable) {
                return Err(WriteError::Character { tag: "ISA", element: number });
            }
            out.push(delimiters.element);
            out.extend_from_slice(field.as_bytes());
            out.resize(out.len() + width - field.len(), b' ');
        }
        out.extend_from_slice(&[delimiters.element, delimiters.component, delimiters.terminator]);
        Ok(())
    }
}

impl DocumentInterchange {
    pub(super) fn write(&self, unwritable: Unwritable) -> Result<Vec<u8>, WriteError> {
        let delimiters = Delimiters::try_from(self.delimiters)?;
        if !delimiters.are_distinct() {
            return Err(WriteError::Header { rule: "the delimiters cannot be told apart" });
        }
        let mut bytes = Vec::new();
        if let Some(header) = &self.header {
            header.write_padded(delimiters, &mut bytes)?;
        }
        let out = &mut Writer::new(delimiters, Charset::Unicode, unwritable);
        self.acknowledgements.iter().try_for_each(|answer| answer.write(out))?;
        self.groups.iter().try_for_each(|group| group.write(out))?;
        if let Some(header) = &self.header {
            out.segment("IEA").element(&self.groups.len().to_string()).element(&header.control).end()?;
        }
        let out = std::mem::replace(out, Writer::new(delimiters, Charset::Unicode, unwritable));
        bytes.extend(out.finish());
        Ok(bytes)
    }
}

impl DocumentGroup {
    fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        if let Some(header) = &self.header {
            header.write(out)?;
        }
        self.sets.iter().try_for_each(|set| set.write(out))?;
        if let Some(header) = &self.header {
            out.segment("GE").element(&self.sets.len().to_string()).element(&header.control).end()?;
        }
        Ok(())
    }
}

impl DocumentSet {
    fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        let before = out.segments_in_set();
        self.header.write(out)?;
        self.write_body(out)?;
        let count = out.segments_in_set() - before + 1;
        out.segment("SE").element(&count.to_string()).element(&self.header.control).end()
    }
}
