//! The claim of any form: read, written, as JSON.
