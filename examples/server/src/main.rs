//! The reference server.

use anyhow::Result;
use clap::Parser;
use mentalspace_server::{config::Config, start};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,mentalspace_server=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = Config::parse();
    let (app, hub) = start::assemble(&config).await?;
    start::serve(&config, app, hub).await
}
