//! Where the input comes from: a file, or standard input as `-`.

use std::{fs::File, io};

use crate::Failure;

pub(crate) fn open(name: &str) -> Result<Box<dyn io::Read>, Failure> {
    if name == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(name).map_err(Failure::Input)?;
    if file.metadata().map_err(Failure::Input)?.is_dir() {
        return Err(Failure::Input(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Box::new(file))
}
