//! The password hash: argon2id with a salt and, where configured, a pepper.
//!
//! Invariants: costs read from storage are bounded before any work is done; the comparison takes constant time;
//! a stored hash says which scheme, costs and pepper made it, so that it can be replaced at the next sign-in.
//! Standard: NIST SP 800-63B-4 §3.1.1.2, RFC 9106. Argon2id is not listed in SP 800-132: a documented deviation from a
//! SHOULD.

mod budget;
mod calibration;
mod imported;
mod params;
mod phc;
mod stored;

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use budget::{Budget, Cost};
pub use calibration::{Measured, Target, calibrate};
pub use imported::ImportedHash;
pub use params::{Bounds, HashParams};
pub use phc::{PhcError, PhcString, Variant};
pub use stored::StoredPassword;

use crate::password::NormalizedPassword;
use crate::pepper::{KeyId, Peppers};

const TAG_BYTES: usize = 32;

/// Why a password could not be hashed or a hash not be verified; never says anything about the password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// Costs that argon2 does not define.
    #[error("argon2 parameters m={m_kib} t={t} p={p} are not possible")]
    ImpossibleParams {
        /// The memory in KiB.
        m_kib: u32,
        /// The passes.
        t: u32,
        /// The lanes.
        p: u32,
    },
    /// Costs that would tie up the machine.
    #[error("hash parameter {name} is {found}, at most {max} is allowed")]
    OverBounds {
        /// The name of the parameter in the PHC string.
        name: &'static str,
        /// The value found.
        found: u32,
        /// The greatest value allowed.
        max: u32,
    },
    /// An imported hash whose scheme cannot be run with its costs.
    #[error("imported hash cannot be computed")]
    ImpossibleImport,
    /// A budget of hardly any or of impossibly much memory or cores.
    #[error("hashing budget is not 8 MiB to 1 TiB on 1 to 1024 cores")]
    Budget,
    /// The hash names a pepper that is not configured.
    #[error("pepper {0} is not configured")]
    UnknownPepper(KeyId),
    /// The memory could not be allocated.
    #[error("not enough memory for argon2")]
    OutOfMemory,
}

/// The outcome of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verified {
    /// The right password.
    Match {
        /// Whether the hash is to be replaced by one with the current scheme, costs and pepper.
        needs_rehash: bool,
    },
    /// A wrong password.
    Mismatch,
}

/// Hashes and verifies passwords with one set of costs and peppers.
///
/// Each call takes tens to hundreds of milliseconds and [`HashParams`] of memory: bound the number that run at once.
///
/// ```
/// use mentalspace_auth_policy::hash::{Hasher, HashParams, Verified};
/// use mentalspace_auth_policy::password::NormalizedPassword;
/// use mentalspace_auth_policy::pepper::{KeyId, Pepper, Peppers};
///
/// let pepper = Pepper::new(KeyId::new(b"2026")?, [7; 32]);
/// let hasher = Hasher::new(HashParams::DEFAULT, Peppers::new(pepper));
/// let password = NormalizedPassword::attempt(&"four walnuts under a lamp".into())?;
/// let stored = hasher.hash(&password, [9; 16])?;
/// assert_eq!(hasher.verify(&password, &stored)?, Verified::Match { needs_rehash: false });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hasher {
    params: HashParams,
    peppers: Peppers,
    bounds: Bounds,
}

impl Hasher {
    /// Uses these costs and peppers and the default bounds.
    #[must_use]
    pub fn new(params: HashParams, peppers: Peppers) -> Self {
        Self { params, peppers, bounds: Bounds::default() }
    }

    /// Replaces the bounds on the costs of stored hashes.
    #[must_use]
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Returns the costs of new hashes.
    #[must_use]
    pub fn params(&self) -> HashParams {
        self.params
    }

