//! Claims: the worklist, what stands in a claim's way, and files to a clearinghouse.
//!
//! A trial and the real file come from one function, so that a trial shows what will happen. A file is kept as it was
//! made and can be had again, byte for byte.

use chrono::{DateTime, SecondsFormat, Utc};
use mentalspace_audit::{Action, Outcome};
use mentalspace_claims::{
    claim::{Claim, ClaimControlNumber, Frequency, Reference},
    cms1500::{Form, Mode, Options, Printing, render_pdf},
    lifecycle::{ClaimEvent, ClaimStatus},
    record::{ClaimRecord, RecordError},
    scrub::{Severity, scrub},
    transaction::p837::{self, Submission},
};
use mentalspace_core::{
    Charge, ClaimId, ClientId, Money, Payer, PayerId, Phi, Purpose, UserId,
    access::Permission,
    store::{Cursor, Deed, Document, Find, LedgerQuery, PostedRow, Reading, Subject, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ATTEMPTS, Attempt, balances, charges, payers, raced, require,
    settings::{self, FileNumber},
};
use crate::{app::App, jobs::Failure, practice::Office, problem::Problem, signed::Signed};

/// What stands in a claim's way, or is likely to bring it back. Says where and which rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ClaimFinding {
    /// The rule, a stable name such as `billing-zip`.
    pub rule: String,
    /// Whether the claim is not sent because of it.
    pub blocking: bool,
    /// Where, such as `lines[2].pointers`; indices count from 0.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl ClaimFinding {
    fn blocking(rule: &str, path: &str, message: impl Into<String>, fix: &str) -> Self {
        let (rule, path) = (rule.to_owned(), path.to_owned());
        Self { rule, blocking: true, path, message: message.into(), fix: fix.to_owned() }
    }
}

/// Looks at one claim as the file would: the rules that bring claims back, and whether it can be written at all.
fn findings(claim: &Claim, submission: &Submission) -> Vec<ClaimFinding> {
    let mut found: Vec<ClaimFinding> = scrub(claim)
        .into_iter()
        .map(|finding| ClaimFinding {
            rule: finding.rule.to_owned(),
            blocking: finding.severity == Severity::Error,
            path: finding.path,
            message: finding.message,
            fix: finding.fix.to_owned(),
        })
        .collect();
    match p837::write(submission, [claim]) {
        Ok(written) => found.extend(written.rejected.iter().map(|rejected| {
            ClaimFinding::blocking("unwritable", "claim", rejected.reason.to_string(), "correct what cannot be sent")
        })),
        Err(error) => {
            let fix = "correct the billing settings";
            found.push(ClaimFinding::blocking("envelope", "settings", error.to_string(), fix));
        }
    }
    found
}

/// Finishes a draft that nothing blocks.
pub(super) async fn finished(
    work: &mut Reading<'_>,
    office: &Office,
    record: ClaimRecord,
) -> Result<ClaimRecord, Problem> {
    let submission = settings::load(work, &office.practice).await?.submission(office, 1)?;
    if record.status() != ClaimStatus::Draft || findings(record.claim(), &submission).iter().any(|f| f.blocking) {
        return Ok(record);
    }
    record.apply(ClaimEvent::Finish, office.now).map_err(refused)
}

fn refused(error: RecordError) -> Problem {
    Problem::conflict(crate::problem::sentence(&error))
}

/// Which claims to list: every field that is given holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Claims in this state.
    pub status: Option<ClaimStatus>,
    /// Claims with this payer.
    pub payer: Option<PayerId>,
    /// Claims of this client.
    pub client: Option<ClientId>,
    /// Behind this one.
    pub after: Option<Cursor>,
}

/// A claim on the worklist.
#[derive(Debug)]
pub struct Listed {
    /// The claim.
    pub record: Versioned<ClaimRecord>,
    /// What stands in its way; nothing for claims that were sent.
    pub findings: Vec<ClaimFinding>,
}

/// Claims of one payer on the worklist.
#[derive(Debug)]
pub struct OfPayer {
    /// The payer.
    pub payer: Option<PayerId>,
    /// Its name.
    pub name: String,
    /// The claims, oldest service first.
    pub claims: Vec<Listed>,
}

impl OfPayer {
    /// Returns what the claims charge.
    #[must_use]
    pub fn total(&self) -> Money {
        self.claims.iter().map(|listed| listed.record.claim().total()).sum()
    }
}

