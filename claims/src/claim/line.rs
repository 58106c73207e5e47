//! A service line of a claim.

use chrono::NaiveDate;
use mentalspace_core::{DateOfService, Modifiers, Money, PlaceOfService, ProcedureCode};
use serde::{Deserialize, Serialize};

use super::code::{DrugUnit, FreeText, LineControlNumber, Ndc, PayerCode, Quantity, Reference, UnitKind};
use super::other_payer::Adjustment;
use super::party::Provider;

/// One service (2400; CMS-1500 item 24).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ServiceLine {
    /// CPT or HCPCS code.
    pub procedure: ProcedureCode,
    /// Up to four modifiers, in order.
    #[serde(default, skip_serializing_if = "is_default")]
    pub modifiers: Modifiers,
    /// Words for a code that is not otherwise classified (SV101-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
    /// Charge for all units.
    pub charge: Money,
    /// Number of units.
    pub units: Quantity,
    /// What a unit is.
    #[serde(default = "units", skip_serializing_if = "is_units")]
    pub unit_kind: UnitKind,
    /// Place of service, when not the claim's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_service: Option<PlaceOfService>,
    /// One to four positions in the claim's diagnoses, counted from 1, the main one first.
    pub pointers: Vec<u8>,
    /// Days of service.
    pub dates: DateOfService,
    /// Whether the service was an emergency.
    #[serde(default, skip_serializing_if = "is_default")]
    pub emergency: bool,
    /// Whether the service came out of an early screening (EPSDT).
    #[serde(default, skip_serializing_if = "is_default")]
    pub epsdt: bool,
    /// Whether the service is family planning.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family_planning: bool,
    /// Our number of the line, unique within the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_number: Option<LineControlNumber>,
    /// Prior authorisation of this line, when not the claim's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior_authorization: Option<Reference>,
    /// The drug that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drug: Option<Drug>,
    /// Who rendered this line, when not the claim's rendering provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendering: Option<Provider>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<FreeText>,
    /// What earlier payers decided about this line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjudications: Vec<LineAdjudication>,
}

impl ServiceLine {
    /// A line with what every line needs.
    #[must_use]
    pub fn new(
        procedure: ProcedureCode,
        charge: Money,
        units: Quantity,
        dates: DateOfService,
        pointers: &[u8],
    ) -> Self {
        Self {
            procedure,
            modifiers: Modifiers::default(),
            description: None,
            charge,
            units,
            unit_kind: UnitKind::Unit,
            place_of_service: None,
            pointers: pointers.to_vec(),
            dates,
            emergency: false,
            epsdt: false,
            family_planning: false,
            control_number: None,
            prior_authorization: None,
            drug: None,
            rendering: None,
            note: None,
            adjudications: Vec::new(),
        }
    }

    /// Returns the letters of the diagnoses the line points to, as CMS-1500 item 24E shows them.
    #[must_use]
    pub fn pointer_letters(&self) -> String {
        self.pointers.iter().map(|p| char::from(b'A' + p.saturating_sub(1).min(25))).collect()
    }
}

/// A drug given in a service (2410).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drug {
    /// National drug code.
    pub ndc: Ndc,
    /// How much.
    pub quantity: Quantity,
    /// Of what.
    pub unit: DrugUnit,
    /// Prescription number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prescription: Option<Reference>,
}

/// What an earlier payer decided about a line (2430).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineAdjudication {
    /// Which of the claim's other payers.
    pub payer: PayerCode,
    /// What it paid.
    pub paid: Money,
    /// The code it paid, when it changed ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<ProcedureCode>,
    /// The modifiers of that code.
    #[serde(default, skip_serializing_if = "is_default")]
    pub modifiers: Modifiers,
    /// The units it paid, when not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Quantity>,
    /// The line this one was bundled into, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundled_into: Option<u8>,
    /// Why it did not pay the charge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// Date of the check or remittance.
    pub paid_on: NaiveDate,
    /// What the patient still owes, where the payer's adjustments do not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_patient_liability: Option<Money>,
}

const fn units() -> UnitKind {
    UnitKind::Unit
}

fn is_units(kind: &UnitKind) -> bool {
    *kind == UnitKind::Unit
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

crate::text::silent_debug!(ServiceLine, Drug, LineAdjudication);
