//! The waiting room: who comes, who is let in, who is put out.

use chrono::{DateTime, Utc};

use super::{
    Admission, Change, Invitee, MAX_MODALITIES, Modality, Participant, ParticipantChange, ParticipantRole,
    ParticipantState, Person, Room, Visit, VisitError, VisitEvent, VisitState, check_invitee,
};
use crate::ParticipantId;
use crate::consent::LocationAttestation;
use crate::guard::{AdmissionFacts, AdmissionPolicy, Override, Subject};
use crate::provider::RoomSecret;

impl Visit {
    /// Opens the waiting room before its time.
    ///
    /// # Errors
    /// [`VisitError::NotHost`]; [`VisitError::NotNow`] once the visit is over.
    pub fn open(&mut self, by: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "opening")?;
            match draft.visit.state {
                VisitState::Scheduled => draft.emit(Change::Opened),
                VisitState::Open | VisitState::InProgress(_) => {}
                VisitState::Ending(_)
                | VisitState::Ended(_)
                | VisitState::NoShow
                | VisitState::Cancelled(_)
                | VisitState::Failed => return Err(draft.visit.not_now("opening")),
            }
            Ok(())
        })
    }

    /// Invites somebody else, such as an interpreter or a relative. A host's decision, never a side effect of a link.
    ///
    /// # Errors
    /// [`VisitError::NotHost`], [`VisitError::NotNow`], [`VisitError::TooMany`], and [`VisitError::Invalid`] for
    /// somebody who is invited already.
    pub fn invite(
        &mut self,
        by: ParticipantId,
        invitee: Invitee,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "inviting")?;
            if draft.visit.state != VisitState::Scheduled {
                draft.visit.live("inviting")?;
            }
            let invited = |p: &Participant| Invitee { id: p.id, role: p.role, person: p.person };
            let others: Vec<_> = draft.visit.participants.iter().map(invited).collect();
            check_invitee(&invitee, &others)?;
            draft.emit(Change::Invited(invitee));
            Ok(())
        })
    }

    /// Notes that somebody came. Clients wait to be admitted; hosts go straight in once there is a room. Coming again
    /// changes nothing.
    ///
    /// # Errors
    /// [`VisitError::TooEarly`] before the window, [`VisitError::NotNow`] after the visit, [`VisitError::NotThem`] for
    /// somebody who was declined or removed.
    pub fn arrive(&mut self, who: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(who), now, |draft| {
            let person = draft.visit.find(who)?;
            if draft.visit.state == VisitState::Scheduled {
                return Err(VisitError::TooEarly { opens_at: draft.visit.opens_at() });
            }
            draft.visit.live("arriving")?;
            let host = person.role.is_host();
            match person.state {
                ParticipantState::Left if person.is_admitted() => return Ok(()),
                ParticipantState::Invited | ParticipantState::Left => {}
                ParticipantState::Waiting
                | ParticipantState::Admitted
                | ParticipantState::Joining
                | ParticipantState::Connected
                | ParticipantState::Reconnecting => return Ok(()),
                state @ (ParticipantState::Removed | ParticipantState::Declined) => {
                    return Err(VisitError::NotThem { action: "arriving", state });
                }
            }
            draft.emit_for(who, ParticipantChange::Arrived);
            if host && matches!(draft.visit.room, Room::Requested(_) | Room::Open(_)) {
                draft.visit.check_grants(who)?;
                draft.emit_for(who, ParticipantChange::Admitted(None));
            }
            Ok(())
        })
    }

    /// Notes that somebody who waited went away.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] unless they waited.
    pub fn withdraw(&mut self, who: ParticipantId, now: DateTime<Utc>) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(who), now, |draft| {
            draft.visit.live("withdrawing")?;
            draft.visit.must_wait(who, "withdrawing")?;
            draft.emit_for(who, ParticipantChange::Withdrawn);
            Ok(())
        })
    }

    /// Records where a client is, as they or a host on their behalf say.
    ///
    /// # Errors
    /// [`VisitError::NotHost`] if `by` is neither; [`VisitError::Invalid`] for a time to come or anybody but a client.
    pub fn attest_location(
        &mut self,
        by: ParticipantId,
        client: ParticipantId,
        location: LocationAttestation,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            if draft.visit.find(client)?.role != ParticipantRole::Client {
                return Err(VisitError::Invalid("only a client's location is attested"));
            }
            if by != client {
                draft.visit.host(by, "attesting for a client")?;
            }
            if draft.visit.state != VisitState::Scheduled {
                draft.visit.live("attesting a location")?;
            }
            if location.at > now {
                return Err(VisitError::Invalid("a location cannot be attested ahead of time"));
            }
            draft.emit_for(client, ParticipantChange::LocationAttested(Box::new(location)));
            Ok(())
        })
    }

    /// Lets somebody in who waits. The first admission asks for the room. Admitting again changes nothing.
    ///
    /// # Errors
    /// [`VisitError::Refused`] with every reason that stands; [`VisitError::HostAbsent`] if `by` has not come.
    pub fn admit(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        request: &AdmissionRequest<'_>,
        secret: &RoomSecret,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            let visit = &draft.visit;
            let host = visit.host(by, "admitting")?;
            visit.live("admitting")?;
            if !host.is_present() {
                return Err(VisitError::HostAbsent);
            }
            if visit.find(who)?.is_admitted() {
                return Ok(());
            }
            let person = visit.guest_who_waits(who, "admitting")?;
            visit.check_grants(who)?;
            let refusals = request.policy.check(&visit.subject(person, &request.facts), &request.facts, now);
            let needed = !refusals.is_empty();
            let standing = request.policy.standing(refusals, request.overridden);
            if !standing.is_empty() {
                return Err(VisitError::Refused(standing));
            }
            let client = request.facts.client.filter(|_| person.role == ParticipantRole::Client);
            let admission = Admission {
                by,
                at: now,
                policy_version: request.policy.version,
                consent: client.and_then(|client| client.consent).map(crate::consent::TelehealthConsent::consent_id),
                overridden: request.overridden.filter(|_| needed).cloned(),
            };
            draft.ensure_room(secret);
            draft.emit_for(who, ParticipantChange::Admitted(Some(Box::new(admission))));
            Ok(())
        })
    }

    /// Raises or lowers one's hand.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] for somebody who is not in the room.
    pub fn raise_hand(
        &mut self,
        who: ParticipantId,
        up: bool,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(who), now, |draft| {
            let person = draft.visit.find(who)?;
            if !person.is_connected() {
                return Err(VisitError::NotThem { action: "raising a hand", state: person.state });
            }
            if person.hand != up {
                draft.emit_for(who, ParticipantChange::Hand { up });
            }
            Ok(())
        })
    }

    /// Does not let somebody in who waits.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] unless they wait and are no host.
    pub fn decline(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "declining")?;
            draft.visit.live("declining")?;
            draft.visit.guest_who_waits(who, "declining")?;
            draft.emit_for(who, ParticipantChange::Declined);
            Ok(())
        })
    }

    /// Puts somebody back into the waiting room and takes their credential.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] unless they are admitted and no host.
    pub fn send_back(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "sending back")?;
            draft.visit.live("sending back")?;
            let person = draft.visit.find(who)?;
            if !person.is_active() || person.role.is_host() {
                return Err(VisitError::NotThem { action: "sending back", state: person.state });
            }
            draft.emit_for(who, ParticipantChange::SentBack);
            Ok(())
        })
    }

    /// Puts somebody out for good and takes their credential.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] unless they are there and no clinician.
    pub fn remove(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "removing")?;
            draft.visit.live("removing")?;
            let person = draft.visit.find(who)?;
            let there = person.is_present() || person.is_admitted();
            if !there || person.role == ParticipantRole::Clinician {
                return Err(VisitError::NotThem { action: "removing", state: person.state });
            }
            draft.emit_for(who, ParticipantChange::Removed);
            Ok(())
        })
    }

    /// Takes a refusal back: somebody declined or removed may come again.
    ///
    /// # Errors
    /// [`VisitError::NotThem`] for anybody else.
    pub fn allow_back(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "allowing back")?;
            draft.visit.live("allowing back")?;
            let state = draft.visit.find(who)?.state;
            if !matches!(state, ParticipantState::Removed | ParticipantState::Declined) {
                return Err(VisitError::NotThem { action: "allowing back", state });
            }
            draft.emit_for(who, ParticipantChange::AllowedBack);
            Ok(())
        })
    }

    /// Notes that the visit goes on in another way, such as by telephone.
    ///
    /// # Errors
    /// [`VisitError::NotHost`]; [`VisitError::NotNow`] once the visit is over.
    pub fn change_modality(
        &mut self,
        by: ParticipantId,
        modality: Modality,
        now: DateTime<Utc>,
    ) -> Result<Vec<VisitEvent>, VisitError> {
        self.transact(Some(by), now, |draft| {
            draft.visit.host(by, "changing the modality")?;
            draft.visit.live("changing the modality")?;
            if draft.visit.modalities.len() >= MAX_MODALITIES {
                return Err(VisitError::TooMany { what: "changes of modality", max: MAX_MODALITIES as u32 });
            }
            if draft.visit.modality() != modality {
                draft.emit(Change::ModalityChanged(modality));
            }
            Ok(())
        })
    }

    fn subject<'a>(&'a self, person: &'a Participant, facts: &AdmissionFacts<'_>) -> Subject<'a> {
        let taken = self.participants.iter().filter(|p| p.is_admitted() || (p.role.is_host() && p.is_present()));
        let left = facts.provider_seats.map(|seats| seats.saturating_sub(self.policy.reserved_seats));
        Subject {
            client: match person.person {
                Person::Client(id) => Some(id),
                Person::Clinician(_) | Person::User(_) | Person::Guest => None,
            },
            location: person.location.as_ref(),
            occupied: u32::try_from(taken.count()).unwrap_or(u32::MAX),
            capacity: self.policy.capacity.min(left.unwrap_or(u32::MAX)),
            provider: &self.provider,
        }
    }

    fn must_wait(&self, who: ParticipantId, action: &'static str) -> Result<&Participant, VisitError> {
        let person = self.find(who)?;
        match person.state {
            ParticipantState::Waiting => Ok(person),
            state @ (ParticipantState::Invited
            | ParticipantState::Admitted
            | ParticipantState::Joining
            | ParticipantState::Connected
            | ParticipantState::Reconnecting
            | ParticipantState::Left
            | ParticipantState::Removed
            | ParticipantState::Declined) => Err(VisitError::NotThem { action, state }),
        }
    }

    /// Hosts are neither let in nor turned away: they go in with the first whom one of them admits.
    fn guest_who_waits(&self, who: ParticipantId, action: &'static str) -> Result<&Participant, VisitError> {
        let person = self.must_wait(who, action)?;
        if person.role.is_host() { Err(VisitError::NotThem { action, state: person.state }) } else { Ok(person) }
    }

    pub(super) fn check_grants(&self, who: ParticipantId) -> Result<(), VisitError> {
        let max = super::MAX_GRANTS;
        if self.find(who)?.serial < max { Ok(()) } else { Err(VisitError::TooMany { what: "credentials", max }) }
    }
}

/// What an admission is decided by.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionRequest<'a> {
    /// The practice's rules.
    pub policy: &'a AdmissionPolicy,
    /// What the practice knows, read just before.
    pub facts: AdmissionFacts<'a>,
    /// A host's reason to admit although a guard refuses.
    pub overridden: Option<&'a Override>,
}