/// The worklist: claims by payer, and charges that are on no claim yet.
#[derive(Debug)]
pub struct Worklist {
    /// Claims, payers in the order of their names.
    pub payers: Vec<OfPayer>,
    /// All payers, for the filter.
    pub names: Vec<(PayerId, String)>,
    /// Charges for payers that are on no claim: their job failed or has not run.
    pub unclaimed: Vec<Versioned<Charge>>,
    /// Where the next part begins.
    pub next: Option<Cursor>,
}

/// Lists claims.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed, filter: &Filter) -> Result<Worklist, Problem> {
    let access = signed.access("claim.list", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, ClaimRecord::KIND)?;
            let office = Office::open(work, access).await?;
            let submission = settings::load(work, &office.practice).await?.submission(&office, 1)?;
            let known = payers::all(work).await?;
            let names: Vec<(PayerId, String)> =
                known.iter().map(|payer| (payer.id, payer.name.as_str().to_owned())).collect();
            let mut find = Find::<ClaimRecord>::new().limit(200).after(filter.after.clone());
            for term in [
                filter.status.map(|status| Term::plain("status", status.name())),
                filter.payer.map(|payer| Term::plain("payer", &payer)),
                filter.client.map(|client| Term::plain("client", &client)),
            ] {
                find = term.into_iter().fold(find, Find::with);
            }
            let page = work.find(&find).await?;
            let ready = Find::<Charge>::new().with(Term::plain("status", "ready")).limit(200);
            let mut unclaimed = work.find(&ready).await?.items;
            unclaimed.retain(|charge| charge.payer.is_some());
            let payers = by_payer(page.items, &names, &submission);
            Ok::<_, Problem>(Worklist { payers, names, unclaimed, next: page.next })
        })
    });
    read.await
}

fn by_payer(
    records: Vec<Versioned<ClaimRecord>>,
    names: &[(PayerId, String)],
    submission: &Submission,
) -> Vec<OfPayer> {
    let name = |id: Option<PayerId>| {
        let known = names.iter().find(|(payer, _)| Some(*payer) == id).map(|(_, name)| name.clone());
        known.unwrap_or_else(|| "Unknown payer".to_owned())
    };
    let mut groups: Vec<OfPayer> = Vec::new();
    for record in records {
        let payer = record.payer();
        let waiting = matches!(record.status(), ClaimStatus::Draft | ClaimStatus::Ready);
        let findings = if waiting { findings(record.claim(), submission) } else { Vec::new() };
        let listed = Listed { record, findings };
        match groups.iter_mut().find(|group| group.payer == payer) {
            Some(group) => group.claims.push(listed),
            None => groups.push(OfPayer { payer, name: name(payer), claims: vec![listed] }),
        }
    }
    groups.sort_by_key(|group| group.name.to_lowercase());
    groups
}

/// A claim with everything billing knows of it.
#[derive(Debug)]
pub struct Shown {
    /// The claim.
    pub record: Versioned<ClaimRecord>,
    /// The payer.
    pub payer: Option<Payer>,
    /// What stands in its way.
    pub findings: Vec<ClaimFinding>,
    /// Its postings, oldest first.
    pub postings: Vec<PostedRow>,
    /// The files it went out with, newest first: id, number and time.
    pub files: Vec<(Uuid, u32, DateTime<Utc>)>,
}

/// Shows a claim.
///
/// # Errors
/// `forbidden`, `not_found`; as the store.
pub async fn show(app: &App, signed: &Signed, claim: ClaimId) -> Result<Shown, Problem> {
    let access = signed.access("claim.read", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move {
            let record = allowed(work, signed, Permission::ReadBilling, claim).await?;
            let office = Office::open(work, access).await?;
            let submission = settings::load(work, &office.practice).await?.submission(&office, 1)?;
            let payer = match record.payer() {
                Some(payer) => work.get::<Payer>(payer).await?.map(|payer| payer.value),
                None => None,
            };
            let query = LedgerQuery { claim: Some(claim), ..LedgerQuery::default() };
            let postings = balances::all_postings(work, &query).await?;
            let find = Find::<SentFile>::new().with(Term::plain("claim", &claim)).descending().limit(20);
            let files = work.find(&find).await?.items;
            let files = files.iter().map(|file| (file.id, file.number, file.created_at)).collect();
            let findings = findings(record.claim(), &submission);
            Ok::<_, Problem>(Shown { record, payer, findings, postings, files })
        })
    });
    read.await
}

/// Reads a claim the person may use.
async fn allowed(
    work: &mut Reading<'_>,
    signed: &Signed,
    wanted: Permission,
    claim: ClaimId,
) -> Result<Versioned<ClaimRecord>, Problem> {
    // Who may not see claims does not learn which ones there are.
    require(work, signed, wanted, ClaimRecord::KIND)?;
    Ok(work.expect::<ClaimRecord>(claim).await?)
}

