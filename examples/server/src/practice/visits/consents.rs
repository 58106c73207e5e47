//! Telehealth consents as documents: the words, the signature and its evidence on one page, archived as signed.
//!
//! The page is rendered once, when the consent is given, and kept with the SHA-256 of its bytes; storing it leaves its
//! event in the audit log in the same transaction.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use mentalspace_claims::paper::{Consent, Letterhead, Paper, Subject};
use mentalspace_core::{
    Client, ClientId, Phi, Purpose,
    access::Permission,
    store::{Document, Find, Reading, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ConsentId,
    consent::{ConsentStatus, Sha256Hex, Signer, Signing, TelehealthConsent},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CONSENT_TEXT;
use crate::{
    app::App,
    practice::{Office, clients},
    problem::Problem,
    signed::Signed,
};

/// A consent's page, as archived.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentPage {
    consent: ConsentId,
    client: ClientId,
    /// SHA-256 of the file.
    pub sha256: Sha256Hex,
    pdf: Phi<String>,
}

impl Document for ConsentPage {
    const KIND: &'static str = "telehealth_consent_page";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.consent.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        Some(self.client)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("client", &self.client), Term::plain("sha256", self.sha256.as_str())]
    }
}

/// Puts a consent on record together with its page.
pub(super) async fn keep(work: &mut Writing<'_>, office: &Office, consent: &TelehealthConsent) -> Result<(), Problem> {
    let client = work.expect::<Client>(consent.client_id()).await?;
    let pdf = printed(office, &client, consent).to_pdf(Some(consent.signed_at().naive_utc()));
    let archived = ConsentPage {
        consent: consent.consent_id(),
        client: consent.client_id(),
        sha256: Sha256Hex::of(&pdf),
        pdf: Phi::new(STANDARD.encode(pdf)),
    };
    work.insert(consent).await?;
    work.insert(&archived).await?;
    Ok(())
}

fn printed(office: &Office, client: &Client, consent: &TelehealthConsent) -> Consent {
    let text = consent.text();
    Consent {
        practice: Letterhead::from(&office.practice),
        client: Subject { name: client.legal_name.clone(), birth_date: client.birth_date.clone(), account: None },
        title: "Consent to telehealth".to_owned(),
        text: CONSENT_TEXT.to_owned(),
        version: format!("{}, version {}", text.id, text.version),
        digest: text.sha256.as_str().to_owned(),
        signed_by: consent.name().expose().to_owned(),
        signed_as: signer(consent.signer()).to_owned(),
        signed_at: consent.signed_at(),
        evidence: [
            evidence(consent.signing()),
            vec![("Holds until", moment(consent.expires_at())), ("Consent", consent.consent_id().to_string())],
        ]
        .concat(),
        until: None,
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

const fn signer(signer: Signer) -> &'static str {
    match signer {
        Signer::Client => "the client",
        Signer::Guardian => "parent or guardian of the client",
        _ => "representative of the client",
    }
}

fn evidence(signing: &Signing) -> Vec<(&'static str, String)> {
    match signing {
        Signing::Electronic { address, user_agent } => {
            let agent = user_agent.as_ref().map_or("not told", |agent| agent.expose().as_str());
            vec![
                ("How", "typed name, on the practice's page".to_owned()),
                ("From", address.expose().to_string()),
                ("Browser", agent.to_owned()),
            ]
        }
        Signing::Paper => vec![("How", "on paper, kept by the practice".to_owned())],
        Signing::Verbal { witness } => vec![("How", format!("spoken, heard by member of staff {witness}"))],
        _ => vec![("How", "otherwise".to_owned())],
    }
}

/// Lists the telehealth consents of a client, newest first, each with how it stands.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(
    app: &App,
    signed: &Signed,
    client: ClientId,
) -> Result<Vec<(TelehealthConsent, ConsentStatus)>, Problem> {
    let access = signed.access("telehealth_consent.list", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            clients::permitted(work, signed, client, Permission::ReadClient, office.today).await?;
            let find = Find::<TelehealthConsent>::new().with(Term::plain("client", &client)).descending().limit(100);
            let all = work.find(&find).await?.items.into_iter().map(|found| found.value);
            Ok::<_, Problem>(all.map(|consent| (consent.clone(), consent.status(office.now))).collect())
        })
    });
    read.await
}

/// Reads a consent's page as a PDF file.
///
/// # Errors
/// `forbidden`; `not_found`; as the store.
pub async fn print(app: &App, signed: &Signed, consent: ConsentId) -> Result<Vec<u8>, Problem> {
    let access = signed.access("telehealth_consent.print", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| Box::pin(async move { archived(work, access, signed, consent).await }));
    let page = read.await?;
    let pdf = STANDARD.decode(page.pdf.expose()).map_err(|_| Problem::internal("The archived page is damaged."))?;
    match Sha256Hex::of(&pdf) == page.sha256 {
        true => Ok(pdf),
        false => Err(Problem::internal("The archived page is not what was archived.")),
    }
}

async fn archived(
    work: &mut Reading<'_>,
    access: &mentalspace_core::Access,
    signed: &Signed,
    consent: ConsentId,
) -> Result<ConsentPage, Problem> {
    let office = Office::open(work, access).await?;
    let Versioned { value, .. } = work.expect::<ConsentPage>(consent.uuid()).await?;
    clients::permitted(work, signed, value.client, Permission::ReadClient, office.today).await?;
    Ok(value)
}

/// Takes a consent back; visits need a new one from then on.
///
/// # Errors
/// `forbidden`; `not_found`; as the store.
pub async fn revoke(app: &App, signed: &Signed, consent: ConsentId) -> Result<(), Problem> {
    let access = signed.access("telehealth_consent.revoke", Purpose::ClientRequest);
    let access = &access;
    let revoked = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let Versioned { version, value } = work.expect::<TelehealthConsent>(consent.uuid()).await?;
            clients::permitted(work, signed, value.client_id(), Permission::EditClient, office.today).await?;
            work.update(&value.revoke(office.now), version).await?;
            Ok::<_, Problem>(())
        })
    });
    revoked.await
}
