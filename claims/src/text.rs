//! Text values of claims: checked once, silent where they are protected, strings on the wire.

/// Trims, and refuses what is empty, longer than `max` characters or holds a control character.
pub(crate) fn plain(text: &str, min: usize, max: usize) -> Result<String, &'static str> {
    let text = text.trim();
    let length = text.chars().count();
    if length < min {
        Err("is too short")
    } else if length > max {
        Err("is too long")
    } else if text.chars().any(char::is_control) {
        Err("holds a control character")
    } else {
        Ok(text.to_owned())
    }
}

/// Like [`plain`] for numbers we hand out ourselves: printable ASCII without the usual X12 delimiters, so that payers
/// can give them back unchanged.
pub(crate) fn token(text: &str, max: usize) -> Result<String, &'static str> {
    let text = plain(text, 1, max)?;
    if text.bytes().all(|b| (b' '..=b'~').contains(&b) && !b"*:~^|".contains(&b)) {
        Ok(text)
    } else {
        Err("holds a character that does not survive the exchange")
    }
}

/// Declares a text newtype over a checking function; `public` ones print, `phi` ones are read by `expose`.
macro_rules! text_value {
    ($(#[$doc:meta])* public $name:ident, $what:literal, $check:expr) => {
        text_value!(@base $(#[$doc])* $name, $what, $check);

        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
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
            /// Checks `text`.
            ///
            /// # Errors
            /// [`Invalid`](mentalspace_core::Invalid) names the rule that was broken.
            pub fn parse(text: impl AsRef<str>) -> Result<Self, mentalspace_core::Invalid> {
                let check: fn(&str) -> Result<String, &'static str> = $check;
                check(text.as_ref()).map(Self).map_err(|rule| mentalspace_core::Invalid::new($what, rule))
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
pub(crate) use text_value;

/// Declares an open code list: the known codes as variants, any other kept as it came and written back unchanged.
macro_rules! open_code {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A code that is not known here.
            Other(String),
        }

        impl $name {
            /// Returns the code on the wire.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    _ => Self::Other(code.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(code: String) -> Self {
                Self::from(code.as_str())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.code().to_owned()
            }
        }
    };
}
pub(crate) use open_code;

/// Gives types that hold protected facts a `Debug` that shows their name only.
macro_rules! silent_debug {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
pub(crate) use silent_debug;
