//! Accounts and clinicians over the API, for administrators.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use mentalspace_core::{Clinician, ClinicianId, Email, Phi, Role, UserId, store::Versioned};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Body, claims::Changed, sessions::SessionView};
use crate::{
    app::App,
    params::InPath,
    practice::{
        clinicians::{self, ClinicianDetails},
        staff::{self, Employee, OneTime, Post},
    },
    problem::Problem,
    sessions,
    signed::Signed,
    welcome::{self, Invited},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(list).post(add))
        .route("/users/{user}", get(read).put(change))
        .route("/users/{user}/enabled", post(enable))
        .route("/users/{user}/reset", post(reset))
        .route("/users/{user}/invitation", post(invite_again).delete(uninvite))
        .route("/invitations", post(invite))
        .route("/users/{user}/sessions", get(list_sessions).delete(end_sessions))
        .route("/clinicians", get(clinicians))
        .route("/clinicians/{clinician}", get(clinician).put(change_clinician))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    /// Name used to sign in.
    #[schema(value_type = String)]
    login: Email,
    display_name: String,
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The clinician this person is.
    clinician: Option<Uuid>,
    /// Whether the person may sign in.
    enabled: bool,
    /// Whether the one-time password has not been replaced yet.
    must_change_password: bool,
    /// Whether a second factor is set up.
    second_factor: bool,
}

impl From<Employee> for UserView {
    fn from(employee: Employee) -> Self {
        let Versioned { version, value: user } = employee.user;
        Self {
            id: user.id.uuid(),
            version,
            login: user.login,
            display_name: user.display_name,
            roles: user.roles,
            clinician: user.clinician.map(ClinicianId::uuid),
            enabled: user.enabled,
            must_change_password: user.must_change_password,
            second_factor: employee.second_factor,
        }
    }
}

/// An account to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The e-mail address used to sign in.
    #[schema(value_type = String)]
    login: Email,
    post: Post,
}

/// A change of what somebody is and does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostChange {
    /// The version that was read.
    version: u64,
    post: Post,
}

/// Whether somebody may sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enabling {
    /// The version that was read.
    version: u64,
    enabled: bool,
}

/// A new way to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// The version that was read.
    version: u64,
}

/// A password that is shown once and must be replaced at the first sign-in, within three days.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneTimeView {
    user: Uuid,
    #[schema(value_type = String)]
    password: Phi<String>,
}

impl From<OneTime> for OneTimeView {
    fn from(made: OneTime) -> Self {
        Self { user: made.user.uuid(), password: Phi::new(made.password.expose_secret().to_owned()) }
    }
}

/// An invitation that was given out.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedView {
    user: Uuid,
    /// The link to hand over; missing where it is mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    link: Option<Phi<String>>,
}

impl From<Invited> for InvitedView {
    fn from(invited: Invited) -> Self {
        let link = invited.link.map(|link| Phi::new(link.expose_secret().to_owned()));
        Self { user: invited.user.uuid(), link }
    }
}

/// A clinician on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClinicianView {
    id: Uuid,
    /// What the next change has to name.
    version: u64,
    clinician: ClinicianDetails,
}

impl From<Versioned<Clinician>> for ClinicianView {
    fn from(found: Versioned<Clinician>) -> Self {
        Self { id: found.id.uuid(), version: found.version, clinician: found.value.into() }
    }
}

/// A change of a clinician.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicianChange {
    /// The version that was read.
    version: u64,
    clinician: ClinicianDetails,
}

/// Lists everybody with an account, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "staff",
    responses((status = 200, body = Vec<UserView>), (status = 403)))]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Vec<UserView>>, Problem> {
    Ok(Json(staff::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Opens an account with a one-time password.
#[utoipa::path(post, path = "/api/v1/users", tag = "staff", request_body = NewAccount,
    responses((status = 201, body = OneTimeView), (status = 403), (status = 422)))]
pub async fn add(
    State(app): State<App>,
    signed: Signed,
    Body(account): Body<NewAccount>,
) -> Result<(StatusCode, Json<OneTimeView>), Problem> {
    let made = staff::add(&app, &signed, account.login, account.post).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Opens an account by an invitation: a link that works once, for three days.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "staff", request_body = NewAccount,
    responses((status = 201, body = InvitedView), (status = 403), (status = 422)))]
pub async fn invite(
    State(app): State<App>,
    signed: Signed,
    Body(account): Body<NewAccount>,
) -> Result<(StatusCode, Json<InvitedView>), Problem> {
    let invited = staff::invite(&app, &signed, account.login, account.post).await?;
    Ok((StatusCode::CREATED, Json(invited.into())))
}

