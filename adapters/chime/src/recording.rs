//! Recordings: a capture pipeline writes pieces into the practice's bucket, a concatenation pipeline makes one file of
//! them. There is no call to stop a capture; deleting it stops it and keeps what it wrote.

use mentalspace_http::Method;
use mentalspace_telehealth_port::consent::Sha256Hex;
use mentalspace_telehealth_port::provider::{
    IdempotencyKey, ProviderError, ProviderErrorKind, RecordingFile, RecordingHandle, RecordingMedia, RecordingStatus,
    RoomDetails, RoomHandle,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, read};
use crate::meeting::{Meeting, id, parse};
use crate::provider::{ChimeProvider, gone};

/// What is kept of a recording beside its ids.
#[derive(Serialize, Deserialize)]
struct Details {
    stage: Stage,
    media: RecordingMedia,
    /// Token of the concatenation, so that stopping twice makes one file.
    token: String,
    /// ARN of the capture pipeline.
    capture: String,
    /// Where the file will be.
    bucket: String,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Capture,
    Concatenation,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pipeline {
    media_pipeline_id: String,
    media_pipeline_arn: String,
    status: Option<String>,
}

/// Whichever kind of pipeline an answer is about.
#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "MediaCapturePipeline", alias = "MediaConcatenationPipeline", rename = "Pipeline")]
    pipeline: Pipeline,
}

/// Answer of the call that knows all kinds of pipelines.
#[derive(Deserialize)]
struct AnyAnswer {
    #[serde(rename = "MediaPipeline")]
    pipeline: Answer,
}

impl ChimeProvider {
    pub(crate) async fn capture(
        &self,
        room: &RoomHandle,
        media: RecordingMedia,
        key: &IdempotencyKey,
    ) -> Result<RecordingHandle, ProviderError> {
        let sink = self.sink.as_ref().ok_or(ProviderErrorKind::Unsupported)?;
        let meeting: Meeting = parse(room.details.expose())?;
        let mut body = json!({
            "SourceType": "ChimeSdkMeeting",
            "SourceArn": meeting.meeting_arn,
            "SinkType": "S3Bucket",
            "SinkArn": sink.bucket,
            "ClientRequestToken": key,
            "ChimeSdkMeetingConfiguration": { "ArtifactsConfiguration": artifacts(media) },
        });
        if let Some(kms) = &sink.key {
            body["SseAwsKeyManagementParams"] = json!({ "AwsKmsKeyId": kms.id });
            body["SinkIamRoleArn"] = json!(kms.role);
        }
        let call = Call::new(Method::POST, "/sdk-media-capture-pipelines").body(body);
        let made = read::<Answer>(&self.call(&self.pipelines, call).await?)?.pipeline;
        // The namespaces of tokens may be one, so the second is derived from the first rather than the same.
        let token = Sha256Hex::of(format!("concatenation {key}").as_bytes()).as_str().to_owned();
        let capture = made.media_pipeline_arn;
        let details = Details { stage: Stage::Capture, media, token, capture, bucket: sink.bucket.clone() };
        handle(room.provider.clone(), &room.room, &made.media_pipeline_id, &details)
    }

