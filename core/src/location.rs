//! A place where the practice sees clients: the service facility of a claim when it is not the billing address.

use uuid::Uuid;

use crate::{
    Address, ClientId, LocationId, Npi, OrganizationName, PlaceOfService,
    store::{Document, Term},
};

/// A location (837 2310C, CMS-1500 item 32).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The location.
    pub id: LocationId,
    /// Its name.
    pub name: OrganizationName,
    /// Where it is.
    pub address: Address,
    /// Its own NPI, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub npi: Option<Npi>,
    /// The code for a service given here in person.
    pub place_of_service: PlaceOfService,
}

impl Document for Location {
    const KIND: &'static str = "location";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}
