//! Open code lists: known codes are variants, any other is kept and written back.

/// A code that this version does not know: 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherCode(Box<str>);

impl OtherCode {
    pub(super) fn parse(text: &str) -> Result<Self, UnknownCodeError> {
        if is_code(text, MAX_CODE) { Ok(Self(text.into())) } else { Err(UnknownCodeError) }
    }

    /// Returns the code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that cannot be a code of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has 1 to {MAX_CODE} letters, digits, dots, underscores and hyphens")]
pub struct UnknownCodeError;

pub(super) const MAX_CODE: usize = 64;

pub(super) fn is_code(text: &str, max: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text.len() <= max && text.bytes().all(allowed)
}

macro_rules! open_codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "std::borrow::Cow<'_, str>")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A code of a later version; comes from parsing only.
            Other($crate::event::OtherCode),
        }

        impl $name {
            /// The codes known to this version, in the order of the variants.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the code as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code.as_str(),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::event::UnknownCodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok(Self::$variant),)+
                    _ => $crate::event::OtherCode::parse(text).map(Self::Other),
                }
            }
        }

        impl TryFrom<std::borrow::Cow<'_, str>> for $name {
            type Error = $crate::event::UnknownCodeError;

            fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use open_codes;
