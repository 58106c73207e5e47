//! Recordings: rules let Twilio record each track; once the room has ended, a composition makes one file of them.
//!
//! A room has one file: what was recorded between pauses is in it together.

use mentalspace_telehealth_port::provider::{
    IdempotencyKey, ProviderError, ProviderErrorKind, RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus,
    RoomDetails, RoomHandle,
};
use serde::{Deserialize, Serialize};

use crate::call::gone;
use crate::config::is_sid;
use crate::operation::{
    CREATE_COMPOSITION, DELETE_COMPOSITION, DELETE_RECORDING, LIST_COMPOSITIONS, LIST_RECORDINGS, RECORDING_RULES,
};
use crate::provider::{Meta, TwilioVideoProvider, room_sid};

const PAGE: &str = "100";

/// What is kept of a recording beside its ids.
#[derive(Serialize, Deserialize)]
struct Details {
    media: RecordingMedia,
    stopped: bool,
}

#[derive(Deserialize)]
struct Tracks {
    recordings: Vec<Track>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Track {
    sid: String,
    status: String,
}

#[derive(Deserialize)]
struct Compositions {
    compositions: Vec<Composition>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Composition {
    sid: String,
    status: String,
    size: Option<u64>,
    duration: Option<u64>,
    media_external_location: Option<String>,
}

impl Composition {
    fn stands(&self) -> bool {
        self.status != "deleted"
    }
}

impl TwilioVideoProvider {
    pub(crate) async fn record(
        &self,
        room: &RoomHandle,
        media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        self.allowed()?;
        self.rules(
            &room.room,
            match media {
                RecordingMedia::Video => r#"[{"type":"include","all":true}]"#,
                RecordingMedia::Audio => r#"[{"type":"include","kind":"audio"}]"#,
            },
        )
        .await?;
        Ok(RecordingHandle {
            provider: room.provider.clone(),
            room: room.room.clone(),
            recording: key.to_string(),
            details: details(&Details { media, stopped: false })?,
        })
    }

    pub(crate) async fn cease(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        self.allowed()?;
        let known = read(recording)?;
        if !known.stopped {
            let stopped = gone(self.rules(&recording.room, r#"[{"type":"exclude","all":true}]"#).await);
            // A room that has ended records no more, and takes no rules.
            if let Err(error) = stopped
                && self.room(&recording.room).await?.is_some_and(|room| room.lives())
            {
                return Err(error);
            }
        }
        let details = details(&Details { stopped: true, ..known })?;
        Ok(RecordingHandle { details, ..recording.clone() })
    }

    pub(crate) async fn progress(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        self.allowed()?;
        let known = read(recording)?;
        let Some(room) = self.room(&recording.room).await? else { return Ok(RecordingStatus::Unknown) };
        if room.lives() {
            return Ok(if known.stopped { RecordingStatus::Processing } else { RecordingStatus::Running });
        }
        let made = self.compositions(&recording.room).await?;
        // Should two have been asked for at once, both are of the same tracks, and the first is it.
        if let Some(composition) = made.iter().filter(|made| made.stands()).min_by(|a, b| a.sid.cmp(&b.sid)) {
            return Ok(composition.told());
        }
        if !made.is_empty() {
            return Ok(RecordingStatus::Unknown);
        }
        let tracks = self.tracks(&recording.room).await?;
        if tracks.iter().any(|track| track.status == "processing") {
            return Ok(RecordingStatus::Processing);
        }
        if !tracks.iter().any(|track| track.status == "completed") {
            return Ok(RecordingStatus::Failed);
        }
        self.compose(&recording.room, known.media).await?;
        Ok(RecordingStatus::Processing)
    }

    /// Destroys the file and the tracks it was made of.
    pub(crate) async fn destroy(&self, recording: &RecordingHandle) -> Result<(), ProviderError> {
        self.allowed()?;
        for composition in self.compositions(&recording.room).await?.iter().filter(|made| made.stands()) {
            gone(self.rest.call(&DELETE_COMPOSITION, &[checked("CJ", &composition.sid)?], &[]).await)?;
        }
        for track in self.tracks(&recording.room).await?.iter().filter(|track| track.status != "deleted") {
            gone(self.rest.call(&DELETE_RECORDING, &[checked("RT", &track.sid)?], &[]).await)?;
        }
        Ok(())
    }

    fn allowed(&self) -> Result<(), ProviderError> {
        if self.recordings { Ok(()) } else { Err(ProviderErrorKind::Unsupported.into()) }
    }

    async fn rules(&self, room: &str, rules: &str) -> Result<Vec<u8>, ProviderError> {
        self.rest.call(&RECORDING_RULES, &[room_sid(room)?], &[("Rules", rules.to_owned())]).await
    }

    async fn compose(&self, room: &str, media: RecordingMedia) -> Result<(), ProviderError> {
        let mut asked = vec![
            ("RoomSid", room_sid(room)?.to_owned()),
            ("AudioSources", "*".to_owned()),
            ("Format", "mp4".to_owned()),
        ];
        if media == RecordingMedia::Video {
            asked.push(("VideoLayout", r#"{"grid":{"video_sources":["*"]}}"#.to_owned()));
        }
        asked.extend(self.callback());
        self.rest.call(&CREATE_COMPOSITION, &[], &asked).await.map(|_| ())
    }

    async fn compositions(&self, room: &str) -> Result<Vec<Composition>, ProviderError> {
        let query = [("RoomSid", room_sid(room)?.to_owned()), ("PageSize", PAGE.to_owned())];
        let page: Compositions = self.rest.ask(&LIST_COMPOSITIONS, &[], &query).await?;
        whole(page.compositions, &page.meta)
    }

    async fn tracks(&self, room: &str) -> Result<Vec<Track>, ProviderError> {
        let query = [("PageSize", "1000".to_owned())];
        let page: Option<Tracks> = gone(self.rest.ask(&LIST_RECORDINGS, &[room_sid(room)?], &query).await)?;
        page.map_or_else(|| Ok(Vec::new()), |page| whole(page.recordings, &page.meta))
    }
}

impl Composition {
    fn told(&self) -> RecordingStatus {
        match self.status.as_str() {
            "completed" => RecordingStatus::Ready(RecordingFile {
                location: self.media_external_location.clone().unwrap_or_else(|| format!("twilio:{}", self.sid)),
                sha256: None,
                bytes: self.size,
                duration: self.duration.map(std::time::Duration::from_secs),
            }),
            "enqueued" | "processing" => RecordingStatus::Processing,
            "failed" => RecordingStatus::Failed,
            _ => RecordingStatus::Unknown,
        }
    }
}

/// Refuses half a list: what is not on it would be left behind.
fn whole<T>(page: Vec<T>, meta: &Meta) -> Result<Vec<T>, ProviderError> {
    if meta.next_page_url.is_none() { Ok(page) } else { Err(ProviderErrorKind::Protocol.into()) }
}

fn checked<'a>(prefix: &str, sid: &'a str) -> Result<&'a str, ProviderError> {
    if is_sid(prefix, sid) { Ok(sid) } else { Err(ProviderErrorKind::Protocol.into()) }
}

fn read(recording: &RecordingHandle) -> Result<Details, ProviderError> {
    serde_json::from_str(recording.details.expose()).map_err(|_| ProviderErrorKind::Protocol.into())
}

fn details(details: &Details) -> Result<RoomDetails, ProviderError> {
    let text = serde_json::to_string(details).map_err(|_| ProviderErrorKind::Protocol)?;
    Ok(RoomDetails::new(text))
}
