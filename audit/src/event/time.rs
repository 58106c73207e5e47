//! UTC time as RFC 3339 with nine decimals and `Z`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize as _, Deserializer, Serializer, de};

pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Nanos, true))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
    let at = DateTime::parse_from_rfc3339(&text);
    at.map(|at| at.to_utc()).map_err(|_| de::Error::custom("not a time"))
}

/// The same, where there may be none.
pub(super) mod option {
    use super::{DateTime, Deserializer, Serializer, Utc};

    #[expect(clippy::ref_option, reason = "the signature serde's `with` asks for")]
    pub(in crate::event) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}
