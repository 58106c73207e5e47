//! Recordings: Janus writes one raw file per stream into a folder of the recording; what is kept is one playable file
//! per stream and a manifest that lists them with their hashes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use mentalspace_telehealth_port::consent::Sha256Hex;
use mentalspace_telehealth_port::provider::{
    GrantId, IdempotencyKey, ProviderError, ProviderErrorKind, ProviderId, RecordingFile, RecordingHandle,
    RecordingMedia, RecordingStatus, RoomDetails,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

const CONVERTER: &str = "janus-pp-rec";
const MANIFEST: &str = "manifest.json";
/// A file that was written to this recently may not be finished.
const QUIET: TimeDelta = TimeDelta::seconds(2);
/// Longest time for one file; an hour of video takes seconds.
const PATIENCE: Duration = Duration::from_secs(1800);
/// Length of a raw file without any packet: its magic number.
const EMPTY: u64 = 8;

/// What a recording's handle keeps.
#[derive(Serialize, Deserialize)]
pub(crate) struct Take {
    pub(crate) secret: String,
    pub(crate) media: RecordingMedia,
    pub(crate) stopped: bool,
}

impl Take {
    pub(crate) fn of(recording: &RecordingHandle) -> Result<Self, ProviderError> {
        serde_json::from_str(recording.details.expose()).map_err(|_| ProviderErrorKind::InvalidRequest.into())
    }

    pub(crate) fn handle(
        &self,
        provider: &ProviderId,
        room: &str,
        recording: &str,
    ) -> Result<RecordingHandle, ProviderError> {
        let details = serde_json::to_string(self).map_err(|_| ProviderErrorKind::InvalidRequest)?;
        Ok(RecordingHandle {
            provider: provider.clone(),
            room: room.to_owned(),
            recording: recording.to_owned(),
            details: RoomDetails::new(details),
        })
    }
}

/// The folder of recordings, as it is called here.
#[derive(Debug)]
pub(crate) struct Archive {
    folder: PathBuf,
    /// What is being converted by this process.
    work: Mutex<HashMap<String, JoinHandle<io::Result<()>>>>,
    /// One conversion at a time.
    turn: Arc<Semaphore>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    version: u32,
    recording: String,
    media: RecordingMedia,
    seconds: u64,
    streams: Vec<Stream>,
}

#[derive(Serialize, Deserialize)]
struct Stream {
    file: String,
    participant: GrantId,
    stream: Kind,
    started_at: DateTime<Utc>,
    bytes: u64,
    sha256: Sha256Hex,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Audio,
    Camera,
    Screen,
}

/// A file as Janus wrote it.
struct Raw {
    path: PathBuf,
    name: String,
    participant: GrantId,
    kind: Kind,
    started_at: DateTime<Utc>,
    modified: DateTime<Utc>,
    bytes: u64,
}

impl Archive {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, work: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    pub(crate) async fn is_there(&self) -> bool {
        let folder = self.folder.clone();
        blocking(move || fs::read_dir(folder)).await.is_ok()
    }

    /// Makes the folder of a recording, so that what Janus writes there can be read and removed by us, too.
    pub(crate) async fn prepare(&self, recording: &str) -> Result<(), ProviderError> {
        let (base, folder) = (self.folder.clone(), self.folder_of(recording)?);
        let made = blocking(move || {
            fs::metadata(base)?;
            fs::create_dir_all(&folder)?;
            share(&folder)
        });
        made.await
            .map_err(|_| ProviderError::new(ProviderErrorKind::Unavailable { retry_after: None }).with_code("folder"))
    }

    /// Tells how a stopped recording stands, and goes on with it.
    pub(crate) async fn status(
        &self,
        room: &str,
        recording: &str,
        media: RecordingMedia,
    ) -> Result<RecordingStatus, ProviderError> {
        let folder = self.folder_of(recording)?;
        let (base, room, key) = (self.folder.clone(), room.to_owned(), recording.to_owned());
        let found = blocking(move || {
            if let Some(bytes) = if_there(fs::read(folder.join(MANIFEST)))? {
                sweep(&folder, &room, &bytes)?;
                return Ok(Found::Manifest(bytes));
            }
            fs::metadata(&base)?;
            Ok(Found::Raw(Job { files: raw_files(&folder, &room)?, folder, media, key }))
        });
        match found.await.map_err(|_| ProviderErrorKind::Unavailable { retry_after: None })? {
            Found::Manifest(bytes) => Ok(status_of(recording, &bytes)),
            Found::Raw(job) if job.files.is_empty() => Ok(RecordingStatus::Failed),
            Found::Raw(job) => {
                let now = instant(SystemTime::now());
                let quiet = |raw: &Raw| now - raw.modified >= QUIET;
                if job.files.iter().all(quiet) {
                    self.work_on(recording, job).await?;
                }
                Ok(RecordingStatus::Processing)
            }
        }
    }

    /// Starts to convert unless that is under way, and reports how the last attempt failed.
    async fn work_on(&self, recording: &str, job: Job) -> Result<(), ProviderError> {
        let ended = {
            let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
            work.retain(|key, task| key == recording || !task.is_finished());
            match work.remove(recording) {
                Some(task) if !task.is_finished() => {
                    work.insert(recording.to_owned(), task);
                    return Ok(());
                }
                Some(task) => task,
                None => {
                    let turn = Arc::clone(&self.turn);
                    let task = tokio::spawn(async move {
                        let _turn = turn.acquire_owned().await.map_err(io::Error::other)?;
                        job.convert().await
                    });
                    work.insert(recording.to_owned(), task);
                    return Ok(());
                }
            }
        };
        match ended.await {
            // Done meanwhile: the next question finds the manifest.
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(ProviderError::new(ProviderErrorKind::Unavailable { retry_after: None }).with_code("conversion"))
            }
        }
    }

    /// Removes whatever there is of a recording.
    pub(crate) async fn delete(&self, recording: &str) -> Result<(), ProviderError> {
        let folder = self.folder_of(recording)?;
        let task = self.work.lock().unwrap_or_else(PoisonError::into_inner).remove(recording);
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
        let removed = blocking(move || if_there(fs::remove_dir_all(folder))).await;
        removed.map(|_| ()).map_err(|_| ProviderErrorKind::Unavailable { retry_after: None }.into())
    }

    /// Names the folder of a recording; the name is one of ours and so without dots and slashes.
    fn folder_of(&self, recording: &str) -> Result<PathBuf, ProviderError> {
        let key = IdempotencyKey::parse(recording).map_err(|_| ProviderErrorKind::InvalidRequest)?;
        Ok(self.folder.join(key.as_str()))
    }
}

