//! Typed identifiers: UUIDv7 (RFC 9562 §5.7), one type per noun, so that a client's id cannot be passed for a note's.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Declares typed ids: each a UUIDv7 that is transparent on the wire.
///
/// The crate that calls it depends on `chrono`, `serde` and `uuid`.
#[macro_export]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Makes the id of something created `at`; `random` must come from an approved generator.
            #[must_use]
            pub fn generate(at: chrono::DateTime<chrono::Utc>, random: [u8; 10]) -> Self {
                Self($crate::uuid_v7(at, random))
            }

            /// Wraps an id read back from a store or a request.
            #[must_use]
            pub const fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// Returns the bare UUID.
            #[must_use]
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                text.parse().map(Self).map_err(|_| $crate::Invalid::new("id", "is not a uuid"))
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

typed_ids! {
    /// A practice: the tenant every other record belongs to.
    PracticeId,
    /// A location of a practice.
    LocationId,
    /// A person who may sign in.
    UserId,
    /// A clinician.
    ClinicianId,
    /// A client of the practice.
    ClientId,
    /// A payer.
    PayerId,
    /// A fee schedule.
    FeeScheduleId,
    /// A client's coverage with a payer.
    CoverageId,
    /// An appointment.
    AppointmentId,
    /// A series of appointments.
    SeriesId,
    /// A clinical note.
    NoteId,
    /// A charge for a service.
    ChargeId,
    /// A claim.
    ClaimId,
    /// A remittance (one 835 payment) that was read.
    RemittanceId,
    /// A balanced entry of the ledger.
    EntryId,
    /// A telehealth visit.
    VisitId,
    /// A job waiting for a worker.
    JobId,
}

impl PracticeId {
    /// The tenant that owns what belongs to no practice: the directory of sign-in names.
    pub const DIRECTORY: Self = Self(Uuid::nil());
}

/// Makes a UUIDv7 from its time, in milliseconds, and 80 random bits (six are overwritten by version and variant).
#[must_use]
pub fn uuid_v7(at: DateTime<Utc>, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
