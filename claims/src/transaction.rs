//! Typed transactions on top of [`x12`](crate::x12).

pub mod p837;
pub mod part;
pub mod r835;
