//! What a partner's file says.

use chrono::NaiveDate;
use serde::Deserialize;

use super::super::catalogue;
use super::super::fields::mark;
use super::super::rule::{Rule, Severity};
use super::rule::rule;
use crate::code_list::ListId;

/// The edits of one partner, checked: read them with serde from JSON or any other format.
///
/// ```
/// use mentalspace_claims::validate::Edits;
///
/// let edits: Edits = serde_json::from_str(r#"{
///   "edits": [{
///     "id": "ehp-member-number", "severity": "error", "scope": "claim", "payers": ["EHP01"],
///     "says": "the member number is W and nine digits", "fix": "copy it from the card",
///     "forbid": [{"loop": "2010BA", "segment": "NM1", "element": 9, "is": {"unlike": "W#########"}}]
///   }]
/// }"#)?;
/// assert_eq!(edits.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "File")]
pub struct Edits {
    edits: Vec<Edit>,
    /// Place of each test of all edits, by the segment it is about.
    index: Vec<(Box<str>, usize, usize, usize)>,
    tests: usize,
}

/// Why a partner's edits were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditsError {
    /// There are more than a partner may have.
    #[error("there are {0} edits, at most {MOST} allowed")]
    TooMany(usize),
    /// An edit is not of the form.
    #[error("edit {number} {problem}")]
    Edit {
        /// Its number in the file, from 1.
        number: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The most edits of a partner.
const MOST: usize = 1_000;
/// The most tests of an edit.
const TESTS: usize = 16;
/// The most values of a test.
const VALUES: usize = 1_000;
/// The longest text.
const TEXT: usize = 400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edits: Vec<Said>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    id: String,
    severity: Severity,
    says: String,
    fix: String,
    scope: Scope,
    #[serde(default)]
    payers: Vec<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    #[serde(default)]
    when: Vec<Test>,
    #[serde(default)]
    require: Vec<Test>,
    #[serde(default)]
    forbid: Vec<Test>,
}

/// Where an edit is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// At the end of each service line.
    Line,
    /// At the end of each claim, apart from what stands in its lines.
    Claim,
    /// At the end of the set, apart from what stands in its claims.
    Set,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    #[serde(rename = "loop")]
    pub(super) within: Option<String>,
    pub(super) segment: String,
    pub(super) qualifier: Option<Qualifier>,
    #[serde(default)]
    pub(super) element: u8,
    #[serde(default)]
    pub(super) components: Vec<u8>,
    #[serde(default)]
    pub(super) is: Is,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Qualifier {
    pub(super) element: u8,
    pub(super) value: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Is {
    #[default]
    Present,
    Absent,
    AnyOf(Vec<String>),
    NoneOf(Vec<String>),
    NotIn(ListId),
    Like(String),
    Unlike(String),
    LongerThan(u16),
    ShorterThan(u16),
}

#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) rule: &'static Rule,
    pub(super) scope: Scope,
    payers: Vec<u64>,
    from: NaiveDate,
    to: NaiveDate,
    pub(super) when: Vec<Test>,
    pub(super) require: Vec<Test>,
    pub(super) forbid: Vec<Test>,
}

impl Edit {
    pub(super) const fn tests(&self) -> usize {
        self.when.len() + self.require.len() + self.forbid.len()
    }

    /// Returns whether the edit is about a payer and a day; a day that is not known is one the edit is about.
    pub(super) fn is_about(&self, payer: Option<u64>, on: Option<NaiveDate>) -> bool {
        let payer = self.payers.is_empty() || payer.is_some_and(|payer| self.payers.contains(&payer));
        payer && on.is_none_or(|on| (self.from..=self.to).contains(&on))
    }

    fn all_tests(&self) -> impl Iterator<Item = &Test> {
        self.when.iter().chain(&self.require).chain(&self.forbid)
    }

    fn test(&self, at: usize) -> Option<&Test> {
        self.all_tests().nth(at)
    }
}

