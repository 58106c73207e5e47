//! Letters to people: written in the unit of work that causes them, handed over by the workers.
//!
//! Where no mail service is connected they wait for an administrator, who hands the link over; notices are shown to the
//! person after the next sign-in.

use chrono::{DateTime, Utc};
use mentalspace_auth_policy::notice::{Letterhead, Mail, MailError, Words};
use mentalspace_core::{
    Access, ClientId, Email, Phi, Practice, PracticeId, Purpose, UserId,
    access::{Permission, Relation},
    store::{Document, Find, Job, Reading, StoreError, Subject, Term, Versioned, Writing},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{User, sort_key},
    app::App,
    contacts,
    jobs::Failure,
    problem::Problem,
    signed::Signed,
    zone::Zone,
};

/// The queue of letters.
pub(crate) const QUEUE: &str = "letter.send";

/// A letter to one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Id.
    pub id: Uuid,
    /// Whose account it is about.
    pub user: UserId,
    /// The address.
    pub to: Email,
    /// The subject.
    pub subject: String,
    /// The text; gone once it was handed over.
    pub text: Option<Phi<String>>,
    /// Whether an administrator may hand its link over where nothing is mailed.
    pub by_hand: bool,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// When it was handed over.
    pub sent_at: Option<DateTime<Utc>>,
}

impl Document for Letter {
    const KIND: &'static str = "letter";
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
        let state = if self.text.is_some() { "waiting" } else { "over" };
        vec![Term::plain("state", state), Term::plain("user", &self.user)]
    }
}

/// Writes a notice to every address of a person, where mail is connected.
pub(crate) async fn tell(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    event: &mentalspace_auth_policy::event::SecurityEvent,
) -> Result<(), StoreError> {
    if app.mailer().is_none() || event.notice().is_none() {
        return Ok(());
    }
    let Some(practice) = work.find(&Find::<Practice>::new().limit(1)).await?.items.pop() else { return Ok(()) };
    let Some(person) = work.get::<User>(user).await? else { return Ok(()) };
    let head = (practice.name.as_str().to_owned(), crate::pages::phone(&practice.phone), app.public_url().to_owned());
    let head = Letterhead { practice: &head.0, contact: &head.1, site: &head.2 };
    let zone = Zone::of(&practice.time_zone);
    let when = zone.wall(app.now()).format("%B %-d, %Y, %-I:%M %p").to_string();
    let Some(words) = mentalspace_auth_policy::notice::write(event, &when, &head) else { return Ok(()) };
    for to in contacts::addresses(app, work, &person).await? {
        write(app, work, user, to, words.clone(), Handing::ByMail).await?;
    }
    Ok(())
}

/// How a letter may reach the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handing {
    /// By mail alone.
    ByMail,
    /// By mail, or by an administrator who passes the link on.
    ByHand,
}

/// Writes a letter.
pub(crate) async fn write(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    to: Email,
    words: Words,
    handing: Handing,
) -> Result<(), StoreError> {
    let id = app.new_id();
    let by_hand = handing == Handing::ByHand;
    if app.mailer().is_none() && !by_hand {
        return Ok(());
    }
    let letter = Letter {
        id,
        user,
        to,
        subject: words.subject,
        text: Some(Phi::new(words.text)),
        by_hand,
        at: app.now(),
        sent_at: None,
    };
    work.insert(&letter).await?;
    if app.mailer().is_some() {
        let job = Job::new(app.new_id(), QUEUE, serde_json::json!({ "letter": id }), app.now());
        work.insert(&job.map_err(|_| StoreError::Limit { what: "a queue" })?).await?;
        app.work_is_waiting();
    }
    Ok(())
}

