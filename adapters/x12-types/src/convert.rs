//! Transactions of one interchange with one group, there and back.

use mentalspace_claims::{
    transaction::{
        claim837::{self, ClaimSet},
        r835::{self, Remittance},
    },
    x12::{
        Charset, Delimiters, Envelope, Group, GroupHeader, Interchange, InterchangeHeader, Reader, Unwritable,
        WriteError, Writer,
    },
};
use x12_types::v005010::{_835, _837, Transmission};

use crate::{ConversionError, Transaction, parse, render};

/// Returns who sent a transmission to whom: its interchange and its group.
///
/// # Errors
/// See [`render`]; or the envelope is not readable.
pub fn envelope<T: Transaction>(transmission: &Transmission<T>) -> Result<(Interchange, Group), ConversionError> {
    let text = render(transmission)?;
    let mut envelope = Envelope::new();
    for segment in Reader::new(text.as_bytes()).take(2) {
        envelope.feed(&segment.map_err(ConversionError::Unreadable)?);
    }
    envelope.interchange().cloned().zip(envelope.group().cloned()).ok_or(ConversionError::Empty)
}

/// Returns the claims of a transmission, set by set.
///
/// # Errors
/// See [`render`]; or there is no 837 in it.
pub fn claims(transmission: &Transmission<_837>) -> Result<Vec<ClaimSet>, ConversionError> {
    let text = render(transmission)?;
    let sets = claim837::read_all(text.as_bytes()).map_err(|error| ConversionError::Unreadable(error.source))?;
    if sets.is_empty() { Err(ConversionError::Empty) } else { Ok(sets) }
}

/// Returns the remittances of a transmission.
///
/// # Errors
/// See [`render`]; or there is no 835 in it.
pub fn remittances(transmission: &Transmission<_835>) -> Result<Vec<Remittance>, ConversionError> {
    let text = render(transmission)?;
    let sets = r835::read_all(text.as_bytes()).map_err(|error| ConversionError::Unreadable(error.source))?;
    if sets.is_empty() { Err(ConversionError::Empty) } else { Ok(sets) }
}

/// Makes a transmission of claims.
///
/// # Errors
/// The claims cannot be written, or x12-types has no place for all they say.
pub fn claim_transmission(
    interchange: &InterchangeHeader,
    group: &GroupHeader,
    sets: &[ClaimSet],
) -> Result<Transmission<_837>, ConversionError> {
    transmission(interchange, group, |out| sets.iter().try_for_each(|set| set.write(out)))
}

/// Makes a transmission of remittances.
///
/// # Errors
/// The remittances cannot be written, or x12-types has no place for all they say.
pub fn remittance_transmission(
    interchange: &InterchangeHeader,
    group: &GroupHeader,
    remittances: &[Remittance],
) -> Result<Transmission<_835>, ConversionError> {
    transmission(interchange, group, |out| remittances.iter().try_for_each(|remittance| remittance.write(out)))
}

fn transmission<T: Transaction>(
    interchange: &InterchangeHeader,
    group: &GroupHeader,
    sets: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
) -> Result<Transmission<T>, ConversionError> {
    let mut out = Writer::new(Delimiters::default(), Charset::Extended, Unwritable::Refuse);
    let written =
        out.begin_interchange(interchange).and_then(|()| out.begin_group(group)).and_then(|()| sets(&mut out));
    written.map_err(ConversionError::Unwritable)?;
    let text = String::from_utf8(out.finish())
        .map_err(|error| ConversionError::Character { offset: error.utf8_error().valid_up_to() })?;
    parse(&text)
}
