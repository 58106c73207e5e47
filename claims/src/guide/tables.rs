//! The guides as static tables.

#[rustfmt::skip]
mod control;
#[rustfmt::skip]
mod dictionary;
#[rustfmt::skip]
mod g270;
#[rustfmt::skip]
mod g271;
#[rustfmt::skip]
mod g276;
#[rustfmt::skip]
mod g277;
#[rustfmt::skip]
mod g277ca;
#[rustfmt::skip]
mod g278;
#[rustfmt::skip]
mod g820;
#[rustfmt::skip]
mod g834;
#[rustfmt::skip]
mod g835;
#[rustfmt::skip]
mod g837d;
#[rustfmt::skip]
mod g837i;
#[rustfmt::skip]
mod g837p;
#[rustfmt::skip]
mod g997;
#[rustfmt::skip]
mod g999;

use super::table::Guide;

pub(crate) use control::GUIDE as CONTROL;
pub(crate) use dictionary::{CODES, NOTES, SEGMENTS, SPEC_LISTS, SPECS, WHOLE_LISTS};

/// Every guide but the one of the envelope.
pub(super) static ALL: [&Guide; 14] = [
    &g837p::GUIDE,
    &g835::GUIDE,
    &g837i::GUIDE,
    &g837d::GUIDE,
    &g270::GUIDE,
    &g271::GUIDE,
    &g276::GUIDE,
    &g277::GUIDE,
    &g277ca::GUIDE,
    &g278::GUIDE,
    &g820::GUIDE,
    &g834::GUIDE,
    &g997::GUIDE,
    &g999::GUIDE,
];
