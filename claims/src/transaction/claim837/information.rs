//! The segments of a claim: CLM, HI and what is said once about it.

use mentalspace_core::Money;

use crate::transaction::part::{Components, Count, Element, Field, List, Part, Text, composite, element, segment};
use crate::x12::{Segment, SegmentWriter};

composite! {
    /// Where, and which claim of a row (C023).
    FacilityCode {
        /// Place of service, or type of bill without its last digit.
        code: Text,
        /// B for a place of service, A for a type of bill.
        qualifier: Text,
        /// Frequency: 1 first claim, 7 replacement, 8 void.
        frequency: Text,
    }
}

composite! {
    /// What the condition is related to (C024).
    RelatedCauses {
        /// AA, EM or OA.
        cause_1: Text,
        /// A second cause.
        cause_2: Text,
        /// A third cause.
        cause_3: Text,
        /// State of a vehicle accident.
        state: Text,
        /// Country of a vehicle accident.
        country: Text,
    }
}

composite! {
    /// A code with what belongs to it (C022).
    HealthCareCode {
        /// The list, such as ABK.
        qualifier: Text,
        /// The code.
        code: Text,
        /// Format of the date.
        date_format: Text,
        /// A date or a period.
        date: Text,
        /// An amount, for value codes.
        amount: Text,
        /// A count.
        quantity: Text,
        /// Version of the list.
        version: Text,
        /// The last code of a range.
        code_to: Text,
        /// Whether present on admission.
        present_on_admission: Text,
    }
}

segment! {
    /// The head of a claim (CLM).
    ClaimInformation = "CLM" {
        /// CLM01: the number by which it comes back.
        control_number: Text,
        /// CLM02: total charge.
        total: Field<Money>,
        /// CLM03.
        filing_indicator: Text,
        /// CLM04.
        claim_type: Text,
        /// CLM05: where, and which claim of a row.
        facility: FacilityCode,
        /// CLM06: on file.
        provider_signature: Text,
        /// CLM07: whether the provider takes the payer's terms.
        assignment: Text,
        /// CLM08.
        benefits_assignment: Text,
        /// CLM09: consent to release.
        release: Text,
        /// CLM10: source.
        patient_signature: Text,
        /// CLM11.
        related_causes: Option<Box<RelatedCauses>>,
        /// CLM12.
        special_program: Text,
        /// CLM13.
        condition: Text,
        /// CLM14.
        service_level: Text,
        /// CLM15.
        condition_2: Text,
        /// CLM16.
        provider_agreement: Text,
        /// CLM17: such as a predetermination.
        status: Text,
        /// CLM18.
        condition_3: Text,
        /// CLM19.
        submission_reason: Text,
        /// CLM20.
        delay_reason: Text,
    }
}

segment! {
    /// How a patient came to a hospital and left it (CL1).
    InstitutionalCodes = "CL1" {
        /// CL101.
        admission_type: Text,
        /// CL102.
        admission_source: Text,
        /// CL103.
        patient_status: Text,
        /// CL104.
        residential_status: Text,
    }
}

segment! {
    /// How long an orthodontic treatment takes (DN1).
    Orthodontics = "DN1" {
        /// DN101: in all.
        months: Field<Count>,
        /// DN102.
        months_left: Field<Count>,
        /// DN103.
        condition: Text,
        /// DN104.
        description: Text,
    }
}

segment! {
    /// A tooth that is missing or to be extracted (DN2).
    ToothStatus = "DN2" {
        /// DN201.
        tooth: Text,
        /// DN202.
        status: Text,
        /// DN203.
        quantity: Field<Count>,
        /// DN204.
        date_format: Text,
        /// DN205.
        date: Text,
        /// DN206.
        list: Text,
    }
}

segment! {
    /// What provider and payer agreed on (CN1).
    Contract = "CN1" {
        /// CN101.
        kind: Text,
        /// CN102.
        amount: Field<Money>,
        /// CN103.
        percent: Field<Count>,
        /// CN104.
        code: Text,
        /// CN105.
        discount_percent: Field<Count>,
        /// CN106.
        version: Text,
    }
}

