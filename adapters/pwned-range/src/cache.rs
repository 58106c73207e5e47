//! Answers kept for a while, so that the same prefix is not asked for at every keystroke.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mentalspace_auth_policy::password::{RangeAnswer, RangePrefix};

/// A bounded number of answers; the least recently read goes first.
#[derive(Debug)]
pub(crate) struct Cache {
    most: usize,
    time: Duration,
    answers: Mutex<BTreeMap<RangePrefix, Kept>>,
}

#[derive(Debug)]
struct Kept {
    answer: Arc<RangeAnswer>,
    since: Instant,
    read: Instant,
}

impl Cache {
    pub(crate) fn new(most: usize, time: Duration) -> Self {
        Self { most, time, answers: Mutex::default() }
    }

    pub(crate) fn find(&self, prefix: RangePrefix, now: Instant) -> Option<Arc<RangeAnswer>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = answers.get_mut(&prefix)?;
        if now.duration_since(kept.since) >= self.time {
            answers.remove(&prefix);
            return None;
        }
        kept.read = now;
        Some(kept.answer.clone())
    }

    pub(crate) fn keep(&self, prefix: RangePrefix, answer: Arc<RangeAnswer>, now: Instant) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.most == 0 {
            return;
        }
        while answers.len() >= self.most && !answers.contains_key(&prefix) {
            let Some(oldest) = answers.iter().min_by_key(|(_, kept)| kept.read).map(|(prefix, _)| *prefix) else {
                break;
            };
            answers.remove(&oldest);
        }
        answers.insert(prefix, Kept { answer, since: now, read: now });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use mentalspace_auth_policy::password::{NormalizedPassword, RangeAnswer, RangePrefix, RangeQuery};

    use super::Cache;

    fn prefix(text: &str) -> RangePrefix {
        RangeQuery::of(&NormalizedPassword::attempt(&text.into()).unwrap()).prefix()
    }

    #[test]
    fn answers_are_few_and_do_not_last() {
        let cache = Cache::new(2, Duration::from_secs(60));
        let answer = Arc::new(RangeAnswer::parse(&[b'A'; 35]).unwrap());
        let (a, b, c) = (prefix("a"), prefix("b"), prefix("c"));
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        cache.keep(a, answer.clone(), at(0));
        cache.keep(b, answer.clone(), at(1));
        assert!(cache.find(a, at(2)).is_some());
        cache.keep(c, answer, at(3));
        assert!(cache.find(b, at(4)).is_none(), "b was read least recently");
        assert!(cache.find(a, at(59)).is_some());
        assert!(cache.find(a, at(60)).is_none(), "a minute is over");
        assert!(cache.find(c, at(60)).is_some());
    }
}
