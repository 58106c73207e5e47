//! The costs of argon2, and how much of them a stored hash may ask for.

use serde::{Deserialize, Serialize};

use super::HashError;

/// The costs of one hash: memory, passes, lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawParams", into = "RawParams")]
pub struct HashParams {
    m_kib: u32,
    t: u32,
    p: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParams {
    m_kib: u32,
    t: u32,
    p: u32,
}

impl HashParams {
    /// 19 MiB, two passes, one lane: the least that OWASP's password storage advice names for argon2id.
    pub const DEFAULT: Self = Self { m_kib: 19_456, t: 2, p: 1 };

    /// 64 MiB, three passes, four lanes: RFC 9106 §4, second recommended option, for machines with memory to spare.
    pub const RFC_9106_LOW_MEMORY: Self = Self { m_kib: 65_536, t: 3, p: 4 };

    /// Takes memory in KiB (at least 8 per lane), passes (at least 1) and lanes (1 to 255).
    ///
    /// # Errors
    /// [`HashError::ImpossibleParams`].
    pub const fn new(m_kib: u32, t: u32, p: u32) -> Result<Self, HashError> {
        if p == 0 || p > 255 || t == 0 || m_kib < 8 * p {
            return Err(HashError::ImpossibleParams { m_kib, t, p });
        }
        Ok(Self { m_kib, t, p })
    }

    /// Returns the memory in KiB.
    #[must_use]
    pub const fn m_kib(self) -> u32 {
        self.m_kib
    }

    /// Returns the number of passes.
    #[must_use]
    pub const fn t(self) -> u32 {
        self.t
    }

    /// Returns the number of lanes.
    #[must_use]
    pub const fn p(self) -> u32 {
        self.p
    }
}

impl Default for HashParams {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<RawParams> for HashParams {
    type Error = HashError;

    fn try_from(raw: RawParams) -> Result<Self, HashError> {
        Self::new(raw.m_kib, raw.t, raw.p)
    }
}

impl From<HashParams> for RawParams {
    fn from(params: HashParams) -> Self {
        Self { m_kib: params.m_kib, t: params.t, p: params.p }
    }
}

/// The greatest costs a stored or imported hash may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The greatest memory in KiB.
    pub max_m_kib: u32,
    /// The most passes.
    pub max_t: u32,
    /// The most lanes.
    pub max_p: u32,
    /// The greatest cost of bcrypt, whose logarithm of rounds it is.
    pub max_bcrypt_cost: u32,
    /// The most rounds of PBKDF2.
    pub max_pbkdf2_rounds: u32,
}

impl Bounds {
    pub(super) fn check(self, params: HashParams) -> Result<(), HashError> {
        for (name, found, max) in
            [("m", params.m_kib, self.max_m_kib), ("t", params.t, self.max_t), ("p", params.p, self.max_p)]
        {
            if found > max {
                return Err(HashError::OverBounds { name, found, max });
            }
        }
        Ok(())
    }
}

/// 128 MiB, ten passes, eight lanes; bcrypt up to 14, PBKDF2 up to two million rounds.
impl Default for Bounds {
    fn default() -> Self {
        Self { max_m_kib: 131_072, max_t: 10, max_p: 8, max_bcrypt_cost: 14, max_pbkdf2_rounds: 2_000_000 }
    }
}
