//! Procedure codes (CPT, HCPCS level II) and their modifiers, by shape. No descriptors are kept.

use crate::{Invalid, value::text_value};

text_value! {
    /// A CPT (`90837`, `0362T`) or HCPCS level II (`H0004`, `G0463`) code.
    public ProcedureCode, "procedure code", |text| {
        let code = text.trim().to_ascii_uppercase();
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let shaped = match code.as_bytes() {
            [a, rest @ .., z] if rest.len() == 3 && digits(rest) => {
                let cpt = a.is_ascii_digit() && (z.is_ascii_digit() || b"FTUM".contains(z));
                let hcpcs = (b'A'..=b'V').contains(a) && z.is_ascii_digit();
                cpt || hcpcs
            }
            _ => false,
        };
        if shaped { Ok(code) } else { Err("is neither a cpt nor a hcpcs code") }
    }
}

#[cfg(feature = "clinical")]
impl ProcedureCode {
    /// Wraps a code of our own tables.
    pub(crate) fn known(code: &'static str) -> Self {
        Self(code.to_owned())
    }
}

text_value! {
    /// A two-character procedure modifier, such as `95` or `HO`.
    public Modifier, "modifier", |text| {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphanumeric()) { Ok(code) } else { Err("must be two letters or digits") }
    }
}

#[cfg(feature = "clinical")]
impl Modifier {
    /// Wraps a modifier of our own tables.
    pub(crate) fn known(code: &'static str) -> Self {
        Self(code.to_owned())
    }
}

/// Up to four different modifiers; their order matters to payers and is kept (837 SV101-3 to -6, CMS-1500 24D).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Modifier>", into = "Vec<Modifier>")]
pub struct Modifiers(Vec<Modifier>);

impl Modifiers {
    /// The most a service line can carry.
    pub const MAX: usize = 4;

    /// Returns the modifiers in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Modifier] {
        &self.0
    }

    /// Adds one at the end; one that is already there stays where it is.
    ///
    /// # Errors
    /// Four are there already.
    pub fn push(&mut self, modifier: Modifier) -> Result<(), Invalid> {
        if self.0.contains(&modifier) {
            return Ok(());
        }
        if self.0.len() == Self::MAX {
            return Err(Invalid::new("modifiers", "a line carries at most four"));
        }
        self.0.push(modifier);
        Ok(())
    }
}

impl TryFrom<Vec<Modifier>> for Modifiers {
    type Error = Invalid;
    fn try_from(list: Vec<Modifier>) -> Result<Self, Invalid> {
        list.into_iter().try_fold(Self::default(), |mut all, one| all.push(one).map(|()| all))
    }
}

impl From<Modifiers> for Vec<Modifier> {
    fn from(all: Modifiers) -> Self {
        all.0
    }
}
