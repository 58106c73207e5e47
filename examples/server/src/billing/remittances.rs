//! Remittances: an 835 is read, has to add up to the cent, is matched and posted in one unit of work, and posted once.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use mentalspace_claims::{
    claim::PayerSequence,
    record::{CONTROL_NUMBER_TERM, ClaimRecord, REMITTANCE_KEY_TERM, RemittanceRecord, RemittanceState},
    remittance::{
        Booking, Candidate, ClaimUpdate, EarlierPosting, IdempotencyKey, Matches, Posted, Recognition, Refused,
        Untouched, match_claims, post, recognise,
    },
    transaction::r835::{BalanceRule, Imbalance, Remittance, Remittances, balance},
    x12::FindingCode,
};
use mentalspace_core::{
    Access, ClaimId, ClientId, EntryId, Money, Payer, PayerId, Purpose, RemittanceId,
    access::Permission,
    ledger::{Account, Entry},
    store::{Cursor, Document, Find, LedgerQuery, Page, PostedRow, Reading, StoreError, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ATTEMPTS, Attempt, balances, raced, require,
    work::{WorkKind, WorkRecord},
};
use crate::{app::App, practice::Office, problem::Problem, signed::Signed};

/// The largest file that is taken.
pub const MAX_FILE: usize = 50 << 20;

/// What became of one remittance of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the books.
    Posted(RemittanceId),
    /// It was in the books before, or is held.
    Known(RemittanceId),
    /// It has the trace number of one that is in the books and other content: a person decides.
    Held(RemittanceId),
}

impl Outcome {
    /// Returns the remittance.
    #[must_use]
    pub const fn remittance(self) -> RemittanceId {
        match self {
            Self::Posted(id) | Self::Known(id) | Self::Held(id) => id,
        }
    }
}

/// Takes a file: all of its remittances are posted, or none is.
///
/// # Errors
/// `forbidden`; `invalid` when it is no 835, is cut off, or does not add up; `conflict` when all of it was posted
/// before.
pub async fn upload(app: &App, signed: &Signed, file: Vec<u8>) -> Result<Vec<Outcome>, Problem> {
    let access = signed.access("remittance.post", Purpose::Payment);
    let may = app.vault().read(&access, |work| {
        Box::pin(async move { require(work, signed, Permission::PostPayment, RemittanceRecord::KIND) })
    });
    may.await?;
    let read = app.slow(move || read(&file)).await??;
    let imbalances: Vec<(usize, Imbalance)> =
        read.iter().enumerate().flat_map(|(at, one)| balance(one).into_iter().map(move |i| (at, i))).collect();
    if !imbalances.is_empty() {
        report_unbalanced(app, signed, &read).await?;
        return Err(unbalanced(&imbalances));
    }
    for _ in 0..ATTEMPTS {
        let ids: Vec<RemittanceId> = read.iter().map(|_| app.new_id()).collect();
        let written = app.vault().write(&access, |work| {
            let (access, read) = (&access, &read);
            Box::pin(async move { posted(work, app, access, signed, read, &ids).await })
        });
        match written.await {
            Ok(outcomes) => return Ok(outcomes),
            Err(Attempt::Raced) => {}
            Err(Attempt::Refused(problem)) => return Err(problem),
        }
    }
    Err(raced())
}

/// Reads a whole file. One that ends too early is refused as a whole: what is missing may be a payment.
fn read(file: &[u8]) -> Result<Vec<Remittance>, Problem> {
    if file.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::invalid("The file is empty."));
    }
    let mut source = Remittances::new(file);
    let mut read = Vec::new();
    for remittance in source.by_ref() {
        read.push(remittance.map_err(|error| Problem::invalid(crate::problem::sentence(&error)))?);
    }
    let cut = |code: FindingCode| {
        matches!(
            code,
            FindingCode::SetTrailerMissing
                | FindingCode::GroupTrailerMissing
                | FindingCode::InterchangeTrailerMissing
                | FindingCode::Unterminated
        )
    };
    if source.envelope().findings().iter().any(|finding| cut(finding.code)) {
        return Err(Problem::invalid("The file is cut off: its last segments are missing. Nothing was posted."));
    }
    if read.is_empty() {
        return Err(Problem::invalid("The file holds no remittance (835)."));
    }
    let unreadable: Vec<_> = read.iter().flat_map(|one| &one.problems).take(50).collect();
    if unreadable.is_empty() {
        return Ok(read);
    }
    let problem = Problem::invalid("Parts of the file cannot be read. Nothing was posted.");
    Err(unreadable.into_iter().fold(problem, |problem, at| {
        let place = format!("segment {} ({}{:02})", at.position.segment, at.segment, at.element);
        problem.with_error(place, at.rule.clone())
    }))
}

