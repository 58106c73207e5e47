//! Text to x12-types and back, exactly: whole, unchanged, without a panic, in bounded memory.

use std::{
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind},
};

use x12_types::{util::Parser, v005010::Transmission};

use crate::ConversionError;

/// The longest text given to x12-types, which takes up to 150 times as much memory.
pub const LIMIT: usize = 4 << 20;

/// What x12-types must be able to do with a transaction.
pub trait Transaction:
    Display + PartialEq + Default + for<'a> Parser<&'a str, Self, nom::error::Error<&'a str>>
{
}

impl<T> Transaction for T where T: Display + PartialEq + Default + for<'a> Parser<&'a str, T, nom::error::Error<&'a str>>
{}

/// Parses one interchange with one group, delimited by `*`, `:`, `^` and `~`, without line breaks.
///
/// # Errors
/// x12-types cannot take all of it, or gives back something else.
pub fn parse<T: Transaction>(text: &str) -> Result<Transmission<T>, ConversionError> {
    if text.len() > LIMIT {
        return Err(ConversionError::TooLong { length: text.len(), limit: LIMIT });
    }
    if let Some(offset) = text.bytes().position(|b| !(b' '..=b'~').contains(&b)) {
        return Err(ConversionError::Character { offset });
    }
    // Its parsers unwrap elements they take for granted; the panic says nothing of the content.
    let parsed = catch_unwind(AssertUnwindSafe(|| Transmission::<T>::parse(text)));
    let no_place = |rest: &str| ConversionError::NoPlace { offset: text.len() - rest.len() };
    let (rest, transmission) = match parsed.map_err(|_| ConversionError::ShortSegment)? {
        Ok(parsed) => parsed,
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => return Err(no_place(error.input)),
        Err(nom::Err::Incomplete(_)) => return Err(no_place("")),
    };
    if !rest.is_empty() {
        return Err(no_place(rest));
    }
    let again = one_line(&transmission);
    match text.bytes().zip(again.bytes()).position(|(a, b)| a != b) {
        Some(offset) => Err(ConversionError::Changed { offset }),
        None if again.len() != text.len() => Err(ConversionError::Changed { offset: again.len().min(text.len()) }),
        None => Ok(transmission),
    }
}

/// Renders `transmission`, and makes sure that the text says the same.
///
/// # Errors
/// A value holds a delimiter or something that x12-types cannot read back.
pub fn render<T: Transaction>(transmission: &Transmission<T>) -> Result<String, ConversionError> {
    let text = one_line(transmission);
    let again = parse::<T>(&text)?;
    if again == *transmission { Ok(text) } else { Err(ConversionError::Delimiter) }
}

/// Renders without the line break that x12-types puts behind each segment.
fn one_line<T: Transaction>(transmission: &Transmission<T>) -> String {
    transmission.to_string().replace("~\n", "~")
}
