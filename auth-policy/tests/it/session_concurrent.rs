use mentalspace_auth_policy::assurance::Factor;
use mentalspace_auth_policy::mfa::Decision;
use mentalspace_auth_policy::session::{
    EndReason, Ending, OverLimit, PasswordStanding, Session, SessionPolicy, SessionRules, SignIn, TooManySessions,
    make_room, to_end,
};
use uuid::Uuid;

use crate::at;
use crate::session::{policy, sign_in, token};

fn of(id: u8, began: i64) -> Session {
    let sign_in = SignIn {
        id: Uuid::from_u128(id.into()),
        token: token(id),
        ..sign_in(Decision::Challenge, PasswordStanding::Current)
    };
    let mut session = Session::start(&sign_in, &policy(), at(began));
    session.complete_mfa(Factor::Totp, token(id + 100), &policy(), at(began)).unwrap();
    session
}

fn most(most: u32, over_limit: OverLimit) -> SessionPolicy {
    let mut rules: SessionRules = policy().into();
    (rules.most, rules.over_limit) = (most, over_limit);
    SessionPolicy::new(rules).unwrap()
}

fn ids(ids: &[u8]) -> Vec<Uuid> {
    ids.iter().map(|id| Uuid::from_u128((*id).into())).collect()
}

/// ASVS 7.1.2.
#[test]
fn beyond_the_greatest_number_the_oldest_session_ends() {
    let sessions = [of(1, 30), of(2, 10), of(3, 20), of(4, 40)];
    let arriving = Uuid::from_u128(4);
    let room = |number| make_room(&sessions, arriving, &most(number, OverLimit::EndOldest), at(40));
    assert_eq!(room(4), Ok(vec![]));
    assert_eq!(room(3), Ok(ids(&[2])));
    assert_eq!(room(1), Ok(ids(&[2, 3, 1])));
}

#[test]
fn or_the_new_one_is_refused() {
    let sessions = [of(1, 0), of(2, 10)];
    let room = |number, arriving: u128| {
        make_room(&sessions, Uuid::from_u128(arriving), &most(number, OverLimit::RefuseNew), at(10))
    };
    assert_eq!(room(2, 9), Err(TooManySessions { most: 2 }));
    assert_eq!(room(3, 9), Ok(vec![]));
    assert_eq!(room(2, 2), Ok(vec![]), "a session does not stand in its own way");
}

/// A stolen password alone ends nobody's work.
#[test]
fn only_sessions_that_live_and_have_shown_their_factors_count() {
    let pending = SignIn { id: Uuid::from_u128(7), ..sign_in(Decision::Challenge, PasswordStanding::Current) };
    let mut ended = of(2, 0);
    ended.end(EndReason::LoggedOut, at(1));
    let idle = of(3, -7200);
    let sessions = [of(1, 0), ended, idle, Session::start(&pending, &policy(), at(0))];
    assert_eq!(make_room(&sessions, Uuid::from_u128(9), &most(2, OverLimit::RefuseNew), at(1)), Ok(vec![]));
}

/// ASVS 7.5.2.
#[test]
fn one_the_others_or_all_are_ended() {
    let mut over = of(3, 0);
    over.end(EndReason::LoggedOut, at(1));
    let sessions = [of(1, 0), of(2, 0), over];
    assert_eq!(to_end(&sessions, Ending::One(Uuid::from_u128(2))), ids(&[2]));
    assert_eq!(to_end(&sessions, Ending::One(Uuid::from_u128(99))), ids(&[]));
    assert_eq!(to_end(&sessions, Ending::Others(Uuid::from_u128(1))), ids(&[2]));
    assert_eq!(to_end(&sessions, Ending::All), ids(&[1, 2]));
}
