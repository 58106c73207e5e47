//! The editor of a note that is not signed.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use mentalspace_core::{
    Complexity, Diagnoses, Icd10Cm, Needed, NoteContent, NoteFormat, NoteId, NoteKind, Section, SessionTimes,
};

use super::{
    super::{
        Frame,
        words::{self, Choice, Shown},
    },
    typed,
};
use crate::{
    app::App,
    form::Reader,
    practice::notes::{self, AUTHOR, Act, Opened},
    problem::Problem,
    signed::Signed,
    zone::Zone,
};

#[derive(Template)]
#[template(path = "note_edit.html")]
pub(super) struct EditorPage {
    frame: Frame,
    csrf: String,
    problem: Option<Problem>,
    id: NoteId,
    version: u64,
    title: String,
    client: Option<(mentalspace_core::ClientId, String)>,
    appointment: Option<mentalspace_core::AppointmentId>,
    day: String,
    status: Shown,
    due: String,
    overdue: bool,
    formats: Vec<Choice>,
    sections: Vec<(&'static str, String, String)>,
    diagnoses: String,
    session: Option<String>,
    wants_times: bool,
    start: String,
    stop: String,
    pause: String,
    complex: bool,
    wants_review: bool,
    review_on: String,
    missing: Vec<String>,
    attestation: &'static str,
    returned: Option<String>,
}

/// The sections in the order they are shown: what kind and format demand, then whatever else is filled.
pub(super) fn section_order(kind: NoteKind, content: &NoteContent) -> Vec<Section> {
    let mut order = kind.required_sections(content.format);
    let others = content.sections.keys().filter(|section| !order.contains(section)).copied().collect::<Vec<_>>();
    order.extend(others);
    order
}

pub(super) fn editor(
    signed: &Signed,
    opened: &Opened,
    form: Option<&HashMap<String, String>>,
    problem: Option<Problem>,
) -> EditorPage {
    let (note, zone) = (&opened.note, &opened.office.zone);
    let (header, content) = (note.header(), note.reading().content);
    let shown = |field: &str, stored: String| form.and_then(|form| form.get(field)).cloned().unwrap_or(stored);
    let section = |section: Section| {
        let stored = content.sections.get(&section).map(|text| text.expose().to_owned()).unwrap_or_default();
        (section.name(), words::section(section), shown(section.name(), stored))
    };
    let clock = |at: Option<DateTime<Utc>>| at.map(|at| zone.wall(at).format("%H:%M").to_string()).unwrap_or_default();
    let codes: Vec<String> = content.diagnoses.expose().iter().map(Icd10Cm::dotted).collect();
    let due = opened.office.practice.policies.notes.due_on(header.service_date);
    let rules = header.kind.rules();
    let formats = words::FORMATS.iter().filter(|_| rules.formatted).map(|(format, value, name)| Choice {
        value: (*value).to_owned(),
        name: (*name).to_owned(),
        chosen: *format == content.format,
    });
    let complex = form.map_or(content.complexity == Complexity::Interactive, |form| form.contains_key("complex"));
    let revoked = note.reading().signatures.iter().rev().find_map(|signature| signature.revoked.as_ref());
    EditorPage {
        frame: Frame::signed(format!("{} note", words::kind(header.kind)), "/notes", signed),
        csrf: signed.csrf.clone(),
        problem,
        id: header.id,
        version: note.version,
        title: format!("{} note", words::kind(header.kind)),
        client: opened.client.as_ref().map(|client| (client.id, client.expose_called())),
        appointment: header.appointment,
        day: words::day(header.service_date),
        status: words::note(note.status()),
        due: words::day(due),
        overdue: note.is_overdue(&opened.office.practice.policies.notes, opened.office.today),
        formats: formats.collect(),
        sections: section_order(header.kind, content).into_iter().map(section).collect(),
        diagnoses: shown("diagnoses", codes.join(", ")),
        session: content.session.as_ref().map(|held| held.expose().to_owned()),
        wants_times: rules.times != Needed::None,
        start: shown("start", clock(content.times.map(SessionTimes::start))),
        stop: shown("stop", clock(content.times.map(SessionTimes::stop))),
        pause: shown("pause", content.times.map(|times| pause(times).to_string()).unwrap_or_default()),
        complex,
        wants_review: header.kind == NoteKind::TreatmentPlan,
        review_on: shown("review_on", content.review_on.map(|day| day.to_string()).unwrap_or_default()),
        missing: opened.missing.iter().map(|missing| words::capital(&missing.to_string())).collect(),
        attestation: AUTHOR.2,
        returned: revoked.map(|revoked| revoked.reason.expose().to_owned()),
    }
}

fn pause(times: SessionTimes) -> i64 {
    (times.stop() - times.start()).num_minutes() - i64::from(times.minutes())
}

/// Saves what was typed; signs it when that button was pressed. Returns where to go.
pub(super) async fn save(
    app: &App,
    signed: &Signed,
    id: NoteId,
    form: &HashMap<String, String>,
) -> Result<String, Problem> {
    let opened = notes::open(app, signed, id).await?;
    let version = typed(form, "version").parse().unwrap_or(0);
    let content = content(&opened, form)?;
    let saved = notes::act(app, signed, (id, version), &Act::Edit(Box::new(content))).await?;
    if typed(form, "then") == "sign" {
        let deed = Act::Sign(typed(form, "attestation").to_owned());
        notes::act(app, signed, (id, saved.version), &deed).await?;
    }
    Ok(format!("/notes/{id}"))
}

fn content(opened: &Opened, form: &HashMap<String, String>) -> Result<NoteContent, Problem> {
    let (note, zone) = (&opened.note, &opened.office.zone);
    let old = note.reading().content;
    let mut reader = Reader::default();
    let mut new = old.clone();
    for section in section_order(note.header().kind, old) {
        let Some(text) = form.get(section.name()) else { continue };
        match reader.optional(section.name(), text) {
            Some(text) => drop(new.sections.insert(section, text)),
            None => drop(new.sections.remove(&section)),
        }
    }
    if let Some(format) = form.get("format").filter(|format| !format.is_empty()) {
        new.format = reader.choice::<NoteFormat>("format", format).unwrap_or(old.format);
    }
    let codes = typed(form, "diagnoses").split([',', ' ', ';', '\n']).map(str::trim).filter(|code| !code.is_empty());
    let codes = codes.map(|code| reader.required::<Icd10Cm>("diagnoses", code)).collect::<Option<Vec<_>>>();
    let diagnoses = codes.and_then(|codes| reader.keep("diagnoses", Diagnoses::try_from(codes)));
    new.times = times(&mut reader, form, old.times, note.header().service_date, zone);
    new.complexity = if form.contains_key("complex") { Complexity::Interactive } else { Complexity::Usual };
    new.review_on = reader.optional_day("review date", typed(form, "review_on"));
    reader.done()?;
    new.diagnoses = diagnoses.unwrap_or_default();
    Ok(new)
}

/// Reads start and stop on the practice's wall clock. What is not touched keeps its measured seconds.
fn times(
    reader: &mut Reader,
    form: &HashMap<String, String>,
    old: Option<SessionTimes>,
    day: NaiveDate,
    zone: &Zone,
) -> Option<SessionTimes> {
    let (start, stop) = (typed(form, "start").trim(), typed(form, "stop").trim());
    if start.is_empty() && stop.is_empty() {
        return None;
    }
    let (from, to) = (reader.time("start", start)?, reader.time("stop", stop)?);
    let pause = match typed(form, "pause").trim() {
        "" => 0,
        text => reader.number("pause", text)?,
    };
    let kept = |old: Option<DateTime<Utc>>, new: NaiveTime| {
        old.filter(|old| zone.wall(*old).format("%H:%M").to_string() == new.format("%H:%M").to_string())
    };
    let start = kept(old.map(SessionTimes::start), from);
    let start = start.or_else(|| zone.instants(day.and_time(from)).earliest());
    let night = if to < from { 1 } else { 0 };
    let last = day.checked_add_days(Days::new(night)).unwrap_or(day);
    let stop = kept(old.map(SessionTimes::stop), to).or_else(|| zone.instants(last.and_time(to)).latest());
    let Some((start, stop)) = start.zip(stop) else {
        reader.refuse("times", "do not exist on that day, because clocks were changed");
        return None;
    };
    reader.keep("times", SessionTimes::new(start, stop, pause))
}
