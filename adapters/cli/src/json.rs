//! JSON from people: what is wrong is told by its place, since a parser's own words can repeat what it read.

use std::io::BufRead;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::de::{IoRead, Read};

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

/// Reads values one after the other from a source of any size; a list is read whole first.
pub(crate) fn each<T: DeserializeOwned>(
    mut source: impl BufRead,
    mut take: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Blank bytes before the first value decide nothing.
    let first = loop {
        let buffer = source.fill_buf().map_err(Failure::Input)?;
        match buffer.iter().position(|byte| !byte.is_ascii_whitespace()) {
            Some(at) => break buffer[at],
            None if buffer.is_empty() => return Err(Failure::Empty),
            None => {
                let blank = buffer.len();
                source.consume(blank);
            }
        }
    };
    if first == b'[' {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(Failure::Input)?;
        return values(&bytes)?.into_iter().try_for_each(take);
    }
    let mut source = serde_json::Deserializer::new(IoRead::new(source));
    while source.end().is_err() {
        take(value(&mut source)?)?;
    }
    Ok(())
}

fn value<'d, T: Deserialize<'d>>(source: &mut serde_json::Deserializer<impl Read<'d>>) -> Result<T, Failure> {
    serde_path_to_error::deserialize(source).map_err(|error| {
        let place = error.inner();
        let path = if place.is_data() { error.path().to_string() } else { "the JSON".to_owned() };
        Failure::Json { path, line: place.line(), column: place.column() }
    })
}
