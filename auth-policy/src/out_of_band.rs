//! The out-of-band code: digits sent by text message or spoken by a call, and typed back in the same session.
//!
//! Invariants: a code lives at most ten minutes and is accepted once; it is bound to the attempt that asked for it and to
//! the number it went to; it is stored as a keyed hash; sending again is limited and forgives no failure.
//! Standard: NIST SP 800-63B-4 §3.1.3, §3.2.9 (the telephone network is *restricted*), OWASP ASVS 5.0 6.5.2, 6.6.1–6.6.3.

mod challenge;
mod phone_number;
mod policy;
mod sender;
mod sends;

pub use challenge::{Challenge, Code, OutOfBandError};
pub use phone_number::{InvalidPhoneNumber, PhoneNumber};
pub use policy::{Channel, OutOfBandPolicy, OutOfBandRules, PhoneCodes, RISK};
pub use sender::{CodeSender, Message, Risk, RiskCheck, SendError};
pub use sends::{Sends, TooSoon};
