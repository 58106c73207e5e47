//! The budget of hashing: how many hashes may run at once, by memory and by cores.
//!
//! Invariant: the weights of what runs at once never exceed the budget, so neither its memory nor its cores are.

use serde::{Deserialize, Serialize};

use super::{HashError, HashParams};

/// What one hash takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
}

impl From<HashParams> for Cost {
    fn from(params: HashParams) -> Self {
        Self { memory_kib: params.m_kib() }
    }
}

/// The memory and the cores that hashing may take of a machine.
///
/// A server makes a semaphore of [`places`](Self::places) permits and takes as many for a hash as it
/// [weighs](Self::weight).
///
/// ```
/// use mentalspace_auth_policy::hash::{Budget, HashParams};
///
/// let budget = Budget::new(256 << 20, 8)?;
/// let weight = budget.weight(HashParams::DEFAULT.into());
/// assert_eq!(budget.places() / weight, 8, "the cores are the limit");
/// let small = Budget::new(64 << 20, 8)?;
/// assert_eq!(small.places() / small.weight(HashParams::DEFAULT.into()), 3, "the memory is");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    memory_kib: u32,
    cores: u32,
}

impl Budget {
    /// Takes the memory in bytes, 8 MiB to 1 TiB, and the number of cores, 1 to 1024.
    ///
    /// # Errors
    /// [`HashError::Budget`].
    pub fn new(memory_bytes: u64, cores: usize) -> Result<Self, HashError> {
        let memory_kib = u32::try_from(memory_bytes / 1024).ok().filter(|kib| (8 << 10..=1 << 30).contains(kib));
        let cores = u32::try_from(cores).ok().filter(|cores| (1..=1024).contains(cores));
        match (memory_kib, cores) {
            (Some(memory_kib), Some(cores)) => Ok(Self { memory_kib, cores }),
            _ => Err(HashError::Budget),
        }
    }

    /// Counts what there is to give out, in KiB.
    #[must_use]
    pub fn places(self) -> u32 {
        self.memory_kib
    }

    /// Weighs a hash: its memory, or a core's share of all where that is more. One that is heavier than the budget
    /// takes all of it and runs alone; [`Bounds`](super::Bounds) refuse what must not run at all.
    #[must_use]
    pub fn weight(self, cost: Cost) -> u32 {
        cost.memory_kib.max(self.memory_kib / self.cores).clamp(1, self.memory_kib)
    }

    /// Counts how many hashes of this cost run at once.
    #[must_use]
    pub fn at_once(self, cost: Cost) -> u32 {
        self.places() / self.weight(cost)
    }
}
