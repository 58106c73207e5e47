//! Validation: syntax, guides, profiles, reports.

mod corpus;
