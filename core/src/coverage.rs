//! A client's coverage with a payer: in which order payers are billed on a day.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    Address, ClientId, CoverageId, Money, PayerId, PayerSex, Period, PersonName, Phi,
    store::{Document, Term},
    value::{id_debug, plain_text, text_value},
};

text_value! {
    /// The number on the insurance card, upper case: 2 to 80 characters (837 2010BA NM109).
    phi MemberId, "member id", |text| {
        let id = plain_text(&text, 80)?.to_uppercase();
        if id.chars().count() < 2 { Err("is too short") } else { Ok(id) }
    }
}

text_value! {
    /// The number of a group or policy: 1 to 50 characters (837 SBR03, CMS-1500 item 11).
    phi GroupNumber, "group number", |text| plain_text(&text, 50)
}

text_value! {
    /// The name of a plan: 1 to 60 characters (837 SBR04, CMS-1500 item 11c).
    phi PlanName, "plan name", |text| plain_text(&text, 60)
}

/// The order in which payers are billed (837 SBR01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageRank {
    /// P: billed first.
    Primary,
    /// S: billed with what the first decided.
    Secondary,
    /// T: billed last.
    Tertiary,
}

impl CoverageRank {
    /// Returns the X12 code: P, S or T.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Primary => "P",
            Self::Secondary => "S",
            Self::Tertiary => "T",
        }
    }
}

/// How the client stands to the subscriber (X12 element 1069).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriberRelationship {
    /// 01.
    Spouse,
    /// 19.
    Child,
    /// 20.
    Employee,
    /// 53.
    LifePartner,
    /// G8.
    Other,
    /// 21.
    Unknown,
}

impl SubscriberRelationship {
    /// Returns the X12 code (837 2000C PAT01).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spouse => "01",
            Self::Child => "19",
            Self::Employee => "20",
            Self::LifePartner => "53",
            Self::Other => "G8",
            Self::Unknown => "21",
        }
    }
}

/// Whose insurance it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Subscriber {
    /// The client's own: claims take the client's name, sex, birth date and address.
    Client,
    /// Somebody else's.
    Other(Box<OtherSubscriber>),
}

/// A subscriber who is not the client.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSubscriber {
    /// How the client stands to the subscriber.
    pub relationship: SubscriberRelationship,
    /// The name on the card.
    pub name: PersonName,
    /// The day of birth.
    pub birth_date: Phi<NaiveDate>,
    /// The sex on file with the payer.
    #[serde(default)]
    pub payer_sex: PayerSex,
    /// Where the subscriber lives.
    pub address: Address,
}

/// A client's coverage with one payer.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The coverage.
    pub id: CoverageId,
    /// Whose care it pays for.
    pub client: ClientId,
    /// Who pays.
    pub payer: PayerId,
    /// In which order.
    pub rank: CoverageRank,
    /// For which dates of service.
    pub in_force: Period,
    /// The number on the card.
    pub member_id: MemberId,
    /// The group or policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_number: Option<GroupNumber>,
    /// The plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_name: Option<PlanName>,
    /// Whose insurance it is.
    pub subscriber: Subscriber,
    /// What the client pays per visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copay: Option<Money>,
}

id_debug!(Coverage, id);

/// Two coverages of one client claim the same place in the order on the same day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("coverages {first} and {second} both have rank {} on the same day", rank.code())]
#[non_exhaustive]
pub struct RankConflict {
    /// The one.
    pub first: CoverageId,
    /// The other.
    pub second: CoverageId,
    /// The place both claim.
    pub rank: CoverageRank,
}

impl Coverage {
    /// Checks that this coverage may stand beside the client's others; an older version of itself is passed over.
    ///
    /// # Errors
    /// [`RankConflict`] with the first one of the same rank that shares a day.
    pub fn fits_beside<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> Result<(), RankConflict> {
        let clashes = |other: &&Self| {
            other.id != self.id
                && other.client == self.client
                && other.rank == self.rank
                && other.in_force.overlaps(self.in_force)
        };
        match others.into_iter().find(clashes) {
            Some(other) => Err(RankConflict { first: other.id, second: self.id, rank: self.rank }),
            None => Ok(()),
        }
    }

    /// Picks the coverages in force on a date of service, in the order they are billed. `all` are one client's.
    ///
    /// # Errors
    /// [`RankConflict`] when two of the same rank are in force.
    pub fn in_force_on<'a>(
        all: impl IntoIterator<Item = &'a Self>,
        day: NaiveDate,
    ) -> Result<Vec<&'a Self>, RankConflict> {
        let mut picked: Vec<&Self> = all.into_iter().filter(|c| c.in_force.contains(day)).collect();
        picked.sort_by_key(|c| c.rank);
        match picked.iter().zip(picked.iter().skip(1)).find(|(a, b)| a.rank == b.rank) {
            Some((a, b)) => Err(RankConflict { first: a.id, second: b.id, rank: a.rank }),
            None => Ok(picked),
        }
    }
}

impl Document for Coverage {
    const KIND: &'static str = "coverage";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn terms(&self) -> Vec<Term> {
        vec![
            Term::plain("client", &self.client),
            Term::plain("payer", &self.payer),
            Term::blind("member_id", self.member_id.expose()),
        ]
    }
}
