//! The waiting room of an appointment over the API.

use std::collections::BTreeSet;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use chrono::{DateTime, NaiveDate, Utc};
use mentalspace_core::{Address, AppointmentId, ClientId, PersonName, Phi, Phone, Relationship};
use mentalspace_telehealth_port::{
    ConsentId,
    consent::{ConsentStatus, Setting, Signer, TelehealthConsent},
    guard::{Guard, Override, ProviderAgreement},
    provider::{JoinCredential, ProviderId},
    visit::Minutes,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Body;
use crate::{
    app::App,
    params::InPath,
    practice::visits::{self, Act, CheckIn, EmergencyPerson, Encounter, SignedConsent, media},
    problem::Problem,
    signed::Signed,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/appointments/{appointment}/visit", get(read))
        .route("/appointments/{appointment}/visit/acts", post(act))
        .route("/appointments/{appointment}/visit/join", post(join))
        .route("/practice/video-agreement", put(agree))
        .route("/practice/video-settings", get(settings).put(change_settings))
        .route("/appointments/{appointment}/recordings", get(recordings))
        .route("/clients/{client}/telehealth-consents", get(consents))
        .route("/telehealth-consents/{consent}", axum::routing::delete(revoke_consent))
        .route("/telehealth-consents/{consent}/pdf", get(print_consent))
}

/// A visit on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitRecord {
    /// What the next act has to name; missing before the waiting room was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// `scheduled`, `open`, `in_progress`, `ending`, `ended`, `no_show`, `cancelled` or `failed`.
    state: &'static str,
    /// Everybody invited and where they stand.
    people: Vec<VisitPerson>,
    /// What would keep the client out now.
    refusals: Vec<VisitRefusal>,
    /// Whether a video service is connected; without one the telephone is used.
    media: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
}

/// Somebody invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitPerson {
    id: Uuid,
    /// `clinician`, `client` and so on.
    #[schema(value_type = String)]
    role: mentalspace_telehealth_port::visit::ParticipantRole,
    /// `invited`, `waiting`, `admitted` and so on.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived_at: Option<DateTime<Utc>>,
}

/// Why somebody would not be let in.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitRefusal {
    /// `consent`, `location`, `licence` and so on.
    #[schema(value_type = Option<String>)]
    guard: Option<Guard>,
    detail: String,
}

/// Something done at the door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitAct {
    /// The version that was read; none before the first act.
    version: Option<u64>,
    act: Deed,
}

/// What is done at the door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "one for each request")]
pub enum Deed {
    /// The clinician opens the waiting room.
    Open,
    /// The client has come.
    CheckIn {
        /// A consent given now.
        #[serde(default)]
        consent: Option<GivenConsent>,
        /// Where the client is.
        #[serde(default)]
        place: Option<Place>,
        /// Whom to call in an emergency, when nobody is on record.
        #[serde(default)]
        emergency: Option<EmergencyContact>,
    },
    /// The clinician lets the client in.
    Admit {
        /// Guards that are overridden, where the practice's policy allows it.
        #[serde(default)]
        #[schema(value_type = Vec<String>)]
        overriding: BTreeSet<Guard>,
        /// Why.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        reason: Phi<String>,
    },
    /// The clinician does not let the client in.
    Decline,
    /// Back into the waiting room.
    SendBack,
    /// Out of the visit.
    Remove,
    /// A refusal is taken back.
    AllowBack,
    /// The visit goes on by telephone.
    Telephone,
    /// The visit lasts longer.
    Extend {
        /// By so many minutes.
        minutes: u16,
    },
    /// The client did not come.
    NoShow,
    /// The visit is over.
    End,
}

/// A consent given at the desk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenConsent {
    /// `client`, `guardian` or `representative`.
    #[schema(value_type = String)]
    signer: Signer,
    #[schema(value_type = String)]
    name: Phi<String>,
    /// `paper` or `verbal`.
    how: ConsentWay,
}

