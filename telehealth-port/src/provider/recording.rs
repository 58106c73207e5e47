//! A recording at a video service. Whether one may be made is decided by [`crate::visit`]; here is only the machine.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ProviderId, RoomDetails};
use crate::consent::Sha256Hex;

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingMedia {
    /// Sound and pictures.
    Video,
    /// Sound alone.
    Audio,
}

/// A recording that was started: what the adapter needs to find it again. Stored with the visit, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingHandle {
    /// Whose recording it is.
    pub provider: ProviderId,
    /// The service's own id of the room it is of.
    pub room: String,
    /// The service's own id of the recording, as notifications name it.
    pub recording: String,
    /// Whatever else the adapter needs, in the adapter's own format.
    pub details: RoomDetails,
}

/// What the service says about a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordingStatus {
    /// Being made.
    Running,
    /// Stopped; the file is not ready.
    Processing,
    /// The file is there.
    Ready(RecordingFile),
    /// There will be no file.
    Failed,
    /// The service cannot tell.
    Unknown,
}

/// A finished recording, kept where the practice said it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingFile {
    /// Where, in the words of the service: an object's address, a path, an id. Opaque; never a public link.
    pub location: String,
    /// SHA-256 of the file, where the service or the adapter can tell.
    pub sha256: Option<Sha256Hex>,
    /// Length in bytes, where it is known.
    pub bytes: Option<u64>,
    /// Length in time, where it is known.
    pub duration: Option<Duration>,
}
