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
}
