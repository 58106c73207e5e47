//! The telephone that receives codes: a fallback, restricted, and bound by a code of its own.
//!
//! Standard: NIST SP 800-63B-4 §3.1.3, §3.2.9.

use std::sync::Arc;

use mentalspace_auth_policy::{
    event::SecurityEvent,
    out_of_band::{
        Challenge, Channel, Code, CodeSender, Message, OutOfBandError, PhoneCodes, PhoneNumber, Risk, RiskCheck,
        SendError, Sends,
    },
    throttle::Throttle,
};
use mentalspace_core::{
    ClientId, Phi, PracticeId, UserId, draw,
    store::{Document, Find, Reading, StoreError, Term, Versioned, Writing},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Act, Held, Record, apply, report};
use crate::{
    app::App,
    attempts::{Attempts, Count},
    events,
    problem::Problem,
    sign_in::{self, Step},
    signed::Pending,
};

/// A telephone: offered until its first code comes back, then bound.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Id.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// The number.
    pub number: Phi<PhoneNumber>,
    /// How codes go there.
    pub channel: Channel,
    /// The code that was sent last.
    pub challenge: Option<Challenge>,
    /// Whether a code came back.
    pub bound: bool,
    /// What is on record.
    pub record: Record,
}

impl Phone {
    /// Returns whether a code came back.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.bound
    }
}

impl Document for Phone {
    const KIND: &'static str = "phone";
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

/// When codes were sent to one person, whatever the number and the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentCodes {
    id: Uuid,
    sends: Sends,
}

impl Document for SentCodes {
    const KIND: &'static str = "sent_codes";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        Vec::new()
    }
}

/// Whoever reaches telephones, and whoever knows when numbers move.
#[derive(Debug, Clone)]
pub struct Telephone {
    /// The sender.
    pub sender: Arc<dyn CodeSender>,
    /// The check before sending.
    pub risk: Option<Arc<dyn RiskCheck>>,
}

async fn all(work: &mut Reading<'_>, user: UserId) -> Result<Vec<Versioned<Phone>>, StoreError> {
    work.find_all(Find::<Phone>::new().with(Term::plain("user", &user))).await
}

/// Returns the telephone of a person; the bound one where another is offered.
pub(crate) async fn of(work: &mut Reading<'_>, user: UserId) -> Result<Option<Versioned<Phone>>, StoreError> {
    let mut phones = all(work, user).await?;
    phones.sort_by_key(|phone| phone.bound);
    Ok(phones.pop())
}

/// Returns the sender where the policy permits codes by telephone.
///
/// # Errors
/// `forbidden`.
pub(crate) fn offered(app: &App) -> Result<&Telephone, Problem> {
    let refused = || Problem::forbidden("Your practice does not send sign-in codes to telephones.");
    if app.policies().out_of_band.offered != PhoneCodes::Fallback {
        return Err(refused());
    }
    app.ways().telephone.as_ref().ok_or_else(refused)
}

/// Offers a number: a code goes there. Replaces an earlier offer and leaves a bound number as it is.
///
/// # Errors
/// A step-up is required; `conflict` without another second factor; `invalid` for what is no number; `throttled`.
pub async fn offer(app: &App, pending: &Pending, number: &str, channel: Channel) -> Result<(), Problem> {
    sign_in::may_enrol(app, pending).await?;
    let telephone = offered(app)?;
    if !telephone.sender.channels().contains(&channel) {
        return Err(Problem::field("channel", "is not available"));
    }
    let number = PhoneNumber::parse(number.trim()).map_err(|_| {
        Problem::field("number", "is written with a plus sign and the country code, such as +15185550100")
    })?;
    let (access, user) = (pending.access("phone.offer", app.now()), pending.user.id);
    let held = Held::read(app, &access, user).await?;
    let stands = pending.user.totp.as_ref().is_some_and(|totp| totp.record.is_usable())
        || held.usable_passkeys().next().is_some();
    if !stands {
        return Err(Problem::conflict("A telephone is a fallback: set up a passkey or an authenticator app first."));
    }
    let mut record = Record::new("Telephone", pending, app.now());
    record.last_used = None;
    let (id, number) = (app.new_id(), Phi::new(number));
    let phone = Phone { id, user, number, channel, challenge: None, bound: false, record };
    let inserted = app.vault().write(&access, |work| {
        Box::pin(async move {
            for old in all(work, user).await?.into_iter().filter(|phone| !phone.bound) {
                work.delete(&old.value, old.version).await?;
            }
            work.insert(&phone).await?;
            Ok::<_, StoreError>(phone)
        })
    });
    let phone = inserted.await?;
    send(app, pending, Versioned { version: 1, value: phone }).await
}

