//! A printed page before it is a file: texts, rules, boxes and pictures at exact places, so that a layout can be
//! tested without reading a PDF.
//!
//! Invariant: every text on a page has a form in its typeface ([`Printable`]).
//! The origin is the lower left corner, y grows upwards (ISO 32000-1 §8.3.2.3).

mod colour;
mod font;
mod points;
mod printable;
mod raster;

pub mod flow;
pub mod pdf;

use std::ops::Range;

pub use colour::Colour;
pub use font::Font;
pub use points::Points;
pub use printable::{Printable, Unprintable};
pub use raster::{InvalidRaster, Raster};

/// A text that starts at `x` with its baseline at `y`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// Left edge of the first character.
    pub x: Points,
    /// Baseline.
    pub y: Points,
    /// Type size.
    pub size: Points,
    /// Colour.
    pub colour: Colour,
    /// What is printed, and the typeface.
    pub text: Printable,
}

impl Text {
    /// Returns where the next character would start.
    #[must_use]
    pub fn right(&self) -> Points {
        self.x + self.text.width(self.size)
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
    /// Colour.
    pub colour: Colour,
}

/// A rectangle, drawn, filled or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Lower left corner, x and y.
    pub corner: (Points, Points),
    /// Width.
    pub width: Points,
    /// Height.
    pub height: Points,
    /// Thickness and colour of the rule around it, if there is one.
    pub rule: Option<(Points, Colour)>,
    /// Colour of the inside, if it has one.
    pub fill: Option<Colour>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// Lower left corner, x and y.
    pub corner: (Points, Points),
    /// Width.
    pub width: Points,
    /// Height.
    pub height: Points,
    /// What is shown.
    pub raster: Raster,
    /// What it shows, in words, for those who cannot see it.
    pub meaning: String,
}

/// What a run of texts is to a reader who does not see the page (ISO 32000-1 §14.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// A heading of this depth, from 1; listed among the bookmarks.
    Heading(u8),
    /// A paragraph, a row or a label.
    Paragraph,
}

/// Consecutive texts of a page that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// What they are.
    pub role: Role,
    /// Their indices among the page's texts.
    pub texts: Range<usize>,
}

/// A page and all that is on it. Boxes lie below rules, these below pictures, these below texts.
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
    /// Boxes.
    pub frames: Vec<Frame>,
    /// Pictures.
    pub pictures: Vec<Picture>,
    /// What the texts are, in order and without overlap; texts outside are decoration, such as page numbers. Without
    /// any part the page has no structure.
    pub parts: Vec<Part>,
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
            pictures: Vec::new(),
            parts: Vec::new(),
        }
    }
}
