//! A service line and the loops below it.

use serde::{Deserialize, Serialize};

use super::information::{AmbulanceTransport, Conditions, Contract, EquipmentCertification, FileInformation, Pricing};
use super::service::{
    DrugIdentification, DrugQuantity, EquipmentService, FormAnswer, LineDecision, Measurement, PurchasedService,
    Service, Tooth,
};
use crate::transaction::part::{
    Adjustment, Amount, Attachment, DateOrPeriod, Kept, List, ListedCode, LoopNumber, Note, Party, Quantity, Reference,
};

/// A service line (2400).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceLine {
    /// LX; one without a number is written with its place in the claim.
    pub number: LoopNumber,
    /// SV1, SV2 or SV3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// TOO.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub teeth: List<Tooth>,
    /// SV5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment: Option<Box<EquipmentService>>,
    /// PWK.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub attachments: List<Attachment>,
    /// CR1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambulance: Option<Box<AmbulanceTransport>>,
    /// CR3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment_certification: Option<Box<EquipmentCertification>>,
    /// CRC.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub conditions: List<Conditions>,
    /// DTP; 472 is the service.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub dates: List<DateOrPeriod>,
    /// QTY.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub quantities: List<Quantity>,
    /// MEA.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub measurements: List<Measurement>,
    /// CN1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<Contract>>,
    /// REF; 6R is the line control number.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// AMT.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub amounts: List<Amount>,
    /// K3.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub file_information: List<FileInformation>,
    /// NTE.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub notes: List<Note>,
    /// PS1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchased: Option<Box<PurchasedService>>,
    /// HCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Box<Pricing>>,
    /// 2410.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub drugs: List<Drug>,
    /// 2420: who took part in this line, by entity.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub providers: List<Party>,
    /// 2430: what other payers decided.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub adjudications: List<LineAdjudication>,
    /// 2440.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub forms: List<SupportingForm>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

impl ServiceLine {
    /// Returns the first of those who took part as `entity`.
    #[must_use]
    pub fn provider(&self, entity: &str) -> Option<&Party> {
        self.providers.iter().find(|party| party.entity() == entity)
    }

    /// Returns the first number with `qualifier`.
    #[must_use]
    pub fn reference(&self, qualifier: &str) -> Option<&str> {
        self.references.iter().find(|r| r.qualifier == qualifier).and_then(|r| r.value.some())
    }

    /// Returns the first date with `qualifier`.
    #[must_use]
    pub fn date(&self, qualifier: &str) -> Option<&DateOrPeriod> {
        self.dates.iter().find(|date| date.qualifier == qualifier)
    }
}

/// A drug given in a service (2410).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drug {
    /// LIN.
    pub identification: DrugIdentification,
    /// CTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Box<DrugQuantity>>,
    /// REF.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub references: List<Reference>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

/// What another payer decided about a line (2430).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineAdjudication {
    /// SVD.
    pub decision: LineDecision,
    /// CAS.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub adjustments: List<Adjustment>,
    /// DTP.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub dates: List<DateOrPeriod>,
    /// AMT.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub amounts: List<Amount>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

/// A form that supports a line, with its answers (2440).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SupportingForm {
    /// LQ.
    pub form: ListedCode,
    /// FRM.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub answers: List<FormAnswer>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

crate::text::silent_debug!(ServiceLine, Drug, LineAdjudication, SupportingForm);
