//! Clinical domain of a behavioural-health practice, shared value types and the store port.
