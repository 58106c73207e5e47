//! Letters through a real SMTP server; see `scripts/smtp-fake`.

#![expect(clippy::unwrap_used, reason = "a failure here is the report of a broken test")]

use std::{env, fs, path::PathBuf};

use mentalspace_auth_policy::notice::{Mail, MailError, Mailer};
use mentalspace_smtp::{ConfigError, Security, SmtpConfig, SmtpMailer};
use uuid::Uuid;

const SENDER: &str = "Harbor Lights <office@harbor.example>";

fn told(name: &str) -> String {
    env::var(format!("MENTALSPACE_SMTP_TEST_{name}")).unwrap()
}

fn server(security: Security) -> SmtpConfig {
    let port = match security {
        Security::Tls => told("TLS_PORT"),
        Security::StartTls => told("STARTTLS_PORT"),
        Security::None => told("PLAIN_PORT"),
    };
    let config = SmtpConfig::new("localhost", security, SENDER).port(port.parse().unwrap());
    let config = if security == Security::None {
        config
    } else {
        config.credentials("office", "right-password".to_owned().into())
    };
    config.certificate(fs::read(told("CERTIFICATE")).unwrap())
}

fn mail(to: &str) -> Mail {
    Mail {
        id: Uuid::from_u128(7),
        to: to.to_owned().into(),
        subject: "Your account at Zoë’s practice".to_owned(),
        text: "The password was changed.\n.\nIf it was not you, call 555 0100 – at once.\n".to_owned().into(),
    }
}

async fn sent(config: &SmtpConfig, to: &str) -> Result<(), MailError> {
    SmtpMailer::new(config).unwrap().send(&mail(to)).await
}

/// Reads what the server kept for an address.
fn kept(to: &str) -> String {
    fs::read_to_string(PathBuf::from(told("MAILBOX")).join(to)).unwrap()
}

#[tokio::test]
#[ignore = "needs scripts/smtp-fake"]
async fn a_letter_arrives_over_tls_and_over_starttls() {
    for (security, to) in [(Security::Tls, "tls@nora.example"), (Security::StartTls, "starttls@nora.example")] {
        assert_eq!(sent(&server(security), to).await, Ok(()), "{security:?}");
        let letter = kept(to);
        assert!(letter.contains("X-Protected: yes") && letter.contains("X-Signed-In: office"), "{letter}");
        assert!(letter.contains("Message-ID: <00000000-0000-0000-0000-000000000007@harbor.example>"), "{letter}");
        assert!(letter.contains("555 0100"), "{letter}");
    }
}

#[tokio::test]
#[ignore = "needs scripts/smtp-fake"]
async fn a_server_on_this_machine_may_do_without_encryption() {
    assert_eq!(sent(&server(Security::None), "plain@nora.example").await, Ok(()));
    assert!(kept("plain@nora.example").contains("X-Protected: no"));
}

/// A server that offers no STARTTLS, or a middleman who takes the offer away, gets nothing.
#[tokio::test]
#[ignore = "needs scripts/smtp-fake"]
async fn starttls_is_never_skipped() {
    let config = server(Security::StartTls).port(told("PLAIN_PORT").parse().unwrap());
    assert!(sent(&config, "skipped@nora.example").await.is_err());
    assert!(!PathBuf::from(told("MAILBOX")).join("skipped@nora.example").exists());
}

#[tokio::test]
#[ignore = "needs scripts/smtp-fake"]
async fn a_certificate_that_is_not_trusted_gets_nothing() {
    let port = told("TLS_PORT").parse().unwrap();
    let config = SmtpConfig::new("localhost", Security::Tls, SENDER).port(port);
    assert_eq!(sent(&config, "stranger@nora.example").await, Err(MailError::Unavailable));
}

#[tokio::test]
#[ignore = "needs scripts/smtp-fake"]
async fn failures_are_sorted_by_what_can_be_done() {
    let config = server(Security::Tls);
    assert_eq!(sent(&config, "unknown@refused.example").await, Err(MailError::Refused));
    assert_eq!(sent(&config, "later@busy.example").await, Err(MailError::Unavailable));
    assert_eq!(sent(&config, "no address").await, Err(MailError::Refused));
    let wrong = config.credentials("office", "wrong-password".to_owned().into());
    assert_eq!(sent(&wrong, "nora@nora.example").await, Err(MailError::SetUp));
    let nobody = SmtpConfig::new("localhost", Security::None, SENDER).port(1);
    assert_eq!(sent(&nobody, "nora@nora.example").await, Err(MailError::Unavailable));
}

#[test]
fn a_server_elsewhere_is_spoken_to_with_encryption_only() {
    let refused = |host: &str| SmtpMailer::new(&SmtpConfig::new(host, Security::None, SENDER)).err();
    assert_eq!(refused("mail.example.org"), Some(ConfigError::Unprotected));
    assert_eq!(refused("192.0.2.1"), Some(ConfigError::Unprotected));
    assert_eq!(refused("127.0.0.1"), None);
    assert_eq!(refused("::1"), None);
    let nobody = SmtpConfig::new("localhost", Security::None, "nobody");
    assert_eq!(SmtpMailer::new(&nobody).err(), Some(ConfigError::Sender));
}
