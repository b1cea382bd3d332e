//! Answers that come in the same instant as the end of their time.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use squall::{RestartPolicy, RetryPolicy};
use squall_testkit::{Feeder, virtual_time};
use squall_tests::{ms, start};
use tokio::{
    sync::oneshot,
    task::{spawn_local, yield_now},
};

use super::*;

/// The time limit of a call, in milliseconds.
const LIMIT: u64 = 100;

/// What a far service answers to one attempt, and when.
#[derive(Clone, Copy, Debug)]
struct Plan {
    after: u64,
    /// Its timer was set before that of the limit.
    is_early: bool,
    /// Turns of the thread that it takes to answer when its time has come.
    turns: usize,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Never,
    Crash,
}

/// An attempt, and the answer that the bolt took, if it took one.
#[derive(Clone, Copy, Debug)]
struct Made {
    value: u64,
    plan: Plan,
    taken: bool,
}

/// Answers as planned, and books which answers were taken.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Vec<Made>>>);

impl Service {
    /// Takes up one attempt; its answer comes over a channel, from another task.
    async fn ask(&self, value: u64, plan: Plan) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        let at = {
            let mut made = self.0.lock().unwrap();
            made.push(Made { value, plan, taken: false });
            made.len() - 1
        };
        let mut timer = Box::pin(sleep(ms(plan.after)));
        if plan.is_early {
            std::future::poll_fn(|cx| {
                assert!(plan.after == 0 || timer.as_mut().poll(cx).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        }
        let service = self.clone();
        spawn_local(async move {
            timer.await;
            for _ in 0..plan.turns {
                yield_now().await;
            }
            let taken = sender.send(plan.answer).is_ok();
            service.0.lock().unwrap()[at].taken = taken;
        });
        receiver
    }

    fn attempts(&self, value: u64) -> Vec<Made> {
        self.0.lock().unwrap().iter().filter(|made| made.value == value).copied().collect()
    }
}

struct Asking {
    service: Service,
    plans: Arc<Vec<Vec<Plan>>>,
}

impl ConcurrentBolt for Asking {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, value: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        let plan = self.plans[value as usize][self.service.attempts(value).len()];
        out.emit(value);
        match self.service.ask(value, plan).await.await? {
            Answer::Yes => Ok(()),
            Answer::No => Err(Error::retryable("no")),
            Answer::Never => Err(Error::permanent("never")),
            Answer::Crash => panic!("crashed as told"),
        }
    }
}

#[derive(Clone, Debug)]
struct Case {
    concurrency: usize,
    is_ordered: bool,
    is_keyed: bool,
    attempts: u32,
    /// By root and attempt.
    plans: Vec<Vec<Plan>>,
}

fn cases() -> impl Strategy<Value = Case> {
    use Answer::{Crash, Never, No, Yes};
    let after = select(vec![0, 1, LIMIT - 1, LIMIT, LIMIT, LIMIT, LIMIT, LIMIT + 1, 5 * LIMIT]);
    let answer = select(vec![Yes, Yes, Yes, No, No, Never, Crash]);
    let plan = (after, any::<bool>(), 0..4_usize, answer).prop_map(|(after, is_early, turns, answer)| Plan {
        after,
        is_early,
        turns,
        answer,
    });
    (1..6_usize, any::<bool>(), any::<bool>(), 1..4_u32, vec(vec(plan, 3), 1..12)).prop_map(
        |(concurrency, is_ordered, is_keyed, attempts, plans)| Case {
            concurrency,
            is_ordered,
            is_keyed,
            attempts,
            plans,
        },
    )
}

/// How often an answer of the very instant was taken, and how often it came too late.
#[derive(Default)]
struct Photos {
    taken: AtomicUsize,
    late: AtomicUsize,
}

async fn run(case: &Case, photos: &Photos) {
    let service = Service::default();
    let plans = Arc::new(case.plans.clone());
    let feeder = Feeder::of(0..plans.len() as u64);
    let policy = RetryPolicy { attempts: case.attempts, backoff: ms(1), max_backoff: ms(1) };
    let restart = RestartPolicy { backoff: ms(1), budget: 1000, ..RestartPolicy::default() };
    let mut t = TopologyBuilder::new("races");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let bolts = {
        let (service, plans) = (service.clone(), Arc::clone(&plans));
        move || Asking { service: service.clone(), plans: Arc::clone(&plans) }
    };
    let bolt = t.concurrent_bolt("asking", bolts).concurrency(case.concurrency).timeout(ms(LIMIT));
    let bolt = if case.is_ordered { bolt.ordered() } else { bolt.unordered() };
    let bolt = if case.is_keyed { bolt.per_key(|value| value % 3) } else { bolt };
    let answered = bolt.retry(policy).restart(restart).shuffle(numbers).output();
    let capture = squall_testkit::Capture::of(&mut t, answered);
    let report = start(t).wait().await.unwrap();

    // An answer that nobody waited for is on its way for some time.
    sleep(ms(10 * LIMIT)).await;
    feeder.tracker().assert_one_outcome_each();
    let made = service.0.lock().unwrap().clone();
    check_counts(case, &made, &report);
    for value in 0..plans.len() as u64 {
        check_root(case, value, &service.attempts(value), &feeder);
        let is_acked = feeder.tracker().acked_ids().contains(&value);
        let sent = capture.tuples().iter().filter(|tuple| **tuple == value).count();
        assert_eq!(sent, usize::from(is_acked), "root {value} was sent {sent} times");
    }
    if case.is_ordered {
        assert!(capture.tuples().is_sorted(), "{:?}", capture.tuples());
    }
    for attempt in made.iter().filter(|made| made.plan.after == LIMIT) {
        let photo = if attempt.taken { &photos.taken } else { &photos.late };
        photo.fetch_add(1, Relaxed);
    }
}

fn check_counts(case: &Case, made: &[Made], report: &Report) {
    let late = made.iter().filter(|made| !made.taken).count() as u64;
    let crashed = made.iter().filter(|made| made.taken && made.plan.answer == Answer::Crash).count() as u64;
    let roots = report.roots();
    let bolt = report.component("asking").unwrap();
    let calls = bolt.calls.as_ref().unwrap();
    assert_eq!(calls.timed_out, late);
    assert_eq!(calls.retried, (made.len() - case.plans.len()) as u64);
    assert_eq!(calls.in_flight, 0);
    assert_eq!(roots.failed_by.get("panic").copied().unwrap_or_default(), crashed);
    let timed_out = roots.failed_by.get("timeout").copied().unwrap_or_default();
    assert_eq!(bolt.executed + crashed + timed_out, roots.emitted);
    assert_eq!(roots.emitted, roots.acked + roots.failed);
}

/// The outcome of a root is that of its last attempt, and the last attempt is the first that may be.
fn check_root(case: &Case, value: u64, attempts: &[Made], feeder: &Feeder<u64>) {
    let outcome = feeder.tracker().outcomes().into_iter().find(|told| told.id == value).unwrap();
    for (nth, made) in attempts.iter().enumerate() {
        let Plan { after, answer, .. } = made.plan;
        assert!(made.taken || after >= LIMIT - 1, "root {value} lost an answer in time: {made:?}");
        assert!(!made.taken || after <= LIMIT + 1, "root {value} took an answer of the past: {made:?}");
        let may_go_on = !made.taken || answer == Answer::No;
        let is_last = nth + 1 == attempts.len();
        assert_eq!(is_last, !may_go_on || nth + 1 == case.attempts as usize, "root {value}: {attempts:?}");
        if is_last {
            let expected = match (made.taken, answer) {
                (false, _) => Some(Reason::Timeout),
                (true, Answer::Yes) => None,
                (true, Answer::No | Answer::Never) => Some(Reason::Explicit),
                (true, Answer::Crash) => Some(Reason::Panic),
            };
            assert_eq!(outcome.reason(), expected, "root {value}: {attempts:?}");
        }
    }
}

/// `SQUALL_PROOF=100000` runs so many cases. A failed case is printed, made as small as it can be.
#[test]
fn a_late_answer_is_neither_lost_nor_counted_twice() {
    let cases_to_run = std::env::var("SQUALL_PROOF").ok().and_then(|number| number.parse().ok());
    let config = ProptestConfig {
        cases: cases_to_run.unwrap_or(2000),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let photos = Photos::default();
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&cases(), |case| {
        virtual_time(async || run(&case, &photos).await);
        Ok(())
    });
    outcome.unwrap();

    let (taken, late) = (photos.taken.load(Relaxed), photos.late.load(Relaxed));
    println!("in the very instant: {taken} answers were taken, {late} came too late");
    assert!(taken > 100 && late > 100, "both orders must occur: {taken} taken, {late} late");
}
