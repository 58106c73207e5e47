//! The device: where a session is used from, and what it means when a request comes from elsewhere.
//!
//! Invariants: a device is known by 256 random bits in a cookie of its own, of which a hash is kept; the family of the
//! browser and the coarse network are signals only, kept no finer than a person recognises them.
//! Standard: NIST SP 800-63B-4 §5.3 (session monitoring), §5.1 (no cookie in place of authentication).

mod trust;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use trust::{TrustPolicy, TrustRules, Trusted};

use crate::token::TokenHash;

/// Where a person was seen: the device by its cookie, and what a request tells besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// The device, see [`device_id`].
    pub device: Option<Uuid>,
    /// The browser and its system, see [`agent_family`].
    pub agent: Option<String>,
    /// The network, see [`network_prefix`].
    pub network: Option<String>,
}

/// Derives the id of a device of one person from the token in its cookie; two people who share a device have two ids.
#[must_use]
pub fn device_id(token: TokenHash, user: Uuid) -> Uuid {
    let digest = Sha256::new()
        .chain_update(b"mentalspace/device/v1")
        .chain_update(token.to_key())
        .chain_update(user.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Names the browser and the system of a user agent as people know them, without versions: `Firefox on Windows`.
///
/// What is not known is named by its first word; at most 40 characters of letters, digits and `.-_`.
#[must_use]
pub fn agent_family(user_agent: &str) -> Option<String> {
    const BROWSERS: [(&str, &str); 10] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("FxiOS", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chromium/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let text: String = user_agent.chars().take(512).collect();
    let known =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name);
    let system = known(&SYSTEMS);
    let browser = known(&BROWSERS).map(str::to_owned).or_else(|| {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || ".-_".contains(*c);
        let word: String = text.trim_start().chars().take_while(allowed).take(40).collect();
        Some(word).filter(|word| !word.is_empty())
    })?;
    Some(system.map_or_else(|| browser.clone(), |system| format!("{browser} on {system}")))
}

/// Names the network of an address: the first 24 bits of IPv4, the first 48 of IPv6.
#[must_use]
pub fn network_prefix(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// In what a request differs from where its session is pinned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Another device, or none.
    pub device: bool,
    /// Another browser or system.
    pub agent: bool,
    /// Another network.
    pub network: bool,
}

impl Sighting {
    /// Compares a request with this sighting; what was not known here cannot differ.
    #[must_use]
    pub fn drift(&self, request: &Self) -> Drift {
        Drift {
            device: self.device.is_some() && self.device != request.device,
            agent: self.agent.is_some() && self.agent != request.agent,
            // An address that is not known, behind a proxy that hides it, tells nothing.
            network: self.network.is_some() && request.network.is_some() && self.network != request.network,
        }
    }
}

/// What follows from a drift, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Nothing.
    Tolerate,
    /// The factors have to be shown again.
    StepUp,
    /// The session ends.
    End,
}

/// What each kind of drift leads to; of several the strictest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DriftRules {
    /// Another device.
    pub device: Response,
    /// Another browser or system.
    pub agent: Response,
    /// Another network: people walk from the office to the café.
    pub network: Response,
    /// Another device and another browser at once: the token was carried away.
    pub device_and_agent: Response,
}

impl DriftRules {
    /// Another network is tolerated, another device or browser must confirm, both at once end the session.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            device: Response::StepUp,
            agent: Response::StepUp,
            network: Response::Tolerate,
            device_and_agent: Response::End,
        }
    }

    /// Judges a drift.
    #[must_use]
    pub fn judge(&self, drift: Drift) -> Response {
        let both = drift.device && drift.agent;
        [
            (drift.device, self.device),
            (drift.agent, self.agent),
            (drift.network, self.network),
            (both, self.device_and_agent),
        ]
        .into_iter()
        .filter_map(|(holds, response)| holds.then_some(response))
        .max()
        .unwrap_or(Response::Tolerate)
    }
}
