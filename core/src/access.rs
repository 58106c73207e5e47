//! Who may do what: a decision by roles and by how the actor stands to the record. Nothing is allowed that no line of
//! the table allows. Clinical text is for those who treat; an administrator does not read it.

use std::fmt;

use crate::Role;

/// Something an actor wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// Create accounts, give roles, end sessions.
    ManageUsers,
    /// Change the practice, its locations, clinicians and policies.
    ManagePractice,
    /// Change payers and fee schedules.
    ManagePayers,
    /// Read the audit trail.
    ReadAudit,
    /// Read a client's demographics and contacts.
    ReadClient,
    /// Change them.
    EditClient,
    /// Read a client's coverages.
    ReadCoverage,
    /// Change them.
    EditCoverage,
    /// Read a client's appointments. Which times are free is no secret.
    ReadSchedule,
    /// Book, move, cancel, check in.
    EditSchedule,
    /// Ask for an appointment.
    RequestAppointment,
    /// Read what a note says.
    ReadNote,
    /// Read a note's diagnoses, times and kind.
    ReadNoteBilling,
    /// Begin a note about a client.
    BeginNote,
    /// Write and sign a note that is not signed.
    SignNote,
    /// Co-sign a note or send it back.
    CosignNote,
    /// Add to a signed note.
    AmendNote,
    /// Lock notes and give leave to open a locked one.
    UnlockNote,
    /// Read charges, claims and the ledger.
    ReadBilling,
    /// Make charges, file claims.
    EditBilling,
    /// Post payments and adjustments.
    PostPayment,
    /// Read an own statement.
    ReadStatement,
    /// Join a telehealth session.
    JoinVisit,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 23] = [
        Self::ManageUsers,
        Self::ManagePractice,
        Self::ManagePayers,
        Self::ReadAudit,
        Self::ReadClient,
        Self::EditClient,
        Self::ReadCoverage,
        Self::EditCoverage,
        Self::ReadSchedule,
        Self::EditSchedule,
        Self::RequestAppointment,
        Self::ReadNote,
        Self::ReadNoteBilling,
        Self::BeginNote,
        Self::SignNote,
        Self::CosignNote,
        Self::AmendNote,
        Self::UnlockNote,
        Self::ReadBilling,
        Self::EditBilling,
        Self::PostPayment,
        Self::ReadStatement,
        Self::JoinVisit,
    ];
}

/// How the actor stands to the record. Nothing holds unless it was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Relation {
    /// Treats the client.
    pub own_client: bool,
    /// Wrote the note.
    pub author: bool,
    /// Supervises the note's author, or the clinician who treats the client, on the day in question.
    pub supervises: bool,
    /// Is the client.
    pub is_client: bool,
    /// Is a guardian of the client, with the power in force.
    pub guardian: bool,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Go on.
    Allow,
    /// Stop, and say why.
    Deny {
        /// Why.
        reason: DenyReason,
    },
}

impl Decision {
    /// Returns whether the answer is yes.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow)
    }
}

/// Why the answer is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DenyReason {
    /// The actor holds no role.
    #[error("no role is held")]
    NoRole,
    /// No role held allows this.
    #[error("no role held allows this")]
    Role,
    /// Allowed, but only under a condition that does not hold.
    #[error("allowed only {0}")]
    Only(Condition),
}

/// Under which condition a role may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// Always.
    Always,
    /// The client is the actor's own.
    OwnClient,
    /// The client is the actor's own, or of somebody the actor supervises.
    OwnOrSupervised,
    /// The actor wrote the note.
    Author,
    /// The actor supervises the author.
    Supervisor,
    /// The actor wrote the note or supervises the author.
    AuthorOrSupervisor,
    /// The actor is the client.
    Client,
    /// The actor is the client's guardian.
    Guardian,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::OwnClient => "for own clients",
            Self::OwnOrSupervised => "for own or supervised clients",
            Self::Author => "for the author",
            Self::Supervisor => "for the author's supervisor",
            Self::AuthorOrSupervisor => "for the author or the author's supervisor",
            Self::Client => "for the own record",
            Self::Guardian => "for the record of a ward",
        })
    }
}

impl Condition {
    const fn holds(self, relation: Relation) -> bool {
        match self {
            Self::Always => true,
            Self::OwnClient => relation.own_client,
            Self::OwnOrSupervised => relation.own_client || relation.supervises,
            Self::Author => relation.author,
            Self::Supervisor => relation.supervises && !relation.author,
            Self::AuthorOrSupervisor => relation.author || relation.supervises,
            Self::Client => relation.is_client,
            Self::Guardian => relation.guardian,
        }
    }
}

/// Decides whether an actor with `roles` may do `wanted` to a record it stands to by `relation`.
#[must_use]
pub fn decide(roles: &[Role], wanted: Permission, relation: Relation) -> Decision {
    if roles.is_empty() {
        return Decision::Deny { reason: DenyReason::NoRole };
    }
    let conditions = || roles.iter().filter_map(|role| condition(*role, wanted));
    if conditions().any(|condition| condition.holds(relation)) {
        return Decision::Allow;
    }
    Decision::Deny { reason: conditions().min().map_or(DenyReason::Role, DenyReason::Only) }
}

