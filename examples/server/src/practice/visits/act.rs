//! What people do at the door of a visit.

use std::collections::BTreeSet;

use mentalspace_core::{
    Address, Appointment, AppointmentEvent, AppointmentId, Client, Contact, Modality, PersonName, Phi, Phone, Purpose,
    Relationship,
    access::{Permission, Relation, decide},
    draw,
    store::{Subject, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ConsentId, ParticipantId,
    consent::{DEFAULT_VALIDITY, LocationAttestation, Setting, Signature, Signer, Signing, TelehealthConsent},
    guard::Override,
    visit::{Booking, Invitee, Minutes, Modality as Held, ParticipantRole, Person, Visit},
};

use super::{
    Deed, Seat, agreement_with, capabilities, carrier, client_of, clinician_in, consent_text, consents, media,
    of_appointment, refused, seat::Table, settings,
};
use crate::{
    app::App,
    practice::{Office, current, people},
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

    /// The same as something done in the visit; `None` for what is recorded at the desk.
    fn on(&self, who: ParticipantId) -> Option<Deed> {
        Some(match self {
            Self::CheckIn(_) => return None,
            Self::Open => Deed::Open,
            Self::Admit(None) => Deed::Admit { who, overriding: BTreeSet::new(), reason: Phi::default() },
            Self::Admit(Some(overridden)) => {
                Deed::Admit { who, overriding: overridden.guards().clone(), reason: overridden.reason().clone() }
            }
            Self::Decline => Deed::Decline { who },
            Self::SendBack => Deed::SendBack { who },
            Self::Remove => Deed::Remove { who },
            Self::AllowBack => Deed::AllowBack { who },
            Self::Telephone => Deed::Modality { to: Held::Telephone },
            Self::Extend(minutes) => Deed::Extend { minutes: *minutes },
            Self::NoShow => Deed::NoShow,
            Self::End => Deed::End,
        })
    }

    /// Records what was asked at the desk.
    async fn check_in(&self, work: &mut Writing<'_>, signed: &Signed, table: &mut Table<'_>) -> Result<(), Problem> {
        let Self::CheckIn(given) = self else { return Ok(()) };
        let (now, participant) = (table.office.now, table.me);
        let client = table.appointment.plan().client;
        if let Some(consent) = &given.consent {
            let signing = match consent.verbal {
                true => Signing::Verbal { witness: signed.user },
                false => Signing::Paper,
            };
            let signature = Signature { signer: consent.signer, name: consent.name.clone(), signing, at: now };
            let id = ConsentId::generate(now, draw(table.app.entropy()));
            let consent = TelehealthConsent::sign(id, client, consent_text()?, signature, DEFAULT_VALIDITY)?;
            consents::keep(work, &table.office, &consent).await?;
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
        table.visit.arrive(participant, now).map_err(|error| table.refused(&error))?;
        if let Some((address, setting, phone)) = &given.place {
            let place = LocationAttestation {
                address: address.clone(),
                setting: *setting,
                emergency_phone: phone.clone(),
                at: now,
            };
            let attested = table.visit.attest_location(participant, participant, place, now);
            attested.map_err(|error| table.refused(&error))?;
        }
        table.appointment_follows(work, AppointmentEvent::CheckIn).await
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
    let (secret, seat) = (&secret, &Seat::Staff(Box::new(signed.clone()), id));
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
            let client = client_of(&visit).map(|p| p.id);
            let client = client.ok_or_else(|| Problem::internal("The visit has no client."))?;
            let me = match deed {
                Act::CheckIn(_) => Some(client),
                _ => signed.clinician.and_then(|me| clinician_in(&visit, me)).map(|p| p.id),
            };
            let me = me.ok_or_else(|| Problem::forbidden("Only the clinician of this appointment may do this."))?;
            let mut table = Table { app, seat, office, appointment, visit, me, secret };
            match deed.on(client) {
                Some(deed) => table.act(work, &deed).await.map(drop)?,
                None => deed.check_in(work, signed, &mut table).await?,
            }
            table.keep(work, version).await
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