    pub(crate) async fn concatenate(&self, recording: &RecordingHandle) -> Result<RecordingHandle, ProviderError> {
        let mut details: Details = parse(recording.details.expose())?;
        if details.stage == Stage::Concatenation {
            return Ok(recording.clone());
        }
        let path = format!("/sdk-media-capture-pipelines/{}", id(&recording.recording)?);
        gone(self.call(&self.pipelines, Call::new(Method::DELETE, path)).await)?;
        let picture = match details.media {
            RecordingMedia::Video => "Enabled",
            RecordingMedia::Audio => "Disabled",
        };
        let off = json!({ "State": "Disabled" });
        let body = json!({
            "ClientRequestToken": details.token,
            "Sources": [{
                "Type": "MediaCapturePipeline",
                "MediaCapturePipelineSourceConfiguration": {
                    "MediaPipelineArn": details.capture,
                    "ChimeSdkMeetingConfiguration": { "ArtifactsConfiguration": {
                        "Audio": { "State": "Enabled" },
                        "Video": off,
                        "Content": off,
                        "DataChannel": off,
                        "TranscriptionMessages": off,
                        "MeetingEvents": off,
                        "CompositedVideo": { "State": picture },
                    } },
                },
            }],
            "Sinks": [{ "Type": "S3Bucket", "S3BucketSinkConfiguration": { "Destination": details.bucket } }],
        });
        let call = Call::new(Method::POST, "/sdk-media-concatenation-pipelines").body(body);
        let made = read::<Answer>(&self.call(&self.pipelines, call).await?)?.pipeline;
        details.stage = Stage::Concatenation;
        handle(recording.provider.clone(), &recording.room, &made.media_pipeline_id, &details)
    }

    pub(crate) async fn progress(&self, recording: &RecordingHandle) -> Result<RecordingStatus, ProviderError> {
        let details: Details = parse(recording.details.expose())?;
        let path = format!("/sdk-media-pipelines/{}", id(&recording.recording)?);
        let Some(answer) = gone(self.call(&self.pipelines, Call::new(Method::GET, path)).await)? else {
            return Ok(RecordingStatus::Unknown);
        };
        let status = read::<AnyAnswer>(&answer)?.pipeline.pipeline.status;
        Ok(match (status.as_deref(), details.stage) {
            (Some("Failed"), _) => RecordingStatus::Failed,
            (Some("Stopped"), Stage::Concatenation) => RecordingStatus::Ready(details.file(&recording.recording)),
            (Some("Stopping" | "Stopped"), Stage::Capture) => RecordingStatus::Processing,
            (Some("NotStarted" | "Initializing" | "InProgress" | "Paused" | "Stopping"), stage) => match stage {
                Stage::Capture => RecordingStatus::Running,
                Stage::Concatenation => RecordingStatus::Processing,
            },
            _ => RecordingStatus::Unknown,
        })
    }
}

impl Details {
    /// Where the file of a concatenation pipeline lies: a folder of its own, then one for each kind.
    fn file(&self, pipeline: &str) -> RecordingFile {
        let bucket = self.bucket.rsplit(':').next().unwrap_or_default();
        let kind = match self.media {
            RecordingMedia::Video => "composited-video",
            RecordingMedia::Audio => "audio",
        };
        let location = format!("s3://{bucket}/{pipeline}/{kind}/{pipeline}.mp4");
        RecordingFile { location, sha256: None, bytes: None, duration: None }
    }
}

/// One picture of everybody with the sound of all, or the sound alone; nothing per person.
fn artifacts(media: RecordingMedia) -> Value {
    let off = json!({ "State": "Disabled" });
    match media {
        RecordingMedia::Video => json!({
            "Audio": { "MuxType": "AudioWithCompositedVideo" },
            "Video": off,
            "Content": off,
            "CompositedVideo": {
                "Layout": "GridView",
                "Resolution": "HD",
                "GridViewConfiguration": { "ContentShareLayout": "PresenterOnly" },
            },
        }),
        RecordingMedia::Audio => json!({ "Audio": { "MuxType": "AudioOnly" }, "Video": off, "Content": off }),
    }
}

fn handle(
    provider: mentalspace_telehealth_port::provider::ProviderId,
    room: &str,
    pipeline: &str,
    details: &Details,
) -> Result<RecordingHandle, ProviderError> {
    let text = serde_json::to_string(details).map_err(|_| ProviderErrorKind::Protocol)?;
    Ok(RecordingHandle {
        provider,
        room: room.to_owned(),
        recording: id(pipeline)?.to_owned(),
        details: RoomDetails::new(text),
    })
}
