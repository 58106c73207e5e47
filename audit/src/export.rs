//! Exports: a log, or some of its events, in a file that anyone with the log's public key can
//! verify offline.
//!
//! One JSON object per line. The first line is
//! `{"format":"mentalspace-audit-export/1","origin":…,"verifier_key":…,"checkpoint":…,"events":"2"}`,
//! each further one `{"index":"0","event":"…","proof":["…"]}`. `event` holds the canonical bytes of
//! the event as a JSON string. An export with as many events as the checkpoint has leaves is
//! complete: its root is computed from the events and `proof` is left out. In any other, `proof` is
//! the inclusion proof of the event.
//!
//! Invariant: there is one way to write an export; every line is refused unless it is the one
//! that the writer gives. Every line ends with a newline.

mod verify;
mod writer;

use serde::{Deserialize, Serialize};

use crate::decimal;
use crate::merkle::Hash;
use crate::note::VerifierKey;

pub use verify::{Report, VerifyError, verify};
pub use writer::{ExportError, ExportWriter};

/// The format written.
pub const FORMAT: &str = "mentalspace-audit-export/1";

/// The longest line in bytes: a note of the largest size in which every byte is escaped.
const MAX_LINE: usize = 2 * crate::note::MAX_NOTE + 4_096;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    origin: String,
    verifier_key: VerifierKey,
    checkpoint: String,
    #[serde(with = "decimal")]
    events: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(with = "decimal")]
    index: u64,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<Vec<Hash>>,
}
