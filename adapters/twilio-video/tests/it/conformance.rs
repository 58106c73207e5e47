//! The contract of the port.

use crate::fake::Fake;

mentalspace_telehealth_port::provider_conformance!(
    #[ignore = "needs the fake: scripts/twilio-fake run -- cargo test -p mentalspace-twilio-video -- --include-ignored"]
    Fake::connect().await
);
