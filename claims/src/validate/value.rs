//! Values of the types that have a form of their own: numbers, dates, times (X12.6 §3.3, element 1250).

/// Counts the digits of a number; `None` for what is none.
pub(super) fn digits(value: &[u8], may_have_point: bool) -> Option<usize> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let (mut digits, mut points) = (0, 0);
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if may_have_point => points += 1,
            _ => return None,
        }
    }
    (digits > 0 && points <= 1).then_some(digits)
}

/// The number that two digits are.
const fn two(value: &[u8], at: usize) -> u32 {
    (value[at] as u32 - '0' as u32) * 10 + value[at + 1] as u32 - '0' as u32
}

fn all_digits(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}

/// Whether `value` is CCYYMMDD, or YYMMDD where `length` is six.
pub(super) fn is_date(value: &[u8], length: usize) -> bool {
    if value.len() != length || !all_digits(value) {
        return false;
    }
    let (year, rest) = match length {
        8 => (two(value, 0) * 100 + two(value, 2), &value[4..]),
        6 => (2000 + two(value, 0), &value[2..]),
        _ => return false,
    };
    let (month, day) = (two(rest, 0), two(rest, 2));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    // Nobody who is treated was born before.
    (1..=days).contains(&day) && year >= 1800
}

/// Whether `value` is HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
pub(super) fn is_time(value: &[u8]) -> bool {
    matches!(value.len(), 4 | 6 | 7 | 8)
        && all_digits(value)
        && two(value, 0) < 24
        && two(value, 2) < 60
        && (value.len() == 4 || two(value, 4) < 60)
}

/// Whether `value` is what the code of element 1250 says; of codes without a form here, whether it may be.
pub(super) fn is_period(value: &[u8], format: &[u8]) -> bool {
    let range = |length: usize, is: fn(&[u8]) -> bool| {
        value.len() == 2 * length + 1 && value[length] == b'-' && is(&value[..length]) && is(&value[length + 1..])
    };
    match format {
        b"D8" => is_date(value, 8),
        b"RD8" => range(8, |v| is_date(v, 8)),
        b"D6" => is_date(value, 6),
        b"RD6" => range(6, |v| is_date(v, 6)),
        b"DT" => value.len() == 12 && is_moment(value),
        b"RDT" => range(12, is_moment),
        b"DTS" => value.len() == 14 && is_moment(value),
        b"RTS" => range(14, is_moment),
        b"TM" => value.len() == 4 && is_time(value),
        b"RTM" => range(4, is_time),
        b"TS" => value.len() == 6 && is_time(value),
        b"CY" => value.len() == 4 && all_digits(value),
        b"CM" => value.len() == 6 && is_date(&[value, b"01"].concat(), 8),
        _ => value.len() <= 35,
    }
}

/// A date and a time.
fn is_moment(value: &[u8]) -> bool {
    value.len() > 8 && is_date(&value[..8], 8) && is_time(&value[8..])
}
