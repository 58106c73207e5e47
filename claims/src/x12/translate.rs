//! Segments written with other delimiters than they were read with.

use super::{Delimiters, Segment};

/// From the delimiters of one file to those of another.
pub(super) struct Translation {
    from: Delimiters,
    to: Delimiters,
    /// What becomes of each byte; `None` where it would be taken for a delimiter.
    bytes: [Option<u8>; 256],
}

impl Translation {
    pub(super) fn new(from: Delimiters, to: Delimiters) -> Self {
        let mut bytes = std::array::from_fn(|byte| u8::try_from(byte).ok().filter(|byte| !to.contains(*byte)));
        bytes[usize::from(from.element)] = Some(to.element);
        bytes[usize::from(from.component)] = Some(to.component);
        if let Some(repetition) = from.repetition {
            bytes[usize::from(repetition)] = to.repetition;
        }
        Self { from, to, bytes }
    }

    /// Appends `segment` and a terminator, or nothing and the number of the element that cannot be written.
    pub(super) fn copy(&self, segment: &Segment<'_>, out: &mut Vec<u8>) -> Result<(), usize> {
        let bytes = segment.bytes();
        // Data of any bytes is told by its length, so that nothing in it is taken for a delimiter.
        let data = if segment.binary { segment.elements().last().unwrap_or_default() } else { b"" };
        let (head, data) = bytes.split_at(bytes.len() - data.len());
        if self.from == self.to {
            out.extend_from_slice(head);
        } else {
            let start = out.len();
            out.extend(head.iter().map_while(|byte| self.bytes[usize::from(*byte)]));
            let written = out.len() - start;
            if written < head.len() {
                out.truncate(start);
                return Err(memchr::memchr_iter(self.from.element, &head[..written]).count());
            }
        }
        out.extend_from_slice(data);
        out.push(self.to.terminator);
        Ok(())
    }
}
