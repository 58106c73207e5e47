//! The mail service, as it is named in the environment.

use anyhow::{Context, Result, bail};
use mentalspace_smtp::{Security, SmtpConfig, SmtpMailer};

/// Prepares the mailer; nothing when no server is named.
///
/// # Errors
/// What is named cannot be used.
pub fn assemble(set: &dyn Fn(&str) -> Option<String>) -> Result<Option<SmtpMailer>> {
    let Some(host) = set("MENTALSPACE_SMTP_HOST") else { return Ok(None) };
    let security = match set("MENTALSPACE_SMTP_SECURITY").as_deref() {
        None | Some("tls") => Security::Tls,
        Some("starttls") => Security::StartTls,
        Some("none") => Security::None,
        Some(_) => bail!("MENTALSPACE_SMTP_SECURITY is `tls`, `starttls` or `none`"),
    };
    let sender = set("MENTALSPACE_SMTP_FROM").context("MENTALSPACE_SMTP_FROM names who writes")?;
    let mut config = SmtpConfig::new(host, security, sender);
    if let Some(port) = set("MENTALSPACE_SMTP_PORT") {
        config = config.port(port.parse().context("MENTALSPACE_SMTP_PORT is a port")?);
    }
    if let Some(user) = set("MENTALSPACE_SMTP_USER") {
        let password = set("MENTALSPACE_SMTP_PASSWORD").context("MENTALSPACE_SMTP_PASSWORD is missing")?;
        config = config.credentials(user, password.into());
    }
    if let Some(path) = set("MENTALSPACE_SMTP_CERTIFICATE") {
        let pem = std::fs::read(path).context("MENTALSPACE_SMTP_CERTIFICATE cannot be read")?;
        config = config.certificate(pem);
    }
    Ok(Some(SmtpMailer::new(&config)?))
}
