//! `mentalspace era`: a remittance as text or JSON.

use std::io::{self, Write as _};

use mentalspace_claims::transaction::r835::{Remittances, view::FileView};

use crate::{Failure, Format, Verdict, input};

pub(crate) fn show(file: &str, format: Format) -> Result<Verdict, Failure> {
    let read = Remittances::new(input::open(file)?).collect::<Result<Vec<_>, _>>().map_err(Failure::X12)?;
    if read.is_empty() {
        return Err(Failure::NoRemittance);
    }
    let view = FileView::new(Some(file.to_owned()), &read);
    let mut out = io::stdout().lock();
    match format {
        Format::Text => out.write_all(view.to_text().as_bytes())?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &view).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(if view.balanced { Verdict::Right } else { Verdict::Wrong })
}
