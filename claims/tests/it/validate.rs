//! Validation: syntax, guides, profiles, reports.

mod corpus;
mod mutant;
mod report;
