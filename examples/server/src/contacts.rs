//! The addresses of a person: the one to sign in with, and others that are told what happens to the account.
//!
//! A new address is proved by a code sent to it and told to the present ones, from which the change can be undone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::{
    contact_change::{ChangeState, ContactChange, ContactCode},
    event::SecurityEvent,
    notice::Words,
    ticket::Purpose as LinkFor,
};
use mentalspace_core::{
    Access, ClientId, Email, Purpose, UserId, draw,
    store::{Document, Find, Reading, StoreError, Term, Versioned},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{User, login_key, sort_key},
    app::App,
    events, letters,
    letters::Handing,
    links::{self, Presented},
    problem::Problem,
    set_up::{release_name, take_name},
    signed::Signed,
};

/// How many further addresses a person may have.
const MOST: usize = 4;

/// A further address that is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// The address.
    pub email: Email,
    /// Since when it is known to reach the person.
    pub confirmed_at: DateTime<Utc>,
}

impl Document for Contact {
    const KIND: &'static str = "contact";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.user)]
    }
}

/// What a new address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Signing in, in place of the present one.
    SignIn,
    /// Being told, besides the present ones.
    Told,
}

/// A change that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// What for.
    pub purpose: Use,
    /// The present address.
    pub old: Email,
    /// The new one.
    pub new: Email,
    /// Where it stands.
    pub change: ContactChange,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

impl Document for Change {
    const KIND: &'static str = "contact_change";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.at)
    }

    fn terms(&self) -> Vec<Term> {
        vec![Term::plain("user", &self.user)]
    }
}

async fn further(work: &mut Reading<'_>, user: UserId) -> Result<Vec<Versioned<Contact>>, StoreError> {
    work.find_all(Find::<Contact>::new().with(Term::plain("user", &user))).await
}

/// Lists every address a notice goes to: the one to sign in with, the further ones, and one that was given up while
/// that can still be undone.
pub(crate) async fn addresses(app: &App, work: &mut Reading<'_>, user: &User) -> Result<Vec<Email>, StoreError> {
    let mut all = vec![user.login.clone()];
    all.extend(further(work, user.id).await?.into_iter().map(|contact| contact.value.email));
    for change in links::open_about(app, work, user.id, LinkFor::Undo).await? {
        let change = work.get::<Change>(change).await?;
        all.extend(change.filter(|change| change.purpose == Use::SignIn).map(|change| change.value.old));
    }
    let mut known = BTreeSet::new();
    all.retain(|email| known.insert(login_key(email)));
    Ok(all)
}

/// Lists the further addresses of the person.
///
/// # Errors
/// As the store.
pub async fn list(app: &App, signed: &Signed) -> Result<Vec<Contact>, Problem> {
    let access = signed.access("contact.list", Purpose::Operations);
    let user = signed.user;
    let found = app.vault().read(&access, |work| Box::pin(async move { further(work, user).await })).await?;
    Ok(found.into_iter().map(|contact| contact.value).collect())
}

/// Asks for a new address; a code goes to it, and every present address is told. Whether the address is somebody
/// else's name to sign in is not told here.
///
/// # Errors
/// `unavailable` without a mail service; a step-up is required; `invalid` beyond the greatest number.
pub async fn request(app: &App, signed: &Signed, purpose: Use, new: Email) -> Result<Uuid, Problem> {
    if app.mailer().is_none() {
        return Err(Problem::unavailable("No mail service is connected, so no address can be proved."));
    }
    signed.confirmed(app, "/account/addresses")?;
    let access = signed.access("contact.request", Purpose::Operations);
    let pepper = app.hasher().peppers().current();
    let pepper = pepper.ok_or_else(|| Problem::internal("There is no key for codes."))?;
    let (id, code) = (app.new_id(), ContactCode::from_random(draw(app.entropy())));
    let change = ContactChange::request(id, &code, pepper, access.at);
    let user = signed.user;
    let asked = app.vault().write(&access, |work| {
        Box::pin(async move {
            let person = work.expect::<User>(user).await?;
            if further(work, user).await?.len() >= MOST && purpose == Use::Told {
                return Err(Problem::field("email", "is one more than can be kept"));
            }
            // A further request takes the place of one that was not confirmed.
            for earlier in work.find_all(Find::<Change>::new().with(Term::plain("user", &user))).await? {
                if earlier.change.state(app.now()) == ChangeState::Waiting {
                    work.delete(&earlier.value, earlier.version).await?;
                }
            }
            let old = person.login.clone();
            work.insert(&Change { id, user, purpose, old, new: new.clone(), change, at: app.now() }).await?;
            let words = Words {
                subject: "Confirm your address".to_owned(),
                text: format!(
                    "The code that confirms this address is {}. It works for half an hour, on the page that asked for \
                     it. If you did not expect it, do nothing.\n",
                    code.expose().expose_secret()
                ),
            };
            letters::write(app, work, user, new, words, Handing::ByMail).await?;
            events::emit(app, work, user, SecurityEvent::ContactChangeRequested).await?;
            Ok(())
        })
    });
    asked.await?;
    Ok(id)
}

