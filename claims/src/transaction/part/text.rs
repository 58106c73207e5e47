//! Text of an element: up to 24 bytes without an allocation.

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(CompactString);

impl Text {
    /// Nothing.
    pub const EMPTY: Self = Self(CompactString::const_new(""));

    /// Reads the bytes of an element.
    #[inline]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match (bytes.first(), bytes.last()) {
            (Some(b'!'..), Some(b'!'..)) => {}
            (None, _) | (_, None) => return Self::EMPTY,
            _ => return Self::of_padded(bytes),
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self(CompactString::new(text)),
            Err(_) => Self::of_latin(bytes),
        }
    }

    #[cold]
    fn of_padded(bytes: &[u8]) -> Self {
        let bytes = bytes.trim_ascii();
        // Other control characters at the ends stay, as they do within.
        std::str::from_utf8(bytes).map_or_else(|_| Self::of_latin(bytes), |text| Self(CompactString::new(text)))
    }

    #[cold]
    fn of_latin(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| char::from(*byte)).collect())
    }

    /// Reads the text, protected or not.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text, or `None` when there is none.
    #[must_use]
    pub fn some(&self) -> Option<&str> {
        Some(self.as_str()).filter(|text| !text.is_empty())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "Text()" } else { "Text(…)" })
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
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(CompactString::new(text.trim_ascii()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CompactString::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}
