//! What people do at the door of a visit.

use chrono::{DateTime, Utc};
use mentalspace_core::{
    Address, Appointment, AppointmentEvent, AppointmentId, Client, Clinician, Contact, Modality, PersonName, Phi,
    Phone, Purpose, Relationship,
    access::{Permission, Relation, decide},
    draw,
    store::{Subject, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ConsentId, ParticipantId,
    consent::{DEFAULT_VALIDITY, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent},
    guard::{AdmissionPolicy, Override},
    provider::RoomSecret,
    visit::{AdmissionRequest, Booking, Invitee, Minutes, Modality as Held, ParticipantRole, Person, Visit},
};

use super::{
    Facts, agreement_with, capabilities, carrier, client_of, clinician_in, consent_text, consents, follow, keep, media,
    of_appointment, refused, settings,
};
use crate::{
    app::App,
    practice::{Office, current, named, people},
    problem::Problem,
    signed::Signed,
};

/// What a person does at the door.
#[derive(Debug, Clone)]
pub enum Act {
    /// The clinician opens the waiting room and is there.
    Open,
    /// The client has come; what was asked at the desk is recorded.
    CheckIn(Box<CheckIn>),
    /// The clinician lets the client in, overriding what may be overridden.
    Admit(Option<Override>),
    /// The clinician does not let the client in.
    Decline,
    /// The clinician puts the client back into the waiting room.
    SendBack,
    /// The clinician puts the client out.
    Remove,
    /// The clinician takes a refusal back.
    AllowBack,
    /// The clinician goes on by telephone.
    Telephone,
    /// The clinician makes the visit longer.
    Extend(Minutes),
    /// The clinician says that the client did not come.
    NoShow,
    /// The clinician ends the visit.
    End,
}

/// What is recorded when the client comes.
#[derive(Debug, Clone, Default)]
pub struct CheckIn {
    /// A consent given now.
    pub consent: Option<SignedConsent>,
    /// Where the client is, whether that is home, and the emergency service of that place.
    pub place: Option<(Address, Setting, Phone)>,
    /// Whom to call in an emergency.
    pub emergency: Option<EmergencyPerson>,
}

/// A consent given at the desk.
#[derive(Debug, Clone)]
pub struct SignedConsent {
    /// For whom the signer stands.
    pub signer: Signer,
    /// The name as written.
    pub name: Phi<String>,
    /// Whether it was spoken and heard by the person who records it, rather than written on paper.
    pub verbal: bool,
}

/// Somebody to call in an emergency.
#[derive(Debug, Clone)]
pub struct EmergencyPerson {
    /// The name.
    pub name: PersonName,
    /// How the person stands to the client.
    pub relationship: Relationship,
    /// The number.
    pub phone: Phone,
}

impl Act {
    const fn activity(&self) -> &'static str {
        match self {
            Self::Open => "visit.open",
            Self::CheckIn(_) => "visit.check_in",
            Self::Admit(None) => "visit.admit",
            Self::Admit(Some(_)) => "visit.admit_overriding",
            Self::Decline => "visit.decline",
            Self::SendBack => "visit.send_back",
            Self::Remove => "visit.remove",
            Self::AllowBack => "visit.allow_back",
            Self::Telephone => "visit.telephone",
            Self::Extend(_) => "visit.extend",
            Self::NoShow => "visit.no_show",
            Self::End => "visit.end",
        }
    }
}

