//! What stands above a group of claims: LX, TS3 and TS2.

use mentalspace_core::Money;
use serde::{Deserialize, Serialize};

use crate::transaction::part::{Count, Field, Kept, List, LoopNumber, Text, segment};

/// The header number under which claims stand, with the sums of a provider (2000).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimGroup {
    /// LX.
    pub number: LoopNumber,
    /// TS3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Box<ProviderSummary>>,
    /// TS2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplement: Option<Box<ProviderSupplement>>,
    /// Segments that are not modelled.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub kept: List<Kept>,
}

crate::text::silent_debug!(ClaimGroup);

segment! {
    /// What the claims of a provider add up to (TS3).
    ProviderSummary = "TS3" {
        /// TS301.
        provider: Text,
        /// TS302.
        facility_type: Text,
        /// TS303: its end.
        fiscal_period: Text,
        /// TS304.
        claims: Field<Count>,
        /// TS305.
        charge: Field<Money>,
        /// TS306: not used since 5010.
        amount_6: Field<Money>,
        /// TS307: not used since 5010.
        amount_7: Field<Money>,
        /// TS308: not used since 5010.
        amount_8: Field<Money>,
        /// TS309: not used since 5010.
        amount_9: Field<Money>,
        /// TS310: not used since 5010.
        amount_10: Field<Money>,
        /// TS311: not used since 5010.
        amount_11: Field<Money>,
        /// TS312: not used since 5010.
        amount_12: Field<Money>,
        /// TS313.
        secondary_payer: Field<Money>,
        /// TS314: not used since 5010.
        amount_14: Field<Money>,
        /// TS315.
        non_laboratory: Field<Money>,
        /// TS316: not used since 5010.
        amount_16: Field<Money>,
        /// TS317.
        reported: Field<Money>,
        /// TS318.
        payable: Field<Money>,
        /// TS319: not used since 5010.
        amount_19: Field<Money>,
        /// TS320.
        professional_component: Field<Money>,
        /// TS321.
        patient_liability: Field<Money>,
        /// TS322.
        patient_reimbursement: Field<Money>,
        /// TS323.
        interim_claims: Field<Count>,
        /// TS324.
        interim_adjustment: Field<Money>,
    }
}

segment! {
    /// What the inpatient claims of a provider add up to (TS2).
    ProviderSupplement = "TS2" {
        /// TS201.
        drg: Field<Money>,
        /// TS202.
        federal: Field<Money>,
        /// TS203.
        hospital: Field<Money>,
        /// TS204.
        disproportionate_share: Field<Money>,
        /// TS205.
        capital: Field<Money>,
        /// TS206.
        medical_education: Field<Money>,
        /// TS207.
        outlier_days: Field<Count>,
        /// TS208.
        day_outlier: Field<Money>,
        /// TS209.
        cost_outlier: Field<Money>,
        /// TS210: average.
        length_of_stay: Field<Count>,
        /// TS211.
        discharges: Field<Count>,
        /// TS212.
        cost_report_days: Field<Count>,
        /// TS213.
        covered_days: Field<Count>,
        /// TS214.
        non_covered_days: Field<Count>,
        /// TS215.
        pass_through: Field<Money>,
        /// TS216: average.
        weight: Field<Count>,
        /// TS217.
        capital_federal: Field<Money>,
        /// TS218.
        capital_hospital: Field<Money>,
        /// TS219.
        capital_disproportionate_share: Field<Money>,
    }
}
