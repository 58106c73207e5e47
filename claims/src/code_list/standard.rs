//! The lists that ship, read from `data/codes` at first use.
//!
//! Each file is a sequence of sections. `@from to` gives the days from and to which the codes below it are in force; either
//! may be absent. Below stand codes between white space, or in the file of ICD-10-CM groups of codes that differ in their
//! last character: how many characters the stem shares with the one before, the rest of it, and the last characters.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::key::Key;
use super::{CodeList, Entry, ListId};

static PLACE_OF_SERVICE: LazyLock<CodeList> =
    LazyLock::new(|| plain(include_str!("../../data/codes/place-of-service.txt")));
static STATE: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/state.txt")));
static COUNTRY: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/country.txt")));
static CURRENCY: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/currency.txt")));
static CATEGORY: LazyLock<CodeList> =
    LazyLock::new(|| plain(include_str!("../../data/codes/claim-status-category.txt")));
static STATUS: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/claim-status.txt")));
static REMARK: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/remittance-remark.txt")));
static REASON: LazyLock<CodeList> = LazyLock::new(|| plain(include_str!("../../data/codes/adjustment-reason.txt")));
static ICD_10_CM: LazyLock<CodeList> = LazyLock::new(|| grouped(include_str!("../../data/codes/icd-10-cm.txt")));

/// Returns the list that ships, if one does.
pub(super) fn standard(id: ListId) -> Option<&'static CodeList> {
    match id {
        ListId::PlaceOfService => Some(&PLACE_OF_SERVICE),
        ListId::State => Some(&STATE),
        ListId::Country => Some(&COUNTRY),
        ListId::Currency => Some(&CURRENCY),
        ListId::ClaimStatusCategory => Some(&CATEGORY),
        ListId::ClaimStatus => Some(&STATUS),
        ListId::RemittanceRemark => Some(&REMARK),
        ListId::AdjustmentReason => Some(&REASON),
        ListId::Icd10Cm => Some(&ICD_10_CM),
        ListId::Taxonomy | ListId::Procedure | ListId::Modifier | ListId::Revenue => None,
    }
}

/// Returns whether codes of the list may be divided further and are then headings.
pub(super) const fn has_headings(id: ListId) -> bool {
    matches!(id, ListId::Icd10Cm)
}

struct Section {
    from: NaiveDate,
    to: NaiveDate,
    entries: Vec<Entry>,
}

impl Section {
    const fn new() -> Self {
        Self { from: NaiveDate::MIN, to: NaiveDate::MAX, entries: Vec::new() }
    }

    fn head(&mut self, line: &str) {
        let (from, to) = line.split_once(' ').unwrap_or((line, ""));
        self.from = from.parse().unwrap_or(NaiveDate::MIN);
        self.to = to.parse().unwrap_or(NaiveDate::MAX);
    }

    fn add(&mut self, code: &[u8]) {
        self.entries.extend(Key::of(code).map(|key| Entry { key, from: self.from, to: self.to }));
    }
}

fn plain(text: &str) -> CodeList {
    let mut section = Section::new();
    for line in text.lines() {
        match line.strip_prefix('@') {
            Some(head) => section.head(head),
            None => line.split_ascii_whitespace().for_each(|code| section.add(code.as_bytes())),
        }
    }
    CodeList::new(section.entries, Vec::new(), false)
}

fn grouped(text: &str) -> CodeList {
    let mut section = Section::new();
    let mut code = Vec::with_capacity(8);
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('@') {
            section.head(head);
            continue;
        }
        let (stem, endings) = line.split_once(' ').unwrap_or((line, ""));
        let (shared, rest) = stem.split_at_checked(1).unwrap_or_default();
        code.truncate(shared.parse().unwrap_or(0));
        code.extend_from_slice(rest.as_bytes());
        for ending in endings.bytes() {
            code.push(ending);
            section.add(&code);
            code.pop();
        }
    }
    CodeList::new(section.entries, Vec::new(), true)
}
