//! The month: what was booked, and what became of it up to now, moment by moment.

use std::num::{NonZeroU8, NonZeroU16};

use anyhow::{Context, Result};
use axum::http::StatusCode;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use mentalspace_core::{
    Access, AmendmentKind, AmendmentText, AppointmentEvent, AppointmentId, CancelReason, CancelledBy, ClientId,
    Diagnoses, Modality, NoShowReason, Note, NoteContent, NoteFormat, NoteId, NoteKind, NoteText, Phi, Phone,
    ServiceKind, store::Versioned,
};
use mentalspace_telehealth_port::consent::{Setting, Signer};

use super::{
    Stage, billing,
    cast::{ClaimFate, ClientPart, NoteFate, Past, Today, TodayState},
    opening, told,
};
use crate::practice::{
    notes::{self, Beginning},
    schedule::{self, OnConflict, Terms, Weekly, Wish},
    visits::{self, CheckIn, SignedConsent},
};

/// How long appointments are, in minutes.
const SESSION: NonZeroU16 = NonZeroU16::new(50).unwrap();
/// The key of the one who co-signs.
const SUPERVISOR: &str = "rivera";

/// An appointment and what is known of it by now.
pub(super) struct Scene {
    part: usize,
    /// The key of the clinician.
    clinician: String,
    appointment: AppointmentId,
    start: DateTime<Utc>,
    /// How long it lasts, in minutes.
    lasts: i64,
    how: Modality,
    kind: NoteKind,
    fate: Fate,
    /// The note, once it is begun.
    pub(super) note: Option<NoteId>,
    /// What becomes of the claim.
    pub(super) claim: Option<ClaimFate>,
}

/// What becomes of an appointment.
#[derive(Clone, Copy)]
enum Fate {
    Booked,
    Confirmed,
    Cancelled(CancelledBy),
    NoShow(NoShowReason),
    /// Held; and what becomes of its note.
    Held(Option<NoteFate>),
}

/// Something that happens to one appointment.
#[derive(Clone, Copy)]
enum Step {
    Event(AppointmentEvent),
    /// The same, by the front desk.
    AtTheDesk(AppointmentEvent),
    OpenRoom,
    Arrive,
    Admit,
    EndVisit,
    Write,
    Sign,
    Cosign,
    SendBack,
    Amend,
    Lock,
}

/// Something that happens.
#[derive(Clone, Copy)]
enum Beat {
    Step(usize, Step),
    Billing(billing::Errand),
}

/// Lives the month up to now.
pub(super) async fn live(stage: &Stage) -> Result<()> {
    stage.clock.set(stage.now - TimeDelta::days(15));
    let (mut scenes, mut clients) = (Vec::new(), Vec::new());
    for (part, told_of) in stage.cast.clients.iter().enumerate() {
        let client = opening::admit(stage, told_of).await?;
        book_today(stage, part, client, &mut scenes).await?;
        clients.push(client);
    }
    for (part, client) in clients.into_iter().enumerate() {
        book_weekly(stage, part, client, &mut scenes).await?;
    }
    let mut beats: Vec<(DateTime<Utc>, Beat)> = Vec::new();
    for (at, scene) in scenes.iter().enumerate() {
        beats.extend(scene.steps().into_iter().map(|(when, step)| (when, Beat::Step(at, step))));
    }
    beats.extend(billing::errands(stage).into_iter().map(|(when, errand)| (when, Beat::Billing(errand))));
    beats.sort_by_key(|(when, _)| *when);
    for (when, beat) in beats.into_iter().take_while(|(when, _)| *when <= stage.now) {
        stage.clock.set(when);
        match beat {
            Beat::Step(at, step) => take(stage, &mut scenes[at], step).await?,
            Beat::Billing(errand) => billing::run(stage, &scenes, errand).await?,
        }
        stage.work_off().await?;
    }
    stage.clock.set(stage.now);
    Ok(())
}

