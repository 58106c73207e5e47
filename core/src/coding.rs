//! From what took place to procedure codes: minutes to code and units, modality and place to modifier and place of
//! service. Every answer cites the rules it rests on; every refusal is typed.
//!
//! Codes and minutes only; no descriptors.

use chrono::NaiveDate;

use crate::{
    BillingRules, Complexity, Invalid, Modifiers, PlaceOfService, ProcedureCode, ServiceKind, value::text_value,
};

mod combination;
mod telehealth;
mod units;

pub use combination::check_combination;
pub use telehealth::{ClientPlace, Delivery, TelehealthModality};
pub use units::{CrisisRounding, Rounding, fifteen_minute_units};

text_value! {
    /// The name under which an explanation cites a rule, such as `minutes.90834`: 1 to 64 letters, digits, `.`, `-`, `_`.
    public RuleId, "rule id", |text| {
        let shaped = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        if shaped { Ok(text) } else { Err("must be 1 to 64 letters, digits, dots, hyphens or underscores") }
    }
}

impl RuleId {
    pub(crate) fn known(id: &'static str) -> Self {
        Self(id.to_owned())
    }
}

/// A service as it is coded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CodedService {
    /// The code.
    pub code: ProcedureCode,
    /// Its modifiers, in the order the payer reads them.
    pub modifiers: Modifiers,
    /// Where the client was.
    pub place_of_service: PlaceOfService,
    /// How many units; at least one.
    pub units: u32,
    /// The rules it rests on.
    pub rules: Vec<RuleId>,
}

/// What took place.
#[derive(Debug, Clone)]
pub struct Encounter<'a> {
    /// What for.
    pub service: ServiceKind,
    /// Whole minutes without breaks, when they were recorded.
    pub minutes: Option<u32>,
    /// How and where, from the record of the session.
    pub delivery: &'a Delivery,
    /// Whether communication was unusually complex.
    pub complexity: Complexity,
    /// The date of service.
    pub on: NaiveDate,
}

/// Why a service cannot be coded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodingError {
    /// The engine has no code for the kind of service.
    #[error("no code for this kind of service")]
    NoCode,
    /// Start and stop times are needed.
    #[error("{code} needs start and stop times")]
    MissingTime {
        /// The code, or the shortest of its family.
        code: &'static str,
    },
    /// Too short for the shortest code.
    #[error("{minutes} minutes are too short: {code} begins at {least}")]
    TooShort {
        /// The shortest code.
        code: &'static str,
        /// The minutes it begins at.
        least: u32,
        /// The minutes recorded.
        minutes: u32,
    },
    /// The code does not exist on the date of service.
    #[error("{code} is not in effect on {on}")]
    NotEffective {
        /// The code.
        code: ProcedureCode,
        /// The date of service.
        on: NaiveDate,
    },
    /// Two codes do not go together.
    #[error("{code} cannot be reported with {with}")]
    CombinationProhibited {
        /// The one.
        code: ProcedureCode,
        /// The other.
        with: ProcedureCode,
    },
    /// An add-on code stands without a code it adds to.
    #[error("{code} needs a code it adds to")]
    NotWithPrimary {
        /// The add-on code.
        code: ProcedureCode,
    },
    /// The payer's rules say nothing about telehealth of this kind.
    #[error("no telehealth rule of the payer is in force for {modality:?}, client at {client_at:?}")]
    NoTelehealthRule {
        /// With picture or by voice only.
        modality: TelehealthModality,
        /// Where the client was.
        client_at: ClientPlace,
    },
    /// A place of service means telehealth, but the service was given in person.
    #[error("place of service {0} means telehealth, but the service was given in person")]
    PlaceIsTelehealth(PlaceOfService),
    /// More modifiers than a line carries.
    #[error(transparent)]
    Modifiers(#[from] Invalid),
}

struct Coded {
    code: &'static str,
    units: u32,
    rule: &'static str,
}

/// Codes an encounter: the main service first, then its add-ons.
///
/// # Errors
/// [`CodingError`] says what keeps it from being coded.
pub fn code_encounter(encounter: &Encounter<'_>, rules: &BillingRules) -> Result<Vec<CodedService>, CodingError> {
    let mut codes = time_to_code(encounter.service, encounter.minutes, rules.crisis_rounding)?;
    if encounter.complexity == Complexity::Interactive {
        codes.push(Coded { code: "90785", units: 1, rule: "addon.90785" });
    }
    let place = telehealth::place(encounter.delivery, rules, encounter.on)?;
    let mut services = Vec::with_capacity(codes.len());
    for Coded { code, units, rule } in codes {
        let mut modifiers = Modifiers::default();
        if let Some(modifier) = &place.modifier {
            modifiers.push(modifier.clone())?;
        }
        services.push(CodedService {
            code: ProcedureCode::known(code),
            modifiers,
            place_of_service: place.place_of_service.clone(),
            units,
            rules: vec![RuleId::known(rule), place.rule.clone()],
        });
    }
    let list: Vec<ProcedureCode> = services.iter().map(|service| service.code.clone()).collect();
    check_combination(&list, encounter.on)?;
    Ok(services)
}

fn time_to_code(
    service: ServiceKind,
    minutes: Option<u32>,
    rounding: CrisisRounding,
) -> Result<Vec<Coded>, CodingError> {
    let timed = |code: &'static str, least: u32| match minutes {
        None => Err(CodingError::MissingTime { code }),
        Some(minutes) if minutes < least => Err(CodingError::TooShort { code, least, minutes }),
        Some(minutes) => Ok(minutes),
    };
    let one = |code, rule| vec![Coded { code, units: 1, rule }];
    Ok(match service {
        ServiceKind::DiagnosticEvaluation => one("90791", "untimed.90791"),
        ServiceKind::MedicalEvaluation => one("90792", "untimed.90792"),
        ServiceKind::Psychotherapy => match timed("90832", 16)? {
            ..38 => one("90832", "minutes.90832"),
            38..53 => one("90834", "minutes.90834"),
            53.. => one("90837", "minutes.90837"),
        },
        ServiceKind::FamilyWithoutClient => timed("90846", 26).map(|_| one("90846", "minutes.90846"))?,
        ServiceKind::FamilyWithClient => timed("90847", 26).map(|_| one("90847", "minutes.90847"))?,
        ServiceKind::Group => one("90853", "untimed.90853"),
        ServiceKind::Crisis => {
            let minutes = timed("90839", 30)?;
            let mut codes = one("90839", "minutes.90839");
            let further = rounding.further_half_hours(minutes);
            if further > 0 {
                codes.push(Coded { code: "90840", units: further, rule: "minutes.90840" });
            }
            codes
        }
        ServiceKind::Other => return Err(CodingError::NoCode),
    })
}
