//! How the practice holds visits by video: whether they may be recorded, what becomes of chat, how long things are kept.

use mentalspace_core::{
    ClientId, Purpose,
    access::Permission,
    store::{Document, Reading, StoreError, Term, Versioned},
};
use mentalspace_telehealth_port::{
    chat::ChatPolicy,
    provider::{Capabilities, Recordings},
    visit::VisitPolicy,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{app::App, practice::manages, problem::Problem, signed::Signed};

/// How visits are held by video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoSettings {
    /// How visits run.
    pub visit: VisitPolicy,
    /// What becomes of chat.
    pub chat: ChatPolicy,
    /// How many days a recording is kept.
    pub recording_days: u16,
}

impl Default for VideoSettings {
    fn default() -> Self {
        Self { visit: VisitPolicy::default(), chat: ChatPolicy::default(), recording_days: 30 }
    }
}

const SETTINGS: Uuid = Uuid::from_u128(2);

impl Document for VideoSettings {
    const KIND: &'static str = "video_settings";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        SETTINGS
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

pub(super) async fn current(work: &mut Reading<'_>) -> Result<VideoSettings, StoreError> {
    Ok(work.get::<VideoSettings>(SETTINGS).await?.map(|found| found.value).unwrap_or_default())
}

/// The policy of a new visit: recording only where the service can, with its seats kept free.
pub(super) async fn policy(work: &mut Reading<'_>, service: Option<&Capabilities>) -> Result<VisitPolicy, StoreError> {
    let mut policy = current(work).await?.visit;
    let records = service.is_some_and(|service| service.recording != Recordings::None);
    policy.recording &= records;
    policy.reserved_seats = service.filter(|_| policy.recording).map_or(0, |service| service.recording_seats);
    Ok(policy)
}

/// Reads the settings; version 0 until they were first changed.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn read_settings(app: &App, signed: &Signed) -> Result<Versioned<VideoSettings>, Problem> {
    let access = signed.access("video_settings.read", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, VideoSettings::KIND)?;
            let found = work.get::<VideoSettings>(SETTINGS).await?;
            Ok::<_, Problem>(found.unwrap_or(Versioned { version: 0, value: VideoSettings::default() }))
        })
    });
    read.await
}

/// Changes what somebody saw as `version`. Visits that are booked already keep theirs.
///
/// # Errors
/// `forbidden`; `invalid`; `conflict` when they were changed meanwhile.
pub async fn change_settings(
    app: &App,
    signed: &Signed,
    version: u64,
    mut settings: VideoSettings,
) -> Result<(), Problem> {
    let access = signed.access("video_settings.change", Purpose::Operations);
    if settings.visit.warn_before > settings.visit.limit || settings.visit.limit.0 == 0 {
        return Err(Problem::field("visit.limit", "must be longer than the warning before it"));
    }
    if settings.recording_days == 0 {
        return Err(Problem::field("recording_days", "must be at least one day"));
    }
    let changed = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed, Permission::ManagePractice, VideoSettings::KIND)?;
            let old = work.get::<VideoSettings>(SETTINGS).await?;
            let seen = old.as_ref().map_or(0, |old| old.version);
            if seen != version {
                return Err(StoreError::Conflict { kind: VideoSettings::KIND.to_owned(), id: SETTINGS }.into());
            }
            settings.visit.version = old.as_ref().map_or(1, |old| old.visit.version).saturating_add(1);
            match old {
                None => work.insert(&settings).await?,
                Some(old) => work.update(&settings, old.version).await.map(drop)?,
            }
            Ok::<_, Problem>(())
        })
    });
    changed.await
}
