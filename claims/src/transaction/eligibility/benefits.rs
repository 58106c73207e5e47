//! Reading a response the way a front desk does.

use mentalspace_core::Money;
use serde::{Deserialize, Serialize};

use super::{Benefit, BenefitLoop, Eligibility, Member, Rejection};
use crate::text::open_code;
use crate::transaction::part::{Count, DateOrPeriod, Period, Repetitions, Text};

/// Whether there is coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// EB01 1 to 5.
    Active,
    /// EB01 6 to 8.
    Inactive,
    /// EB01 I: there is coverage, and this service is no part of it.
    NotCovered,
    /// The response does not say.
    #[default]
    Unsaid,
}

/// Whether a fact holds for providers in the payer's network (EB12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Y.
    In,
    /// N.
    Out,
    /// W, or unsaid: for both.
    #[default]
    Any,
}

open_code! {
    /// What the patient bears (EB01).
    ShareKind {
        /// A: a fraction of the allowed amount.
        Coinsurance = "A",
        /// B: a fixed amount.
        Copay = "B",
        /// C: what is borne before the payer pays.
        Deductible = "C",
        /// F: a limit of the benefit.
        Limit = "F",
        /// G: the most that is borne.
        OutOfPocketMaximum = "G",
        /// Y: spend-down.
        SpendDown = "Y",
    }
}

/// Something the patient bears, or a limit.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Share {
    /// What.
    pub kind: ShareKind,
    /// Service types it is for; none means all.
    pub service_types: Vec<Text>,
    /// For whom, such as IND or FAM.
    pub coverage_level: Text,
    /// For which providers.
    pub network: Network,
    /// The time an amount is for, such as 23 calendar year or 27 visit.
    pub period: Text,
    /// The amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The fraction of the allowed amount, such as 0.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<Count>,
    /// A number of visits, days or units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Count>,
    /// Words of the payer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub messages: Vec<Text>,
}

impl Share {
    /// Returns whether it is what is left of an amount rather than the whole (period 29 or 33).
    #[must_use]
    pub fn is_remaining(&self) -> bool {
        matches!(self.period.as_str(), "29" | "33")
    }
}

/// Why a question was not answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejected {
    /// The loop whose facts were refused, such as 2100C.
    pub loop_id: Text,
    /// AAA03: why, such as 72 for an unknown member number.
    pub reason: Text,
    /// AAA04: what to do, such as C: correct and ask again.
    pub follow_up: Text,
}

/// The facts about one patient's coverage.
///
/// Facts about one service type go before facts about the coverage as a whole (30), which go before those that name
/// no service type.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Benefits {
    /// Our number of the question (TRN02 with TRN01 2, or BHT03).
    pub number: Text,
    /// Whether there is coverage at all.
    pub coverage: Coverage,
    /// Names of plans (EB05), in the order of the response.
    pub plans: Vec<Text>,
    /// Kinds of insurance (EB04).
    pub insurance_types: Vec<Text>,
    /// What the patient bears, and limits.
    pub shares: Vec<Share>,
    /// Dates of the coverage (DTP of the patient or subscriber).
    pub dates: Vec<DateOrPeriod>,
    /// Why there is no answer, or none in part.
    pub rejections: Vec<Rejected>,
    /// Other payers (EB01 R), by name, as far as they are named.
    pub other_payers: Vec<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<ServiceStatus>,
}

/// What is said about service types besides money.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ServiceStatus {
    service_types: Vec<Text>,
    coverage: Coverage,
    network: Network,
    authorization: Text,
}

crate::text::silent_debug!(Share, Rejected, Benefits, ServiceStatus);

const WHOLE: &str = "30";

