//! Calibration: the costs that make a hash take a given time on a given machine.
//!
//! Invariant: never below 19 MiB and two passes, never above the memory given; measured, not guessed.
//! Standard: NIST SP 800-63B-4 §3.1.1.2 (cost as high as practical), RFC 9106 §4 (memory first, then passes).

use std::time::Duration;

use super::HashParams;

/// What is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The time one hash should take.
    pub time: Duration,
    /// The most memory one hash may take, in KiB.
    pub max_m_kib: u32,
    /// The most passes.
    pub max_t: u32,
}

/// Costs and the time they were measured to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The costs.
    pub params: HashParams,
    /// The time.
    pub time: Duration,
}

/// Searches the highest costs that keep within the target, memory before passes.
///
/// `measure` hashes with the costs it is given and returns how long that took, best of several runs. It is asked at
/// most some thirty times. When even the least costs take longer, these are returned: the time is a wish, the least is not.
pub fn calibrate(target: Target, mut measure: impl FnMut(HashParams) -> Duration) -> Measured {
    let least = HashParams::DEFAULT;
    let mut best = Measured { params: least, time: measure(least) };
    let most = target.max_m_kib.max(least.m_kib());
    // Memory, by half an octave.
    let mut m_kib = least.m_kib();
    while best.time <= target.time && m_kib < most {
        m_kib = (m_kib.saturating_add(m_kib / 2)).min(most);
        let Ok(params) = HashParams::new(m_kib, least.t(), least.p()) else { break };
        let time = measure(params);
        if time > target.time {
            break;
        }
        best = Measured { params, time };
    }
    // Passes, as far as there is time left.
    for t in least.t() + 1..=target.max_t {
        let Ok(params) = HashParams::new(best.params.m_kib(), t, least.p()) else { break };
        let time = measure(params);
        if time > target.time {
            break;
        }
        best = Measured { params, time };
    }
    best
}
