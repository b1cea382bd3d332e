use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use squall::{Options, RetryPolicy, Running};
use squall_connect::ndjson::Line;
use squall_testkit::{Act, Capture, FaultSchedule, Fed, Feeder, advance, quiescent, virtual_time};
use squall_topology::Config;
use tokio::time::sleep;

use super::*;
use crate::{Answering, Asked, Declared, Enricher, Json, Missing, OnFailure, Outcome, Web};

/// An enricher whose attempts meet faults, by the number of the attempt.
#[derive(Debug)]
struct Faulty {
    faults: FaultSchedule,
    attempts: AtomicU64,
    on_failure: OnFailure,
    /// What has the room seen of at most when it was asked.
    seen: Arc<AtomicUsize>,
    room: Room,
}

impl Enricher for Faulty {
    fn declared(&self) -> Declared {
        let second = Duration::from_secs(1);
        let retry = RetryPolicy { attempts: 3, backoff: second, max_backoff: 4 * second };
        let (timeout, on_failure) = (2 * second, self.on_failure);
        Declared { concurrency: 1000, timeout, retry, on_failure, ..Declared::default() }
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_text().map(Asked::Text)
    }

    fn answer<'a>(&'a self, asked: &'a Asked, _: &'a Web) -> Answering<'a> {
        self.seen.fetch_max(self.room.waiting(), Ordering::Relaxed);
        let Asked::Text(text) = asked else { return Answering::refused(asked) };
        let found = Ok(Outcome::Found(Json::of(&&**text).unwrap()));
        match self.faults.act(self.attempts.fetch_add(1, Ordering::Relaxed) + 1) {
            Act::Delay(time) => Answering::later(async move {
                sleep(time).await;
                found
            }),
            Act::Hang => Answering::later(pending()),
            Act::Fail => Answering::now(Err(Error::retryable("not now"))),
            Act::Panic => panic!("as told"),
            Act::Drop => Answering::missing(Missing::NO_LETTERS),
            _ => Answering::now(found),
        }
    }

    // It is in no configuration, so the attribute that would name it there is not.
    fn typetag_deserialize(&self) {}
}

/// Passes answers on, and some of them twice.
struct Twice(FaultSchedule, u64);

impl Bolt for Twice {
    type In = Answer;
    type Out = Emit<Answer>;

    async fn execute(&mut self, answer: Answer, out: &mut Output<Emit<Answer>>) -> Result<()> {
        self.1 += 1;
        if self.0.act(self.1) == Act::Fail {
            out.emit(answer.clone());
        }
        out.emit(answer);
        Ok(())
    }
}

/// What became of lines.
struct Ran {
    fed: Vec<Fed>,
    written: Vec<Activity>,
    room: Room,
    /// Activities that waited at once, as the enrichers saw it.
    most: usize,
}

fn text(number: u64) -> String {
    format!("text {number}")
}

