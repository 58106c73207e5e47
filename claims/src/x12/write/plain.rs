//! Bytes that are written as they are: of the character set, and no delimiter.

use wide::u8x16;

use super::super::Delimiters;
use super::super::charset::Charset;

/// How many bytes are looked at together.
pub(super) const LANE: usize = 16;

/// Printable characters that the basic character set lacks below its last one.
const NOT_BASIC: [u8; 6] = *b"#$%<>@";

/// Which bytes are plain.
pub(super) struct Plain {
    table: [bool; 256],
    /// The last one of the character set; the first is the space.
    last: u8x16,
    delimiters: [u8x16; 4],
    charset: Charset,
}

impl Plain {
    pub(super) fn new(charset: Charset, delimiters: Delimiters) -> Self {
        let Delimiters { element, component, repetition, terminator } = delimiters;
        let delimiters = [element, component, repetition.unwrap_or(element), terminator];
        let mut table = [false; 256];
        for (byte, plain) in (0..=u8::MAX).zip(&mut table) {
            *plain = charset.has(byte) && !delimiters.contains(&byte);
        }
        let last = u8x16::splat(if charset == Charset::Basic { b'Z' } else { b'~' });
        Self { table, last, delimiters: delimiters.map(u8x16::splat), charset }
    }

    #[inline]
    pub(super) const fn has(&self, byte: u8) -> bool {
        self.table[byte as usize]
    }

    /// Counts those of the first `length` of `bytes` that are not plain; `bytes` go on to the end of a lane.
    #[inline]
    pub(super) fn others(&self, bytes: &[u8], length: usize) -> u32 {
        let (mut count, mut left) = (0, length);
        for lane in bytes.as_chunks().0 {
            let others = self.others_of(u8x16::new(*lane));
            if left <= LANE {
                return count + (others & ((1 << left) - 1)).count_ones();
            }
            count += others.count_ones();
            left -= LANE;
        }
        u32::MAX
    }

    /// Returns a bit for each byte that is not plain.
    #[inline(always)]
    fn others_of(&self, lane: u8x16) -> u32 {
        let within = lane.max(u8x16::splat(b' ')).min(self.last).simd_eq(lane);
        let [a, b, c, d] = self.delimiters.map(|delimiter| lane.simd_eq(delimiter));
        let mut others = !within | a | b | c | d;
        if self.charset == Charset::Basic {
            others = NOT_BASIC.iter().fold(others, |others, byte| others | lane.simd_eq(u8x16::splat(*byte)));
        }
        others.to_bitmask()
    }
}

#[cfg(test)]
mod tests {
    use super::{Charset, Delimiters, LANE, Plain};

    #[test]
    fn lanes_and_table_agree_on_every_byte() {
        for charset in [Charset::Basic, Charset::Extended, Charset::Unicode] {
            let plain = Plain::new(charset, Delimiters::default());
            for byte in 0..=255 {
                let expected = u32::from(!plain.has(byte));
                assert_eq!(plain.others(&[byte; LANE], 1), expected, "{byte} {charset:?}");
                assert_eq!(plain.others(&[byte; 2 * LANE], LANE + 3), expected * 19, "{byte} {charset:?}");
            }
        }
    }
}
