//! Tamper-evident audit trail: events, RFC 6962 Merkle log, signed checkpoints, offline verification.