/// Books what is around the present moment.
async fn book_today(stage: &Stage, part: usize, client: ClientId, scenes: &mut Vec<Scene>) -> Result<()> {
    let told_of = &stage.cast.clients[part];
    let Some(today) = &told_of.today else { return Ok(()) };
    let start = stage.now - TimeDelta::seconds(stage.now.timestamp() % 300) + TimeDelta::minutes(today.after);
    let wish = wish(stage, told_of, client, stage.zone.wall(start), today.how, ServiceKind::Psychotherapy)?;
    let booking = schedule::book(&stage.app, &stage.acting("becker")?, &wish).await.map_err(told)?;
    let fate = today.fate();
    scenes.extend(booking.appointments.iter().map(|id| Scene::new(stage, part, *id, &wish, wish.terms.day, fate)));
    Ok(())
}

/// Books every week of the month; a time that is taken is left out.
async fn book_weekly(stage: &Stage, part: usize, client: ClientId, scenes: &mut Vec<Scene>) -> Result<()> {
    let (told_of, desk) = (&stage.cast.clients[part], stage.acting("becker")?);
    let (weekly, today) = (&told_of.weekly, stage.zone.day(stage.now));
    let days = days_of_month(today, weekly.day);
    for (index, day) in days.iter().enumerate() {
        let past = told_of.past.get(index);
        let service = past.and_then(|past| past.service).unwrap_or(weekly.service);
        let mut wish = wish(stage, told_of, client, day.and_time(weekly.at), weekly.how, service)?;
        let mut booked_days = vec![*day];
        if weekly.series {
            let until = days.last().copied();
            wish.weekly = Some(Weekly { every_weeks: NonZeroU8::MIN, until, on_conflict: OnConflict::Skip });
            booked_days.clone_from(&days);
        }
        let booking = match schedule::book(&stage.app, &desk, &wish).await {
            Err(problem) if problem.status == StatusCode::CONFLICT => continue,
            booking => booking.map_err(told)?,
        };
        booked_days.retain(|day| !booking.skipped.contains(day));
        for (day, id) in booked_days.iter().zip(&booking.appointments) {
            let past = days.iter().position(|known| known == day).and_then(|index| told_of.past.get(index));
            let mut scene = Scene::new(stage, part, *id, &wish, *day, past.map_or(Fate::Booked, Past::fate));
            if past.is_none() && scene.start < stage.now {
                scene.fate = Fate::Held(None);
            }
            scene.claim = past.and_then(|past| past.claim);
            scenes.push(scene);
        }
        if weekly.series {
            break;
        }
    }
    Ok(())
}

/// Lists the days of a weekday in the two weeks before `today` and the two from it on.
fn days_of_month(today: NaiveDate, weekday: chrono::Weekday) -> Vec<NaiveDate> {
    let first = today.checked_sub_days(Days::new(14)).unwrap_or(today);
    first.iter_days().take(28).filter(|day| day.weekday() == weekday).collect()
}

fn wish(
    stage: &Stage,
    part: &ClientPart,
    client: ClientId,
    wall: NaiveDateTime,
    modality: Modality,
    service: ServiceKind,
) -> Result<Wish> {
    let (clinician, location) = (stage.clinician(&part.clinician)?, stage.location);
    let (day, at, minutes) = (wall.date(), wall.time(), SESSION);
    Ok(Wish { client, terms: Terms { clinician, location, day, at, minutes, modality, service }, weekly: None })
}

impl Past {
    fn fate(&self) -> Fate {
        match (self.cancelled, self.no_show) {
            (Some(by), _) => Fate::Cancelled(by),
            (None, Some(reason)) => Fate::NoShow(reason),
            (None, None) => Fate::Held(self.note),
        }
    }
}

impl Today {
    const fn fate(&self) -> Fate {
        match self.state {
            TodayState::Scheduled => Fate::Booked,
            TodayState::Confirmed => Fate::Confirmed,
            TodayState::InSession => Fate::Held(None),
            TodayState::Written => Fate::Held(Some(NoteFate::Draft)),
        }
    }
}

impl Scene {
    fn new(stage: &Stage, part: usize, id: AppointmentId, wish: &Wish, day: NaiveDate, fate: Fate) -> Self {
        let wall = day.and_time(wish.terms.at);
        Self {
            part,
            clinician: stage.cast.clients[part].clinician.clone(),
            appointment: id,
            start: stage.zone.instants(wall).earliest().unwrap_or_else(|| stage.zone.midnight(day)),
            // Some sessions run over, which is another code.
            lasts: [50, 54, 47][part % 3],
            how: wish.terms.modality,
            kind: if wish.terms.service == ServiceKind::DiagnosticEvaluation {
                NoteKind::Intake
            } else {
                NoteKind::Progress
            },
            fate,
            note: None,
            claim: None,
        }
    }

