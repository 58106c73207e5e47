//! What must hold before somebody is let into a visit: policy as data, every refusal with its reason.
//!
//! Missing facts refuse. An override is a named person's reason for named guards, and only where the policy allows it;
//! capacity and the agreement with the video service are never overridden.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_core::{ClientId, Invalid, Phi, UsState};
use serde::{Deserialize, Serialize};

use crate::consent::{ConsentStatus, LocationAttestation, Signer, TelehealthConsent};
use crate::provider::ProviderId;
use crate::visit::Minutes;

/// One thing that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// A telehealth consent holds.
    Consent,
    /// A guardian consented for a minor.
    GuardianConsent,
    /// The client said where they are.
    Location,
    /// The clinician may treat somebody there.
    Licence,
    /// There is somebody to call.
    EmergencyContact,
    /// There is a seat.
    Capacity,
    /// The video service signed a business associate agreement (45 CFR 164.504(e)).
    Agreement,
}

/// Which guards apply and which may be overridden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionPolicy {
    /// Counts up with each change; kept with every admission.
    pub version: u32,
    /// How old the client's word on their location may be. Stands for "today", which depends on the zone.
    pub location_max_age: Minutes,
    /// The oldest consent version still accepted, of whichever text.
    pub min_consent_version: u32,
    /// What may be overridden with a reason.
    pub overridable: BTreeSet<Guard>,
}

impl Default for AdmissionPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            location_max_age: Minutes(12 * 60),
            min_consent_version: 1,
            overridable: [Guard::Location, Guard::Licence, Guard::EmergencyContact].into(),
        }
    }
}

impl AdmissionPolicy {
    /// Tells whether a guard may be overridden with a reason.
    #[must_use]
    pub fn permits_override(&self, guard: Guard) -> bool {
        match guard {
            Guard::Capacity | Guard::Agreement => false,
            Guard::Consent | Guard::GuardianConsent | Guard::Location | Guard::Licence | Guard::EmergencyContact => {
                self.overridable.contains(&guard)
            }
        }
    }

    /// Returns the refusals that an override does not lift.
    #[must_use]
    pub fn standing(&self, refusals: Vec<Refusal>, overridden: Option<&Override>) -> Vec<Refusal> {
        let lifted = |guard| self.permits_override(guard) && overridden.is_some_and(|o| o.guards.contains(&guard));
        refusals.into_iter().filter(|refusal| !refusal.guard().is_some_and(lifted)).collect()
    }

    /// Checks everything and returns every refusal, in a fixed order.
    #[must_use]
    pub fn check(&self, subject: &Subject<'_>, facts: &AdmissionFacts<'_>, now: DateTime<Utc>) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if let Some(id) = subject.client {
            match &facts.client {
                Some(client) => self.check_client(id, client, subject.location, now, &mut refusals),
                None => refusals.push(Refusal::FactsMissing),
            }
        }
        if subject.occupied >= subject.capacity {
            refusals.push(Refusal::Full { capacity: subject.capacity });
        }
        if !facts.agreement.is_some_and(|agreement| agreement.covers(subject.provider, now.date_naive())) {
            refusals.push(Refusal::NoAgreement);
        }
        refusals
    }

    fn check_client(
        &self,
        id: ClientId,
        client: &ClientFacts<'_>,
        location: Option<&LocationAttestation>,
        now: DateTime<Utc>,
        refusals: &mut Vec<Refusal>,
    ) {
        refusals.extend(self.check_consent(id, client.consent, now));
        if let Age::Minor { guardian_consent } = client.age {
            let by_guardian = guardian_consent.filter(|consent| consent.signer() != Signer::Client);
            if self.check_consent(id, by_guardian, now).is_some() {
                refusals.push(Refusal::GuardianConsentMissing);
            }
        }
        match location {
            None => refusals.extend([Refusal::LocationMissing, Refusal::LicenceUnknown]),
            Some(place) => {
                let fresh = place.at <= now && now.signed_duration_since(place.at) <= self.location_max_age.delta();
                if !fresh {
                    refusals.push(Refusal::LocationStale);
                }
                if !client.licences.iter().any(|licence| licence.covers(place.state(), now.date_naive())) {
                    refusals.push(Refusal::NotLicensed { state: place.state().clone() });
                }
            }
        }
        if client.emergency_contact == EmergencyContact::Missing {
            refusals.push(Refusal::EmergencyContactMissing);
        }
    }

    fn check_consent(
        &self,
        client: ClientId,
        consent: Option<&TelehealthConsent>,
        now: DateTime<Utc>,
    ) -> Option<Refusal> {
        let own = consent.filter(|consent| consent.client_id() == client);
        let Some(consent) = own else { return Some(Refusal::ConsentMissing) };
        match consent.status(now) {
            ConsentStatus::Valid if consent.text().version < self.min_consent_version => Some(Refusal::ConsentOutdated),
            ConsentStatus::Valid => None,
            ConsentStatus::NotYet => Some(Refusal::ConsentMissing),
            ConsentStatus::Expired => Some(Refusal::ConsentExpired),
            ConsentStatus::Revoked => Some(Refusal::ConsentRevoked),
        }
    }
}

