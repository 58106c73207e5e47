//! Who sits at the page of a visit, and what they do there: staff by their session, everybody else by a link.

use std::collections::BTreeSet;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use mentalspace_core::{
    Access, Address, AppointmentEvent, AppointmentId, Client, Clinician, Phi, Phone, PracticeId, Purpose,
    access::Permission,
    draw,
    store::{Reading, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ConsentId, ParticipantId,
    consent::{DEFAULT_VALIDITY, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent},
    guard::{AdmissionPolicy, Guard, Override},
    provider::{RecordingMedia, RoomSecret},
    visit::{
        AdmissionRequest, Invitee, Minutes, Modality, Participant, ParticipantRole, ParticipantState, Person, Visit,
        VisitError,
    },
};
use serde::Deserialize;

use super::{
    Facts, act,
    again::{Stop, again},
    client_of, clinician_in, consent_text, consents, follow, keep,
    link::{self, Guest},
    media, of_appointment, refused,
};
use crate::{
    app::App,
    practice::{Office, named, schedule},
    problem::Problem,
    signed::Signed,
};

/// Somebody at the page of a visit.
#[derive(Debug, Clone)]
pub enum Seat {
    /// A member of staff, at the appointment of that id.
    Staff(Box<Signed>, AppointmentId),
    /// Somebody with a link.
    Guest(Box<Guest>),
}

impl Seat {
    /// The practice.
    #[must_use]
    pub fn practice(&self) -> PracticeId {
        match self {
            Self::Staff(signed, _) => signed.practice,
            Self::Guest(guest) => guest.practice,
        }
    }

    /// Whose visit it is.
    #[must_use]
    pub fn appointment(&self) -> AppointmentId {
        match self {
            Self::Staff(_, appointment) => *appointment,
            Self::Guest(guest) => guest.invitation.appointment,
        }
    }

    /// What a request that changes something must carry.
    #[must_use]
    pub fn csrf(&self) -> &str {
        match self {
            Self::Staff(signed, _) => &signed.csrf,
            Self::Guest(guest) => &guest.csrf,
        }
    }

    /// Begins the account of an access.
    #[must_use]
    pub fn access(&self, activity: &'static str) -> Access {
        match self {
            Self::Staff(signed, _) => signed.access(activity, Purpose::Treatment),
            Self::Guest(guest) => guest.access(activity),
        }
    }

    /// Moves to the present, where what is seen outlives the request it began with.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        match self {
            Self::Staff(signed, _) => signed.advance(now),
            Self::Guest(guest) => guest.advance(now),
        }
    }

    /// The part this person has in a visit.
    #[must_use]
    pub fn me(&self, visit: &Visit) -> Option<ParticipantId> {
        match self {
            Self::Staff(signed, _) => clinician_in(visit, signed.clinician?).map(|p| p.id),
            Self::Guest(guest) => Some(guest.invitation.participant),
        }
    }

    /// Lets staff in whose role and clients allow it; who holds a link was let in by it.
    pub(super) async fn permit(&self, work: &mut Reading<'_>, office: &Office) -> Result<(), Problem> {
        match self {
            Self::Staff(signed, id) => {
                schedule::permitted(work, signed, *id, Permission::JoinVisit, office.today).await.map(drop)
            }
            Self::Guest(_) => Ok(()),
        }
    }
}

impl FromRequestParts<App> for Seat {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match <Path<AppointmentId> as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(Path(appointment)) => {
                let signed = <Signed as FromRequestParts<App>>::from_request_parts(parts, app).await?;
                Ok(Self::Staff(Box::new(signed), appointment))
            }
            Err(_) => Guest::from_request_parts(parts, app).await.map(|guest| Self::Guest(Box::new(guest))),
        }
    }
}

