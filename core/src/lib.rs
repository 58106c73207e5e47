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
#[cfg(feature = "testing")]
pub mod testing;
mod value;

pub use actor::{Access, Actor, Entropy, GuestActor, Origin, Purpose, Role, UserActor, draw};
pub use address::{Address, AddressLine, City, UsState, Zip};
pub use contact::{Email, Phone};
pub use date_of_service::DateOfService;
pub use diagnosis::{Chapter, Icd10Cm};
pub use id::{
    AppointmentId, ChargeId, ClaimId, ClientId, ClinicianId, CoverageId, EntryId, FeeScheduleId, JobId, LocationId,
    NoteId, PayerId, PracticeId, RemittanceId, SeriesId, UserId, VisitId, uuid_v7,
};
pub use money::Money;
pub use npi::Npi;
pub use person::{Gender, NamePart, PayerSex, PersonName};
pub use place_of_service::PlaceOfService;
pub use procedure::{Modifier, Modifiers, ProcedureCode};
pub use tax_id::{TaxId, TaxIdKind};
pub use taxonomy::Taxonomy;
pub use value::{Invalid, Phi};

#[cfg(feature = "clinical")]
pub mod access;
#[cfg(feature = "clinical")]
mod appointment;
#[cfg(feature = "clinical")]
mod charge;
#[cfg(feature = "clinical")]
mod client;
#[cfg(feature = "clinical")]
mod clinician;
#[cfg(feature = "clinical")]
pub mod coding;
#[cfg(feature = "clinical")]
mod coverage;
#[cfg(feature = "clinical")]
mod fee_schedule;
#[cfg(feature = "clinical")]
mod location;
#[cfg(feature = "clinical")]
mod note;
#[cfg(feature = "clinical")]
mod payer;
#[cfg(feature = "clinical")]
mod period;
#[cfg(feature = "clinical")]
mod practice;
#[cfg(feature = "clinical")]
pub mod schedule;

#[cfg(feature = "clinical")]
pub use appointment::{
    Appointment, AppointmentError, AppointmentEvent, AppointmentPlan, AppointmentStatus, CancelReason, CancelledBy,
    Modality, NoShowReason, Notice, ServiceKind, StatusChange, TimeSlot,
};
#[cfg(feature = "clinical")]
pub use charge::{BillTo, Charge, ChargeError, ChargeLine, ChargeSources, ChargeStatus};
#[cfg(feature = "clinical")]
pub use client::{
    Client, ClientAddress, ClientPhone, ClientStatus, Contact, ContactUse, Guardianship, Messages, Relationship,
};
#[cfg(feature = "clinical")]
pub use clinician::{Clinician, Credential, License, LicenseNumber, Supervision};
#[cfg(feature = "clinical")]
pub use coding::{ClientPlace, Delivery, RuleId, TelehealthModality};
#[cfg(feature = "clinical")]
pub use coverage::{
    Coverage, CoverageRank, GroupNumber, MemberId, OtherSubscriber, PlanName, RankConflict, Subscriber,
    SubscriberRelationship,
};
#[cfg(feature = "clinical")]
pub use fee_schedule::{Fee, FeeSchedule};
#[cfg(feature = "clinical")]
pub use location::Location;
#[cfg(feature = "clinical")]
pub use note::{
    Amendment, AmendmentKind, AmendmentText, Attestation, AttestationId, Complexity, ContentDigest, Cosignature,
    Diagnoses, KindRules, LockedFrom, Missing, Needed, Note, NoteAct, NoteBilling, NoteContent, NoteError, NoteFormat,
    NoteHeader, NoteKind, NoteStatus, NoteText, Reading, Revocation, Seal, Section, SessionTimes, Signature,
    SignatureKind, SignatureMethod, Signing, Tampered, Unlock, UserAgent, Version,
};
#[cfg(feature = "clinical")]
pub use payer::{
    BillingRules, ClaimFilingIndicator, CosignRule, ElectronicPayerId, Payer, SupervisedBilling, TelehealthRule,
};
#[cfg(feature = "clinical")]
pub use period::Period;
#[cfg(feature = "clinical")]
pub use practice::{AppointmentPolicy, BillingAddress, NotePolicy, OrganizationName, Policies, Practice, TimeZoneName};
#[cfg(feature = "clinical")]
pub use schedule::{Series, WeeklyRule};
