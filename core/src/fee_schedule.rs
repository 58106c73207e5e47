//! What the practice charges: one price per code and day, for a payer or for clients who pay themselves.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    ClientId, FeeScheduleId, Invalid, Money, OrganizationName, PayerId, Period, ProcedureCode,
    store::{Document, Term},
};

/// The price of one unit of one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// The code.
    pub code: ProcedureCode,
    /// The price of one unit, never negative.
    pub amount: Money,
    /// The dates of service it applies to.
    pub in_force: Period,
}

/// A fee schedule. No code has two prices on one day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct FeeSchedule {
    id: FeeScheduleId,
    name: OrganizationName,
    payer: Option<PayerId>,
    fees: Vec<Fee>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    id: FeeScheduleId,
    name: OrganizationName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payer: Option<PayerId>,
    fees: Vec<Fee>,
}

impl FeeSchedule {
    /// Begins an empty schedule for `payer`, or for clients who pay themselves.
    #[must_use]
    pub const fn new(id: FeeScheduleId, name: OrganizationName, payer: Option<PayerId>) -> Self {
        Self { id, name, payer, fees: Vec::new() }
    }

    /// The most prices a schedule holds; each new one is compared with all.
    pub const MAX: usize = 5_000;

    /// Adds a price.
    ///
    /// # Errors
    /// It is negative, the code already has a price on one of its days, or the schedule is full.
    pub fn add(&mut self, fee: Fee) -> Result<(), Invalid> {
        if self.fees.len() == Self::MAX {
            return Err(Invalid::new("fee", "is one more than a schedule holds"));
        }
        if fee.amount.is_negative() {
            return Err(Invalid::new("fee", "is negative"));
        }
        if self.fees.iter().any(|other| other.code == fee.code && other.in_force.overlaps(fee.in_force)) {
            return Err(Invalid::new("fee", "gives a code two prices on one day"));
        }
        self.fees.push(fee);
        Ok(())
    }

    /// Returns the price of one unit of `code` on a date of service.
    #[must_use]
    pub fn fee(&self, code: &ProcedureCode, on: NaiveDate) -> Option<Money> {
        self.fees.iter().find(|fee| fee.code == *code && fee.in_force.contains(on)).map(|fee| fee.amount)
    }

    /// Returns the schedule's name.
    #[must_use]
    pub const fn name(&self) -> &OrganizationName {
        &self.name
    }

    /// Returns the payer it is for; `None` for clients who pay themselves.
    #[must_use]
    pub const fn payer(&self) -> Option<PayerId> {
        self.payer
    }

    /// Returns every price, in the order they were added.
    #[must_use]
    pub fn fees(&self) -> &[Fee] {
        &self.fees
    }
}

impl TryFrom<Parts> for FeeSchedule {
    type Error = Invalid;
    fn try_from(parts: Parts) -> Result<Self, Invalid> {
        let empty = Self::new(parts.id, parts.name, parts.payer);
        parts.fees.into_iter().try_fold(empty, |mut schedule, fee| schedule.add(fee).map(|()| schedule))
    }
}

impl From<FeeSchedule> for Parts {
    fn from(schedule: FeeSchedule) -> Self {
        Self { id: schedule.id, name: schedule.name, payer: schedule.payer, fees: schedule.fees }
    }
}

impl Document for FeeSchedule {
    const KIND: &'static str = "fee_schedule";
    const PHI: bool = false;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn client(&self) -> Option<ClientId> {
        None
    }

    fn terms(&self) -> Vec<Term> {
        let payer = self.payer.map_or_else(|| "self_pay".to_owned(), |payer| payer.to_string());
        vec![Term::plain("payer", &payer).unique()]
    }
}
