//! Where Chime is, who asks, and where recordings and notifications go.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

/// How to reach Chime. Checked by [`ChimeProvider::new`](crate::ChimeProvider::new); `Debug` shows no credential.
#[derive(Clone)]
pub struct ChimeConfig {
    pub(crate) control_region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretString,
    pub(crate) session_token: Option<SecretString>,
    pub(crate) media_region: String,
    pub(crate) meetings_endpoint: Option<String>,
    pub(crate) pipelines_endpoint: Option<String>,
    pub(crate) recordings: Option<RecordingSink>,
    pub(crate) queue_url: Option<String>,
    pub(crate) notify_queue: Option<String>,
    pub(crate) patience: Duration,
}

#[derive(Clone)]
pub(crate) struct RecordingSink {
    pub(crate) bucket: String,
    pub(crate) key: Option<KmsKey>,
}

#[derive(Clone)]
pub(crate) struct KmsKey {
    pub(crate) id: String,
    pub(crate) role: String,
}

impl ChimeConfig {
    /// Takes the region whose endpoints are called (such as `us-east-1`) and an access key that may use them.
    #[must_use]
    pub fn new(
        control_region: impl Into<String>,
        access_key_id: impl Into<String>,
        secret_access_key: SecretString,
    ) -> Self {
        let control_region = control_region.into();
        Self {
            media_region: control_region.clone(),
            control_region,
            access_key_id: access_key_id.into(),
            secret_access_key,
            session_token: None,
            meetings_endpoint: None,
            pipelines_endpoint: None,
            recordings: None,
            queue_url: None,
            notify_queue: None,
            patience: Duration::from_secs(8),
        }
    }

    /// Adds the session token of temporary credentials.
    #[must_use]
    pub fn session_token(self, token: SecretString) -> Self {
        Self { session_token: Some(token), ..self }
    }

    /// Lets media flow through `region` where a visit names none; the control region unless set.
    #[must_use]
    pub fn media_region(self, region: impl Into<String>) -> Self {
        Self { media_region: region.into(), ..self }
    }

    /// Calls other addresses than those of the control region, such as FIPS endpoints; plain HTTP on the loopback only.
    #[must_use]
    pub fn endpoints(self, meetings: impl Into<String>, pipelines: impl Into<String>) -> Self {
        Self { meetings_endpoint: Some(meetings.into()), pipelines_endpoint: Some(pipelines.into()), ..self }
    }

    /// Records into the bucket of this ARN (`arn:aws:s3:::name`). Without it there are no recordings.
    #[must_use]
    pub fn recordings(self, bucket: impl Into<String>) -> Self {
        let key = self.recordings.and_then(|sink| sink.key);
        Self { recordings: Some(RecordingSink { bucket: bucket.into(), key }), ..self }
    }

    /// Encrypts recordings with a KMS key of the practice, which Chime uses in the role of this ARN. Call
    /// [`recordings`](Self::recordings) as well.
    #[must_use]
    pub fn kms_key(self, id: impl Into<String>, role: impl Into<String>) -> Self {
        let key = Some(KmsKey { id: id.into(), role: role.into() });
        let bucket = self.recordings.map(|sink| sink.bucket).unwrap_or_default();
        Self { recordings: Some(RecordingSink { bucket, key }), ..self }
    }

    /// Receives notifications from the SQS queue at this address, into which an EventBridge rule for `aws.chime`, an
    /// SNS topic or [`notify_queue`](Self::notify_queue) writes. Without it rooms are polled.
    #[must_use]
    pub fn queue_url(self, url: impl Into<String>) -> Self {
        Self { queue_url: Some(url.into()), ..self }
    }

    /// Asks Chime at each new room to write to the SQS queue of this ARN, in the control region.
    #[must_use]
    pub fn notify_queue(self, arn: impl Into<String>) -> Self {
        Self { notify_queue: Some(arn.into()), ..self }
    }

    /// Waits at most this long for an answer; 8 seconds unless set.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ChimeConfigError> {
        let region = |setting, text: &str| rule(setting, is_region(text), "is not the name of a region");
        region("control_region", &self.control_region)?;
        region("media_region", &self.media_region)?;
        let key = &self.access_key_id;
        let plain = (16..=128).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric());
        rule("access_key_id", plain, "is not an access key id")?;
        rule("secret_access_key", visible(&self.secret_access_key), "is empty or holds blanks")?;
        rule("session_token", self.session_token.as_ref().is_none_or(visible), "is empty or holds blanks")?;
        if let Some(RecordingSink { bucket, key }) = &self.recordings {
            rule("recordings", is_bucket(bucket), "is not the ARN of a bucket without a prefix")?;
            if let Some(KmsKey { id, role }) = key {
                let usable = (1..=2048).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
                rule("kms_key", usable, "is not the id, alias or ARN of a key")?;
                rule("kms_key", is_arn(role, "iam"), "needs the ARN of a role")?;
            }
        }
        let notify = self.notify_queue.as_ref().is_none_or(|arn| is_arn(arn, "sqs"));
        rule("notify_queue", notify, "is not the ARN of an SQS queue")?;
        rule("patience", !self.patience.is_zero(), "must be longer than nothing")
    }
}

impl fmt::Debug for ChimeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChimeConfig")
            .field("control_region", &self.control_region)
            .field("media_region", &self.media_region)
            .field("recordings", &self.recordings.is_some())
            .field("queue", &self.queue_url.is_some())
            .finish_non_exhaustive()
    }
}

/// A setting that cannot be used. Names it, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("chime setting {setting} {rule}")]
#[non_exhaustive]
pub struct ChimeConfigError {
    /// The setting, as the method of [`ChimeConfig`] is called.
    pub setting: &'static str,
    /// What is wrong with it.
    pub rule: &'static str,
}

pub(crate) fn rule(setting: &'static str, holds: bool, rule: &'static str) -> Result<(), ChimeConfigError> {
    if holds { Ok(()) } else { Err(ChimeConfigError { setting, rule }) }
}

fn is_region(text: &str) -> bool {
    (4..=32).contains(&text.len())
        && text.contains('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn visible(secret: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    let text = secret.expose_secret();
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_bucket(arn: &str) -> bool {
    let name = arn.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":s3:::")).map(|(_, name)| name);
    is_arn(arn, "s3") && name.is_some_and(|name| !name.is_empty() && !name.contains(['/', ':']))
}

/// The pattern that Chime holds ARNs against, and the service within.
fn is_arn(text: &str, service: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b':' | b'-' | b'_' | b'.');
    let mut parts = text.split(':');
    text.len() <= 1024
        && text.bytes().all(plain)
        && parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some(service)
}
