//! ICD-10-CM diagnosis codes by their shape.

use crate::value::text_value;

text_value! {
    /// An ICD-10-CM code, upper case and without its dot: letter, digit, letter or digit, then up to four more.
    ///
    /// Shape only: whether a code exists and is billable on a date is a question for a code set.
    ///
    /// ```
    /// use mentalspace_core::Icd10Cm;
    /// assert_eq!(Icd10Cm::parse("f41.1")?.dotted(), "F41.1");
    /// assert_eq!(Icd10Cm::parse("F411")?.as_str(), "F411");
    /// # Ok::<(), mentalspace_core::Invalid>(())
    /// ```
    public Icd10Cm, "icd-10-cm code", |text| {
        let upper = text.trim().to_ascii_uppercase();
        let code = match upper.split_once('.') {
            Some((category, rest)) if category.len() == 3 && !rest.is_empty() => format!("{category}{rest}"),
            Some(_) => return Err("has its dot in the wrong place"),
            None => upper,
        };
        let shaped = match code.as_bytes() {
            [letter, digit, rest @ ..] => {
                letter.is_ascii_uppercase()
                    && digit.is_ascii_digit()
                    && (1..=5).contains(&rest.len())
                    && rest.iter().all(u8::is_ascii_alphanumeric)
            }
            _ => false,
        };
        if shaped { Ok(code) } else { Err("must be a letter, a digit and one to five letters or digits") }
    }
}

impl Icd10Cm {
    /// Returns the code with its dot, as people read it.
    #[must_use]
    pub fn dotted(&self) -> String {
        match self.as_str().split_at_checked(3) {
            Some((category, rest)) if !rest.is_empty() => format!("{category}.{rest}"),
            _ => self.as_str().to_owned(),
        }
    }

    /// Returns the chapter's kind. Chapters V to Y name external causes, which are never a first-listed diagnosis;
    /// chapter Z names factors such as relationship problems, which are billable where the payer allows.
    #[must_use]
    pub fn chapter(&self) -> Chapter {
        match self.as_str().as_bytes()[0] {
            b'F' => Chapter::MentalAndBehavioural,
            b'V'..=b'Y' => Chapter::ExternalCause,
            b'Z' => Chapter::Factors,
            _ => Chapter::Other,
        }
    }
}

/// The part of ICD-10-CM a code belongs to, as far as billing tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Chapter {
    /// F01–F99.
    MentalAndBehavioural,
    /// V00–Y99: says how, never why; cannot stand first.
    ExternalCause,
    /// Z00–Z99: circumstances rather than a disorder.
    Factors,
    /// Everything else.
    Other,
}
