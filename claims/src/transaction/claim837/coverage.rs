//! Who is insured and what other payers decided: SBR, PAT, OI and CUR.

use crate::transaction::part::{Count, Field, Text, segment};

segment! {
    /// The place of a payer and of who is insured with it (SBR).
    SubscriberInformation = "SBR" {
        /// SBR01: P, S, T and further.
        sequence: Text,
        /// SBR02: who the patient is to the subscriber.
        relationship: Text,
        /// SBR03.
        group_number: Text,
        /// SBR04.
        group_name: Text,
        /// SBR05.
        insurance_type: Text,
        /// SBR06.
        coordination: Text,
        /// SBR07.
        condition: Text,
        /// SBR08.
        employment_status: Text,
        /// SBR09: kind of insurance.
        filing_indicator: Text,
    }
}

segment! {
    /// Who the patient is to the subscriber, and some facts of the patient (PAT).
    PatientInformation = "PAT" {
        /// PAT01: who the patient is to the subscriber.
        relationship: Text,
        /// PAT02.
        location: Text,
        /// PAT03.
        employment_status: Text,
        /// PAT04.
        student_status: Text,
        /// PAT05.
        death_format: Text,
        /// PAT06.
        death_date: Text,
        /// PAT07.
        weight_unit: Text,
        /// PAT08.
        weight: Field<Count>,
        /// PAT09.
        pregnant: Text,
    }
}

segment! {
    /// What the patient agreed to towards another payer (OI).
    OtherCoverage = "OI" {
        /// OI01.
        filing_indicator: Text,
        /// OI02.
        submission_reason: Text,
        /// OI03.
        benefits_assignment: Text,
        /// OI04.
        patient_signature: Text,
        /// OI05.
        provider_agreement: Text,
        /// OI06: consent to release.
        release: Text,
    }
}

segment! {
    /// Another currency than the dollar (CUR).
    Currency = "CUR" {
        /// CUR01.
        entity: Text,
        /// CUR02.
        currency: Text,
        /// CUR03.
        rate: Field<Count>,
    }
}
