//! What the answer of a receiver means for a message.

use jiff::Timestamp;
use squall_connect::http::Answer;

use crate::destination::answer::describe;
use crate::destination::{Attempt, Outcome, RateHints, Reply, Scope};

/// Tells what an answer means.
pub(super) fn judge(answer: &Answer, attempt: Attempt<'_>, is_keyed: bool, now: Timestamp) -> Reply {
    let hints = RateHints::read(&answer.headers, now, Scope::Destination);
    let error = describe(answer);
    let may_be_a_copy = is_keyed && attempt.is_in_doubt;
    let outcome = match answer.status.as_u16() {
        200..300 => Outcome::Accepted { receipt: None },
        // Timeout of the request, too early, too many: the receiver itself says "not now".
        408 | 425 | 429 => Outcome::Busy { error, after: hints.pause(), scope: Scope::Destination },
        // A receiver that is still at work on an earlier attempt answers so; without one, it is a no of its own.
        409 if may_be_a_copy => Outcome::Unknown {
            error: format!("{error} (an earlier attempt with this key may still be worked on)"),
        },
        422 if may_be_a_copy => Outcome::Refused {
            error: format!("{error} (an earlier attempt may have arrived with another content and this key)"),
        },
        300..500 => Outcome::Refused { error },
        _ => Outcome::Unknown { error },
    };
    Reply { outcome, hints }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::destination::answer::tests::answer;
    use crate::destination::attempt::tests::attempt;

    fn judge(status: u16, headers: &[(&'static str, &str)]) -> Outcome {
        super::judge(&answer(status, headers, ""), attempt(), true, Timestamp::now()).outcome
    }

    fn judge_copy(status: u16, is_keyed: bool) -> Outcome {
        let copy = Attempt { is_in_doubt: true, ..attempt() };
        super::judge(&answer(status, &[], ""), copy, is_keyed, Timestamp::now()).outcome
    }

    #[test]
    fn only_a_2xx_is_a_delivery() {
        for status in [200, 201, 202, 204] {
            assert_eq!(judge(status, &[]), Outcome::Accepted { receipt: None });
        }
    }

    #[test]
    fn not_now_is_told_apart_from_nobody_knows() {
        for status in [408, 425, 429] {
            assert!(matches!(judge(status, &[]), Outcome::Busy { after: None, .. }), "{status}");
        }
        for status in [500, 501, 502, 503, 504, 599, 999] {
            assert!(matches!(judge(status, &[]), Outcome::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn all_else_is_final() {
        for status in [300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422] {
            assert!(matches!(judge(status, &[]), Outcome::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn a_conflict_is_open_only_while_an_earlier_attempt_may_be_under_way() {
        assert!(matches!(judge_copy(409, true), Outcome::Unknown { .. }));
        assert!(matches!(judge_copy(409, false), Outcome::Refused { .. }));
        let Outcome::Refused { error } = judge_copy(422, true) else { panic!() };
        assert!(error.contains("with another content"), "{error}");
    }

    #[test]
    fn a_pause_is_heeded_and_told() {
        let limited = judge(429, &[("retry-after", "7")]);
        assert!(
            matches!(limited, Outcome::Busy { after: Some(after), scope: Scope::Destination, .. } if after.as_secs() == 7)
        );

        let failing =
            super::judge(&answer(503, &[("retry-after", "7")], ""), attempt(), true, Timestamp::now());
        assert_eq!(failing.hints.retry_after, Some(Duration::from_secs(7)));
    }
}
