//! Clinicians: licences, credentials and supervision, as the practice keeps them.

use mentalspace_core::{
    Clinician, ClinicianId, Credential, License, Npi, PersonName, Purpose, Role, Supervision, Taxonomy, UserId,
    access::Permission,
    store::{Document, Find, Reading, Term, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{current, manages};
use crate::{account::User, app::App, problem::Problem, signed::Signed};

/// How many licences, credentials or times under supervision a record holds at most.
const MOST: usize = 50;

/// What is on record about a clinician, without ids.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicianDetails {
    /// The name registered with the NPI: `last`, `first`, `middle`, `suffix`.
    #[schema(value_type = Object)]
    pub name: PersonName,
    /// Credentials, the leading one first.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub credentials: Vec<Credential>,
    /// Licences, past ones included: `state`, `number` and `in_force` with `from` and `to`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub licenses: Vec<License>,
    /// The individual NPI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub npi: Option<Npi>,
    /// The taxonomy sent with claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub taxonomy: Option<Taxonomy>,
    /// Times under supervision, past ones included: `supervisor` and `in_force` with `from` and `to`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub supervision: Vec<Supervision>,
}

impl ClinicianDetails {
    pub(super) fn into_clinician(self, id: ClinicianId, user: Option<UserId>) -> Clinician {
        let Self { name, credentials, licenses, npi, taxonomy, supervision } = self;
        Clinician { id, user, name, credentials, licenses, npi, taxonomy, supervision }
    }
}

impl From<Clinician> for ClinicianDetails {
    fn from(clinician: Clinician) -> Self {
        let Clinician { name, credentials, licenses, npi, taxonomy, supervision, .. } = clinician;
        Self { name, credentials, licenses, npi, taxonomy, supervision }
    }
}

/// Refuses what cannot be: an NPI of somebody else, supervision by oneself or by somebody who supervises nobody. What
/// was on record before stays, also when the supervisor no longer is one.
pub(super) async fn check(
    work: &mut Reading<'_>,
    clinician: &Clinician,
    before: Option<&Clinician>,
) -> Result<(), Problem> {
    let counts = [clinician.credentials.len(), clinician.licenses.len(), clinician.supervision.len()];
    if counts.iter().any(|count| *count > MOST) {
        return Err(Problem::invalid(format!("A record holds at most {MOST} credentials, licences or supervisors.")));
    }
    if let Some(npi) = &clinician.npi {
        let same = work.find(&Find::<Clinician>::new().with(Term::plain("npi", npi)).limit(2)).await?;
        if same.items.iter().any(|other| other.id != clinician.id) {
            return Err(Problem::field("npi", "is that of another clinician"));
        }
    }
    let known = |supervision: &Supervision| before.is_some_and(|before| before.supervision.contains(supervision));
    let fresh = clinician.supervision.iter().filter(|supervision| !known(supervision));
    let fresh: Vec<ClinicianId> = fresh.map(|supervision| supervision.supervisor).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let users = work.find_all(Find::<User>::new()).await?;
    let supervisors = users.iter().filter(|user| user.roles.contains(&Role::Supervisor));
    let supervisors: Vec<ClinicianId> = supervisors.filter_map(|user| user.clinician).collect();
    if fresh.iter().any(|id| *id == clinician.id || !supervisors.contains(id)) {
        return Err(Problem::field("supervision", "names nobody who may supervise this clinician"));
    }
    Ok(())
}

/// Lists the clinicians by name.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Versioned<Clinician>>, Problem> {
    let access = signed.access("clinician.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Clinician::KIND)?;
            let mut all = work.find_all(Find::<Clinician>::new()).await?;
            all.sort_by_cached_key(|clinician| clinician.name.expose_filed().to_lowercase());
            Ok::<_, Problem>(all)
        })
    });
    read.await
}

/// Reads a clinician.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn read(app: &App, signed: &Signed, id: ClinicianId) -> Result<Versioned<Clinician>, Problem> {
    let access = signed.access("clinician.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Clinician::KIND)?;
            Ok::<_, Problem>(work.expect::<Clinician>(id).await?)
        })
    });
    read.await
}

/// Changes a clinician somebody saw as `version`.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid`; `conflict` when it was changed meanwhile.
pub async fn change(
    app: &App,
    signed: &Signed,
    id: ClinicianId,
    version: u64,
    details: ClinicianDetails,
) -> Result<u64, Problem> {
    let access = signed.access("clinician.change", Purpose::Operations);
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, Clinician::KIND)?;
            let before = current::<Clinician>(work, id, version).await?;
            let clinician = details.into_clinician(id, before.user);
            check(work, &clinician, Some(&before)).await?;
            if clinician.supervision.is_empty() {
                refuse_unsupervised(work, id).await?;
            }
            Ok::<_, Problem>(work.update(&clinician, version).await?)
        })
    });
    changed.await
}

async fn refuse_unsupervised(work: &mut Reading<'_>, id: ClinicianId) -> Result<(), Problem> {
    let users = work.find_all(Find::<User>::new()).await?;
    let associate = |user: &User| user.clinician == Some(id) && user.roles.contains(&Role::Associate);
    if users.iter().any(|user| associate(user)) {
        return Err(Problem::field("supervision", "is needed for an associate"));
    }
    Ok(())
}
