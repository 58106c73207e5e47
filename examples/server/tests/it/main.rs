//! The server as its callers see it: requests in, answers out, on a store in memory and a clock that is set by hand.

mod access;
mod billing;
mod clients;
mod notes;
mod pages;
mod schedule;
mod sessions;
mod support;
mod visits;
