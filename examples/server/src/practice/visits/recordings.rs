//! Recordings on record: whose, with whose consent, where the file is, until when it is kept.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mentalspace_core::{
    Access, AppointmentId, ClientId, PracticeId, Purpose, VisitId,
    access::Permission,
    store::{Document, Find, StoreError, Term, Versioned, Writing},
};
use mentalspace_telehealth_port::{
    ParticipantId,
    provider::{ProviderErrorKind, RecordingFile, RecordingHandle, RecordingMedia},
    visit::{Answer, Recording, RecordingState, Visit},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::settings;
use crate::{
    app::App,
    practice::{Office, schedule},
    problem::Problem,
    signed::Signed,
};

/// A recording on record. Every look at it stands in the audit log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRecording {
    id: Uuid,
    /// Of which visit.
    pub visit: VisitId,
    /// Of which appointment.
    pub appointment: AppointmentId,
    client: Option<ClientId>,
    /// Counts the visit's recordings from 1.
    pub number: u32,
    /// What was recorded.
    pub media: RecordingMedia,
    /// Who agreed, and when.
    pub answers: BTreeMap<ParticipantId, Answer>,
    /// When the service began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    handle: RecordingHandle,
    /// The file.
    pub file: RecordingFile,
    /// Until when it is kept.
    pub keep_until: DateTime<Utc>,
    /// When the file was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
}

impl Document for StoredRecording {
    const KIND: &'static str = "visit_recording";
    const PHI: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    fn sort(&self) -> String {
        match self.destroyed_at {
            None => key(self.keep_until),
            Some(_) => "destroyed".to_owned(),
        }
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("visit", &self.visit), Term::plain("appointment", &self.appointment)]
    }
}

fn key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Keeps on record what became ready in a visit since `before`.
pub(super) async fn keep_new(
    work: &mut Writing<'_>,
    visit: &Visit,
    before: &[Recording],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for recording in visit.recordings() {
        let RecordingState::Ready { handle, file } = &recording.state else { continue };
        if before.iter().any(|old| old.number == recording.number && old.state == recording.state) {
            continue;
        }
        let days = settings::current(work).await?.recording_days;
        let stored = StoredRecording {
            id: id(visit.visit_id(), recording.number),
            visit: visit.visit_id(),
            appointment: visit.appointment(),
            client: visit.client(),
            number: recording.number,
            media: recording.media,
            answers: recording.answers.clone(),
            started_at: recording.started_at,
            stopped_at: recording.stopped_at,
            handle: (**handle).clone(),
            file: (**file).clone(),
            keep_until: now + TimeDelta::days(days.into()),
            destroyed_at: None,
        };
        work.insert(&stored).await?;
    }
    Ok(())
}

/// The same recording always has the same id, so that it is kept once.
fn id(visit: VisitId, number: u32) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(visit.uuid().as_bytes());
    hash.update(number.to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Lists the recordings of an appointment's visit.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn list(
    app: &App,
    signed: &Signed,
    appointment: AppointmentId,
) -> Result<Vec<Versioned<StoredRecording>>, Problem> {
    let access = signed.access("recording.list", Purpose::Treatment);
    let access = &access;
    let read = app.vault().read(access, |work| {
        Box::pin(async move {
            let office = Office::open(work, access).await?;
            schedule::permitted(work, signed, appointment, Permission::JoinVisit, office.today).await?;
            let find = Find::<StoredRecording>::new().with(Term::plain("appointment", &appointment));
            Ok::<_, Problem>(work.find_all(find).await?)
        })
    });
    read.await
}

/// Destroys the files whose time has come. Where the service cannot, the practice's own storage does by its own rules,
/// and the record says from when on the file is not counted on.
pub(super) async fn destroy_due(app: &App, practice: PracticeId) -> Result<(), Problem> {
    let Some(video) = app.video() else { return Ok(()) };
    let access = Access::system(practice, "recording.destroy", app.now());
    let find = Find::<StoredRecording>::new().until(key(access.at));
    let due = app.vault().read(&access, |work| Box::pin(async move { work.find(&find).await })).await?.items;
    for Versioned { version, value } in due {
        let Some(provider) = video.provider(&value.handle.provider) else { continue };
        match provider.delete_recording(&value.handle).await {
            Ok(()) => {}
            Err(error) if error.kind == ProviderErrorKind::Unsupported => {}
            Err(error) => {
                tracing::warn!(recording = %value.id, kind = ?error.kind, "a recording that is due was not destroyed");
                continue;
            }
        }
        let destroyed = StoredRecording { destroyed_at: Some(access.at), ..value };
        let written =
            app.vault().write(&access, |work| Box::pin(async move { work.update(&destroyed, version).await }));
        match written.await {
            Ok(_) | Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
