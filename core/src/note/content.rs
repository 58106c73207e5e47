//! What stands in a note.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::{Icd10Cm, Invalid, value::text_value};

use super::kind::{Needed, NoteFormat, NoteKind, Section};

text_value! {
    /// Clinical text: 1 to 20,000 characters over any number of lines; white space at the ends is dropped.
    phi NoteText, "text", |text| {
        let text = text.trim().replace("\r\n", "\n");
        if text.is_empty() {
            Err("is empty")
        } else if text.chars().count() > 20_000 {
            Err("is too long")
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            Err("holds a control character")
        } else {
            Ok(text)
        }
    }
}

/// One to twelve different diagnoses, the leading one first, or none yet (837 2300 HI, CMS-1500 item 21).
#[derive(Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Icd10Cm>", into = "Vec<Icd10Cm>")]
pub struct Diagnoses(Vec<Icd10Cm>);

impl Diagnoses {
    /// The most a claim carries.
    pub const MAX: usize = 12;

    /// Reads the codes in order.
    #[must_use]
    pub fn expose(&self) -> &[Icd10Cm] {
        &self.0
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Diagnoses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Diagnoses(…)")
    }
}

impl TryFrom<Vec<Icd10Cm>> for Diagnoses {
    type Error = Invalid;
    fn try_from(codes: Vec<Icd10Cm>) -> Result<Self, Invalid> {
        if codes.len() > Self::MAX {
            return Err(Invalid::new("diagnoses", "are more than twelve"));
        }
        if codes.iter().enumerate().any(|(at, code)| codes[..at].contains(code)) {
            return Err(Invalid::new("diagnoses", "name a code twice"));
        }
        Ok(Self(codes))
    }
}

impl From<Diagnoses> for Vec<Icd10Cm> {
    fn from(diagnoses: Diagnoses) -> Self {
        diagnoses.0
    }
}

/// When a session began and ended, and how long it paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Times", into = "Times")]
pub struct SessionTimes {
    start: DateTime<Utc>,
    stop: DateTime<Utc>,
    break_minutes: u16,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Times {
    start: DateTime<Utc>,
    stop: DateTime<Utc>,
    #[serde(default)]
    break_minutes: u16,
}

impl SessionTimes {
    /// Makes the times of a session.
    ///
    /// # Errors
    /// It stops before it starts, lasts longer than a day, or pauses longer than it lasts.
    pub fn new(start: DateTime<Utc>, stop: DateTime<Utc>, break_minutes: u16) -> Result<Self, Invalid> {
        let lasts = stop.signed_duration_since(start);
        if lasts <= TimeDelta::zero() {
            Err(Invalid::new("session times", "must stop after they start"))
        } else if lasts > TimeDelta::hours(24) {
            Err(Invalid::new("session times", "are longer than a day"))
        } else if TimeDelta::minutes(break_minutes.into()) > lasts {
            Err(Invalid::new("session times", "pause longer than they last"))
        } else {
            Ok(Self { start, stop, break_minutes })
        }
    }

    /// Returns when the session began.
    #[must_use]
    pub const fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// Returns when it ended.
    #[must_use]
    pub const fn stop(self) -> DateTime<Utc> {
        self.stop
    }

    /// Returns the whole minutes spent, without breaks. A begun minute does not count.
    #[must_use]
    pub fn minutes(self) -> u32 {
        let spent = self.stop.signed_duration_since(self.start).num_minutes() - i64::from(self.break_minutes);
        u32::try_from(spent).unwrap_or(0)
    }
}

impl TryFrom<Times> for SessionTimes {
    type Error = Invalid;
    fn try_from(times: Times) -> Result<Self, Invalid> {
        Self::new(times.start, times.stop, times.break_minutes)
    }
}

impl From<SessionTimes> for Times {
    fn from(times: SessionTimes) -> Self {
        Self { start: times.start, stop: times.stop, break_minutes: times.break_minutes }
    }
}

/// Whether the session's communication was unusually complex, which an add-on code reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// As usual.
    #[default]
    Usual,
    /// Interactive complexity, described in the note.
    Interactive,
}

/// What stands in a note.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteContent {
    /// How the account is divided.
    #[serde(default)]
    pub format: NoteFormat,
    /// The sections that are filled.
    #[serde(default)]
    pub sections: BTreeMap<Section, NoteText>,
    /// The diagnoses treated.
    #[serde(default)]
    pub diagnoses: Diagnoses,
    /// When the session began and ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<SessionTimes>,
    /// How a telehealth session was held, as its visit measured it: modality, place of service, who was present and how
    /// long, interruptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<NoteText>,
    /// Whether the session was unusually complex.
    #[serde(default)]
    pub complexity: Complexity,
    /// The day a treatment plan is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_on: Option<NaiveDate>,
}

/// Something a note lacks, or must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// A section is empty.
    #[error("section {0} is empty")]
    Section(Section),
    /// No diagnosis.
    #[error("no diagnosis")]
    Diagnosis,
    /// No start and stop time.
    #[error("no start and stop time")]
    Times,
    /// Times where nothing took place.
    #[error("times of a session that did not take place")]
    NoTimesAllowed,
    /// Diagnoses in a note about no client.
    #[error("a diagnosis in a note about no client")]
    NoDiagnosisAllowed,
    /// A treatment plan without a day of review.
    #[error("no review date")]
    ReviewDate,
}

impl NoteContent {
    /// Lists everything that keeps a note of `kind` from being signed; nothing when it is complete.
    #[must_use]
    pub fn missing(&self, kind: NoteKind) -> Vec<Missing> {
        let rules = kind.rules();
        let sections = kind.required_sections(self.format).into_iter();
        let mut missing: Vec<Missing> =
            sections.filter(|s| !self.sections.contains_key(s)).map(Missing::Section).collect();
        match (rules.diagnosis, self.diagnoses.is_empty()) {
            (Needed::Required, true) => missing.push(Missing::Diagnosis),
            (Needed::None, false) => missing.push(Missing::NoDiagnosisAllowed),
            (Needed::Required | Needed::Optional, false) | (Needed::Optional | Needed::None, true) => {}
        }
        match (rules.times, self.times) {
            (Needed::Required, None) => missing.push(Missing::Times),
            (Needed::None, Some(_)) => missing.push(Missing::NoTimesAllowed),
            (Needed::Required | Needed::Optional, Some(_)) | (Needed::Optional | Needed::None, None) => {}
        }
        if kind == NoteKind::TreatmentPlan && self.review_on.is_none() {
            missing.push(Missing::ReviewDate);
        }
        missing
    }
}
