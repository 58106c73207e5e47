//! What a shell and a manual need to know of the command.

use std::{io, path::Path};

use clap::CommandFactory as _;

use crate::{Command, Failure, Verdict};

pub(crate) fn complete(shell: clap_complete::Shell) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Command::command(), "mentalspace", &mut script);
    io::Write::write_all(&mut io::stdout().lock(), &script)?;
    Ok(Verdict::Right)
}

pub(crate) fn man(folder: &Path) -> Result<Verdict, Failure> {
    clap_mangen::generate_to(Command::command(), folder)?;
    Ok(Verdict::Right)
}
