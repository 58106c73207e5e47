//! The service itself.

use std::{fmt, sync::Arc, time::Instant};

use async_trait::async_trait;
use mentalspace_auth_policy::password::{BreachRange, MAX_RANGE_BYTES, RangeAnswer, RangePrefix, RangeUnavailable};
use mentalspace_http::{Client, HttpError, Method, Request};

use crate::{PwnedRangeConfig, cache::Cache};

/// A service with the range interface of Pwned Passwords.
pub struct PwnedRange {
    base: String,
    client: Client,
    cache: Cache,
}

impl PwnedRange {
    /// Prepares to ask the service; nothing is asked yet.
    ///
    /// # Errors
    /// [`HttpError::Tls`].
    pub fn new(config: PwnedRangeConfig) -> Result<Self, HttpError> {
        let client = Client::new(config.patience, MAX_RANGE_BYTES)?;
        Ok(Self { base: config.base, client, cache: Cache::new(config.kept, config.keep) })
    }
}

#[async_trait]
impl BreachRange for PwnedRange {
    async fn range(&self, prefix: RangePrefix) -> Result<RangeAnswer, RangeUnavailable> {
        if let Some(known) = self.cache.find(prefix, Instant::now()) {
            return Ok(known.as_ref().clone());
        }
        let request = Request::new(Method::GET, format!("{}/range/{prefix}", self.base))
            .header("add-padding", "true")
            .header("user-agent", "mentalspace");
        let answer = self.client.send(request).await.map_err(|_| RangeUnavailable)?;
        if answer.status != 200 {
            return Err(RangeUnavailable);
        }
        let answer = RangeAnswer::parse(&answer.body).map_err(|_| RangeUnavailable)?;
        self.cache.keep(prefix, Arc::new(answer.clone()), Instant::now());
        Ok(answer)
    }
}

impl fmt::Debug for PwnedRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PwnedRange").finish_non_exhaustive()
    }
}
