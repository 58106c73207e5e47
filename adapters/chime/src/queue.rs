//! Notifications out of an SQS queue: EventBridge events of `aws.chime`, as they are, through an SNS topic, or written
//! by Chime itself. Whoever may write to the queue is believed, so that its policy must let nobody else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mentalspace_http::{Client, Method};
use mentalspace_telehealth_port::provider::{
    Delivery, GrantId, ProviderError, ProviderErrorKind, ProviderEvent, ProviderEventKind,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Service, read, send};
use crate::config::{ChimeConfigError, rule};
use crate::sigv4::Signer;

/// Longest answer read: ten messages of the service's largest size, 1 MiB, escaped.
const LIMIT: usize = 24 << 20;
/// Longest wait the service allows.
const LONGEST_WAIT: u64 = 20;
/// Most messages in one call.
const BATCH: usize = 10;

#[derive(Debug)]
pub(crate) struct Queue {
    url: String,
    service: Service,
    client: Client,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    receipt_handle: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deleted {
    #[serde(default)]
    failed: Vec<Value>,
}

impl Queue {
    pub(crate) fn new(url: &str, region: &str, patience: Duration) -> Result<Self, ChimeConfigError> {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let named = rest.len() > host.len() + 1;
        rule("queue_url", named && url.len() <= 1024, "is not the address of a queue")?;
        let base = &url[..url.len() - rest.len() + host.len()];
        // `sqs.<region>.amazonaws.com`; the queue may be in another region than the meetings.
        let region = host.strip_prefix("sqs.").and_then(|host| host.split('.').next()).unwrap_or(region);
        let no_tls = |_| ChimeConfigError { setting: "queue_url", rule: "needs root certificates of the machine" };
        let client = Client::new(patience + Duration::from_secs(LONGEST_WAIT), LIMIT).map_err(no_tls)?;
        Ok(Self { url: url.to_owned(), service: Service::new("queue_url", base, region, "sqs")?, client })
    }

    async fn call(&self, signer: &Signer, target: &'static str, body: Value) -> Result<Vec<u8>, ProviderError> {
        let call = Call { target: Some(target), ..Call::new(Method::POST, "/") }.body(body);
        send(&self.client, signer, &self.service, call).await
    }

    pub(crate) async fn receive(&self, signer: &Signer, wait: Duration) -> Result<Vec<Delivery>, ProviderError> {
        let body = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": BATCH,
            "WaitTimeSeconds": wait.as_secs().min(LONGEST_WAIT),
        });
        let received: Received = read(&self.call(signer, "AmazonSQS.ReceiveMessage", body).await?)?;
        let deliver = |message: Message| Delivery {
            receipt: message.receipt_handle,
            events: event(&message.body).into_iter().collect(),
        };
        Ok(received.messages.into_iter().map(deliver).collect())
    }

    pub(crate) async fn acknowledge(&self, signer: &Signer, receipts: &[String]) -> Result<(), ProviderError> {
        for batch in receipts.chunks(BATCH) {
            let entry = |(number, receipt)| json!({ "Id": format!("{number}"), "ReceiptHandle": receipt });
            let entries: Vec<_> = batch.iter().enumerate().map(entry).collect();
            let body = json!({ "QueueUrl": self.url, "Entries": entries });
            let deleted: Deleted = read(&self.call(signer, "AmazonSQS.DeleteMessageBatch", body).await?)?;
            if !deleted.failed.is_empty() {
                return Err(ProviderErrorKind::Unavailable { retry_after: None }.into());
            }
        }
        Ok(())
    }
}

/// An SNS notification in a queue (without raw delivery).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Topic {
    message: String,
}

/// An EventBridge event.
#[derive(Deserialize)]
struct Envelope {
    source: String,
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    /// Milliseconds since 1970.
    timestamp: i64,
    meeting_id: Option<String>,
    attendee_id: Option<String>,
    external_user_id: Option<String>,
    media_pipeline_id: Option<String>,
}

