//! Clinical notes: begun from what the visit measured, written, signed, co-signed, added to. A note that is signed off
//! leaves the job that makes its charge in the same unit of work.

use std::net::IpAddr;

use chrono::NaiveDate;
use mentalspace_core::{
    Access, Actor, AmendmentText, Appointment, AppointmentId, AppointmentStatus, Attestation, AttestationId, Client,
    ClientId, Clinician, ClinicianId, Cosignature, Coverage, Missing, Note, NoteContent, NoteError, NoteHeader, NoteId,
    NoteKind, NoteStatus, NoteText, Payer, Purpose, SignatureMethod, Signing, UserAgent,
    access::{Permission, Relation, decide},
    store::{Find, Job, Page, Reading, StoreError, Subject, Term, Versioned, Writing},
};

use super::{Office, current, named, people, visits};
use crate::{
    app::App,
    problem::{Problem, sentence},
    signed::Signed,
};

/// What the author of a note agrees to: name and version of the text, and the text.
pub const AUTHOR: (&str, u32, &str) = (
    "author",
    1,
    "I wrote this note. It is a true and complete account of the service, and this is my electronic signature.",
);
/// What a co-signing supervisor agrees to.
pub const COSIGNER: (&str, u32, &str) = (
    "cosigner",
    1,
    "I have reviewed this note and the service it is about, I supervise its author, and this is my electronic signature.",
);

/// The queue of jobs that make a charge from a note.
pub const CHARGE_QUEUE: &str = "charge.prepare";

/// A note somebody wants to begin.
#[derive(Debug, Clone, Copy)]
pub struct Beginning {
    /// Its kind.
    pub kind: NoteKind,
    /// The appointment it is about.
    pub appointment: Option<AppointmentId>,
    /// Whose record it belongs to; that of the appointment when there is one.
    pub client: Option<ClientId>,
    /// The day of the service; that of the appointment when there is one, otherwise today.
    pub day: Option<NaiveDate>,
}

/// Begins a note. Times are taken from the record of the visit, where there is one.
///
/// # Errors
/// `conflict` when the appointment has a note of the kind, or the treatment plan has run out; `invalid`; `forbidden`.
pub async fn begin(app: &App, signed: &Signed, beginning: &Beginning) -> Result<Versioned<Note>, Problem> {
    let access = signed.access("note.begin", Purpose::Treatment);
    let (access, author) = (&access, clinician(signed)?);
    let begun = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let appointment = match beginning.appointment {
                Some(id) => Some(named::<Appointment>(work, id, "appointment").await?),
                None => None,
            };
            let plan = appointment.as_ref().map(|appointment| appointment.plan());
            let client = plan.map(|plan| plan.client).or(beginning.client);
            if let Some(client) = client {
                begins(work, signed, client, beginning.kind, &office).await?;
            }
            let day = plan.map(|plan| plan.day).or(beginning.day).unwrap_or(office.today);
            let header = NoteHeader {
                id: app.new_id(),
                kind: beginning.kind,
                client,
                appointment: beginning.appointment,
                author,
                service_date: day,
            };
            let mut content = NoteContent::default();
            if let Some(appointment) = &appointment
                && beginning.kind.rules().times != mentalspace_core::Needed::None
            {
                let visit = visits::of_appointment(work, appointment.id()).await?;
                content.times = visits::times(appointment, visit.as_deref());
                let held = visit.as_deref().and_then(|visit| visits::account(visit, &office.zone));
                content.session = held.map(NoteText::parse).transpose()?;
            }
            let note = Note::draft(header, content)?;
            work.insert(&note).await.map_err(|error| match error {
                StoreError::Duplicate { .. } => {
                    Problem::conflict(format!("The appointment has a {} note already.", beginning.kind))
                }
                other => other.into(),
            })?;
            Ok(Versioned { version: 1, value: note })
        })
    });
    begun.await
}

/// Lets a person begin a note about a client: one of their own, whose treatment plan has not run out.
async fn begins(
    work: &mut Reading<'_>,
    signed: &Signed,
    client: ClientId,
    kind: NoteKind,
    office: &Office,
) -> Result<(), Problem> {
    let found = named::<Client>(work, client, "client").await?;
    let relation = people::to_client(work, signed, &found, office.today).await?;
    signed.require(work, Permission::BeginNote, relation, Subject::new("note").client(Some(client)))?;
    let plans = Find::<Note>::new()
        .with(Term::plain("client", &client))
        .with(Term::plain("kind", &NoteKind::TreatmentPlan))
        .descending()
        .limit(1);
    let plan = work.find(&plans).await?.items.pop().map(|plan| plan.header().service_date);
    if office.practice.policies.notes.admits(kind, plan, office.today) {
        return Ok(());
    }
    Err(Problem::conflict(format!(
        "The treatment plan is older than {} days. Write a new plan before any other note.",
        office.practice.policies.notes.plan_days
    )))
}

