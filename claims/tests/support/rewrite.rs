//! Writing models back, for tests that read what was written.

use mentalspace_claims::x12::{
    Charset, Delimiters, GroupHeader, InterchangeHeader, InterchangeParty, Unwritable, Usage, WriteError, Writer,
};

/// Delimiters that no text holds.
pub(crate) const SEPARATORS: Delimiters =
    Delimiters { element: 0x1D, component: 0x1F, repetition: Some(0x1E), terminator: 0x1C };

/// Writes an interchange with one group around what `body` writes.
pub(crate) fn file(
    delimiters: Delimiters,
    code: &'static str,
    version: &'static str,
    body: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
) -> Result<Vec<u8>, WriteError> {
    let mut out = Writer::new(delimiters, Charset::Unicode, Unwritable::Refuse);
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    let at = crate::people::day("2024-01-31").and_hms_opt(12, 0, 0).unwrap();
    out.begin_interchange(&InterchangeHeader {
        sender: party("SENDER"),
        receiver: party("RECEIVER"),
        at,
        control: 1,
        usage: Usage::Test,
        acknowledge: false,
    })?;
    out.begin_group(&GroupHeader {
        code,
        sender: "SENDER".to_owned(),
        receiver: "RECEIVER".to_owned(),
        at,
        control: 1,
        version,
    })?;
    body(&mut out)?;
    Ok(out.finish())
}

/// Takes the order out of kept segments: they follow what they followed, which may itself have moved.
pub(crate) fn sort_kept(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Array(list) => list.iter_mut().for_each(sort_kept),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                sort_kept(value);
                if let (true, serde_json::Value::Array(list)) = (name.starts_with("kept"), value) {
                    list.sort_by_key(ToString::to_string);
                }
            }
        }
        _ => {}
    }
}