/// Who asks to come in, as the visit knows them.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The client, to whom the clinical guards apply; `None` for everybody else.
    pub client: Option<ClientId>,
    /// What the client said about their place during this visit.
    pub location: Option<&'a LocationAttestation>,
    /// Seats taken already.
    pub occupied: u32,
    /// Seats there are: the lower of the practice's limit and what the video service leaves after bots.
    pub capacity: u32,
    /// The service that carries the visit.
    pub provider: &'a ProviderId,
}

/// What the practice knows, read by the caller just before the admission.
#[derive(Debug, Clone, Copy, Default)]
pub struct AdmissionFacts<'a> {
    /// Needed for clients.
    pub client: Option<ClientFacts<'a>>,
    /// The agreement with the video service.
    pub agreement: Option<&'a ProviderAgreement>,
    /// The service's own limit of people per room.
    pub provider_seats: Option<u32>,
}

/// What the practice knows about a client and the clinician who treats them.
#[derive(Debug, Clone, Copy)]
pub struct ClientFacts<'a> {
    /// The newest telehealth consent, whoever signed it; one of another client counts as none.
    pub consent: Option<&'a TelehealthConsent>,
    /// Whether a guardian has to consent as well.
    pub age: Age<'a>,
    /// Where the clinician may practise.
    pub licences: &'a [Licence],
    /// Whether somebody can be called.
    pub emergency_contact: EmergencyContact,
}

/// Whether a guardian has to consent, by the law of the client's state, which the caller knows.
#[derive(Debug, Clone, Copy)]
pub enum Age<'a> {
    /// Consents alone.
    Adult,
    /// Needs a guardian's consent.
    Minor {
        /// The newest one signed by a guardian or representative; it may be the same.
        guardian_consent: Option<&'a TelehealthConsent>,
    },
}

/// Whether an emergency contact is on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmergencyContact {
    /// On file.
    OnFile,
    /// Not on file.
    Missing,
}

/// A clinician's right to practise in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Where.
    pub state: UsState,
    /// On what ground.
    pub ground: LicenceGround,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub until: Option<NaiveDate>,
}

/// On what ground somebody may practise in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LicenceGround {
    /// A licence of that state.
    Licence,
    /// An interstate compact.
    Compact,
    /// A temporary or telehealth-only permit.
    Permit,
}

