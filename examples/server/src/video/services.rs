//! The video services by configuration: which are wanted, and their settings, all checked when the server starts.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use mentalspace_chime::{ChimeConfig, ChimeProvider};
use mentalspace_core::{Entropy, draw};
use mentalspace_janus::{JanusConfig, JanusProvider};
use mentalspace_local::{Hub, IceServer, LocalConfig, LocalProvider};
use mentalspace_telehealth_port::provider::{Region, Residency, TelehealthProvider};
use mentalspace_twilio_video::{TwilioVideoConfig, TwilioVideoProvider};
use secrecy::SecretString;

use super::Video;
use crate::clock::Clock;

/// Reads a setting by its name; a blank one is none.
pub type Settings<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// What the configured services bring.
#[derive(Debug)]
pub struct Services {
    /// The services.
    pub video: Video,
    /// Where browsers are introduced, if one of them is `local`.
    pub hub: Option<Hub>,
    janus: Option<Arc<JanusProvider>>,
}

impl Services {
    /// Asks a self-hosted service whether it is set up so that nobody gets in uninvited.
    ///
    /// # Errors
    /// Says what has to be changed in its configuration, or that it cannot be reached.
    pub async fn check(&self) -> Result<()> {
        match &self.janus {
            Some(janus) => janus.check().await.context("janus is not ready"),
            None => Ok(()),
        }
    }
}

/// Assembles the services named in `wanted`, such as `janus,chime`: the first carries visits, the others stand in for
/// it before the first room opened.
///
/// # Errors
/// Names the service or the setting that is missing or cannot be used, never its value.
pub fn assemble(
    wanted: &str,
    public_url: &str,
    settings: Settings<'_>,
    clock: &Arc<dyn Clock>,
    entropy: &dyn Entropy,
) -> Result<Option<Services>> {
    let (mut providers, mut hosts): (Vec<Arc<dyn TelehealthProvider>>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut hub, mut own) = (None, None);
    for name in wanted.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name {
            "local" => {
                let local = local(settings, clock, entropy)?;
                hub = Some(local.hub().clone());
                providers.push(Arc::new(local));
            }
            "janus" => {
                let janus = Arc::new(janus(settings)?);
                own = Some(janus.clone());
                providers.push(janus);
                hosts.push(origin(&required(settings, "MENTALSPACE_JANUS_PUBLIC_URL")?));
            }
            "chime" => {
                providers.push(Arc::new(chime(settings)?));
                hosts.extend(["https://*.chime.aws".to_owned(), "wss://*.chime.aws".to_owned()]);
            }
            "twilio-video" => providers.push(Arc::new(twilio_video(settings, public_url)?)),
            other => bail!("MENTALSPACE_TELEHEALTH: no video service is called {other:.20}"),
        }
    }
    if providers.is_empty() {
        return Ok(None);
    }
    let regions = settings("MENTALSPACE_TELEHEALTH_REGIONS").unwrap_or_default();
    let regions = regions.split(',').map(str::trim).filter(|name| !name.is_empty());
    let allowed = regions.map(Region::parse).collect::<Result<_, _>>().context("MENTALSPACE_TELEHEALTH_REGIONS")?;
    let residency = Residency { allowed };
    for provider in &providers {
        let choice = residency.choose(&provider.capabilities());
        choice.with_context(|| format!("MENTALSPACE_TELEHEALTH_REGIONS does not fit {}", provider.id()))?;
    }
    Ok(Some(Services { video: Video::new(providers, residency, public_url).with_hosts(hosts), hub, janus: own }))
}

fn required(settings: Settings<'_>, name: &str) -> Result<String> {
    settings(name).ok_or_else(|| anyhow!("{name} is not set"))
}

fn secret(settings: Settings<'_>, name: &str) -> Result<SecretString> {
    required(settings, name).map(SecretString::from)
}

