//! `mentalspace era`: a remittance as text or JSON.

use std::io::{self, Write};

use indicatif::ProgressBar;
use mentalspace_claims::transaction::r835::{Remittances, view::FileView};

use crate::{
    Failure, Verdict,
    input::Input,
    output::{Files, Shown, show_each},
    work::Counted,
};

pub(crate) fn show(files: &Files) -> Result<Verdict, Failure> {
    show_each(files, |input: &Input, bar: &ProgressBar| {
        let read = Remittances::new(Counted::new(input.open()?, bar)).collect::<Result<Vec<_>, _>>();
        let read = read.map_err(Failure::X12)?;
        if read.is_empty() { Err(Failure::NoRemittance) } else { Ok(FileView::new(Some(input.name()), &read)) }
    })
}

impl Shown for FileView {
    fn verdict(&self) -> Verdict {
        if self.balanced { Verdict::Right } else { Verdict::Wrong }
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.to_text().as_bytes())
    }
}
