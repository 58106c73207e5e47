//! The practice's video services: which there are, whether they are up, and how often a call is repeated.

pub mod services;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use mentalspace_core::draw;
use mentalspace_telehealth_port::{
    provider::{
        Attempts, Breaker, BreakerPolicy, JoinGrant, Passage, ProviderError, ProviderErrorKind, ProviderId,
        RecordingHandle, RecordingStatus, Residency, RetryPolicy, RoomHandle, RoomStatus, TelehealthProvider,
    },
    visit::{Intent, Stray},
};

use crate::app::App;

/// The longest a single call may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The video services, the first the one visits are booked at.
#[derive(Debug)]
pub struct Video {
    services: Vec<Service>,
    residency: Residency,
    public_url: String,
    hosts: Vec<String>,
}

#[derive(Debug)]
struct Service {
    provider: Arc<dyn TelehealthProvider>,
    breaker: Mutex<Breaker>,
}

/// What a service answered.
#[derive(Debug)]
pub enum Answer {
    /// The room is open.
    Opened(RoomHandle),
    /// The credential is taken back.
    Revoked,
    /// A credential.
    Granted(JoinGrant),
    /// The room is closed.
    Closed,
    /// The recording runs.
    Recording(RecordingHandle),
    /// The recording stopped.
    Stopped(RecordingHandle),
    /// How the recording stands.
    Checked(RecordingStatus),
    /// How the room stands.
    Status(RoomStatus),
}

/// A call to a service.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// What a visit asks for.
    Intent(&'a Intent),
    /// How a room stands.
    Status(&'a RoomHandle),
}

impl Call<'_> {
    /// What stops something is tried even if the service is taken for down.
    const fn is_owed(&self) -> bool {
        matches!(
            self,
            Self::Intent(
                Intent::CloseRoom { .. }
                    | Intent::CloseStray { .. }
                    | Intent::Revoke { .. }
                    | Intent::StopRecording { .. }
            )
        )
    }
}

impl Video {
    /// Lists the services in the order they are tried.
    #[must_use]
    pub fn new(services: Vec<Arc<dyn TelehealthProvider>>, residency: Residency, public_url: &str) -> Self {
        let service = |provider| Service { provider, breaker: Mutex::new(Breaker::new(BreakerPolicy::default())) };
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { services: services.into_iter().map(service).collect(), residency, public_url, hosts: Vec::new() }
    }

    /// Lets pages of visits connect to these hosts.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// Returns the hosts pages of visits connect to.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Returns where services send their notifications, without the path.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Returns where media may flow.
    #[must_use]
    pub const fn residency(&self) -> &Residency {
        &self.residency
    }

    /// Returns every service, the preferred first.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<dyn TelehealthProvider>> {
        self.services.iter().map(|service| &service.provider)
    }

    /// Returns the service visits are booked at.
    #[must_use]
    pub fn preferred(&self) -> Option<&Arc<dyn TelehealthProvider>> {
        self.providers().next()
    }

    /// Returns the service of that name.
    #[must_use]
    pub fn provider(&self, id: &ProviderId) -> Option<&Arc<dyn TelehealthProvider>> {
        self.providers().find(|provider| provider.id() == *id)
    }

    /// Returns the services to move to from one that is down, best first.
    pub fn instead_of(&self, id: &ProviderId) -> impl Iterator<Item = &Arc<dyn TelehealthProvider>> {
        self.providers().filter(move |provider| provider.id() != *id)
    }

    /// Makes a call with the repetitions it may have.
    ///
    /// # Errors
    /// The last failure, or the first that leaves open whether the service did what it was asked: a plain refusal later
    /// does not undo that. `Throttled` at once, without a call, while the service is taken for down.
    pub async fn call(&self, app: &App, id: &ProviderId, call: Call<'_>) -> Result<Answer, ProviderError> {
        let service = self.services.iter().find(|service| service.provider.id() == *id);
        let service = service.ok_or(ProviderErrorKind::Unsupported)?;
        let mut attempts = Attempts::new(RetryPolicy::default());
        let mut unsure = None;
        loop {
            if !call.is_owed()
                && let Passage::Closed { until } = service.breaker().ask(app.now())
            {
                let retry_after = (until - app.now()).to_std().ok();
                return Err(unsure.unwrap_or_else(|| ProviderErrorKind::Throttled { retry_after }.into()));
            }
            let made = tokio::time::timeout(PATIENCE, make(service.provider.as_ref(), call, app.now())).await;
            let made = made.unwrap_or_else(|_| Err(ProviderErrorKind::Timeout.into()));
            service.breaker().record(made.as_ref().map(drop).map_err(|error| error.kind), app.now());
            let error = match made {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.kind.may_have_taken_effect() {
                unsure.get_or_insert(error.clone());
            }
            let random = u32::from_be_bytes(draw(app.entropy()));
            match attempts.after(error.kind, random) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(unsure.unwrap_or(error)),
            }
        }
    }
}

impl Service {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn make(video: &dyn TelehealthProvider, call: Call<'_>, now: DateTime<Utc>) -> Result<Answer, ProviderError> {
    let intent = match call {
        Call::Status(room) => return video.room_status(room).await.map(Answer::Status),
        Call::Intent(intent) => intent,
    };
    match intent {
        Intent::OpenRoom { key, spec, .. } => video.open_room(spec, key).await.map(Answer::Opened),
        Intent::Revoke { room, grant } => video.revoke(room, grant).await.map(|_| Answer::Revoked),
        Intent::Grant { room, participant } => video.join_grant(room, participant, now).await.map(Answer::Granted),
        Intent::CloseRoom { room } => video.close_room(room).await.map(|()| Answer::Closed),
        Intent::CloseStray { stray: Stray::Known(room), .. } => video.close_room(room).await.map(|()| Answer::Closed),
        Intent::CloseStray { stray, spec } => {
            let room = video.open_room(spec, stray.key()).await?;
            video.close_room(&room).await.map(|()| Answer::Closed)
        }
        Intent::StartRecording { room, media, key } => {
            video.start_recording(room, *media, key).await.map(Answer::Recording)
        }
        Intent::StopRecording { recording } => video.stop_recording(recording).await.map(Answer::Stopped),
        Intent::CheckRecording { recording, .. } => video.recording_status(recording).await.map(Answer::Checked),
        _ => Err(ProviderErrorKind::Unsupported.into()),
    }
}
