//! Typed searches and pages.

use std::{fmt, marker::PhantomData, str::FromStr};

use uuid::Uuid;

use super::{Document, Lock, Order, Query, StoreError, Term, seal::Sealer};
use crate::Invalid;

/// A document and the version it had when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The version, counted from 1.
    pub version: u64,
    /// The document.
    pub value: T,
}

impl<T> std::ops::Deref for Versioned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A part of the answer to a search.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What was found, in order.
    pub items: Vec<Versioned<T>>,
    /// Documents that are there but cannot be opened or understood. They never hide their neighbours.
    pub damaged: Vec<Uuid>,
    /// Where the next part begins; `None` when this is the last.
    pub next: Option<Cursor>,
}

/// A place between two documents of an ordered search. Opaque; safe in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) sort: String,
    pub(super) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id.simple())?;
        self.sort.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bad = Invalid::new("cursor", "was not made by this server");
        let parsed = || {
            let (id, hex) = text.split_at_checked(32)?;
            if hex.len() > 512 || !hex.is_ascii() {
                return None;
            }
            let bytes = hex.as_bytes().chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
                u8::from_str_radix(pair, 16).ok()
            });
            let sort = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
            Some(Self { sort, id: Uuid::try_parse(id).ok()? })
        };
        parsed().ok_or(bad)
    }
}

/// A search for documents of one type.
///
/// ```ignore
/// Find::<Appointment>::new().with(Term::plain("clinician", &id)).from("2026-11-01").until("2026-12-01")
/// ```
#[derive(Debug, Clone)]
pub struct Find<T> {
    filters: Vec<Vec<Term>>,
    from: Option<String>,
    until: Option<String>,
    order: Order,
    after: Option<Cursor>,
    limit: u32,
    lock: Lock,
    document: PhantomData<fn() -> T>,
}

impl<T: Document> Default for Find<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Document> Find<T> {
    /// The most a page can hold.
    pub const MAX: u32 = 500;

    /// Finds every document of the type, a hundred at a time.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            filters: Vec::new(),
            from: None,
            until: None,
            order: Order::Ascending,
            after: None,
            limit: 100,
            lock: Lock::None,
            document: PhantomData,
        }
    }

    /// Only documents that carry `term`.
    #[must_use]
    pub fn with(self, term: Term) -> Self {
        self.with_any([term])
    }

    /// Only documents that carry one of `terms`, which share their name. None given: nothing is found.
    #[must_use]
    pub fn with_any(mut self, terms: impl IntoIterator<Item = Term>) -> Self {
        self.filters.push(terms.into_iter().collect());
        self
    }

    /// Only sort keys from `key` on.
    #[must_use]
    pub fn from(mut self, key: impl Into<String>) -> Self {
        self.from = Some(key.into());
        self
    }

    /// Only sort keys below `key`.
    #[must_use]
    pub fn until(mut self, key: impl Into<String>) -> Self {
        self.until = Some(key.into());
        self
    }

    /// Largest sort key first.
    #[must_use]
    pub const fn descending(mut self) -> Self {
        self.order = Order::Descending;
        self
    }

    /// Goes on behind `cursor`.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// At most `limit` at a time, between 1 and [`Find::MAX`].
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, Self::MAX);
        self
    }

    /// Claims what is found for this transaction and passes over what others have claimed.
    #[must_use]
    pub const fn claiming(mut self) -> Self {
        self.lock = Lock::SkipClaimed;
        self
    }

    pub(super) const fn page_size(&self) -> u32 {
        self.limit
    }

    /// Asks for one more than the page holds, which tells whether there is a next page.
    pub(super) fn query(&self, sealer: &Sealer) -> Result<Query, StoreError> {
        let mut filters = Vec::with_capacity(self.filters.len());
        for terms in &self.filters {
            let stored = terms.iter().map(|t| sealer.term(T::KIND, t)).collect::<Result<Vec<_>, _>>()?;
            let name = stored.first().map_or_else(String::new, |term| term.name.clone());
            if stored.iter().any(|term| term.name != name) {
                return Err(StoreError::Limit { what: "a filter over terms of different names" });
            }
            filters.push((name, stored.into_iter().map(|term| term.value).collect()));
        }
        Ok(Query {
            kind: T::KIND.to_owned(),
            filters,
            from: self.from.clone(),
            until: self.until.clone(),
            order: self.order,
            after: self.after.clone().map(|cursor| (cursor.sort, cursor.id)),
            limit: self.limit + u32::from(matches!(self.lock, Lock::None)),
            lock: self.lock,
        })
    }
}
