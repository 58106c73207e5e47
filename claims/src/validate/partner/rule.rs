//! Rules of partners, which live as long as the process, as our own do.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::super::rule::{Ack, Rule, Severity, Snip};

type Known = BTreeMap<(Severity, &'static str, &'static str, &'static str), &'static Rule>;

/// Rules made so far: the same rule loaded again is the same value, so that reloading costs no memory.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The most rules of partners a process may know.
const RULES: usize = 16_384;

/// Returns the rule; `None` when there are too many.
pub(super) fn rule(severity: Severity, id: &str, says: &str, fix: &str) -> Option<&'static Rule> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rule) = find(&known, (severity, id, says, fix)) {
        return Some(rule);
    }
    if known.len() >= RULES {
        return None;
    }
    let own = |text: &str| -> &'static str { Box::leak(text.into()) };
    let (id, says, fix) = (own(id), own(says), own(fix));
    let rule: &'static Rule =
        Box::leak(Box::new(Rule { id, snip: Snip::Partner, severity, says, fix, ack: Ack::Unnamed }));
    known.insert((severity, id, says, fix), rule);
    Some(rule)
}

fn find<'k>(
    known: &BTreeMap<(Severity, &'k str, &'k str, &'k str), &'static Rule>,
    key: (Severity, &'k str, &'k str, &'k str),
) -> Option<&'static Rule> {
    known.get(&key).copied()
}
