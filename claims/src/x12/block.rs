//! Sixty-four bytes at a time: where a delimiter stands in them, one bit per byte.

use wide::u8x16;

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// A byte to look for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted(u8x16);

impl Wanted {
    pub(super) fn new(byte: u8) -> Self {
        Self(u8x16::splat(byte))
    }

    /// Returns a bit for each of the bytes that is the one; the lowest bit belongs to the first.
    #[inline(always)]
    pub(super) fn places(self, block: &[u8; BLOCK]) -> u64 {
        let (lanes, _) = block.as_chunks::<16>();
        let places = |lane: usize| u64::from(u8x16::new(lanes[lane]).simd_eq(self.0).to_bitmask());
        places(0) | places(1) << 16 | places(2) << 32 | places(3) << 48
    }
}

/// Returns where in the first 64 bytes a part ends: at `separator`, or where `bytes` end if they are fewer.
pub(super) fn ends_of_parts(bytes: &[u8], separator: u8) -> u64 {
    let separator = Wanted::new(separator);
    if let Some(block) = bytes.first_chunk() {
        return separator.places(block);
    }
    let mut block = [0; BLOCK];
    block[..bytes.len()].copy_from_slice(bytes);
    let end = 1 << bytes.len();
    separator.places(&block) & (end - 1) | end
}
