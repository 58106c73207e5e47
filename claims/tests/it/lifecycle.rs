mod response;

use mentalspace_claims::lifecycle::{ClaimEvent, ClaimStatus};
use proptest::prelude::*;

#[test]
fn a_claim_goes_from_draft_to_paid() {
    use ClaimEvent::{Accept, Finish, Pay, Process, Submit};
    let end = [Finish, Submit, Accept, Process, Pay].into_iter().try_fold(ClaimStatus::Draft, ClaimStatus::after);
    assert_eq!(end, Ok(ClaimStatus::Paid));
}

/// R16.
#[test]
fn a_denied_claim_can_still_be_paid() {
    assert_eq!(ClaimStatus::Denied.after(ClaimEvent::Pay), Ok(ClaimStatus::Paid));
}

/// L2.
#[test]
fn a_decided_claim_can_be_reopened_without_losing_its_way() {
    assert_eq!(ClaimStatus::Denied.after(ClaimEvent::Reopen), Ok(ClaimStatus::Draft));
    assert_eq!(ClaimStatus::Submitted.after(ClaimEvent::Reopen).unwrap_err().from, ClaimStatus::Submitted);
}

#[test]
fn every_state_but_void_can_be_left_and_reached() {
    for state in ClaimStatus::ALL {
        let leaves = ClaimEvent::ALL.iter().any(|e| state.after(*e).is_ok_and(|next| next != state));
        assert_eq!(leaves, state != ClaimStatus::Void, "{state:?}");
        let reached = state == ClaimStatus::Draft
            || ClaimStatus::ALL.iter().any(|s| ClaimEvent::ALL.iter().any(|e| s.after(*e) == Ok(state)));
        assert!(reached, "{state:?}");
    }
}

proptest! {
    #[test]
    fn there_is_no_way_out_of_void(events in prop::collection::vec(0_usize..ClaimEvent::ALL.len(), 0..40)) {
        let mut state = ClaimStatus::Draft;
        for event in events {
            let before = state;
            state = state.after(ClaimEvent::ALL[event]).unwrap_or(state);
            prop_assert!(before != ClaimStatus::Void || state == ClaimStatus::Void);
        }
    }
}
