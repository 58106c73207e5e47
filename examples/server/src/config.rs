//! What the server is told when it starts.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use secrecy::SecretString;

/// A reference server for behavioural-health practices.
#[derive(Debug, Parser)]
#[command(name = "mentalspace-server", version)]
pub struct Config {
    /// Fill an empty store with a synthetic practice and print how to sign in.
    #[arg(long)]
    pub demo: bool,

    /// Where the embedded store and its key file are kept.
    #[arg(long, env = "MENTALSPACE_DATA", default_value = "data")]
    pub data: PathBuf,

    /// `postgres://…` to use PostgreSQL; without it an encrypted SQLite file in the data folder is used.
    #[arg(long, env = "MENTALSPACE_DATABASE", hide_env_values = true)]
    pub database: Option<SecretString>,

    /// Address to listen on. Put a TLS proxy in front for anything but this machine.
    #[arg(long, env = "MENTALSPACE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// The video services, best first: `local`, `janus`, `chime`, `twilio-video`, separated by commas; `local` with --demo. Without one
    /// visits are held by telephone. Each has settings of its own in the environment (README.md).
    #[arg(long, env = "MENTALSPACE_TELEHEALTH")]
    pub telehealth: Option<String>,

    /// The address people and video services reach this server by, such as `https://visits.example.org`.
    #[arg(long, env = "MENTALSPACE_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// The key that wraps the data keys, 64 hexadecimal digits; without it a key file in the data folder is used.
    #[arg(long, env = "MENTALSPACE_KEY", hide_env_values = true)]
    pub key: Option<SecretString>,

    /// Addresses or networks of proxies that are believed when they say for whom they ask, with commas between; none
    /// unless told.
    #[arg(long, env = "MENTALSPACE_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: String,

    /// The rules of passwords and second factors: `nist-63b-4` or `legacy-hipaa`.
    #[arg(long, env = "MENTALSPACE_PASSWORD_PROFILE", default_value = "nist-63b-4")]
    pub password_profile: String,

    /// The day from which these rules are in force, such as 2026-03-01: no password counts as older.
    #[arg(long, env = "MENTALSPACE_PASSWORD_PROFILE_SINCE")]
    pub password_profile_since: Option<chrono::NaiveDate>,

    /// The costs of new password hashes, as `mentalspace password calibrate` prints them.
    #[arg(long, env = "MENTALSPACE_HASH_COSTS", default_value = "m=19456,t=2,p=1")]
    pub hash_costs: String,

    /// The memory all password hashes that run at once may take, in MiB.
    #[arg(long, env = "MENTALSPACE_HASH_MEMORY", default_value_t = 256)]
    pub hash_memory: u64,

    /// Filters of passwords nobody may choose, made by `mentalspace blocklist build`; paths with commas between.
    #[arg(long, env = "MENTALSPACE_BLOCKLISTS", default_value = "")]
    pub blocklists: String,

    /// A service that knows breached passwords by ranges, such as `https://api.pwnedpasswords.com`; none unless told.
    #[arg(long, env = "MENTALSPACE_BREACH_RANGE")]
    pub breach_range: Option<String>,

    /// Whether new passwords are taken while that service is silent: `allow`, with a note in the audit log, or `deny`.
    #[arg(long, env = "MENTALSPACE_BREACH_UNAVAILABLE", default_value = "allow")]
    pub breach_unavailable: String,
}
