//! MIA, MOA and LQ: how a payer explains what it decided.

use mentalspace_core::Money;

use super::{Count, Field, Text, segment};

segment! {
    /// How an inpatient claim was decided (MIA).
    InpatientAdjudication = "MIA" {
        /// MIA01: covered days or visits.
        covered_days: Field<Count>,
        /// MIA02.
        operating_outlier: Field<Money>,
        /// MIA03.
        lifetime_psychiatric_days: Field<Count>,
        /// MIA04.
        drg_amount: Field<Money>,
        /// MIA05: remark code.
        remark_1: Text,
        /// MIA06.
        disproportionate_share: Field<Money>,
        /// MIA07.
        pass_through: Field<Money>,
        /// MIA08.
        capital: Field<Money>,
        /// MIA09.
        capital_federal: Field<Money>,
        /// MIA10.
        capital_hospital: Field<Money>,
        /// MIA11.
        capital_disproportionate_share: Field<Money>,
        /// MIA12.
        old_capital: Field<Money>,
        /// MIA13.
        capital_medical_education: Field<Money>,
        /// MIA14.
        operating_hospital: Field<Money>,
        /// MIA15.
        cost_report_days: Field<Count>,
        /// MIA16.
        operating_federal: Field<Money>,
        /// MIA17.
        capital_outlier: Field<Money>,
        /// MIA18.
        indirect_teaching: Field<Money>,
        /// MIA19.
        professional_component: Field<Money>,
        /// MIA20: remark code.
        remark_2: Text,
        /// MIA21: remark code.
        remark_3: Text,
        /// MIA22: remark code.
        remark_4: Text,
        /// MIA23: remark code.
        remark_5: Text,
        /// MIA24.
        capital_exception: Field<Money>,
    }
}

impl InpatientAdjudication {
    /// Returns the remark codes.
    pub fn remarks(&self) -> impl Iterator<Item = &Text> {
        let all = [&self.remark_1, &self.remark_2, &self.remark_3, &self.remark_4, &self.remark_5];
        all.into_iter().filter(|code| !code.is_empty())
    }
}

segment! {
    /// How an outpatient or professional claim was decided (MOA).
    OutpatientAdjudication = "MOA" {
        /// MOA01: reimbursement rate.
        rate: Field<Count>,
        /// MOA02.
        payable: Field<Money>,
        /// MOA03: remark code.
        remark_1: Text,
        /// MOA04: remark code.
        remark_2: Text,
        /// MOA05: remark code.
        remark_3: Text,
        /// MOA06: remark code.
        remark_4: Text,
        /// MOA07: remark code.
        remark_5: Text,
        /// MOA08.
        renal_disease: Field<Money>,
        /// MOA09.
        professional_component: Field<Money>,
    }
}

impl OutpatientAdjudication {
    /// Returns the remark codes.
    pub fn remarks(&self) -> impl Iterator<Item = &Text> {
        let all = [&self.remark_1, &self.remark_2, &self.remark_3, &self.remark_4, &self.remark_5];
        all.into_iter().filter(|code| !code.is_empty())
    }
}

segment! {
    /// A code of a list: a remark of a payer, or a form that follows (LQ).
    ListedCode = "LQ" {
        /// LQ01: the list.
        list: Text,
        /// LQ02: the code.
        code: Text,
    }
}

segment! {
    /// The number of a loop (LX).
    LoopNumber = "LX" {
        /// LX01.
        number: Text,
    }
}
