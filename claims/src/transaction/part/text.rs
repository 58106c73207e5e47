//! Text of an element: up to 22 bytes without an allocation.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::x12::{SHORT, SegmentWriter};

/// The text of an element, without the white space around it, which carries nothing in X12.
///
/// May be protected, so `Debug` is silent and there is no `Display`; it is read by [`Text::as_str`] or as a `&str`.
/// Bytes that are not UTF-8 are read as ISO 8859-1, each byte one character, so that none is lost.
///
/// ```
/// use mentalspace_claims::transaction::part::Text;
/// assert_eq!(Text::of(b" F411 "), "F411");
/// assert_eq!(Text::of(b"MU\xD1OZ"), "MUÑOZ");
/// assert_eq!(format!("{:?}", Text::of(b"SECRET")), "Text(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Form);

/// Short ASCII is always inline, so that equal texts have equal forms.
#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// ASCII and zeros behind it.
    Inline {
        length: u8,
        bytes: [u8; INLINE],
    },
    Heap(Box<str>),
}

const INLINE: usize = SHORT;

impl Text {
    /// Nothing.
    pub const EMPTY: Self = Self(Form::Inline { length: 0, bytes: [0; INLINE] });

    /// Reads the bytes of an element.
    #[inline]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'!'..=255, .., b'!'..=255] | [b'!'..=255] if bytes.len() <= INLINE => Self::short(bytes),
            [] => Self::EMPTY,
            _ => Self::any(bytes),
        }
    }

    /// Copies at most [`INLINE`] bytes, by pieces of fixed sizes: that is much faster than one of any size.
    #[inline]
    fn short(bytes: &[u8]) -> Self {
        let (length, mut inline) = (bytes.len(), [0; INLINE]);
        let mut seen = 0_u64;
        let mut piece = |at: usize| {
            if let (Some(from), Some(to)) = (bytes[at..].first_chunk::<8>(), inline[at..].first_chunk_mut::<8>()) {
                seen |= u64::from_ne_bytes(*from);
                *to = *from;
            }
        };
        match length {
            17.. => {
                piece(0);
                piece(8);
                piece(length - 8);
            }
            8.. => {
                piece(0);
                piece(length - 8);
            }
            4.. => {
                let mut piece = |at: usize| {
                    if let (Some(from), Some(to)) =
                        (bytes[at..].first_chunk::<4>(), inline[at..].first_chunk_mut::<4>())
                    {
                        seen |= u64::from(u32::from_ne_bytes(*from));
                        *to = *from;
                    }
                };
                piece(0);
                piece(length - 4);
            }
            1.. => {
                for at in [0, length / 2, length - 1] {
                    seen |= u64::from(bytes[at]);
                    inline[at] = bytes[at];
                }
            }
            0 => {}
        }
        if seen & 0x8080_8080_8080_8080 == 0 {
            return Self(Form::Inline { length: length as u8, bytes: inline });
        }
        Self::any(bytes)
    }

    fn any(bytes: &[u8]) -> Self {
        let bytes = bytes.trim_ascii();
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::of_str(text),
            Err(_) => Self::of_str(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
        }
    }

    fn of_str(text: &str) -> Self {
        if text.len() > INLINE || !text.is_ascii() {
            return Self(Form::Heap(text.into()));
        }
        let mut inline = [0; INLINE];
        inline[..text.len()].copy_from_slice(text.as_bytes());
        Self(Form::Inline { length: text.len() as u8, bytes: inline })
    }

    /// Reads the text, protected or not.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // ASCII is UTF-8.
            Form::Inline { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Form::Heap(text) => text,
        }
    }

    /// Reads the text as bytes of UTF-8.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Form::Inline { length, bytes } => &bytes[..usize::from(*length).min(INLINE)],
            Form::Heap(text) => text.as_bytes(),
        }
    }

    /// Writes the text as the data of an element or component.
    #[inline]
    pub(super) fn write_data(&self, out: &mut SegmentWriter<'_>) {
        match &self.0 {
            Form::Inline { length: 0, .. } => {}
            Form::Inline { length, bytes } => out.short(bytes, usize::from(*length)),
            Form::Heap(text) => out.data(text),
        }
    }

    /// Returns whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Form::Inline { length: 0, .. })
    }

    /// Returns the text, or `None` when there is none.
    #[must_use]
    pub fn some(&self) -> Option<&str> {
        Some(self.as_str()).filter(|text| !text.is_empty())
    }
}

impl Default for Text {
    #[inline]
    fn default() -> Self {
        Self::EMPTY
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "Text()" } else { "Text(…)" })
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl std::ops::Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::borrow::Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::of_str(text.trim_ascii())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::from(text))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}