enum Found {
    Manifest(Vec<u8>),
    Raw(Job),
}

struct Job {
    folder: PathBuf,
    key: String,
    media: RecordingMedia,
    files: Vec<Raw>,
}

impl Job {
    /// Converts file after file, writes the manifest, then removes the raw files. May be repeated after a crash.
    async fn convert(self) -> io::Result<()> {
        let Self { folder, key, media, files } = self;
        let (wanted, unwanted): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|raw| raw.bytes > EMPTY && (media == RecordingMedia::Video || raw.kind == Kind::Audio));
        remove(unwanted).await?;
        let from = wanted.iter().map(|raw| raw.started_at).min();
        let until = wanted.iter().map(|raw| raw.modified).max();
        let length = from.zip(until).and_then(|(from, until)| (until - from).to_std().ok()).unwrap_or_default();
        let mut manifest =
            Manifest { version: 1, recording: key, media, seconds: length.as_secs(), streams: Vec::new() };
        let mut done = Vec::new();
        for raw in wanted {
            let (stream, is_raw) = raw.convert(&folder).await?;
            manifest.streams.push(stream);
            if !is_raw {
                done.push(raw);
            }
        }
        blocking(move || {
            let text = serde_json::to_vec_pretty(&manifest)?;
            let part = folder.join("manifest.part");
            let mut file = File::create(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(part, folder.join(MANIFEST))?;
            File::open(&folder)?.sync_all()
        })
        .await?;
        remove(done).await
    }
}

