//! Files around what one transaction writes.

use mentalspace_claims::x12::{
    Charset, Delimiters, GroupHeader, InterchangeHeader, InterchangeParty, Unwritable, Usage, WriteError, Writer,
};

use crate::people::day;

/// A file with one set, whose content `body` writes.
pub(crate) fn file(
    group: &'static str,
    set: &str,
    guide: &'static str,
    body: impl FnOnce(&mut Writer) -> Result<(), WriteError>,
) -> Vec<u8> {
    let party = |id: &str| InterchangeParty { qualifier: "ZZ".to_owned(), id: id.to_owned() };
    let at = day("2024-02-01").and_hms_opt(8, 30, 0).unwrap();
    let mut out = Writer::new(Delimiters::default(), Charset::Basic, Unwritable::Refuse);
    out.begin_interchange(&InterchangeHeader {
        sender: party("LAKESIDE"),
        receiver: party("EXCHANGE"),
        at,
        control: 1,
        usage: Usage::Test,
        acknowledge: false,
    })
    .unwrap();
    let (sender, receiver) = ("LAKESIDE".to_owned(), "EXCHANGE".to_owned());
    out.begin_group(&GroupHeader { code: group, sender, receiver, at, control: 1, version: guide }).unwrap();
    out.begin_set(set, Some(guide)).unwrap();
    body(&mut out).unwrap();
    out.finish()
}

/// What stands between ST and SE of a file with one set, one segment per line.
pub(crate) fn lines(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    let segments: Vec<&str> = text.split_terminator('~').collect();
    segments[3..segments.len() - 3].join("\n")
}
