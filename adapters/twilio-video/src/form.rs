//! `application/x-www-form-urlencoded` both ways (WHATWG URL §5), over bytes: what is signed need not be UTF-8.

/// Writes pairs.
pub(crate) fn write(pairs: &[(&str, String)]) -> String {
    let pair = |(name, value): &(&str, String)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Reads pairs in their order. What follows a broken escape is taken as it stands.
pub(crate) fn read(body: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let parts = body.split(|b| *b == b'&').filter(|part| !part.is_empty());
    let pair = |part: &[u8]| {
        let at = part.iter().position(|b| *b == b'=').unwrap_or(part.len());
        (decode(&part[..at]), decode(part.get(at + 1..).unwrap_or_default()))
    };
    parts.map(pair).collect()
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, others)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| others.get(..2)).flatten();
        let digits = escaped.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        match (byte, first) {
            (Some(byte), _) => out.push(byte),
            (None, b'+') => out.push(b' '),
            (None, other) => out.push(*other),
        }
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, write};

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in proptest::collection::vec((".{0,8}", ".{0,12}"), 0..6)) {
            let owned: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            let expected: Vec<_> = pairs.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).collect();
            prop_assert_eq!(read(write(&owned).as_bytes()), expected);
        }

        #[test]
        fn whatever_comes_is_read(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let read: usize = read(&body).iter().map(|(name, value)| name.len() + value.len()).sum();
            prop_assert!(read <= body.len());
        }
    }

    #[test]
    fn broken_escapes_stand_as_they_are() {
        assert_eq!(
            read(b"a=%&b=%4&c=%zz&d=%41%ff&&=x&e"),
            [
                (b"a".to_vec(), b"%".to_vec()),
                (b"b".to_vec(), b"%4".to_vec()),
                (b"c".to_vec(), b"%zz".to_vec()),
                (b"d".to_vec(), b"A\xff".to_vec()),
                (b"".to_vec(), b"x".to_vec()),
                (b"e".to_vec(), b"".to_vec()),
            ]
        );
    }
}
