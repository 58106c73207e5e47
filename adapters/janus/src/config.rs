//! Where Janus is, which secrets are shared with it, and how much a room may have.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

/// How to reach and use a Janus. `Debug` shows no secret.
#[derive(Clone)]
pub struct JanusConfig {
    pub(crate) url: String,
    pub(crate) public_url: String,
    pub(crate) token_secret: SecretString,
    pub(crate) admin_key: SecretString,
    pub(crate) room_key: SecretString,
    pub(crate) stun: Vec<String>,
    pub(crate) turn: Option<Turn>,
    pub(crate) recordings: Option<Folders>,
    pub(crate) events: Option<Login>,
    pub(crate) max_participants: u32,
    pub(crate) max_bitrate: u32,
    pub(crate) patience: Duration,
}

/// A coturn with `use-auth-secret`.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) urls: Vec<String>,
    pub(crate) secret: SecretString,
}

/// The folder of recordings under its two names.
#[derive(Clone)]
pub(crate) struct Folders {
    pub(crate) theirs: String,
    pub(crate) ours: PathBuf,
}

/// What the event handler signs in with.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: SecretString,
}

/// Why a setting is not usable. Names the setting and the rule, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the janus setting {setting} {rule}")]
#[non_exhaustive]
pub struct ConfigError {
    /// Which setting.
    pub setting: &'static str,
    /// What it has to be.
    pub rule: &'static str,
}

/// Shortest secret taken, in characters: 128 bits in base64.
const SECRET: usize = 22;

impl JanusConfig {
    /// Takes what every Janus needs:
    ///
    /// * `url`: the HTTP API as the server reaches it, such as `http://127.0.0.1:8088/janus`;
    /// * `public_url`: the WebSocket API as browsers reach it, `wss://…` (`ws://` for this machine only);
    /// * `token_secret`: `token_auth_secret` in `janus.jcfg`;
    /// * `admin_key`: `admin_key` in `janus.plugin.videoroom.jcfg`;
    /// * `room_key`: known to nobody but the practice's servers, all of which have the same; secrets and pins of rooms
    ///   are derived from it.
    ///
    /// # Errors
    /// [`ConfigError`] names the first setting that cannot be used.
    pub fn new(
        url: &str,
        public_url: &str,
        token_secret: SecretString,
        admin_key: SecretString,
        room_key: SecretString,
    ) -> Result<Self, ConfigError> {
        check("url", is_address(url, &["http://", "https://"]), "has to be http:// or https:// with host and path")?;
        let open = ["ws://127.0.0.1", "ws://localhost", "ws://[::1]"].iter().any(|host| is_under(public_url, host));
        let rule = "has to be wss:// with host and path, or ws:// on this machine";
        check("public_url", is_address(public_url, &["wss://"]) || (open && is_address(public_url, &["ws://"])), rule)?;
        for (setting, secret) in [("token_secret", &token_secret), ("admin_key", &admin_key), ("room_key", &room_key)] {
            check_secret(setting, secret)?;
        }
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            public_url: public_url.to_owned(),
            token_secret,
            admin_key,
            room_key,
            stun: Vec::new(),
            turn: None,
            recordings: None,
            events: None,
            max_participants: 12,
            max_bitrate: 1_500_000,
            patience: Duration::from_secs(5),
        })
    }

    /// Names STUN servers for browsers, each as `stun:host:port`.
    ///
    /// # Errors
    /// [`ConfigError`] for an address that is none.
    pub fn stun(mut self, urls: impl IntoIterator<Item = String>) -> Result<Self, ConfigError> {
        self.stun = urls.into_iter().collect();
        check("stun", self.stun.iter().all(|url| is_server(url, &["stun:", "stuns:"])), "has to be stun:host:port")?;
        Ok(self)
    }

    /// Names a TURN server for browsers, by addresses such as `turn:host:port` or `turns:host:443?transport=tcp`, and
    /// the `static-auth-secret` by which it knows the credentials made here.
    ///
    /// # Errors
    /// [`ConfigError`] for addresses that are none, or a short secret.
    pub fn turn(mut self, urls: impl IntoIterator<Item = String>, secret: SecretString) -> Result<Self, ConfigError> {
        let urls: Vec<_> = urls.into_iter().collect();
        let turn = !urls.is_empty() && urls.iter().all(|url| is_server(url, &["turn:", "turns:"]));
        check("turn", turn, "has to be turn:host:port or turns:host:port")?;
        check_secret("turn_secret", &secret)?;
        self.turn = Some(Turn { urls, secret });
        Ok(self)
    }

    /// Allows recording, into one folder below `theirs` per recording. The same folder is called `ours` here.
    ///
    /// # Errors
    /// [`ConfigError`] if one of them is no absolute path.
    pub fn recordings(mut self, theirs: &str, ours: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        let ours = ours.into();
        check("recordings", theirs.starts_with('/') && ours.is_absolute(), "has to be an absolute path")?;
        self.recordings = Some(Folders { theirs: theirs.trim_end_matches('/').to_owned(), ours });
        Ok(self)
    }

    /// Believes the event handler that signs in with `backend_user` and `backend_pwd` of
    /// `janus.eventhandler.sampleevh.jcfg`.
    ///
    /// # Errors
    /// [`ConfigError`] for a name without text or with a colon, or a short password.
    pub fn events(mut self, user: &str, password: SecretString) -> Result<Self, ConfigError> {
        check("events_user", !user.is_empty() && !user.contains(':'), "has to be a name without a colon")?;
        check_secret("events_password", &password)?;
        self.events = Some(Login { user: user.to_owned(), password });
        Ok(self)
    }

    /// Lets up to `count` people into one room, at least 2; 12 unless set. Each of them sends to all others.
    #[must_use]
    pub fn max_participants(mut self, count: u32) -> Self {
        self.max_participants = count.max(2);
        self
    }

    /// Limits what one person's video may take, in bits per second, at least 100 000; 1 500 000 unless set.
    #[must_use]
    pub fn max_bitrate(mut self, bits: u32) -> Self {
        self.max_bitrate = bits.max(100_000);
        self
    }

    /// Waits up to `patience` for an answer of Janus; 5 seconds unless set.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl fmt::Debug for JanusConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JanusConfig")
            .field("url", &self.url)
            .field("public_url", &self.public_url)
            .field("turn", &self.turn.is_some())
            .field("recordings", &self.recordings.is_some())
            .field("events", &self.events.is_some())
            .field("max_participants", &self.max_participants)
            .finish_non_exhaustive()
    }
}

fn check(setting: &'static str, holds: bool, rule: &'static str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError { setting, rule }) }
}

fn check_secret(setting: &'static str, secret: &SecretString) -> Result<(), ConfigError> {
    let secret = secret.expose_secret();
    // Janus compares API tokens and keys as C strings, and its settings files end a text at the quotation mark.
    let plain = secret.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    check(setting, secret.len() >= SECRET && plain, "has to be 22 or more printable ASCII characters")
}

/// Answers whether `url` has one of the schemes, a host and nothing that could carry a secret.
fn is_address(url: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']) && rest.bytes().all(is_plain))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'@' | b'?' | b'#' | b'"' | b'\\')
}

/// Answers whether `url` begins with `host` and goes on with a port, a path or nothing.
fn is_under(url: &str, host: &str) -> bool {
    url.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

fn is_server(url: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}