impl Benefits {
    /// Reads the facts about each patient of a response, with what was wrong with the question at any level above.
    #[must_use]
    pub fn of(response: &Eligibility) -> Vec<Self> {
        let mut all = Vec::new();
        for source in &response.sources {
            let mut refused = Vec::new();
            note(&mut refused, "2000A", &source.rejections);
            source.names.iter().for_each(|name| note(&mut refused, "2100A", &name.rejections));
            let before = all.len();
            for receiver in &source.receivers {
                let mut refused = refused.clone();
                note(&mut refused, "2100B", &receiver.rejections);
                for subscriber in &receiver.subscribers {
                    let mut refused = refused.clone();
                    note(&mut refused, "2100C", &subscriber.member.rejections);
                    let member = &subscriber.member;
                    if subscriber.dependents.is_empty() {
                        all.push(Self::of_patient(response, member, None, refused));
                        continue;
                    }
                    for dependent in &subscriber.dependents {
                        let mut refused = refused.clone();
                        note(&mut refused, "2100D", &dependent.rejections);
                        all.push(Self::of_patient(response, dependent, Some(member), refused));
                    }
                }
                if receiver.subscribers.is_empty() && !refused.is_empty() {
                    all.push(Self {
                        number: response.header.reference.clone(),
                        rejections: refused,
                        ..Self::default()
                    });
                }
            }
            if all.len() == before && !refused.is_empty() {
                all.push(Self { number: response.header.reference.clone(), rejections: refused, ..Self::default() });
            }
        }
        all
    }

    fn of_patient(
        response: &Eligibility,
        patient: &Member,
        subscriber: Option<&Member>,
        refused: Vec<Rejected>,
    ) -> Self {
        let ours = |member: &Member| {
            let by = |kind: &str| member.traces.iter().find(|trace| trace.kind == kind).map(|t| t.number.clone());
            by("2").or_else(|| by("1"))
        };
        let number = ours(patient).or_else(|| subscriber.and_then(ours));
        let mut benefits = Self {
            number: number.unwrap_or_else(|| response.header.reference.clone()),
            rejections: refused,
            dates: patient.dates.clone(),
            ..Self::default()
        };
        if let Some(subscriber) = subscriber {
            benefits.dates.extend(subscriber.dates.iter().cloned());
        }
        // What stands at the subscriber's level holds for the dependent where that says nothing else.
        let loops = patient.benefits.iter().chain(subscriber.into_iter().flat_map(|s| &s.benefits));
        loops.for_each(|fact| benefits.take(fact));
        benefits.coverage = benefits.coverage_of(WHOLE);
        if benefits.coverage == Coverage::Unsaid {
            let any = |coverage| benefits.statuses.iter().any(|s| s.coverage == coverage);
            benefits.coverage = match () {
                () if any(Coverage::Active) => Coverage::Active,
                () if any(Coverage::Inactive) => Coverage::Inactive,
                () => Coverage::Unsaid,
            };
        }
        benefits
    }

    fn take(&mut self, fact: &BenefitLoop) {
        note(&mut self.rejections, "2110", &fact.rejections);
        let eb = &fact.benefit;
        let network = network(eb);
        let Repetitions(types) = &eb.service_types;
        let coverage = match eb.information.as_str() {
            "1" | "2" | "3" | "4" | "5" => Coverage::Active,
            "6" | "7" | "8" => Coverage::Inactive,
            "I" => Coverage::NotCovered,
            _ => Coverage::Unsaid,
        };
        if coverage == Coverage::Active {
            add(&mut self.plans, &eb.plan);
            add(&mut self.insurance_types, &eb.insurance_type);
        }
        if coverage != Coverage::Unsaid || !eb.authorization.is_empty() {
            let authorization = eb.authorization.clone();
            self.statuses.push(ServiceStatus { service_types: types.to_vec(), coverage, network, authorization });
        }
        if eb.information == "R" {
            fact.entities.iter().for_each(|entity| add(&mut self.other_payers, &entity.name.last));
        }
        if let Some(kind) = Some(ShareKind::from(eb.information.as_str())).filter(|k| !matches!(k, ShareKind::Other(_)))
        {
            self.shares.push(Share {
                kind,
                service_types: types.to_vec(),
                coverage_level: eb.coverage_level.clone(),
                network,
                period: eb.period.clone(),
                amount: eb.amount.value().copied(),
                fraction: eb.percent.value().copied(),
                quantity: eb.quantity.value().copied(),
                messages: fact.messages.iter().map(|message| message.text.clone()).collect(),
            });
        }
    }

    /// Returns whether a service type is covered.
    #[must_use]
    pub fn coverage_of(&self, service_type: &str) -> Coverage {
        let said = self.statuses.iter().filter(|status| status.coverage != Coverage::Unsaid);
        closest(said, service_type, |status| &status.service_types).first().map_or(Coverage::Unsaid, |s| s.coverage)
    }

