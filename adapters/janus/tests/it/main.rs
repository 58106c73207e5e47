//! The provider beside a real Janus: `scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod browser;
mod config;
mod conformance;
mod events;
mod media;
mod peer;
mod proxy;
mod recording;
mod rooms;
mod server;
mod setup;
mod webhook;
