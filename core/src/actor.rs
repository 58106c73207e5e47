//! Who acts, and why: what every access to a record must say.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{PracticeId, UserId};

/// What a person does in the practice. A person may hold several roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Runs the practice and its accounts.
    Administrator,
    /// Answers for supervised clinicians and co-signs.
    Supervisor,
    /// Treats clients and signs notes.
    Clinician,
    /// Treats clients under supervision; notes need a co-signature.
    Associate,
    /// Files claims and posts payments.
    Billing,
    /// Books and checks in.
    FrontDesk,
    /// Receives care; sees the own record through the portal.
    Client,
    /// Acts for a client.
    Guardian,
}

impl Role {
    /// Returns the name used on the wire and in the audit trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Supervisor => "supervisor",
            Self::Clinician => "clinician",
            Self::Associate => "associate",
            Self::Billing => "billing",
            Self::FrontDesk => "front_desk",
            Self::Client => "client",
            Self::Guardian => "guardian",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A signed-in person.
    User(UserActor),
    /// Somebody with an invitation to one visit.
    Guest(GuestActor),
    /// The system itself: a job, a migration, the first set-up.
    System,
    /// Nobody known yet, such as a failed sign-in.
    Anonymous,
}

/// Somebody with an invitation to one visit, such as a client or an interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestActor {
    /// Their part in the visit.
    pub participant: Uuid,
    /// As what they were invited, such as `client`.
    pub role: String,
    /// SHA-256 of the token the browser holds, never the token.
    pub session: [u8; 32],
    /// What they showed, such as `link`, `birth_date`.
    pub factors: Vec<String>,
}

/// A signed-in person and the session the act belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserActor {
    /// The person.
    pub user: UserId,
    /// The roles held.
    pub roles: Vec<Role>,
    /// SHA-256 of the session token, never the token.
    pub session: [u8; 32],
    /// Authenticator assurance level, 1 to 3 (NIST SP 800-63B-4 §2).
    pub assurance: u8,
    /// The factors used, such as `password`, `totp`.
    pub factors: Vec<String>,
}

/// Why a record is touched (HL7 v3 PurposeOfUse).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// TREAT.
    Treatment,
    /// HPAYMT.
    Payment,
    /// HOPERAT.
    Operations,
    /// PATRQT.
    ClientRequest,
    /// ETREAT.
    Emergency,
}

/// The account of one access: who does what, why, when and from where. Every transaction begins with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The practice whose records are touched.
    pub practice: PracticeId,
    /// Who acts.
    pub actor: Actor,
    /// What is being done, a dotted verb such as `note.sign`.
    pub activity: &'static str,
    /// Why.
    pub purpose: Purpose,
    /// When.
    pub at: DateTime<Utc>,
    /// The request, job or command this belongs to.
    pub trace: Option<String>,
    /// The caller's network address and user agent, as far as known.
    pub origin: Option<Origin>,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// IP address in text.
    pub address: String,
    /// User agent, bounded when recorded.
    pub user_agent: Option<String>,
}

impl Access {
    /// Begins the account of something the system does by itself.
    #[must_use]
    pub const fn system(practice: PracticeId, activity: &'static str, at: DateTime<Utc>) -> Self {
        Self { practice, actor: Actor::System, activity, purpose: Purpose::Operations, at, trace: None, origin: None }
    }
}

/// A source of random bytes from an approved generator; passed in, because the domain has none of its own.
pub trait Entropy: std::fmt::Debug + Send + Sync {
    /// Fills `bytes` completely.
    fn fill(&self, bytes: &mut [u8]);
}

/// Draws a random array.
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
