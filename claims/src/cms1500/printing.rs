//! Forms as a file for one printer.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::Form;
use crate::page::{Page, Points, Printable, pdf};

/// How far a printer has to be corrected. Negative lengths go the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// Towards the right edge of the paper.
    pub right: Points,
    /// Towards the foot of the paper.
    pub down: Points,
}

/// What does not depend on the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Printing {
    /// Correction of the printer, see [`calibration`](super::calibration).
    pub offset: Offset,
    /// Date of the file, in UTC; without it the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<NaiveDateTime>,
}

/// Writes the values of `forms` into one PDF, form after form; nothing of the form itself is drawn.
///
/// The same forms give the same bytes. Needs about 140 KB of memory a sheet: give large batches in parts.
///
/// ```
/// use mentalspace_claims::cms1500::{Form, Printing, render_pdf};
/// let file = render_pdf(&[] as &[Form], &Printing::default());
/// assert!(file.starts_with(b"%PDF-1.7"));
/// ```
#[must_use]
pub fn render_pdf(forms: &[Form], printing: &Printing) -> Vec<u8> {
    let pages: Vec<Page> = forms.iter().flat_map(Form::pages).map(|sheet| sheet.lay_out(printing.offset)).collect();
    let title = Printable::parse("CMS-1500").unwrap_or_default();
    pdf::render(&pages, &pdf::About { title, created: printing.created })
}
