//! Clients: finding, reading and keeping their records.

use chrono::NaiveDate;
use mentalspace_core::{
    Appointment, Client, ClientAddress, ClientId, ClientPhone, ClientStatus, ClinicianId, Contact, Coverage, Email,
    Gender, NamePart, Note, PayerSex, PersonName, Phi, Purpose, Role, UserId,
    access::{Permission, Relation, decide},
    store::{Cursor, Find, Page, Reading, Subject, Term, Versioned},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Office, current, named, people};
use crate::{
    app::App,
    billing::balances::{self, ClientBalance},
    problem::Problem,
    signed::Signed,
};

/// What is on record about a client, without ids.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientDetails {
    /// The name on the insurance card: `last`, `first`, `middle`, `suffix`.
    #[schema(value_type = Object)]
    pub legal_name: PersonName,
    /// The given name the client goes by, when it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub preferred_name: Option<NamePart>,
    /// The day of birth.
    #[schema(value_type = NaiveDate)]
    pub birth_date: Phi<NaiveDate>,
    /// The sex on file with the payer: `female`, `male` or `unknown`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub payer_sex: PayerSex,
    /// The client's gender. Never sent to a payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub gender: Option<Gender>,
    /// Addresses: `usage` and `address`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub addresses: Vec<ClientAddress>,
    /// Telephone numbers, the preferred one first: `usage`, `phone`, `messages`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub phones: Vec<ClientPhone>,
    /// E-mail addresses, the preferred one first.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub emails: Vec<Email>,
    /// Family, guardians, people to call in an emergency.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub contacts: Vec<Contact>,
    /// Where the client is in care: `status` with `since` or `on`.
    #[schema(value_type = Object)]
    pub status: ClientStatus,
    /// The clinician who answers for the treatment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub primary_clinician: Option<ClinicianId>,
}

impl ClientDetails {
    fn into_client(self, id: ClientId, user: Option<UserId>) -> Client {
        Client {
            id,
            user,
            legal_name: self.legal_name,
            preferred_name: self.preferred_name,
            birth_date: self.birth_date,
            payer_sex: self.payer_sex,
            gender: self.gender,
            addresses: self.addresses,
            phones: self.phones,
            emails: self.emails,
            contacts: self.contacts,
            status: self.status,
            primary_clinician: self.primary_clinician,
        }
    }

    /// Refuses what cannot be: a birth to come, a clinician nobody knows.
    async fn check(&self, work: &mut Reading<'_>, today: NaiveDate) -> Result<(), Problem> {
        if *self.birth_date.expose() > today {
            return Err(Problem::field("birth_date", "lies in the future"));
        }
        if let Some(clinician) = self.primary_clinician {
            named::<mentalspace_core::Clinician>(work, clinician, "primary_clinician").await?;
        }
        Ok(())
    }
}

impl From<Client> for ClientDetails {
    fn from(client: Client) -> Self {
        Self {
            legal_name: client.legal_name,
            preferred_name: client.preferred_name,
            birth_date: client.birth_date,
            payer_sex: client.payer_sex,
            gender: client.gender,
            addresses: client.addresses,
            phones: client.phones,
            emails: client.emails,
            contacts: client.contacts,
            status: client.status,
            primary_clinician: client.primary_clinician,
        }
    }
}

/// What somebody looks for.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// Words of the name, or their first letters.
    pub name: Phi<String>,
    /// The day of birth.
    pub birth_date: Option<Phi<NaiveDate>>,
}

/// Lists clients: all for those who work with all, own and supervised ones for clinicians.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(
    app: &App,
    signed: &Signed,
    status: Option<&str>,
    after: Option<Cursor>,
) -> Result<Page<Client>, Problem> {
    let mut find = Find::new().limit(200).after(after);
    if let Some(status) = status {
        find = find.with(Term::plain("status", status));
    }
    listed(app, signed, "client.list", find).await
}

/// Finds clients by name and birth date, within what [`list`] would show.
///
/// # Errors
/// `invalid` when nothing is asked for; `forbidden`; as the store.
pub async fn search(app: &App, signed: &Signed, sought: &Sought) -> Result<Page<Client>, Problem> {
    let mut find = Find::new().limit(100);
    let words = Client::name_query(sought.name.expose());
    if words.is_empty() && sought.birth_date.is_none() {
        return Err(Problem::field("name", "or the birth date is needed for a search"));
    }
    for word in words {
        find = find.with(word);
    }
    if let Some(day) = &sought.birth_date {
        find = find.with(Client::birth_date_query(*day.expose()));
    }
    listed(app, signed, "client.search", find).await
}

async fn listed(
    app: &App,
    signed: &Signed,
    activity: &'static str,
    mut find: Find<Client>,
) -> Result<Page<Client>, Problem> {
    let access = signed.access(activity, Purpose::Treatment);
    let access = &access;
    let found = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            // What is found is limited to own and supervised clients below, so that relation holds for each.
            let within = Relation { own_client: true, supervises: true, ..Relation::default() };
            signed.require(work, Permission::ReadClient, within, Subject::new("client"))?;
            if let Some(of) = people::scope(work, signed, Permission::ReadClient, office.today).await? {
                find = find.with_any(of.iter().map(|id| Term::plain("clinician", id)));
            }
            let mut page = work.find(&find).await?;
            page.items.sort_by_cached_key(|client| client.legal_name.expose_filed().to_lowercase());
            Ok::<_, Problem>(page)
        })
    });
    found.await
}

