use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use squall::prelude::*;
use squall::{Options, RetryPolicy, Running};
use squall_testkit::{Capture, Feeder, quiescent, virtual_time};

use super::*;
use crate::{Enrich, ToEnricher};

/// What the next attempt to answer comes to.
#[derive(Clone, Copy, Debug)]
enum Act {
    Answers(u64),
    After(Duration),
    Fails,
    FailsForGood,
    Hangs,
    Panics,
}

/// An enricher that does as it is told.
#[derive(Debug)]
struct Told(Mutex<VecDeque<Act>>, OnFailure);

impl Enricher for Told {
    fn declared(&self) -> Declared {
        let retry =
            RetryPolicy { attempts: 3, backoff: Duration::from_secs(1), max_backoff: Duration::from_secs(1) };
        let timeout = Duration::from_secs(5);
        Declared { concurrency: 100, timeout, retry, on_failure: self.1, ..Declared::default() }
    }

    fn question(&self, activity: &Activity) -> Option<Asked> {
        activity.shared_text().map(Asked::Text)
    }

    fn answer<'a>(&'a self, _: &'a Asked, _: &'a Web) -> Answering<'a> {
        let act = self.0.lock().unwrap().pop_front().unwrap_or(Act::Answers(0));
        match act {
            Act::Answers(number) => Answering::found(&number),
            Act::After(time) => Answering::later(async move {
                tokio::time::sleep(time).await;
                Ok(Outcome::Found(Json::of(&"late")?))
            }),
            Act::Fails => Answering::now(Err(Error::retryable("not now"))),
            Act::FailsForGood => Answering::now(Err(Error::permanent("never"))),
            Act::Hangs => Answering::later(std::future::pending()),
            Act::Panics => Answering::later(async { panic!("as told") }),
        }
    }

    // It is in no configuration, so the attribute that would name it there is not.
    fn typetag_deserialize(&self) {}
}

/// What comes of asking.
struct Ends {
    /// The answers, in their order.
    answers: Vec<(u64, String)>,
    /// How the questions ended: why they failed and whether for good, or not at all.
    failures: Vec<Option<(Reason, bool)>>,
}

/// Asks one question after the other, and tells what came of it.
fn asked(on_failure: OnFailure, acts: &[Act]) -> Ends {
    let told = Told(Mutex::new(acts.iter().copied().collect()), on_failure);
    let named = Enrichers::new([("told".to_owned(), Box::new(told) as Box<dyn Enricher>)].into());
    let named = named.get("told").unwrap().clone();
    virtual_time(async move || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("told");
        let day = Duration::from_secs(24 * 60 * 60);
        let questions = t.spout("questions", feeder.spouts()).message_timeout(day).output();
        let answers = Enrich::declare(&mut t, (3, &named), 1, questions);
        let captured = Capture::of(&mut t, answers);
        let running = Running::start_here(&t.build().unwrap(), &Options::default());

        let question = |number| Question { number, asked: Asked::Text("x".into()) };
        // One between them is for somebody else.
        let fed = [(3, 1), (2, 7), (3, 2)]
            .map(|(to, number)| feeder.feed(ToEnricher { to, question: question(number) }));
        quiescent(&running).await;

        assert!(fed[1].is_acked());
        let shown = |outcome: Outcome| match outcome {
            Outcome::Found(json) => json.to_string(),
            Outcome::Missing(why) => why.to_string(),
        };
        let answers = captured.tuples().into_iter().map(|answer| (answer.number, shown(answer.outcome)));
        let failures = [&fed[0], &fed[2]].map(|fed| {
            let failure = fed.outcome().unwrap().failure;
            failure.map(|failure| (failure.reason, failure.permanent))
        });
        Ends { answers: answers.collect(), failures: failures.to_vec() }
    })
}

#[test]
fn an_answer_leaves_with_the_number_of_its_question() {
    let ends = asked(OnFailure::Hold, &[Act::Answers(7), Act::Answers(8)]);

    assert_eq!(ends.answers, [(1, "7".to_owned()), (2, "8".to_owned())]);
    assert_eq!(ends.failures, [None, None]);
}

#[test]
fn a_slow_answer_holds_nobody_up() {
    let ends = asked(OnFailure::Hold, &[Act::After(Duration::from_secs(4)), Act::Answers(8)]);

    assert_eq!(ends.answers, [(2, "8".to_owned()), (1, "\"late\"".to_owned())]);
    assert_eq!(ends.failures, [None, None]);
}

