//! Posting a remittance: which claim each payment is for, and what it does to the books.
//!
//! A remittance that does not add up posts nothing and says where. One that does is posted to the cent: the cash of all
//! entries is the payment, because unmatched money is booked as unapplied and adjustments outside of claims as their
//! own entry. A denial is never written off.

mod matching;
mod posting;

pub use matching::{Candidate, ClaimMatch, EarlierPosting, LineMatch, LineRule, Matches, match_claims};
pub use posting::{
    Booking, ClaimUpdate, IdempotencyKey, Posted, Recognition, Refused, Untouched, UntouchedLine, WorkItem,
    WorkItemKind, post, recognise,
};