impl Licence {
    /// Tells whether it covers a state on a day.
    #[must_use]
    pub fn covers(&self, state: &UsState, day: NaiveDate) -> bool {
        self.state == *state && self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// A signed business associate agreement with a video service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderAgreement {
    /// With whom.
    pub provider: ProviderId,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub until: Option<NaiveDate>,
}

impl ProviderAgreement {
    /// Tells whether it covers a service on a day.
    #[must_use]
    pub fn covers(&self, provider: &ProviderId, day: NaiveDate) -> bool {
        self.provider == *provider && self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The client's facts were not given at all.
    FactsMissing,
    /// No telehealth consent.
    ConsentMissing,
    /// It lapsed.
    ConsentExpired,
    /// It was taken back.
    ConsentRevoked,
    /// It is under a wording no longer accepted.
    ConsentOutdated,
    /// No guardian's consent that holds.
    GuardianConsentMissing,
    /// The client has not said where they are.
    LocationMissing,
    /// That was too long ago.
    LocationStale,
    /// Without a place no licence can be checked.
    LicenceUnknown,
    /// The clinician may not practise there.
    NotLicensed {
        /// Where the client is.
        state: UsState,
    },
    /// Nobody to call.
    EmergencyContactMissing,
    /// No seat left.
    Full {
        /// Seats there are.
        capacity: u32,
    },
    /// No agreement with the video service.
    NoAgreement,
}

impl Refusal {
    /// Returns the guard that refused; `None` where facts are missing, which nobody can override.
    #[must_use]
    pub const fn guard(&self) -> Option<Guard> {
        match self {
            Self::FactsMissing => None,
            Self::ConsentMissing | Self::ConsentExpired | Self::ConsentRevoked | Self::ConsentOutdated => {
                Some(Guard::Consent)
            }
            Self::GuardianConsentMissing => Some(Guard::GuardianConsent),
            Self::LocationMissing | Self::LocationStale => Some(Guard::Location),
            Self::LicenceUnknown | Self::NotLicensed { .. } => Some(Guard::Licence),
            Self::EmergencyContactMissing => Some(Guard::EmergencyContact),
            Self::Full { .. } => Some(Guard::Capacity),
            Self::NoAgreement => Some(Guard::Agreement),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FactsMissing => f.write_str("the client's record was not consulted"),
            Self::ConsentMissing => f.write_str("telehealth consent is missing"),
            Self::ConsentExpired => f.write_str("telehealth consent has expired"),
            Self::ConsentRevoked => f.write_str("telehealth consent was revoked"),
            Self::ConsentOutdated => f.write_str("telehealth consent is under a wording no longer accepted"),
            Self::GuardianConsentMissing => f.write_str("a guardian has not consented for the minor"),
            Self::LocationMissing => f.write_str("the client has not confirmed where they are"),
            Self::LocationStale => f.write_str("the client must confirm again where they are"),
            Self::LicenceUnknown => f.write_str("no licence can be checked without knowing where the client is"),
            Self::NotLicensed { state } => write!(f, "the clinician has no licence or compact privilege in {state}"),
            Self::EmergencyContactMissing => f.write_str("no emergency contact is on file"),
            Self::Full { capacity } => write!(f, "all {capacity} seats are taken"),
            Self::NoAgreement => f.write_str("no business associate agreement covers the video service today"),
        }
    }
}

/// A decision to admit although guards refuse. Kept with the admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    guards: BTreeSet<Guard>,
    reason: Phi<String>,
}

impl Override {
    /// States the guards that are overridden and why.
    ///
    /// # Errors
    /// [`Invalid`] if the reason is blank or over 500 characters, or no guard is named.
    pub fn new(guards: impl IntoIterator<Item = Guard>, reason: impl Into<String>) -> Result<Self, Invalid> {
        let (guards, reason) = (guards.into_iter().collect::<BTreeSet<_>>(), reason.into());
        if guards.is_empty() {
            Err(Invalid::new("override", "names no guard"))
        } else if reason.trim().is_empty() || reason.chars().count() > 500 {
            Err(Invalid::new("override", "reason must have 1 to 500 characters"))
        } else {
            Ok(Self { guards, reason: Phi::new(reason) })
        }
    }

    /// Returns what is overridden.
    #[must_use]
    pub const fn guards(&self) -> &BTreeSet<Guard> {
        &self.guards
    }

    /// Returns why.
    #[must_use]
    pub const fn reason(&self) -> &Phi<String> {
        &self.reason
    }
}
