//! The ways out of a visit.

use chrono::{DateTime, Utc};

use super::{CancelReason, Change, EndReason, Participant, Visit, VisitError, VisitEvent, VisitState};
use crate::ParticipantId;

impl Visit {
    /// Ends the visit for everybody. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`VisitError::NotHost`]; [`VisitError::NotNow`] before anybody was let in, where it is cancelled instead.
    pub fn end(&mut self, by: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "ending")?;
            match draft.visit.state {
                VisitState::InProgress(_) => draft.emit(Change::Ending(EndReason::ByHost)),
                VisitState::Open if draft.visit.participants.iter().any(Participant::is_admitted) => {
                    draft.emit(Change::Ending(EndReason::ByHost));
                }
                VisitState::Ending(_) | VisitState::Ended(_) => {}
                VisitState::Scheduled
                | VisitState::Open
                | VisitState::NoShow
                | VisitState::Cancelled(_)
                | VisitState::Failed => return Err(draft.visit.not_now("ending")),
            }
            Ok(())
        })
    }

    /// Calls the visit off; whoever waits is told. Who may do so is the practice's decision. Cancelling again changes
    /// nothing.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] once the visit is ending or over.
    pub fn cancel(&mut self, reason: CancelReason, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| match draft.visit.state {
            VisitState::Scheduled | VisitState::Open | VisitState::InProgress(_) => {
                draft.emit(Change::Cancelled(reason));
                Ok(())
            }
            VisitState::Cancelled(_) => Ok(()),
            VisitState::Ending(_) | VisitState::Ended(_) | VisitState::NoShow | VisitState::Failed => {
                Err(draft.visit.not_now("cancelling"))
            }
        })
    }

    /// Confirms that the client did not come.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] unless the clinician came, nobody to be treated ever did, and the time is up.
    pub fn mark_no_show(&mut self, by: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            let visit = &draft.visit;
            visit.host(by, "marking a no-show")?;
            match visit.state {
                VisitState::Open
                    if visit.could_be_no_show() && now >= visit.policy.no_show_after.after(visit.starts_at) =>
                {
                    draft.emit(Change::NoShow);
                    Ok(())
                }
                VisitState::NoShow => Ok(()),
                VisitState::Scheduled
                | VisitState::Open
                | VisitState::InProgress(_)
                | VisitState::Ending(_)
                | VisitState::Ended(_)
                | VisitState::Cancelled(_)
                | VisitState::Failed => Err(visit.not_now("marking a no-show")),
            }
        })
    }

    /// Gives the visit up, by an operator, when the video service cannot carry it.
    ///
    /// # Errors
    /// [`VisitError::NotNow`] once clinician and client have met: end it instead.
    pub fn fail(&mut self, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(None, now, |draft| match draft.visit.state {
            VisitState::Scheduled | VisitState::Open => {
                draft.emit(Change::Failed);
                Ok(())
            }
            VisitState::Failed => Ok(()),
            VisitState::InProgress(_)
            | VisitState::Ending(_)
            | VisitState::Ended(_)
            | VisitState::NoShow
            | VisitState::Cancelled(_) => Err(draft.visit.not_now("giving up")),
        })
    }
}