/// Lets a person act at the door of an appointment's visit, which the first act opens. `version` is that of the visit
/// the person saw, if there was one. Calls to the video service follow once the visit is stored.
///
/// # Errors
/// `conflict` with every reason when the visit refuses, or was changed meanwhile; `forbidden`; `not_found`.
pub async fn act(
    app: &App,
    signed: &Signed,
    id: AppointmentId,
    version: Option<u64>,
    deed: &Act,
) -> Result<(), Problem> {
    let access = signed.access(deed.activity(), Purpose::Treatment);
    let (access, secret) = (&access, media::room_secret(app, signed.practice).await?);
    let secret = &secret;
    let acted = app.vault().write(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            let appointment = work.expect::<Appointment>(id).await?;
            let relation = people::to_appointment(work, signed, appointment.plan(), office.today).await?;
            permit(work, signed, deed, relation, &appointment)?;
            let (version, visit) = match of_appointment(work, id).await? {
                Some(found) => {
                    let found = current::<Visit>(work, found.visit_id().uuid(), version.unwrap_or(0)).await?;
                    (Some(found.version), found.value)
                }
                None => (None, schedule(app, work, &appointment, &office).await?),
            };
            let mut door = Door { app, signed, office, appointment, visit, secret };
            door.act(work, deed).await?;
            keep(work, version, &door.visit, door.office.now).await?;
            follow(work, &door.visit, &door.office.practice.policies.appointments, door.office.now).await?;
            Ok::<_, Problem>(door.visit.visit_id())
        })
    });
    let visit = acted.await?;
    media::carry_out(app, signed.practice, visit).await?;
    Ok(())
}

/// The desk may check in; everything else is the clinician's.
fn permit(
    work: &mut Writing<'_>,
    signed: &Signed,
    deed: &Act,
    relation: Relation,
    appointment: &Appointment,
) -> Result<(), Problem> {
    let subject = Subject::new("appointment").id(appointment.id().uuid()).client(Some(appointment.plan().client));
    let joins = decide(&signed.roles, Permission::JoinVisit, relation).is_allowed();
    let wanted = match deed {
        Act::CheckIn(_) if !joins => Permission::EditSchedule,
        _ => Permission::JoinVisit,
    };
    signed.require(work, wanted, relation, subject)
}

pub(super) async fn schedule(
    app: &App,
    work: &mut Writing<'_>,
    appointment: &Appointment,
    office: &Office,
) -> Result<Visit, Problem> {
    let plan = appointment.plan();
    let modality = match (plan.modality, media::is_connected(app)) {
        (Modality::InPerson, _) => {
            return Err(Problem::conflict("The appointment is in person and has no waiting room."));
        }
        (_, false) => Held::Telephone,
        (Modality::Video, true) => Held::Video,
        (Modality::Audio, true) => Held::AudioOnly,
    };
    if appointment.status().is_final() {
        return Err(Problem::conflict(format!("The appointment is {}.", appointment.status().name())));
    }
    let invitee = |role, person| Invitee { id: ParticipantId::generate(office.now, draw(app.entropy())), role, person };
    let provider = carrier(app)?;
    let known = capabilities(app, &provider);
    let agreement = agreement_with(work, &provider, known.as_ref().is_some_and(|known| known.self_hosted)).await?;
    let region = match (app.video(), &known) {
        (Some(video), Some(known)) => {
            video.residency().choose(known).map_err(|error| Problem::conflict(crate::problem::sentence(&error)))?
        }
        _ => None,
    };
    let booking = Booking {
        id: app.new_id(),
        appointment: appointment.id(),
        starts_at: plan.slot.start(),
        ends_at: plan.slot.end(),
        modality,
        provider,
        region,
        invitees: vec![
            invitee(ParticipantRole::Clinician, Person::Clinician(plan.clinician)),
            invitee(ParticipantRole::Client, Person::Client(plan.client)),
        ],
    };
    let scheduled =
        Visit::schedule(booking, settings::policy(work, known.as_ref()).await?, agreement.as_ref(), office.now);
    scheduled.map(|(visit, _)| visit).map_err(|error| refused(&error, &office.zone))
}

/// A visit in a unit of work.
struct Door<'a> {
    app: &'a App,
    signed: &'a Signed,
    office: Office,
    appointment: Versioned<Appointment>,
    visit: Visit,
    secret: &'a RoomSecret,
}

