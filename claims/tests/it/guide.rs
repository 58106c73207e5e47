//! Guides: tables, walker, trees.

mod tables;
mod tree;
mod walker;
