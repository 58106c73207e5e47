//! Meetings and attendees as Chime writes them. Their documents go to the browser untouched; read is only what is
//! needed here.

use mentalspace_telehealth_port::provider::{GrantId, Media, ProviderError, ProviderErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::read;

/// `{"Meeting": …}`.
#[derive(Deserialize)]
pub(crate) struct MeetingAnswer {
    #[serde(rename = "Meeting")]
    pub(crate) meeting: Box<RawValue>,
}

/// `{"Attendee": …}`.
#[derive(Deserialize)]
pub(crate) struct AttendeeAnswer {
    #[serde(rename = "Attendee")]
    pub(crate) attendee: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Meeting {
    pub(crate) meeting_id: String,
    pub(crate) external_meeting_id: String,
    pub(crate) meeting_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attendee {
    pub(crate) attendee_id: String,
    pub(crate) external_user_id: String,
    pub(crate) capabilities: Option<Capabilities>,
}

impl Attendee {
    /// Chime compares these ids without regard to case.
    pub(crate) fn holds(&self, grant: &GrantId) -> bool {
        self.external_user_id.eq_ignore_ascii_case(&grant.to_string())
    }
}

/// One page of `ListAttendees`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttendeePage {
    #[serde(default)]
    pub(crate) attendees: Vec<Attendee>,
    pub(crate) next_token: Option<String>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Capabilities {
    audio: String,
    video: String,
    content: String,
}

impl From<Media> for Capabilities {
    /// Everybody sees and hears; what they send is asked.
    fn from(media: Media) -> Self {
        let direction = |send: bool| if send { "SendReceive" } else { "Receive" }.to_owned();
        Self { audio: direction(media.audio), video: direction(media.video), content: direction(media.screen) }
    }
}

/// Reads one of Chime's documents.
pub(crate) fn parse<'a, T: Deserialize<'a>>(document: &'a str) -> Result<T, ProviderError> {
    serde_json::from_str(document).map_err(|_| ProviderErrorKind::Protocol.into())
}

/// Checks an id before it becomes part of an address (8-4-4-4-12 hex digits).
pub(crate) fn id(text: &str) -> Result<&str, ProviderError> {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<_> = text.splitn(6, '-').collect();
    let shaped = parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| digits(part, length));
    if shaped { Ok(text) } else { Err(ProviderErrorKind::Protocol.into()) }
}

/// Reads an answer.
pub(crate) fn meeting_of(body: &[u8]) -> Result<Box<RawValue>, ProviderError> {
    Ok(read::<MeetingAnswer>(body)?.meeting)
}
