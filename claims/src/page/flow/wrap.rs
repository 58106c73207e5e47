//! Lines of a paragraph.

use crate::page::{Font, Points, Printable};

/// Breaks a text between words so that no line is wider than `width`; a word that is wider is broken between letters.
///
/// Spaces at line ends are dropped, no-break spaces keep words together, and a hyphen lets its word break after it.
pub(super) fn lines(font: Font, size: Points, text: &str, width: Points) -> Vec<Printable> {
    let shown = Printable::spelled(font, text);
    let wide = |text: &str| i64::from(measure(font, size, text).as_thousandths());
    let room = i64::from(width.as_thousandths());
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    let space = wide(" ");
    for word in shown.as_str().split([' ']).filter(|word| !word.is_empty()) {
        let mut glue = !line.is_empty();
        for piece in pieces(word) {
            let own = wide(piece);
            let with = used + own + if glue { space } else { 0 };
            if with <= room {
                if glue {
                    line.push(' ');
                }
                line.push_str(piece);
                used = with;
            } else {
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                used = 0;
                for c in piece.chars() {
                    let advance = wide(c.encode_utf8(&mut [0; 4]));
                    if used + advance > room && !line.is_empty() {
                        lines.push(std::mem::take(&mut line));
                        used = 0;
                    }
                    line.push(c);
                    used += advance;
                }
            }
            glue = false;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|line| Printable::spelled(font, line)).collect()
}

fn measure(font: Font, size: Points, text: &str) -> Points {
    Printable::spelled(font, text).width(size)
}

/// Splits a word after its hyphens and slashes that stand between letters.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    word.split_inclusive(['-', '/', '\u{2010}', '\u{2013}', '\u{2014}'])
}
