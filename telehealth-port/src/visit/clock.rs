//! Timers as data: what is due when follows from the visit alone, so it survives a restart, and firing twice does
//! nothing the second time. A late firing gives the same visit as a punctual one.

use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::{CancelReason, Change, EndReason, Minutes, Modality, NoShow, Visit, VisitError, VisitEvent, VisitState};
use crate::ParticipantId;

/// Something the clock will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When.
    pub due_at: DateTime<Utc>,
    /// What.
    pub kind: TimerKind,
}

/// What the clock will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TimerKind {
    /// Open the waiting room.
    OpenWindow,
    /// Take the client for missing.
    NoShow,
    /// Give up a visit that never began.
    WindowCloses,
    /// Warn of the limit.
    LimitWarning,
    /// End at the limit.
    Limit,
    /// End the grace of somebody who is away.
    Grace(ParticipantId),
    /// Stop waiting for the room to close.
    CloseOverdue,
}

impl Visit {
    /// Returns what the clock will do, soonest first; empty once the visit is over.
    #[must_use]
    pub fn due(&self) -> Vec<Timer> {
        let policy = &self.policy;
        let mut timers = Vec::new();
        let mut add = |due_at, kind| timers.push(Timer { due_at, kind });
        match self.state {
            VisitState::Scheduled => add(self.opens_at(), TimerKind::OpenWindow),
            VisitState::Open => {
                if self.could_be_no_show() && !self.no_show_suspected {
                    add(policy.no_show_after.after(self.starts_at), TimerKind::NoShow);
                }
                add(self.closes_at(), TimerKind::WindowCloses);
            }
            VisitState::InProgress(_) => {
                if let Some(limit) = self.limit() {
                    if self.warned_for != Some(limit) {
                        add(policy.warn_before.before(limit), TimerKind::LimitWarning);
                    }
                    add(limit, TimerKind::Limit);
                }
            }
            VisitState::Ending(_) => {
                if let Some(cut_at) = self.cut_at {
                    add(policy.close_timeout.after(cut_at), TimerKind::CloseOverdue);
                }
            }
            VisitState::Ended(_) | VisitState::NoShow | VisitState::Cancelled(_) | VisitState::Failed => {}
        }
        if self.state.is_live() && self.modality() != Modality::Telephone {
            timers.extend(
                self.participants
                    .iter()
                    .filter_map(|p| p.deadline.map(|due_at| Timer { due_at, kind: TimerKind::Grace(p.id) })),
            );
        }
        timers.sort_unstable();
        timers
    }

    /// Lets everything happen that is due by `now`, in the order it was due.
    pub fn fire(&mut self, now: DateTime<Utc>) -> Vec<VisitEvent> {
        self.record(now, |_| {})
    }

    /// Lets the visit last longer.
    ///
    /// # Errors
    /// [`VisitError::TooMany`] beyond the number of extensions, [`VisitError::Invalid`] beyond their length.
    pub fn extend(
        &mut self,
        by: ParticipantId,
        minutes: Minutes,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            let visit = &draft.visit;
            visit.host(by, "extending")?;
            if !matches!(visit.state, VisitState::InProgress(_)) {
                return Err(visit.not_now("extending"));
            }
            let max = visit.policy.extensions;
            if visit.extensions.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
                return Err(VisitError::TooMany { what: "extensions", max });
            }
            if minutes.0 == 0 || minutes > visit.policy.extension {
                return Err(VisitError::Invalid("an extension must not be empty or longer than the policy allows"));
            }
            draft.emit(Change::Extended(minutes));
            Ok(())
        })
    }

    /// Returns when the waiting room opens by itself.
    #[must_use]
    pub fn opens_at(&self) -> DateTime<Utc> {
        self.policy.opens_before.before(self.starts_at)
    }

    /// Returns when a visit that never began is given up.
    #[must_use]
    pub fn closes_at(&self) -> DateTime<Utc> {
        self.policy.closes_after.after(self.ends_at)
    }

    /// Returns when the visit ends at the latest: T0, the limit and all extensions.
    #[must_use]
    pub fn limit(&self) -> Option<DateTime<Utc>> {
        let limit = self.policy.limit.after(self.started_at?);
        Some(self.extensions.iter().fold(limit, |limit, minutes| minutes.after(limit)))
    }

    /// A client is missing only if the clinician came and nobody to be treated ever did.
    pub(super) fn could_be_no_show(&self) -> bool {
        self.clinicians().any(|p| p.arrived_at.is_some()) && self.parties().all(|p| p.arrived_at.is_none())
    }
}

impl Draft {
    pub(super) fn catch_up(&mut self, now: DateTime<Utc>) {
        while let Some(timer) = self.visit.due().first().copied().filter(|timer| timer.due_at <= now) {
            self.at = timer.due_at;
            match timer.kind {
                TimerKind::OpenWindow => self.emit(Change::Opened),
                TimerKind::NoShow => self.emit(match self.visit.policy.no_show {
                    NoShow::Automatic => Change::NoShow,
                    NoShow::ClinicianConfirms => Change::NoShowSuspected,
                }),
                TimerKind::WindowCloses => self.emit(Change::Cancelled(CancelReason::NeverStarted)),
                TimerKind::LimitWarning => {
                    if let Some(limit) = self.visit.limit() {
                        self.emit(Change::LimitWarned { limit });
                    }
                }
                TimerKind::Limit => self.emit(Change::Ending(EndReason::TimeLimit)),
                TimerKind::Grace(participant) => self.lapse(participant),
                TimerKind::CloseOverdue => self.emit(Change::Ended),
            }
            self.settle();
        }
    }
}
