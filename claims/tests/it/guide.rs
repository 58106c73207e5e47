//! Guides: tables, walker, trees.

mod tables;
mod walker;
