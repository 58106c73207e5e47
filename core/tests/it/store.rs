//! The store in memory does what every store must do.

use std::sync::Arc;

use mentalspace_core::{
    PracticeId,
    testing::{MemoryStore, conformance::Stage},
};
use uuid::Uuid;

async fn stage() -> Stage {
    Stage {
        store: Arc::new(MemoryStore::default()),
        practice: PracticeId::from_uuid(Uuid::from_u128(1)),
        other: PracticeId::from_uuid(Uuid::from_u128(2)),
    }
}

mentalspace_core::store_conformance!(stage());
