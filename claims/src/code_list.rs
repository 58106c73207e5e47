//! External code lists: which codes there are, and on which day.
//!
//! The lists that may ship do, as dated data under `data/codes`; those that are licensed (CPT, HCPCS, NUCC taxonomy, NUBC)
//! are loaded by the customer who holds the licence. A code that a list does not know is never refused here: what that
//! means is for the rule that asks.

mod bundle;
mod csv;
mod key;
mod standard;

use chrono::NaiveDate;

pub use bundle::{CodeLists, Load};
pub use csv::CodeListError;

use key::Key;

/// An external code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ListId {
    /// Place of service (CMS).
    PlaceOfService,
    /// States, territories and provinces (code source 22).
    State,
    /// Countries (ISO 3166-1).
    Country,
    /// Currencies (ISO 4217).
    Currency,
    /// Claim status category (code source 507).
    ClaimStatusCategory,
    /// Claim status (code source 508).
    ClaimStatus,
    /// Remittance advice remark codes, RARC (code source 411).
    RemittanceRemark,
    /// Claim adjustment reason codes, CARC (code source 139).
    AdjustmentReason,
    /// Diagnoses of ICD-10-CM: billable codes, without the point.
    Icd10Cm,
    /// Provider taxonomy (NUCC): not shipped.
    Taxonomy,
    /// Procedures, CPT and HCPCS: not shipped.
    Procedure,
    /// Procedure modifiers: not shipped.
    Modifier,
    /// Revenue codes (NUBC): not shipped.
    Revenue,
}

impl ListId {
    /// All lists.
    pub const ALL: [Self; 13] = [
        Self::PlaceOfService,
        Self::State,
        Self::Country,
        Self::Currency,
        Self::ClaimStatusCategory,
        Self::ClaimStatus,
        Self::RemittanceRemark,
        Self::AdjustmentReason,
        Self::Icd10Cm,
        Self::Taxonomy,
        Self::Procedure,
        Self::Modifier,
        Self::Revenue,
    ];
}

/// How a code stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// In force.
    Known,
    /// In force later.
    NotYet,
    /// No longer in force.
    Expired,
    /// The heading of codes and none itself, such as a three-character category of ICD-10-CM that is divided further.
    Heading,
    /// Not in the list.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    from: NaiveDate,
    to: NaiveDate,
}

/// The codes of one list with the days they are in force, sorted for binary search.
#[derive(Clone, Default)]
pub struct CodeList {
    entries: Vec<Entry>,
    descriptions: Vec<(Key, Box<str>)>,
    has_headings: bool,
}

impl CodeList {
    fn new(mut entries: Vec<Entry>, mut descriptions: Vec<(Key, Box<str>)>, has_headings: bool) -> Self {
        entries.sort_unstable();
        entries.dedup();
        // Stable: of two descriptions of a code the one loaded last stands first, and stays.
        descriptions.sort_by_key(|(key, _)| *key);
        descriptions.dedup_by_key(|(key, _)| *key);
        Self { entries, descriptions, has_headings }
    }

    /// Returns how `code` stands on the day `on`. Codes are compared as they are written, capitals and zeros included.
    #[must_use]
    pub fn standing(&self, code: &[u8], on: NaiveDate) -> Standing {
        let Some(key) = Key::of(code) else { return Standing::Unknown };
        let at = self.entries.partition_point(|entry| entry.key < key);
        let periods = self.entries[at..].iter().take_while(|entry| entry.key == key);
        let mut standing = Standing::Unknown;
        for period in periods {
            if (period.from..=period.to).contains(&on) {
                return Standing::Known;
            }
            standing = if period.to < on { Standing::Expired } else { Standing::NotYet };
        }
        if standing == Standing::Unknown && self.has_headings && self.entries.get(at).is_some_and(|e| key.heads(e.key))
        {
            standing = Standing::Heading;
        }
        standing
    }

    /// Returns whether `code` is in the list on any day.
    #[must_use]
    pub fn contains(&self, code: &[u8]) -> bool {
        Key::of(code).is_some_and(|key| self.entries.binary_search_by_key(&key, |entry| entry.key).is_ok())
    }

    /// Returns the description that was loaded with `code`.
    #[must_use]
    pub fn description(&self, code: &[u8]) -> Option<&str> {
        let key = Key::of(code)?;
        let at = self.descriptions.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(&self.descriptions[at].1)
    }

    /// Returns how many codes and periods there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl std::fmt::Debug for CodeList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeList({} codes)", self.entries.len())
    }
}
