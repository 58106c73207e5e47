//! The shape of the tables: flat arrays with indices, made from `data/guides`, so that they compile and load fast.

use super::placed::SegmentUse;
pub(super) use super::tables::{CODES, NOTES, SPEC_LISTS, SPECS, WHOLE_LISTS};

/// An implementation guide.
#[derive(Debug)]
#[non_exhaustive]
pub struct Guide {
    /// Which it is.
    pub kind: GuideKind,
    /// ST01.
    pub set: &'static str,
    /// ST03 and GS08, such as `005010X222A1`.
    pub id: &'static str,
    /// GS01.
    pub group: &'static str,
    /// What it is for.
    pub name: &'static str,
    /// Segment ids, packed, by symbol.
    pub(super) symbols: &'static [u32],
    /// Element and component that tell the uses of each symbol apart; zeros where none does.
    pub(super) told_by: &'static [(u8, u8)],
    pub(super) slots: &'static [u8; SLOTS],
    pub(super) multiplier: u32,
    /// The set itself, then every loop.
    pub(super) loops: &'static [Loop],
    /// Children of all loops, those of one loop together, in the order of their symbols.
    pub(super) children: &'static [Child],
    /// Where the children of a loop with a symbol begin; they end where those of the next symbol begin.
    pub(super) index: &'static [u16],
    pub(super) uses: &'static [SegmentUse],
}

/// The transactions that have a guide here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub enum GuideKind {
    /// 837 professional, X222.
    #[serde(rename = "837P")]
    Claim837P,
    /// 837 institutional, X223.
    #[serde(rename = "837I")]
    Claim837I,
    /// 837 dental, X224.
    #[serde(rename = "837D")]
    Claim837D,
    /// 835, X221.
    #[serde(rename = "835")]
    Payment835,
    /// 270, X279.
    #[serde(rename = "270")]
    Inquiry270,
    /// 271, X279.
    #[serde(rename = "271")]
    Response271,
    /// 276, X212.
    #[serde(rename = "276")]
    StatusRequest276,
    /// 277, X212.
    #[serde(rename = "277")]
    StatusResponse277,
    /// 277, X214.
    #[serde(rename = "277CA")]
    ClaimAck277,
    /// 278, X217.
    #[serde(rename = "278")]
    Review278,
    /// 820, X218.
    #[serde(rename = "820")]
    Premium820,
    /// 834, X220.
    #[serde(rename = "834")]
    Enrollment834,
    /// 997.
    #[serde(rename = "997")]
    FunctionalAck997,
    /// Interchange and group.
    #[serde(rename = "control")]
    Control,
    /// 999, X231.
    #[serde(rename = "999")]
    ImplementationAck999,
}

/// Slots of the hash table of segment ids.
pub(super) const SLOTS: usize = 256;

/// A loop, or the set itself.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) id: &'static str,
    /// Bits of the children that must be there.
    pub(super) required: u64,
    /// Where its children begin and end.
    pub(super) children: (u16, u16),
}

/// A segment or loop within a loop.
#[derive(Debug)]
pub(super) struct Child {
    /// The segment; of a loop, the one that begins it.
    pub(super) usage: u16,
    /// The loop, or 0.
    pub(super) opens: u16,
    /// Rank among its siblings; equal ranks may stand in any order.
    pub(super) order: u16,
    /// How often; 0 without limit.
    pub(super) max: u16,
    /// The codes of its qualifier.
    pub(super) codes: Codes,
    pub(super) symbol: u8,
    /// Its bit when it must be there.
    pub(super) required: u64,
    /// Bits of the siblings that must stand before it.
    pub(super) before: u64,
}

/// How an element may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Situational,
}

/// The type of an element (X12.6 §3.3, X12.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Id,
    Number,
    Decimal,
    Date,
    Time,
    /// Element 1251, in the format that element 1250 before it names.
    Period,
    Composite,
    /// Not used, whatever its type.
    Unused,
}

