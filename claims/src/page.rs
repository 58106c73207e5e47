//! A printed page before it is a file: texts, rules and frames at exact places, so that a layout can be tested
//! without reading a PDF.
//!
//! Invariant: every text on a page has a form in the encoding of the built-in fonts ([`Printable`]).
//! The origin is the lower left corner, y grows upwards (ISO 32000-1 §8.3.2.3).

mod points;
mod printable;

pub mod pdf;

pub use points::Points;
pub use printable::{Printable, Unprintable};

/// A typeface every PDF reader brings along. Both are of fixed pitch: a character is 0.6 of the size wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Font {
    /// Courier.
    Courier,
    /// Courier Bold.
    CourierBold,
}

impl Font {
    /// Returns how far one character of `size` advances.
    #[must_use]
    pub const fn advance(self, size: Points) -> Points {
        match self {
            Self::Courier | Self::CourierBold => size.scaled(3, 5),
        }
    }
}

/// A text that starts at `x` with its baseline at `y`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// Left edge of the first character.
    pub x: Points,
    /// Baseline.
    pub y: Points,
    /// Typeface.
    pub font: Font,
    /// Type size.
    pub size: Points,
    /// What is printed.
    pub text: Printable,
}

impl Text {
    /// Returns where the next character would start.
    #[must_use]
    pub fn right(&self) -> Points {
        let characters = i32::try_from(self.text.as_str().chars().count()).unwrap_or(i32::MAX);
        self.x + self.font.advance(self.size).scaled(characters, 1)
    }
}

/// A straight rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// Start, x and y.
    pub from: (Points, Points),
    /// End, x and y.
    pub to: (Points, Points),
    /// Thickness.
    pub thickness: Points,
}

/// An unfilled rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Lower left corner, x and y.
    pub corner: (Points, Points),
    /// Width.
    pub width: Points,
    /// Height.
    pub height: Points,
    /// Thickness of the rule.
    pub thickness: Points,
}

/// A page and all that is on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Page {
    /// Width.
    pub width: Points,
    /// Height.
    pub height: Points,
    /// Texts, in reading order.
    pub texts: Vec<Text>,
    /// Rules.
    pub lines: Vec<Line>,
    /// Frames.
    pub frames: Vec<Frame>,
}

impl Page {
    /// An empty US Letter page, 8.5 × 11 in.
    #[must_use]
    pub const fn letter() -> Self {
        Self {
            width: Points::whole(612),
            height: Points::whole(792),
            texts: Vec::new(),
            lines: Vec::new(),
            frames: Vec::new(),
        }
    }
}
