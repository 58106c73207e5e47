//! Locations: where the practice sees clients.

use mentalspace_core::{
    Address, Location, LocationId, Npi, OrganizationName, PlaceOfService, Purpose,
    access::Permission,
    store::{Document, Find, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::manages;
use crate::{app::App, problem::Problem, signed::Signed};

/// What is on record about a location.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationDetails {
    /// Its name.
    #[schema(value_type = String)]
    pub name: OrganizationName,
    /// Where it is: `line1`, `line2`, `city`, `state`, `zip`.
    #[schema(value_type = Object)]
    pub address: Address,
    /// Its own NPI, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub npi: Option<Npi>,
    /// The code for a service given here in person, such as `11`.
    #[schema(value_type = String)]
    pub place_of_service: PlaceOfService,
}

impl LocationDetails {
    fn into_location(self, id: LocationId) -> Result<Location, Problem> {
        let place = &self.place_of_service;
        if !place.is_assigned() || place.is_telehealth() {
            return Err(Problem::field("place_of_service", "is not a code for a place where clients are seen"));
        }
        let Self { name, address, npi, place_of_service } = self;
        Ok(Location { id, name, address, npi, place_of_service })
    }
}

impl From<Location> for LocationDetails {
    fn from(location: Location) -> Self {
        let Location { name, address, npi, place_of_service, .. } = location;
        Self { name, address, npi, place_of_service }
    }
}

/// Lists the locations by name.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Versioned<Location>>, Problem> {
    let access = signed.access("location.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Location::KIND)?;
            let mut all = work.find_all(Find::<Location>::new()).await?;
            all.sort_by_cached_key(|location| location.name.as_str().to_lowercase());
            Ok::<_, Problem>(all)
        })
    });
    read.await
}

/// Reads a location.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn read(app: &App, signed: &Signed, id: LocationId) -> Result<Versioned<Location>, Problem> {
    let access = signed.access("location.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Location::KIND)?;
            Ok::<_, Problem>(work.expect::<Location>(id).await?)
        })
    });
    read.await
}

/// Adds a location.
///
/// # Errors
/// `forbidden`, `invalid`.
pub async fn add(app: &App, signed: &Signed, details: LocationDetails) -> Result<Versioned<Location>, Problem> {
    let access = signed.access("location.add", Purpose::Operations);
    let id = app.new_id();
    let added = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Location::KIND)?;
            let value = details.into_location(id)?;
            work.insert(&value).await?;
            Ok::<_, Problem>(Versioned { version: 1, value })
        })
    });
    added.await
}

/// Changes a location somebody saw as `version`.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid`; `conflict` when it was changed meanwhile.
pub async fn change(
    app: &App,
    signed: &Signed,
    id: LocationId,
    version: u64,
    details: LocationDetails,
) -> Result<u64, Problem> {
    let access = signed.access("location.change", Purpose::Operations);
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Location::KIND)?;
            Ok::<_, Problem>(work.update(&details.into_location(id)?, version).await?)
        })
    });
    changed.await
}
