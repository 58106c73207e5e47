//! Segments in any order: what no guide allows, and a reader must bear.

use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Z0-9]{1,6}",
        2 => "[0-9]{1,5}(\\.[0-9]{1,2})?",
        1 => "-?[0-9]{0,3}\\.?[0-9]{0,2}",
        1 => "20[0-9]{2}0[1-9][0-2][1-8](-20[0-9]{2}0[1-9][0-2][1-8])?",
        1 => "[^\\p{C}*~]{0,40}",
    ]
}

fn element() -> impl Strategy<Value = String> {
    let join = |separator: &'static str| move |list: Vec<String>| list.join(separator);
    prop_oneof![
        2 => Just(String::new()),
        6 => text(),
        1 => prop::collection::vec(prop_oneof![text(), Just(String::new())], 1..11).prop_map(join(":")),
        1 => prop::collection::vec(text(), 1..4).prop_map(join("^")),
    ]
}

/// A segment with one of `ids`, some of which name their first elements.
pub(crate) fn segment(ids: &'static [&'static str]) -> impl Strategy<Value = String> {
    (prop::sample::select(ids), prop::collection::vec(element(), 0..12)).prop_map(|(id, elements)| {
        // Separators at the end of an element carry nothing and do not come back.
        let whole = elements.iter().map(|element| element.trim_end_matches([':', '^']).to_owned());
        let mut parts = vec![id.to_owned()];
        parts.extend(whole);
        parts.join("*")
    })
}

/// A set of such segments in an interchange.
pub(crate) fn file(code: &str, version: &str, segments: &[String]) -> Vec<u8> {
    let body: String = segments.iter().map(|segment| format!("{segment}~")).collect();
    let whole = crate::rewrite::file(Default::default(), "XX", "005010X222A1", |_| Ok(())).unwrap();
    let at = whole.windows(3).rposition(|w| w == b"GE*").unwrap();
    let set = format!("ST*{code}*0001*{version}~{body}SE*1*0001~");
    [&whole[..at], set.as_bytes(), &whole[at..]].concat()
}
