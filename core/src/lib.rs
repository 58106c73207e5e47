//! Clinical domain of a behavioural-health practice, shared value types and the store port.

mod actor;
mod address;
mod contact;
mod date_of_service;
mod diagnosis;
mod id;
pub mod ledger;
mod money;
mod npi;
mod person;
mod place_of_service;
mod procedure;
pub mod store;
mod tax_id;
mod taxonomy;
mod value;

pub use actor::{Access, Actor, Entropy, Origin, Purpose, Role, UserActor, draw};
pub use address::{Address, AddressLine, City, UsState, Zip};
pub use contact::{Email, Phone};
pub use date_of_service::DateOfService;
pub use diagnosis::{Chapter, Icd10Cm};
pub use id::{
    AppointmentId, ChargeId, ClaimId, ClientId, ClinicianId, CoverageId, EntryId, JobId, LocationId, NoteId, PayerId,
    PracticeId, RemittanceId, UserId, VisitId, uuid_v7,
};
pub use money::Money;
pub use npi::Npi;
pub use person::{Gender, NamePart, PayerSex, PersonName};
pub use place_of_service::PlaceOfService;
pub use procedure::{Modifier, Modifiers, ProcedureCode};
pub use tax_id::{TaxId, TaxIdKind};
pub use taxonomy::Taxonomy;
pub use value::{Invalid, Phi};
