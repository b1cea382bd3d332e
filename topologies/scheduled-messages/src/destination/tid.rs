//! Keys of records: TIDs.

use jiff::Timestamp;

use crate::message::MessageId;

/// The digits, in the order of their values: text sorts as the numbers do.
const DIGITS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// How many digits of five bits make 64 bits.
const LENGTH: u32 = 13;

const CLOCK_BITS: u32 = 10;

const MICROSECONDS: u64 = (1 << 53) - 1;

/// The key of a message's record: a TID, 13 characters that sort by time.
///
/// It is made of the instant, in microseconds, and of ten bits of the id, so the same message always has the same one.
/// Two messages of an account that are due in the same microsecond may get the same; whoever stores it counts the
/// `clashes`, and the next one is tried a microsecond later with other bits of the id.
///
/// ```
/// use squall_scheduled_messages::{MessageId, tid};
///
/// let id = MessageId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
/// let due_at = "2031-01-01T09:00:00Z".parse().unwrap();
/// assert_eq!(tid(due_at, id, 0), tid(due_at, id, 0));
/// assert!(tid(due_at, id, 0) < tid(due_at, id, 1));
/// ```
pub fn tid(due_at: Timestamp, id: MessageId, clashes: u32) -> String {
    let due_at = u64::try_from(due_at.as_microsecond()).unwrap_or(0);
    let clock = id.0.as_u128() >> (clashes % 6 * CLOCK_BITS);
    let clock = u64::try_from(clock & ((1 << CLOCK_BITS) - 1)).unwrap_or(0);
    let number = ((due_at.wrapping_add(clashes.into()) & MICROSECONDS) << CLOCK_BITS) | clock;
    (0..LENGTH).rev().map(|place| digit(number >> (place * 5))).collect()
}

fn digit(number: u64) -> char {
    let value = usize::try_from(number % 32).unwrap_or(0);
    DIGITS.get(value).copied().map_or('2', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId::parse(text).unwrap()
    }

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn it_is_the_number_of_the_instant_and_the_clock_written_in_base_32() {
        let zero = id("00000000-0000-0000-0000-000000000000");
        let at = |microseconds| Timestamp::from_microsecond(microseconds).unwrap();

        assert_eq!(tid(at(0), zero, 0), "2222222222222");
        // 1024 is 1 << 10: the third digit from the right counts it.
        assert_eq!(tid(at(1), zero, 0), "2222222222322");
        assert_eq!(tid(at(0), id("00000000-0000-0000-0000-0000000003ff"), 0), "22222222222zz");
        // The latest instant of all: the first digit has one bit less than the others, and none is set beyond 53.
        assert!("234567abcdefghij".contains(&tid(Timestamp::MAX, zero, 0)[..1]));
    }

    #[test]
    fn later_instants_sort_later() {
        let instants = [
            "1969-12-31T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000001Z",
            "2200-01-01T00:00:00Z",
        ];
        let tids: Vec<_> = instants.iter().map(|at| tid(at.parse().unwrap(), id(ID), 0)).collect();

        assert!(tids.is_sorted(), "{tids:?}");
        assert!(tids.iter().all(|tid| tid.len() == 13));
    }

    #[test]
    fn clashes_never_run_out() {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let tids: std::collections::BTreeSet<_> =
            (0..10_000).map(|clashes| tid(at, id(ID), clashes)).collect();

        assert_eq!(tids.len(), 10_000);
    }
}