impl Edits {
    /// Returns how many edits there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.edits.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Walks the rules of the edits.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.edits.iter().map(|edit| edit.rule)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter()
    }

    pub(super) const fn tests(&self) -> usize {
        self.tests
    }

    /// Walks the tests about a segment, each with its place among all tests.
    pub(super) fn about(&self, segment: &[u8]) -> impl Iterator<Item = (usize, &Test)> {
        let from = self.index.partition_point(|(id, ..)| id.as_bytes() < segment);
        let own = self.index[from..].iter().take_while(move |(id, ..)| id.as_bytes() == segment);
        own.filter_map(|(_, place, edit, test)| Some((*place, self.edits[*edit].test(*test)?)))
    }
}

impl TryFrom<File> for Edits {
    type Error = EditsError;

    fn try_from(file: File) -> Result<Self, EditsError> {
        if file.edits.len() > MOST {
            return Err(EditsError::TooMany(file.edits.len()));
        }
        let mut all = Self::default();
        for (at, said) in file.edits.into_iter().enumerate() {
            let edit = said.check().map_err(|problem| EditsError::Edit { number: at + 1, problem })?;
            for (nth, test) in edit.all_tests().enumerate() {
                all.index.push((test.segment.as_str().into(), all.tests + nth, at, nth));
            }
            all.tests += edit.tests();
            all.edits.push(edit);
        }
        all.index.sort_unstable();
        Ok(all)
    }
}

impl Said {
    fn check(self) -> Result<Edit, &'static str> {
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.id.is_empty() || self.id.len() > 60 || !self.id.bytes().all(is_id) {
            return Err("has an id that is not up to 60 small letters, digits and hyphens");
        }
        if catalogue::rules().any(|own| own.id == self.id) {
            return Err("has the id of a rule that is not a partner's");
        }
        if self.says.is_empty() || self.fix.is_empty() || self.says.len() > TEXT || self.fix.len() > TEXT {
            return Err("does not say what is wrong and how to mend it in up to 400 bytes each");
        }
        if self.payers.len() > VALUES || self.payers.iter().any(|payer| payer.len() > 80) {
            return Err("has too many payers or one too long");
        }
        let edit = Edit {
            rule: rule(self.severity, &self.id, &self.says, &self.fix).ok_or("is one rule too many")?,
            scope: self.scope,
            payers: self.payers.iter().map(|payer| mark(payer.as_bytes())).collect(),
            from: self.from.unwrap_or(NaiveDate::MIN),
            to: self.to.unwrap_or(NaiveDate::MAX),
            when: self.when,
            require: self.require,
            forbid: self.forbid,
        };
        if edit.from > edit.to {
            return Err("ends before it begins");
        }
        if edit.tests() > TESTS || edit.require.len() + edit.forbid.len() == 0 {
            return Err("requires and forbids nothing, or has more than 16 tests");
        }
        edit.all_tests().try_for_each(Test::check)?;
        Ok(edit)
    }
}

impl Test {
    fn check(&self) -> Result<(), &'static str> {
        let is_segment =
            (2..=3).contains(&self.segment.len()) && self.segment.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_element = |element: u8| element <= 24;
        let qualifier = self.qualifier.as_ref();
        if !is_segment
            || !is_element(self.element)
            || qualifier.is_some_and(|q| !is_element(q.element) || q.element == 0)
        {
            return Err("tests no segment of two or three characters, or no element from 1 to 24");
        }
        if self.components.len() > 8 || self.components.contains(&0) {
            return Err("tests components that are not counted from 1, or more than 8 of them");
        }
        let is_bounded = match &self.is {
            Is::AnyOf(values) | Is::NoneOf(values) => values.len() <= VALUES && values.iter().all(|v| v.len() <= TEXT),
            Is::Like(text) | Is::Unlike(text) => text.len() <= TEXT,
            _ => true,
        };
        if is_bounded { Ok(()) } else { Err("compares with too many values, or one too long") }
    }
}
