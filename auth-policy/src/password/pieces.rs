//! Predictable pieces: whether a whole text is nothing but words, keyboard walks, runs and a little filler.
//!
//! This judges the entire password and derivatives of a list entry, never a mere substring of it, as
//! NIST SP 800-63B-4 §3.1.1.2 asks.

/// Digits and signs between and around the pieces that make nobody think twice: a year, a date, an exclamation mark.
const MAX_FILLER: u8 = 8;
/// The shortest keyboard walk, run or repetition that counts as one.
const MIN_WALK: usize = 4;
/// A text that repeats a block this short is predictable whatever the block is.
const MAX_REPEATED_BLOCK: usize = 4;
/// No word at all, then up to two counted words.
const LEVELS: usize = 4;

/// Paths of a finger or of the alphabet; any part of one, forwards or backwards, is a walk.
const WALKS: [&str; 30] = [
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
    "`1234567890-=",
    "~!@#$%^&*()_+",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qwertzuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm*ik<(ol>)p:?",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qawsedrftgyhujikolp",
    "azsxdcfvgbhnjmk",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "zaqxswcdevfrbgtnhymju",
    "147258369",
    "789456123",
    "741852963",
    "123654789",
    "159357",
    "102030405060",
    "112233445566778899",
    "aabbccddeeff",
    "abc123def456",
    "a1b2c3d4e5f6",
];

/// What pieces are looked for.
pub(super) struct Vocabulary<'a> {
    words: Vec<&'a str>,
    walks: bool,
    counted: bool,
}

impl<'a> Vocabulary<'a> {
    /// Any number of these words.
    pub(super) fn of_words(words: impl Iterator<Item = &'a str>) -> Self {
        Self { words: words.collect(), walks: false, counted: false }
    }

    /// At most two of these words (a phrase of more is a passphrase, for the estimator to judge) and any walks.
    pub(super) fn of_common(words: impl Iterator<Item = &'a str>) -> Self {
        Self { words: words.collect(), walks: true, counted: true }
    }

    /// Tells whether the lower-case text consists of at least one piece and of little besides.
    pub(super) fn covers(&self, text: &[char]) -> bool {
        let block = period(text);
        let repeated = text.len() >= 2 * MIN_WALK && block <= MAX_REPEATED_BLOCK;
        if self.walks && repeated {
            return true;
        }
        self.covers_once(text) || (block < text.len() && self.covers_once(&text[..block]))
    }

    /// Walks the text once; `least[i][level]` is the least filler with which position `i` is reached.
    /// Level 0 has seen filler only, level n + 1 has used n counted words and at least one piece.
    fn covers_once(&self, text: &[char]) -> bool {
        let mut least = vec![[u8::MAX; LEVELS]; text.len() + 1];
        least[0][0] = 0;
        for start in 0..text.len() {
            let here = least[start];
            if here.iter().all(|&filler| filler > MAX_FILLER) {
                continue;
            }
            if !text[start].is_alphabetic() {
                for (level, &filler) in here.iter().enumerate() {
                    improve(&mut least[start + 1][level], filler.saturating_add(1));
                }
            }
            let rest = &text[start..];
            for word in &self.words {
                let Some(length) = word_length(rest, word) else {
                    continue;
                };
                for (level, &filler) in here.iter().enumerate() {
                    let next = match (level, self.counted) {
                        (0, false) => 1,
                        (0, true) => 2,
                        (level, counted) => level + usize::from(counted),
                    };
                    if let Some(cell) = least[start + length].get_mut(next) {
                        improve(cell, filler);
                    }
                }
            }
            if self.walks {
                for length in MIN_WALK..=longest_walk(rest) {
                    for (level, &filler) in here.iter().enumerate() {
                        improve(&mut least[start + length][level.max(1)], filler);
                    }
                }
            }
        }
        least[text.len()][1..].iter().any(|&filler| filler <= MAX_FILLER)
    }
}

fn improve(cell: &mut u8, filler: u8) {
    *cell = filler.min(*cell);
}

/// Returns the length of `word` when the text starts with it, spelled forwards or backwards, with look-alikes.
fn word_length(text: &[char], word: &str) -> Option<usize> {
    let length = word.chars().count();
    let head = text.get(..length)?;
    let alike = |(&c, w): (&char, char)| c == w || looks_like(c, w);
    let forwards = head.iter().zip(word.chars()).all(alike);
    (forwards || head.iter().zip(word.chars().rev()).all(alike)).then_some(length)
}

fn looks_like(sign: char, letter: char) -> bool {
    matches!(
        (sign, letter),
        ('@' | '4', 'a')
            | ('8', 'b')
            | ('(', 'c')
            | ('3', 'e')
            | ('6' | '9', 'g')
            | ('1' | '!' | '|', 'i' | 'l')
            | ('0', 'o')
            | ('$' | '5', 's')
            | ('7' | '+', 't')
            | ('2', 'z')
    )
}

/// Returns the length of the longest walk or repetition of one character that the text starts with.
fn longest_walk(text: &[char]) -> usize {
    let Some(&first) = text.first() else {
        return 0;
    };
    let repeated = text.iter().take_while(|&&c| c == first).count();
    WALKS
        .iter()
        .flat_map(|walk| [shared(text, walk.chars()), shared(text, walk.chars().rev())])
        .fold(repeated, usize::max)
}

/// Returns the longest start of `text` that occurs anywhere on the walk.
fn shared(text: &[char], walk: impl Iterator<Item = char> + Clone) -> usize {
    let mut longest = 0;
    let mut from = walk;
    loop {
        let common = from.clone().zip(text).take_while(|(step, c)| step == *c).count();
        longest = longest.max(common);
        if from.next().is_none() {
            return longest;
        }
    }
}

/// Returns the length of the shortest block whose repetition, possibly cut off at the end, is the text.
fn period(text: &[char]) -> usize {
    (1..text.len()).find(|&block| text.iter().zip(&text[block..]).all(|(a, b)| a == b)).unwrap_or(text.len())
}