fn unbalanced(imbalances: &[(usize, Imbalance)]) -> Problem {
    let problem = Problem::invalid("The remittance does not add up. Nothing was posted.");
    imbalances.iter().take(50).fold(problem, |problem, (payment, found)| {
        let rule = match found.rule {
            BalanceRule::LinePaid => "the line's charge less its adjustments",
            BalanceRule::ClaimPaid => "the claim's charge less its adjustments",
            BalanceRule::ClaimCharge => "the sum of the lines' charges",
            BalanceRule::Payment => "the claims' payments less the provider adjustments",
            _ => "the sum",
        };
        let mut place = format!("payment {}", payment + 1);
        if let Some(number) = &found.claim_control_number {
            place.push_str(", claim ");
            place.extend(number.chars().filter(|c| c.is_ascii_graphic()).take(20));
        }
        if let Some(line) = found.line_index {
            place.push_str(&format!(", line {}", line + 1));
        }
        let (expected, found, difference) = (found.expected, found.found, found.difference());
        problem.with_error(place, format!("{rule} is {expected}, but {found} is stated: off by {difference}"))
    })
}

/// Opens an item for each remittance that does not add up; the same one again opens none.
async fn report_unbalanced(app: &App, signed: &Signed, read: &[Remittance]) -> Result<(), Problem> {
    let access = signed.access("remittance.refuse", Purpose::Payment);
    let written = app.vault().write(&access, |work| {
        let now = access.at;
        Box::pin(async move {
            for remittance in read {
                let imbalances = balance(remittance);
                if imbalances.is_empty() {
                    continue;
                }
                let item = WorkRecord {
                    id: item_id(WorkKind::Unbalanced, remittance),
                    kind: WorkKind::Unbalanced,
                    remittance: None,
                    claim: None,
                    client: None,
                    number: trace(remittance),
                    amount: imbalances.iter().map(|imbalance| imbalance.difference().abs()).max().unwrap_or_default(),
                    reasons: Vec::new(),
                    opened_at: now,
                    done: None,
                };
                match work.insert(&item).await {
                    Ok(()) | Err(StoreError::AlreadyExists { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(written.await?)
}

fn item_id(kind: WorkKind, remittance: &Remittance) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(kind.title());
    hash.update(IdempotencyKey::of(remittance).digest());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn trace(remittance: &Remittance) -> String {
    remittance.trace.as_ref().map(|trace| trace.number.chars().take(50).collect()).unwrap_or_default()
}

async fn posted(
    work: &mut Writing<'_>,
    app: &App,
    access: &Access,
    signed: &Signed,
    read: &[Remittance],
    ids: &[RemittanceId],
) -> Result<Vec<Outcome>, Attempt> {
    require(work, signed, Permission::PostPayment, RemittanceRecord::KIND)?;
    let office = Office::open(work, access).await?;
    let (mut outcomes, mut seen) = (Vec::with_capacity(read.len()), None);
    for (remittance, id) in read.iter().zip(ids) {
        let key = IdempotencyKey::of(remittance);
        if let Some(known) = known(work, &key).await? {
            outcomes.push(Outcome::Known(known.remittance_id()));
            seen = Some(known);
            continue;
        }
        let payer = paying(work, remittance).await?;
        let record = RemittanceRecord::new(*id, payer, remittance.clone(), office.now);
        if recognise(&key, earlier_keys(work, &key).await?.iter()) == Recognition::Corrected {
            work.insert(&record.recognised(Recognition::Corrected, office.now)).await?;
            work.insert(&corrected_item(*id, remittance, office.now)).await?;
            outcomes.push(Outcome::Held(*id));
            continue;
        }
        let booked = book(work, app, &office, *id, payer, remittance).await?;
        work.insert(&record.with_outcome(Ok(&booked), office.now)).await?;
        outcomes.push(Outcome::Posted(*id));
    }
    match seen {
        Some(known) if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Known(_))) => {
            Err(already(&known, &office).into())
        }
        _ => Ok(outcomes),
    }
}

fn already(known: &RemittanceRecord, office: &Office) -> Problem {
    match known.state() {
        RemittanceState::Posted { at, .. } => {
            let day = office.zone.wall(*at).format("%b %-d, %Y, %-I:%M %p");
            Problem::conflict(format!("This remittance was posted on {day}. It is posted once."))
        }
        _ => Problem::conflict("This remittance is on record already and waits for a decision."),
    }
}

fn corrected_item(id: RemittanceId, remittance: &Remittance, now: DateTime<Utc>) -> WorkRecord {
    WorkRecord {
        id: item_id(WorkKind::Corrected, remittance),
        kind: WorkKind::Corrected,
        remittance: Some(id),
        claim: None,
        client: None,
        number: trace(remittance),
        amount: remittance.amount,
        reasons: Vec::new(),
        opened_at: now,
        done: None,
    }
}

async fn known(work: &mut Reading<'_>, key: &IdempotencyKey) -> Result<Option<RemittanceRecord>, StoreError> {
    let find = Find::<RemittanceRecord>::new().with(Term::plain(REMITTANCE_KEY_TERM, &key.digest())).limit(1);
    Ok(work.find(&find).await?.items.pop().map(|found| found.value))
}

async fn earlier_keys(work: &mut Reading<'_>, key: &IdempotencyKey) -> Result<Vec<IdempotencyKey>, StoreError> {
    if key.trace.is_empty() {
        return Ok(Vec::new());
    }
    let same_trace = work.find_all(Find::<RemittanceRecord>::new().with(Term::plain("trace", &key.trace))).await?;
    Ok(same_trace.into_iter().map(|found| found.value.key().clone()).collect())
}

/// Finds the payer by the number it gives itself.
async fn paying(work: &mut Reading<'_>, remittance: &Remittance) -> Result<Option<PayerId>, StoreError> {
    let Some(number) = remittance.payer_id().filter(|number| number.len() <= 80) else { return Ok(None) };
    let term = Term::plain("electronic_id", &number.to_ascii_uppercase());
    Ok(work.find(&Find::<Payer>::new().with(term).limit(1)).await?.items.first().map(|payer| payer.id))
}

/// A decision of a payer that is in the books, kept so that a reversal can be told from a mistake.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    entry: Entry,
    claim: ClaimId,
    client: Option<ClientId>,
    charge: Money,
    paid: Money,
    reversed: bool,
}

impl Document for Decision {
    const KIND: &'static str = "claim_decision";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.entry.id().uuid()
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// When it was booked.
    fn sort(&self) -> String {
        self.entry.recorded_at().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("claim", &self.claim)]
    }
}

/// What a posting leaves to be shown: to which claims the payer's were matched, and why lines were left alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostingReport {
    id: RemittanceId,
    /// Our claim for each of the remittance's.
    pub claims: Vec<Option<ClaimId>>,
    /// Lines on which nothing was booked.
    pub untouched: Vec<UntouchedLine>,
}

/// A line of ours on which nothing was booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntouchedLine {
    /// The claim.
    pub claim: ClaimId,
    /// The line, counted from 1.
    pub line: u16,
    /// Why, for people.
    pub why: String,
}

impl Document for PostingReport {
    const KIND: &'static str = "posting_report";
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

/// Matches a remittance and books it: entries, claims, items for people.
async fn book(
    work: &mut Writing<'_>,
    app: &App,
    office: &Office,
    id: RemittanceId,
    payer: Option<PayerId>,
    remittance: &Remittance,
) -> Result<Posted, Attempt> {
    let mut records = meant(work, remittance).await?;
    let mut candidates = Vec::with_capacity(records.len());
    for record in &records {
        let decisions = Find::<Decision>::new().with(Term::plain("claim", &record.claim_id()));
        let earlier = work.find_all(decisions).await?.into_iter().map(|found| EarlierPosting {
            entry: found.value.entry,
            charge: found.value.charge,
            paid: found.value.paid,
            reversed: found.value.reversed,
        });
        candidates.push(Candidate {
            id: record.claim_id(),
            claim: record.claim(),
            client: Document::client(&record.value),
            payer: record.payer(),
            next_payer: has_next_payer(record),
            earlier: earlier.collect(),
        });
    }
    let matches = match_claims(remittance, &candidates);
    let booking = Booking { remittance: id, payer, received_on: office.today, recorded_at: office.now };
    let posted = post(remittance, &matches, &candidates, &booking, &mut || app.new_id::<EntryId>());
    let posted = posted.map_err(|refused| refusal(&refused))?;
    let report = report(id, &matches, &candidates, &posted);
    drop(candidates);
    for entry in &posted.entries {
        work.post(entry).await?;
    }
    work.insert(&report).await?;
    let stuck = decide(work, office, remittance, &mut records, &posted).await?;
    open_items(work, app, office, id, remittance, &records, &posted, stuck).await?;
    Ok(posted)
}

fn has_next_payer(record: &ClaimRecord) -> bool {
    let place = |sequence: &PayerSequence| match sequence {
        PayerSequence::Primary => 0,
        PayerSequence::Secondary => 1,
        PayerSequence::Tertiary => 2,
        _ => 3,
    };
    let present = place(&record.claim().payer_sequence);
    record.claim().other_payers.iter().any(|other| other.adjudication.is_none() && place(&other.sequence) > present)
}

/// Balance and completeness were looked at before, so a refusal here is about the books.
fn refusal(refused: &Refused) -> Problem {
    Problem::invalid(format!("{} Nothing was posted.", crate::problem::sentence(refused)))
}

/// Finds the claims a remittance names by our control numbers.
async fn meant(work: &mut Reading<'_>, remittance: &Remittance) -> Result<Vec<Versioned<ClaimRecord>>, StoreError> {
    let mut numbers: Vec<String> = remittance
        .claims
        .iter()
        .map(|claim| claim.control_number.to_ascii_uppercase())
        .filter(|number| (1..=20).contains(&number.len()))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut records = Vec::with_capacity(numbers.len());
    for part in numbers.chunks(200) {
        let terms = part.iter().map(|number| Term::plain(CONTROL_NUMBER_TERM, number));
        records.extend(work.find_all(Find::<ClaimRecord>::new().with_any(terms)).await?);
    }
    Ok(records)
}

fn report(id: RemittanceId, matches: &Matches, candidates: &[Candidate<'_>], posted: &Posted) -> PostingReport {
    let claims = matches.claims.iter().map(|found| found.candidate.map(|at| candidates[at].id));
    let untouched = posted.untouched.iter().map(|line| UntouchedLine {
        claim: line.claim,
        line: line.line,
        why: match &line.why {
            Untouched::NotPaid { reasons } if reasons.is_empty() => "The payer paid nothing and gave no reason.".into(),
            Untouched::NotPaid { reasons } => format!("The payer paid nothing: {}.", reasons.join(", ")),
            Untouched::DecidedAtClaim => "The payer decided about the claim as a whole.".into(),
            Untouched::NotReported => "The payer said nothing about this line.".into(),
            Untouched::NotBooked => "The decision was not booked; the item to look at says why.".into(),
            _ => "Nothing was booked on this line.".into(),
        },
    });
    PostingReport { id, claims: claims.collect(), untouched: untouched.collect() }
}

/// Moves the claims and remembers what can be reversed. Returns the claims that were in no state for a decision.
async fn decide(
    work: &mut Writing<'_>,
    office: &Office,
    remittance: &Remittance,
    records: &mut [Versioned<ClaimRecord>],
    posted: &Posted,
) -> Result<Vec<ClaimUpdate>, Attempt> {
    let mut stuck = Vec::new();
    let mut moved = BTreeSet::new();
    for update in &posted.updates {
        let Some(record) = records.iter_mut().find(|record| record.claim_id() == update.claim) else { continue };
        let number = update.payer_claim_number.clone();
        match record.value.clone().decided(update.event, number, update.forwarded, office.now) {
            Ok(decided) => {
                record.value = decided;
                moved.insert(update.claim);
            }
            Err(_) => stuck.push(update.clone()),
        }
        let entry = posted.entries.iter().find(|entry| Some(entry.id()) == update.entry);
        match entry.map(|entry| (entry, entry.reverses())) {
            Some((_, Some(reversed))) => {
                let Versioned { version, value } = work.expect::<Decision>(reversed.uuid()).await?;
                work.update(&Decision { reversed: true, ..value }, version).await?;
            }
            Some((entry, None)) => {
                let Some(payment) = remittance.claims.get(update.claim_index) else { continue };
                let (charge, paid) = (payment.charge, payment.paid);
                let client = Document::client(&record.value);
                let entry = entry.clone();
                work.insert(&Decision { entry, claim: update.claim, client, charge, paid, reversed: false }).await?;
            }
            None => {}
        }
    }
    for record in records.iter().filter(|record| moved.contains(&record.claim_id())) {
        work.update(&record.value, record.version).await?;
    }
    Ok(stuck)
}

#[expect(clippy::too_many_arguments, reason = "one unit of work, split for reading")]
async fn open_items(
    work: &mut Writing<'_>,
    app: &App,
    office: &Office,
    id: RemittanceId,
    remittance: &Remittance,
    records: &[Versioned<ClaimRecord>],
    posted: &Posted,
    stuck: Vec<ClaimUpdate>,
) -> Result<(), Attempt> {
    let of_payer = posted
        .work_items
        .iter()
        .map(|item| (WorkKind::from(item.kind), item.claim_index, item.claim, item.amount, item.reasons.clone()));
    let of_state = stuck.into_iter().map(|update| {
        let paid = remittance.claims.get(update.claim_index).map_or(Money::ZERO, |claim| claim.paid);
        (WorkKind::StateDiffers, update.claim_index, Some(update.claim), paid, update.denial)
    });
    for (kind, index, claim, amount, reasons) in of_payer.chain(of_state) {
        let number = remittance.claims.get(index).map(|claim| claim.control_number.chars().take(38).collect());
        let record = records.iter().find(|record| Some(record.claim_id()) == claim);
        let item = WorkRecord {
            id: app.new_id(),
            kind,
            remittance: Some(id),
            claim,
            client: record.and_then(|record| Document::client(&record.value)),
            number: number.unwrap_or_default(),
            amount,
            reasons,
            opened_at: office.now,
            done: None,
        };
        work.insert(&item).await?;
    }
    Ok(())
}

/// Posts a remittance that was held because it differs from one in the books with the same trace number.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when it is not held or was changed meanwhile.
pub async fn release(app: &App, signed: &Signed, id: RemittanceId, seen: u64) -> Result<(), Problem> {
    let access = signed.access("remittance.release", Purpose::Payment);
    let written = app.vault().write(&access, |work| {
        let access = &access;
        Box::pin(async move {
            require(work, signed, Permission::PostPayment, RemittanceRecord::KIND)?;
            let office = Office::open(work, access).await?;
            let record = work.expect::<RemittanceRecord>(id).await?;
            if record.version != seen || !matches!(record.state(), RemittanceState::Held { .. }) {
                return Err(Attempt::Raced);
            }
            let payer = paying(work, record.remittance()).await?;
            let booked = book(work, app, &office, id, payer, record.remittance()).await?;
            work.update(&record.value.with_outcome(Ok(&booked), office.now), seen).await?;
            Ok(())
        })
    });
    written.await.map_err(|attempt| match attempt {
        Attempt::Raced => StoreError::Conflict { kind: RemittanceRecord::KIND.to_owned(), id: id.uuid() }.into(),
        Attempt::Refused(problem) => problem,
    })
}

/// Lists remittances, newest first.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(app: &App, signed: &Signed, after: Option<Cursor>) -> Result<Page<RemittanceRecord>, Problem> {
    let access = signed.access("remittance.list", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, RemittanceRecord::KIND)?;
            let find = Find::<RemittanceRecord>::new().descending().limit(25).after(after);
            work.find(&find).await.map_err(Problem::from)
        })
    });
    read.await
}

