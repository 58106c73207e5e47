//! Text that flows down pages: headings, paragraphs, pairs, tables and slips, broken between words and between pages.
//!
//! Invariants: nothing leaves the margins; a row of a table is split only where it is higher than a page; a heading
//! stands on the page of what follows it; every letter is shown or spelled out ([`Printable::spelled`]).

mod table;
mod wrap;

use super::{Colour, Font, Frame, Line, Page, Part, Points, Printable, Role, Text};

pub use table::{Column, Side};

const MARGIN: Points = Points::whole(54);
const SIZE: Points = Points::whole(10);
const LEADING: Points = Points::thousandths(13_500);
const GAP: Points = Points::whole(6);
/// The lines that are kept together on a page; what is longer may go on over the next.
const KEPT: usize = 20;
const FAINT: Colour = Colour::grey(110);
const HAIRLINE: Points = Points::thousandths(500);

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Style {
    font: Font,
    size: Points,
    leading: Points,
    colour: Colour,
}

impl Style {
    const BODY: Self = Self { font: Font::Sans, size: SIZE, leading: LEADING, colour: Colour::BLACK };
    const SMALL: Self =
        Self { font: Font::Sans, size: Points::whole(8), leading: Points::thousandths(10_500), colour: FAINT };
    const BOLD: Self = Self { font: Font::SansBold, ..Self::BODY };

    const fn heading(depth: u8) -> Self {
        let size = match depth {
            0 | 1 => 16,
            2 => 12,
            _ => 10,
        };
        let leading = Points::whole(size).scaled(4, 3);
        Self { font: Font::SansBold, size: Points::whole(size), leading, colour: Colour::BLACK }
    }
}

/// A document in the making, on US Letter.
#[derive(Debug)]
pub struct Flow {
    pages: Vec<Page>,
    /// Where the next line's top is on the last page.
    top: Points,
    /// What stands at the foot of every page beside its number.
    foot: Printable,
}

impl Flow {
    /// Begins a document; `foot` stands at the foot of every page, beside the number.
    #[must_use]
    pub fn new(foot: &str) -> Self {
        let foot = Printable::spelled(Font::Sans, foot);
        let page = Page::letter();
        let top = page.height - MARGIN;
        Self { pages: vec![page], top, foot }
    }

    /// Writes a heading; depth 1 is the title.
    pub fn heading(&mut self, depth: u8, text: &str) {
        let style = Style::heading(depth);
        let lines = wrap::lines(style.font, style.size, text, self.width());
        self.gap(if depth <= 1 { GAP } else { GAP.scaled(3, 2) });
        let count = i32::try_from(lines.len()).unwrap_or(i32::MAX);
        self.require(style.leading.scaled(count, 1) + LEADING.scaled(3, 1));
        self.write(&lines, style, MARGIN, Role::Heading(depth.max(1)));
        self.gap(Points::whole(2));
    }

    /// Writes paragraphs; line ends in the text end them.
    pub fn paragraph(&mut self, text: &str) {
        self.paragraphs(text, Style::BODY);
    }

    /// Writes paragraphs in bold.
    pub fn strong(&mut self, text: &str) {
        self.paragraphs(text, Style::BOLD);
    }

    /// Writes paragraphs in small type, for what has to be said and is seldom read.
    pub fn small(&mut self, text: &str) {
        self.paragraphs(text, Style::SMALL);
    }

    fn paragraphs(&mut self, text: &str, style: Style) {
        for paragraph in text.lines() {
            if paragraph.trim().is_empty() {
                self.gap(GAP);
                continue;
            }
            let lines = wrap::lines(style.font, style.size, paragraph, self.width());
            self.write(&lines, style, MARGIN, Role::Paragraph);
        }
        self.gap(GAP.scaled(1, 2));
    }

    /// Writes lines that belong together, such as an address.
    pub fn block(&mut self, lines: &[String]) {
        let height = LEADING.scaled(i32::try_from(lines.len()).unwrap_or(i32::MAX), 1);
        self.require(height);
        for line in lines {
            let wrapped = wrap::lines(Style::BODY.font, SIZE, line, self.width());
            self.write(&wrapped, Style::BODY, MARGIN, Role::Paragraph);
        }
        self.gap(GAP);
    }

    /// Writes names and values side by side.
    pub fn pairs(&mut self, pairs: &[(&str, String)]) {
        let indent = Points::whole(150);
        for (name, value) in pairs {
            let names = wrap::lines(Font::SansBold, SIZE, name, indent - GAP);
            let mut values = Vec::new();
            for line in value.lines() {
                values.append(&mut wrap::lines(Font::Sans, SIZE, line, self.width() - indent));
            }
            let rows = names.len().max(values.len()).max(1);
            self.require(LEADING.scaled(i32::try_from(rows.min(KEPT)).unwrap_or(0), 1));
            let mut mark = self.mark();
            for row in 0..rows {
                if self.require(LEADING) {
                    mark = self.mark();
                }
                let y = self.down(LEADING);
                if let Some(name) = names.get(row) {
                    self.put(MARGIN, y, Style::BOLD, name.clone());
                }
                if let Some(value) = values.get(row) {
                    self.put(MARGIN + indent, y, Style::BODY, value.clone());
                }
                self.part(mark, Role::Paragraph);
            }
        }
        self.gap(GAP);
    }

