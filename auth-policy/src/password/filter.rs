//! The filter: a set of passwords nobody may choose, as a file that is small, fast and says almost never too much.
//!
//! A binary fuse filter with 32-bit fingerprints over the first eight bytes of the SHA-1 of each password: 36 bits an
//! entry, one false positive in four thousand million. SHA-1, because corpora of breached passwords are published as
//! such; what is protected here is no secret.
//!
//! The file: a header of 64 bytes (`MSFILTER`, version, kind, entries, the least length, the descriptor of the filter,
//! the number of fingerprints), the fingerprints as little-endian words, and the SHA-256 of all that.
//!
//! Invariant: a filter that was read never looks outside its fingerprints, whatever the file held.
//! Standard: NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 6.2.4, 6.2.12.

use std::collections::TryReserveError;
use std::fmt;
use std::sync::OnceLock;

use sha1::{Digest, Sha1};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use xorf::BinaryFuse32;
use zeroize::Zeroizing;

use super::Blocklist;
use super::blocklist::fold;

const MAGIC: &[u8; 8] = b"MSFILTER";
const VERSION: u8 = 1;
const FUSE_32_OF_SHA1: u8 = 1;
const HEADER: usize = 64;
const CHECKSUM: usize = 32;
const LONGEST_SEGMENT: u32 = 262_144;

/// The most entries of a filter: twice what the largest public corpus holds would not fit the arithmetic.
pub const MAX_FILTER_ENTRIES: usize = 1 << 30;

/// Why bytes are no filter; says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// Not the magic bytes of a filter.
    #[error("byte 0: not a password filter")]
    Magic,
    /// A version or kind this release does not read.
    #[error("byte {at}: {what} {found} is not known")]
    Unknown {
        /// Where.
        at: usize,
        /// What it is.
        what: &'static str,
        /// The value.
        found: u8,
    },
    /// A header that describes no filter.
    #[error("byte {at}: {what} is not possible")]
    Header {
        /// Where.
        at: usize,
        /// What it is.
        what: &'static str,
    },
    /// More or fewer bytes than the header says.
    #[error("byte {found}: the file ends, {expected} bytes were announced")]
    Length {
        /// The bytes found.
        found: usize,
        /// The bytes announced.
        expected: usize,
    },
    /// A checksum that does not hold.
    #[error("byte {at}: the checksum does not hold")]
    Checksum {
        /// Where it begins.
        at: usize,
    },
    /// Too many entries, or too few different ones to build from.
    #[error("a filter of {entries} entries cannot be built")]
    Build {
        /// How many.
        entries: usize,
    },
    /// The memory could not be allocated.
    #[error("not enough memory for the filter")]
    OutOfMemory,
}