/// Binds the offered number by the code that went there; the earlier number is told and no longer used.
///
/// # Errors
/// `invalid` for a wrong or late code; `throttled`.
pub async fn confirm(app: &App, pending: &Pending, code: &str) -> Result<Step, Problem> {
    sign_in::may_enrol(app, pending).await?;
    offered(app)?;
    let (now, user) = (app.now(), pending.user.id);
    let access = pending.access("phone.confirm", now);
    let phones = app.vault().read(&access, |work| Box::pin(async move { all(work, user).await })).await?;
    let (offers, earlier): (Vec<_>, Vec<_>) = phones.into_iter().partition(|phone| !phone.bound);
    let offer = offers.into_iter().next();
    let Versioned { version, value: mut phone } =
        offer.ok_or_else(|| Problem::conflict("No number waits for a code. Begin again."))?;
    let account = user.to_string();
    let reservation = match sign_in::reserve(app, sign_in::SECOND_FACTOR, &account, now).await? {
        Ok(reservation) => reservation,
        Err(throttled) => return Err(sign_in::throttle_problem(throttled, now)),
    };
    if let Err(error) = redeem(app, &mut phone, pending, code) {
        return Err(Problem::field("code", crate::problem::sentence(&error)));
    }
    (phone.bound, phone.record.last_used) = (true, Some(now));
    let told: Vec<_> = earlier.iter().map(|old| (old.channel, old.number.clone())).collect();
    let factor = phone.channel.factor();
    let server = app.clone();
    let bound = sign_in::bind(app, pending, factor, move |work| {
        Box::pin(async move {
            work.update(&phone, version).await?;
            for old in earlier {
                work.delete(&old.value, old.version).await?;
                let event = SecurityEvent::AuthenticatorRemoved { factor: old.channel.factor() };
                events::emit(&server, work, old.user, event).await?;
            }
            Ok(())
        })
    });
    let step = bound.await?;
    sign_in::succeed(app, sign_in::SECOND_FACTOR, &account, reservation, now).await?;
    for (channel, number) in told {
        tell_withdrawn(app, channel, number.expose()).await;
    }
    Ok(step)
}

/// Sends a code to the bound telephone for this session. Who has none, or is locked, gets the same answer and no message.
///
/// # Errors
/// `throttled` when one was sent a short while ago; `unavailable` when the service cannot send.
pub async fn send_code(app: &App, pending: &Pending) -> Result<(), Problem> {
    let user = pending.user.id;
    let access = pending.access("phone.send", app.now());
    let held = Held::read(app, &access, user).await?;
    let Some(phone) = held.phone.filter(|phone| phone.record.is_usable() && offered(app).is_ok()) else {
        return Ok(());
    };
    if is_locked(app, user).await? {
        return Ok(());
    }
    send(app, pending, phone).await
}

async fn is_locked(app: &App, user: UserId) -> Result<bool, StoreError> {
    let access = mentalspace_core::Access::system(PracticeId::DIRECTORY, "attempt.look_up", app.now());
    let id = Attempts::id_for(sign_in::SECOND_FACTOR, &user.to_string());
    let found = app.vault().read(&access, |work| Box::pin(async move { work.get::<Attempts>(id).await })).await?;
    // The question counts as an attempt on a copy alone.
    let mut throttle = match found.map(|found| found.value.count) {
        Some(Count::Throttle(throttle)) => throttle,
        _ => Throttle::default(),
    };
    Ok(throttle.reserve(&app.policies().throttle, app.now()).is_err())
}

