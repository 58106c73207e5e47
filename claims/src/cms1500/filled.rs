//! One sheet of the form with its values.

use std::fmt;

use super::grid::{Align, Cell, TYPE_SIZE};
use super::printing::Offset;
use crate::page::{Colour, Page, Points, Printable, Text};

/// A value in its cell.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filled {
    /// The cell; those of item 24 are on the line they are printed on.
    pub cell: Cell,
    /// Which of the form's six service lines, from 0.
    pub service_line: Option<u8>,
    /// The value: never empty, never longer than the cell.
    pub text: Printable,
}

impl Filled {
    /// Returns the left edge of the first character.
    #[must_use]
    pub fn x(&self) -> Points {
        let length = u8::try_from(self.text.as_str().len()).unwrap_or(u8::MAX);
        match self.cell.align {
            Align::Left => self.cell.x(0),
            Align::Right => self.cell.x(self.cell.width.saturating_sub(length)),
        }
    }
}

/// One sheet of the form.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FormPage {
    pub(super) values: Vec<Filled>,
}

impl FormPage {
    /// Returns all values; what is blank is not among them.
    #[must_use]
    pub fn values(&self) -> &[Filled] {
        &self.values
    }

    /// Reads a value outside item 24 by its names in the [`grid`](super::grid).
    #[must_use]
    pub fn value(&self, item: &str, field: &str) -> Option<&str> {
        self.find(None, item, field)
    }

    /// Reads a value of item 24 on the form's service line `line`, from 0.
    #[must_use]
    pub fn line_value(&self, line: u8, item: &str, field: &str) -> Option<&str> {
        self.find(Some(line), item, field)
    }

    fn find(&self, line: Option<u8>, item: &str, field: &str) -> Option<&str> {
        let named = |v: &&Filled| v.service_line == line && v.cell.item == item && v.cell.field == field;
        self.values.iter().find(named).map(|v| v.text.as_str())
    }

    /// Lays the values out on a sheet, shifted by `offset`.
    #[must_use]
    pub fn lay_out(&self, offset: Offset) -> Page {
        let mut page = Page::letter();
        page.texts = self
            .values
            .iter()
            .map(|value| Text {
                x: value.x() + offset.right,
                y: value.cell.baseline() - offset.down,
                size: TYPE_SIZE,
                colour: Colour::BLACK,
                text: value.text.clone(),
            })
            .collect();
        page
    }
}

/// Shows no values: which mark is set tells as much as a text.
impl fmt::Debug for FormPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormPage({} values)", self.values.len())
    }
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filled(item {}, …)", self.cell.item)
    }
}
