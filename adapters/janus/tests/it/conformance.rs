//! The contract of the port, with real joins over the signalling.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mentalspace_janus::JanusProvider;
use mentalspace_telehealth_port::provider::{JoinCredential, RoomHandle, RoomStatus, TelehealthProvider};
use mentalspace_telehealth_port::testing::conformance::{Notification, Subject};

use crate::events::posted;
use crate::proxy::{Fault, Proxy};
use crate::server::{Documents, config_at, now, provider, try_join};

struct Stage {
    provider: JanusProvider,
    proxy: Proxy,
}

impl Stage {
    async fn set() -> Self {
        let proxy = Proxy::start().await;
        let provider = JanusProvider::new(config_at(&proxy.url)).expect("a client");
        Self { provider, proxy }
    }
}

#[async_trait]
impl Subject for Stage {
    fn provider(&self) -> &dyn TelehealthProvider {
        &self.provider
    }

    fn now(&self) -> DateTime<Utc> {
        now()
    }

    async fn throttle_next(&self) -> bool {
        self.proxy.fail_next(Fault::Busy);
        true
    }

    async fn lose_next_answer(&self) -> bool {
        self.proxy.fail_next(Fault::LostAnswer);
        true
    }

    async fn living_rooms(&self) -> Option<usize> {
        let direct = provider();
        let mut names = self.proxy.rooms();
        names.sort();
        names.dedup();
        let mut living = 0;
        for name in names {
            let key = mentalspace_telehealth_port::provider::IdempotencyKey::parse(name.clone()).expect("a key");
            let handle = RoomHandle { provider: direct.id(), key, room: name, details: Default::default() };
            living += usize::from(direct.room_status(&handle).await != Ok(RoomStatus::Ended));
        }
        Some(living)
    }

    async fn join(&self, _room: &RoomHandle, credential: &JoinCredential) -> Option<bool> {
        match try_join(&Documents::of_credential(credential)).await {
            Ok(()) => Some(true),
            Err(426 | 433) => Some(false),
            Err(code) => panic!("a join must be accepted or refused, not fail with {code}"),
        }
    }

    async fn room_ended(&self, room: &RoomHandle, at: DateTime<Utc>) -> Option<Notification> {
        Some(posted("destroyed", &room.room, None, at))
    }
}

mod contract {
    use super::Stage;
    mentalspace_telehealth_port::provider_conformance!(
        #[ignore = "needs Janus: scripts/janus run --turn -- cargo test -p mentalspace-janus -- --include-ignored"]
        Stage::set().await
    );
}
