//! What payers and practices want differently.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How a claim is put on paper.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Options {
    /// What becomes of a text that does not fit, or has letters that have no form in ASCII.
    pub overlong: Overlong,
    /// Where totals stand when a claim takes several forms.
    pub totals: Totals,
    /// How years are written in items 12, 14 to 18 and 31. Birth dates always have four digits, item 24A always two.
    pub dates: DateStyle,
    /// What item 22 says of an original claim.
    pub original_claim: OriginalClaim,
    /// The mark of item 1, where it does not follow from the kind of insurance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
    /// The date beside the signatures of items 12 and 31; blank when absent, as a signature on file needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<NaiveDate>,
}

/// What becomes of a text that does not fit, or has letters that have no form in ASCII.
///
/// Numbers are never cut: one that does not fit is refused under either policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Overlong {
    /// The claim is not printed.
    #[default]
    Refuse,
    /// The end is cut off, the letter left out; a finding tells.
    Truncate,
}

/// Where totals stand when a claim takes several forms (items 28 and 29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Totals {
    /// Each form adds up its own lines; what was paid stands on the first.
    #[default]
    PerPage,
    /// The last form adds up the whole claim; the others are blank.
    LastPageOnly,
}

/// How years are written. Forms must not mix styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DateStyle {
    /// MM DD YY, as item 24A must.
    #[default]
    SixDigits,
    /// MM DD CCYY.
    EightDigits,
}

/// What item 22 says of an original claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OriginalClaim {
    /// Nothing.
    #[default]
    Blank,
    /// `1`, which some clearinghouses ask for.
    One,
}

/// The kinds of coverage item 1 tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Program {
    /// Medicare.
    Medicare,
    /// Medicaid.
    Medicaid,
    /// TRICARE.
    Tricare,
    /// CHAMPVA.
    Champva,
    /// Coverage by way of an employer or another group.
    GroupHealthPlan,
    /// Federal Employees' Compensation Act, black lung.
    Feca,
    /// Anything else: individual policies, workers' compensation, liability.
    Other,
}
