//! What a transaction touched, turned into the audit events that account for it.

use std::collections::{BTreeMap, BTreeSet};

use mentalspace_audit::{
    Action, Actor as AuditActor, Assurance, Event, Network, Object, Outcome, OutcomeKind, Purpose as Why,
};
use uuid::Uuid;

use super::{AuditRow, StoreError};
use crate::{Access, Actor, ClientId, Entropy, Purpose, draw, uuid_v7};

/// An event that is more than a read or a write: a sign-in, a refusal, an export.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The kind of action.
    pub action: Action,
    /// What was acted on.
    pub subject: Subject,
    /// How it ended.
    pub outcome: Outcome,
}

/// The thing acted on, by kind and id, and the client it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The kind, such as `note`.
    pub kind: String,
    /// Which one.
    pub id: Option<Uuid>,
    /// Its version.
    pub version: Option<u64>,
    /// Whose record it is.
    pub client: Option<ClientId>,
}

impl Subject {
    /// Names a kind of thing.
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: None, version: None, client: None }
    }

    /// Says which one.
    #[must_use]
    pub const fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Says whose record it is.
    #[must_use]
    pub const fn client(mut self, client: Option<ClientId>) -> Self {
        self.client = client;
        self
    }
}

/// What one transaction touched so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    reads: BTreeSet<Subject>,
    found: BTreeMap<String, BTreeSet<ClientId>>,
    writes: Vec<(Action, Subject)>,
    deeds: Vec<Deed>,
}

impl Account {
    pub(super) fn read(&mut self, subject: Subject) {
        self.reads.insert(subject);
    }

    pub(super) fn found(&mut self, kind: &str, clients: impl IntoIterator<Item = ClientId>) {
        self.found.entry(kind.to_owned()).or_default().extend(clients);
    }

    pub(super) fn wrote(&mut self, action: Action, subject: Subject) {
        self.writes.push((action, subject));
    }

    pub(super) fn deed(&mut self, deed: Deed) {
        self.deeds.push(deed);
    }

    /// Forgets what was undone; what was seen stays seen, and what was denied stays denied.
    pub(super) fn undone(mut self) -> Self {
        self.writes.clear();
        self.deeds.retain(|deed| deed.outcome.kind == OutcomeKind::Denied);
        self
    }

    /// Builds the events: one for each document read, written or acted on, one for each kind that was searched and
    /// each 500 clients found.
    pub(super) fn rows(self, access: &Access, entropy: &dyn Entropy) -> Result<Vec<AuditRow>, StoreError> {
        let mut rows = Vec::new();
        let mut add = |action: Action, subject: &Subject, clients: &[Uuid], outcome: Outcome| {
            rows.push(row(access, action, subject, clients, outcome, entropy)?);
            Ok::<_, StoreError>(())
        };
        let one = |subject: &Subject| subject.client.map(Uuid::from).into_iter().collect::<Vec<_>>();
        for subject in &self.reads {
            add(Action::Read, subject, &one(subject), Outcome::success())?;
        }
        for (kind, clients) in &self.found {
            let clients: Vec<Uuid> = clients.iter().map(|client| client.uuid()).collect();
            let mut parts = clients.chunks(mentalspace_audit::event::MAX_CLIENTS);
            let first = parts.next().unwrap_or_default();
            for part in std::iter::once(first).chain(parts) {
                add(Action::Query, &Subject::new(kind), part, Outcome::success())?;
            }
        }
        for (action, subject) in self.writes {
            add(action, &subject, &one(&subject), Outcome::success())?;
        }
        for Deed { action, subject, outcome } in self.deeds {
            add(action, &subject, &one(&subject), outcome)?;
        }
        Ok(rows)
    }
}

fn row(
    access: &Access,
    action: Action,
    subject: &Subject,
    clients: &[Uuid],
    outcome: Outcome,
    entropy: &dyn Entropy,
) -> Result<AuditRow, StoreError> {
    let mut object = Object::new(&subject.kind);
    object.id = subject.id;
    object.version = subject.version;
    let id = uuid_v7(access.at, draw(entropy));
    let (actor, user) = actor(&access.actor);
    let mut event = Event::new(id, access.practice.uuid(), access.at, actor, access.activity, action, object)
        .with_clients(clients.iter().copied())
        .with_purpose(purpose(access.purpose))
        .with_outcome(outcome);
    if let Some(trace) = &access.trace {
        event = event.with_trace_id(trace);
    }
    if let Some(origin) = &access.origin
        && let Ok(address) = origin.address.parse()
    {
        let network = Network::new(address);
        event = event.with_network(match &origin.user_agent {
            Some(agent) => network.with_user_agent(agent),
            None => network,
        });
    }
    let encoded = event.encode().map_err(|e| StoreError::Unaccountable(e.into()))?;
    Ok(AuditRow {
        id,
        leaf: *encoded.leaf_hash().as_bytes(),
        bytes: encoded.into_bytes(),
        recorded_at: access.at,
        activity: access.activity.to_owned(),
        user,
        clients: clients.to_vec(),
    })
}

fn actor(actor: &Actor) -> (AuditActor, Option<Uuid>) {
    let user = match actor {
        Actor::User(user) => user,
        Actor::Guest(guest) => {
            let recorded = AuditActor::user(guest.participant)
                .with_role(format!("visit-{}", guest.role))
                .with_session(mentalspace_audit::Hash::new(guest.session))
                .with_assurance(Assurance::Aal1, guest.factors.iter().cloned());
            return (recorded, Some(guest.participant));
        }
        Actor::System => return (AuditActor::system(), None),
        Actor::Anonymous => return (AuditActor::anonymous(), None),
    };
    let level = match user.assurance {
        1 => Assurance::Aal1,
        2 => Assurance::Aal2,
        _ => Assurance::Aal3,
    };
    let roles = user.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join("+");
    // A program of the practice holds no role.
    let role = if roles.is_empty() { "program".to_owned() } else { roles };
    let recorded = AuditActor::user(user.user.uuid())
        .with_role(role)
        .with_session(mentalspace_audit::Hash::new(user.session))
        .with_assurance(level, user.factors.iter().cloned());
    (recorded, Some(user.user.uuid()))
}

const fn purpose(purpose: Purpose) -> Why {
    match purpose {
        Purpose::Treatment => Why::Treatment,
        Purpose::Payment => Why::Payment,
        Purpose::Operations => Why::Operations,
        Purpose::ClientRequest => Why::ClientRequest,
        Purpose::Emergency => Why::EmergencyTreatment,
    }
}