/// A note as its page shows it.
#[derive(Debug)]
pub struct Opened {
    /// The practice.
    pub office: Office,
    /// The note.
    pub note: Versioned<Note>,
    /// Whose record it belongs to.
    pub client: Option<Client>,
    /// Everybody who treats.
    pub clinicians: Vec<Clinician>,
    /// What keeps it from being signed.
    pub missing: Vec<Missing>,
    /// What the person may do to it now.
    pub may: Possible,
}

/// What a person may do to a note now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Possible {
    /// Write.
    pub edit: bool,
    /// Sign as author.
    pub sign: bool,
    /// Co-sign, or send back.
    pub cosign: bool,
    /// Add to what is signed.
    pub amend: bool,
}

/// Reads a note.
///
/// # Errors
/// `forbidden`; `not_found`; `internal` when a signed text is not what was signed.
pub async fn open(app: &App, signed: &Signed, id: NoteId) -> Result<Opened, Problem> {
    let access = signed.access("note.read", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let note = work.expect::<Note>(id).await?;
            let relation = relation(work, signed, &note, &office).await?;
            signed.require(work, Permission::ReadNote, relation, subject(&note))?;
            intact(&note)?;
            let client = match note.header().client {
                Some(client) => work.get::<Client>(client).await?.map(|found| found.value),
                None => None,
            };
            let clinicians = people::clinicians(work).await?;
            let missing = note.reading().content.missing(note.header().kind);
            let may = possible(signed, &note, relation);
            Ok::<_, Problem>(Opened { office, note, client, clinicians, missing, may })
        })
    });
    read.await
}

fn subject(note: &Note) -> Subject {
    Subject::new("note").id(note.header().id.uuid()).client(note.header().client)
}

fn intact(note: &Note) -> Result<(), Problem> {
    note.verify().map_err(|tampered| {
        tracing::error!(note = %note.header().id, error = &tampered as &dyn std::error::Error, "note is not intact");
        Problem::internal(sentence(&tampered))
    })
}

fn possible(signed: &Signed, note: &Note, relation: Relation) -> Possible {
    let may = |wanted| decide(&signed.roles, wanted, relation).is_allowed();
    let (me, writable) =
        (signed.clinician, matches!(note.status(), NoteStatus::Draft | NoteStatus::ReturnedForRevision));
    let signed_off = matches!(note.status(), NoteStatus::Signed | NoteStatus::Cosigned | NoteStatus::Locked);
    let belongs = me == Some(note.header().author) || (me.is_some() && me == note.cosigner());
    Possible {
        edit: writable && may(Permission::SignNote),
        sign: writable && may(Permission::SignNote),
        cosign: note.status() == NoteStatus::PendingCosign
            && me.is_some()
            && me == note.cosigner()
            && may(Permission::CosignNote),
        amend: signed_off && note.is_signed_off() && belongs && may(Permission::AmendNote),
    }
}

/// Looks up how the person stands to a note: wrote it, supervises its author, treats the client.
async fn relation(
    work: &mut Reading<'_>,
    signed: &Signed,
    note: &Note,
    office: &Office,
) -> Result<Relation, StoreError> {
    let header = note.header();
    let mut relation = match header.client {
        Some(client) => match work.get::<Client>(client).await? {
            Some(client) => people::to_client(work, signed, &client, office.today).await?,
            None => Relation::default(),
        },
        None => Relation::default(),
    };
    let Some(me) = signed.clinician else { return Ok(relation) };
    relation.author = header.author == me;
    relation.supervises = note.cosigner() == Some(me)
        || people::supervises(work, me, header.author, header.service_date).await?
        || people::supervises(work, me, header.author, office.today).await?;
    Ok(relation)
}

/// Something somebody does to a note.
#[derive(Debug, Clone)]
pub enum Act {
    /// Writes it.
    Edit(Box<NoteContent>),
    /// Signs it as its author, agreeing to the text of this name.
    Sign(String),
    /// Co-signs it, agreeing to the text of this name.
    Cosign(String),
    /// Sends it back to its author.
    Return(NoteText),
    /// Adds to it.
    Amend(Box<AmendmentText>),
}

