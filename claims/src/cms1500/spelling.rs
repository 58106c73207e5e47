//! Spelling in the capitals, digits and few marks that forms take.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::grid::Rule;

/// A change beyond upper case and white space.
pub(super) enum Change {
    /// A character is spelled by others, or by none.
    Replaced { from: char, to: String },
    /// A character has no ASCII spelling and is left out.
    Unmappable { from: char },
}

/// Spells `value` by `rule`: upper case, accents off, marks the cell does not take out; `report` hears what changed.
pub(super) fn spell(rule: Rule, value: &str, mut report: impl FnMut(Change)) -> String {
    let mut text = String::with_capacity(value.len());
    let composed = if value.is_ascii() { Cow::Borrowed(value) } else { value.nfc().collect() };
    for from in composed.chars() {
        if from.is_ascii() {
            let upper = from.to_ascii_uppercase();
            let to = admit(rule, upper);
            if to != Some(upper) {
                report(Change::Replaced { from, to: to.into_iter().collect() });
            }
            text.extend(to);
        } else if let Some(plain) = ascii(from) {
            let to: String = plain.chars().filter_map(|c| admit(rule, c)).collect();
            text.push_str(&to);
            report(Change::Replaced { from, to });
        } else {
            report(Change::Unmappable { from });
        }
    }
    match rule {
        Rule::Free => text.trim().to_owned(),
        _ => text.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Returns the character as the cell takes it. A mark between words becomes a space, one within a word nothing.
fn admit(rule: Rule, c: char) -> Option<char> {
    if rule.takes(c) {
        Some(c)
    } else if rule.takes(' ') && !matches!(c, '.' | '\'') {
        Some(' ')
    } else {
        None
    }
}

/// Spells one character beyond ASCII in capitals of ASCII, if there is a usual way.
fn ascii(c: char) -> Option<String> {
    if c.is_whitespace() {
        return Some(" ".to_owned());
    }
    let mut text = String::new();
    for part in c.to_uppercase().nfkd().filter(|part| !is_combining_mark(*part)) {
        match part {
            ' '..='~' => text.push(part.to_ascii_uppercase()),
            _ => text.push_str(letter(part).or_else(|| mark(part))?),
        }
    }
    Some(text)
}

/// Latin letters that do not decompose.
const fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'Æ' => "AE",
        'Ð' | 'Đ' => "D",
        'Ħ' => "H",
        'Ł' => "L",
        'Ŋ' => "NG",
        'Ø' => "O",
        'Œ' => "OE",
        'Þ' => "TH",
        'ẞ' => "SS",
        'Ŧ' => "T",
        _ => return None,
    })
}

/// Punctuation that typewriters write another way; what has no width vanishes.
const fn mark(c: char) -> Option<&'static str> {
    Some(match c {
        '‘' | '’' | 'ʼ' | '′' | '‛' => "'",
        '“' | '”' | '„' | '″' => "\"",
        '\u{2010}'..='\u{2015}' | '−' => "-",
        '⁄' => "/",
        '×' => "X",
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    })
}
