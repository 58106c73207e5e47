//! Passwords nobody may choose: the filter that comes with the library, filters of one's own, and a service that is
//! asked by ranges.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use mentalspace_auth_policy::password::{
    Blocklist, BreachRange, Filter, NormalizedPassword, OnUnavailable, RangeQuery,
};

/// Where breached and common passwords are looked up.
#[derive(Debug, Clone, Default)]
pub struct Breaches {
    filters: Arc<[Filter]>,
    range: Option<Arc<dyn BreachRange>>,
    on_unavailable: OnUnavailable,
}

/// What the service says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Not known, or there is no service.
    Clean,
    /// Seen in breaches.
    Breached,
    /// The service could not be asked, and passwords are taken meanwhile.
    Unchecked,
    /// The service could not be asked, and no password is taken meanwhile.
    Refused,
}

impl Breaches {
    /// Uses these filters besides the embedded one, and perhaps a service.
    #[must_use]
    pub fn new(filters: Vec<Filter>, range: Option<Arc<dyn BreachRange>>, on_unavailable: OnUnavailable) -> Self {
        Self { filters: filters.into(), range, on_unavailable }
    }

    /// Reads filters from files, given as paths with commas between.
    ///
    /// # Errors
    /// A file that cannot be read or is no filter.
    pub fn read_filters(paths: &str) -> anyhow::Result<Vec<Filter>> {
        let paths = paths.split(',').map(str::trim).filter(|path| !path.is_empty());
        let read = |path: &str| {
            let file = std::fs::read(Path::new(path)).with_context(|| format!("{path} cannot be read"))?;
            Filter::read(&file).with_context(|| format!("{path} is no password filter"))
        };
        paths.map(read).collect()
    }

    /// Asks the service, where there is one.
    pub async fn ask(&self, password: &NormalizedPassword) -> Asked {
        let Some(range) = &self.range else { return Asked::Clean };
        let query = RangeQuery::of(password);
        match (range.range(query.prefix()).await, self.on_unavailable) {
            (Ok(answer), _) if query.count(&answer) > 0 => Asked::Breached,
            (Ok(_), _) => Asked::Clean,
            (Err(_), OnUnavailable::Deny) => Asked::Refused,
            (Err(_), _) => Asked::Unchecked,
        }
    }
}

impl Blocklist for Breaches {
    fn contains(&self, form: &str) -> bool {
        Filter::embedded().contains(form) || self.filters.iter().any(|filter| filter.contains(form))
    }
}
