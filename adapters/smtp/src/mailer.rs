//! The mailer.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        response::{Category, Detail, Severity},
    },
};
use mentalspace_auth_policy::notice::{Mail, MailError, Mailer};
use secrecy::ExposeSecret;

use crate::{ConfigError, Security, SmtpConfig};

const PATIENCE: Duration = Duration::from_secs(20);

/// Hands letters to an SMTP server; one connection for each.
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").finish_non_exhaustive()
    }
}

impl SmtpMailer {
    /// Prepares the mailer; nothing is connected yet.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        let sender = config.sender.parse().map_err(|_| ConfigError::Sender)?;
        let tls = match config.security {
            Security::Tls => Tls::Wrapper(parameters(config)?),
            Security::StartTls => Tls::Required(parameters(config)?),
            Security::None if config.is_here() => Tls::None,
            Security::None => return Err(ConfigError::Unprotected),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &config.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), sender })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to: Mailbox = mail.to.expose_secret().parse().map_err(|_| MailError::Refused)?;
        let domain = self.sender.email.domain();
        Message::builder()
            .from(self.sender.clone())
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.expose_secret().to_owned())
            .map_err(|_| MailError::Refused)
    }
}

fn parameters(config: &SmtpConfig) -> Result<TlsParameters, ConfigError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.certificate {
        let authority = Certificate::from_pem(pem).map_err(|_| ConfigError::Certificate)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build().map_err(|_| ConfigError::Certificate)
}

/// Sorts a failure by what the caller can do; the server's words may repeat the address and are dropped.
fn sort(error: &smtp::Error) -> MailError {
    let refused_sign_in = error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion
            && code.category == Category::Unspecified3
            && matches!(code.detail, Detail::Zero | Detail::Four | Detail::Five | Detail::Eight)
    });
    if refused_sign_in {
        MailError::SetUp
    } else if error.is_permanent() {
        MailError::Refused
    } else {
        MailError::Unavailable
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        self.transport.send(message).await.map(drop).map_err(|error| sort(&error))
    }
}
