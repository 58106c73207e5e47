//! How states, kinds and times are written for people.

use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_claims::{lifecycle::ClaimStatus, record::RemittanceState};
use mentalspace_core::{
    AppointmentStatus, ClientStatus, Modality, NoteFormat, NoteKind, NoteStatus, Section, ServiceKind,
};

use crate::zone::Zone;

/// A state by its word and the colour that repeats it.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) word: &'static str,
    pub(super) class: &'static str,
}

const fn shown(word: &'static str, class: &'static str) -> Shown {
    Shown { word, class }
}

pub(super) const fn appointment(status: AppointmentStatus) -> Shown {
    match status {
        AppointmentStatus::Requested => shown("requested", "warn"),
        AppointmentStatus::Scheduled => shown("scheduled", ""),
        AppointmentStatus::Confirmed => shown("confirmed", ""),
        AppointmentStatus::CheckedIn => shown("checked in", "warn"),
        AppointmentStatus::InSession => shown("in session", "good"),
        AppointmentStatus::Completed => shown("completed", "good"),
        AppointmentStatus::NoShow => shown("no-show", "bad"),
        AppointmentStatus::Cancelled => shown("cancelled", "bad"),
        AppointmentStatus::Rescheduled => shown("rescheduled", ""),
    }
}

pub(super) const fn client(status: ClientStatus) -> Shown {
    match status {
        ClientStatus::Active { .. } => shown("active", "good"),
        ClientStatus::Inactive { .. } => shown("inactive", "warn"),
        ClientStatus::Discharged { .. } => shown("discharged", ""),
        ClientStatus::Deceased { .. } => shown("deceased", ""),
    }
}

pub(super) const fn note(status: NoteStatus) -> Shown {
    match status {
        NoteStatus::Draft => shown("draft", "warn"),
        NoteStatus::Signed => shown("signed", "good"),
        NoteStatus::PendingCosign => shown("waiting for co-signature", "warn"),
        NoteStatus::Cosigned => shown("co-signed", "good"),
        NoteStatus::ReturnedForRevision => shown("returned for revision", "bad"),
        NoteStatus::Locked => shown("locked", ""),
    }
}

pub(super) const fn claim(status: ClaimStatus) -> Shown {
    match status {
        ClaimStatus::Draft => shown("draft", "warn"),
        ClaimStatus::Ready => shown("ready", "good"),
        ClaimStatus::Submitted => shown("submitted", ""),
        ClaimStatus::Accepted => shown("accepted", ""),
        ClaimStatus::Rejected => shown("rejected", "bad"),
        ClaimStatus::InProcess => shown("in process", ""),
        ClaimStatus::Paid => shown("paid", "good"),
        ClaimStatus::Denied => shown("denied", "bad"),
        ClaimStatus::Appealed => shown("appealed", "warn"),
        ClaimStatus::Void => shown("void", ""),
        _ => shown("other", ""),
    }
}

pub(super) const fn remittance(state: &RemittanceState) -> Shown {
    match state {
        RemittanceState::Posted { .. } => shown("posted", "good"),
        RemittanceState::Held { .. } => shown("held", "warn"),
        _ => shown("received", ""),
    }
}

pub(super) const fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::InPerson => "in person",
        Modality::Video => "video",
        Modality::Audio => "audio",
    }
}

pub(super) const MODALITIES: [(&str, &str); 3] = [("in_person", "In person"), ("video", "Video"), ("audio", "Audio")];

pub(super) const SERVICES: [(&str, &str); 8] = [
    ("psychotherapy", "Psychotherapy"),
    ("diagnostic_evaluation", "Diagnostic evaluation"),
    ("medical_evaluation", "Evaluation with medical services"),
    ("family_with_client", "Family session with the client"),
    ("family_without_client", "Family session without the client"),
    ("group", "Group session"),
    ("crisis", "Crisis session"),
    ("other", "Other"),
];

pub(super) const fn service(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::DiagnosticEvaluation => "diagnostic evaluation",
        ServiceKind::MedicalEvaluation => "evaluation with medical services",
        ServiceKind::Psychotherapy => "psychotherapy",
        ServiceKind::FamilyWithClient => "family session with the client",
        ServiceKind::FamilyWithoutClient => "family session without the client",
        ServiceKind::Group => "group session",
        ServiceKind::Crisis => "crisis session",
        _ => "other",
    }
}

pub(super) fn kind(kind: NoteKind) -> String {
    capital(kind.name())
}

pub(super) fn section(section: Section) -> String {
    capital(section.name())
}

pub(super) const FORMATS: [(NoteFormat, &str, &str); 5] = [
    (NoteFormat::Soap, "soap", "SOAP"),
    (NoteFormat::Dap, "dap", "DAP"),
    (NoteFormat::Birp, "birp", "BIRP"),
    (NoteFormat::Girp, "girp", "GIRP"),
    (NoteFormat::Narrative, "narrative", "Narrative"),
];

/// Writes a wire name as a label.
pub(super) fn capital(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut letters = spaced.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Writes a lower-case rule as a sentence.
pub(super) fn capital_sentence(rule: &str) -> String {
    let mut letters = rule.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

pub(super) fn day(day: NaiveDate) -> String {
    day.format("%a, %b %-d, %Y").to_string()
}

pub(super) fn time(zone: &Zone, at: DateTime<Utc>) -> String {
    zone.wall(at).format("%-I:%M %p").to_string()
}

pub(super) fn moment(zone: &Zone, at: DateTime<Utc>) -> String {
    zone.wall(at).format("%b %-d, %Y, %-I:%M %p").to_string()
}

pub(super) fn phone(phone: &mentalspace_core::Phone) -> String {
    match phone.expose_us() {
        Some(us) if us.len() == 10 => format!("({}) {}-{}", &us[..3], &us[3..6], &us[6..]),
        _ => phone.expose().to_owned(),
    }
}

/// A choice of a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

pub(super) fn choices<'a>(all: impl IntoIterator<Item = &'a (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, name): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        name: (*name).to_owned(),
        chosen: *value == chosen,
    };
    all.into_iter().map(choice).collect()
}
