//! The content stream of a page (ISO 32000-1 §7.8.2).

use std::io::Write;

use super::{Id, structure};
use crate::page::{Colour, Font, Frame, Line, Page, Picture, Points, Raster, Text};

/// Operators of one page; the buffer is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Content(Vec<u8>);

/// Writes operators. A vector takes every byte, so there is no error to hand on.
macro_rules! op {
    ($content:expr, $($part:tt)*) => {{
        let _ = writeln!($content.0, $($part)*);
    }};
}

/// Returns the name of a typeface among the resources.
pub(super) const fn font_name(font: Font) -> &'static str {
    match font {
        Font::Courier => "F0",
        Font::CourierBold => "F1",
        Font::Sans => "F2",
        Font::SansBold => "F3",
    }
}

/// What the text operators set and keep.
#[derive(Default)]
struct State {
    font: Option<(Font, Points)>,
    colour: Colour,
    x: Points,
    y: Points,
}

impl Content {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes a page anew.
    pub(super) fn draw(&mut self, page: &Page, background: Option<usize>, picture: impl Fn(&Raster) -> Option<Id>) {
        self.0.clear();
        let tagged = !page.parts.is_empty();
        let drawn = background.is_some() || !(page.frames.is_empty() && page.lines.is_empty());
        if tagged && drawn {
            op!(self, "/Artifact BMC");
        }
        if let Some(index) = background {
            op!(self, "/B{index} Do");
        }
        page.frames.iter().for_each(|frame| self.frame(frame));
        page.lines.iter().for_each(|line| self.line(line));
        if tagged && drawn {
            op!(self, "EMC");
        }
        for (mark, shown) in (page.parts.len()..).zip(&page.pictures) {
            if tagged {
                op!(self, "/Figure<</MCID {mark}>>BDC");
            }
            if let Some(id) = picture(&shown.raster) {
                self.picture(shown, id);
            }
            if tagged {
                op!(self, "EMC");
            }
        }
        if !page.texts.is_empty() {
            op!(self, "BT");
            self.texts(page);
            op!(self, "ET");
        }
    }

    fn texts(&mut self, page: &Page) {
        let mut state = State::default();
        let mut next = 0;
        for (mark, part) in page.parts.iter().enumerate() {
            let (start, end) = (part.texts.start.max(next), part.texts.end.min(page.texts.len()));
            self.decoration(&page.texts[next..start.min(page.texts.len())], &mut state);
            op!(self, "/{}<</MCID {mark}>>BDC", structure::name(part.role));
            for text in page.texts.get(start..end).unwrap_or_default() {
                self.text(text, &mut state);
            }
            op!(self, "EMC");
            next = end.max(next);
        }
        if page.parts.is_empty() {
            page.texts.iter().for_each(|text| self.text(text, &mut state));
        } else {
            self.decoration(&page.texts[next..], &mut state);
        }
    }

    fn decoration(&mut self, texts: &[Text], state: &mut State) {
        if texts.is_empty() {
            return;
        }
        op!(self, "/Artifact BMC");
        texts.iter().for_each(|text| self.text(text, state));
        op!(self, "EMC");
    }

    fn text(&mut self, text: &Text, state: &mut State) {
        let font = text.text.font();
        if state.font != Some((font, text.size)) {
            op!(self, "/{} {} Tf", font_name(font), text.size);
            state.font = Some((font, text.size));
        }
        if state.colour != text.colour {
            self.colour(text.colour, "g", "rg");
            state.colour = text.colour;
        }
        // The cursor moves from where the text before began.
        let _ = write!(self.0, "{} {} Td", text.x - state.x, text.y - state.y);
        (state.x, state.y) = (text.x, text.y);
        if font.embedded().is_some() {
            self.0.push(b'<');
            for code in text.text.codes() {
                let _ = write!(self.0, "{code:04X}");
            }
            self.0.extend_from_slice(b">Tj\n");
        } else {
            self.0.push(b'(');
            for code in text.text.codes() {
                let byte = u8::try_from(code).unwrap_or(b' ');
                if matches!(byte, b'(' | b')' | b'\\') {
                    self.0.push(b'\\');
                }
                self.0.push(byte);
            }
            self.0.extend_from_slice(b")Tj\n");
        }
    }

    fn line(&mut self, line: &Line) {
        self.colour(line.colour, "G", "RG");
        let ((x0, y0), (x1, y1)) = (line.from, line.to);
        op!(self, "{} w {x0} {y0} m {x1} {y1} l S", line.thickness);
    }

    fn frame(&mut self, frame: &Frame) {
        let ((x, y), width, height) = (frame.corner, frame.width, frame.height);
        let paint = match (frame.fill, frame.rule) {
            (None, None) => return,
            (Some(_), None) => "f",
            (None, Some(_)) => "S",
            (Some(_), Some(_)) => "B",
        };
        if let Some(fill) = frame.fill {
            self.colour(fill, "g", "rg");
        }
        if let Some((thickness, colour)) = frame.rule {
            self.colour(colour, "G", "RG");
            op!(self, "{thickness} w");
        }
        op!(self, "{x} {y} {width} {height} re {paint}");
        if frame.fill.is_some_and(|fill| fill != Colour::BLACK) {
            // Texts begin in black.
            op!(self, "0 g");
        }
    }

    fn picture(&mut self, picture: &Picture, id: Id) {
        let ((x, y), width, height) = (picture.corner, picture.width, picture.height);
        op!(self, "q {width} 0 0 {height} {x} {y} cm /P{id} Do Q");
    }

    fn colour(&mut self, colour: Colour, grey: &str, rgb: &str) {
        let part = |light: u8| Points::thousandths(i32::from(light) * 1000 / 255);
        let Colour { red, green, blue } = colour;
        if red == green && green == blue {
            op!(self, "{} {grey}", part(red));
        } else {
            op!(self, "{} {} {} {rgb}", part(red), part(green), part(blue));
        }
    }
}
