//! The store on a real PostgreSQL, as the server's role and as the owner.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail by panic")]

mod concurrency;
mod isolation;
mod opening;
mod stage;

/// The role that a server should have: it owns nothing and row-level security holds for it.
mod app_role {
    mentalspace_core::store_conformance!(
        #[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
        crate::stage::stage(crate::stage::APP)
    );
}

/// One role for everything: it owns the tables and row-level security holds for it all the same.
mod owner {
    mentalspace_core::store_conformance!(
        #[ignore = "needs PostgreSQL: scripts/postgres run -- cargo test -p mentalspace-postgres -- --include-ignored"]
        crate::stage::stage(crate::stage::OWNER)
    );
}