/// What a guide says of an element or a component.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    /// Number in the dictionary; 0 for what has none.
    pub(crate) number: u16,
    pub(crate) need: Need,
    pub(crate) kind: Type,
    pub(crate) min: u16,
    pub(crate) max: u16,
    /// How often; 0 without limit.
    pub(crate) repeat: u8,
    /// What it may be.
    pub(crate) codes: Codes,
    parts: (u16, u8),
    notes: (u16, u8),
    /// Components that a note is about, see [`about`].
    pub(crate) noted: u32,
}

impl Spec {
    /// The components of a composite.
    pub(crate) fn parts(&self) -> impl ExactSizeIterator<Item = &'static Self> + Clone {
        super::placed::specs(self.parts)
    }

    /// The syntax notes of a composite.
    pub(crate) fn notes(&self) -> &'static [Note] {
        notes(self.notes)
    }
}

/// A syntax note: a rule between the elements of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) kind: NoteKind,
    /// Bits of all elements named; element 1 is bit 1.
    pub(crate) all: u32,
    /// Bit of the first element named.
    pub(crate) first: u32,
    /// As the standard writes it, such as `P0809`.
    pub(crate) text: &'static str,
}

/// The bits of the elements that notes are about: where none of them is sent, no note is broken. Bit 0, which is that of
/// no element, is for notes that want one of theirs.
pub(super) const fn about((start, count): (u16, u8)) -> u32 {
    let (mut all, mut at) = (0, start as usize);
    while at < start as usize + count as usize {
        all |= NOTES[at].all | matches!(NOTES[at].kind, NoteKind::OneOf) as u32;
        at += 1;
    }
    all
}

/// The kinds of syntax notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// P: all or none.
    Paired,
    /// R: at least one.
    OneOf,
    /// E: at most one.
    Exclusive,
    /// C: if the first, then all.
    Conditional,
    /// L: if the first, then at least one more.
    List,
}

/// A code of at most seven characters as a number that compares like the text; longer ones by their beginning.
#[inline]
pub(crate) const fn pack(code: &[u8]) -> u64 {
    match code {
        [a] => (*a as u64) << 56 | 1,
        [a, b] => (*a as u64) << 56 | (*b as u64) << 48 | 2,
        [a, b, c] => (*a as u64) << 56 | (*b as u64) << 48 | (*c as u64) << 40 | 3,
        code => pack_any(code),
    }
}

const fn pack_any(code: &[u8]) -> u64 {
    let length = if code.len() < 7 { code.len() } else { 7 };
    let (mut packed, mut at) = (0, 0);
    while at < length {
        packed = packed << 8 | code[at] as u64;
        at += 1;
    }
    if length == 0 {
        return 0;
    }
    packed << (64 - 8 * length) | if code.len() < 255 { code.len() as u64 } else { 255 }
}

/// A list of codes: where it begins, and how many it has; an empty one takes any code.
pub(crate) type Codes = (u16, u16);

/// The codes of a list, as text.
pub(crate) fn codes_of((start, count): Codes) -> impl Iterator<Item = String> {
    CODES[usize::from(start)..usize::from(start + count)].iter().map(|code| {
        let bytes = code.to_be_bytes();
        String::from_utf8_lossy(&bytes[..bytes.iter().position(|b| *b == 0).unwrap_or(7).min(7)]).into_owned()
    })
}

/// Whether the dictionary has `code` for an element, whatever the guide.
pub(crate) fn is_in_dictionary(element: u16, code: u64) -> bool {
    let at = WHOLE_LISTS.binary_search_by_key(&element, |(number, _)| *number);
    at.is_ok_and(|at| has_code(WHOLE_LISTS[at].1, code))
}

/// Whether `code` is on a list.
#[inline]
pub(crate) fn has_code((start, count): Codes, code: u64) -> bool {
    let codes = &CODES[usize::from(start)..usize::from(start + count)];
    match codes {
        [] => true,
        [only] => *only == code,
        codes if codes.len() <= 12 => codes.contains(&code),
        codes => codes.binary_search(&code).is_ok(),
    }
}

