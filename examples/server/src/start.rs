//! Assembles the server from its configuration.

use std::sync::Arc;

use anyhow::{Context, Result};
use mentalspace_auth_policy::{
    mfa::MfaPolicy,
    notice::Mailer,
    password::{BreachRange, OnUnavailable, PasswordPolicy},
    session::{SessionPolicy, SessionRules},
};
use mentalspace_core::{
    PracticeId,
    store::{KeyProvider, Store, Vault},
};
use mentalspace_local::Hub;
use mentalspace_postgres::{PostgresConfig, PostgresStore};
use mentalspace_pwned_range::{PwnedRange, PwnedRangeConfig};
use mentalspace_sqlite::{SqliteConfig, SqliteStore, key_file};
use mentalspace_telehealth_port::provider::Webhooks;
use secrecy::ExposeSecret;

use crate::{
    app::{App, GuardSettings, Policies},
    breaches::Breaches,
    clock::{Clock, SystemClock},
    config::Config,
    demo,
    entropy::SystemEntropy,
    hashing::HashSettings,
    jobs, local_video, mail,
    practice::visits::media,
    router, set_up,
    video::services,
    ways,
};

/// Opens the store, the keys and the video services and returns the server, not yet listening, and where browsers are
/// introduced for video between them.
///
/// # Errors
/// The store or the key cannot be opened, or a video service is not configured rightly.
pub async fn assemble(config: &Config) -> Result<(App, Option<Hub>)> {
    let entropy = Arc::new(SystemEntropy);
    let key = match &config.key {
        Some(text) => key_file::from_env(text.expose_secret())?,
        None => key_file::load_or_create(config.data.join("mentalspace.key"), entropy.as_ref())
            .context("the key file cannot be used")?,
    };
    let store: Arc<dyn Store> = match &config.database {
        Some(url) => {
            let database = PostgresConfig::new(url.expose_secret())?;
            PostgresStore::migrate(&database, None).await.context("the database cannot be brought up to date")?;
            Arc::new(PostgresStore::open(database).await.context("the database cannot be used")?)
        }
        None => Arc::new(
            SqliteStore::open(SqliteConfig::file(config.data.join("mentalspace.db")))
                .await
                .context("the store cannot be opened")?,
        ),
    };
    let keys: Arc<dyn KeyProvider> = Arc::new(key);
    let vault = Vault::new(store, keys, entropy);
    let pepper = vault.derived_secret(PracticeId::DIRECTORY, "password pepper").await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let wanted = config.telehealth.as_deref().unwrap_or(if config.demo { "local" } else { "" });
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let services = services::assemble(wanted, &public_url, &set, &clock, vault.entropy())?;
    if let Some(services) = &services {
        services.check().await?;
    }
    let (video, hub) = services.map_or((None, None), |services| (Some(services.video), services.hub));
    let mut policies = policies(config, &set)?;
    ways::refine(&mut policies, &set)?;
    let ways = ways::assemble(config, &set)?;
    let app = App::guarded(vault, clock, policies, pepper, video, guard(config)?)?.with_ways(ways);
    let mailer = mail::assemble(&set)?.map(|mailer| Arc::new(mailer) as Arc<dyn Mailer>);
    app.connect_post(mailer, &public_url);
    Ok((app, hub))
}

/// Reads the rules of signing in; a practice may shorten how long a session may idle, in seconds.
fn policies(config: &Config, set: &dyn Fn(&str) -> Option<String>) -> Result<Policies> {
    let since = config.password_profile_since.and_then(|day| day.and_hms_opt(0, 0, 0));
    let rules = match config.password_profile.trim() {
        "nist-63b-4" => Policies::default(),
        "legacy-hipaa" => {
            Policies { password: PasswordPolicy::legacy_hipaa(), mfa: MfaPolicy::legacy_hipaa(), ..Policies::default() }
        }
        _ => anyhow::bail!("the password profile is nist-63b-4 or legacy-hipaa"),
    };
    let mut session = rules.session.clone();
    if let Some(seconds) = set("MENTALSPACE_IDLE_SECONDS") {
        let mut limits: SessionRules = session.into();
        let seconds: u32 = seconds.parse().context("MENTALSPACE_IDLE_SECONDS is a number")?;
        limits.idle_secs = seconds.min(limits.idle_secs);
        // Who answers the warning must be noticed: activity is written more often than the warning stands.
        limits.write_every_secs = limits.write_every_secs.min(limits.idle_secs.saturating_sub(limits.warning_secs) / 2);
        session = SessionPolicy::new(limits).context("MENTALSPACE_IDLE_SECONDS")?;
    }
    Ok(Policies { session, password_since: since.map_or(rules.password_since, |since| since.and_utc()), ..rules })
}

/// Reads what stands between strangers and accounts.
fn guard(config: &Config) -> Result<GuardSettings> {
    let range = match &config.breach_range {
        None => None,
        Some(address) => {
            let service = PwnedRange::new(PwnedRangeConfig::new(address)?)?;
            Some(Arc::new(service) as Arc<dyn BreachRange>)
        }
    };
    let on_unavailable = match config.breach_unavailable.trim() {
        "allow" => OnUnavailable::AllowAndFlag,
        "deny" => OnUnavailable::Deny,
        _ => anyhow::bail!("while the breach service is silent, passwords are taken (allow) or not (deny)"),
    };
    Ok(GuardSettings {
        hashing: HashSettings {
            params: HashSettings::read_params(&config.hash_costs)
                .context("the costs of hashing are not m=…,t=…,p=…")?,
            memory: config.hash_memory.saturating_mul(1 << 20),
        },
        breaches: Breaches::new(Breaches::read_filters(&config.blocklists)?, range, on_unavailable),
        proxies: config.trusted_proxies.parse()?,
    })
}

/// Serves until the process is told to stop.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve(config: &Config, app: App, hub: Option<Hub>) -> Result<()> {
    let listener = tokio::net::TcpListener::bind(config.listen).await.context("the address cannot be listened on")?;
    let address = listener.local_addr()?;
    if config.demo {
        match demo::fill(&app, &config.data).await.context("the demo cannot be filled")? {
            Some(demo) => announce(&demo.expose().to_string()),
            None => announce("There is a practice already, so --demo changes nothing."),
        }
    }
    if let Some(token) = set_up::offer(&app).await? {
        announce(&format!("No practice yet. Set one up at http://{address}/set-up with the token {token}"));
    }
    announce(&format!("Listening on http://{address}"));
    tokio::spawn(jobs::run(app.clone()));
    let listeners = app.video().into_iter().flat_map(|video| video.providers());
    for provider in listeners.filter(|provider| provider.capabilities().webhooks == Webhooks::Queue) {
        tokio::spawn(media::listen(app.clone(), provider.clone()));
    }
    let sockets = hub.map(local_video::routes).unwrap_or_default();
    let service = router(&app).merge(sockets).into_make_service_with_connect_info::<std::net::SocketAddr>();
    let stopping = app.clone();
    let stop = async move {
        stopped().await;
        stopping.stop();
    };
    axum::serve(listener, service).with_graceful_shutdown(stop).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the console is where a person starts the server")]
pub(crate) fn announce(line: &str) {
    println!("{line}");
}

async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(signal) => signal.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! { _ = interrupt => {}, _ = terminated => {} }
}
