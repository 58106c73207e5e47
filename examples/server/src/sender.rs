//! The sender of a request: its network address, told by a proxy only where that proxy is trusted, and the device it is
//! known by.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use mentalspace_auth_policy::throttle::Source;

use crate::{app::App, security::ClientAddress};

/// Name of the cookie of known devices. It opens nothing, see [`KnownDevices`].
///
/// [`KnownDevices`]: mentalspace_auth_policy::throttle::KnownDevices
pub const DEVICE_COOKIE: &str = "__Host-known-device";
/// The most proxies in a row that are looked past.
const MAX_HOPS: usize = 16;
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who sent a request, as far as guessing is concerned.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// The network it came from.
    pub source: Option<Source>,
    /// The cookie of known devices.
    pub device_cookie: Option<String>,
}

/// Networks of proxies that are believed when they say for whom they ask. None unless told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

/// A network that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("trusted proxies are addresses or networks such as 10.0.0.0/8, with commas between")]
pub struct InvalidProxies;

impl FromStr for TrustedProxies {
    type Err = InvalidProxies;

    fn from_str(text: &str) -> Result<Self, InvalidProxies> {
        let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty()).map(|network| {
            let (address, bits) = match network.split_once('/') {
                Some((address, bits)) => (address, Some(bits)),
                None => (network, None),
            };
            let address: IpAddr = address.parse().map_err(|_| InvalidProxies)?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| InvalidProxies)?;
            if bits > most || bits == 0 { Err(InvalidProxies) } else { Ok((address, bits)) }
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    fn holds(&self, address: IpAddr) -> bool {
        let wide = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 4),
            IpAddr::V6(v6) => (v6.to_bits(), 6),
        };
        let (address, family) = wide(address.to_canonical());
        self.0.iter().any(|(network, bits)| {
            let (network, of) = wide(*network);
            family == of && (network ^ address).checked_shr(128 - u32::from(*bits)).unwrap_or(0) == 0
        })
    }

    /// Finds the address a request came from: that of the connection, or, while it is a trusted proxy's, the one this
    /// proxy names, read from the right. What cannot be read ends the search at the last proxy.
    #[must_use]
    pub fn client(&self, connection: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = connection.to_canonical();
        if !self.holds(address) {
            return address;
        }
        for hop in hops(headers).into_iter().take(MAX_HOPS) {
            let Some(named) = hop else { break };
            address = named.to_canonical();
            if !self.holds(address) {
                break;
            }
        }
        address
    }
}

/// Reads the hops, nearest first: of `X-Forwarded-For`, or of `Forwarded` (RFC 7239) where that is missing.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let values = |name: HeaderName| {
        let lines: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
        lines.join(",")
    };
    let simple = headers.contains_key(FORWARDED_FOR);
    let line = values(if simple { FORWARDED_FOR } else { header::FORWARDED });
    if line.trim().is_empty() {
        return Vec::new();
    }
    let hop = |element: &str| {
        if simple {
            return address(element);
        }
        let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
        let named = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?.1;
        address(named.trim().trim_matches('"'))
    };
    line.rsplit(',').map(hop).collect()
}

/// Reads an address with or without a port, in brackets or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl FromRequestParts<App> for Sender {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Ok(Self {
            source: parts.extensions.get::<ClientAddress>().map(|address| Source::of(address.0)),
            device_cookie: pairs.find(|(name, _)| *name == DEVICE_COOKIE).map(|(_, value)| value.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{FORWARDED_FOR, TrustedProxies};

    fn client(trusted: &str, connection: &str, forwarded_for: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded_for {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        trusted.parse::<TrustedProxies>().unwrap().client(connection.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_told() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_what_stands_left_of_a_stranger_is_not() {
        let trusted = "10.0.0.0/8, 2001:db8::/32";
        assert_eq!(client(trusted, "10.1.2.3", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            client(trusted, "10.1.2.3", &["203.0.113.9, 198.51.100.7"]),
            "198.51.100.7",
            "the left one is claimed"
        );
        assert_eq!(client(trusted, "10.1.2.3", &["198.51.100.7, 10.9.9.9"]), "198.51.100.7", "two proxies");
        assert_eq!(client(trusted, "10.1.2.3", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7", "two lines");
        assert_eq!(client(trusted, "::ffff:10.1.2.3", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client(trusted, "2001:db8::1", &["[2001:db9::7]:80"]), "2001:db9::7");
        assert_eq!(client(trusted, "10.1.2.3", &["198.51.100.7, unknown"]), "10.1.2.3", "what cannot be read ends it");
        assert_eq!(client(trusted, "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(client(trusted, "10.1.2.3", &["10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_as_well() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::FORWARDED,
            HeaderValue::from_static("for=203.0.113.9, For=\"[2001:db8::7]:1\";proto=https;by=10.0.0.1"),
        );
        assert_eq!(trusted.client("10.0.0.1".parse().unwrap(), &headers).to_string(), "2001:db8::7");
    }

    #[test]
    fn networks_that_are_none_are_refused() {
        for bad in ["10.0.0.0/33", "10.0.0.0/0", "::/129", "proxy.example", "10.0.0.1/x"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
    }
}