impl Raw {
    /// Makes a playable file; one that cannot be made so is kept as it is, which the second part of the answer says.
    async fn convert(&self, folder: &Path) -> io::Result<(Stream, bool)> {
        let ending = if self.kind == Kind::Audio { "opus" } else { "webm" };
        let file = format!("{}.{ending}", self.name);
        let part = folder.join(format!("{}.part.{ending}", self.name));
        let command = Command::new(CONVERTER)
            .args([OsString::from(&self.path), OsString::from(&part)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status();
        let converted = tokio::time::timeout(PATIENCE, command).await??.success();
        let (folder, raw) = (folder.to_owned(), self.path.clone());
        let (kept, bytes, sha256) = blocking(move || {
            let made = if_there(fs::metadata(&part))?.is_some_and(|made| made.len() > 0);
            let kept = if converted && made {
                let kept = folder.join(&file);
                File::open(&part)?.sync_all()?;
                fs::rename(&part, &kept)?;
                kept
            } else {
                if_there(fs::remove_file(&part))?;
                raw
            };
            let (bytes, sha256) = hash(&kept)?;
            Ok((kept, bytes, sha256))
        })
        .await?;
        let file = kept.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_raw = kept == self.path;
        let (participant, stream, started_at) = (self.participant, self.kind, self.started_at);
        Ok((Stream { file, participant, stream, started_at, bytes, sha256 }, is_raw))
    }

    /// Reads a name like `videoroom-<room>-user-<grant>-<microseconds>-audio-0.mjr`.
    fn read(entry: &fs::DirEntry, room: &str) -> io::Result<Option<Self>> {
        let named = |name: &str| {
            let name = name.strip_prefix("videoroom-")?.strip_prefix(room)?.strip_prefix("-user-")?;
            let name = name.strip_suffix(".mjr").or_else(|| name.strip_suffix(".mjr.tmp"))?;
            let mut parts = name.rsplitn(4, '-');
            let kind = match (parts.next()?, parts.next()?) {
                (_, "audio") => Kind::Audio,
                ("2", "video") => Kind::Screen,
                (_, "video") => Kind::Camera,
                _ => return None,
            };
            let started_at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
            Some((name.to_owned(), parts.next()?.parse().ok()?, kind, started_at))
        };
        let Some((name, participant, kind, started_at)) = entry.file_name().to_str().and_then(named) else {
            return Ok(None);
        };
        let about = entry.metadata()?;
        let (modified, bytes) = (instant(about.modified()?), about.len());
        let raw = Self { path: entry.path(), name, participant, kind, started_at, modified, bytes };
        Ok(about.is_file().then_some(raw))
    }
}

fn raw_files(folder: &Path, room: &str) -> io::Result<Vec<Raw>> {
    let mut files = Vec::new();
    for entry in if_there(fs::read_dir(folder))?.into_iter().flatten() {
        files.extend(if_there(Raw::read(&entry?, room))?.flatten());
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn status_of(recording: &str, manifest: &[u8]) -> RecordingStatus {
    match serde_json::from_slice::<Manifest>(manifest) {
        Err(_) => RecordingStatus::Unknown,
        Ok(known) if known.streams.is_empty() => RecordingStatus::Failed,
        Ok(known) => RecordingStatus::Ready(RecordingFile {
            location: format!("{recording}/{MANIFEST}"),
            sha256: Some(Sha256Hex::of(manifest)),
            bytes: Some(known.streams.iter().map(|stream| stream.bytes).sum()),
            duration: Some(Duration::from_secs(known.seconds)),
        }),
    }
}

/// Removes raw files that the manifest does not name: whoever converted them may have stopped, or is about to, before
/// removing them.
fn sweep(folder: &Path, room: &str, manifest: &[u8]) -> io::Result<()> {
    let Ok(Manifest { streams, .. }) = serde_json::from_slice(manifest) else { return Ok(()) };
    for raw in raw_files(folder, room)? {
        let named = |stream: &Stream| raw.path.file_name().is_some_and(|name| *name == *stream.file);
        if !streams.iter().any(named) {
            if_there(fs::remove_file(&raw.path))?;
        }
    }
    Ok(())
}

async fn remove(files: Vec<Raw>) -> io::Result<()> {
    blocking(move || {
        for file in files {
            if_there(fs::remove_file(file.path))?;
        }
        Ok(())
    })
    .await
}

fn hash(path: &Path) -> io::Result<(u64, Sha256Hex)> {
    let (mut file, mut hash, mut bytes, mut buffer) = (File::open(path)?, Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += u64::try_from(read).map_err(io::Error::other)?;
    }
    let hash = Sha256Hex::try_from(hex::encode(hash.finalize())).map_err(io::Error::other)?;
    Ok((bytes, hash))
}

/// Answers whether the converter is installed.
pub(crate) async fn can_convert() -> bool {
    let quiet = || Stdio::null();
    Command::new(CONVERTER).stdin(quiet()).stdout(quiet()).stderr(quiet()).status().await.is_ok()
}

fn instant(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    DateTime::UNIX_EPOCH + TimeDelta::from_std(since).unwrap_or_default()
}

/// Lets the group write, and gives it what is made inside.
#[cfg(unix)]
fn share(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o2770))
}

#[cfg(not(unix))]
fn share(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
