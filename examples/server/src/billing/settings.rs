//! How the practice exchanges claims: names and numbers of sender and receiver, and the control numbers of files.

use mentalspace_claims::{
    claim::{Contact, OrganizationName as PartyName},
    transaction::p837::{ReceiverName, Submission, Submitter},
    x12::{InterchangeParty, Usage},
};
use mentalspace_core::{
    BillingRules, ClientId, Invalid, OrganizationName, Phone, Practice, Purpose,
    access::Permission,
    store::{Document, Reading, StoreError, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::require;
use crate::{app::App, practice::Office, problem::Problem, signed::Signed};

const ONLY: Uuid = Uuid::from_u128(1);

/// Who exchanges files with whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingSettings {
    /// ISA05: what kind of number the sender's is.
    pub sender_qualifier: String,
    /// ISA06.
    pub sender_id: String,
    /// ISA07.
    pub receiver_qualifier: String,
    /// ISA08.
    pub receiver_id: String,
    /// 1000B NM103.
    pub receiver_name: OrganizationName,
    /// 1000A NM109: the number the receiver gave.
    pub submitter_id: String,
    /// 1000A PER02.
    pub contact_name: OrganizationName,
    /// 1000A PER04.
    pub contact_phone: Phone,
    /// Whether files are for production; otherwise the receiver only tests them.
    pub production: bool,
    /// The rules for clients who pay themselves.
    #[serde(default)]
    pub self_pay: BillingRules,
}

impl BillingSettings {
    /// Returns what holds until somebody of billing decides: test files from the practice's NPI.
    ///
    /// # Errors
    /// A default is no value, which only a defect can cause.
    pub fn defaults(practice: &Practice) -> Result<Self, Invalid> {
        let npi = practice.billing_npi.as_str().to_owned();
        Ok(Self {
            sender_qualifier: "ZZ".to_owned(),
            sender_id: npi.clone(),
            receiver_qualifier: "ZZ".to_owned(),
            receiver_id: "CLEARINGHOUSE".to_owned(),
            receiver_name: OrganizationName::parse("Clearinghouse")?,
            submitter_id: npi,
            contact_name: OrganizationName::parse("Billing")?,
            contact_phone: practice.phone.clone(),
            production: false,
            self_pay: BillingRules { telehealth: super::payers::usual_telehealth(), ..BillingRules::default() },
        })
    }

    /// Checks what an envelope can carry.
    ///
    /// # Errors
    /// The field that cannot be sent.
    pub fn check(&self) -> Result<(), Invalid> {
        let plain = |text: &str, max| {
            (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._ ".contains(&b))
        };
        let rule = "must be letters and digits of the length the envelope allows";
        let checks = [
            ("sender_qualifier", plain(&self.sender_qualifier, 2)),
            ("sender_id", plain(&self.sender_id, 15)),
            ("receiver_qualifier", plain(&self.receiver_qualifier, 2)),
            ("receiver_id", plain(&self.receiver_id, 15)),
            ("submitter_id", plain(&self.submitter_id, 80)),
        ];
        checks.into_iter().find(|(_, fine)| !fine).map_or(Ok(()), |(what, _)| Err(Invalid::new(what, rule)))
    }

    /// Returns the envelope of a file with the given number.
    ///
    /// # Errors
    /// A name cannot be sent.
    pub fn submission(&self, office: &Office, number: u32) -> Result<Submission, Invalid> {
        let party = |qualifier: &str, id: &str| InterchangeParty { qualifier: qualifier.to_owned(), id: id.to_owned() };
        let contact = Contact {
            name: Some(PartyName::parse(self.contact_name.as_str())?),
            phone: Some(self.contact_phone.clone()),
            ..Contact::default()
        };
        let name = PartyName::parse(office.practice.name.as_str())?;
        let mut submission = Submission::new(
            party(&self.sender_qualifier, &self.sender_id),
            party(&self.receiver_qualifier, &self.receiver_id),
            Submitter { name, id: self.submitter_id.clone(), contact },
            ReceiverName { name: PartyName::parse(self.receiver_name.as_str())?, id: self.receiver_id.clone() },
            format!("F{number:09}"),
            office.zone.wall(office.now),
        );
        submission.interchange_control = number;
        submission.group_control = number;
        submission.usage = if self.production { Usage::Production } else { Usage::Test };
        Ok(submission)
    }
}

impl Document for BillingSettings {
    const KIND: &'static str = "billing_settings";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        ONLY
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// Reads the settings; version 0 are the defaults.
pub(super) async fn load(work: &mut Reading<'_>, practice: &Practice) -> Result<Versioned<BillingSettings>, Problem> {
    match work.get::<BillingSettings>(ONLY).await? {
        Some(found) => Ok(found),
        None => Ok(Versioned { version: 0, value: BillingSettings::defaults(practice)? }),
    }
}

/// Shows the settings.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn show(app: &App, signed: &Signed) -> Result<Versioned<BillingSettings>, Problem> {
    let access = signed.access("billing_settings.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, BillingSettings::KIND)?;
            let office = Office::open(work, access).await?;
            load(work, &office.practice).await
        })
    });
    read.await
}

/// Changes the settings somebody saw as version `seen`.
///
/// # Errors
/// `forbidden`, `invalid`; `conflict` when they were changed meanwhile.
pub async fn change(app: &App, signed: &Signed, settings: BillingSettings, seen: u64) -> Result<u64, Problem> {
    settings.check()?;
    let access = signed.access("billing_settings.change", Purpose::Operations);
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::EditBilling, BillingSettings::KIND)?;
            if seen > 0 {
                return Ok::<_, Problem>(work.update(&settings, seen).await?);
            }
            let taken = || StoreError::Conflict { kind: BillingSettings::KIND.to_owned(), id: ONLY };
            match work.insert(&settings).await {
                Ok(()) => Ok(1),
                Err(StoreError::AlreadyExists { .. }) => Err(taken().into()),
                Err(other) => Err(other.into()),
            }
        })
    });
    written.await
}

/// The number of the last file: ISA13 and GS06 are never given twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileNumber {
    last: u32,
}

impl FileNumber {
    /// The largest number ISA13 carries.
    const MAX: u32 = 999_999_999;

    const fn next(&self) -> u32 {
        if self.last >= Self::MAX { 1 } else { self.last + 1 }
    }

    /// Returns the number the next file would get.
    pub(super) async fn peek(work: &mut Reading<'_>) -> Result<u32, StoreError> {
        Ok(work.get::<Self>(ONLY).await?.map_or(1, |stored| stored.next()))
    }

    /// Takes the next number; who takes it at the same time gets `Conflict`.
    pub(super) async fn take(work: &mut Writing<'_>) -> Result<u32, StoreError> {
        let Some(stored) = work.get::<Self>(ONLY).await? else {
            return match work.insert(&Self { last: 1 }).await {
                Ok(()) => Ok(1),
                Err(StoreError::AlreadyExists { kind, id }) => Err(StoreError::Conflict { kind, id }),
                Err(other) => Err(other),
            };
        };
        let last = stored.next();
        work.update(&Self { last }, stored.version).await?;
        Ok(last)
    }
}

impl Document for FileNumber {
    const KIND: &'static str = "file_number";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        ONLY
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}
