//! Moments computed from others, without overflow at the ends of the calendar.

use chrono::{DateTime, TimeDelta, Utc};

/// Returns the moment so long after another, or the last one there is.
pub(crate) fn after(moment: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    moment.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Returns the moment so long before another, or the first one there is.
pub(crate) fn before(moment: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    moment.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