/// What a person does with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Takes the records as they are now; a claim that was sent or decided becomes a correction.
    Refresh,
    /// Voids a claim that was not sent and bills its note anew: with the prices, coding and coverage of today.
    BillAgain,
    /// It went out on paper, or by another way.
    MarkSent,
    /// The receiver took it.
    MarkAccepted,
    /// The receiver refused it.
    MarkRejected,
    /// The decision is contested.
    Appeal,
}

/// Does something with a claim somebody saw as version `seen`.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it was changed meanwhile or is not in a state for this; `invalid` when the
/// records do not make a claim.
pub async fn act(app: &App, signed: &Signed, claim: ClaimId, act: Act, seen: u64) -> Result<u64, Problem> {
    let access = signed.access("claim.change", Purpose::Payment);
    let written = app.vault().write(&access, |work| {
        let access = &access;
        Box::pin(async move {
            let record = allowed(work, signed, Permission::EditBilling, claim).await?;
            let office = Office::open(work, access).await?;
            let step = |event| record.value.clone().apply(event, office.now).map_err(refused);
            let changed = match act {
                Act::Refresh => refreshed(work, &office, record.value).await?,
                Act::BillAgain => taken_back(work, app, &office, record.value).await?,
                Act::MarkSent => step(ClaimEvent::Submit)?,
                Act::MarkAccepted => step(ClaimEvent::Accept)?,
                Act::MarkRejected => step(ClaimEvent::Reject)?,
                Act::Appeal => step(ClaimEvent::Appeal)?,
            };
            work.update(&changed, seen).await.map_err(Problem::from)
        })
    });
    let version = written.await?;
    app.work_is_waiting();
    Ok(version)
}

async fn taken_back(
    work: &mut Writing<'_>,
    app: &App,
    office: &Office,
    record: ClaimRecord,
) -> Result<ClaimRecord, Problem> {
    if !matches!(record.status(), ClaimStatus::Draft | ClaimStatus::Ready) {
        return Err(Problem::conflict("The claim was sent: replace it instead."));
    }
    for charge in record.charges() {
        charges::take_back(work, app, office, *charge).await?;
    }
    record.apply(ClaimEvent::Void, office.now).map_err(refused)
}

async fn refreshed(work: &mut Reading<'_>, office: &Office, record: ClaimRecord) -> Result<ClaimRecord, Problem> {
    let record = match record.status() {
        ClaimStatus::Draft => record,
        _ => record.apply(ClaimEvent::Reopen, office.now).map_err(refused)?,
    };
    let charge = record.charges().first().copied().ok_or_else(|| Problem::conflict("The claim has no charge."))?;
    let charge = work.expect::<Charge>(charge).await?;
    let number = record.claim().control_number.clone();
    let claim = charges::assembled(work, office, &charge, number).await.map_err(|failure| match failure {
        Failure::Again(error) => error.into(),
        rule @ Failure::Rule(_) => Problem::invalid(crate::problem::sentence(&rule)),
    })?;
    let mut draft = claim.into_draft();
    if let Some(known) = record.payer_claim_number() {
        draft.frequency = Frequency::Replacement { payer_claim_number: Reference::parse(known.expose())? };
    }
    let claim = Claim::try_from(draft).map_err(|error| Problem::invalid(crate::problem::sentence(&error)))?;
    let record = record.edit(claim).map_err(refused)?;
    finished(work, office, record).await
}

/// What would be, or was, sent.
#[derive(Debug)]
pub struct Composition {
    /// The file; nothing when no claim can be sent.
    pub content: Option<Phi<String>>,
    /// The claims in it, with what is likely to bring them back.
    pub sent: Vec<Listed>,
    /// The claims that stay, with what stands in their way.
    pub held: Vec<Listed>,
}

