//! Text that the built-in fonts can show.

use std::fmt;

/// Text in which every character has a form in WinAnsiEncoding (ISO 32000-1 annex D), the encoding of the built-in
/// fonts. Without this check a PDF library prints `?`. Protected, since most of what is printed is.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Printable(String);

/// A character has no form in WinAnsiEncoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("character {position} has no form in the built-in fonts")]
#[non_exhaustive]
pub struct Unprintable {
    /// Which character, from zero.
    pub position: usize,
}

/// The printable characters of WinAnsiEncoding beyond Latin-1, at 0x80 to 0x9F.
const TYPOGRAPHIC: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

impl Printable {
    /// Takes `text` if all of it can be shown. Line ends and tabs cannot.
    ///
    /// # Errors
    /// The place of the first character without a form.
    pub fn parse(text: impl Into<String>) -> Result<Self, Unprintable> {
        let text = text.into();
        match text.chars().position(|c| !is_printable(c)) {
            Some(position) => Err(Unprintable { position }),
            None => Ok(Self(text)),
        }
    }

    /// Reads the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The soft hyphen is in the encoding but its look is up to the reader.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{ff}') || TYPOGRAPHIC.contains(c)
}

impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Printable(…)")
    }
}
