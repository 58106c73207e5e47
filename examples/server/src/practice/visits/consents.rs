//! Telehealth consents as documents: the words, the signature and its evidence on one page, archived as signed.
//!
//! The page is rendered once, when the consent is given, and kept with the SHA-256 of its bytes; storing it leaves its
//! event in the audit log in the same transaction.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use mentalspace_claims::page::{
    Font, Page, Points, Printable, Text,
    pdf::{About, render},
};
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
    let pdf = render(
        &[page(office, &client, consent)],
        &About { title: spelled("Telehealth consent"), created: Some(consent.signed_at().naive_utc()) },
    );
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

const LEFT: Points = Points::whole(54);
const SIZE: Points = Points::whole(10);
/// Characters of ten points in a line of seven inches.
const WIDTH: usize = 84;

fn page(office: &Office, client: &Client, consent: &TelehealthConsent) -> Page {
    let mut page = Page::letter();
    let mut y = 738;
    let mut put = |text: &str, font: Font, gap: i32| {
        for line in wrapped(text) {
            page.texts.push(Text { x: LEFT, y: Points::whole(y), font, size: SIZE, text: spelled(&line) });
            y -= 14;
        }
        y -= gap;
    };
    let name = office.practice.name.to_string();
    put("Consent to telehealth", Font::CourierBold, 4);
    put(&name, Font::Courier, 14);
    put(&format!("Client: {}", client.legal_name.expose_filed()), Font::Courier, 0);
    put(&format!("Born: {}", client.birth_date.expose()), Font::Courier, 14);
    put(CONSENT_TEXT, Font::Courier, 14);
    put(&format!("Signed: {}", consent.name().expose()), Font::CourierBold, 0);
    put(&format!("As: {}", signer(consent.signer())), Font::Courier, 0);
    put(&format!("On: {}", moment(consent.signed_at())), Font::Courier, 0);
    for line in evidence(consent.signing()) {
        put(&line, Font::Courier, 0);
    }
    put(&format!("Holds until: {}", moment(consent.expires_at())), Font::Courier, 14);
    let text = consent.text();
    put(&format!("Text: {}, version {}", text.id, text.version), Font::Courier, 0);
    put(&format!("SHA-256 of the text: {}", text.sha256.as_str()), Font::Courier, 0);
    put(&format!("Consent: {}", consent.consent_id()), Font::Courier, 0);
    page
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

fn evidence(signing: &Signing) -> Vec<String> {
    match signing {
        Signing::Electronic { address, user_agent } => {
            let agent = user_agent.as_ref().map_or("not told", |agent| agent.expose().as_str());
            vec![
                "How: typed name, on the practice's page".to_owned(),
                format!("From: {}", address.expose()),
                format!("Browser: {agent}"),
            ]
        }
        Signing::Paper => vec!["How: on paper, kept by the practice".to_owned()],
        Signing::Verbal { witness } => vec![format!("How: spoken, heard by member of staff {witness}")],
        _ => vec!["How: otherwise".to_owned()],
    }
}

/// Breaks a text into lines between words, and inside a word that is longer than a line.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for piece in word.chars().collect::<Vec<_>>().chunks(WIDTH) {
            let piece: String = piece.iter().collect();
            let Some(line) = lines.last_mut() else { continue };
            if line.is_empty() {
                *line = piece;
            } else if line.chars().count() + 1 + piece.chars().count() <= WIDTH {
                line.push(' ');
                line.push_str(&piece);
            } else {
                lines.push(piece);
            }
        }
    }
    lines
}

/// Spells out what the built-in fonts have no form for, so that nothing is lost without a trace.
fn spelled(text: &str) -> Printable {
    Printable::parse(text).unwrap_or_else(|_| {
        let spell = |c: char| match Printable::parse(c) {
            Ok(_) => c.to_string(),
            Err(_) => format!("[U+{:04X}]", u32::from(c)),
        };
        Printable::parse(text.chars().map(spell).collect::<String>()).unwrap_or_default()
    })
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
