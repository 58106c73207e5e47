//! Double-entry ledger: what was earned, who owes it, what was paid and what was written off.
//!
//! An [`Entry`] cannot exist unless its postings sum to zero, so a balance can be wrong only together with the entry
//! that made it so. Debits are positive, credits negative. Nothing is ever changed: a mistake is reversed.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{ClaimId, ClientId, EntryId, Money, PayerId};

macro_rules! accounts {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// An account of the practice's books.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Account { $($(#[$doc])* $name),+ }

        impl Account {
            /// Every account, in the order of a trial balance.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name used in stores and on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

accounts! {
    /// Owed by payers. Debit balance.
    InsuranceReceivable = "insurance_receivable",
    /// Owed by clients. Debit balance.
    PatientReceivable = "patient_receivable",
    /// Money received. Debit balance.
    Cash = "cash",
    /// Money received that belongs to no service yet: unmatched payments, credits of clients. Credit balance.
    Unapplied = "unapplied",
    /// What was charged for services. Credit balance.
    ServiceRevenue = "service_revenue",
    /// Written off under a contract with a payer. Debit balance.
    ContractualAdjustment = "contractual_adjustment",
    /// Withheld or added by a payer outside any claim (835 PLB). Debit balance.
    ProviderAdjustment = "provider_adjustment",
    /// Written off by the practice's own decision. Debit balance.
    WriteOff = "write_off",
}

impl std::str::FromStr for Account {
    type Err = crate::Invalid;
    fn from_str(name: &str) -> Result<Self, crate::Invalid> {
        let known = Self::ALL.iter().find(|account| account.name() == name);
        known.copied().ok_or(crate::Invalid::new("account", "is not one of the practice's books"))
    }
}

/// One line of an entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// Where it is booked.
    pub account: Account,
    /// Debit when positive, credit when negative.
    pub amount: Money,
    /// The client it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The claim it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimId>,
    /// The service line of the claim, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u16>,
    /// The payer it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<PayerId>,
    /// Why: group and reason code of the 835 such as `PR-1` or `CO-45`, at most 16 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Posting {
    /// Books `amount` to `account`.
    #[must_use]
    pub const fn new(account: Account, amount: Money) -> Self {
        Self { account, amount, client: None, claim: None, line: None, payer: None, reason: None }
    }
}

/// What caused an entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The kind of document, such as `charge`, `remittance` or `payment`; at most 32 characters.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

/// A balanced set of postings.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Entry {
    parts: Parts,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    id: EntryId,
    effective: NaiveDate,
    recorded_at: DateTime<Utc>,
    source: Source,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reverses: Option<EntryId>,
    postings: Vec<Posting>,
}

/// Why a set of postings is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Debits and credits differ.
    #[error("debits exceed credits by {difference}")]
    Unbalanced {
        /// Debits less credits.
        difference: Money,
    },
    /// There is nothing to book.
    #[error("an entry needs at least two postings")]
    Empty,
    /// The sum does not fit.
    #[error("the postings sum out of range")]
    OutOfRange,
}

impl Entry {
    /// Books `postings` as one entry; those of no amount are left out.
    ///
    /// # Errors
    /// The postings do not sum to zero, or nothing is left to book.
    pub fn new(
        id: EntryId,
        effective: NaiveDate,
        recorded_at: DateTime<Utc>,
        source: Source,
        postings: Vec<Posting>,
    ) -> Result<Self, LedgerError> {
        Self::checked(Parts { id, effective, recorded_at, source, reverses: None, postings })
    }

    /// Books the exact opposite of `self`.
    #[must_use]
    pub fn reversal(&self, id: EntryId, effective: NaiveDate, recorded_at: DateTime<Utc>, source: Source) -> Self {
        let postings = self.postings().iter().map(|p| Posting { amount: -p.amount, ..p.clone() }).collect();
        Self { parts: Parts { id, effective, recorded_at, source, reverses: Some(self.id()), postings } }
    }

    fn checked(mut parts: Parts) -> Result<Self, LedgerError> {
        parts.postings.retain(|posting| !posting.amount.is_zero());
        if parts.postings.len() < 2 {
            return Err(LedgerError::Empty);
        }
        let sum = parts.postings.iter().try_fold(Money::ZERO, |sum, p| sum.checked_add(p.amount));
        match sum {
            Some(Money::ZERO) => Ok(Self { parts }),
            Some(difference) => Err(LedgerError::Unbalanced { difference }),
            None => Err(LedgerError::OutOfRange),
        }
    }

    /// Returns the id.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.parts.id
    }

    /// Returns the day the entry counts for, from which ageing is derived.
    #[must_use]
    pub const fn effective(&self) -> NaiveDate {
        self.parts.effective
    }

    /// Returns when it was booked.
    #[must_use]
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.parts.recorded_at
    }

    /// Returns what caused it.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.parts.source
    }

    /// Returns the entry this one takes back.
    #[must_use]
    pub const fn reverses(&self) -> Option<EntryId> {
        self.parts.reverses
    }

    /// Returns the postings; they sum to zero.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.parts.postings
    }
}

impl TryFrom<Parts> for Entry {
    type Error = LedgerError;
    fn try_from(parts: Parts) -> Result<Self, LedgerError> {
        Self::checked(parts)
    }
}

impl From<Entry> for Parts {
    fn from(entry: Entry) -> Self {
        entry.parts
    }
}
