//! The practice: who bills, where mail goes, and the policies it works by.

use chrono::{Days, NaiveDate, TimeDelta};
use uuid::Uuid;

use crate::{
    Address, ClientId, Invalid, NoteKind, Npi, Phone, PracticeId, TaxId, Taxonomy,
    store::{Document, Term},
    value::{plain_text, text_value},
};

text_value! {
    /// The name of an organisation: 1 to 60 characters (X12 element 1035).
    public OrganizationName, "organisation name", |text| plain_text(&text, 60)
}

text_value! {
    /// An IANA time zone name such as `America/Denver`, by its shape; whether it exists is for a time zone database.
    public TimeZoneName, "time zone", |text| {
        let bytes = text.as_bytes();
        let shaped = text.len() <= 64
            && bytes.first().is_some_and(u8::is_ascii_alphabetic)
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_+-/".contains(b));
        if shaped { Ok(text) } else { Err("is not a time zone name") }
    }
}

/// The billing provider's address; its ZIP code has nine digits, because 837 2010AA N403 demands them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Address", into = "Address")]
pub struct BillingAddress(Address);

impl BillingAddress {
    /// Returns the address.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.0
    }
}

impl TryFrom<Address> for BillingAddress {
    type Error = Invalid;
    fn try_from(address: Address) -> Result<Self, Invalid> {
        if address.zip.is_plus_four() {
            Ok(Self(address))
        } else {
            Err(Invalid::new("billing address", "needs a zip code of nine digits"))
        }
    }
}

impl From<BillingAddress> for Address {
    fn from(billing: BillingAddress) -> Self {
        billing.0
    }
}

/// A practice: the billing provider of its claims (837 2010AA, CMS-1500 items 25 and 33) and the tenant of its records.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// The tenant.
    pub id: PracticeId,
    /// The name registered with the NPI.
    pub name: OrganizationName,
    /// The NPI that bills.
    pub billing_npi: Npi,
    /// The tax identifier that is paid.
    pub tax_id: TaxId,
    /// The billing provider's taxonomy (837 2000A PRV03).
    pub taxonomy: Taxonomy,
    /// The billing provider's street address.
    pub address: BillingAddress,
    /// The number payers call.
    pub phone: Phone,
    /// The zone in which days begin and notes fall due.
    pub time_zone: TimeZoneName,
    /// How the practice works.
    pub policies: Policies,
}

/// What a practice may decide for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// Deadlines of clinical notes.
    pub notes: NotePolicy,
    /// Cancellations.
    pub appointments: AppointmentPolicy,
}

/// Deadlines of clinical notes, in calendar days of the practice's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotePolicy {
    /// Days after the service by which the author signs.
    pub due_days: u16,
    /// Days after the author's signature by which the supervisor co-signs.
    pub cosign_days: u16,
    /// Days after which a treatment plan no longer carries new notes.
    pub plan_days: u16,
}

impl Default for NotePolicy {
    fn default() -> Self {
        Self { due_days: 3, cosign_days: 7, plan_days: 90 }
    }
}

impl NotePolicy {
    /// Returns the last day on which a note about a service on `service` is in time.
    #[must_use]
    pub fn due_on(&self, service: NaiveDate) -> NaiveDate {
        after(service, self.due_days)
    }

    /// Returns the last day on which a note signed on `signed` is co-signed in time.
    #[must_use]
    pub fn cosign_due_on(&self, signed: NaiveDate) -> NaiveDate {
        after(signed, self.cosign_days)
    }

    /// Returns whether a note of `kind` may be begun on `day` when the newest treatment plan is of `plan`. A plan that
    /// has run out admits only a new plan; a client who has none yet is not held up.
    #[must_use]
    pub fn admits(&self, kind: NoteKind, plan: Option<NaiveDate>, day: NaiveDate) -> bool {
        kind == NoteKind::TreatmentPlan || plan.is_none_or(|plan| day <= after(plan, self.plan_days))
    }
}

fn after(day: NaiveDate, days: u16) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// What counts as a late cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppointmentPolicy {
    /// Hours of notice a client gives; less is late.
    pub notice_hours: u16,
}

impl Default for AppointmentPolicy {
    fn default() -> Self {
        Self { notice_hours: 24 }
    }
}

impl AppointmentPolicy {
    /// Returns the notice as a duration.
    #[must_use]
    pub fn notice(&self) -> TimeDelta {
        TimeDelta::hours(self.notice_hours.into())
    }
}

impl Document for Practice {
    const KIND: &'static str = "practice";
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