/// Reads a message; `None` if it tells nothing about our rooms.
fn event(body: &str) -> Option<ProviderEvent> {
    let topic: Option<Topic> = serde_json::from_str(body).ok();
    let text = topic.as_ref().map_or(body, |topic| topic.message.as_str());
    let envelope: Envelope = serde_json::from_str(text).ok()?;
    if envelope.source != "aws.chime" {
        return None;
    }
    let detail = envelope.detail;
    let grant = || detail.external_user_id.as_ref()?.to_ascii_lowercase().parse::<GrantId>().ok();
    let kind = match detail.event_type.strip_prefix("chime:")? {
        "MeetingEnded" => ProviderEventKind::RoomEnded,
        "AttendeeJoined" => ProviderEventKind::Joined(grant()?),
        "AttendeeLeft" => ProviderEventKind::Left(grant()?),
        "AttendeeDropped" => ProviderEventKind::Dropped(grant()?),
        pipeline if pipeline.starts_with("MediaPipeline") => ProviderEventKind::RecordingChanged,
        _ => return None,
    };
    let room = detail.meeting_id?;
    // Made of what happened, so that the same event by two ways is one.
    let about = detail.attendee_id.or(detail.media_pipeline_id).unwrap_or_default();
    let id = format!("{}/{room}/{about}/{}", detail.event_type, detail.timestamp);
    Some(ProviderEvent { id, at: DateTime::<Utc>::from_timestamp_millis(detail.timestamp)?, room, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: &str = "p_00000000000000000000000000000001_3";

    fn body(kind: &str) -> String {
        json!({
            "version": "0",
            "source": "aws.chime",
            "account": "111122223333",
            "region": "us-east-1",
            "detail-type": "Chime Meeting State Change",
            "time": "2026-11-23T15:00:00Z",
            "resources": [],
            "detail": {
                "version": "0",
                "eventType": kind,
                "timestamp": 1_795_446_000_123_i64,
                "meetingId": "87654321-4321-4321-1234-111122223333",
                "externalMeetingId": "key",
                "mediaRegion": "us-east-1",
                "attendeeId": "87654321-4321-4321-1234-111122224444",
                "externalUserId": GRANT.to_uppercase(),
                "networkType": "Voip",
            },
        })
        .to_string()
    }

    #[test]
    fn the_same_event_by_two_ways_is_one() {
        let plain = body("chime:AttendeeJoined");
        let topic = json!({ "Type": "Notification", "MessageId": "x", "Message": plain }).to_string();
        let read = event(&plain).unwrap();
        assert_eq!(read.kind, ProviderEventKind::Joined(GRANT.parse().unwrap()));
        assert_eq!(read.room, "87654321-4321-4321-1234-111122223333");
        assert_eq!(read.at.timestamp_millis(), 1_795_446_000_123);
        assert_eq!(event(&topic), Some(read));
    }

    #[test]
    fn every_kind_is_told_in_our_words() {
        let grant = GRANT.parse().unwrap();
        for (kind, expected) in [
            ("chime:MeetingEnded", Some(ProviderEventKind::RoomEnded)),
            ("chime:AttendeeLeft", Some(ProviderEventKind::Left(grant))),
            ("chime:AttendeeDropped", Some(ProviderEventKind::Dropped(grant))),
            ("chime:MediaPipelineInProgress", Some(ProviderEventKind::RecordingChanged)),
            ("chime:MeetingStarted", None),
            ("chime:AttendeeContentJoined", None),
            ("chime:SomethingNew", None),
        ] {
            assert_eq!(event(&body(kind)).map(|event| event.kind), expected, "{kind}");
        }
    }

    #[test]
    fn what_is_not_ours_says_nothing() {
        let foreign = body("chime:MeetingEnded").replace("aws.chime", "practice.app");
        let stranger = body("chime:AttendeeJoined").replace(&GRANT.to_uppercase(), "aws:MediaPipeline-1");
        let ancient = body("chime:MeetingEnded").replace("1795446000123", "9223372036854775807");
        for text in ["", "{}", "[]", "null", "{\"Message\":\"\"}", &foreign, &stranger, &ancient] {
            assert_eq!(event(text), None, "{text}");
        }
    }
}
