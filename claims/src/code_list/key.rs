//! A code packed into one integer.

/// Up to twelve capitals and digits in base 37, the first in the highest place, so that keys sort as their codes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u64);

const BASE: u64 = 37;
const PLACES: usize = 12;

impl Key {
    /// Packs `code`; `None` for what cannot be a code of any list.
    pub(super) fn of(code: &[u8]) -> Option<Self> {
        if code.is_empty() || code.len() > PLACES {
            return None;
        }
        let mut key = 0;
        for byte in code {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0' + 1,
                b'A'..=b'Z' => byte - b'A' + 11,
                _ => return None,
            };
            key = key * BASE + u64::from(digit);
        }
        Some(Self(key * POWERS[PLACES - code.len()]))
    }

    /// Returns whether this is the beginning of `other`, and shorter.
    pub(super) fn heads(self, other: Self) -> bool {
        let free = POWERS.iter().take_while(|power| self.0.is_multiple_of(**power)).last().copied().unwrap_or(1);
        other.0 > self.0 && other.0 - self.0 < free
    }
}

/// Powers of the base.
const POWERS: [u64; PLACES] = {
    let mut powers = [1; PLACES];
    let mut at = 1;
    while at < PLACES {
        powers[at] = powers[at - 1] * BASE;
        at += 1;
    }
    powers
};