/// Confirms a new address with the code sent to it. The present addresses are told, with a link that undoes it.
///
/// # Errors
/// `invalid` with one sentence for every reason.
pub async fn confirm(app: &App, signed: &Signed, id: Uuid, code: &str) -> Result<(), Problem> {
    let access = signed.access("contact.confirm", Purpose::Operations);
    let user = signed.user;
    let tried = app.vault().write(&access, |work| {
        Box::pin(async move {
            let found = work.get::<Change>(id).await?.filter(|change| change.user == user);
            let mut found = found.ok_or_else(wrong_code)?;
            let right = found.value.change.confirm(code, app.hasher().peppers(), app.now());
            work.update(&found.value, found.version).await?;
            Ok::<_, Problem>((found.value, right.is_ok()))
        })
    });
    let (change, right) = tried.await?;
    if !right {
        return Err(wrong_code());
    }
    apply(app, &access, user, &change).await
}

fn wrong_code() -> Problem {
    Problem::field("code", "is not right, or does not work any more")
}

async fn apply(app: &App, access: &Access, user: UserId, change: &Change) -> Result<(), Problem> {
    let taken = match change.purpose {
        Use::SignIn => Some(take_name(app, change.new.clone(), access.practice, user).await?),
        Use::Told => None,
    };
    let done = app.vault().write(access, |work| {
        Box::pin(async move {
            let person = work.expect::<User>(user).await?;
            let before = addresses(app, work, &person).await?;
            match change.purpose {
                Use::SignIn => {
                    let renamed = User { login: change.new.clone(), ..person.value.clone() };
                    work.update(&renamed, person.version).await?;
                }
                Use::Told => {
                    let (email, confirmed_at) = (change.new.clone(), app.now());
                    work.insert(&Contact { id: app.new_id(), user, email, confirmed_at }).await?;
                }
            }
            let token = links::issue(app, work, access.practice, user, LinkFor::Undo, Some(change.id)).await?;
            let link = letters::link(app, "/undo", &token);
            events::emit(app, work, user, SecurityEvent::ContactChanged).await?;
            for to in before {
                let sentence = "An address of your account was changed. If it was not you, this link undoes the change \
                                for three days:";
                letters::write_link(app, work, &person, to, &link, sentence).await?;
            }
            Ok::<_, Problem>(())
        })
    });
    if let Err(problem) = done.await {
        if let Some(name) = &taken {
            release_name(app, name).await?;
        }
        return Err(problem);
    }
    Ok(())
}

/// Undoes a change from the old address: the old name signs in again, sessions and trust end.
///
/// # Errors
/// `forbidden` with one sentence for every reason.
pub async fn undo(app: &App, text: &str) -> Result<(), Problem> {
    let presented = Presented::read(app, text).await?;
    let access = Access::system(presented.practice, "contact.undo", app.now());
    let undone = app.vault().write(&access, |work| {
        let presented = &presented;
        Box::pin(async move {
            let link = presented.redeem(app, work, LinkFor::Undo).await?;
            let id = link.about.ok_or_else(links::not_valid)?;
            let mut change = work.get::<Change>(id).await?.ok_or_else(links::not_valid)?;
            change.value.change.undo(app.now()).map_err(|_| links::not_valid())?;
            work.update(&change.value, change.version).await?;
            let person = work.expect::<User>(link.user).await?;
            // The new address is told as well, before it is gone.
            events::emit(app, work, link.user, SecurityEvent::ContactChangeUndone).await?;
            match change.purpose {
                Use::SignIn if login_key(&person.login) == login_key(&change.new) => {
                    let renamed = User { login: change.old.clone(), ..person.value.clone() };
                    work.update(&renamed, person.version).await?;
                }
                Use::SignIn => {}
                Use::Told => {
                    for contact in further(work, link.user).await? {
                        if login_key(&contact.email) == login_key(&change.new) {
                            work.delete(&contact.value, contact.version).await?;
                        }
                    }
                }
            }
            let all = mentalspace_auth_policy::session::Ending::All;
            let reason = mentalspace_auth_policy::session::EndReason::Revoked;
            crate::sessions::end_in(app, work, link.user, all, reason).await?;
            crate::devices::distrust(work, link.user).await?;
            Ok::<_, Problem>(())
        })
    });
    undone.await.map_err(links::once)
}

/// Removes a further address; it is told before it is gone.
///
/// # Errors
/// `not_found`; a step-up is required.
pub async fn remove(app: &App, signed: &Signed, id: Uuid) -> Result<(), Problem> {
    signed.confirmed(app, "/account/addresses")?;
    let access = signed.access("contact.remove", Purpose::Operations);
    let user = signed.user;
    let removed = app.vault().write(&access, |work| {
        Box::pin(async move {
            let contact = work.get::<Contact>(id).await?.filter(|contact| contact.user == user);
            let contact = contact.ok_or_else(|| Problem::not_found("There is no such address."))?;
            events::emit(app, work, user, SecurityEvent::ContactChanged).await?;
            Ok(work.delete(&contact.value, contact.version).await?)
        })
    });
    removed.await
}