/// Writes a letter that carries a link.
pub(crate) async fn write_link(
    app: &App,
    work: &mut Writing<'_>,
    user: &User,
    to: Email,
    link: &str,
    sentences: &str,
) -> Result<(), StoreError> {
    let Some(practice) = work.find(&Find::<Practice>::new().limit(1)).await?.items.pop() else { return Ok(()) };
    let (name, phone) = (practice.name.as_str(), crate::pages::phone(&practice.phone));
    let words = Words {
        subject: format!("Your account at {name}"),
        text: format!(
            "{sentences}\n\n{link}\n\nThe link works once. If you did not expect this letter, do nothing, and tell \
             {name}: {phone}.\n"
        ),
    };
    write(app, work, user.id, to, words, Handing::ByHand).await
}

/// Hands a letter over; a worker's task.
pub(crate) async fn send(app: &App, practice: PracticeId, job: &Versioned<Job>) -> Result<(), Failure> {
    let id = job.payload.expose()["letter"].as_str().and_then(|id| id.parse::<Uuid>().ok());
    let id = id.ok_or_else(|| Failure::Rule("the job names no letter".to_owned()))?;
    let Some(mailer) = app.mailer() else {
        return Err(Failure::Rule("no mail service is connected".to_owned()));
    };
    let access = Access::system(practice, "letter.send", app.now());
    let found = app.vault().read(&access, |work| Box::pin(async move { work.get::<Letter>(id).await })).await?;
    let Some((letter, text)) = found.and_then(|found| found.text.clone().map(|text| (found, text))) else {
        return Ok(());
    };
    let mail = Mail {
        id,
        to: SecretString::from(letter.to.expose().to_owned()),
        subject: letter.subject.clone(),
        text: SecretString::from(text.expose().clone()),
    };
    match mailer.send(&mail).await {
        Ok(()) => {}
        Err(MailError::Unavailable | MailError::SetUp) => {
            return Err(Failure::Again(StoreError::unavailable("the mail service cannot be used at this moment")));
        }
        Err(error) => return Err(Failure::Rule(error.to_string())),
    }
    let (version, over) = (letter.version, Letter { text: None, sent_at: Some(app.now()), ..letter.value });
    app.vault().write(&access, |work| Box::pin(async move { work.update(&over, version).await })).await?;
    Ok(())
}

/// Lists the letters whose links wait to be handed over.
///
/// # Errors
/// `forbidden`; a step-up is required; as the store.
pub async fn to_hand_over(app: &App, signed: &Signed) -> Result<Vec<Letter>, Problem> {
    signed.confirmed(app, "/practice/letters")?;
    let access = signed.access("letter.list", Purpose::Operations);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let find = Find::<Letter>::new().with(Term::plain("state", "waiting")).descending().limit(200);
            let letters = work.find(&find).await?.items.into_iter().map(|letter| letter.value);
            // Nobody is handed the own letter: what it opens is for the person who cannot sign in.
            Ok::<_, Problem>(letters.filter(|letter| letter.by_hand && letter.user != signed.user).collect())
        })
    });
    read.await
}

/// Notes that a letter was handed over; its link is no longer shown.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn handed_over(app: &App, signed: &Signed, id: Uuid) -> Result<(), Problem> {
    let access = signed.access("letter.hand_over", Purpose::Operations);
    let written = app.vault().write(&access, |work| {
        Box::pin(async move {
            manages(work, signed)?;
            let letter = work.expect::<Letter>(id).await?;
            let over = Letter { text: None, sent_at: Some(app.now()), ..letter.value };
            work.update(&over, letter.version).await?;
            Ok::<_, Problem>(())
        })
    });
    written.await
}

fn manages(work: &mut Reading<'_>, signed: &Signed) -> Result<(), Problem> {
    signed.require(work, Permission::ManageUsers, Relation::default(), Subject::new(Letter::KIND))
}

/// Joins the address of this server, a path and a token to a link.
pub(crate) fn link(app: &App, path: &str, token: &SecretString) -> String {
    format!("{}{path}/{}", app.public_url(), token.expose_secret())
}
