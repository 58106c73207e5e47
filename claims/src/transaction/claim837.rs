//! The claim of any form: 837P (005010X222A1), 837I (005010X223A2, A3) and 837D (005010X224A2).
//!
//! One model serves the three, and what came before them: they differ in their service lines and in who takes part.
//! A set is a tree of levels (2000A billing provider, 2000B subscriber, 2000C patient) with claims (2300) at the lower
//! two. Reading goes by segment ids and entity codes alone, so that a file that breaks its guide is read all the same;
//! whether it does is a question of its own. What has no place is kept where it stood; what cannot be read is reported
//! with its place. [`ClaimSet::write`] gives the set back, with numbers of levels and counts by construction: reading
//! what was written gives the same model.
//!
//! [`Claims`] reads one claim at a time with its levels, in memory that does not grow with the file; [`read_all`] and
//! [`ClaimSets`] read whole sets. As JSON each segment is an object, its elements are strings by name and left out
//! where they are empty; amounts are decimal strings.
//!
//! ```
//! use mentalspace_claims::transaction::claim837::Claims;
//! let file = b"ST*837*0001*005010X222A1~BHT*0019*00*B1*20240131*1200*CH~HL*1**20*1~NM1*85*2*LAKESIDE COUNSELING~\
//!     HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*RIVERS*ALEX~CLM*C1*150***11:B:1~LX*1~SV1*HC:90837*150*UN*1***1~SE*10*0001~";
//! for claim in Claims::new(&file[..]) {
//!     let submitted = claim?;
//!     assert_eq!(submitted.claim.information.control_number, "C1");
//!     assert_eq!(submitted.billing.provider.as_ref().unwrap().name.last, "LAKESIDE COUNSELING");
//! }
//! # Ok::<(), mentalspace_claims::x12::X12Error>(())
//! ```

mod business;
mod claim;
mod coverage;
mod information;
mod level;
mod line;
mod read;
mod service;
mod set;
mod write;

pub use business::ConversionError;
pub use claim::{Claim, OtherSubscriber};
pub use coverage::{Currency, OtherCoverage, PatientInformation, SubscriberInformation};
pub use information::{
    AmbulanceTransport, ClaimInformation, Conditions, Contract, EquipmentCertification, FacilityCode, FileInformation,
    HealthCareCode, HealthCareCodes, InstitutionalCodes, Orthodontics, Pricing, RelatedCauses, SpinalManipulation,
    ToothStatus,
};
pub use level::{BillingLevel, PatientLevel, SetHeader, SubscriberLevel};
pub use line::{Drug, LineAdjudication, ServiceLine, SupportingForm};
pub(crate) use read::SetReader;
pub use read::{ClaimSets, Claims, Event, Events, ReadError, Submitted, read_all};
pub use service::{
    DentalService, DrugIdentification, DrugQuantity, EquipmentService, FormAnswer, InstitutionalService, LineDecision,
    Measurement, ProfessionalService, PurchasedService, Service, Tooth,
};
pub use set::{BillingNode, ClaimSet, Form, PatientNode, SubscriberNode};