/// Reads a client, if the person may.
///
/// # Errors
/// `not_found`; `forbidden`.
pub async fn read(app: &App, signed: &Signed, id: ClientId) -> Result<Versioned<Client>, Problem> {
    let access = signed.access("client.read", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            Ok::<_, Problem>(permitted(work, signed, id, Permission::ReadClient, office.today).await?.0)
        })
    });
    read.await
}

/// Reads a client within a unit of work and lets the person do `wanted` to the record, or not.
///
/// # Errors
/// `not_found`; `forbidden`.
pub async fn permitted(
    work: &mut Reading<'_>,
    signed: &Signed,
    id: ClientId,
    wanted: Permission,
    today: NaiveDate,
) -> Result<(Versioned<Client>, Relation), Problem> {
    let client = work.expect::<Client>(id).await?;
    let relation = people::to_client(work, signed, &client, today).await?;
    let subject = Subject::new("client").id(id.uuid()).client(Some(id));
    signed.require(work, wanted, relation, subject)?;
    Ok((client, relation))
}

/// Puts a new client on record.
///
/// # Errors
/// `invalid`; `forbidden`.
pub async fn create(app: &App, signed: &Signed, details: ClientDetails) -> Result<Client, Problem> {
    let access = signed.access("client.create", Purpose::Treatment);
    let (access, id) = (&access, app.new_id());
    let created = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            // A clinician takes on clients of their own.
            let own = signed.clinician.is_some() && details.primary_clinician == signed.clinician;
            let relation = Relation { own_client: own, ..Relation::default() };
            signed.require(work, Permission::EditClient, relation, Subject::new("client"))?;
            details.check(work, office.today).await?;
            let client = details.into_client(id, None);
            work.insert(&client).await?;
            Ok::<_, Problem>(client)
        })
    });
    created.await
}

/// Replaces what is on record about a client.
///
/// # Errors
/// `conflict` when the record was changed meanwhile; `invalid`; `forbidden`; `not_found`.
pub async fn change(
    app: &App,
    signed: &Signed,
    id: ClientId,
    version: u64,
    details: ClientDetails,
) -> Result<Versioned<Client>, Problem> {
    let access = signed.access("client.change", Purpose::Treatment);
    let access = &access;
    let changed = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            permitted(work, signed, id, Permission::EditClient, office.today).await?;
            let old = current::<Client>(work, id, version).await?;
            details.check(work, office.today).await?;
            let value = details.into_client(id, old.user);
            let version = work.update(&value, version).await?;
            Ok::<_, Problem>(Versioned { version, value })
        })
    });
    changed.await
}

/// A client's record as the person may see it.
#[derive(Debug)]
pub struct Chart {
    /// The practice.
    pub office: Office,
    /// Who.
    pub client: Versioned<Client>,
    /// Whether the person may change the record.
    pub editable: bool,
    /// The clinician who answers for the treatment.
    pub primary: Option<mentalspace_core::Clinician>,
    /// The coverages and the names of their payers; `None` when not for this person.
    pub coverages: Option<Vec<(Versioned<Coverage>, String)>>,
    /// What is owed and by whom; `None` when not for this person.
    pub balance: Option<ClientBalance>,
    /// Whether the person may change the coverages.
    pub covers: bool,
    /// Appointments, the latest first.
    pub appointments: Page<Appointment>,
    /// Notes, the latest first; `None` when not for this person.
    pub notes: Option<Page<Note>>,
    /// Whether the person may begin a note.
    pub writes: bool,
}

/// Reads a client's record.
///
/// # Errors
/// `not_found`; `forbidden`.
pub async fn chart(app: &App, signed: &Signed, id: ClientId) -> Result<Chart, Problem> {
    let access = signed.access("client.chart", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let (client, relation) = permitted(work, signed, id, Permission::ReadClient, office.today).await?;
            let may = |wanted, relation| decide(&signed.roles, wanted, relation).is_allowed();
            let primary = match client.primary_clinician {
                Some(primary) => work.get(primary).await?.map(|found| found.value),
                None => None,
            };
            let coverages = match may(Permission::ReadCoverage, relation) {
                true => Some(super::coverages::with_payers(work, id).await?),
                false => None,
            };
            let balance = match may(Permission::ReadBilling, relation) {
                true => Some(balances::of_client(work, id).await?),
                false => None,
            };
            let of_client = Term::plain("client", &id);
            let appointments = Find::new().with(of_client.clone()).descending().limit(60);
            let appointments = work.find(&appointments).await?;
            // Kind, day and status; what a note says is decided when it is opened.
            let reads = relation.own_client || relation.supervises || signed.holds(&[Role::Billing]);
            let notes = match reads {
                true => Some(work.find(&Find::new().with(of_client).descending().limit(60)).await?),
                false => None,
            };
            Ok::<_, Problem>(Chart {
                editable: may(Permission::EditClient, relation),
                covers: may(Permission::EditCoverage, relation),
                writes: signed.clinician.is_some() && may(Permission::BeginNote, relation),
                office,
                client,
                primary,
                coverages,
                balance,
                appointments,
                notes,
            })
        })
    });
    read.await
}
