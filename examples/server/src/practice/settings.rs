//! The practice's own record: who bills, and by which rules it works.

use mentalspace_core::{
    BillingAddress, Npi, OrganizationName, Phone, Policies, Practice, Purpose, TaxId, Taxonomy, TimeZoneName,
    access::Permission,
    store::{Document, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{current, manages};
use crate::{app::App, problem::Problem, signed::Signed};

/// What is on record about the practice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PracticeDetails {
    /// The name registered with the NPI.
    #[schema(value_type = String)]
    pub name: OrganizationName,
    /// The NPI that bills.
    #[schema(value_type = String)]
    pub billing_npi: Npi,
    /// The tax identifier that is paid: `kind` (`ein` or `ssn`) and `digits`.
    #[schema(value_type = Object)]
    pub tax_id: TaxId,
    /// The billing provider's taxonomy.
    #[schema(value_type = String)]
    pub taxonomy: Taxonomy,
    /// The billing address, with a ZIP code of nine digits: `line1`, `line2`, `city`, `state`, `zip`.
    #[schema(value_type = Object)]
    pub address: BillingAddress,
    /// The number payers call.
    #[schema(value_type = String)]
    pub phone: Phone,
    /// The IANA zone in which days begin and notes fall due.
    #[schema(value_type = String)]
    pub time_zone: TimeZoneName,
    /// `notes` with `due_days`, `cosign_days`, `plan_days`; `appointments` with `notice_hours`.
    #[schema(value_type = Object)]
    pub policies: Policies,
}

impl From<Practice> for PracticeDetails {
    fn from(practice: Practice) -> Self {
        let Practice { name, billing_npi, tax_id, taxonomy, address, phone, time_zone, policies, .. } = practice;
        Self { name, billing_npi, tax_id, taxonomy, address, phone, time_zone, policies }
    }
}

/// Reads the practice's record.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn read(app: &App, signed: &Signed) -> Result<Versioned<Practice>, Problem> {
    let access = signed.access("practice.read", Purpose::Operations);
    let id = signed.practice;
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Practice::KIND)?;
            Ok::<_, Problem>(work.expect::<Practice>(id).await?)
        })
    });
    read.await
}

/// Changes what somebody saw as `version`.
///
/// # Errors
/// `forbidden`, `invalid`; `conflict` when it was changed meanwhile.
pub async fn change(app: &App, signed: &Signed, version: u64, details: PracticeDetails) -> Result<u64, Problem> {
    let access = signed.access("practice.change", Purpose::Operations);
    let id = signed.practice;
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Practice::KIND)?;
            if details.time_zone.as_str().parse::<chrono_tz::Tz>().is_err() {
                return Err(Problem::field("time_zone", "is not a time zone"));
            }
            current::<Practice>(work, id, version).await?;
            let PracticeDetails { name, billing_npi, tax_id, taxonomy, address, phone, time_zone, policies } = details;
            let practice = Practice { id, name, billing_npi, tax_id, taxonomy, address, phone, time_zone, policies };
            Ok(work.update(&practice, version).await?)
        })
    });
    changed.await
}
