//! Video provider trait, visit states, consent and location guards.
