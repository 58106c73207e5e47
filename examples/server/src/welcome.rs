//! Invitations: an account is offered by a link, and its person takes it up with a password of the own choice.
//!
//! Standard: OWASP ASVS 5.0 6.4.1, 6.4.6: no administrator ever knows a password.

use mentalspace_auth_policy::{assurance::Factor, event::SecurityEvent, ticket::Purpose as LinkFor};
use mentalspace_core::{
    Access, Actor, Phi, Practice, Purpose, UserId,
    access::{Permission, Relation},
    store::{Document, Subject, Writing},
};
use secrecy::SecretString;

use crate::{
    account::User,
    app::App,
    events, letters,
    links::{self, Presented},
    problem::Problem,
    set_up::{NewUser, check_new_password},
    sign_in::{self, Step},
    signed::{Caller, Signed},
};

/// An invitation that was given out.
#[derive(Debug)]
pub struct Invited {
    /// Whose account.
    pub user: UserId,
    /// The link, where it is not mailed and has to be handed over.
    pub link: Option<SecretString>,
}

/// Gives out an invitation within a unit of work. Mailed where a mail service is connected.
pub(crate) async fn invite(
    app: &App,
    work: &mut Writing<'_>,
    signed: &Signed,
    user: &User,
) -> Result<Invited, Problem> {
    let token = links::issue(app, work, signed.practice, user.id, LinkFor::Invitation, None).await?;
    let link = letters::link(app, "/welcome", &token);
    events::emit(app, work, user.id, SecurityEvent::Invited).await?;
    if app.mailer().is_none() {
        return Ok(Invited { user: user.id, link: Some(link.into()) });
    }
    let sentence = "An account was made for you. Choose a password and set up a second factor:";
    letters::write_link(app, work, user, user.login.clone(), &link, sentence).await?;
    Ok(Invited { user: user.id, link: None })
}

/// Gives out a new invitation to an account that nobody has taken up; the earlier one no longer works.
///
/// # Errors
/// `forbidden`, `not_found`; `conflict` when the account was taken up or is shut; a step-up is required.
pub async fn again(app: &App, signed: &Signed, id: UserId) -> Result<Invited, Problem> {
    signed.confirmed(app, &format!("/practice/people/{id}"))?;
    let access = signed.access("user.invite", Purpose::Operations);
    let invited = app.vault().write(&access, |work| {
        Box::pin(async move {
            signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(User::KIND))?;
            let user = work.expect::<User>(id).await?.value;
            if !user.enabled || !user.must_change_password {
                return Err(Problem::conflict("Only an open account that nobody has taken up is offered again."));
            }
            invite(app, work, signed, &user).await
        })
    });
    invited.await
}

/// Takes back an invitation.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn withdraw(app: &App, signed: &Signed, id: UserId) -> Result<(), Problem> {
    let access = signed.access("user.uninvite", Purpose::Operations);
    let done = app.vault().write(&access, |work| {
        Box::pin(async move {
            signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(User::KIND))?;
            let user = work.expect::<User>(id).await?;
            Ok::<_, Problem>(links::withdraw(app, work, user.id, LinkFor::Invitation, None).await?)
        })
    });
    done.await
}

/// Tells whose account an invitation offers, without using it.
///
/// # Errors
/// `forbidden` with one sentence for every reason.
pub async fn look(app: &App, text: &str) -> Result<User, Problem> {
    let presented = Presented::read(app, text).await?;
    let access = Access::system(presented.practice, "user.look_at_invitation", app.now());
    let presented = &presented;
    let found = app.vault().read(&access, |work| {
        Box::pin(async move {
            let link = presented.find(app, work, LinkFor::Invitation).await?;
            open_account(work.get::<User>(link.user).await?.map(|user| user.value))
        })
    });
    found.await
}

fn open_account(user: Option<User>) -> Result<User, Problem> {
    user.filter(|user| user.enabled && user.must_change_password).ok_or_else(links::not_valid)
}

/// Takes an account up: the person's own password, and a session that leads on to the second factor.
///
/// # Errors
/// `forbidden` with one sentence for every reason; `invalid` when the password breaks the policy.
pub async fn accept(app: &App, text: &str, password: &SecretString, caller: &Caller) -> Result<Step, Problem> {
    let presented = Presented::read(app, text).await?;
    let user = look(app, text).await?;
    let access = Access {
        actor: Actor::Anonymous,
        origin: Some(caller.origin.clone()),
        ..Access::system(presented.practice, "user.accept_invitation", app.now())
    };
    let id = presented.practice;
    let practice = app.vault().read(&access, |work| Box::pin(async move { work.expect::<Practice>(id).await })).await?;
    let chosen = NewUser {
        login: user.login.clone(),
        display_name: user.display_name.clone(),
        roles: user.roles.clone(),
        clinician: user.clinician,
        password: password.clone(),
    };
    let hash = app.hash_password(check_new_password(app, &practice, &chosen).await?).await?;
    let presented = &presented;
    let accepted = app.vault().write(&access, |work| {
        Box::pin(async move {
            let link = presented.redeem(app, work, LinkFor::Invitation).await?;
            let found = work.expect::<User>(link.user).await?;
            let user = open_account(Some(found.value))?;
            let (password, password_set_at) = (Phi::new(hash), app.now());
            let user = User { password, password_set_at, must_change_password: false, ..user };
            work.update(&user, found.version).await?;
            events::emit(app, work, user.id, SecurityEvent::AccountActivated).await?;
            Ok::<_, Problem>(user)
        })
    });
    let user = accepted.await.map_err(links::once)?;
    sign_in::start_session(app, presented.practice, &user, &access, caller, sign_in::Proof::of(Factor::Password, &user))
        .await
}
