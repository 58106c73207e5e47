use mentalspace_auth_policy::ticket::{NotValid, Purpose, Ticket, TicketPolicy, TicketRules, TicketState};
use proptest::prelude::*;

use crate::session::token;
use crate::{at, through_json};

const HOUR: i64 = 3600;

fn ticket(purpose: Purpose) -> Ticket {
    Ticket::issue(purpose, token(1), &TicketPolicy::standard(), at(0))
}

#[test]
fn a_ticket_works_once() {
    let mut invitation = ticket(Purpose::Invitation);
    assert_eq!(invitation.redeem(Purpose::Invitation, token(1), at(5)), Ok(()));
    assert_eq!(invitation.redeem(Purpose::Invitation, token(1), at(6)), Err(NotValid));
    assert_eq!(invitation.state(at(6)), TicketState::Used);
    invitation.withdraw(at(7));
    assert_eq!(invitation.state(at(8)), TicketState::Used);
    assert_eq!(through_json(&invitation), invitation);
}

/// RC-3, ASVS 6.4.1.
#[test]
fn each_kind_has_its_time() {
    for (purpose, seconds) in [
        (Purpose::Invitation, 72 * HOUR),
        (Purpose::PasswordReset, HOUR / 2),
        (Purpose::Undo, 72 * HOUR),
        (Purpose::CancelRecovery, 240 * HOUR),
    ] {
        let ticket = ticket(purpose);
        assert_eq!(ticket.check(purpose, token(1), at(seconds - 1)), Ok(()));
        assert_eq!(ticket.check(purpose, token(1), at(seconds)), Err(NotValid));
        assert_eq!(ticket.state(at(seconds)), TicketState::Expired);
    }
    let mut rules: TicketRules = TicketPolicy::standard().into();
    rules.password_reset_minutes = 61;
    assert!(TicketPolicy::new(rules).is_err());
}

#[test]
fn a_ticket_for_one_thing_opens_nothing_else() {
    let mut undo = ticket(Purpose::Undo);
    assert_eq!(undo.redeem(Purpose::PasswordReset, token(1), at(1)), Err(NotValid));
    assert_eq!(undo.redeem(Purpose::Undo, token(2), at(1)), Err(NotValid));
    undo.withdraw(at(2));
    assert_eq!(undo.redeem(Purpose::Undo, token(1), at(3)), Err(NotValid));
}

proptest! {
    #[test]
    fn no_order_of_acts_uses_a_ticket_twice(acts in prop::collection::vec((0_u8..4, -100_i64..4000), 1..40)) {
        let mut ticket = ticket(Purpose::PasswordReset);
        let (mut used, mut over) = (0, false);
        for (act, moment) in acts {
            match act {
                0 => used += usize::from(ticket.redeem(Purpose::PasswordReset, token(1), at(moment)).is_ok()),
                1 => ticket.withdraw(at(moment)),
                2 => drop(ticket.redeem(Purpose::PasswordReset, token(9), at(moment))),
                _ => ticket = through_json(&ticket),
            }
            let closed = matches!(ticket.state(at(-100)), TicketState::Used | TicketState::Withdrawn);
            prop_assert!(!over || closed, "there is no way back");
            over = closed;
        }
        prop_assert!(used <= 1);
    }
}