impl Door<'_> {
    async fn act(&mut self, work: &mut Writing<'_>, deed: &Act) -> Result<(), Problem> {
        let now = self.office.now;
        let client =
            client_of(&self.visit).map(|p| p.id).ok_or_else(|| Problem::internal("The visit has no client."))?;
        if let Act::CheckIn(given) = deed {
            return self.check_in(work, client, given).await;
        }
        let me = self.signed.clinician.and_then(|me| clinician_in(&self.visit, me)).map(|p| p.id);
        let me = me.ok_or_else(|| Problem::forbidden("Only the clinician of this appointment may do this."))?;
        let zone = self.office.zone;
        let visit = &mut self.visit;
        let decided = match deed {
            Act::Open => visit.open(me, now).and_then(|_| visit.arrive(me, now)),
            Act::Admit(overridden) => return self.admit(work, me, client, overridden.as_ref()).await,
            Act::Decline => visit.decline(me, client, now),
            Act::SendBack => visit.send_back(me, client, now),
            Act::Remove => visit.remove(me, client, now),
            Act::AllowBack => visit.allow_back(me, client, now),
            Act::Telephone => visit.change_modality(me, Held::Telephone, now),
            Act::Extend(minutes) => visit.extend(me, *minutes, now),
            Act::NoShow => visit.mark_no_show(me, now),
            Act::End => visit.end(me, now),
            Act::CheckIn(_) => Ok(Vec::new()),
        };
        decided.map(drop).map_err(|error| refused(&error, &zone))
    }

    async fn check_in(
        &mut self,
        work: &mut Writing<'_>,
        participant: ParticipantId,
        given: &CheckIn,
    ) -> Result<(), Problem> {
        let (now, zone) = (self.office.now, self.office.zone);
        let client = self.appointment.plan().client;
        if let Some(consent) = &given.consent {
            let signing = match consent.verbal {
                true => Signing::Verbal { witness: self.signed.user },
                false => Signing::Paper,
            };
            let signature = Signature { signer: consent.signer, name: consent.name.clone(), signing, at: now };
            let id = ConsentId::generate(now, draw(self.app.entropy()));
            let consent = TelehealthConsent::sign(id, client, consent_text()?, signature, DEFAULT_VALIDITY)?;
            consents::keep(work, &self.office, &consent).await?;
        }
        if let Some(person) = &given.emergency {
            let Versioned { version, value: mut client } = work.expect::<Client>(client).await?;
            client.contacts.push(Contact {
                name: person.name.clone(),
                relationship: person.relationship.clone(),
                phone: Some(person.phone.clone()),
                email: None,
                emergency: true,
                guardianship: None,
            });
            work.update(&client, version).await?;
        }
        self.visit.arrive(participant, now).map_err(|error| refused(&error, &zone))?;
        if let Some((address, setting, phone)) = &given.place {
            let place = LocationAttestation {
                address: address.clone(),
                setting: *setting,
                emergency_phone: phone.clone(),
                at: now,
            };
            let attested = self.visit.attest_location(participant, participant, place, now);
            attested.map_err(|error| refused(&error, &zone))?;
        }
        self.follow_with(work, AppointmentEvent::CheckIn, now).await
    }

    async fn admit(
        &mut self,
        work: &mut Writing<'_>,
        me: ParticipantId,
        who: ParticipantId,
        overridden: Option<&Override>,
    ) -> Result<(), Problem> {
        let (now, zone) = (self.office.now, self.office.zone);
        let plan = self.appointment.plan().clone();
        let client = named::<Client>(work, plan.client, "client").await?;
        let clinician = named::<Clinician>(work, plan.clinician, "clinician").await?;
        let facts = Facts::read(self.app, work, &client, &clinician, &self.office, self.visit.provider()).await?;
        let request = AdmissionRequest { policy: &AdmissionPolicy::default(), facts: facts.admission(), overridden };
        let admitted = self.visit.admit(me, who, &request, self.secret, now);
        admitted.map_err(|error| refused(&error, &zone))?;
        self.follow_with(work, AppointmentEvent::CheckIn, now).await?;
        self.follow_with(work, AppointmentEvent::Begin, now).await
    }

    /// Lets the appointment follow where its status admits it.
    async fn follow_with(
        &mut self,
        work: &mut Writing<'_>,
        event: AppointmentEvent,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let Versioned { version, value } = self.appointment.clone();
        if value.status().after(&event).is_some() {
            let value = value.apply(event, now, &self.office.practice.policies.appointments)?;
            let version = work.update(&value, version).await?;
            self.appointment = Versioned { version, value };
        }
        Ok(())
    }
}
