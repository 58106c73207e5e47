//! The lists a validation asks.

use std::io::BufRead;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{CodeList, CodeListError, ListId, Standing, csv, standard};

/// What becomes of the codes a list has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Load {
    /// They go.
    Replace,
    /// They stay, but for those that are loaded anew.
    Extend,
}

/// The lists in use: those that ship, replaced or extended by a customer's own. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {
    own: [Option<Arc<CodeList>>; ListId::ALL.len()],
}

impl CodeLists {
    /// Takes the lists that ship.
    #[must_use]
    pub fn standard() -> Self {
        Self::default()
    }

    /// Returns a list; `None` where none ships and none was loaded.
    #[must_use]
    pub fn get(&self, id: ListId) -> Option<&CodeList> {
        match &self.own[id as usize] {
            Some(own) => Some(own),
            None => standard::standard(id),
        }
    }

    /// Returns how `code` stands in a list on the day `on`, or on any day without one; [`Standing::Known`] where there is
    /// no list to ask.
    #[must_use]
    pub fn standing(&self, id: ListId, code: &[u8], on: Option<NaiveDate>) -> Standing {
        match (self.get(id), on) {
            (None, _) => Standing::Known,
            (Some(list), Some(on)) => list.standing(code, on),
            (Some(list), None) if list.contains(code) => Standing::Known,
            (Some(list), None) => list.standing(code, NaiveDate::MIN),
        }
    }

    /// Loads a list of comma-separated values: code, first day, last day, description. Only the code is needed; days are
    /// written `2024-10-01` or `20241001`; a first line that begins with `code` is a heading.
    ///
    /// # Errors
    /// A line that is not of that form, a list of more than a million codes, or a failure of the reader. The list in use
    /// is then what it was.
    pub fn load_csv(&mut self, id: ListId, reader: impl BufRead, load: Load) -> Result<(), CodeListError> {
        let (mut entries, mut descriptions) = csv::read(reader)?;
        if load == Load::Extend
            && let Some(list) = self.get(id)
        {
            entries.sort_unstable();
            let anew = entries.len();
            for entry in &list.entries {
                if entries[..anew].binary_search_by_key(&entry.key, |e| e.key).is_err() {
                    entries.push(*entry);
                }
            }
            descriptions.extend_from_slice(&list.descriptions);
        }
        self.own[id as usize] = Some(Arc::new(CodeList::new(entries, descriptions, standard::has_headings(id))));
        Ok(())
    }
}