    /// Leaves room to sign and to date, each above its caption.
    pub fn signature(&mut self, caption: &str) {
        self.require(Points::whole(52));
        self.gap(Points::whole(34));
        let (left, right) = (MARGIN, MARGIN + self.width());
        let split = right - Points::whole(150);
        for (from, to, words) in [(left, split - GAP.scaled(2, 1), caption), (split, right, "Date")] {
            self.line((from, self.top), (to, self.top), HAIRLINE, Colour::BLACK);
            let style = Style::SMALL;
            let words = Printable::spelled(style.font, words);
            let mark = self.mark();
            self.put(from, self.top - style.leading, style, words);
            self.part(mark, Role::Paragraph);
        }
        self.gap(Points::whole(18));
    }

    /// Draws a rule from margin to margin.
    pub fn rule(&mut self) {
        self.gap(GAP);
        let y = self.top;
        self.line((MARGIN, y), (MARGIN + self.width(), y), HAIRLINE, FAINT);
        self.gap(GAP);
    }

    /// Leaves room.
    pub fn gap(&mut self, height: Points) {
        self.top = self.top - height;
    }

    /// Begins a new page, unless this one is blank.
    pub fn page_break(&mut self) {
        let blank = self.pages.last().is_some_and(|page| page.texts.is_empty());
        if !blank {
            let page = Page::letter();
            self.top = page.height - MARGIN;
            self.pages.push(page);
        }
    }

    /// Makes sure that the next `height` is on one page; a block higher than a page begins on a fresh one.
    ///
    /// Returns whether a new page was begun.
    pub fn require(&mut self, height: Points) -> bool {
        let full = self.top - height < MARGIN;
        let before = self.pages.len();
        if full {
            self.page_break();
        }
        self.pages.len() > before
    }

    /// Draws a square picture of black modules, such as a QR code, at the right margin, `side` wide, below the
    /// present place, which stays.
    pub fn modules(&mut self, side: Points, size: usize, is_dark: impl Fn(usize, usize) -> bool) {
        self.require(side);
        let count = i32::try_from(size.max(1)).unwrap_or(i32::MAX);
        let module = side.scaled(1, count);
        let (left, top) = (MARGIN + self.width() - side, self.top);
        let Some(page) = self.pages.last_mut() else { return };
        for row in 0..size {
            for column in (0..size).filter(|column| is_dark(*column, row)) {
                let at = |index: usize| side.scaled(i32::try_from(index).unwrap_or(i32::MAX), count);
                let corner = (left + at(column), top - at(row + 1));
                page.frames.push(Frame {
                    corner,
                    width: module,
                    height: module,
                    rule: None,
                    fill: Some(Colour::BLACK),
                });
            }
        }
    }

    /// Draws a dashed rule to cut along, from edge to edge.
    pub fn cut(&mut self) {
        self.gap(GAP);
        let (y, dash) = (self.top, Points::whole(4));
        let mut x = Points::ZERO;
        let width = Page::letter().width;
        while x < width {
            self.line((x, y), (x + dash, y), HAIRLINE, FAINT);
            x = x + dash + dash;
        }
        self.gap(GAP);
    }

    /// Returns how far the present place is above the lower margin.
    #[must_use]
    pub fn left(&self) -> Points {
        self.top - MARGIN
    }

    /// Numbers the pages and hands them over.
    #[must_use]
    pub fn finish(mut self) -> Vec<Page> {
        let count = self.pages.len();
        let style = Style::SMALL;
        for (index, page) in self.pages.iter_mut().enumerate() {
            let number = Printable::spelled(style.font, &format!("Page {} of {count}", index + 1));
            let y = MARGIN - Points::whole(24);
            let right = page.width - MARGIN - number.width(style.size);
            let room = right - MARGIN - GAP;
            let foot = wrap::lines(style.font, style.size, self.foot.as_str(), room).into_iter().next();
            for (x, text) in [(MARGIN, foot.unwrap_or_default()), (right, number)] {
                page.texts.push(Text { x, y, size: style.size, colour: style.colour, text });
            }
        }
        self.pages
    }

    fn width(&self) -> Points {
        Page::letter().width - MARGIN - MARGIN
    }

    /// Writes lines one below the other, page after page; those of a page are one part.
    fn write(&mut self, lines: &[Printable], style: Style, x: Points, role: Role) {
        let mut mark = self.mark();
        for line in lines {
            if self.require(style.leading) {
                mark = self.mark();
            }
            let y = self.down(style.leading);
            self.put(x, y, style, line.clone());
            self.part(mark, role);
        }
    }

    /// Moves down by a line and returns its baseline.
    fn down(&mut self, leading: Points) -> Points {
        self.top = self.top - leading;
        self.top + leading.scaled(1, 4)
    }

    fn put(&mut self, x: Points, y: Points, style: Style, text: Printable) {
        if let Some(page) = self.pages.last_mut().filter(|_| !text.as_str().is_empty()) {
            page.texts.push(Text { x, y, size: style.size, colour: style.colour, text });
        }
    }

    fn line(&mut self, from: (Points, Points), to: (Points, Points), thickness: Points, colour: Colour) {
        if let Some(page) = self.pages.last_mut() {
            page.lines.push(Line { from, to, thickness, colour });
        }
    }

    /// Returns where the next text of the page will stand.
    fn mark(&self) -> usize {
        self.pages.last().map_or(0, |page| page.texts.len())
    }

    /// Makes one part of the texts since `mark`, growing the part that begins there.
    fn part(&mut self, mark: usize, role: Role) {
        let Some(page) = self.pages.last_mut() else { return };
        let end = page.texts.len();
        match page.parts.last_mut() {
            Some(last) if last.texts.start == mark && last.role == role => last.texts.end = end,
            _ if end > mark => page.parts.push(Part { role, texts: mark..end }),
            _ => {}
        }
    }
}
