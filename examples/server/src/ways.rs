//! Which ways to sign in a server offers, as it is set up.

use std::sync::Arc;

use anyhow::{Context, Result};
use mentalspace_auth_policy::{mfa::MfaPolicy, out_of_band::OutOfBandPolicy};
use mentalspace_passkey::RelyingParty;
use mentalspace_twilio_messages::{TwilioMessages, TwilioMessagesConfig};

use crate::{
    app::{Policies, Ways},
    authenticators::phone::Telephone,
    config::Config,
};

type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads who needs a second factor and whether codes go to telephones. `MENTALSPACE_MFA` is `everyone`, `supervising`
/// (administrators and supervisors must, others may) or the path of a file with the rules; `MENTALSPACE_PHONE_CODES`
/// permits codes by telephone.
///
/// # Errors
/// The file cannot be read or its rules make no sense.
pub fn refine(policies: &mut Policies, set: Settings<'_>) -> Result<()> {
    match set("MENTALSPACE_MFA").as_deref().map(str::trim) {
        None => {}
        Some("everyone") => policies.mfa = MfaPolicy::everyone(),
        Some("supervising") => policies.mfa = MfaPolicy::legacy_hipaa(),
        Some(path) => {
            let text = std::fs::read(path).context("the file of MENTALSPACE_MFA cannot be read")?;
            policies.mfa = serde_json::from_slice(&text).context("the file of MENTALSPACE_MFA holds no rules")?;
        }
    }
    if set("MENTALSPACE_PHONE_CODES").is_some() {
        policies.out_of_band = OutOfBandPolicy::fallback();
    }
    Ok(())
}

/// Connects what ways to sign in need: the address people see, and Twilio for codes by telephone.
///
/// # Errors
/// A setting is missing or cannot be used.
pub fn assemble(config: &Config, set: Settings<'_>) -> Result<Ways> {
    let local = || format!("http://localhost:{}", config.listen.port());
    let address = match &config.public_url {
        Some(url) => Some(url.trim_end_matches('/').to_owned()),
        None => (config.listen.ip().is_loopback() && config.listen.port() != 0).then(local),
    };
    let passkeys = address.and_then(|address| {
        let site = RelyingParty::new(&address, "MentalSpace");
        if let Err(error) = &site {
            tracing::warn!(error = error as &dyn std::error::Error, "no passkeys");
        }
        site.ok()
    });
    let telephone = match set("MENTALSPACE_PHONE_CODES").as_deref().map(str::trim) {
        None => None,
        Some("twilio") => Some(Telephone { sender: Arc::new(twilio(set)?), risk: None }),
        Some(_) => anyhow::bail!("MENTALSPACE_PHONE_CODES names no service; there is: twilio"),
    };
    Ok(Ways { passkeys, telephone })
}

fn twilio(set: Settings<'_>) -> Result<TwilioMessages> {
    let required = |name: &str| set(name).with_context(|| format!("{name} is not set"));
    let mut config = TwilioMessagesConfig::new(
        required("MENTALSPACE_TWILIO_ACCOUNT_SID")?,
        required("MENTALSPACE_TWILIO_API_KEY_SID")?,
        required("MENTALSPACE_TWILIO_API_KEY_SECRET")?.into(),
        required("MENTALSPACE_TWILIO_FROM")?,
    );
    if set("MENTALSPACE_TWILIO_VOICE").is_some() {
        config = config.voice();
    }
    if let Some(endpoint) = set("MENTALSPACE_TWILIO_MESSAGES_ENDPOINT") {
        config = config.endpoint(endpoint);
    }
    Ok(TwilioMessages::new(config)?)
}
