//! Where the input comes from: files, folders, patterns, or standard input as `-`.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::Failure;

/// One input, by the name it is reported under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Input {
    /// `-`.
    Standard,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// Returns the name in reports.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Standard => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Returns how many bytes it has, as far as that is known; for progress only.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Standard => 0,
            Self::File(path) => path.metadata().map_or(0, |data| data.len()),
        }
    }

    pub(crate) fn open(&self) -> Result<Box<dyn io::Read>, Failure> {
        match self {
            Self::Standard => Ok(Box::new(io::stdin().lock())),
            Self::File(path) => {
                let file = File::open(path).map_err(Failure::Input)?;
                if file.metadata().map_err(Failure::Input)?.is_dir() {
                    return Err(Failure::Input(io::ErrorKind::IsADirectory.into()));
                }
                Ok(Box::new(file))
            }
        }
    }

    /// Reads all of it.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size()).unwrap_or(0).saturating_add(1));
        io::copy(&mut self.open()?, &mut bytes).map_err(Failure::Input)?;
        Ok(bytes)
    }
}

/// Takes one name as it is.
pub(crate) fn single(name: &str) -> Input {
    if name == "-" { Input::Standard } else { Input::File(name.into()) }
}

/// Finds what `names` mean: a folder stands for all files below it, a pattern for what it matches.
///
/// Files come in the order of the names, those of a folder or pattern sorted.
pub(crate) fn expand(names: &[String]) -> Result<Vec<Input>, Failure> {
    let mut found = Vec::new();
    for name in names {
        let path = Path::new(name);
        if name == "-" {
            found.push(Input::Standard);
        } else if path.is_dir() {
            below(path, &mut found)?;
        } else if !path.exists() && name.contains(['*', '?', '[']) {
            let before = found.len();
            for entry in glob::glob(name).map_err(|_| Failure::Pattern)? {
                let path = entry.map_err(|error| Failure::Input(error.into()))?;
                if path.is_file() {
                    found.push(Input::File(path));
                }
            }
            if found.len() == before {
                return Err(Failure::Input(io::ErrorKind::NotFound.into()));
            }
        } else {
            found.push(Input::File(path.to_owned()));
        }
    }
    Ok(found)
}

/// Adds the files below `folder`, sorted; hidden ones and links to folders are passed over.
fn below(folder: &Path, found: &mut Vec<Input>) -> Result<(), Failure> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).map_err(Failure::Input)? {
            let entry = entry.map_err(Failure::Input)?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type().map_err(Failure::Input)?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().is_file() {
                files.push(Input::File(entry.path()));
            }
        }
    }
    files.sort();
    found.append(&mut files);
    Ok(())
}
