//! The shape all text values share: checked once in `parse`, silent in errors, strings on the wire.

use std::fmt;

/// A value that breaks the rule of its type. Names the type and the rule, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {rule}")]
#[non_exhaustive]
pub struct Invalid {
    /// The type that refused, such as "npi".
    pub what: &'static str,
    /// The rule that was broken, in plain words.
    pub rule: &'static str,
}

impl Invalid {
    /// Builds the refusal of `what` by `rule`.
    #[must_use]
    pub const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}

/// Declares a text newtype over a checking function `fn(String) -> Result<String, &'static str>`.
///
/// `public` values print in `Debug` and `Display`; `phi` values print their type name only and are read by `expose`.
macro_rules! text_value {
    ($(#[$doc:meta])* public $name:ident, $what:literal, $check:expr) => {
        text_value!(@base $(#[$doc])* $name, $what, $check);

        impl $name {
            /// Returns the text in its normal form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    ($(#[$doc:meta])* phi $name:ident, $what:literal, $check:expr) => {
        text_value!(@base $(#[$doc])* $name, $what, $check);

        impl $name {
            /// Reads the protected text.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
    (@base $(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and brings it to its normal form.
            ///
            /// # Errors
            /// [`Invalid`](crate::Invalid) names the rule that was broken.
            pub fn parse(text: impl Into<String>) -> Result<Self, crate::Invalid> {
                let check: fn(String) -> Result<String, &'static str> = $check;
                check(text.into()).map(Self).map_err(|rule| crate::Invalid::new($what, rule))
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::Invalid;
            fn try_from(text: String) -> Result<Self, crate::Invalid> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Invalid;
            fn from_str(text: &str) -> Result<Self, crate::Invalid> {
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
pub(crate) use text_value;

/// Gives a protected record a `Debug` that shows its type and its id, so that a log never tells who was seen when.
#[cfg(feature = "clinical")]
macro_rules! id_debug {
    ($name:ident, $($id:ident).+) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({}, …)"), self.$($id).+)
            }
        }
    };
}
#[cfg(feature = "clinical")]
pub(crate) use id_debug;

/// Refuses empty, overlong and control characters; trims the ends.
pub(crate) fn plain_text(text: &str, max: usize) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        Err("is empty")
    } else if text.chars().count() > max {
        Err("is too long")
    } else if text.chars().any(char::is_control) {
        Err("holds a control character")
    } else {
        Ok(text.to_owned())
    }
}

/// Holds protected health information: silent `Debug`, no `Display`, read by [`Phi::expose`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks `value` as protected.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Reads the protected value.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the protected value out.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phi(…)")
    }
}