/// Sends so many lines past enrichers of these names, each with its policy and its faults.
fn run(lines: u64, room: Room, enrichers: &[(&str, OnFailure, FaultSchedule)], twice: FaultSchedule) -> Ran {
    let seen = Arc::<AtomicUsize>::default();
    let faulty = |on_failure, faults| Faulty {
        faults,
        attempts: AtomicU64::new(0),
        on_failure,
        seen: Arc::clone(&seen),
        room: room.clone(),
    };
    let enrichers = enrichers.iter().map(|(name, on_failure, faults)| {
        ((*name).to_owned(), Box::new(faulty(*on_failure, faults.clone())) as Box<dyn Enricher>)
    });
    let enrichers = Enrichers::new(enrichers.collect());
    let most = Arc::clone(&seen);
    virtual_time(async move || {
        let feeder = Feeder::new().replaying(1000);
        let mut t = TopologyBuilder::new("park");
        let lines_in = t
            .spout("lines", feeder.spouts())
            .max_pending(room.activities() + 256)
            .message_timeout(PATIENCE)
            .output();
        let parse = Parse::new(enrichers.clone(), room.clone(), Capacity::default());
        let (parsed, answers) = declare_questions(&mut t, lines_in, parse, &enrichers, 2);
        let answers = answers.into_iter().enumerate().map(|(nth, answers)| {
            let twice = twice.clone();
            t.bolt(format!("twice-{nth}"), move || Twice(twice.clone(), 0)).shuffle(answers).output()
        });
        let answers = answers.collect();
        let written = declare_park(&mut t, parsed.waiting, answers, &room, 2);
        let (at_once, written) = (Capture::of(&mut t, parsed.ready), Capture::of(&mut t, written));
        let mut plan = t.build().unwrap();
        let mut small = Config::parse("squall.toml", "[topology.park]\ninbox = 64").unwrap();
        plan.configure(&small.topology("park", &plan.component_names()).unwrap()).unwrap();
        let running = Running::start_here(&plan, &Options::default());

        let post = |number| Line::new(number, format!(r#"{{"text":"{}"}}"#, text(number)));
        let fed = feeder.feed_all((1..=lines).map(post));
        quiescent(&running).await;
        // What has failed is let go of by then.
        advance(2 * SWEEP).await;
        feeder.tracker().assert_one_outcome_each();
        Ran {
            fed,
            written: [at_once.tuples(), written.tuples()].concat(),
            room,
            most: most.load(Ordering::Relaxed),
        }
    })
}

fn faults(seed: u64) -> FaultSchedule {
    FaultSchedule::seeded(seed)
        .with(0.1, Act::Hang)
        .with(0.3, Act::Fail)
        .with(0.1, Act::Delay(Duration::from_millis(2500)))
        .with(0.1, Act::Delay(Duration::from_millis(1500)))
        .with(0.1, Act::Drop)
        .with(0.02, Act::Panic)
}

#[test]
fn every_activity_leaves_with_each_enrichment_or_its_reason_whatever_enrichers_do() {
    let seed = FaultSchedule::from_env().seed();
    let enrichers = [
        ("dead", OnFailure::DeadLetter, faults(seed)),
        ("held", OnFailure::Hold, faults(seed ^ 1)),
        ("open", OnFailure::PublishIncomplete, faults(seed ^ 2)),
    ];
    let twice = FaultSchedule::seeded(seed ^ 3).with(0.2, Act::Fail);

    let Ran { fed, written, room, .. } = run(600, Room::new(100, 1 << 20), &enrichers, twice);

    let numbers: BTreeSet<_> = written.iter().map(|activity| activity.number).collect();
    for (fed, number) in fed.iter().zip(1..) {
        // It is given up for good where that is the policy, and nowhere else.
        let failure = fed.outcome().unwrap().failure;
        assert_eq!(failure.is_none(), numbers.contains(&number), "seed {seed}: {number}: {failure:?}");
        assert!(failure.is_none_or(|failure| failure.permanent), "seed {seed}: {number}");
    }
    assert!(numbers.len() > 450, "seed {seed}: {}", numbers.len());
    let mut reasons = BTreeMap::new();
    for activity in &written {
        let found = Outcome::Found(Json::of(&text(activity.number)).unwrap());
        let names: Vec<_> = activity.enrichments.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["dead", "held", "open"], "seed {seed}");
        for (name, outcome) in activity.enrichments.iter() {
            match outcome {
                Outcome::Missing(why) => *reasons.entry((name.as_str(), why.as_str())).or_insert(0) += 1,
                _ => assert_eq!(*outcome, found, "seed {seed}: an answer to another question"),
            }
        }
    }
    let expected =
        [("dead", "no_letters"), ("held", "no_letters"), ("open", "no_letters"), ("open", "unavailable")];
    assert!(reasons.keys().copied().eq(expected), "seed {seed}: {reasons:?}");
    // One that is written twice was delivered twice.
    let deliveries: usize = fed.iter().map(|fed| fed.outcomes().len()).sum();
    assert!(written.len() <= deliveries, "seed {seed}");
    assert!(room.repeated() > 0 && room.abandoned() > 0, "seed {seed}: {room:?}");
    assert_eq!((room.waiting(), room.bytes(), room.is_full()), (0, 0, false), "seed {seed}");
}

#[test]
fn nothing_further_is_read_while_the_room_is_full() {
    let slow = FaultSchedule::seeded(1).with(1.0, Act::Delay(Duration::from_secs(1)));
    let none = FaultSchedule::seeded(1);

    let ran = run(5000, Room::new(500, 1 << 30), &[("slow", OnFailure::Hold, slow.clone())], none.clone());

    assert!(ran.fed.iter().all(Fed::is_acked) && ran.written.len() == 5000);
    // What is on its way comes in all the same: two inboxes of 64, and what two tasks have in hand.
    assert!((500..500 + 2 * 64 + 2 * 64).contains(&ran.most), "{}", ran.most);

    // By bytes: 20 KiB are some hundred of them.
    let ran = run(5000, Room::new(5000, 20 << 10), &[("slow", OnFailure::Hold, slow)], none);

    assert!(ran.fed.iter().all(Fed::is_acked) && ran.written.len() == 5000);
    assert!((50..600).contains(&ran.most), "{}", ran.most);
}