/// Makes a new code, which replaces the last one, and sends it. It is stored before it goes, and counted before that.
async fn send(app: &App, pending: &Pending, phone: Versioned<Phone>) -> Result<(), Problem> {
    let telephone = offered(app)?;
    let (now, policy) = (app.now(), &app.policies().out_of_band);
    let access = pending.access("phone.send", now);
    reserve_send(app, pending).await?;
    let number = phone.number.expose().clone();
    if let Some(check) = &telephone.risk
        && check.check(&number).await != Risk::None
    {
        return Err(unsendable());
    }
    let code = loop {
        if let Some(code) = Code::from_random(&draw(app.entropy()), policy.digits) {
            break code;
        }
    };
    let pepper = app.hasher().peppers().current();
    let pepper = pepper.ok_or_else(|| Problem::internal("There is no key for codes."))?;
    let session = pending.stored.session.id();
    let Versioned { version, value: mut phone } = phone;
    phone.challenge = Some(Challenge::new(&code, session, &number, phone.channel, pepper, policy, now));
    let (channel, user) = (phone.channel, phone.user);
    let kept = app.vault().write(&access, |work| {
        Box::pin(async move {
            work.update(&phone, version).await?;
            events::emit(app, work, user, SecurityEvent::CodeSent { channel }).await
        })
    });
    kept.await?;
    telephone.sender.send(channel, &number, &Message::Code(code)).await.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a code was not sent");
        match error {
            SendError::Unavailable { retry_after } => {
                let seconds = retry_after.map_or(60, |wait| wait.as_secs().max(1));
                Problem::unavailable("Codes cannot be sent at this moment. Use another way to sign in.")
                    .with_retry_after(seconds)
            }
            _ => unsendable(),
        }
    })
}

fn unsendable() -> Problem {
    Problem::conflict("No code can be sent to this number. Use another way to sign in.")
}

/// Counts a code that is about to be sent.
async fn reserve_send(app: &App, pending: &Pending) -> Result<(), Problem> {
    let (now, user) = (app.now(), pending.user.id);
    let digest = Sha256::digest([b"sent codes".as_slice(), user.uuid().as_bytes()].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    let access = pending.access("phone.send", now);
    let counted = app.vault().write(&access, |work| {
        Box::pin(async move {
            let found = work.get::<SentCodes>(id).await?;
            let version = found.as_ref().map(|found| found.version);
            let mut sent = found.map_or_else(|| SentCodes { id, sends: Sends::default() }, |found| found.value);
            sent.sends.reserve(&app.policies().out_of_band, now).map_err(|soon| {
                let seconds = u64::try_from((soon.until - now).num_seconds()).unwrap_or(0).saturating_add(1);
                Problem::throttled(format!("The next code can be sent in {seconds} seconds.")).with_retry_after(seconds)
            })?;
            match version {
                None => work.insert(&sent).await?,
                Some(version) => work.update(&sent, version).await.map(drop)?,
            }
            Ok::<_, Problem>(())
        })
    });
    counted.await
}

/// Checks a code against the one that was sent for this session and marks it as used.
pub(crate) fn redeem(app: &App, phone: &mut Phone, pending: &Pending, code: &str) -> Result<Channel, OutOfBandError> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let (session, number) = (pending.stored.session.id(), phone.number.expose().clone());
    let challenge = phone.challenge.as_mut().ok_or(OutOfBandError::Mismatch)?;
    challenge.redeem(&code, session, &number, app.hasher().peppers(), app.now())
}

/// Does something with a telephone within a unit of work.
pub(super) async fn act(app: &App, work: &mut Writing<'_>, found: Versioned<Phone>, act: &Act) -> Result<(), Problem> {
    let Versioned { version, value: mut phone } = found;
    let event = apply(&mut phone.record, phone.channel.factor(), act, app.now());
    if *act == Act::Remove {
        work.delete(&phone, version).await?;
    } else {
        work.update(&phone, version).await?;
    }
    Ok(report(app, work, phone.user, event).await?)
}

/// Tells a number that it is no longer used. What cannot be sent is not repeated: the notice by mail stands.
pub(crate) async fn tell_withdrawn(app: &App, channel: Channel, number: &PhoneNumber) {
    let Ok(telephone) = offered(app) else { return };
    if let Err(error) = telephone.sender.send(channel, number, &Message::NumberWithdrawn).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a number was not told that it is withdrawn");
    }
}