/// How a consent was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentWay {
    /// On paper.
    Paper,
    /// Spoken, heard by whoever records it.
    Verbal,
}

/// Where a client is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    #[schema(value_type = Object)]
    address: Address,
    /// `home` or `elsewhere`.
    #[schema(value_type = String)]
    setting: Setting,
    /// The emergency service of that place.
    #[schema(value_type = String)]
    emergency_phone: Phone,
}

/// Whom to call in an emergency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContact {
    #[schema(value_type = Object)]
    name: PersonName,
    #[schema(value_type = String)]
    relationship: Relationship,
    #[schema(value_type = String)]
    phone: Phone,
}

/// What the browser needs to join. Shown once, never stored; silent in `Debug`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    /// A server and a token.
    Token {
        /// Where to connect.
        url: String,
        /// The secret.
        token: String,
        /// When it stops to work.
        expires_at: DateTime<Utc>,
    },
    /// Documents for the vendor's library.
    Documents {
        /// About the room.
        room: String,
        /// About the participant.
        participant: String,
        /// When it stops to work.
        expires_at: DateTime<Utc>,
    },
    /// A link to be opened.
    Link {
        /// The secret.
        url: String,
        /// When it stops to work.
        expires_at: DateTime<Utc>,
    },
}

/// An agreement with a video service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoAgreement {
    /// The name of the service, such as `livekit`.
    #[schema(value_type = String)]
    provider: ProviderId,
    from: NaiveDate,
    until: Option<NaiveDate>,
}

impl TryFrom<Deed> for Act {
    type Error = Problem;
    fn try_from(deed: Deed) -> Result<Self, Problem> {
        Ok(match deed {
            Deed::Open => Self::Open,
            Deed::CheckIn { consent, place, emergency } => Self::CheckIn(Box::new(CheckIn {
                consent: consent.map(|given| SignedConsent {
                    signer: given.signer,
                    name: given.name,
                    verbal: given.how == ConsentWay::Verbal,
                }),
                place: place.map(|place| (place.address, place.setting, place.emergency_phone)),
                emergency: emergency.map(|person| EmergencyPerson {
                    name: person.name,
                    relationship: person.relationship,
                    phone: person.phone,
                }),
            })),
            Deed::Admit { overriding, .. } if overriding.is_empty() => Self::Admit(None),
            Deed::Admit { overriding, reason } => Self::Admit(Some(Override::new(overriding, reason.into_exposed())?)),
            Deed::Decline => Self::Decline,
            Deed::SendBack => Self::SendBack,
            Deed::Remove => Self::Remove,
            Deed::AllowBack => Self::AllowBack,
            Deed::Telephone => Self::Telephone,
            Deed::Extend { minutes } => Self::Extend(Minutes(minutes)),
            Deed::NoShow => Self::NoShow,
            Deed::End => Self::End,
        })
    }
}

fn record(app: &App, encounter: &Encounter) -> VisitRecord {
    let visit = encounter.visit.as_ref();
    let people = visit.map(|visit| visit.participants()).unwrap_or_default();
    let refusal = |refusal: &mentalspace_telehealth_port::guard::Refusal| VisitRefusal {
        guard: refusal.guard(),
        detail: refusal.to_string(),
    };
    VisitRecord {
        version: visit.map(|visit| visit.version),
        state: visit.map_or("scheduled", |visit| visit.state().name()),
        people: people
            .iter()
            .map(|p| VisitPerson { id: p.id.uuid(), role: p.role, state: p.state.name(), arrived_at: p.arrived_at })
            .collect(),
        refusals: encounter.refusals.iter().map(refusal).collect(),
        media: media::is_connected(app),
        started_at: visit.and_then(|visit| visit.started_at()),
        ended_at: visit.and_then(|visit| visit.cut_at()),
    }
}

