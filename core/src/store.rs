//! The store port: sealed documents with search terms, append-only journals, audit events and jobs.

mod document;

pub use document::{Document, Term, TermValue};
