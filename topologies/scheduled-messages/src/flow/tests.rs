use squall_ops::prometheus::core::Collector;

use super::*;
use crate::destination::{Outcome, Quota, RateHints, Scope};

const SECOND: Duration = Duration::from_secs(1);

fn flow(allowance: Allowance) -> Flow {
    let names = ["a", "b"].map(|name| (name.to_owned(), allowance));
    Flow::new(names, &Tally::new().unwrap())
}

fn slots(in_flight: u32) -> Flow {
    flow(Allowance { in_flight, ..Allowance::default() })
}

fn rate(messages: u32, window: Duration) -> Flow {
    flow(Allowance { account_rate: Some(Quota { messages, window }), ..Allowance::default() })
}

fn admit(flow: &Flow, account: &str, lane: Lane, now: Instant) -> Admission {
    flow.admit("a", account, lane, None, now)
}

#[track_caller]
fn go(flow: &Flow, account: &str, lane: Lane, now: Instant) -> Permit {
    match admit(flow, account, lane, now) {
        Admission::Go(permit) => permit,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn wait(flow: &Flow, account: &str, lane: Lane, now: Instant) -> Duration {
    match admit(flow, account, lane, now) {
        Admission::NotBefore(at) => at - now,
        other => panic!("{other:?}"),
    }
}

fn is_full(flow: &Flow, lane: Lane, now: Instant) -> bool {
    matches!(admit(flow, "alice", lane, now), Admission::WhenOneEnds(_))
}

fn accepted() -> Reply {
    Outcome::Accepted { receipt: None }.into()
}

fn refused() -> Reply {
    Outcome::Refused { error: String::new() }.into()
}

fn unknown() -> Reply {
    Outcome::Unknown { error: String::new() }.into()
}

fn busy(scope: Scope, after: Option<Duration>) -> Reply {
    Outcome::Busy { error: String::new(), after, scope }.into()
}

fn left(remaining: u64, resets_in: Duration, scope: Scope) -> Reply {
    let hints = RateHints {
        limit: Some(100),
        remaining: Some(remaining),
        resets_in: Some(resets_in),
        scope,
        ..RateHints::default()
    };
    Reply { hints, ..accepted() }
}

fn break_down(flow: &Flow, now: Instant) {
    for _ in 0..5 {
        flow.report("a", "alice", &unknown(), now);
    }
}

fn breaker(flow: &Flow, now: Instant) -> BreakerState {
    flow.overview(now, Timestamp::UNIX_EPOCH).remove(0).breaker
}

#[test]
fn a_destination_that_hangs_holds_no_other_up() {
    let (flow, now) = (slots(3), Instant::now());
    let hanging: Vec<_> = (0..3).map(|_| go(&flow, "alice", Lane::First, now)).collect();

    assert!(matches!(admit(&flow, "alice", Lane::First, now), Admission::WhenOneEnds(Scope::Destination)));
    assert!(matches!(flow.admit("b", "alice", Lane::First, None, now), Admission::Go(_)));

    drop(hanging);
    assert!(!is_full(&flow, Lane::First, now));
}

#[test]
fn further_attempts_hold_a_quarter_and_never_the_last_slot() {
    let (flow, now) = (slots(8), Instant::now());
    let again: Vec<_> = (0..2).map(|_| go(&flow, "alice", Lane::Again, now)).collect();
    assert!(is_full(&flow, Lane::Again, now));
    drop(again);

    let _first: Vec<_> = (0..7).map(|_| go(&flow, "alice", Lane::First, now)).collect();
    assert!(is_full(&flow, Lane::Again, now), "the last one is not for it");
    let _last = go(&flow, "alice", Lane::First, now);
}

#[test]
fn a_single_slot_is_for_both_lanes() {
    let (flow, now) = (slots(1), Instant::now());

    let permit = go(&flow, "alice", Lane::Again, now);
    assert!(is_full(&flow, Lane::First, now));
    drop(permit);
    let _permit = go(&flow, "alice", Lane::First, now);
}

#[test]
fn an_account_may_have_slots_of_its_own() {
    let flow = flow(Allowance { account_in_flight: Some(1), ..Allowance::default() });
    let now = Instant::now();

    let permit = go(&flow, "alice", Lane::First, now);
    assert!(matches!(admit(&flow, "alice", Lane::First, now), Admission::WhenOneEnds(Scope::Account)));
    let _other = go(&flow, "bob", Lane::First, now);
    drop(permit);
    let _permit = go(&flow, "alice", Lane::First, now);
}

#[test]
fn a_permit_comes_back_from_a_panic() {
    let (flow, now) = (slots(1), Instant::now());
    let permit = go(&flow, "alice", Lane::First, now);

    let sender = std::thread::spawn(move || {
        let _permit = permit;
        panic!("this is meant to happen");
    });

    assert!(sender.join().is_err());
    assert!(!is_full(&flow, Lane::First, now));
}

#[test]
fn an_account_that_is_told_to_wait_rests_alone() {
    let (flow, now) = (slots(8), Instant::now());

    flow.report("a", "alice", &busy(Scope::Account, Some(7 * SECOND)), now);

    assert_eq!(wait(&flow, "alice", Lane::First, now), 7 * SECOND);
    let _bob = go(&flow, "bob", Lane::First, now);
    let _alice = go(&flow, "alice", Lane::First, now + 7 * SECOND);
}

#[test]
fn a_destination_that_asks_to_be_left_alone_is() {
    let (flow, now) = (slots(8), Instant::now());

    flow.report("a", "alice", &busy(Scope::Destination, Some(7 * SECOND)), now);
    flow.report("a", "alice", &busy(Scope::Destination, Some(SECOND)), now);

    assert_eq!(wait(&flow, "bob", Lane::First, now), 7 * SECOND);
    let resting = flow.overview(now, Timestamp::UNIX_EPOCH)[0].resting_until;
    assert_eq!(resting, Some("1970-01-01T00:00:07Z".parse().unwrap()));
    let _bob = go(&flow, "bob", Lane::First, now + 7 * SECOND);
}

#[test]
fn a_pause_asked_for_with_any_answer_is_heeded() {
    let (flow, now) = (slots(8), Instant::now());
    let hints = RateHints { retry_after: Some(9 * SECOND), scope: Scope::Account, ..RateHints::default() };

    flow.report("a", "alice", &Reply { hints, ..unknown() }, now);

    assert_eq!(wait(&flow, "alice", Lane::First, now), 9 * SECOND);
    let _bob = go(&flow, "bob", Lane::First, now);
}

#[test]
fn what_has_nothing_left_rests_until_the_reset() {
    for scope in [Scope::Account, Scope::Destination] {
        let (flow, now) = (slots(8), Instant::now());

        flow.report("a", "alice", &left(0, 30 * SECOND, scope), now);

        assert_eq!(wait(&flow, "alice", Lane::First, now), 30 * SECOND, "{scope:?}");
        let is_alone = matches!(admit(&flow, "bob", Lane::First, now), Admission::Go(_));
        assert_eq!(is_alone, scope == Scope::Account);
        let _alice = go(&flow, "alice", Lane::First, now + 30 * SECOND);
    }
}

#[test]
fn what_has_little_left_is_paced_evenly_until_the_reset() {
    let (flow, start) = (slots(8), Instant::now());
    flow.report("a", "alice", &left(4, 50 * SECOND, Scope::Account), start);

    let mut now = start;
    let mut gone = Vec::new();
    while gone.len() < 6 {
        match admit(&flow, "alice", Lane::First, now) {
            Admission::Go(_) => gone.push((now - start).as_secs()),
            Admission::NotBefore(at) => now = at,
            Admission::WhenOneEnds(_) => panic!(),
        }
    }

    assert_eq!(gone, [10, 20, 30, 40, 50, 50], "after the reset nothing is known");
}

#[test]
fn what_has_plenty_left_is_not_slowed_until_it_has_little() {
    let (flow, now) = (slots(200), Instant::now());
    flow.report("a", "alice", &left(60, 50 * SECOND, Scope::Account), now);

    let gone: Vec<_> = (0..50).map(|_| go(&flow, "alice", Lane::First, now)).collect();

    assert_eq!(gone.len(), 50);
    assert!(wait(&flow, "alice", Lane::First, now) > SECOND, "10 of 100 are left");
}

#[test]
fn an_answer_that_was_overtaken_gives_nothing_back() {
    let (flow, now) = (slots(8), Instant::now());

    flow.report("a", "alice", &left(0, 30 * SECOND, Scope::Account), now);
    flow.report("a", "alice", &left(1, 31 * SECOND, Scope::Account), now);
    assert!(wait(&flow, "alice", Lane::First, now) >= 30 * SECOND);

    flow.report("a", "alice", &left(90, 90 * SECOND, Scope::Account), now);
    let _next_window = go(&flow, "alice", Lane::First, now);
}

#[test]
fn a_configured_rate_is_a_bucket_that_fills_evenly() {
    let (flow, now) = (rate(30, 300 * SECOND), Instant::now());

    let gone: Vec<_> = (0..30).map(|_| go(&flow, "alice", Lane::First, now)).collect();

    assert_eq!(gone.len(), 30);
    assert_eq!(wait(&flow, "alice", Lane::First, now), 10 * SECOND);
    let _bob = go(&flow, "bob", Lane::First, now);
    let _next = go(&flow, "alice", Lane::First, now + 10 * SECOND);
    assert_eq!(wait(&flow, "alice", Lane::First, now + 10 * SECOND), 10 * SECOND);
}

#[test]
fn a_token_is_not_spent_on_a_message_that_may_not_go() {
    let quota = Quota { messages: 2, window: 60 * SECOND };
    let flow = flow(Allowance { in_flight: 1, account_rate: Some(quota), ..Allowance::default() });
    let now = Instant::now();

    let permit = go(&flow, "alice", Lane::First, now);
    for _ in 0..10 {
        assert!(is_full(&flow, Lane::First, now));
    }
    drop(permit);

    let _second = go(&flow, "alice", Lane::First, now);
}

#[test]
fn further_attempts_let_first_ones_have_the_token() {
    let (flow, now) = (rate(1, 10 * SECOND), Instant::now());
    drop(go(&flow, "alice", Lane::Again, now));
    assert_eq!(wait(&flow, "alice", Lane::Again, now), 10 * SECOND, "nobody else waits");

    assert_eq!(wait(&flow, "alice", Lane::First, now), 10 * SECOND);
    let then = now + 10 * SECOND;
    let behind = wait(&flow, "alice", Lane::Again, then);

    drop(go(&flow, "alice", Lane::First, then));
    assert!(behind > Duration::ZERO && behind < SECOND);
    drop(go(&flow, "alice", Lane::Again, then + 10 * SECOND));
}

#[test]
fn late_messages_of_an_account_are_spread_and_others_are_not() {
    let (flow, now) = (slots(8), Instant::now());
    let late = |account: &str, now| flow.admit("a", account, Lane::First, Some(60 * SECOND), now);

    assert!(matches!(late("alice", now), Admission::Go(_)));
    assert!(matches!(late("alice", now), Admission::NotBefore(at) if at == now + 60 * SECOND));
    assert!(matches!(late("bob", now), Admission::Go(_)));
    let _punctual = go(&flow, "alice", Lane::First, now);
    assert!(matches!(late("alice", now + 60 * SECOND), Admission::Go(_)));
}

#[test]
fn five_failures_in_a_row_open_the_breaker_and_an_answer_between_does_not() {
    let (flow, now) = (slots(8), Instant::now());
    for reply in [accepted(), refused(), busy(Scope::Account, None)] {
        for _ in 0..4 {
            flow.report("a", "alice", &unknown(), now);
        }
        flow.report("a", "alice", &reply, now);
    }
    assert_eq!(breaker(&flow, now), BreakerState::Closed);

    for _ in 0..5 {
        flow.report("a", "alice", &busy(Scope::Destination, None), now);
    }

    assert!(matches!(breaker(&flow, now), BreakerState::Open { .. }));
    assert!(wait(&flow, "bob", Lane::First, now) <= SECOND);
    assert!(matches!(flow.admit("b", "bob", Lane::First, None, now), Admission::Go(_)));
}

#[test]
fn one_message_at_a_time_tries_a_destination_that_was_down() {
    let (flow, now) = (slots(8), Instant::now());
    break_down(&flow, now);
    let then = now + wait(&flow, "alice", Lane::First, now);

    let probe = go(&flow, "alice", Lane::Again, then);
    assert_eq!(breaker(&flow, then), BreakerState::HalfOpen);
    assert!(is_full(&flow, Lane::First, then));
    drop(probe);
    let probe = go(&flow, "alice", Lane::First, then);
    assert!(is_full(&flow, Lane::First, then), "the one before was never heard of");

    flow.report("a", "alice", &refused(), then);
    drop(probe);
    assert_eq!(breaker(&flow, then), BreakerState::Closed);
    let _both = [go(&flow, "alice", Lane::First, then), go(&flow, "alice", Lane::First, then)];
}

#[test]
fn a_probe_that_fails_doubles_the_pause_up_to_a_minute() {
    let (flow, mut now) = (slots(8), Instant::now());
    break_down(&flow, now);
    for exact in [1, 2, 4, 8, 16, 32, 60, 60] {
        let pause = wait(&flow, "alice", Lane::First, now);
        assert!(pause <= exact * SECOND && pause >= exact * SECOND / 2, "{pause:?} for {exact} s");
        now += pause;
        let probe = go(&flow, "alice", Lane::First, now);
        flow.report("a", "alice", &unknown(), now);
        drop(probe);
    }

    let then = now + 60 * SECOND;
    let probe = go(&flow, "alice", Lane::First, then);
    flow.report("a", "alice", &accepted(), then);
    drop(probe);
    break_down(&flow, then);
    assert!(wait(&flow, "alice", Lane::First, then) <= SECOND, "it was alive in between");
}

#[test]
fn there_is_never_a_second_probe_beside_one_that_hangs() {
    let (flow, now) = (slots(8), Instant::now());
    break_down(&flow, now);
    let then = now + wait(&flow, "alice", Lane::First, now);
    let hanging = go(&flow, "alice", Lane::First, then);

    // Of an attempt that began before the breaker opened.
    flow.report("a", "alice", &unknown(), then);
    let later = then + wait(&flow, "alice", Lane::First, then);
    assert!(is_full(&flow, Lane::First, later));

    drop(hanging);
    let _next = go(&flow, "alice", Lane::First, later);
}

#[test]
fn a_destination_that_is_not_configured_is_no_obstacle_and_leaves_no_trace() {
    let (flow, now) = (slots(1), Instant::now());

    let permits: Vec<_> = (0..10).map(|_| flow.admit("gone", "alice", Lane::First, None, now)).collect();
    flow.report("gone", "alice", &unknown(), now);
    flow.accepted("gone", SECOND);

    assert!(permits.iter().all(|admission| matches!(admission, Admission::Go(_))));
    assert_eq!(flow.overview(now, Timestamp::UNIX_EPOCH).len(), 2);
}

#[test]
fn accounts_that_need_not_be_remembered_are_forgotten() {
    let (flow, start) = (rate(5, SECOND), Instant::now());

    for n in 0..20_000_u32 {
        let _permit = go(&flow, &format!("account-{n}"), Lane::First, start + n * SECOND / 1000);
    }

    let known = flow.overview(start, Timestamp::UNIX_EPOCH)[0].accounts;
    assert!(known <= 2 * 1100, "{known} are known; a second's worth is 1000");
}

#[test]
fn accounts_are_bounded_and_those_that_rest_longest_are_kept() {
    let (flow, now) = (slots(8), Instant::now());
    let rest = |name: &str, seconds: u32| {
        flow.report("a", name, &busy(Scope::Account, Some(seconds * SECOND)), now);
    };

    rest("longest", 3600);
    for n in 0..250_000 {
        rest(&format!("account-{n}"), 1 + n % 1000);
    }

    assert!(flow.overview(now, Timestamp::UNIX_EPOCH)[0].accounts <= accounts::CAPACITY);
    assert_eq!(wait(&flow, "longest", Lane::First, now), 3600 * SECOND);
}

#[test]
fn everything_is_told_to_prometheus_and_to_the_overview() {
    let tally = Tally::new().unwrap();
    let made = || Flow::new([("a".to_owned(), Allowance::default())], &tally);
    let (flow, now) = (made(), Instant::now());
    let _permit = go(&flow, "alice", Lane::Again, now);
    for reply in [accepted(), refused(), busy(Scope::Account, None), unknown()] {
        flow.report("a", "alice", &reply, now);
    }
    flow.accepted("a", Duration::from_millis(20));
    break_down(&flow, now);

    let told = |flow: &Flow| {
        squall_ops::prometheus::TextEncoder::new().encode_to_string(&tally.collector(flow).collect()).unwrap()
    };
    for line in [
        r#"squall_messages_attempts_total{destination="a",outcome="accepted"} 1"#,
        r#"squall_messages_attempts_total{destination="a",outcome="refused"} 1"#,
        r#"squall_messages_attempts_total{destination="a",outcome="busy"} 1"#,
        r#"squall_messages_attempts_total{destination="a",outcome="unknown"} 6"#,
        r#"squall_messages_lateness_seconds_bucket{destination="a",le="0.01"} 0"#,
        r#"squall_messages_lateness_seconds_bucket{destination="a",le="0.025"} 1"#,
        r#"squall_messages_lateness_seconds_bucket{destination="a",le="3600"} 1"#,
        r#"squall_destination_in_flight{destination="a"} 1"#,
        r#"squall_destination_breaker_open{destination="a"} 1"#,
    ] {
        assert!(told(&flow).lines().any(|told| told == line), "{line} is not in {}", told(&flow));
    }

    let seen = flow.overview(now, Timestamp::UNIX_EPOCH).remove(0);
    assert_eq!((seen.in_flight, seen.again_in_flight, seen.limit), (1, 1, 64));
    assert_eq!((seen.attempts.accepted, seen.attempts.unknown), (1, 6));
    assert_eq!(seen.lateness.count, 1);
    assert!((seen.lateness.p50_seconds - 0.02).abs() < 0.0002, "{:?}", seen.lateness);

    let anew = made();
    assert!(told(&anew).contains(r#"outcome="unknown"} 6"#), "counters go on");
    assert!(told(&anew).contains(r#"squall_destination_in_flight{destination="a"} 0"#));
}