/// Scheme, host and port of an address, for the page's content security policy.
fn origin(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

/// The practice's own relay: `MENTALSPACE_TURN_URLS` (separated by blanks) with `MENTALSPACE_TURN_SECRET`.
fn relay(settings: Settings<'_>) -> Result<Option<(Vec<String>, SecretString)>> {
    let Some(urls) = settings("MENTALSPACE_TURN_URLS") else { return Ok(None) };
    let urls = urls.split_whitespace().map(str::to_owned).collect();
    Ok(Some((urls, secret(settings, "MENTALSPACE_TURN_SECRET")?)))
}

fn local(settings: Settings<'_>, clock: &Arc<dyn Clock>, entropy: &dyn Entropy) -> Result<LocalProvider> {
    let clock = clock.clone();
    let mut config = LocalConfig::new(draw(entropy), Arc::new(move || clock.now()));
    if let Some((urls, secret)) = relay(settings)? {
        config.ice.push(IceServer::turn(urls, secret));
    }
    Ok(LocalProvider::new(config))
}

fn janus(settings: Settings<'_>) -> Result<JanusProvider> {
    let mut config = JanusConfig::new(
        &required(settings, "MENTALSPACE_JANUS_URL")?,
        &required(settings, "MENTALSPACE_JANUS_PUBLIC_URL")?,
        secret(settings, "MENTALSPACE_JANUS_TOKEN_SECRET")?,
        secret(settings, "MENTALSPACE_JANUS_ADMIN_KEY")?,
        secret(settings, "MENTALSPACE_JANUS_ROOM_KEY")?,
    )?;
    if let Some((urls, secret)) = relay(settings)? {
        config = config.turn(urls, secret)?;
    }
    if let Some(ours) = settings("MENTALSPACE_JANUS_RECORDINGS") {
        let theirs = settings("MENTALSPACE_JANUS_RECORDINGS_THERE").unwrap_or_else(|| ours.clone());
        config = config.recordings(&theirs, ours)?;
    }
    if let Some(user) = settings("MENTALSPACE_JANUS_EVENTS_USER") {
        config = config.events(&user, secret(settings, "MENTALSPACE_JANUS_EVENTS_PASSWORD")?)?;
    }
    Ok(JanusProvider::new(config)?)
}

fn chime(settings: Settings<'_>) -> Result<ChimeProvider> {
    let mut config = ChimeConfig::new(
        settings("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
        required(settings, "AWS_ACCESS_KEY_ID")?,
        secret(settings, "AWS_SECRET_ACCESS_KEY")?,
    );
    if let Some(token) = settings("AWS_SESSION_TOKEN") {
        config = config.session_token(token.into());
    }
    if let Some(endpoint) = settings("MENTALSPACE_CHIME_ENDPOINT") {
        config = config.endpoints(endpoint.clone(), endpoint);
    }
    if let Some(region) = settings("MENTALSPACE_CHIME_MEDIA_REGION") {
        config = config.media_region(region);
    }
    if let Some(bucket) = settings("MENTALSPACE_CHIME_BUCKET") {
        config = config.recordings(bucket);
        if let (Some(key), Some(role)) = (settings("MENTALSPACE_CHIME_KMS_KEY"), settings("MENTALSPACE_CHIME_KMS_ROLE"))
        {
            config = config.kms_key(key, role);
        }
    }
    if let Some(url) = settings("MENTALSPACE_CHIME_QUEUE_URL") {
        config = config.queue_url(url);
    }
    if let Some(arn) = settings("MENTALSPACE_CHIME_NOTIFY_QUEUE") {
        config = config.notify_queue(arn);
    }
    Ok(ChimeProvider::new(config)?)
}

fn twilio_video(settings: Settings<'_>, public_url: &str) -> Result<TwilioVideoProvider> {
    let mut config = TwilioVideoConfig::new(
        required(settings, "MENTALSPACE_TWILIO_ACCOUNT_SID")?,
        required(settings, "MENTALSPACE_TWILIO_API_KEY_SID")?,
        secret(settings, "MENTALSPACE_TWILIO_API_KEY_SECRET")?,
    );
    if let Some(token) = settings("MENTALSPACE_TWILIO_AUTH_TOKEN") {
        config = config.webhooks(format!("{public_url}/hooks/video/twilio-video"), token.into());
    }
    if let Some(region) = settings("MENTALSPACE_TWILIO_MEDIA_REGION") {
        config = config.media_region(region);
    }
    if settings("MENTALSPACE_TWILIO_RECORDINGS").is_some() {
        config = config.recordings();
    }
    if let Some(endpoint) = settings("MENTALSPACE_TWILIO_ENDPOINT") {
        config = config.endpoint(endpoint);
    }
    Ok(TwilioVideoProvider::new(config)?)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use super::{Services, assemble};
    use crate::{clock::SystemClock, entropy::SystemEntropy};

    fn with(wanted: &str, settings: &[(&str, &str)]) -> anyhow::Result<Option<Services>> {
        let settings: BTreeMap<_, _> = settings.iter().copied().collect();
        let clock: Arc<dyn crate::clock::Clock> = Arc::new(SystemClock);
        let get = |name: &str| settings.get(name).map(|value| (*value).to_owned());
        assemble(wanted, "https://practice.test", &get, &clock, &SystemEntropy)
    }

    fn refused(wanted: &str, settings: &[(&str, &str)]) -> String {
        format!("{:#}", with(wanted, settings).err().unwrap())
    }

    const JANUS: [(&str, &str); 5] = [
        ("MENTALSPACE_JANUS_URL", "http://127.0.0.1:8088/janus"),
        ("MENTALSPACE_JANUS_PUBLIC_URL", "wss://video.practice.test/janus"),
        ("MENTALSPACE_JANUS_TOKEN_SECRET", "token-secret-of-32-letters-here1"),
        ("MENTALSPACE_JANUS_ADMIN_KEY", "admin-key-of-32-letters-is-here1"),
        ("MENTALSPACE_JANUS_ROOM_KEY", "room-key-of-32-letters-is-here-1"),
    ];

    #[test]
    fn nothing_wanted_is_no_service() {
        assert!(with("", &[]).unwrap().is_none());
    }

    #[test]
    fn a_missing_or_wrong_setting_is_named_and_its_value_is_not() {
        assert!(refused("skype", &[]).contains("skype"));
        assert!(refused("janus", &JANUS[..4]).contains("MENTALSPACE_JANUS_ROOM_KEY"));
        assert!(refused("chime", &[]).contains("AWS_ACCESS_KEY_ID"));
        let mut short = JANUS;
        short[4].1 = "short-secret";
        let text = refused("janus", &short);
        assert!(text.contains("room_key") && !text.contains("short-secret"), "{text}");
        assert!(refused("local", &[("MENTALSPACE_TURN_URLS", "turn:a:1")]).contains("MENTALSPACE_TURN_SECRET"));
    }

    #[test]
    fn services_stand_in_the_order_they_are_named_and_their_hosts_are_known_to_the_page() {
        let services = with("janus, local", &JANUS).unwrap().unwrap();
        let names: Vec<_> = services.video.providers().map(|provider| provider.id().to_string()).collect();
        assert_eq!(names, ["janus", "local"]);
        assert_eq!(services.video.hosts(), ["wss://video.practice.test"]);
        assert!(services.hub.is_some());
    }

    #[test]
    fn a_region_rule_no_service_can_keep_is_refused_at_the_start() {
        let keys = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret/secret")];
        let rule = [keys[0], keys[1], ("MENTALSPACE_TELEHEALTH_REGIONS", "moon-1")];
        assert!(refused("chime", &rule).contains("MENTALSPACE_TELEHEALTH_REGIONS"));
        let rule = [keys[0], keys[1], ("MENTALSPACE_TELEHEALTH_REGIONS", "us-east-1")];
        assert!(with("chime", &rule).is_ok());
    }
}
