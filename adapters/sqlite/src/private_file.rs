//! Files that only their owner may read, and that are still there after a power cut.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Makes the folder of `path` and those above it, as far as they are missing, for the owner only.
pub(crate) fn make_folder(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let folder = path.parent().ok_or(io::ErrorKind::IsADirectory)?;
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.is_dir()).collect();
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    missing.iter().filter_map(|made| made.parent()).try_for_each(sync_folder)?;
    Ok(folder.to_owned())
}

/// Makes an empty file for the owner only; one that is there stays as it is and is not opened, because closing it
/// would end the locks SQLite holds on it in this process.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    let folder = make_folder(path)?;
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.write(true).create_new(true).open(path) {
        Ok(_) => sync_folder(&folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && fs::metadata(path)?.is_file() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the names in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Answers whether anybody but the owner may read `file`.
pub(crate) fn is_exposed(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    return Ok(std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0);
    #[cfg(not(unix))]
    return file.metadata().map(|_| false);
}
