//! Profiles: how much each rule weighs for whom, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rule::{Rule, Severity};

/// What all rules weigh unless a profile says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Base {
    /// Every rule as it stands: for conformance, and for what we write ourselves.
    #[default]
    Strict,
    /// For receiving: what public files do wrong without harm is a warning.
    Lenient,
}

/// The weight a profile gives a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleWeight {
    /// Not reported.
    Off,
    /// See [`Severity::Info`].
    Info,
    /// See [`Severity::Warning`].
    Warning,
    /// See [`Severity::Error`].
    Error,
}

/// A base and the rules that weigh differently, by [`Rule::id`].
///
/// ```
/// use mentalspace_claims::validate::{Base, Profile};
/// let profile: Profile = serde_json::from_str(r#"{ "base": "lenient", "rules": { "segment-count": "off" } }"#)?;
/// assert_eq!(profile.base, Base::Lenient);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// What is not named in `rules`.
    pub base: Base,
    /// Rules by id.
    pub rules: BTreeMap<String, RuleWeight>,
}

impl Profile {
    /// Every rule as it stands.
    #[must_use]
    pub const fn strict() -> Self {
        Self { base: Base::Strict, rules: BTreeMap::new() }
    }

    /// Made for receiving.
    #[must_use]
    pub const fn lenient() -> Self {
        Self { base: Base::Lenient, rules: BTreeMap::new() }
    }

    /// Gives a rule another weight.
    #[must_use]
    pub fn with(mut self, rule: impl Into<String>, weight: RuleWeight) -> Self {
        self.rules.insert(rule.into(), weight);
        self
    }

    /// Returns what a finding of `rule` weighs; `None` when it is not to be reported.
    #[must_use]
    pub fn weigh(&self, rule: &Rule) -> Option<Severity> {
        match self.rules.get(rule.id) {
            Some(RuleWeight::Off) => None,
            Some(RuleWeight::Info) => Some(Severity::Info),
            Some(RuleWeight::Warning) => Some(Severity::Warning),
            Some(RuleWeight::Error) => Some(Severity::Error),
            None if self.base == Base::Lenient && LENIENT.contains(&rule.id) => {
                Some(rule.severity.min(Severity::Warning))
            }
            None => Some(rule.severity),
        }
    }
}

/// What weighs no more than a warning when receiving: the sets can be read all the same.
const LENIENT: [&str; 18] = [
    "interchange-missing",
    "interchange-header-width",
    "interchange-trailer-missing",
    "interchange-control",
    "interchange-group-count",
    "group-trailer-missing",
    "group-control",
    "group-version-differs",
    "group-set-count",
    "set-trailer-missing",
    "set-control",
    "set-segment-count",
    "segment-unterminated",
    "segment-outside-set",
    "stray-trailer",
    "element-not-used",
    "segment-out-of-order",
    "code-not-in-guide",
];