/// Shows the waiting room to those who may see the client.
#[utoipa::path(get, path = "/api/v1/appointments/{appointment}/visit", tag = "visits",
    params(("appointment" = Uuid, Path)),
    responses((status = 200, body = VisitRecord), (status = 401), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
) -> Result<Json<VisitRecord>, Problem> {
    let encounter = visits::encounter(&app, &signed, id).await?;
    Ok(Json(record(&app, &encounter)))
}

/// Does something at the door. A refusal names every reason.
#[utoipa::path(post, path = "/api/v1/appointments/{appointment}/visit/acts", tag = "visits",
    params(("appointment" = Uuid, Path)), request_body = VisitAct,
    responses((status = 200, body = VisitRecord), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn act(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
    Body(act): Body<VisitAct>,
) -> Result<Json<VisitRecord>, Problem> {
    visits::act(&app, &signed, id, act.version, &act.act.try_into()?).await?;
    let encounter = visits::encounter(&app, &signed, id).await?;
    Ok(Json(record(&app, &encounter)))
}

/// Mints the signed-in clinician's credential for the room.
#[utoipa::path(post, path = "/api/v1/appointments/{appointment}/visit/join", tag = "visits",
    params(("appointment" = Uuid, Path)),
    responses((status = 200, body = Credential), (status = 401), (status = 403), (status = 404), (status = 409), (status = 503)))]
pub async fn join(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
) -> Result<Json<Credential>, Problem> {
    let ticket = media::join(&app, &visits::Seat::Staff(Box::new(signed), id)).await?;
    Credential::of(&ticket).map(Json)
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

impl Credential {
    /// Writes a credential out, for the person it was minted for.
    ///
    /// # Errors
    /// The service uses a way to join that this server does not know.
    pub fn of(ticket: &media::Ticket) -> Result<Self, Problem> {
        let expires_at = ticket.expires_at;
        let secret = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
        Ok(match &ticket.credential {
            JoinCredential::Token { url, token } => Self::Token { url: url.clone(), token: secret(token), expires_at },
            JoinCredential::Documents { room, participant } => {
                Self::Documents { room: secret(room), participant: secret(participant), expires_at }
            }
            JoinCredential::Link { url } => Self::Link { url: secret(url), expires_at },
            _ => return Err(Problem::internal("The video service uses a way to join that this server does not know.")),
        })
    }
}

/// How visits are held by video.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What a change has to name.
    version: u64,
    /// `visit` (windows, graces, limits, `recording`), `chat` (`keep`: `off`, `days` or `record`), `recording_days`.
    #[schema(value_type = Object)]
    settings: visits::VideoSettings,
}

/// Reads how visits are held by video.
#[utoipa::path(get, path = "/api/v1/practice/video-settings", tag = "visits",
    responses((status = 200, body = Settings), (status = 401), (status = 403)))]
pub async fn settings(State(app): State<App>, signed: Signed) -> Result<Json<Settings>, Problem> {
    let found = visits::read_settings(&app, &signed).await?;
    Ok(Json(Settings { version: found.version, settings: found.value }))
}

/// Changes how visits are held by video; visits that are booked keep theirs.
#[utoipa::path(put, path = "/api/v1/practice/video-settings", tag = "visits", request_body = Settings,
    responses((status = 204), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn change_settings(
    State(app): State<App>,
    signed: Signed,
    Body(new): Body<Settings>,
) -> Result<StatusCode, Problem> {
    visits::change_settings(&app, &signed, new.version, new.settings).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A recording on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordingRecord {
    /// Counts the visit's recordings from 1.
    number: u32,
    /// `video` or `audio`.
    #[schema(value_type = String)]
    media: mentalspace_telehealth_port::provider::RecordingMedia,
    started_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
    /// SHA-256 of the file, where it is known.
    sha256: Option<String>,
    bytes: Option<u64>,
    /// Until when it is kept.
    keep_until: DateTime<Utc>,
    /// When the file was destroyed.
    destroyed_at: Option<DateTime<Utc>>,
    /// How many agreed.
    agreed: usize,
}

/// Lists the recordings of a visit.
#[utoipa::path(get, path = "/api/v1/appointments/{appointment}/recordings", tag = "visits",
    params(("appointment" = Uuid, Path)),
    responses((status = 200, body = Vec<RecordingRecord>), (status = 401), (status = 403), (status = 404)))]