/// Puts a file together. The only way to one, be it for a trial.
fn compose(submission: &Submission, records: Vec<Versioned<ClaimRecord>>) -> Result<Composition, Problem> {
    let (mut sent, mut held) = (Vec::new(), Vec::new());
    for record in records {
        let mut findings = findings(record.claim(), submission);
        if record.status() != ClaimStatus::Ready && !findings.iter().any(|finding| finding.blocking) {
            let message = format!("the claim is {}, not ready", record.status().name());
            findings.push(ClaimFinding::blocking("not-ready", "claim", message, "look at the claim's state"));
        }
        let blocked = findings.iter().any(|finding| finding.blocking);
        if blocked { &mut held } else { &mut sent }.push(Listed { record, findings });
    }
    let written = p837::write(submission, sent.iter().map(|listed| listed.record.claim()));
    let written = written.map_err(|error| Problem::invalid(crate::problem::sentence(&error)))?;
    let is_in = |listed: &Listed| written.accepted.contains(&listed.record.claim().control_number);
    let (sent, refused): (Vec<Listed>, Vec<Listed>) = sent.into_iter().partition(is_in);
    held.extend(refused.into_iter().map(|mut listed| {
        let number = &listed.record.claim().control_number;
        let reason = written.rejected.iter().find(|rejected| rejected.control_number == *number);
        let message = reason.map_or_else(|| "the claim is not in the file".to_owned(), |r| r.reason.to_string());
        listed.findings.push(ClaimFinding::blocking("unwritable", "claim", message, "correct what cannot be sent"));
        listed
    }));
    let content = written.file.map(String::from_utf8).transpose();
    let content = content.map_err(|_| Problem::internal("The file is no text."))?;
    Ok(Composition { content: content.map(Phi::new), sent, held })
}

/// The most claims of one file.
pub const MAX_CLAIMS: usize = 500;

async fn selected(work: &mut Reading<'_>, claims: &[ClaimId]) -> Result<Vec<Versioned<ClaimRecord>>, Problem> {
    if claims.is_empty() {
        return Err(Problem::field("claims", "are missing: choose at least one"));
    }
    if claims.len() > MAX_CLAIMS {
        return Err(Problem::field("claims", "are more than 500: send them in several files"));
    }
    let mut records: Vec<Versioned<ClaimRecord>> = Vec::with_capacity(claims.len());
    for claim in claims {
        if records.iter().all(|record| record.claim_id() != *claim) {
            records.push(work.expect::<ClaimRecord>(*claim).await?);
        }
    }
    Ok(records)
}

/// Shows what sending `claims` would do, and changes nothing.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid`; as the store.
pub async fn trial(app: &App, signed: &Signed, claims: &[ClaimId]) -> Result<Composition, Problem> {
    let access = signed.access("claim.trial", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, ClaimRecord::KIND)?;
            let office = Office::open(work, access).await?;
            let records = selected(work, claims).await?;
            let number = FileNumber::peek(work).await?;
            let submission = settings::load(work, &office.practice).await?.submission(&office, number)?;
            compose(&submission, records)
        })
    });
    read.await
}

/// A file that was made for a clearinghouse, kept as it was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentFile {
    /// Id.
    pub id: Uuid,
    /// ISA13 and GS06.
    pub number: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub by: UserId,
    /// Whether it is for production.
    pub production: bool,
    /// What its claims charge.
    pub total: Money,
    /// Its claims.
    pub claims: Vec<SentClaim>,
    /// The bytes.
    pub content: Phi<String>,
}

/// A claim in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentClaim {
    /// The claim.
    pub claim: ClaimId,
    /// Whose it is.
    pub client: Option<ClientId>,
    /// Its number.
    pub control_number: ClaimControlNumber,
}

impl Document for SentFile {
    const KIND: &'static str = "sent_file";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    /// When it was made.
    fn sort(&self) -> String {
        self.created_at.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![Term::plain("number", &self.number)];
        terms.extend(self.claims.iter().map(|sent| Term::plain("claim", &sent.claim)));
        terms
    }
}

/// Makes the file for `claims` and marks those in it as sent: all in one unit of work. Claims that cannot go are
/// reported and stay; the others go out.
///
/// # Errors
/// `forbidden`, `not_found`; `invalid` when none of the claims can go.
pub async fn file(app: &App, signed: &Signed, claims: &[ClaimId]) -> Result<(Uuid, Composition), Problem> {
    let access = signed.access("claim.file", Purpose::Payment);
    // Two files at once want the same number; whoever comes second takes the next one.
    for _ in 0..ATTEMPTS {
        let id = app.new_id();
        let written = app.vault().write(&access, |work| {
            let access = &access;
            Box::pin(async move { filed(work, access, signed, claims, id).await })
        });
        match written.await {
            Ok(composition) => return Ok((id, composition)),
            Err(Attempt::Raced) => {}
            Err(Attempt::Refused(problem)) => return Err(problem),
        }
    }
    Err(raced())
}