/// What somebody does in a visit.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// A host opens the waiting room and is there.
    Open,
    /// I am here.
    Arrive,
    /// I go away again.
    Withdraw,
    /// A client says where they are.
    Attest {
        /// At home or not.
        setting: Setting,
        /// Street and number.
        street: Phi<String>,
        /// City.
        city: Phi<String>,
        /// Postal code of the state.
        state: Phi<String>,
        /// ZIP code.
        zip: Phi<String>,
        /// The emergency service there.
        emergency_phone: Phi<String>,
    },
    /// A client, or a guardian, agrees to telehealth.
    Consent {
        /// For whom the signer stands.
        signer: Signer,
        /// The name, typed as a signature.
        name: Phi<String>,
    },
    /// A host lets somebody in.
    Admit {
        /// Whom.
        who: ParticipantId,
        /// Guards that are overridden.
        #[serde(default)]
        overriding: BTreeSet<Guard>,
        /// Why.
        #[serde(default)]
        reason: Phi<String>,
    },
    /// A host lets everybody in whom nothing keeps out.
    AdmitAll,
    /// A host does not let somebody in.
    Decline {
        /// Whom.
        who: ParticipantId,
    },
    /// Back into the waiting room.
    SendBack {
        /// Whom.
        who: ParticipantId,
    },
    /// Out of the visit.
    Remove {
        /// Whom.
        who: ParticipantId,
    },
    /// A refusal is taken back.
    AllowBack {
        /// Whom.
        who: ParticipantId,
    },
    /// A host invites somebody else and gets their link; the supervisor of the clinician signs in instead.
    Invite {
        /// In which part.
        role: ParticipantRole,
        /// The name shown to others.
        #[serde(default)]
        name: Phi<String>,
    },
    /// A host makes a new link for somebody invited.
    Link {
        /// Whom.
        who: ParticipantId,
    },
    /// The visit lasts longer.
    Extend {
        /// By so many minutes.
        minutes: Minutes,
    },
    /// The visit goes on in another way.
    Modality {
        /// In which.
        to: Modality,
    },
    /// The client did not come.
    NoShow,
    /// The visit is over.
    End,
    /// I raise or lower my hand.
    Hand {
        /// Whether it is up.
        up: bool,
    },
    /// A host asks to record.
    Record {
        /// What.
        media: RecordingMedia,
    },
    /// I agree to be recorded, or not.
    RecordAnswer {
        /// Whether I do.
        yes: bool,
    },
    /// A host stops the recording.
    RecordStop,
}

impl Deed {
    const fn activity(&self) -> &'static str {
        match self {
            Self::Open => "visit.open",
            Self::Arrive => "visit.arrive",
            Self::Withdraw => "visit.withdraw",
            Self::Attest { .. } => "visit.attest",
            Self::Consent { .. } => "visit.consent",
            Self::Admit { .. } | Self::AdmitAll => "visit.admit",
            Self::Decline { .. } => "visit.decline",
            Self::SendBack { .. } => "visit.send_back",
            Self::Remove { .. } => "visit.remove",
            Self::AllowBack { .. } => "visit.allow_back",
            Self::Invite { .. } => "visit.invite",
            Self::Link { .. } => "visit.link",
            Self::Extend { .. } => "visit.extend",
            Self::Modality { .. } => "visit.modality",
            Self::NoShow => "visit.no_show",
            Self::End => "visit.end",
            Self::Hand { .. } => "visit.hand",
            Self::Record { .. } => "visit.record",
            Self::RecordAnswer { .. } => "visit.record_answer",
            Self::RecordStop => "visit.record_stop",
        }
    }
}

/// For whom somebody may sign on the page. A client's link proves nobody else, so a guardian has one of their own.
pub(super) const fn signers(role: ParticipantRole) -> &'static [Signer] {
    match role {
        ParticipantRole::Client => &[Signer::Client],
        ParticipantRole::Guardian => &[Signer::Guardian, Signer::Representative],
        _ => &[],
    }
}

