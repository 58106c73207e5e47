//! The contract of the port.

use crate::fake::Fake;

mod lasting_key {
    use super::Fake;
    mentalspace_telehealth_port::provider_conformance!(
        #[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
        Fake::connect().await
    );
}

mod temporary_key {
    use super::Fake;
    mentalspace_telehealth_port::provider_conformance!(
        #[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
        Fake::temporary().await
    );
}