impl Act {
    const fn activity(&self) -> &'static str {
        match self {
            Self::Edit(_) => "note.edit",
            Self::Sign(_) => "note.sign",
            Self::Cosign(_) => "note.cosign",
            Self::Return(_) => "note.return",
            Self::Amend(_) => "note.amend",
        }
    }

    const fn wants(&self) -> Permission {
        match self {
            Self::Edit(_) | Self::Sign(_) => Permission::SignNote,
            Self::Cosign(_) | Self::Return(_) => Permission::CosignNote,
            Self::Amend(_) => Permission::AmendNote,
        }
    }
}

/// Does something to a note in the version the person saw.
///
/// # Errors
/// `conflict` when the note's status does not admit it or it was changed meanwhile; `invalid` with everything that is
/// missing; `forbidden`; `not_found`.
pub async fn act(
    app: &App,
    signed: &Signed,
    (id, version): (NoteId, u64),
    deed: &Act,
) -> Result<Versioned<Note>, Problem> {
    let access = signed.access(deed.activity(), Purpose::Treatment);
    let (access, me) = (&access, clinician(signed)?);
    let acted = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let note = work.expect::<Note>(id).await?;
            let relation = relation(work, signed, &note, &office).await?;
            signed.require(work, deed.wants(), relation, subject(&note))?;
            let old = current::<Note>(work, id, version).await?.value;
            let was_done = old.is_signed_off();
            let value = apply(work, access, me, old, deed, &office).await?;
            let version = work.update(&value, version).await?;
            if value.is_signed_off() && !was_done && value.header().kind.rules().billable {
                let payload = serde_json::json!({ "note": id });
                work.insert(&Job::new(app.new_id(), CHARGE_QUEUE, payload, office.now)?).await?;
            }
            Ok::<_, Problem>(Versioned { version, value })
        })
    });
    let done = acted.await?;
    app.work_is_waiting();
    Ok(done)
}

async fn apply(
    work: &mut Writing<'_>,
    access: &Access,
    me: ClinicianId,
    note: Note,
    deed: &Act,
    office: &Office,
) -> Result<Note, Problem> {
    let supervisor = |missing: &str| Problem::conflict(format!("Your account has no clinician's record{missing}."));
    Ok(match deed {
        Act::Edit(content) => note.edit(me, (**content).clone(), office.now)?,
        Act::Sign(text) => {
            let cosignature = cosignature(work, &note).await?;
            note.sign(signing(access, me, AUTHOR, text)?, cosignature)?
        }
        Act::Cosign(text) => {
            let found = work.get::<Clinician>(me).await?.ok_or_else(|| supervisor(""))?;
            note.cosign(signing(access, me, COSIGNER, text)?, &found)?
        }
        Act::Return(comment) => note.return_for_revision(me, office.now, comment)?,
        Act::Amend(added) => note.amend(signing(access, me, AUTHOR, AUTHOR.0)?, (**added).clone())?,
    })
}

/// Decides who co-signs: by the supervision on the day of the service, and by the rules of the payer billed first.
async fn cosignature(work: &mut Reading<'_>, note: &Note) -> Result<Cosignature, Problem> {
    let header = note.header();
    let author = named::<Clinician>(work, header.author, "author").await?;
    let mut payer = None;
    if let Some(client) = header.client {
        let all = work.find_all(Find::<Coverage>::new().with(Term::plain("client", &client))).await?;
        let in_force = Coverage::in_force_on(all.iter().map(|coverage| &coverage.value), header.service_date);
        let in_force = in_force.map_err(|error| Problem::conflict(sentence(&error)))?;
        if let Some(first) = in_force.first() {
            payer = work.get::<Payer>(first.payer).await?;
        }
    }
    let rules = payer.as_ref().map(|payer| &payer.rules);
    Ok(Cosignature::needed(&author, header.kind, rules, header.service_date)?)
}

/// Describes a signature made in this session. Its strength is that of the session, which is re-checked by each request.
fn signing(
    access: &Access,
    by: ClinicianId,
    (id, version, _): (&str, u32, &str),
    agreed: &str,
) -> Result<Signing, Problem> {
    if agreed != id {
        return Err(Problem::field("attestation", "must be agreed to"));
    }
    let assurance = match &access.actor {
        Actor::User(user) => user.assurance,
        _ => 0,
    };
    let origin = access.origin.as_ref();
    let agent = origin.and_then(|origin| origin.user_agent.as_deref());
    let agent: Option<String> = agent.map(|agent| agent.chars().take(256).collect());
    Ok(Signing {
        by,
        at: access.at,
        attestation: Attestation { id: AttestationId::parse(id)?, version },
        method: if assurance >= 2 { SignatureMethod::Mfa } else { SignatureMethod::Password },
        address: origin.and_then(|origin| origin.address.parse::<IpAddr>().ok()),
        user_agent: agent.and_then(|agent| UserAgent::parse(agent).ok()),
    })
}