#[test]
fn what_failed_is_asked_again() {
    for on_failure in [OnFailure::Hold, OnFailure::DeadLetter, OnFailure::PublishIncomplete] {
        // Both questions fail at first, and the first one once more.
        let acts = [Act::Fails, Act::Hangs, Act::Fails, Act::Answers(7), Act::Answers(8)];

        let mut ends = asked(on_failure, &acts);

        ends.answers.sort_by_key(|(_, answer)| answer.clone());
        assert_eq!(ends.answers.iter().map(|(_, answer)| answer.as_str()).collect::<Vec<_>>(), ["7", "8"]);
        assert_eq!(ends.failures, [None, None], "{on_failure:?}");
    }
}

#[test]
fn what_is_held_is_asked_for_until_there_is_an_answer() {
    let mut acts = vec![Act::Fails; 99];
    acts.extend([Act::Hangs; 100]);

    let ends = asked(OnFailure::Hold, &acts);

    assert_eq!(ends.answers.len(), 2);
    assert_eq!(ends.failures, [None, None]);
}

#[test]
fn what_was_asked_too_often_fails_for_good_where_it_becomes_a_dead_letter() {
    let acts = [Act::Fails, Act::Answers(8), Act::Hangs, Act::Hangs];

    let ends = asked(OnFailure::DeadLetter, &acts);

    assert_eq!(ends.answers, [(2, "8".to_owned())]);
    assert_eq!(ends.failures, [Some((Reason::Explicit, true)), None]);
}

#[test]
fn what_was_asked_too_often_is_unavailable_where_it_goes_out_without() {
    let acts = [Act::Fails, Act::Answers(8), Act::Hangs, Act::Hangs];

    let ends = asked(OnFailure::PublishIncomplete, &acts);

    assert_eq!(ends.answers, [(2, "8".to_owned()), (1, "unavailable".to_owned())]);
    assert_eq!(ends.failures, [None, None]);
}

#[test]
fn what_fails_for_good_or_panics_fails_its_own_question_and_no_other() {
    for on_failure in [OnFailure::Hold, OnFailure::DeadLetter, OnFailure::PublishIncomplete] {
        let ends = asked(on_failure, &[Act::FailsForGood, Act::Answers(8)]);
        assert_eq!(ends.failures, [Some((Reason::Explicit, true)), None], "{on_failure:?}");
        assert_eq!(ends.answers, [(2, "8".to_owned())]);

        let ends = asked(on_failure, &[Act::Panics, Act::Answers(8)]);
        assert_eq!(ends.failures, [Some((Reason::Panic, false)), None], "{on_failure:?}");
        assert_eq!(ends.answers, [(2, "8".to_owned())]);
    }
}

#[test]
fn an_answer_after_its_time_is_none() {
    for on_failure in [OnFailure::Hold, OnFailure::DeadLetter, OnFailure::PublishIncomplete] {
        // The second attempt answers before the first one would have.
        let late = [Act::After(Duration::from_secs(6)), Act::Answers(8), Act::Answers(7)];

        let ends = asked(on_failure, &late);

        assert_eq!(ends.answers, [(2, "8".to_owned()), (1, "7".to_owned())]);
        assert_eq!(ends.failures, [None, None]);
    }
}

#[test]
fn questions_and_answers_survive_the_way_between_processes() {
    let post = r#"{"did":"did:plc:a","text":"see https://a.example/ and https://b.example/"}"#;
    let activity = Activity::parse(9, post).unwrap();
    let asked = [
        Asked::Text(activity.shared_text().unwrap()),
        Asked::Links(activity.shared_links()),
        Asked::Author(activity.shared_author().unwrap()),
        Asked::Whole(activity.json().into()),
    ];
    for asked in asked {
        let question = Question { number: 9, asked };
        let copy: Question = serde_json::from_str(&serde_json::to_string(&question).unwrap()).unwrap();
        assert_eq!(copy, question);
    }
    for outcome in [Outcome::Found(Json::raw("[1.50]")), Outcome::Missing(Missing::new("why"))] {
        let answer = Answer { number: 9, name: "links".into(), outcome };
        let copy: Answer = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
        assert_eq!(copy, answer);
    }
}

#[test]
fn what_an_enricher_never_asks_is_refused() {
    for named in Enrichers::default().iter() {
        let question = Question { number: 1, asked: Asked::Author("a".into()) };
        let web = Web::default();
        let answer = named.answer(&question, &web);
        let error = futures_util::FutureExt::now_or_never(answer).unwrap().unwrap_err();
        assert!(error.is_permanent() && error.to_string().contains("an author"), "{error}");
    }
}
