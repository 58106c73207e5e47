//! JSON from people: what is wrong is told by its place, since a parser's own words can repeat what it read.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::de::SliceRead;

use crate::Failure;

/// Reads one value, a list of them, or one after the other.
pub(crate) fn values<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Failure> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return value(&mut source);
    }
    let mut values = Vec::new();
    while source.end().is_err() {
        values.push(value(&mut source)?);
    }
    if values.is_empty() { Err(Failure::Empty) } else { Ok(values) }
}

fn value<'d, T: Deserialize<'d>>(source: &mut serde_json::Deserializer<SliceRead<'d>>) -> Result<T, Failure> {
    serde_path_to_error::deserialize(source).map_err(|error| {
        let place = error.inner();
        let path = if place.is_data() { error.path().to_string() } else { "the JSON".to_owned() };
        Failure::Json { path, line: place.line(), column: place.column() }
    })
}
