//! What every store must do, one behaviour each. An adapter's tests are one call of
//! [`store_conformance!`](crate::store_conformance) for each of its configurations.

mod documents;
mod journals;
mod searches;
mod vaults;

use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use uuid::Uuid;

pub use documents::{
    a_practice_sees_only_its_own, a_reading_transaction_cannot_write, a_refused_call_leaves_the_transaction_usable,
    a_stale_version_conflicts, a_taken_id_exists_already, a_taken_unique_term_is_a_duplicate,
    a_unique_term_is_free_again_after_update_and_delete, an_uncommitted_write_is_never_seen,
    an_unknown_id_cannot_be_changed, an_unknown_id_is_none, an_update_replaces_everything,
    large_and_binary_bodies_survive, of_two_writers_one_wins, what_is_inserted_is_read_back,
};
pub use journals::{
    a_taken_position_conflicts, an_entry_is_booked_once, balances_sum_by_account,
    events_are_found_by_client_user_and_activity, events_are_kept_once, events_get_dense_positions,
    postings_are_read_in_order, the_largest_amounts_survive,
};
pub use searches::{
    a_search_keeps_to_its_range, a_search_orders_by_sort_key_then_id, filters_all_hold_and_values_are_alternatives,
    pages_have_no_gap_and_no_repetition, sort_keys_compare_as_bytes,
};
pub use vaults::{
    a_body_moved_to_another_row_does_not_open, a_clients_part_of_the_log_verifies_offline,
    a_damaged_document_hides_no_neighbour, a_failed_unit_undoes_what_it_wrote_and_accounts_for_what_it_read,
    a_job_whose_worker_died_is_taken_again, another_key_opens_nothing_until_the_data_key_is_wrapped_anew,
    bodies_and_blind_terms_are_unreadable_at_rest, concurrent_integration_loses_and_doubles_nothing,
    each_job_is_taken_by_one_worker, many_readers_leave_one_event_each, reading_a_record_leaves_an_event,
    the_whole_log_verifies_offline, two_servers_share_one_data_key,
    writing_a_record_leaves_an_event_in_the_same_transaction,
};

use crate::{
    PracticeId,
    store::{Mode, Permit, Record, Store, StoredTerm, Transaction},
};

/// An empty store, or one where the two practices have nothing yet.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The store under test.
    pub store: Arc<dyn Store>,
    /// The practice that acts.
    pub practice: PracticeId,
    /// Another practice in the same store.
    pub other: PracticeId,
}

impl Stage {
    async fn write(&self) -> Box<dyn Transaction> {
        self.begin(self.practice, Mode::Write).await
    }

    async fn read(&self) -> Box<dyn Transaction> {
        self.begin(self.practice, Mode::Read).await
    }

    async fn begin(&self, practice: PracticeId, mode: Mode) -> Box<dyn Transaction> {
        self.store.begin(Permit::new(practice, mode)).await.expect("a transaction begins")
    }
}

const KIND: &str = "thing";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n + 100)
}

fn record(n: u128, version: u64, sort: &str, terms: &[(&str, &str)]) -> Record {
    let term = |(name, value): &(&str, &str)| StoredTerm {
        name: name.trim_start_matches('!').to_owned(),
        value: (*value).to_owned(),
        unique: name.starts_with('!'),
    };
    let body = format!("body of {n} at {version}").into_bytes();
    Record { id: id(n), version, sort: sort.to_owned(), terms: terms.iter().map(term).collect(), body }
}

/// Runs futures at the same time within one task, so that the suite needs no runtime of its own.
async fn together<T>(futures: impl IntoIterator<Item = Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    std::future::poll_fn(move |context| {
        for (future, answer) in running.iter_mut().filter(|(_, answer)| answer.is_none()) {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                *answer = Some(value);
            }
        }
        if running.iter().any(|(_, answer)| answer.is_none()) {
            return Poll::Pending;
        }
        Poll::Ready(running.iter_mut().filter_map(|(_, answer)| answer.take()).collect())
    })
    .await
}

/// Expands to one `#[tokio::test]` for each behaviour; `$stage` is an async expression that yields a fresh [`Stage`].
/// An attribute before it is put on every test: `store_conformance!(#[ignore = "needs a server"] stage())`.
#[macro_export]
macro_rules! store_conformance {
    (#[$attribute:meta] $stage:expr) => {
        $crate::store_conformance!(@all [#[$attribute]] $stage);
    };
    ($stage:expr) => {
        $crate::store_conformance!(@all [] $stage);
    };
    (@all $attributes:tt $stage:expr) => {
        $crate::store_conformance!(@each $attributes $stage,
            an_unknown_id_is_none,
            what_is_inserted_is_read_back,
            a_taken_id_exists_already,
            a_taken_unique_term_is_a_duplicate,
            a_unique_term_is_free_again_after_update_and_delete,
            an_update_replaces_everything,
            a_stale_version_conflicts,
            an_unknown_id_cannot_be_changed,
            of_two_writers_one_wins,
            a_refused_call_leaves_the_transaction_usable,
            an_uncommitted_write_is_never_seen,
            a_reading_transaction_cannot_write,
            a_practice_sees_only_its_own,
            large_and_binary_bodies_survive,
            a_search_orders_by_sort_key_then_id,
            sort_keys_compare_as_bytes,
            pages_have_no_gap_and_no_repetition,
            filters_all_hold_and_values_are_alternatives,
            a_search_keeps_to_its_range,
            events_are_kept_once,
            events_get_dense_positions,
            a_taken_position_conflicts,
            events_are_found_by_client_user_and_activity,
            balances_sum_by_account,
            postings_are_read_in_order,
            an_entry_is_booked_once,
            the_largest_amounts_survive,
            reading_a_record_leaves_an_event,
            writing_a_record_leaves_an_event_in_the_same_transaction,
            a_failed_unit_undoes_what_it_wrote_and_accounts_for_what_it_read,
            many_readers_leave_one_event_each,
            bodies_and_blind_terms_are_unreadable_at_rest,
            a_body_moved_to_another_row_does_not_open,
            a_damaged_document_hides_no_neighbour,
            two_servers_share_one_data_key,
            another_key_opens_nothing_until_the_data_key_is_wrapped_anew,
            the_whole_log_verifies_offline,
            a_clients_part_of_the_log_verifies_offline,
            concurrent_integration_loses_and_doubles_nothing,
            each_job_is_taken_by_one_worker,
            a_job_whose_worker_died_is_taken_again,
        );
    };
    (@each $attributes:tt $stage:expr, $($name:ident),+ $(,)?) => {$(
        $crate::store_conformance!(@one $attributes $stage, $name);
    )+};
    (@one [$($attribute:tt)*] $stage:expr, $name:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        $($attribute)*
        async fn $name() {
            $crate::testing::conformance::$name($stage.await).await;
        }
    };
}