async fn filed(
    work: &mut Writing<'_>,
    access: &mentalspace_core::Access,
    signed: &Signed,
    claims: &[ClaimId],
    id: Uuid,
) -> Result<Composition, Attempt> {
    require(work, signed, Permission::EditBilling, ClaimRecord::KIND)?;
    let office = Office::open(work, access).await?;
    let records = selected(work, claims).await?;
    let number = FileNumber::take(work).await?;
    let settings = settings::load(work, &office.practice).await?.value;
    let composition = compose(&settings.submission(&office, number)?, records)?;
    let Some(content) = composition.content.clone() else {
        return Err(none_can_go(&composition).into());
    };
    let mut in_file = Vec::with_capacity(composition.sent.len());
    for Listed { record, .. } in &composition.sent {
        let sent = record.value.clone().apply(ClaimEvent::Submit, office.now).map_err(refused)?;
        work.update(&sent, record.version).await?;
        let (client, control_number) = (Document::client(&sent), sent.claim().control_number.clone());
        in_file.push(SentClaim { claim: sent.claim_id(), client, control_number });
    }
    let total = composition.sent.iter().map(|listed| listed.record.claim().total()).sum();
    let production = settings.production;
    let (created_at, by) = (office.now, signed.user);
    work.insert(&SentFile { id, number, created_at, by, production, total, claims: in_file, content }).await?;
    Ok(composition)
}

fn none_can_go(composition: &Composition) -> Problem {
    let problem = Problem::invalid("None of these claims can be sent yet.");
    composition.held.iter().fold(problem, |problem, held| {
        let blocking = held.findings.iter().filter(|finding| finding.blocking);
        let number = &held.record.claim().control_number;
        blocking.fold(problem, |problem, finding| {
            problem.with_error(format!("{number}: {}", finding.path), format!("{}; {}", finding.message, finding.fix))
        })
    })
}

/// Lists the files, newest first.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn files(
    app: &App,
    signed: &Signed,
    after: Option<Cursor>,
) -> Result<mentalspace_core::store::Page<SentFile>, Problem> {
    let access = signed.access("sent_file.list", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, SentFile::KIND)?;
            let find = Find::<SentFile>::new().descending().limit(50).after(after);
            work.find(&find).await.map_err(Problem::from)
        })
    });
    read.await
}

/// Shows what is in a file, without handing it out.
///
/// # Errors
/// `forbidden`, `not_found`; as the store.
pub async fn sent_file(app: &App, signed: &Signed, file: Uuid) -> Result<SentFile, Problem> {
    let access = signed.access("sent_file.read", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, SentFile::KIND)?;
            Ok::<_, Problem>(work.expect::<SentFile>(file).await?.value)
        })
    });
    read.await
}

/// Hands out a file again, as it was made.
///
/// # Errors
/// `forbidden`, `not_found`; a step-up is required; as the store.
pub async fn download(app: &App, signed: &Signed, file: Uuid) -> Result<SentFile, Problem> {
    signed.confirmed(app, &format!("/claims/files/{file}"))?;
    let access = signed.access("sent_file.download", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::EditBilling, SentFile::KIND)?;
            let found = work.expect::<SentFile>(file).await?.value;
            for sent in &found.claims {
                let subject = Subject::new(ClaimRecord::KIND).id(sent.claim.uuid()).client(sent.client);
                work.record(Deed { action: Action::Export, subject, outcome: Outcome::success() });
            }
            Ok::<_, Problem>(found)
        })
    });
    read.await
}

/// Prints a claim on the CMS-1500: its values for the red form, or a copy to be read.
///
/// # Errors
/// `forbidden`, `not_found`; `invalid` when a value does not fit the form.
pub async fn print(app: &App, signed: &Signed, claim: ClaimId, mode: Mode) -> Result<Vec<u8>, Problem> {
    let access = signed.access("claim.print", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            let record = allowed(work, signed, Permission::EditBilling, claim).await?;
            let form = Form::from_claim(record.claim(), &Options::default());
            let form = form.map_err(|error| Problem::invalid(crate::problem::sentence(&error)))?;
            let subject = Subject { version: Some(record.version), ..Subject::new(ClaimRecord::KIND) };
            let subject = subject.id(claim.uuid()).client(Document::client(&record.value));
            work.record(Deed { action: Action::Print, subject, outcome: Outcome::success() });
            Ok::<_, Problem>(form)
        })
    });
    let form = read.await?;
    let printing = Printing { mode, created: Some(app.now().naive_utc()), ..Printing::default() };
    app.slow(move || render_pdf(&[form], &printing)).await
}

/// Reads what a claim's state is called from a request.
///
/// # Errors
/// It is no state.
pub fn status(name: &str) -> Result<ClaimStatus, Problem> {
    let known = ClaimStatus::ALL.into_iter().find(|status| status.name() == name);
    known.ok_or_else(|| Problem::field("status", "is not the state of a claim"))
}
