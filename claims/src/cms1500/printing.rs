//! Forms as a file for one printer, or to be read.

use std::io::{self, Write};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::{Form, drawn};
use crate::page::{Font, Points, Printable, pdf};

/// How far a printer has to be corrected. Negative lengths go the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// Towards the right edge of the paper.
    pub right: Points,
    /// Towards the foot of the paper.
    pub down: Points,
}

/// What is printed besides the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// Nothing: for the red forms, which payers read by machine.
    #[default]
    DataOnly,
    /// A drawing of the form with our own captions, for screens and clients; payers do not take it.
    Copy,
}

/// What does not depend on the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Printing {
    /// What is printed besides the values.
    pub mode: Mode,
    /// Correction of the printer, see [`calibration`](super::calibration).
    pub offset: Offset,
    /// Date of the file, in UTC; without it the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<NaiveDateTime>,
}

/// A file of any number of forms: memory grows by some forty bytes a sheet.
#[derive(Debug)]
pub struct Batch<W> {
    writer: pdf::Writer<W>,
    drawing: Option<pdf::Background>,
    offset: Offset,
}

impl<W: Write> Batch<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// As `out`.
    pub fn new(out: W, printing: &Printing) -> io::Result<Self> {
        let title = Printable::spelled(Font::Courier, "CMS-1500");
        let mut writer = pdf::Writer::new(out, &pdf::About { title, created: printing.created })?;
        let drawing = match printing.mode {
            Mode::DataOnly => None,
            Mode::Copy => Some(writer.background(&drawn::form(printing.offset))?),
        };
        Ok(Self { writer, drawing, offset: printing.offset })
    }

    /// Writes the sheets of a form.
    ///
    /// # Errors
    /// As the writer.
    pub fn add(&mut self, form: &Form) -> io::Result<()> {
        form.pages().iter().try_for_each(|sheet| self.writer.page_on(&sheet.lay_out(self.offset), self.drawing))
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// As the writer.
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }
}

/// Writes `forms` into one PDF, form after form; the same forms give the same bytes. For more than memory holds see
/// [`Batch`].
///
/// ```
/// use mentalspace_claims::cms1500::{Form, Printing, render_pdf};
/// let file = render_pdf(&[] as &[Form], &Printing::default());
/// assert!(file.starts_with(b"%PDF-1.7"));
/// ```
#[must_use]
pub fn render_pdf(forms: &[Form], printing: &Printing) -> Vec<u8> {
    pdf::in_memory(|| {
        let mut batch = Batch::new(Vec::new(), printing)?;
        forms.iter().try_for_each(|form| batch.add(form))?;
        batch.finish()
    })
}
