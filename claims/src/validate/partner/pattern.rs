//! Patterns without alternatives and repetition, so that matching takes one step a character.

/// Returns whether `value` is of the form: `#` a digit, `@` a capital letter, `&` either, `?` anything, `*` at the end the
/// rest; all others stand for themselves.
pub(super) fn matches(pattern: &str, value: &[u8]) -> bool {
    let pattern = pattern.as_bytes();
    let (pattern, is_open) = pattern.strip_suffix(b"*").map_or((pattern, false), |head| (head, true));
    let fits = |(mark, byte): (&u8, &u8)| match mark {
        b'#' => byte.is_ascii_digit(),
        b'@' => byte.is_ascii_uppercase(),
        b'&' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        b'?' => true,
        own => own == byte,
    };
    (value.len() == pattern.len() || is_open && value.len() > pattern.len()) && pattern.iter().zip(value).all(fits)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_character_by_character() {
        for (pattern, value, expected) in [
            ("W#########", "W123456789", true),
            ("W#########", "W12345678", false),
            ("W#########", "W1234567890", false),
            ("@&?", "A9-", true),
            ("@&?", "99-", false),
            ("H*", "H0004", true),
            ("H*", "H", true),
            ("H*", "90837", false),
            ("*", "", true),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, value.as_bytes()), expected, "{pattern} {value}");
        }
    }
}
