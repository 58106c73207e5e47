//! Where the database is and how much it may be asked for.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::OpenError;

/// How to reach a database. `Debug` shows neither password nor options.
#[derive(Clone)]
pub struct PostgresConfig {
    pub(crate) connect: PgConnectOptions,
    pub(crate) max_connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) statement_timeout: Duration,
}

impl PostgresConfig {
    /// Reads a URL such as `postgres://user:password@host:5432/database?sslmode=verify-full`. What it leaves out comes
    /// from the environment and the password file, as with every PostgreSQL client.
    ///
    /// # Errors
    /// The URL cannot be read; or the host is another machine and neither encryption nor its absence
    /// (`sslmode=disable`) is asked for, since PostgreSQL's own default goes on without it in silence.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(OpenError::Url { rule: "does not begin with postgres://" });
        }
        let mut connect = PgConnectOptions::from_str(url).map_err(|_| OpenError::Url { rule: "cannot be read" })?;
        if connect.get_application_name().is_none() {
            connect = connect.application_name("mentalspace");
        }
        match connect.get_ssl_mode() {
            PgSslMode::Disable => {}
            PgSslMode::Allow | PgSslMode::Prefer if is_local(&connect) => {}
            PgSslMode::Allow | PgSslMode::Prefer => {
                return Err(OpenError::Url { rule: "names another machine without saying which sslmode" });
            }
            _ if cfg!(feature = "tls") => {}
            _ => return Err(OpenError::Url { rule: "asks for encryption, which this build lacks (feature tls)" }),
        }
        Ok(Self {
            connect: connect.disable_statement_logging(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        })
    }

    /// Sets how many connections one store opens at most; 16 when not set.
    #[must_use]
    pub const fn max_connections(mut self, count: u32) -> Self {
        self.max_connections = if count == 0 { 1 } else { count };
        self
    }

    /// Sets how long a transaction waits for a connection; 5 seconds when not set.
    #[must_use]
    pub const fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// Sets how long one statement, or a pause between two statements of a transaction, may take before the database
    /// gives up and undoes the transaction; 30 seconds when not set.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("host", &self.connect.get_host())
            .field("port", &self.connect.get_port())
            .field("database", &self.connect.get_database())
            .field("user", &self.connect.get_username())
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish_non_exhaustive()
    }
}

fn is_local(connect: &PgConnectOptions) -> bool {
    let host = connect.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    connect.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_password() {
        let config = PostgresConfig::new("postgres://ann:hunter2@127.0.0.1:5433/practice?options[x]=hunter2").unwrap();
        let shown = format!("{config:?}");
        assert!(shown.contains("ann") && shown.contains("5433") && shown.contains("practice"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn an_error_shows_nothing_of_the_url() {
        for url in
            ["mysql://ann:hunter2@host/x", "postgres://ann:hunter2@host:port/x", "postgres://a@h/?sslmode=hunter2"]
        {
            let error = PostgresConfig::new(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn another_machine_needs_a_word_about_encryption() {
        for url in ["postgres://db.example/x", "postgres://10.0.0.7/x?sslmode=prefer", "postgres://[2001:db8::1]/x"] {
            assert!(PostgresConfig::new(url).is_err(), "{url}");
        }
        for url in ["postgres://db.example/x?sslmode=disable", "postgres://localhost/x", "postgres://[::1]/x"] {
            assert!(PostgresConfig::new(url).is_ok(), "{url}");
        }
        let encrypted = PostgresConfig::new("postgres://db.example/x?sslmode=verify-full");
        assert_eq!(encrypted.is_ok(), cfg!(feature = "tls"));
    }
}