    /// Lists what happens, and when.
    fn steps(&self) -> Vec<(DateTime<Utc>, Step)> {
        let at = |minutes| self.start + TimeDelta::minutes(minutes);
        let day = 24 * 60;
        let mut steps = Vec::new();
        match self.fate {
            Fate::Booked => return steps,
            Fate::Confirmed => steps.push((at(-day), Step::AtTheDesk(AppointmentEvent::Confirm))),
            Fate::Cancelled(by) => {
                let (early, reason) = match by {
                    CancelledBy::Client => (3 * 60, CancelReason::Illness),
                    CancelledBy::Practice => (2 * day, CancelReason::ClinicianUnavailable),
                };
                steps.push((at(-early), Step::AtTheDesk(AppointmentEvent::Cancel { by, reason })));
            }
            Fate::NoShow(reason) => steps.push((at(20), Step::AtTheDesk(AppointmentEvent::NoShow { reason }))),
            Fate::Held(note) => {
                let end = self.lasts;
                steps.extend(match self.how {
                    Modality::InPerson => vec![
                        (at(-6), Step::AtTheDesk(AppointmentEvent::CheckIn)),
                        (at(0), Step::Event(AppointmentEvent::Begin)),
                        (at(end), Step::Event(AppointmentEvent::Complete)),
                    ],
                    Modality::Video | Modality::Audio => vec![
                        (at(-5), Step::OpenRoom),
                        (at(-2), Step::Arrive),
                        (at(0), Step::Admit),
                        (at(end), Step::EndVisit),
                    ],
                });
                use NoteFate as N;
                let signed = |more: Vec<(i64, Step)>| [vec![(10, Step::Write), (25, Step::Sign)], more].concat();
                let after = match note {
                    None => Vec::new(),
                    Some(N::Draft) => vec![(10, Step::Write)],
                    Some(N::Signed | N::Pending) => signed(vec![]),
                    Some(N::Cosigned) => signed(vec![(20 * 60, Step::Cosign)]),
                    Some(N::Returned) => signed(vec![(3 * 60, Step::SendBack)]),
                    Some(N::Amended) => signed(vec![(30 * 60, Step::Amend)]),
                    Some(N::Locked) => signed(vec![(4 * day, Step::Lock)]),
                };
                steps.extend(after.into_iter().map(|(minutes, step)| (at(end + minutes), step)));
            }
        }
        steps
    }
}

async fn take(stage: &Stage, scene: &mut Scene, step: Step) -> Result<()> {
    match step {
        Step::Event(event) => happen(stage, &scene.clinician, scene, event).await,
        Step::AtTheDesk(event) => happen(stage, "becker", scene, event).await,
        Step::OpenRoom => visit(stage, &scene.clinician, scene, visits::Act::Open).await,
        Step::Arrive => {
            let check_in = check_in(&stage.cast.clients[scene.part], stage, scene).await?;
            visit(stage, "becker", scene, visits::Act::CheckIn(Box::new(check_in))).await
        }
        Step::Admit => visit(stage, &scene.clinician, scene, visits::Act::Admit(None)).await,
        Step::EndVisit => visit(stage, &scene.clinician, scene, visits::Act::End).await,
        Step::Write => write(stage, scene).await,
        Step::Sign => act(stage, &scene.clinician, scene, notes::Act::Sign(notes::AUTHOR.0.to_owned())).await,
        Step::Cosign => act(stage, SUPERVISOR, scene, notes::Act::Cosign(notes::COSIGNER.0.to_owned())).await,
        Step::SendBack => {
            let comment = NoteText::parse("Please say how the risk was assessed, and what was agreed about it.")?;
            act(stage, SUPERVISOR, scene, notes::Act::Return(comment)).await
        }
        Step::Amend => {
            let added = AmendmentText {
                kind: AmendmentKind::Addendum,
                reason: NoteText::parse("The client called after the session.")?,
                text: NoteText::parse("Client called the next day to say that the planned activity went well.")?,
                sections: Vec::new(),
            };
            act(stage, &scene.clinician, scene, notes::Act::Amend(Box::new(added))).await
        }
        Step::Lock => lock(stage, scene).await,
    }
    .with_context(|| format!("of {}", scene.appointment))
}

