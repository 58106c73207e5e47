//! A client of the practice: who the person is, how to reach them, who speaks for them.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    Address, ClientId, ClinicianId, Email, Gender, NamePart, PayerSex, Period, PersonName, Phi, Phone, UserId,
    store::{Document, Term},
    value::{id_debug, plain_text, text_value},
};

text_value! {
    /// How somebody stands to the client, in the client's words: 1 to 60 characters.
    phi Relationship, "relationship", |text| plain_text(&text, 60)
}

/// Where a client is in care, and since when.
#[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientStatus {
    /// In care.
    Active {
        /// The first day.
        since: NaiveDate,
    },
    /// Not seen at present; the episode is open.
    Inactive {
        /// The first day.
        since: NaiveDate,
    },
    /// The episode is closed. May be admitted again.
    Discharged {
        /// The last day of care.
        on: NaiveDate,
    },
    /// Has died.
    Deceased {
        /// The day of death.
        on: NaiveDate,
    },
}

impl ClientStatus {
    /// Returns the name used in search terms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active { .. } => "active",
            Self::Inactive { .. } => "inactive",
            Self::Discharged { .. } => "discharged",
            Self::Deceased { .. } => "deceased",
        }
    }

    /// Returns whether new appointments may be booked.
    #[must_use]
    pub const fn may_book(self) -> bool {
        match self {
            Self::Active { .. } | Self::Inactive { .. } => true,
            Self::Discharged { .. } | Self::Deceased { .. } => false,
        }
    }
}

impl fmt::Debug for ClientStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientStatus({}, …)", self.name())
    }
}

/// What an address or a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContactUse {
    /// Where the client lives. Claims use this address.
    Home,
    /// Where letters may be sent.
    Mailing,
    /// Carried along.
    Mobile,
    /// At work.
    Work,
    /// Anything else.
    Other,
}

/// An address of a client.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientAddress {
    /// What for.
    pub usage: ContactUse,
    /// Where.
    pub address: Address,
}

/// Whether a message with health information may be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Messages {
    /// Nothing is left.
    #[default]
    Refused,
    /// The client agreed.
    Allowed,
}

/// A telephone number of a client.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientPhone {
    /// What for.
    pub usage: ContactUse,
    /// The number.
    pub phone: Phone,
    /// Whether a message may be left.
    #[serde(default)]
    pub messages: Messages,
}

/// Somebody close to the client.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person's name.
    pub name: PersonName,
    /// How the person stands to the client.
    pub relationship: Relationship,
    /// The person's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The person's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether the person is called in an emergency.
    #[serde(default)]
    pub emergency: bool,
    /// The person's power to act for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardianship: Option<Guardianship>,
}

/// The power to act for a client (45 CFR 164.502(g)).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardianship {
    /// The guardian's account in the portal, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// When the power holds; often from the client's birth.
    pub in_force: Phi<Period>,
}

/// A client (837 2010BA when the subscriber, 2010CA otherwise).
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client.
    pub id: ClientId,
    /// The client's account in the portal, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The name on the insurance card.
    pub legal_name: PersonName,
    /// The name the client goes by, when it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<NamePart>,
    /// The day of birth.
    pub birth_date: Phi<NaiveDate>,
    /// The sex on file with the payer. Claims use this one.
    #[serde(default)]
    pub payer_sex: PayerSex,
    /// The client's gender. Never sent to a payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<ClientAddress>,
    /// Telephone numbers, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<ClientPhone>,
    /// E-mail addresses, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Family, guardians, people to call in an emergency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Where the client is in care.
    pub status: ClientStatus,
    /// The clinician who answers for the treatment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_clinician: Option<ClinicianId>,
}

id_debug!(Client, id);

impl Client {
    /// Reads how to address the client: the preferred name before the legal one.
    #[must_use]
    pub fn expose_called(&self) -> String {
        match &self.preferred_name {
            Some(preferred) => format!("{} {}", preferred.expose(), self.legal_name.last.expose()),
            None => self.legal_name.expose_full(),
        }
    }

    /// Returns the address that stands on claims.
    #[must_use]
    pub fn home(&self) -> Option<&Address> {
        self.addresses.iter().find(|a| a.usage == ContactUse::Home).map(|a| &a.address)
    }

    /// Returns whom to call in an emergency, in order.
    pub fn emergency_contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(|c| c.emergency)
    }

    /// Returns who may act for the client on `day`.
    pub fn guardians_on(&self, day: NaiveDate) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().filter(move |c| c.guardianship.as_ref().is_some_and(|g| g.in_force.expose().contains(day)))
    }

    /// Returns the age in completed years on `day`; `None` before birth.
    #[must_use]
    pub fn age_on(&self, day: NaiveDate) -> Option<u32> {
        day.years_since(*self.birth_date.expose())
    }

    /// Turns what somebody typed into the terms a client must all carry: whole words, or their first three or more
    /// letters. Words shorter than three letters match whole only.
    #[must_use]
    pub fn name_query(typed: &str) -> Vec<Term> {
        words(typed).into_iter().map(|word| Term::blind("name", word)).collect()
    }

    /// Turns a day of birth into its term.
    #[must_use]
    pub fn birth_date_query(day: NaiveDate) -> Term {
        Term::blind("birth_date", day.to_string())
    }

    /// Turns a telephone number into its term.
    #[must_use]
    pub fn phone_query(phone: &Phone) -> Term {
        Term::blind("phone", phone.expose())
    }

    fn name_terms(&self) -> impl Iterator<Item = Term> {
        const SHORTEST_PREFIX: usize = 3;
        let name = &self.legal_name;
        let parts = [Some(&name.last), name.first.as_ref(), name.middle.as_ref(), self.preferred_name.as_ref()];
        let mut tokens = BTreeSet::new();
        for word in parts.into_iter().flatten().flat_map(|part| words(part.expose())) {
            let ends = word.char_indices().map(|(at, _)| at).skip(SHORTEST_PREFIX);
            tokens.extend(ends.map(|end| word[..end].to_owned()));
            tokens.insert(word);
        }
        tokens.into_iter().map(|token| Term::blind("name", token))
    }
}

/// Lower-case words; everything that is neither letter nor digit separates, an apostrophe joins.
fn words(text: &str) -> BTreeSet<String> {
    let joined: String = text.to_lowercase().chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    joined.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Document for Client {
    const KIND: &'static str = "client";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.id)
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms =
            vec![Term::plain("status", self.status.name()), Self::birth_date_query(*self.birth_date.expose())];
        terms.extend(self.primary_clinician.iter().map(|id| Term::plain("clinician", id)));
        terms.extend(self.user.iter().map(|id| Term::plain("user", id).unique()));
        let guardians = self.contacts.iter().filter_map(|c| c.guardianship.as_ref()?.user);
        terms.extend(guardians.map(|id| Term::plain("guardian", &id)));
        terms.extend(self.phones.iter().map(|p| Self::phone_query(&p.phone)));
        terms.extend(self.emails.iter().map(|e| Term::blind("email", e.expose().to_lowercase())));
        terms.extend(self.name_terms());
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}