/// What came of a deed beside the change of the visit.
#[derive(Debug, Default)]
pub struct Done {
    /// The path of a link that was made.
    pub link: Option<String>,
    /// Who could not be let in, and why.
    pub refused: Vec<(ParticipantId, Problem)>,
}

/// Lets somebody do something in a visit, which the first deed of staff schedules. Calls to the video service follow
/// once the visit is stored.
///
/// # Errors
/// `conflict` with every reason when the visit refuses; `forbidden`; `not_found`; `invalid`.
pub async fn deed(app: &App, seat: &Seat, deed: &Deed) -> Result<Done, Problem> {
    let access = seat.access(deed.activity());
    let (access, secret) = (&access, media::room_secret(app, seat.practice()).await?);
    let secret = &secret;
    let acted = again!(app.vault().write(access, |work| Box::pin(once(app, seat, deed, access, secret, work))));
    let (visit, done) = acted?;
    app.ring(visit);
    media::carry_out(app, seat.practice(), visit).await?;
    Ok(done)
}

async fn once(
    app: &App,
    seat: &Seat,
    deed: &Deed,
    access: &Access,
    secret: &RoomSecret,
    work: &mut Writing<'_>,
) -> Result<(mentalspace_core::VisitId, Done), Stop> {
    let office = Office::open(work, access).await?;
    seat.permit(work, &office).await?;
    let appointment = work.expect::<mentalspace_core::Appointment>(seat.appointment()).await?;
    let (version, visit) = match of_appointment(work, seat.appointment()).await? {
        Some(found) => (Some(found.version), found.value),
        None => (None, act::schedule(app, work, &appointment, &office).await?),
    };
    let nobody = || Problem::forbidden("Only those invited to this visit may do this.");
    let me = seat.me(&visit).ok_or_else(nobody)?;
    let mut table = Table { app, seat, office, appointment, visit, me, secret };
    let done = table.act(work, deed).await?;
    Ok((table.keep(work, version).await?, done))
}

/// A visit in a unit of work, and who acts in it.
pub(super) struct Table<'a> {
    pub(super) app: &'a App,
    pub(super) seat: &'a Seat,
    pub(super) office: Office,
    pub(super) appointment: Versioned<mentalspace_core::Appointment>,
    pub(super) visit: Visit,
    pub(super) me: ParticipantId,
    pub(super) secret: &'a RoomSecret,
}