async fn happen(stage: &Stage, who: &str, scene: &Scene, event: AppointmentEvent) -> Result<()> {
    let signed = stage.acting(who)?;
    let version = visits::encounter(&stage.app, &signed, scene.appointment).await.map_err(told)?.appointment.version;
    schedule::happen(&stage.app, &signed, (scene.appointment, version), event).await.map_err(told)?;
    Ok(())
}

async fn visit(stage: &Stage, who: &str, scene: &Scene, act: visits::Act) -> Result<()> {
    let signed = stage.acting(who)?;
    let visit = visits::encounter(&stage.app, &signed, scene.appointment).await.map_err(told)?.visit;
    let version = visit.map(|visit| visit.version);
    visits::act(&stage.app, &signed, scene.appointment, version, &act).await.map_err(told)
}

/// Says what the desk asks a client: where they are, and the consent when there is none yet.
async fn check_in(part: &ClientPart, stage: &Stage, scene: &Scene) -> Result<CheckIn> {
    let desk = stage.acting("becker")?;
    let known = visits::encounter(&stage.app, &desk, scene.appointment).await.map_err(told)?.consent;
    let (signer, name) = match part.contact.guardian {
        true => (Signer::Guardian, &part.contact.name),
        false => (Signer::Client, &part.name),
    };
    let consent = SignedConsent { signer, name: Phi::new(name.expose_full()), verbal: true };
    let place = (part.home()?, Setting::Home, Phone::parse("303-555-0199")?);
    Ok(CheckIn { consent: known.is_none().then_some(consent), place: Some(place), emergency: None })
}

/// Begins the note and writes it; what stays a draft lacks its last section.
async fn write(stage: &Stage, scene: &mut Scene) -> Result<()> {
    let signed = stage.acting(&scene.clinician)?;
    let beginning = Beginning { kind: scene.kind, appointment: Some(scene.appointment), client: None, day: None };
    let Versioned { version, value: note } = notes::begin(&stage.app, &signed, &beginning).await.map_err(told)?;
    let id = note.header().id;
    scene.note = Some(id);
    let part = &stage.cast.clients[scene.part];
    let format = [NoteFormat::Soap, NoteFormat::Dap, NoteFormat::Birp, NoteFormat::Girp][scene.part % 4];
    let mut sections = scene.kind.required_sections(format);
    if matches!(scene.fate, Fate::Held(Some(NoteFate::Draft))) {
        sections.pop();
    }
    let words = |section| {
        let texts = stage.cast.words.get(&section)?;
        Some((section, texts.iter().cycle().nth(scene.part)?.clone()))
    };
    let content = NoteContent {
        format,
        sections: sections.into_iter().filter_map(words).collect(),
        diagnoses: Diagnoses::try_from(part.diagnoses.clone())?,
        ..note.reading().content.clone()
    };
    notes::act(&stage.app, &signed, (id, version), &notes::Act::Edit(Box::new(content))).await.map_err(told)?;
    Ok(())
}

async fn act(stage: &Stage, who: &str, scene: &Scene, act: notes::Act) -> Result<()> {
    let (signed, id) = (stage.acting(who)?, scene.note.context("no note was begun")?);
    let version = notes::open(&stage.app, &signed, id).await.map_err(told)?.note.version;
    notes::act(&stage.app, &signed, (id, version), &act).await.map_err(told)?;
    Ok(())
}

/// Locks a note, as the practice's clock does.
async fn lock(stage: &Stage, scene: &Scene) -> Result<()> {
    let id = scene.note.context("no note was begun")?;
    let access = Access::system(stage.practice.id, "note.lock", stage.app.now());
    let locked = stage.app.vault().write(&access, |work| {
        Box::pin(async move {
            let Versioned { version, value } = work.expect::<Note>(id).await?;
            work.update(&value.lock()?, version).await?;
            Ok::<_, anyhow::Error>(())
        })
    });
    locked.await
}
