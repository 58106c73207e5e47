//! Ids of nouns that live in a visit, and the shape of the opaque texts that may leave the practice.

mentalspace_core::typed_ids! {
    /// One person's part in one visit. Drawn afresh for every visit, so that a video vendor cannot link two visits.
    ParticipantId,
    /// A signed telehealth consent.
    ConsentId,
}

/// Checks that `text` has `min..=max` characters of `[-_a-zA-Z0-9]`, the set every vendor takes.
pub(crate) fn opaque(text: &str, min: usize, max: usize) -> Result<(), &'static str> {
    if !(min..=max).contains(&text.len()) {
        Err("has the wrong length")
    } else if text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        Ok(())
    } else {
        Err("holds a character outside [-_a-zA-Z0-9]")
    }
}

/// Declares a text newtype whose content is opaque and may be printed.
macro_rules! opaque_text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $min:literal ..= $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks length and alphabet.
            ///
            /// # Errors
            /// [`Invalid`](mentalspace_core::Invalid) names the rule that was broken.
            pub fn parse(text: impl Into<String>) -> Result<Self, mentalspace_core::Invalid> {
                let text = text.into();
                crate::id::opaque(&text, $min, $max).map_err(|rule| mentalspace_core::Invalid::new($what, rule))?;
                Ok(Self(text))
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = mentalspace_core::Invalid;
            fn try_from(text: String) -> Result<Self, mentalspace_core::Invalid> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use opaque_text;