pub async fn recordings(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<AppointmentId>,
) -> Result<Json<Vec<RecordingRecord>>, Problem> {
    let all = visits::recordings::list(&app, &signed, id).await?;
    let record = |found: mentalspace_core::store::Versioned<visits::recordings::StoredRecording>| {
        let stored = found.value;
        RecordingRecord {
            number: stored.number,
            media: stored.media,
            started_at: stored.started_at,
            stopped_at: stored.stopped_at,
            sha256: stored.file.sha256.map(String::from),
            bytes: stored.file.bytes,
            keep_until: stored.keep_until,
            destroyed_at: stored.destroyed_at,
            agreed: stored.answers.values().filter(|answer| answer.yes).count(),
        }
    };
    Ok(Json(all.into_iter().map(record).collect()))
}

/// A telehealth consent on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentRecord {
    id: Uuid,
    /// `client`, `guardian` or `representative`.
    #[schema(value_type = String)]
    signer: Signer,
    signed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// `valid`, `expired` or `revoked`.
    status: &'static str,
}

/// Lists the telehealth consents of a client, newest first.
#[utoipa::path(get, path = "/api/v1/clients/{client}/telehealth-consents", tag = "visits",
    params(("client" = Uuid, Path)),
    responses((status = 200, body = Vec<ConsentRecord>), (status = 401), (status = 403), (status = 404)))]
pub async fn consents(
    State(app): State<App>,
    signed: Signed,
    InPath(client): InPath<ClientId>,
) -> Result<Json<Vec<ConsentRecord>>, Problem> {
    let all = visits::consents::list(&app, &signed, client).await?;
    let record = |(consent, status): (TelehealthConsent, ConsentStatus)| ConsentRecord {
        id: consent.consent_id().uuid(),
        signer: consent.signer(),
        signed_at: consent.signed_at(),
        expires_at: consent.expires_at(),
        status: match status {
            ConsentStatus::Valid => "valid",
            ConsentStatus::Expired => "expired",
            ConsentStatus::Revoked => "revoked",
            _ => "not_yet",
        },
    };
    Ok(Json(all.into_iter().map(record).collect()))
}

/// Returns a consent's page as archived when it was signed.
#[utoipa::path(get, path = "/api/v1/telehealth-consents/{consent}/pdf", tag = "visits",
    params(("consent" = Uuid, Path)),
    responses((status = 200, content_type = "application/pdf"), (status = 401), (status = 403), (status = 404)))]
pub async fn print_consent(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ConsentId>,
) -> Result<axum::response::Response, Problem> {
    let pdf = visits::consents::print(&app, &signed, id).await?;
    Ok(super::claims::attachment("application/pdf", "telehealth-consent.pdf", pdf))
}

/// Takes a consent back.
#[utoipa::path(delete, path = "/api/v1/telehealth-consents/{consent}", tag = "visits",
    params(("consent" = Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn revoke_consent(
    State(app): State<App>,
    signed: Signed,
    InPath(id): InPath<ConsentId>,
) -> Result<StatusCode, Problem> {
    visits::consents::revoke(&app, &signed, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Records the business associate agreement with the video service.
#[utoipa::path(put, path = "/api/v1/practice/video-agreement", tag = "visits", request_body = VideoAgreement,
    responses((status = 204), (status = 401), (status = 403), (status = 422)))]
pub async fn agree(
    State(app): State<App>,
    signed: Signed,
    Body(new): Body<VideoAgreement>,
) -> Result<StatusCode, Problem> {
    let agreement = ProviderAgreement { provider: new.provider, from: new.from, until: new.until };
    visits::record_agreement(&app, &signed, agreement).await?;
    Ok(StatusCode::NO_CONTENT)
}
