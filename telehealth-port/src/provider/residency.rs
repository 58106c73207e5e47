//! Where media may flow: the practice's rule, and the region it gives at a service.

use serde::{Deserialize, Serialize};

use super::{Capabilities, Region};

/// A practice's rule about regions, in the words of its video service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residency {
    /// Regions media may flow through, best first; any if empty.
    #[serde(default)]
    pub allowed: Vec<Region>,
}

/// No region of the service keeps the practice's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the video service offers none of the regions the practice allows")]
pub struct NoRegion;

impl Residency {
    /// Chooses the first allowed region the service offers; `None` leaves the choice to the service. A practice that
    /// hosts its own service needs no choice.
    ///
    /// # Errors
    /// [`NoRegion`] where a rule stands and the service cannot be held to it.
    pub fn choose(&self, capabilities: &Capabilities) -> Result<Option<Region>, NoRegion> {
        if self.allowed.is_empty() || capabilities.self_hosted {
            return Ok(None);
        }
        let offered = self.allowed.iter().find(|region| capabilities.regions.contains(region));
        offered.cloned().map(Some).ok_or(NoRegion)
    }
}
