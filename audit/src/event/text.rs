//! How numbers and times are written: as strings, because JSON numbers are doubles.

/// Cuts `text` to at most `max` bytes at a character boundary.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// `Option<u64>` as decimal digits.
pub(super) mod decimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "the signature serde's `with` asks for")]
    pub(in crate::event) fn serialize<S: Serializer>(
        number: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => serializer.collect_str(number),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        let digits = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        digits
            .parse()
            .map(Some)
            .map_err(|_| de::Error::custom("not a decimal number"))
    }
}

/// UTC time as RFC 3339 with nine decimals and `Z`.
pub(super) mod time {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(in crate::event) fn serialize<S: Serializer>(
        at: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Nanos, true))
    }

    pub(in crate::event) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        let at = DateTime::parse_from_rfc3339(&text);
        at.map(|at| at.to_utc())
            .map_err(|_| de::Error::custom("not a time"))
    }

    /// The same, where there may be none.
    pub(in crate::event) mod option {
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
}
