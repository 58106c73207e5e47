//! The strength of a password: how many guesses a skilled attacker needs, and what would make it better.
//!
//! Invariant: the estimator sees at most 48 code points and 20 words of 64 characters, because its time grows faster
//! than its input; the guesses themselves are not shown, because they saturate.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;
use zxcvbn::feedback::{Suggestion, Warning};

use super::{Context, NormalizedPassword};

const MAX_ESTIMATED_CHARS: usize = 48;

/// An estimate of the guesses a password withstands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Strength {
    /// From 0 (guessed at once) to 4 (more than 10¹⁰ guesses).
    pub score: u8,
    /// The decimal logarithm of the guesses, from 0 to 19.3 where the estimate saturates.
    pub guesses_log10: f64,
    /// What would help, most specific first; empty for a good password.
    pub advice: Vec<Advice>,
}

/// Estimates the strength of a password for an account with these words around it.
///
/// Takes well under a millisecond on typical input and some 100 ms of processor time on the worst: run it off the
/// request loop, bound how many run at once and limit the rate of a form that calls it. The first call builds the dictionaries (some 100 ms): call it once at start.
/// The estimator knows recent years by the system clock, read once.
#[must_use]
pub fn strength(candidate: &NormalizedPassword, context: &Context) -> Strength {
    let prefix: Zeroizing<String> = Zeroizing::new(candidate.expose().chars().take(MAX_ESTIMATED_CHARS).collect());
    let words: Vec<&str> = context.words().collect();
    let estimate = zxcvbn::zxcvbn(&prefix, &words);
    let mut advice = Vec::new();
    if let Some(feedback) = estimate.feedback() {
        let warning = feedback.warning().map(Advice::from_warning);
        let suggestions = feedback.suggestions().iter().copied();
        for item in warning.into_iter().chain(suggestions.map(Advice::from_suggestion)) {
            if !advice.contains(&item) {
                advice.push(item);
            }
        }
    }
    Strength { score: u8::from(estimate.score()), guesses_log10: estimate.guesses_log10().max(0.0), advice }
}

/// One thing to do or to avoid, displayed as a sentence for the person who chooses the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// Longer is better.
    AddWords,
    /// Several unrelated words.
    UnrelatedWords,
    /// Common passwords are tried first.
    CommonPassword,
    /// One word alone is in every dictionary.
    SingleWord,
    /// Names are in every list.
    Names,
    /// Neighbouring keys.
    Keyboard,
    /// Repetition.
    Repetition,
    /// Sequences.
    Sequence,
    /// Years and dates.
    Dates,
    /// Capital letters.
    Capitals,
    /// Reversed words.
    Reversed,
    /// Look-alike characters.
    LookAlikes,
}

impl Advice {
    fn from_warning(warning: Warning) -> Self {
        match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Self::Keyboard,
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
                Self::Repetition
            }
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword => Self::CommonPassword,
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::Dates,
            Warning::AWordByItselfIsEasyToGuess => Self::SingleWord,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
                Self::Names
            }
        }
    }

    fn from_suggestion(suggestion: Suggestion) -> Self {
        match suggestion {
            Suggestion::UseAFewWordsAvoidCommonPhrases | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => {
                Self::UnrelatedWords
            }
            Suggestion::AddAnotherWordOrTwo => Self::AddWords,
            Suggestion::CapitalizationDoesntHelpVeryMuch
            | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => Self::Capitals,
            Suggestion::ReversedWordsArentMuchHarderToGuess => Self::Reversed,
            Suggestion::PredictableSubstitutionsDontHelpVeryMuch => Self::LookAlikes,
            Suggestion::UseALongerKeyboardPatternWithMoreTurns => Self::Keyboard,
            Suggestion::AvoidRepeatedWordsAndCharacters => Self::Repetition,
            Suggestion::AvoidSequences => Self::Sequence,
            Suggestion::AvoidRecentYears
            | Suggestion::AvoidYearsThatAreAssociatedWithYou
            | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Self::Dates,
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddWords => "Add one or two more words, the less usual the better.",
            Self::UnrelatedWords => "Try four or more words that have nothing to do with each other.",
            Self::CommonPassword => "Stay away from passwords that many people use.",
            Self::SingleWord => "Use more than one word.",
            Self::Names => "Names of people are tried early; leave them out.",
            Self::Keyboard => "Keys that lie next to each other are tried early.",
            Self::Repetition => "Repeating letters or words adds almost nothing.",
            Self::Sequence => "Leave out runs such as abcd or 9876.",
            Self::Dates => "Leave out years and dates, above all your own.",
            Self::Capitals => "Capital letters add very little.",
            Self::Reversed => "Writing a word backwards adds very little.",
            Self::LookAlikes => "Swapping letters for similar signs, such as @ for a, adds very little.",
        })
    }
}
