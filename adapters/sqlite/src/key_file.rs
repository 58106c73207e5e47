//! The wrapping key of one machine, from a file or the environment.
//!
//! 32 random bytes as 64 hexadecimal digits. The key's name is made from its SHA-256, so that data wrapped by another
//! key is recognised by name. Whoever loses the key loses the records: keep a copy apart from the database.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use mentalspace_core::{Entropy, draw, store::LocalKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::private_file::{is_exposed, make_folder, sync_folder};

const DIGITS: usize = 64;

/// Why a key cannot be had. Never holds any of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file can be read by others than its owner, so the key may be known.
    #[error("the key file can be read by others than its owner")]
    Exposed,
    /// The content is something else.
    #[error("the key is not 64 hexadecimal digits")]
    Malformed,
    /// The file cannot be read or written.
    #[error("the key file cannot be read or written")]
    File(#[from] io::Error),
}

/// Reads the key in `path`; when there is no such file, makes a key from `entropy` and keeps it there, for its owner
/// only. A crash leaves a whole key or none, and of two processes that make one, both use the same.
///
/// # Errors
/// The file can be read by others, holds something else, or cannot be read or written.
pub fn load_or_create(path: impl AsRef<Path>, entropy: &dyn Entropy) -> Result<LocalKey, KeyFileError> {
    let path = path.as_ref();
    match load(path) {
        Err(KeyFileError::File(error)) if error.kind() == io::ErrorKind::NotFound => create(path, entropy)?,
        loaded => return loaded,
    }
    load(path)
}

/// Reads a key of 64 hexadecimal digits, such as the value of an environment variable.
///
/// # Errors
/// It is something else.
pub fn from_env(value: &str) -> Result<LocalKey, KeyFileError> {
    let mut key = Zeroizing::new([0; DIGITS / 2]);
    hex::decode_to_slice(value.trim_ascii(), key.as_mut()).map_err(|_| KeyFileError::Malformed)?;
    let name = hex::encode(&Sha256::digest(*key)[..8]);
    Ok(LocalKey::new(format!("local-{name}"), *key))
}

fn load(path: &Path) -> Result<LocalKey, KeyFileError> {
    let file = File::open(path)?;
    if is_exposed(&file)? {
        return Err(KeyFileError::Exposed);
    }
    // Room enough never to move, which would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * DIGITS));
    match file.take(DIGITS as u64 + 3).read_to_string(&mut text) {
        Ok(length) if length <= DIGITS + 2 => from_env(&text),
        Err(error) if error.kind() != io::ErrorKind::InvalidData => Err(error.into()),
        _ => Err(KeyFileError::Malformed),
    }
}

/// Writes the key beside its place and moves it there only if the place is still free.
fn create(path: &Path, entropy: &dyn Entropy) -> Result<(), KeyFileError> {
    let folder = make_folder(path)?;
    let key = Zeroizing::new(draw::<{ DIGITS / 2 }>(entropy));
    let mut digits = Zeroizing::new([b'\n'; DIGITS + 1]);
    #[expect(clippy::expect_used, reason = "the buffer has two digits for each byte")]
    hex::encode_to_slice(*key, &mut digits[..DIGITS]).expect("the buffer has two digits for each byte");
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(&folder)?;
    file.write_all(digits.as_ref())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error.into()),
        _ => Ok(sync_folder(&folder)?),
    }
}
