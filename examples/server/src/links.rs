//! Links that work once: what a person holds who has no session yet.

use mentalspace_auth_policy::{
    session::{SessionToken, TokenHash},
    ticket::{Purpose, Ticket, TicketState},
};
use mentalspace_core::{
    ClientId, PracticeId, UserId, draw,
    store::{Document, Find, Reading, StoreError, Term, Versioned, Writing},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::sort_key,
    app::App,
    problem::Problem,
    signed::{read_token, wire_token},
};

/// One sentence for every reason.
const NOT_VALID: &str = "This link does not work any more. It works once and for a limited time. Ask for a new one.";

/// A link, stored under the hash of its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Id.
    pub id: Uuid,
    /// Whose account.
    pub user: UserId,
    /// What it does, until when, and whether it did.
    pub ticket: Ticket,
    /// The record it is about, if that is not the account.
    pub about: Option<Uuid>,
}

impl Document for Link {
    const KIND: &'static str = "link";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn sort(&self) -> String {
        sort_key(self.ticket.until())
    }

    fn terms(&self) -> Vec<Term> {
        vec![token_term(self.ticket.token()), Term::plain("user", &self.user)]
    }
}

fn token_term(token: TokenHash) -> Term {
    Term::plain("token", &token.to_key()).unique()
}

/// What somebody presents.
#[derive(Debug)]
pub struct Presented {
    /// The practice it is of.
    pub practice: PracticeId,
    token: SessionToken,
}

impl Presented {
    /// Reads the text of a link.
    ///
    /// # Errors
    /// `forbidden`, with one sentence for every reason.
    pub async fn read(app: &App, text: &str) -> Result<Self, Problem> {
        let (practice, token) = read_token(text).ok_or_else(not_valid)?;
        if practice == PracticeId::DIRECTORY || !app.serves(practice).await? {
            return Err(not_valid());
        }
        Ok(Self { practice, token })
    }

    /// Finds the link if it would do this now.
    ///
    /// # Errors
    /// `forbidden`, with one sentence for every reason.
    pub(crate) async fn find(
        &self,
        app: &App,
        work: &mut Reading<'_>,
        purpose: Purpose,
    ) -> Result<Versioned<Link>, Problem> {
        let find = Find::<Link>::new().with(token_term(self.token.hash())).limit(1);
        let link = work.find(&find).await?.items.pop().ok_or_else(not_valid)?;
        link.ticket.check(purpose, self.token.hash(), app.now()).map_err(|_| not_valid())?;
        Ok(link)
    }

    /// Uses the link up; of two uses at once one conflicts.
    ///
    /// # Errors
    /// `forbidden`, with one sentence for every reason.
    pub(crate) async fn redeem(&self, app: &App, work: &mut Writing<'_>, purpose: Purpose) -> Result<Link, Problem> {
        let mut link = self.find(app, work, purpose).await?;
        link.value.ticket.redeem(purpose, self.token.hash(), app.now()).map_err(|_| not_valid())?;
        work.update(&link.value, link.version).await?;
        Ok(link.value)
    }
}

/// Refuses a link: unknown, for something else, used, withdrawn or too old.
pub(crate) fn not_valid() -> Problem {
    Problem::forbidden(NOT_VALID)
}

/// Turns the loss of a race for a link into the refusal of it.
pub(crate) fn once(problem: Problem) -> Problem {
    if problem.is_stale() { not_valid() } else { problem }
}

/// Gives out a link and returns its token; earlier ones of the same kind about the same record no longer work.
pub(crate) async fn issue(
    app: &App,
    work: &mut Writing<'_>,
    practice: PracticeId,
    user: UserId,
    purpose: Purpose,
    about: Option<Uuid>,
) -> Result<SecretString, StoreError> {
    withdraw(app, work, user, purpose, about).await?;
    let token = SessionToken::from_random(draw(app.entropy()));
    let ticket = Ticket::issue(purpose, token.hash(), &app.policies().tickets, app.now());
    work.insert(&Link { id: app.new_id(), user, ticket, about }).await?;
    Ok(wire_token(practice, &token))
}

/// Lists the records that a person's open links of a kind are about.
pub(crate) async fn open_about(
    app: &App,
    work: &mut Reading<'_>,
    user: UserId,
    purpose: Purpose,
) -> Result<Vec<Uuid>, StoreError> {
    let links = work.find_all(Find::<Link>::new().with(Term::plain("user", &user))).await?;
    let open = links
        .into_iter()
        .filter(|link| link.ticket.purpose() == purpose && link.ticket.state(app.now()) == TicketState::Open);
    Ok(open.filter_map(|link| link.about).collect())
}

/// Withdraws the open links of a kind.
pub(crate) async fn withdraw(
    app: &App,
    work: &mut Writing<'_>,
    user: UserId,
    purpose: Purpose,
    about: Option<Uuid>,
) -> Result<(), StoreError> {
    let now = app.now();
    for mut link in work.find_all(Find::<Link>::new().with(Term::plain("user", &user))).await? {
        let open = link.ticket.state(now) == TicketState::Open;
        if open && link.ticket.purpose() == purpose && link.about == about {
            link.value.ticket.withdraw(now);
            work.update(&link.value, link.version).await?;
        }
    }
    Ok(())
}
