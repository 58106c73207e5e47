//! Text that a typeface can show.

use std::fmt;

use super::{Font, Points};

/// A line of text in one typeface, in which every character has a form in it. Without this check a PDF library prints
/// `?` or an empty box. Protected, since most of what is printed is.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Printable {
    font: Font,
    text: String,
}

/// A character has no form in the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("character {position} has no form in the typeface")]
#[non_exhaustive]
pub struct Unprintable {
    /// Which character, from zero.
    pub position: usize,
}

impl Printable {
    /// Takes `text` if all of it can be shown. Line ends and tabs cannot.
    ///
    /// # Errors
    /// The place of the first character without a form.
    pub fn new(font: Font, text: impl Into<String>) -> Result<Self, Unprintable> {
        let text = text.into();
        match text.chars().position(|c| font.code(c).is_none()) {
            Some(position) => Err(Unprintable { position }),
            None => Ok(Self { font, text }),
        }
    }

    /// Takes any text: a letter without a form is spelled by its parts where these have one, else by its code point in
    /// brackets, such as `[U+4F60]`; controls become spaces. Nothing is lost without a trace.
    #[must_use]
    pub fn spelled(font: Font, text: &str) -> Self {
        use unicode_normalization::UnicodeNormalization;
        let mut shown = String::with_capacity(text.len());
        for c in text.nfc() {
            match c {
                '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
                c if font.code(c).is_some() => shown.push(c),
                c if c.is_control() || c.is_whitespace() => shown.push(' '),
                c => {
                    let parts: String = std::iter::once(c).nfkd().collect();
                    if parts.chars().all(|part| font.code(part).is_some()) {
                        shown.push_str(&parts);
                    } else {
                        shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
                    }
                }
            }
        }
        Self { font, text: shown }
    }

    /// Returns the typeface.
    #[must_use]
    pub fn font(&self) -> Font {
        self.font
    }

    /// Reads the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns how wide the text is at a type size.
    #[must_use]
    pub fn width(&self, size: Points) -> Points {
        let thousandths = self.codes().map(|code| i32::from(self.font.advance(code))).fold(0, i32::saturating_add);
        size.scaled(thousandths, 1000)
    }

    /// Lists the codes that show the text.
    pub(crate) fn codes(&self) -> impl Iterator<Item = u16> + '_ {
        self.text.chars().filter_map(|c| self.font.code(c))
    }
}

impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Printable(…)")
    }
}
