//! How the server is reached.

use std::{fmt, net::IpAddr};

use secrecy::SecretString;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Encrypted from the first byte; port 465.
    Tls,
    /// Encrypted before anything else is said; port 587.
    StartTls,
    /// Not at all: for a server on this machine only; port 25.
    None,
}

impl Security {
    pub(crate) const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The sender is no mailbox.
    #[error("sender is not a mailbox such as `Name <name@example.org>`")]
    Sender,
    /// The server is elsewhere and the connection would not be encrypted.
    #[error("a server that is not on this machine is spoken to with TLS or STARTTLS only")]
    Unprotected,
    /// The name of the server or the certificate cannot be used.
    #[error("the server's name or certificate cannot be used")]
    Certificate,
}

/// How the server is reached, and who writes.
#[derive(Clone)]
pub struct SmtpConfig {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) sender: String,
    pub(crate) credentials: Option<(String, SecretString)>,
    pub(crate) certificate: Option<Vec<u8>>,
}

impl SmtpConfig {
    /// Names the server and the sender.
    pub fn new(host: impl Into<String>, security: Security, sender: impl Into<String>) -> Self {
        let (host, sender, port) = (host.into(), sender.into(), security.port());
        Self { host, port, security, sender, credentials: None, certificate: None }
    }

    /// Uses another port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Signs in.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: SecretString) -> Self {
        self.credentials = Some((user.into(), password));
        self
    }

    /// Trusts this certificate authority (PEM) alone.
    #[must_use]
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    pub(crate) fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}
