//! A whole set as a tree of levels.

use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::level::{BillingLevel, PatientLevel, SetHeader, SubscriberLevel};
use super::service::Service;
use crate::transaction::part::{ReadProblem, Text};

/// Which form a claim takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 837P.
    Professional,
    /// 837I.
    Institutional,
    /// 837D.
    Dental,
}

impl Form {
    /// Returns the guide that is written (ST03, GS08).
    #[must_use]
    pub const fn guide(self) -> &'static str {
        match self {
            Self::Professional => "005010X222A1",
            Self::Institutional => "005010X223A2",
            Self::Dental => "005010X224A2",
        }
    }

    /// Returns the form a guide is for, in any of its versions.
    #[must_use]
    pub fn of_guide(guide: &str) -> Option<Self> {
        match guide.trim().get(6..10)? {
            "X222" | "X098" | "X291" | "X298" => Some(Self::Professional),
            "X223" | "X096" | "X292" | "X299" => Some(Self::Institutional),
            "X224" | "X097" | "X300" => Some(Self::Dental),
            _ => None,
        }
    }
}

/// One transaction set of claims.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimSet {
    /// BHT, 1000A and 1000B.
    pub head: SetHeader,
    /// 2000A, in the order of the file.
    pub providers: Vec<BillingNode>,
    /// What could not be read as what it should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ReadProblem>,
}

/// A billing provider and what it bills.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingNode {
    /// 2000A.
    pub level: BillingLevel,
    /// 2000B.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscribers: Vec<SubscriberNode>,
}

/// A subscriber, the subscriber's own claims and those of others insured through it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriberNode {
    /// 2000B.
    pub level: SubscriberLevel,
    /// 2300 of the subscriber.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// 2000C.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patients: Vec<PatientNode>,
}

/// A patient and its claims.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatientNode {
    /// 2000C.
    pub level: PatientLevel,
    /// 2300.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

crate::text::silent_debug!(ClaimSet, BillingNode, SubscriberNode, PatientNode);

impl ClaimSet {
    /// An empty set of claims of a form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self { head: SetHeader { guide: Text::from(form.guide()), ..SetHeader::default() }, ..Self::default() }
    }

    /// Returns all claims, in the order of the file.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        let subscribers = self.providers.iter().flat_map(|provider| &provider.subscribers);
        subscribers.flat_map(|s| s.claims.iter().chain(s.patients.iter().flat_map(|patient| &patient.claims)))
    }

    /// Returns the form: by the guide, else by the first service line that tells; professional where nothing does.
    #[must_use]
    pub fn form(&self) -> Form {
        let service = || self.claims().flat_map(|claim| &claim.lines).find_map(|line| line.service.as_ref());
        Form::of_guide(&self.head.guide).unwrap_or_else(|| match service() {
            Some(Service::Institutional(_)) => Form::Institutional,
            Some(Service::Dental(_)) => Form::Dental,
            Some(Service::Professional(_)) | None => Form::Professional,
        })
    }
}
