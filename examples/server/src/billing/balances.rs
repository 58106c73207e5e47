//! Who owes what, read from the ledger: what payers owe and what clients owe are never added up.

use chrono::NaiveDate;
use mentalspace_core::{
    ClientId, Money, Purpose,
    access::{Permission, Relation},
    ledger::Account,
    store::{Balance, LedgerQuery, PostedRow, Reading, StoreError, Subject},
};
use serde::Serialize;

use super::require;
use crate::{app::App, practice::Office, problem::Problem, signed::Signed};

/// What stands open for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct ClientBalance {
    /// Owed by payers: nothing the client may be asked for yet.
    pub insurance_due: Money,
    /// Owed by the client.
    pub patient_due: Money,
    /// Received for the client and not applied to a service yet.
    pub unapplied: Money,
}

impl ClientBalance {
    fn of(balances: &[Balance]) -> Self {
        let amount = |account| balances.iter().filter(|b| b.account == account).map(|b| b.amount).sum::<Money>();
        Self {
            insurance_due: amount(Account::InsuranceReceivable),
            patient_due: amount(Account::PatientReceivable),
            unapplied: -amount(Account::Unapplied),
        }
    }
}

/// Reads what stands open for a client. The caller decides who may see it.
///
/// # Errors
/// As the store.
pub async fn of_client(work: &mut Reading<'_>, client: ClientId) -> Result<ClientBalance, StoreError> {
    let query = LedgerQuery { client: Some(client), ..LedgerQuery::default() };
    Ok(ClientBalance::of(&work.balances(&query).await?))
}

/// What stands open for a client, and the postings it comes from.
#[derive(Debug)]
pub struct ClientLedger {
    /// The sums.
    pub balance: ClientBalance,
    /// The newest 500 postings, oldest first.
    pub postings: Vec<PostedRow>,
}

/// Shows a client's balance and postings to somebody of billing.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn client_ledger(app: &App, signed: &Signed, client: ClientId) -> Result<ClientLedger, Problem> {
    let access = signed.access("ledger.read", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        Box::pin(async move {
            let subject = Subject::new("ledger").client(Some(client));
            signed.require(work, Permission::ReadBilling, Relation::default(), subject)?;
            work.expect::<mentalspace_core::Client>(client).await?;
            let balance = of_client(work, client).await?;
            let query = LedgerQuery { client: Some(client), ..LedgerQuery::default() };
            let postings = all_postings(work, &query).await?;
            let skipped = postings.len().saturating_sub(500);
            Ok::<_, Problem>(ClientLedger { balance, postings: postings.into_iter().skip(skipped).collect() })
        })
    });
    read.await
}

/// The sums of all accounts at the end of a day.
#[derive(Debug, Clone)]
pub struct TrialBalance {
    /// The day.
    pub through: NaiveDate,
    /// Every account, also those without postings.
    pub balances: Vec<Balance>,
}

impl TrialBalance {
    /// Returns the sum of all accounts, which is nothing.
    #[must_use]
    pub fn sum(&self) -> Money {
        self.balances.iter().map(|balance| balance.amount).sum()
    }

    /// Returns the sum of the debit balances.
    #[must_use]
    pub fn debits(&self) -> Money {
        self.balances.iter().map(|balance| balance.amount).filter(|amount| !amount.is_negative()).sum()
    }
}

/// Shows the trial balance at the end of `through`; today when no day is given.
///
/// # Errors
/// `forbidden`; as the store.
pub async fn trial_balance(app: &App, signed: &Signed, through: Option<NaiveDate>) -> Result<TrialBalance, Problem> {
    let access = signed.access("ledger.trial_balance", Purpose::Payment);
    let read = app.vault().read(&access, |work| {
        let access = &access;
        Box::pin(async move {
            require(work, signed, Permission::ReadBilling, "ledger")?;
            let office = Office::open(work, access).await?;
            let through = through.unwrap_or(office.today);
            let query = LedgerQuery { through: Some(through), ..LedgerQuery::default() };
            let booked = work.balances(&query).await?;
            let amount = |account| booked.iter().find(|b| b.account == account).map_or(Money::ZERO, |b| b.amount);
            let balances = Account::ALL.iter().map(|account| Balance { account: *account, amount: amount(*account) });
            Ok::<_, Problem>(TrialBalance { through, balances: balances.collect() })
        })
    });
    read.await
}

/// Reads all postings of a query.
pub(super) async fn all_postings(work: &mut Reading<'_>, query: &LedgerQuery) -> Result<Vec<PostedRow>, StoreError> {
    const PART: u32 = 1_000;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = work.postings(query, after, PART).await?;
        let more = part.len() == PART as usize;
        after = part.last().map(|row| row.sequence);
        all.extend(part);
        if !more {
            return Ok(all);
        }
    }
}