/// Makes a new link for an account that nobody has taken up; the earlier one no longer works.
#[utoipa::path(post, path = "/api/v1/users/{user}/invitation", tag = "staff", params(("user" = Uuid, Path)),
    responses((status = 200, body = InvitedView), (status = 403), (status = 404), (status = 409)))]
pub async fn invite_again(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
) -> Result<Json<InvitedView>, Problem> {
    Ok(Json(welcome::again(&app, &signed, user).await?.into()))
}

/// Takes back an invitation.
#[utoipa::path(delete, path = "/api/v1/users/{user}/invitation", tag = "staff", params(("user" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
pub async fn uninvite(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
) -> Result<StatusCode, Problem> {
    welcome::withdraw(&app, &signed, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows an account.
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "staff", params(("user" = Uuid, Path)),
    responses((status = 200, body = UserView), (status = 403), (status = 404)))]
pub async fn read(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(staff::read(&app, &signed, user).await?.into()))
}

/// Changes somebody's name and roles.
#[utoipa::path(put, path = "/api/v1/users/{user}", tag = "staff", params(("user" = Uuid, Path)),
    request_body = PostChange,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
    Body(change): Body<PostChange>,
) -> Result<Json<Changed>, Problem> {
    let version = staff::change(&app, &signed, user, change.version, change.post).await?;
    Ok(Json(Changed { version }))
}

/// Shuts an account, which ends its sessions, or opens it again.
#[utoipa::path(post, path = "/api/v1/users/{user}/enabled", tag = "staff", params(("user" = Uuid, Path)),
    request_body = Enabling,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409)))]
pub async fn enable(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
    Body(wanted): Body<Enabling>,
) -> Result<Json<Changed>, Problem> {
    let version = staff::enable(&app, &signed, user, wanted.version, wanted.enabled).await?;
    Ok(Json(Changed { version }))
}

/// Makes a new one-time password and ends the person's sessions.
#[utoipa::path(post, path = "/api/v1/users/{user}/reset", tag = "staff", params(("user" = Uuid, Path)),
    request_body = Reset,
    responses((status = 200, body = OneTimeView), (status = 403), (status = 404), (status = 409)))]
pub async fn reset(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
    Body(wanted): Body<Reset>,
) -> Result<Json<OneTimeView>, Problem> {
    Ok(Json(staff::reset(&app, &signed, user, wanted.version).await?.into()))
}

/// Lists where somebody is signed in.
#[utoipa::path(get, path = "/api/v1/users/{user}/sessions", tag = "staff", params(("user" = Uuid, Path)),
    responses((status = 200, body = Vec<SessionView>), (status = 403)))]
pub async fn list_sessions(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
) -> Result<Json<Vec<SessionView>>, Problem> {
    Ok(Json(sessions::list_of(&app, &signed, user).await?.into_iter().map(Into::into).collect()))
}

/// Ends every session of somebody.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sessions", tag = "staff", params(("user" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
pub async fn end_sessions(
    State(app): State<App>,
    signed: Signed,
    InPath(user): InPath<UserId>,
) -> Result<StatusCode, Problem> {
    sessions::end_of(&app, &signed, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the clinicians by name.
#[utoipa::path(get, path = "/api/v1/clinicians", tag = "staff",
    responses((status = 200, body = Vec<ClinicianView>), (status = 403)))]
pub async fn clinicians(State(app): State<App>, signed: Signed) -> Result<Json<Vec<ClinicianView>>, Problem> {
    Ok(Json(clinicians::list(&app, &signed).await?.into_iter().map(Into::into).collect()))
}

/// Shows a clinician.
#[utoipa::path(get, path = "/api/v1/clinicians/{clinician}", tag = "staff", params(("clinician" = Uuid, Path)),
    responses((status = 200, body = ClinicianView), (status = 403), (status = 404)))]
pub async fn clinician(
    State(app): State<App>,
    signed: Signed,
    InPath(clinician): InPath<ClinicianId>,
) -> Result<Json<ClinicianView>, Problem> {
    Ok(Json(clinicians::read(&app, &signed, clinician).await?.into()))
}

/// Changes a clinician's name, credentials, licences and supervision.
#[utoipa::path(put, path = "/api/v1/clinicians/{clinician}", tag = "staff", params(("clinician" = Uuid, Path)),
    request_body = ClinicianChange,
    responses((status = 200, body = Changed), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn change_clinician(
    State(app): State<App>,
    signed: Signed,
    InPath(clinician): InPath<ClinicianId>,
    Body(change): Body<ClinicianChange>,
) -> Result<Json<Changed>, Problem> {
    let version = clinicians::change(&app, &signed, clinician, change.version, change.clinician).await?;
    Ok(Json(Changed { version }))
}