/// Returns under which condition `role` may do `wanted`; `None`: never.
#[must_use]
pub const fn condition(role: Role, wanted: Permission) -> Option<Condition> {
    match role {
        Role::Administrator => administrator(wanted),
        Role::Supervisor => supervisor(wanted),
        Role::Clinician | Role::Associate => clinician(wanted),
        Role::Billing => billing(wanted),
        Role::FrontDesk => front_desk(wanted),
        Role::Client => portal(wanted, Condition::Client),
        Role::Guardian => portal(wanted, Condition::Guardian),
    }
}

const fn administrator(wanted: Permission) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ManageUsers
        | P::ManagePractice
        | P::ManagePayers
        | P::ReadAudit
        | P::ReadClient
        | P::EditClient
        | P::ReadCoverage
        | P::EditCoverage
        | P::ReadSchedule
        | P::EditSchedule
        | P::UnlockNote
        | P::ReadBilling => Some(Condition::Always),
        P::RequestAppointment
        | P::ReadNote
        | P::ReadNoteBilling
        | P::BeginNote
        | P::SignNote
        | P::CosignNote
        | P::AmendNote
        | P::EditBilling
        | P::PostPayment
        | P::ReadStatement
        | P::JoinVisit => None,
    }
}

const fn supervisor(wanted: Permission) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ReadClient | P::ReadCoverage | P::ReadSchedule => Some(Condition::OwnOrSupervised),
        P::ReadNote | P::ReadNoteBilling | P::AmendNote => Some(Condition::AuthorOrSupervisor),
        P::CosignNote | P::UnlockNote => Some(Condition::Supervisor),
        P::ManageUsers
        | P::ManagePractice
        | P::ManagePayers
        | P::ReadAudit
        | P::EditClient
        | P::EditCoverage
        | P::EditSchedule
        | P::RequestAppointment
        | P::BeginNote
        | P::SignNote
        | P::ReadBilling
        | P::EditBilling
        | P::PostPayment
        | P::ReadStatement
        | P::JoinVisit => None,
    }
}

const fn clinician(wanted: Permission) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ReadClient
        | P::EditClient
        | P::ReadCoverage
        | P::ReadSchedule
        | P::EditSchedule
        | P::ReadNote
        | P::ReadNoteBilling
        | P::BeginNote
        | P::JoinVisit => Some(Condition::OwnClient),
        P::SignNote | P::AmendNote => Some(Condition::Author),
        P::ManageUsers
        | P::ManagePractice
        | P::ManagePayers
        | P::ReadAudit
        | P::EditCoverage
        | P::RequestAppointment
        | P::CosignNote
        | P::UnlockNote
        | P::ReadBilling
        | P::EditBilling
        | P::PostPayment
        | P::ReadStatement => None,
    }
}

const fn billing(wanted: Permission) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ManagePayers
        | P::ReadClient
        | P::ReadCoverage
        | P::EditCoverage
        | P::ReadSchedule
        | P::ReadNoteBilling
        | P::ReadBilling
        | P::EditBilling
        | P::PostPayment => Some(Condition::Always),
        P::ManageUsers
        | P::ManagePractice
        | P::ReadAudit
        | P::EditClient
        | P::EditSchedule
        | P::RequestAppointment
        | P::ReadNote
        | P::BeginNote
        | P::SignNote
        | P::CosignNote
        | P::AmendNote
        | P::UnlockNote
        | P::ReadStatement
        | P::JoinVisit => None,
    }
}

const fn front_desk(wanted: Permission) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ReadClient | P::EditClient | P::ReadCoverage | P::EditCoverage | P::ReadSchedule | P::EditSchedule => {
            Some(Condition::Always)
        }
        P::ManageUsers
        | P::ManagePractice
        | P::ManagePayers
        | P::ReadAudit
        | P::RequestAppointment
        | P::ReadNote
        | P::ReadNoteBilling
        | P::BeginNote
        | P::SignNote
        | P::CosignNote
        | P::AmendNote
        | P::UnlockNote
        | P::ReadBilling
        | P::EditBilling
        | P::PostPayment
        | P::ReadStatement
        | P::JoinVisit => None,
    }
}

const fn portal(wanted: Permission, whose: Condition) -> Option<Condition> {
    use Permission as P;
    match wanted {
        P::ReadClient | P::ReadCoverage | P::ReadSchedule | P::RequestAppointment | P::ReadStatement | P::JoinVisit => {
            Some(whose)
        }
        P::ManageUsers
        | P::ManagePractice
        | P::ManagePayers
        | P::ReadAudit
        | P::EditClient
        | P::EditCoverage
        | P::EditSchedule
        | P::ReadNote
        | P::ReadNoteBilling
        | P::BeginNote
        | P::SignNote
        | P::CosignNote
        | P::AmendNote
        | P::UnlockNote
        | P::ReadBilling
        | P::EditBilling
        | P::PostPayment => None,
    }
}
