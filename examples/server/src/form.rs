//! Forms read field by field, so that everything that is wrong is said at once.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};

use crate::problem::Problem;

/// Reads fields and keeps what is wrong.
#[derive(Debug)]
pub struct Reader {
    problem: Problem,
}

impl Default for Reader {
    fn default() -> Self {
        Self { problem: Problem::invalid("Please correct what is marked.") }
    }
}

impl Reader {
    /// Notes that a field breaks a rule.
    pub fn refuse(&mut self, field: &str, rule: &str) {
        self.problem = self.problem.clone().with_error(field, rule);
    }

    /// Keeps a value or why there is none.
    pub fn keep<T>(&mut self, field: &str, value: Result<T, mentalspace_core::Invalid>) -> Option<T> {
        value.map_err(|invalid| self.refuse(field, invalid.rule)).ok()
    }

    /// Reads what must be there.
    pub fn required<T: FromStr<Err = mentalspace_core::Invalid>>(&mut self, field: &str, text: &str) -> Option<T> {
        self.keep(field, text.trim().parse())
    }

    /// Reads what may be left out.
    pub fn optional<T: FromStr<Err = mentalspace_core::Invalid>>(&mut self, field: &str, text: &str) -> Option<T> {
        if text.trim().is_empty() { None } else { self.required(field, text) }
    }

    /// Reads one of a list.
    pub fn choice<T: serde::de::DeserializeOwned>(&mut self, field: &str, text: &str) -> Option<T> {
        let chosen = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok();
        if chosen.is_none() {
            self.refuse(field, "is not one of the list");
        }
        chosen
    }

    /// Reads a number.
    pub fn number<T: FromStr>(&mut self, field: &str, text: &str) -> Option<T> {
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.refuse(field, "is not a number in range");
        }
        number
    }

    /// Reads a day.
    pub fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
        if day.is_none() {
            self.refuse(field, "is not a day");
        }
        day
    }

    /// Reads a day that may be left out.
    pub fn optional_day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        if text.trim().is_empty() { None } else { self.day(field, text) }
    }

    /// Reads a time of day.
    pub fn time(&mut self, field: &str, text: &str) -> Option<NaiveTime> {
        let text = text.trim();
        let time = NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
        if time.is_err() {
            self.refuse(field, "is not a time");
        }
        time.ok()
    }

    /// Returns what is wrong, if anything is.
    ///
    /// # Errors
    /// Everything that was refused.
    pub fn done(&self) -> Result<(), Problem> {
        if self.problem.errors.is_empty() { Ok(()) } else { Err(self.problem.clone()) }
    }

    /// Returns the refusal of what was read so far.
    #[must_use]
    pub fn refusal(self) -> Problem {
        self.problem
    }
}
