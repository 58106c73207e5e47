//! Texts and codes as an acknowledgement may hold them.

use crate::transaction::part::Text;
use crate::x12::Delimiters;

/// Returns at most `max` characters of `text`, without the delimiters: a `?` for each of them, and names for control
/// characters, such as `<LF>`.
pub(super) fn copy(text: &str, max: usize, delimiters: &Delimiters) -> Text {
    let mut copy = String::with_capacity(text.len().min(max));
    for c in text.chars() {
        let delimiter = u8::try_from(c).is_ok_and(|byte| delimiters.contains(byte));
        let name;
        let part: &str = match c {
            '\n' => "<LF>",
            '\r' => "<CR>",
            '\t' => "<TAB>",
            c if c.is_control() => {
                name = format!("<{:02X}>", u32::from(c));
                &name
            }
            c if delimiter || !(' '..='~').contains(&c) => "?",
            c => {
                name = c.to_string();
                &name
            }
        };
        if copy.len() + part.len() > max {
            break;
        }
        copy.push_str(part);
    }
    // Brackets around a name can themselves be delimiters.
    let plain = |c: char| if u8::try_from(c).is_ok_and(|byte| delimiters.contains(byte)) { '?' } else { c };
    copy.chars().map(plain).collect::<String>().into()
}

/// Returns the code of element 723 or 720 for one of element 621 or 620, which 4010 does not have.
pub(super) fn before_5010(code: &'static str, level: Level) -> &'static str {
    match (level, code) {
        (Level::Segment, "I4" | "I9") => "2",
        (Level::Segment, "I6" | "I7" | "I8") => "3",
        (Level::Element, "I6" | "I12") => "7",
        (Level::Element, "I9") => "2",
        (Level::Element, "I10" | "I13" | "12" | "13") => "3",
        (Level::Element, "I11") => "1",
        (Level::Set, "I5") => "5",
        (Level::Set, "I6" | "19") => "1",
        (Level::Set, "23") => "7",
        (Level::Group, "19") => "6",
        (_, code) => code,
    }
}

/// What a code is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    Segment,
    Element,
    Set,
    Group,
}