segment! {
    /// Facts that an authority wants and no other segment has (K3).
    FileInformation = "K3" {
        /// K301.
        text: Text,
        /// K302.
        format: Text,
        /// K303.
        unit: Components,
    }
}

segment! {
    /// A ride (CR1).
    AmbulanceTransport = "CR1" {
        /// CR101.
        weight_unit: Text,
        /// CR102.
        weight: Field<Count>,
        /// CR103.
        kind: Text,
        /// CR104.
        reason: Text,
        /// CR105.
        distance_unit: Text,
        /// CR106.
        distance: Field<Count>,
        /// CR107.
        origin: Text,
        /// CR108.
        destination: Text,
        /// CR109: purpose.
        round_trip: Text,
        /// CR110: purpose.
        stretcher: Text,
    }
}

segment! {
    /// A spinal manipulation (CR2).
    SpinalManipulation = "CR2" {
        /// CR201.
        treatment: Text,
        /// CR202.
        treatments: Field<Count>,
        /// CR203.
        level: Text,
        /// CR204.
        level_to: Text,
        /// CR205.
        period_unit: Text,
        /// CR206.
        period: Field<Count>,
        /// CR207.
        in_month: Field<Count>,
        /// CR208.
        condition: Text,
        /// CR209.
        complication: Text,
        /// CR210.
        description: Text,
        /// CR211.
        description_2: Text,
        /// CR212.
        x_rays: Text,
    }
}

segment! {
    /// A certification of equipment (CR3).
    EquipmentCertification = "CR3" {
        /// CR301.
        kind: Text,
        /// CR302.
        unit: Text,
        /// CR303.
        duration: Field<Count>,
        /// CR304.
        insulin: Text,
        /// CR305.
        description: Text,
    }
}

segment! {
    /// Conditions that hold or do not (CRC).
    Conditions = "CRC" {
        /// CRC01.
        category: Text,
        /// CRC02: Y or N.
        applies: Text,
        /// CRC03.
        code_1: Text,
        /// CRC04.
        code_2: Text,
        /// CRC05.
        code_3: Text,
        /// CRC06.
        code_4: Text,
        /// CRC07.
        code_5: Text,
    }
}

segment! {
    /// What a repricer made of the charge (HCP).
    Pricing = "HCP" {
        /// HCP01.
        method: Text,
        /// HCP02.
        allowed: Field<Money>,
        /// HCP03.
        saved: Field<Money>,
        /// HCP04.
        organization: Text,
        /// HCP05.
        rate: Field<Money>,
        /// HCP06.
        group: Text,
        /// HCP07.
        group_amount: Field<Money>,
        /// HCP08.
        revenue_code: Text,
        /// HCP09.
        procedure_qualifier: Text,
        /// HCP10.
        procedure: Text,
        /// HCP11.
        unit: Text,
        /// HCP12.
        units: Field<Count>,
        /// HCP13.
        reject_reason: Text,
        /// HCP14.
        compliance: Text,
        /// HCP15.
        exception: Text,
    }
}

/// Codes of one kind (HI): diagnoses, procedures, occurrences, values, conditions.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct HealthCareCodes(pub List<HealthCareCode>);

crate::text::silent_debug!(HealthCareCodes);

impl Part for HealthCareCodes {
    const ID: &'static str = "HI";

    #[inline]
    fn read(segment: &Segment<'_>) -> Self {
        let mut codes = List::new();
        codes.reserve_exact(segment.elements().count());
        for code in segment.elements() {
            codes.push(HealthCareCode::read(segment, code));
        }
        element::cut(&mut codes, Element::is_absent);
        Self(codes)
    }

    fn elements<'w>(&self, out: SegmentWriter<'w>) -> SegmentWriter<'w> {
        self.0.iter().fold(out, |out, code| code.write(out))
    }
}
