//! Whole visits while a fifth of the calls go wrong.

use mentalspace_telehealth_port::testing::visits::fifty_visits_have_one_room_each;

use crate::fake::Fake;

#[tokio::test]
#[ignore = "needs the fake: scripts/chime-fake run -- cargo test -p mentalspace-chime -- --include-ignored"]
async fn fifty_visits_at_once_have_one_room_each_though_a_fifth_of_the_calls_fail() {
    let fake = Fake::connect().await;
    fifty_visits_have_one_room_each(&fake).await;
    let state = fake.state().await;
    assert_eq!(state["created"], 50, "there never was another room");
    for kind in ["throttle", "unavailable", "drop", "lose"] {
        assert!(state["faults"][kind].as_u64() > Some(2), "too few calls went wrong: {}", state["faults"]);
    }
}