    /// Returns whether a service type needs an authorisation, for providers in or out of the network; `None` where the
    /// response does not say or the payer cannot tell.
    #[must_use]
    pub fn needs_authorization(&self, service_type: &str, network: Network) -> Option<bool> {
        let said = self.statuses.iter().filter(|s| holds(s.network, network) && matches!(&*s.authorization, "Y" | "N"));
        let closest = closest(said, service_type, |status| &status.service_types);
        // One part of a service that needs it is enough to ask for it.
        (!closest.is_empty()).then(|| closest.iter().any(|status| status.authorization == "Y"))
    }

    /// Returns what the patient bears of one kind for a service type, the closest facts first.
    pub fn shares_of(&self, kind: &ShareKind, service_type: &str, network: Network) -> Vec<&Share> {
        let said = self.shares.iter().filter(|share| share.kind == *kind && holds(share.network, network));
        closest(said, service_type, |share| &share.service_types)
    }

    /// Returns the fixed amount to collect at a visit.
    #[must_use]
    pub fn copay(&self, service_type: &str, network: Network) -> Option<Money> {
        self.shares_of(&ShareKind::Copay, service_type, network).into_iter().find_map(|share| share.amount)
    }

    /// Returns the fraction of the allowed amount that the patient bears.
    #[must_use]
    pub fn coinsurance(&self, service_type: &str, network: Network) -> Option<Count> {
        self.shares_of(&ShareKind::Coinsurance, service_type, network).into_iter().find_map(|share| share.fraction)
    }

    /// Returns what is left of an individual's deductible; `None` where the response does not say.
    #[must_use]
    pub fn deductible_remaining(&self, service_type: &str, network: Network) -> Option<Money> {
        self.amount(&ShareKind::Deductible, service_type, network, Share::is_remaining)
    }

    /// Returns an individual's deductible as a whole.
    #[must_use]
    pub fn deductible(&self, service_type: &str, network: Network) -> Option<Money> {
        self.amount(&ShareKind::Deductible, service_type, network, |share| !share.is_remaining())
    }

    fn amount(
        &self,
        kind: &ShareKind,
        service_type: &str,
        network: Network,
        which: impl Fn(&Share) -> bool,
    ) -> Option<Money> {
        let said = self.shares.iter().filter(|share| {
            share.kind == *kind && holds(share.network, network) && share.amount.is_some() && which(share)
        });
        let shares = closest(said, service_type, |share| &share.service_types);
        let own = shares.iter().find(|share| share.coverage_level == "IND").or_else(|| shares.first());
        own.and_then(|share| share.amount)
    }

    /// Returns the first of the named dates, such as 346 for the begin of the plan or 291 for its time.
    #[must_use]
    pub fn date(&self, qualifiers: &[&str]) -> Option<Period> {
        let named = |qualifier: &&str| self.dates.iter().find(|date| date.qualifier == **qualifier)?.period();
        qualifiers.iter().find_map(named)
    }
}

/// Returns those facts that speak of the service type closest to the one asked for.
fn closest<'a, T>(
    facts: impl Iterator<Item = &'a T>,
    service_type: &str,
    types: impl Fn(&T) -> &Vec<Text>,
) -> Vec<&'a T> {
    let rank = |fact: &T| {
        let types = types(fact);
        match () {
            () if types.iter().any(|t| t == service_type) => Some(0),
            () if types.iter().any(|t| *t == WHOLE) => Some(1),
            () if types.is_empty() => Some(2),
            () => None,
        }
    };
    let ranked: Vec<_> = facts.filter_map(|fact| Some((rank(fact)?, fact))).collect();
    let best = ranked.iter().map(|(rank, _)| *rank).min();
    ranked.into_iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, fact)| fact).collect()
}

fn network(eb: &Benefit) -> Network {
    match eb.in_network.as_str() {
        "Y" => Network::In,
        "N" => Network::Out,
        _ => Network::Any,
    }
}

/// Whether a fact for `said` holds for `asked`.
fn holds(said: Network, asked: Network) -> bool {
    said == asked || said == Network::Any || asked == Network::Any
}

fn add(list: &mut Vec<Text>, text: &Text) {
    if !text.is_empty() && !list.contains(text) {
        list.push(text.clone());
    }
}

fn note(list: &mut Vec<Rejected>, loop_id: &str, rejections: &[Rejection]) {
    list.extend(rejections.iter().map(|aaa| Rejected {
        loop_id: loop_id.into(),
        reason: aaa.reason.clone(),
        follow_up: aaa.follow_up.clone(),
    }));
}
