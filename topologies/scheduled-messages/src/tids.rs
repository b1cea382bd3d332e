//! Keys of records, each once.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::destination::tid;
use crate::message::MessageId;

/// Hands out [TIDs](tid) of which no two are the same: each is at least a microsecond later than the one before.
///
/// Two processes may be at the same microsecond; then ten random bits of the ids tell the keys apart.
#[derive(Debug, Default)]
pub(crate) struct Tids {
    last: AtomicI64,
}

impl Tids {
    /// The key for a message that is made at `now`.
    pub(crate) fn next(&self, id: MessageId, now: Timestamp) -> String {
        let now = now.as_microsecond();
        // The closure always returns a value, so the first alternative is the only one.
        let (Ok(last) | Err(last)) =
            self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
        let at = Timestamp::from_microsecond(now.max(last + 1)).unwrap_or(Timestamp::MAX);
        tid(at, id, 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_of_one_instant_are_the_same() {
        let tids = Tids::default();
        let now = Timestamp::now();

        let keys: HashSet<_> = (0..100_000).map(|_| tids.next(MessageId::new(), now)).collect();

        assert_eq!(keys.len(), 100_000);
    }
}
