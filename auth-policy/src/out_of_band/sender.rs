//! The port to whoever sends messages and makes calls.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::{Channel, Code, PhoneNumber};

/// What is said to a telephone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Message {
    /// A code to be typed into the page that asked for it.
    Code(Code),
    /// This number no longer receives codes, because of a change in the account.
    NumberWithdrawn,
}

/// Why nothing was sent, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The service cannot be used at this moment; whether something was sent is unknown.
    #[error("message service cannot be used at this moment")]
    Unavailable {
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service will not reach this number, now or later.
    #[error("number cannot be reached by this service")]
    Unreachable,
    /// The service has not been set up rightly; a person has to look.
    #[error("message service refuses the set-up")]
    Refused,
}

/// A service that reaches telephones.
///
/// - `Ok` says that the service took the message over, not that it arrived.
/// - A message is taken over at most once: an implementation does not repeat by itself.
/// - A channel it does not have is [`SendError::Refused`].
/// - No answer in time is [`SendError::Unavailable`].
/// - Neither number nor code appears in an error, a log or an address.
#[async_trait]
pub trait CodeSender: Debug + Send + Sync {
    /// Lists the channels it has.
    fn channels(&self) -> &[Channel];

    /// Sends a message.
    ///
    /// # Errors
    /// [`SendError`].
    async fn send(&self, channel: Channel, number: &PhoneNumber, message: &Message) -> Result<(), SendError>;
}

/// What is known against sending to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Risk {
    /// Nothing.
    None,
    /// Its SIM or its carrier was changed a short while ago, or calls are forwarded: no code goes there (§3.1.3.3).
    Moved,
}

/// A service that knows when numbers move. Without one nothing is known, and the risk assessment has to say so.
///
/// - No answer in time is [`Risk::None`]: the number is the fallback of somebody who has no other factor at hand.
#[async_trait]
pub trait RiskCheck: Debug + Send + Sync {
    /// Tells what is known of a number.
    async fn check(&self, number: &PhoneNumber) -> Risk;
}