    /// Returns the peppers, which backup codes share.
    #[must_use]
    pub fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// Hashes a password with 16 fresh random bytes as salt.
    ///
    /// # Errors
    /// [`HashError::OutOfMemory`].
    pub fn hash(&self, password: &NormalizedPassword, salt: [u8; 16]) -> Result<PhcString, HashError> {
        let mut hash = self.blank(salt);
        let secret = self.peppers.current().map(|pepper| pepper.key());
        let tag = tag(password.expose().as_bytes(), &hash, secret)?;
        hash.set_tag(&tag);
        Ok(hash)
    }

    /// Verifies a password against a stored hash of any scheme; an imported one that matches needs to be replaced.
    ///
    /// # Errors
    /// Costs above the bounds, an unknown pepper, or no memory. None depends on the password.
    pub fn verify_any(&self, password: &NormalizedPassword, stored: &StoredPassword) -> Result<Verified, HashError> {
        match stored {
            StoredPassword::Argon2(hash) => self.verify(password, hash),
            StoredPassword::Imported(hash) => {
                hash.check(&self.bounds)?;
                let matches = hash.matches(password.expose().as_bytes())?;
                Ok(if matches { Verified::Match { needs_rehash: true } } else { Verified::Mismatch })
            }
        }
    }

    /// Verifies a password against a stored hash.
    ///
    /// # Errors
    /// Costs above the bounds, an unknown pepper, or no memory. Neither depends on the password.
    pub fn verify(&self, password: &NormalizedPassword, stored: &PhcString) -> Result<Verified, HashError> {
        self.bounds.check(stored.params())?;
        let secret = match stored.key_id() {
            None => None,
            Some(id) => Some(self.peppers.find(id).ok_or_else(|| HashError::UnknownPepper(id.clone()))?.key()),
        };
        let found = tag(password.expose().as_bytes(), stored, secret)?;
        Ok(if bool::from(found.ct_eq(stored.tag())) {
            Verified::Match { needs_rehash: self.is_outdated(stored) }
        } else {
            Verified::Mismatch
        })
    }

    /// Returns a hash that no password matches, to be verified when the user is unknown, so that the answer takes as
    /// long as for a known one.
    #[must_use]
    pub fn dummy(&self) -> PhcString {
        self.blank([0; 16])
    }

    fn is_outdated(&self, stored: &PhcString) -> bool {
        stored.variant() != Variant::Argon2id
            || stored.version() != Version::V0x13
            || stored.params() != self.params
            || stored.key_id() != self.peppers.current().map(|pepper| pepper.id())
            || stored.tag().len() != TAG_BYTES
    }

    fn blank(&self, salt: [u8; 16]) -> PhcString {
        let key_id = self.peppers.current().map(|pepper| pepper.id().clone());
        PhcString::new(self.params, key_id, &salt, &[0; TAG_BYTES])
    }
}

/// Computes the tag for the scheme, costs, salt and associated data of a hash.
fn tag(password: &[u8], hash: &PhcString, secret: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, HashError> {
    let params = hash.params();
    let impossible = |_| HashError::ImpossibleParams { m_kib: params.m_kib(), t: params.t(), p: params.p() };
    let data = AssociatedData::new(hash.data()).map_err(impossible)?;
    let settings = ParamsBuilder::new()
        .m_cost(params.m_kib())
        .t_cost(params.t())
        .p_cost(params.p())
        .data(data)
        .output_len(hash.tag().len())
        .build()
        .map_err(impossible)?;
    let algorithm = match hash.variant() {
        Variant::Argon2d => Algorithm::Argon2d,
        Variant::Argon2i => Algorithm::Argon2i,
        Variant::Argon2id => Algorithm::Argon2id,
    };
    let argon2 = match secret {
        None => Argon2::new(algorithm, hash.version(), settings),
        Some(secret) => Argon2::new_with_secret(secret, algorithm, hash.version(), settings).map_err(impossible)?,
    };
    let mut out = Zeroizing::new(vec![0; hash.tag().len()]);
    argon2.hash_password_into(password, hash.salt(), &mut out).map_err(|error| match error {
        argon2::Error::OutOfMemory => HashError::OutOfMemory,
        other => impossible(other),
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests;
