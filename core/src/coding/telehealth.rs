//! Where a service was given and what that means on the line. Modality and the client's place come from the record of
//! the session, never from a template.

use chrono::NaiveDate;

use crate::{BillingRules, Modality, Modifier, PlaceOfService};

use super::{CodingError, RuleId};

/// Where the client is during a session by telehealth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientPlace {
    /// At home.
    Home,
    /// Anywhere else.
    Elsewhere,
}

/// How a session by telehealth is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelehealthModality {
    /// By picture and voice.
    Video,
    /// By voice only.
    Audio,
}

/// How a service was in fact given.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Delivery {
    /// In one room, at a location with this code.
    InPerson {
        /// The location's code.
        place_of_service: PlaceOfService,
    },
    /// By telehealth.
    Telehealth {
        /// With picture or by voice only.
        modality: TelehealthModality,
        /// Where the client was.
        client_at: ClientPlace,
    },
}

impl Delivery {
    /// Returns the modality in the words of an appointment.
    #[must_use]
    pub const fn modality(&self) -> Modality {
        match self {
            Self::InPerson { .. } => Modality::InPerson,
            Self::Telehealth { modality: TelehealthModality::Video, .. } => Modality::Video,
            Self::Telehealth { modality: TelehealthModality::Audio, .. } => Modality::Audio,
        }
    }
}

pub(super) struct Place {
    pub(super) modifier: Option<Modifier>,
    pub(super) place_of_service: PlaceOfService,
    pub(super) rule: RuleId,
}

pub(super) fn place(delivery: &Delivery, rules: &BillingRules, on: NaiveDate) -> Result<Place, CodingError> {
    match delivery {
        Delivery::InPerson { place_of_service } if place_of_service.is_telehealth() => {
            Err(CodingError::PlaceIsTelehealth(place_of_service.clone()))
        }
        Delivery::InPerson { place_of_service } => Ok(Place {
            modifier: None,
            place_of_service: place_of_service.clone(),
            rule: RuleId::known("place.in-person"),
        }),
        Delivery::Telehealth { modality, client_at } => {
            let refused = CodingError::NoTelehealthRule { modality: *modality, client_at: *client_at };
            let rule = rules.telehealth_on(*modality, *client_at, on).ok_or(refused)?;
            Ok(Place {
                modifier: rule.modifier.clone(),
                place_of_service: rule.place_of_service.clone(),
                rule: rule.id.clone(),
            })
        }
    }
}
