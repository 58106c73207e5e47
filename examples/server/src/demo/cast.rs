//! Who the demo is about: one invented practice, told in `cast.json`.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{NaiveDate, NaiveTime, Weekday};
use mentalspace_core::{
    Address, CancelledBy, ClaimFilingIndicator, CoverageRank, Credential, ElectronicPayerId, Gender, GroupNumber,
    Icd10Cm, LicenseNumber, MemberId, Modality, Modifier, Money, NamePart, NoShowReason, NoteText, Npi,
    OrganizationName, PayerSex, PersonName, Phone, Relationship, Role, Section, ServiceKind, SubscriberRelationship,
    SupervisedBilling, Taxonomy,
};
use serde::{Deserialize, Deserializer};

use crate::practice::locations::LocationDetails;

/// The practice, everybody in it and what happens to them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) practice: serde_json::Value,
    pub(super) location: LocationDetails,
    pub(super) people: Vec<Person>,
    pub(super) payers: Vec<PayerPart>,
    /// Prices for who pays without insurance, and of payers without prices of their own.
    pub(super) self_pay: Prices,
    pub(super) clients: Vec<ClientPart>,
    /// What notes say, by section.
    pub(super) words: BTreeMap<Section, Vec<NoteText>>,
}

pub(super) type Prices = BTreeMap<String, Money>;

impl Cast {
    pub(super) fn read() -> Result<Self> {
        Ok(serde_json::from_str(include_str!("cast.json"))?)
    }
}

/// Somebody who works in the practice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) roles: Vec<Role>,
    pub(super) treats: Option<Treats>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Treats {
    pub(super) credential: Credential,
    pub(super) license: LicenseNumber,
    pub(super) npi: Npi,
    pub(super) taxonomy: Taxonomy,
    /// The key of whoever answers for this person's work.
    pub(super) supervisor: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayerPart {
    pub(super) key: String,
    pub(super) name: OrganizationName,
    pub(super) electronic_id: ElectronicPayerId,
    pub(super) filing: ClaimFilingIndicator,
    /// The modifier for pictures; none where the payer wants none.
    pub(super) video: Option<Modifier>,
    pub(super) supervised: SupervisedBilling,
    #[serde(default)]
    pub(super) prices: Prices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientPart {
    #[serde(deserialize_with = "person_name")]
    pub(super) name: PersonName,
    pub(super) called: Option<NamePart>,
    pub(super) born: NaiveDate,
    pub(super) sex: PayerSex,
    pub(super) gender: Option<Gender>,
    pub(super) street: String,
    pub(super) zip: String,
    pub(super) phone: Phone,
    pub(super) contact: ContactPart,
    /// The key of the clinician.
    pub(super) clinician: String,
    pub(super) covered: Vec<Covered>,
    pub(super) weekly: WeeklyPart,
    pub(super) diagnoses: Vec<Icd10Cm>,
    /// What became of the appointments of the last two weeks, the oldest first.
    pub(super) past: [Past; 2],
    pub(super) today: Option<Today>,
}

impl ClientPart {
    pub(super) fn home(&self) -> Result<Address> {
        Ok(Address::new(&self.street, "Denver", "CO", &self.zip)?)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactPart {
    #[serde(deserialize_with = "person_name")]
    pub(super) name: PersonName,
    pub(super) relationship: Relationship,
    pub(super) phone: Phone,
    #[serde(default)]
    pub(super) guardian: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Covered {
    /// The key of the payer.
    pub(super) payer: String,
    pub(super) rank: CoverageRank,
    pub(super) member_id: MemberId,
    pub(super) group: Option<GroupNumber>,
    pub(super) copay: Option<Money>,
    pub(super) subscriber: Option<SubscriberPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriberPart {
    #[serde(deserialize_with = "person_name")]
    pub(super) name: PersonName,
    pub(super) relationship: SubscriberRelationship,
    pub(super) born: NaiveDate,
    pub(super) sex: PayerSex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyPart {
    pub(super) day: Weekday,
    #[serde(deserialize_with = "wall_time")]
    pub(super) at: NaiveTime,
    pub(super) how: Modality,
    #[serde(default = "psychotherapy")]
    pub(super) service: ServiceKind,
    /// Whether the appointments were booked as one series.
    #[serde(default)]
    pub(super) series: bool,
}

/// What became of an appointment; one with nothing told was held, and nobody has written about it yet.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    pub(super) service: Option<ServiceKind>,
    pub(super) cancelled: Option<CancelledBy>,
    pub(super) no_show: Option<NoShowReason>,
    pub(super) note: Option<NoteFate>,
    pub(super) claim: Option<ClaimFate>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoteFate {
    Draft,
    Signed,
    Pending,
    Cosigned,
    Returned,
    Amended,
    Locked,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClaimFate {
    /// Findings keep it a draft.
    Held,
    Ready,
    Submitted,
    Accepted,
    Rejected,
    Paid,
    Denied,
}

/// An appointment around the present moment.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Today {
    /// Minutes from now to its start.
    pub(super) after: i64,
    pub(super) how: Modality,
    pub(super) state: TodayState,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TodayState {
    Scheduled,
    Confirmed,
    InSession,
    /// Held, and its note is begun.
    Written,
}

const fn psychotherapy() -> ServiceKind {
    ServiceKind::Psychotherapy
}

fn person_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PersonName, D::Error> {
    let text = String::deserialize(deserializer)?;
    let (first, last) = text.split_once(' ').ok_or_else(|| serde::de::Error::custom("a name of one word"))?;
    PersonName::new(first, last).map_err(serde::de::Error::custom)
}

fn wall_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    NaiveTime::parse_from_str(&String::deserialize(deserializer)?, "%H:%M").map_err(serde::de::Error::custom)
}
