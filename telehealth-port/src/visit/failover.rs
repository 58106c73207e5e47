//! Another video service in the place of one that is down, as long as nobody holds a credential for the first.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Change, Room, Visit, VisitError, VisitEvent};
use crate::guard::ProviderAgreement;
use crate::provider::{IdempotencyKey, ProviderId, Region, RoomHandle};

/// A room the visit gave up and that must not stay open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stray {
    /// Asked for without an answer: opening it by its key finds it.
    Asked {
        /// Of which service.
        provider: ProviderId,
        /// Its name.
        key: IdempotencyKey,
    },
    /// It was open.
    Known(Box<RoomHandle>),
}

impl Stray {
    /// Returns the room's name.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        match self {
            Self::Asked { key, .. } => key,
            Self::Known(handle) => &handle.key,
        }
    }

    /// Returns whose room it is.
    #[must_use]
    pub const fn provider(&self) -> &ProviderId {
        match self {
            Self::Asked { provider, .. } => provider,
            Self::Known(handle) => &handle.provider,
        }
    }
}

impl Visit {
    /// Moves the visit to another video service because the present one does not open the first room.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] unless the first room was asked for and never opened; [`VisitError::NoAgreement`] unless
    /// the agreement covers the new service; [`VisitError::Invalid`] for the service it is at.
    pub fn fail_over(
        &mut self,
        to: ProviderId,
        region: Option<Region>,
        agreement: Option<&ProviderAgreement>,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| {
            let visit = &draft.visit;
            if !visit.state.is_live() || visit.generation != 1 || !matches!(visit.room, Room::Requested(_)) {
                return Err(visit.not_now("changing the video service"));
            }
            if to == visit.provider {
                return Err(VisitError::Invalid("the visit is at this video service already"));
            }
            if !agreement.is_some_and(|a| a.covers(&to, now.date_naive())) {
                return Err(VisitError::NoAgreement);
            }
            draft.emit(Change::FailedOver { to, region });
            Ok(())
        })
    }

    /// Records that a room that was given up is closed.
    pub fn stray_closed(&mut self, provider: &ProviderId, key: &IdempotencyKey, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |draft| {
            if draft.visit.strays.iter().any(|stray| stray.key() == key && stray.provider() == provider) {
                draft.emit(Change::StrayClosed { provider: provider.clone(), key: key.clone() });
            }
        })
    }
}