/// A remittance and what it did to the books.
#[derive(Debug)]
pub struct Shown {
    /// The remittance.
    pub record: Versioned<RemittanceRecord>,
    /// What was matched and left alone; nothing while it is not posted.
    pub report: Option<PostingReport>,
    /// Everything it booked, in order.
    pub postings: Vec<PostedRow>,
    /// What a person must look at, done or not.
    pub items: Vec<Versioned<WorkRecord>>,
}

impl Shown {
    /// Returns the payment less what was booked of it: nothing, once it is posted.
    #[must_use]
    pub fn undistributed(&self) -> Money {
        let cash = self.postings.iter().filter(|row| row.posting.account == Account::Cash);
        self.record.remittance().amount - cash.map(|row| row.posting.amount).sum()
    }
}

/// Shows a remittance.
///
/// # Errors
/// `forbidden`, `not_found`; as the store.
pub async fn show(app: &App, signed: &Signed, id: RemittanceId) -> Result<Shown, Problem> {
    let access = signed.access("remittance.read", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, RemittanceRecord::KIND)?;
            let record = work.expect::<RemittanceRecord>(id).await?;
            let report = work.get::<PostingReport>(id).await?.map(|report| report.value);
            let query = LedgerQuery { source: Some(id.uuid()), ..LedgerQuery::default() };
            let postings = balances::all_postings(work, &query).await?;
            let items = work.find_all(Find::<WorkRecord>::new().with(Term::plain("remittance", &id))).await?;
            Ok::<_, Problem>(Shown { record, report, postings, items })
        })
    });
    read.await
}