/// The notes at a range of the list.
pub(super) fn notes((start, count): (u16, u8)) -> &'static [Note] {
    &NOTES[usize::from(start)..usize::from(start) + usize::from(count)]
}

/// A segment id as a number.
pub(crate) const fn pack_id(id: &[u8]) -> u32 {
    match id {
        [a, b] => (*a as u32) << 16 | (*b as u32) << 8,
        [a, b, c] => (*a as u32) << 16 | (*b as u32) << 8 | *c as u32,
        _ => 0,
    }
}

pub(super) const fn slot(packed: u32, multiplier: u32) -> usize {
    (packed.wrapping_mul(multiplier) >> 24) as usize
}

/// Makes the numbers of `N` codes out of their text.
pub(super) const fn codes<const N: usize>(text: &str) -> [u64; N] {
    let mut all = [0; N];
    let bytes = text.as_bytes();
    let (mut n, mut at) = (0, 0);
    while n < N {
        let mut end = at;
        while end < bytes.len() && bytes[end] != b',' {
            end += 1;
        }
        all[n] = pack(bytes.split_at(end).0.split_at(at).1);
        n += 1;
        at = end + 1;
    }
    all
}

pub(super) const fn symbols<const N: usize>(ids: [&str; N]) -> [u32; N] {
    let mut all = [0; N];
    let mut n = 0;
    while n < N {
        all[n] = pack_id(ids[n].as_bytes());
        n += 1;
    }
    all
}

pub(super) const fn slots(symbols: &[u32], multiplier: u32) -> [u8; SLOTS] {
    let mut all = [0; SLOTS];
    let mut n = 0;
    while n < symbols.len() {
        all[slot(symbols[n], multiplier)] = n as u8;
        n += 1;
    }
    all
}

/// `N` is the number of loops times the number of symbols, and one.
pub(super) const fn index<const N: usize>(loops: &[Loop], children: &[Child], symbols: usize) -> [u16; N] {
    let mut all = [0; N];
    let mut at = 0;
    let mut n = 0;
    while n < loops.len() {
        let mut symbol = 0;
        while symbol < symbols {
            all[n * symbols + symbol] = at;
            while at < loops[n].children.1 && children[at as usize].symbol as usize == symbol {
                at += 1;
            }
            symbol += 1;
        }
        n += 1;
    }
    all[N - 1] = at;
    all
}

pub(super) const fn spec(
    number: u16,
    need: Need,
    kind: Type,
    (min, max): (u16, u16),
    repeat: u8,
    codes: Codes,
) -> Spec {
    Spec { number, need, kind, min, max, repeat, codes, parts: (0, 0), notes: (0, 0), noted: 0 }
}

pub(super) const fn composite(need: Need, kind: Type, repeat: u8, parts: (u16, u8), notes: (u16, u8)) -> Spec {
    Spec { number: 0, need, kind, min: 0, max: 0, repeat, codes: (0, 0), parts, notes, noted: about(notes) }
}

pub(super) const fn note(kind: NoteKind, text: &'static str) -> Note {
    let bytes = text.as_bytes();
    let (mut all, mut first, mut at) = (0, 0, 1);
    while at + 1 < bytes.len() {
        let bit = 1 << ((bytes[at] - b'0') * 10 + (bytes[at + 1] - b'0'));
        if first == 0 {
            first = bit;
        }
        all |= bit;
        at += 2;
    }
    Note { kind, all, first, text }
}

pub(super) const fn of(
    id: &'static str,
    name: &'static str,
    specs: (u16, u8),
    required: u8,
    notes: (u16, u8),
) -> SegmentUse {
    SegmentUse { id, name, specs, required, notes, noted: about(notes) }
}

pub(super) const fn lp(id: &'static str, required: u64, children: (u16, u16)) -> Loop {
    Loop { id, required, children }
}

pub(super) const fn ch(
    (usage, opens): (u16, u16),
    symbol: u8,
    (order, max): (u16, u16),
    codes: Codes,
    (required, before): (u64, u64),
) -> Child {
    Child { usage, opens, order, max, codes, symbol, required, before }
}