impl From<TryReserveError> for FilterError {
    fn from(_: TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// The key of an entry: eight bytes of its SHA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilterKey(u64);

impl FilterKey {
    /// Hashes a form of a password.
    #[must_use]
    pub fn of(form: &str) -> Self {
        Self::of_sha1(Sha1::digest(form.as_bytes()).into())
    }

    /// Takes the SHA-1 of a password, as corpora give it.
    #[must_use]
    pub fn of_sha1(hash: [u8; 20]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = hash;
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// A set of passwords, asked by their hashes.
#[derive(Clone)]
pub struct Filter {
    entries: u64,
    min_code_points: u16,
    seed: u64,
    segment_length: u32,
    segment_count_length: u32,
    fingerprints: Box<[u32]>,
}

/// Collects entries for a filter.
#[derive(Clone, Debug, Default)]
pub struct FilterBuilder {
    keys: Vec<u64>,
    min_code_points: u16,
}

impl FilterBuilder {
    /// Takes plain passwords of at least so many code points; shorter ones are refused by any policy anyway.
    #[must_use]
    pub fn new(min_code_points: u16) -> Self {
        Self { keys: Vec::new(), min_code_points }
    }

    /// Adds a plain password, exactly and folded; false where it is too short.
    ///
    /// # Errors
    /// Too many entries, or no memory.
    pub fn add(&mut self, password: &str) -> Result<bool, FilterError> {
        let exact: Zeroizing<String> = Zeroizing::new(password.nfc().collect());
        if exact.chars().count() < usize::from(self.min_code_points) {
            return Ok(false);
        }
        let folded = fold(&exact);
        self.add_key(FilterKey::of(&exact))?;
        if folded != exact {
            self.add_key(FilterKey::of(&folded))?;
        }
        Ok(true)
    }

    /// Adds an entry by its hash.
    ///
    /// # Errors
    /// Too many entries, or no memory.
    pub fn add_key(&mut self, key: FilterKey) -> Result<(), FilterError> {
        if self.keys.len() >= MAX_FILTER_ENTRIES {
            return Err(FilterError::Build { entries: self.keys.len() + 1 });
        }
        if self.keys.len() == self.keys.capacity() {
            self.keys.try_reserve(self.keys.len().max(1024))?;
        }
        self.keys.push(key.0);
        Ok(())
    }

    /// Builds the filter; the same entries in any order give the same file.
    ///
    /// # Errors
    /// [`FilterError::Build`].
    pub fn build(mut self) -> Result<Filter, FilterError> {
        self.keys.sort_unstable();
        self.keys.dedup();
        let entries = self.keys.len();
        // The construction wants a few keys to spread; the smallest sets are filled up with ones that no password has.
        while self.keys.len() < 8 {
            self.keys.push(u64::MAX - self.keys.len() as u64);
        }
        self.keys.dedup();
        let fuse = BinaryFuse32::try_from(&self.keys).map_err(|_| FilterError::Build { entries })?;
        Ok(Filter {
            entries: entries as u64,
            min_code_points: self.min_code_points,
            seed: fuse.descriptor.seed,
            segment_length: fuse.descriptor.segment_length,
            segment_count_length: fuse.descriptor.segment_count_length,
            fingerprints: fuse.fingerprints,
        })
    }
}

impl Filter {
    /// Returns the filter that comes with this crate: common passwords of eight and more code points from public lists.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Filter> = OnceLock::new();
        #[expect(clippy::expect_used, reason = "the file is part of the crate and read by its tests")]
        EMBEDDED.get_or_init(|| {
            Self::read(include_bytes!("../../data/common-passwords.filter")).expect("the embedded filter is whole")
        })
    }

    /// Counts the entries.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Returns the least length of the plain passwords it was built from, 0 where it was built from hashes.
    #[must_use]
    pub fn min_code_points(&self) -> u16 {
        self.min_code_points
    }

    /// Tells whether an entry is in the set.
    #[must_use]
    pub fn contains_key(&self, key: FilterKey) -> bool {
        let hash = mix(key.0.wrapping_add(self.seed));
        let mask = self.segment_length - 1;
        let bytes = hash.to_le_bytes();
        let low = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let middle = (hash >> 18).to_le_bytes();
        let middle = u32::from_le_bytes([middle[0], middle[1], middle[2], middle[3]]);
        // The upper half of a product with 32 bits is below them.
        let product = (u128::from(hash) * u128::from(self.segment_count_length)).to_le_bytes();
        let first = u32::from_le_bytes([product[8], product[9], product[10], product[11]]);
        let second = (first + self.segment_length) ^ (middle & mask);
        let third = (first + 2 * self.segment_length) ^ (low & mask);
        let high = (hash ^ (hash >> 32)).to_le_bytes();
        let fingerprint = u32::from_le_bytes([high[0], high[1], high[2], high[3]]);
        let at = |place: u32| self.fingerprints[place as usize];
        fingerprint == at(first) ^ at(second) ^ at(third)
    }

    /// Writes the file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + 4 * self.fingerprints.len() + CHECKSUM);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&[VERSION, FUSE_32_OF_SHA1]);
        file.extend_from_slice(&self.min_code_points.to_le_bytes());
        file.extend_from_slice(&[0; 4]);
        file.extend_from_slice(&self.entries.to_le_bytes());
        file.extend_from_slice(&self.seed.to_le_bytes());
        file.extend_from_slice(&self.segment_length.to_le_bytes());
        file.extend_from_slice(&self.segment_count_length.to_le_bytes());
        file.extend_from_slice(&(self.fingerprints.len() as u64).to_le_bytes());
        file.resize(HEADER, 0);
        for fingerprint in &self.fingerprints {
            file.extend_from_slice(&fingerprint.to_le_bytes());
        }
        let checksum = Sha256::digest(&file);
        file.extend_from_slice(&checksum);
        file
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FilterError`], with the place.
    pub fn read(file: &[u8]) -> Result<Self, FilterError> {
        if file.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(FilterError::Magic);
        }
        let short = |expected| FilterError::Length { found: file.len(), expected };
        let header: &[u8; HEADER] = file.first_chunk().ok_or_else(|| short(HEADER + CHECKSUM))?;
        for (at, what, known) in [(8, "version", VERSION), (9, "kind", FUSE_32_OF_SHA1)] {
            if header[at] != known {
                return Err(FilterError::Unknown { at, what, found: header[at] });
            }
        }
        let (segment_length, segment_count_length) = (word(header, 32), word(header, 36));
        let (entries, fingerprints) = (long(header, 16), long(header, 40));
        let possible = |at, what, yes: bool| if yes { Ok(()) } else { Err(FilterError::Header { at, what }) };
        possible(12, "the reserved space", header[12..16] == [0; 4] && header[48..] == [0; 16])?;
        possible(16, "the number of entries", entries <= MAX_FILTER_ENTRIES as u64)?;
        let power = segment_length.is_power_of_two() && segment_length <= LONGEST_SEGMENT;
        possible(32, "the length of a segment", power)?;
        let whole = segment_count_length > 0 && segment_count_length.is_multiple_of(segment_length);
        possible(36, "the length of all segments", whole && segment_count_length <= 1 << 31)?;
        // A key is looked for at a place below `segment_count_length` and in the two segments after it.
        let needed = u64::from(segment_count_length) + 2 * u64::from(segment_length);
        possible(40, "the number of fingerprints", fingerprints == needed)?;
        let body = usize::try_from(4 * fingerprints).map_err(|_| FilterError::OutOfMemory)?;
        let end = HEADER + body;
        if file.len() != end + CHECKSUM {
            return Err(short(end + CHECKSUM));
        }
        if Sha256::digest(&file[..end])[..] != file[end..] {
            return Err(FilterError::Checksum { at: end });
        }
        let mut words = Vec::new();
        words.try_reserve_exact(body / 4)?;
        words.extend(file[HEADER..end].as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        Ok(Self {
            entries,
            min_code_points: u16::from_le_bytes([header[10], header[11]]),
            seed: long(header, 24),
            segment_length,
            segment_count_length,
            fingerprints: words.into(),
        })
    }
}

/// Spreads a key over 64 bits, as the construction does (MurmurHash3's finaliser).
fn mix(mut key: u64) -> u64 {
    key ^= key >> 33;
    key = key.wrapping_mul(0xff51_afd7_ed55_8ccd);
    key ^= key >> 33;
    key = key.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    key ^ (key >> 33)
}

fn word(header: &[u8; HEADER], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&header[at..at + 4]);
    u32::from_le_bytes(bytes)
}

fn long(header: &[u8; HEADER], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&header[at..at + 8]);
    u64::from_le_bytes(bytes)
}

impl Blocklist for Filter {
    fn contains(&self, form: &str) -> bool {
        self.contains_key(FilterKey::of(form))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({} entries)", self.entries)
    }
}