impl Table<'_> {
    /// Stores what came of the deed.
    pub(super) async fn keep(
        self,
        work: &mut Writing<'_>,
        version: Option<u64>,
    ) -> Result<mentalspace_core::VisitId, Problem> {
        keep(work, version, &self.visit, self.office.now).await?;
        follow(work, &self.visit, &self.office.practice.policies.appointments, self.office.now).await?;
        Ok(self.visit.visit_id())
    }

    pub(super) async fn act(&mut self, work: &mut Writing<'_>, deed: &Deed) -> Result<Done, Problem> {
        let (me, now, secret) = (self.me, self.office.now, self.secret);
        let visit = &mut self.visit;
        let decided = match deed {
            Deed::Open => visit.open(me, now).and_then(|_| visit.arrive(me, now)),
            Deed::Arrive => return self.arrive(work).await,
            Deed::Withdraw => visit.withdraw(me, now),
            Deed::Attest { .. } => return self.attest(deed),
            Deed::Consent { signer, name } => return self.consent(work, *signer, name).await,
            Deed::Admit { who, overriding, reason } => {
                let reason = || Override::new(overriding.iter().copied(), reason.expose().clone());
                let overridden = (!overriding.is_empty()).then(reason).transpose()?;
                return self.admit(work, *who, overridden.as_ref()).await.map(|()| Done::default());
            }
            Deed::AdmitAll => return self.admit_all(work).await,
            Deed::Decline { who } => visit.decline(me, *who, now),
            Deed::SendBack { who } => visit.send_back(me, *who, now),
            Deed::Remove { who } => visit.remove(me, *who, now),
            Deed::AllowBack { who } => visit.allow_back(me, *who, now),
            Deed::Invite { role, name } => return self.invite(work, *role, name).await,
            Deed::Link { who } => return self.link(work, *who, None).await,
            Deed::Extend { minutes } => visit.extend(me, *minutes, now),
            Deed::Modality { to } => visit.change_modality(me, *to, now),
            Deed::NoShow => visit.mark_no_show(me, now),
            Deed::End => visit.end(me, now),
            Deed::Hand { up } => visit.raise_hand(me, *up, now),
            Deed::Record { media } => visit.ask_to_record(me, *media, secret, now),
            Deed::RecordAnswer { yes } => visit.answer_recording(me, *yes, now),
            Deed::RecordStop => visit.stop_recording(me, now),
        };
        decided.map(|_| Done::default()).map_err(|error| self.refused(&error))
    }

    pub(super) fn refused(&self, error: &VisitError) -> Problem {
        refused(error, &self.office.zone)
    }

    fn own(&self) -> Result<&Participant, Problem> {
        self.visit.participant(self.me).ok_or_else(|| Problem::forbidden("You are not part of this visit."))
    }

    async fn arrive(&mut self, work: &mut Writing<'_>) -> Result<Done, Problem> {
        self.visit.arrive(self.me, self.office.now).map_err(|error| self.refused(&error))?;
        if self.own()?.role == ParticipantRole::Client {
            self.appointment_follows(work, AppointmentEvent::CheckIn).await?;
        }
        Ok(Done::default())
    }

    fn attest(&mut self, deed: &Deed) -> Result<Done, Problem> {
        let Deed::Attest { setting, street, city, state, zip, emergency_phone } = deed else {
            return Ok(Done::default());
        };
        let client = client_of(&self.visit).map(|p| p.id).filter(|client| *client == self.me);
        let client = client.ok_or_else(|| Problem::forbidden("Only the client says where they are."))?;
        let place = LocationAttestation {
            address: Address::new(street.expose(), city.expose(), state.expose(), zip.expose())?,
            setting: *setting,
            emergency_phone: Phone::parse(emergency_phone.expose())?,
            at: self.office.now,
        };
        let attested = self.visit.attest_location(self.me, client, place, self.office.now);
        attested.map(|_| Done::default()).map_err(|error| self.refused(&error))
    }

    /// A typed name under the exact text, with where it came from (ESIGN Act, 15 U.S.C. 7001).
    async fn consent(&mut self, work: &mut Writing<'_>, signer: Signer, name: &Phi<String>) -> Result<Done, Problem> {
        let Seat::Guest(guest) = self.seat else {
            return Err(Problem::forbidden("Staff record a consent at check-in, with its witness."));
        };
        if !signers(self.own()?.role).contains(&signer) {
            return Err(Problem::forbidden("Clients sign for themselves, and guardians by a link of their own."));
        }
        let signing = Signing::Electronic {
            address: Phi::new(guest.origin.address.clone()),
            user_agent: guest.origin.user_agent.clone().map(Phi::new),
        };
        let signature = Signature { signer, name: name.clone(), signing, at: self.office.now };
        let id = ConsentId::generate(self.office.now, draw(self.app.entropy()));
        let client = self.appointment.plan().client;
        let signed = TelehealthConsent::sign(id, client, consent_text()?, signature, DEFAULT_VALIDITY)?;
        consents::keep(work, &self.office, &signed).await?;
        Ok(Done::default())
    }

    async fn admit(
        &mut self,
        work: &mut Writing<'_>,
        who: ParticipantId,
        overridden: Option<&Override>,
    ) -> Result<(), Problem> {
        let plan = self.appointment.plan().clone();
        let client = named::<Client>(work, plan.client, "client").await?;
        let clinician = named::<Clinician>(work, plan.clinician, "clinician").await?;
        let facts = Facts::read(self.app, work, &client, &clinician, &self.office, self.visit.provider()).await?;
        let request = AdmissionRequest { policy: &AdmissionPolicy::default(), facts: facts.admission(), overridden };
        let admitted = self.visit.admit(self.me, who, &request, self.secret, self.office.now);
        admitted.map_err(|error| self.refused(&error))?;
        if self.visit.participant(who).is_some_and(|p| p.role == ParticipantRole::Client) {
            self.appointment_follows(work, AppointmentEvent::CheckIn).await?;
            self.appointment_follows(work, AppointmentEvent::Begin).await?;
        }
        Ok(())
    }

    async fn admit_all(&mut self, work: &mut Writing<'_>) -> Result<Done, Problem> {
        let waits = |p: &&Participant| p.state == ParticipantState::Waiting && !p.role.is_host();
        let waiting: Vec<_> = self.visit.participants().iter().filter(waits).map(|p| p.id).collect();
        let mut done = Done::default();
        for who in waiting {
            match self.admit(work, who, None).await {
                Ok(()) => {}
                Err(problem) if problem.status == StatusCode::CONFLICT => done.refused.push((who, problem)),
                Err(problem) => return Err(problem),
            }
        }
        Ok(done)
    }

    async fn invite(
        &mut self,
        work: &mut Writing<'_>,
        role: ParticipantRole,
        name: &Phi<String>,
    ) -> Result<Done, Problem> {
        let id = ParticipantId::generate(self.office.now, draw(self.app.entropy()));
        let person = match role {
            ParticipantRole::Guardian
            | ParticipantRole::Interpreter
            | ParticipantRole::Collateral
            | ParticipantRole::Observer => Person::Guest,
            ParticipantRole::Supervisor => {
                let clinician = named::<Clinician>(work, self.appointment.plan().clinician, "clinician").await?;
                let supervisor = clinician.supervised_on(self.office.today);
                Person::Clinician(supervisor.ok_or_else(|| Problem::conflict("The clinician has no supervisor."))?)
            }
            _ => return Err(Problem::field("role", "is not one that is invited to a visit")),
        };
        if person == Person::Guest && !(1..=80).contains(&name.expose().trim().chars().count()) {
            return Err(Problem::field("name", "must have 1 to 80 characters"));
        }
        let invited = self.visit.invite(self.me, Invitee { id, role, person }, self.office.now);
        invited.map_err(|error| self.refused(&error))?;
        match person {
            Person::Guest => self.link(work, id, Some(name)).await,
            _ => Ok(Done::default()),
        }
    }

    async fn link(
        &mut self,
        work: &mut Writing<'_>,
        who: ParticipantId,
        name: Option<&Phi<String>>,
    ) -> Result<Done, Problem> {
        if !self.own()?.role.is_host() {
            return Err(Problem::forbidden("Links are made by clinicians and supervisors of the visit."));
        }
        let name = match name {
            Some(name) => Phi::new(name.expose().trim().to_owned()),
            None => {
                let known = link::of_appointment(work, self.visit.appointment()).await?;
                let mut known = known.into_iter().filter(|invitation| invitation.participant == who);
                known.next().map_or_else(|| Phi::new(String::new()), |found| found.value.name)
            }
        };
        let link = link::issue(self.app, work, &self.visit, who, name, self.seat.practice()).await?;
        Ok(Done { link: Some(link), ..Done::default() })
    }

    /// Lets the appointment follow where its status admits it.
    pub(super) async fn appointment_follows(
        &mut self,
        work: &mut Writing<'_>,
        event: AppointmentEvent,
    ) -> Result<(), Problem> {
        let Versioned { version, value } = self.appointment.clone();
        if value.status().after(&event).is_some() {
            let value = value.apply(event, self.office.now, &self.office.practice.policies.appointments)?;
            let version = work.update(&value, version).await?;
            self.appointment = Versioned { version, value };
        }
        Ok(())
    }
}
