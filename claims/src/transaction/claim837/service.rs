//! The segments of a service line: SV1, SV2, SV3 and what belongs to them.

use mentalspace_core::Money;
use serde::{Deserialize, Serialize};

use crate::transaction::part::{Components, Count, Field, Part, Procedure, Text, segment};
use crate::x12::{WriteError, Writer};

/// What was done, by the form of the claim.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Service {
    /// SV1.
    Professional(ProfessionalService),
    /// SV2.
    Institutional(InstitutionalService),
    /// SV3.
    Dental(DentalService),
}

crate::text::silent_debug!(Service);

impl Service {
    /// Returns what was done, where it is said.
    #[must_use]
    pub fn procedure(&self) -> &Procedure {
        match self {
            Self::Professional(service) => &service.procedure,
            Self::Institutional(service) => &service.procedure,
            Self::Dental(service) => &service.procedure,
        }
    }

    /// Returns the charge.
    #[must_use]
    pub const fn charge(&self) -> &Field<Money> {
        match self {
            Self::Professional(service) => &service.charge,
            Self::Institutional(service) => &service.charge,
            Self::Dental(service) => &service.charge,
        }
    }

    /// Returns the count of units.
    #[must_use]
    pub const fn units(&self) -> &Field<Count> {
        match self {
            Self::Professional(service) => &service.units,
            Self::Institutional(service) => &service.units,
            Self::Dental(service) => &service.units,
        }
    }

    pub(super) const fn id(&self) -> &'static str {
        match self {
            Self::Professional(_) => ProfessionalService::ID,
            Self::Institutional(_) => InstitutionalService::ID,
            Self::Dental(_) => DentalService::ID,
        }
    }

    pub(super) fn write(&self, out: &mut Writer) -> Result<(), WriteError> {
        match self {
            Self::Professional(service) => service.write(out),
            Self::Institutional(service) => service.write(out),
            Self::Dental(service) => service.write(out),
        }
    }
}

segment! {
    /// A professional service (SV1).
    ProfessionalService = "SV1" {
        /// SV101.
        procedure: Procedure,
        /// SV102.
        charge: Field<Money>,
        /// SV103: UN or MJ.
        unit: Text,
        /// SV104.
        units: Field<Count>,
        /// SV105: place of service, when not the claim's.
        place: Text,
        /// SV106.
        service_type: Text,
        /// SV107: places of diagnoses in the claim, counted from 1.
        pointers: Components,
        /// SV108.
        amount: Field<Money>,
        /// SV109.
        emergency: Text,
        /// SV110.
        multiple_procedure: Text,
        /// SV111: early screening.
        epsdt: Text,
        /// SV112.
        family_planning: Text,
        /// SV113.
        review: Text,
        /// SV114.
        review_value: Text,
        /// SV115.
        copay_status: Text,
    }
}

segment! {
    /// An institutional service (SV2).
    InstitutionalService = "SV2" {
        /// SV201.
        revenue_code: Text,
        /// SV202.
        procedure: Procedure,
        /// SV203.
        charge: Field<Money>,
        /// SV204.
        unit: Text,
        /// SV205.
        units: Field<Count>,
        /// SV206.
        rate: Field<Count>,
        /// SV207.
        non_covered: Field<Money>,
        /// SV208.
        condition: Text,
        /// SV209.
        residential_status: Text,
        /// SV210.
        care_level: Text,
    }
}

segment! {
    /// A dental service (SV3).
    DentalService = "SV3" {
        /// SV301.
        procedure: Procedure,
        /// SV302.
        charge: Field<Money>,
        /// SV303: place of service, when not the claim's.
        place: Text,
        /// SV304: areas.
        oral_cavity: Components,
        /// SV305: initial or replacement.
        prosthesis: Text,
        /// SV306.
        units: Field<Count>,
        /// SV307.
        description: Text,
        /// SV308.
        copay_status: Text,
        /// SV309.
        agreement: Text,
        /// SV310.
        predetermination: Text,
        /// SV311: places of diagnoses in the claim, counted from 1.
        pointers: Components,
    }
}

segment! {
    /// A tooth and its surfaces (TOO).
    Tooth = "TOO" {
        /// TOO01.
        list: Text,
        /// TOO02.
        tooth: Text,
        /// TOO03.
        surfaces: Components,
    }
}

segment! {
    /// Durable equipment (SV5).
    EquipmentService = "SV5" {
        /// SV501.
        procedure: Procedure,
        /// SV502.
        unit: Text,
        /// SV503: of need.
        length: Field<Count>,
        /// SV504.
        rental: Field<Money>,
        /// SV505.
        purchase: Field<Money>,
        /// SV506.
        frequency: Text,
        /// SV507.
        prognosis: Text,
    }
}

segment! {
    /// A measured value (MEA).
    Measurement = "MEA" {
        /// MEA01.
        reference: Text,
        /// MEA02.
        qualifier: Text,
        /// MEA03.
        value: Field<Count>,
        /// MEA04.
        unit: Components,
        /// MEA05.
        minimum: Field<Count>,
        /// MEA06.
        maximum: Field<Count>,
    }
}

segment! {
    /// A service that was bought (PS1).
    PurchasedService = "PS1" {
        /// PS101.
        provider: Text,
        /// PS102.
        charge: Field<Money>,
        /// PS103.
        state: Text,
    }
}

segment! {
    /// What a product is (LIN).
    DrugIdentification = "LIN" {
        /// LIN01.
        number: Text,
        /// LIN02: N4 for a national drug code.
        qualifier: Text,
        /// LIN03.
        code: Text,
    }
}

segment! {
    /// How much of a product (CTP).
    DrugQuantity = "CTP" {
        /// CTP01.
        class: Text,
        /// CTP02.
        price_id: Text,
        /// CTP03.
        price: Field<Count>,
        /// CTP04.
        quantity: Field<Count>,
        /// CTP05.
        unit: Components,
    }
}

segment! {
    /// What another payer paid for a line (SVD).
    LineDecision = "SVD" {
        /// SVD01: the number of one of the claim's other payers.
        payer: Text,
        /// SVD02.
        paid: Field<Money>,
        /// SVD03.
        procedure: Procedure,
        /// SVD04.
        revenue_code: Text,
        /// SVD05.
        units: Field<Count>,
        /// SVD06: number of another line.
        bundled_into: Text,
    }
}

segment! {
    /// An answer to a question of a form (FRM).
    FormAnswer = "FRM" {
        /// FRM01.
        question: Text,
        /// FRM02.
        yes_no: Text,
        /// FRM03.
        text: Text,
        /// FRM04.
        date: Text,
        /// FRM05.
        percent: Field<Count>,
    }
}