fn clinician(signed: &Signed) -> Result<ClinicianId, Problem> {
    signed.clinician.ok_or_else(|| Problem::forbidden("Notes are written and signed by clinicians."))
}

/// What waits for a clinician.
#[derive(Debug)]
pub struct Worklist {
    /// The practice.
    pub office: Office,
    /// Notes to write or to revise, the oldest service first.
    pub drafts: Vec<Versioned<Note>>,
    /// Notes that wait for this person's co-signature.
    pub cosign: Vec<Versioned<Note>>,
    /// Own sessions of the last weeks that took place and have no note.
    pub unwritten: Vec<Versioned<Appointment>>,
    /// The clients named in them.
    pub clients: Vec<Client>,
    /// Everybody who treats.
    pub clinicians: Vec<Clinician>,
    /// Notes that cannot be opened.
    pub damaged: Vec<uuid::Uuid>,
}

/// Lists what waits for the signed-in clinician.
///
/// # Errors
/// `forbidden` for who writes no notes; as the store.
pub async fn worklist(app: &App, signed: &Signed) -> Result<Worklist, Problem> {
    let access = signed.access("note.worklist", Purpose::Treatment);
    let (access, me) = (&access, clinician(signed)?);
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let own = Relation { author: true, supervises: true, own_client: true, ..Relation::default() };
            signed.require(work, Permission::ReadNote, own, Subject::new("note"))?;
            let open = [NoteStatus::Draft, NoteStatus::ReturnedForRevision];
            let drafts = Find::<Note>::new()
                .with(Term::plain("author", &me))
                .with_any(open.map(|status| Term::plain("status", status.name())));
            let Page { items: drafts, damaged, .. } = work.find(&drafts.limit(200)).await?;
            let cosign = Find::<Note>::new().with(Term::plain("cosigner", &me)).limit(200);
            let cosign = work.find(&cosign).await?.items;
            let unwritten = unwritten(work, me, &office).await?;
            let noted = drafts.iter().chain(&cosign).filter_map(|note| note.header().client);
            let mut ids: Vec<ClientId> = noted.chain(unwritten.iter().map(|a| a.plan().client)).collect();
            ids.sort_unstable();
            ids.dedup();
            let mut clients = Vec::with_capacity(ids.len());
            for id in ids {
                clients.extend(work.get::<Client>(id).await?.map(|found| found.value));
            }
            let clinicians = people::clinicians(work).await?;
            Ok::<_, Problem>(Worklist { office, drafts, cosign, unwritten, clients, clinicians, damaged })
        })
    });
    read.await
}

async fn unwritten(
    work: &mut Reading<'_>,
    me: ClinicianId,
    office: &Office,
) -> Result<Vec<Versioned<Appointment>>, StoreError> {
    let since = office.now - chrono::TimeDelta::days(28);
    let held = Find::<Appointment>::new()
        .with(Term::plain("clinician", &me))
        .with(Term::plain("status", AppointmentStatus::Completed.name()))
        .from(since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let mut unwritten = Vec::new();
    for appointment in work.find(&held.limit(200)).await?.items {
        let notes = Find::<Note>::new().with(Term::plain("appointment", &appointment.id())).limit(1);
        if work.find(&notes).await?.items.is_empty() {
            unwritten.push(appointment);
        }
    }
    Ok(unwritten)
}

impl From<NoteError> for Problem {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Incomplete(missing) => {
                let problem = Self::invalid("The note is not complete.");
                missing
                    .iter()
                    .fold(problem, |problem, missing| problem.with_error(missing_field(*missing), missing.to_string()))
            }
            NoteError::WrongHeader(..) => Self::invalid(sentence(&error)),
            NoteError::NotTheAuthor | NoteError::NotTheCosigner | NoteError::MayNotAmend | NoteError::OwnNote => {
                Self::forbidden(sentence(&error))
            }
            other => Self::conflict(sentence(&other)),
        }
    }
}

/// Names the field of the editor that a missing thing belongs to.
#[must_use]
pub const fn missing_field(missing: Missing) -> &'static str {
    match missing {
        Missing::Section(section) => section.name(),
        Missing::Diagnosis | Missing::NoDiagnosisAllowed => "diagnoses",
        Missing::Times | Missing::NoTimesAllowed => "times",
        Missing::ReviewDate => "review_on",
        _ => "note",
    }
}
