use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use squall::prelude::*;
use squall::{Options, RetryPolicy, Running};
use squall_testkit::{Capture, Feeder, quiescent, virtual_time};

use super::*;
use crate::Enrich;

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
struct Told(Mutex<VecDeque<Act>>);

impl Enricher for Told {
    fn declared(&self) -> Declared {
        let retry =
            RetryPolicy { attempts: 3, backoff: Duration::from_secs(1), max_backoff: Duration::from_secs(1) };
        Declared { concurrency: 100, timeout: Duration::from_secs(5), retry, ..Declared::default() }
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

/// Asks one question after the other, and tells the answers and how the questions ended.
fn asked(acts: &[Act]) -> (Vec<(u64, String)>, Vec<Option<Reason>>) {
    let told = Told(Mutex::new(acts.iter().copied().collect()));
    let named = Enrichers::new([("told".to_owned(), Box::new(told) as Box<dyn Enricher>)].into());
    let named = named.get("told").unwrap().clone();
    virtual_time(async move || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("told");
        let questions = t.spout("questions", feeder.spouts()).output();
        let answers = Enrich::declare(&mut t, &named, 1, questions);
        let captured = Capture::of(&mut t, answers);
        let running = Running::start_here(&t.build().unwrap(), &Options::default());

        let fed = (1..=2).map(|number| feeder.feed(Question { number, asked: Asked::Text("x".into()) }));
        let fed: Vec<_> = fed.collect();
        quiescent(&running).await;

        let answers = captured.tuples().into_iter();
        let answers = answers.map(|answer| (answer.number, answer.outcome.found().unwrap().to_string()));
        (answers.collect(), fed.iter().map(|fed| fed.reason()).collect())
    })
}

#[test]
fn an_answer_leaves_with_the_number_of_its_question() {
    let (answers, ends) = asked(&[Act::Answers(7), Act::Answers(8)]);

    assert_eq!(answers, [(1, "7".to_owned()), (2, "8".to_owned())]);
    assert_eq!(ends, [None, None]);
}

#[test]
fn a_slow_answer_holds_nobody_up() {
    let (answers, ends) = asked(&[Act::After(Duration::from_secs(4)), Act::Answers(8)]);

    assert_eq!(answers, [(2, "8".to_owned()), (1, "\"late\"".to_owned())]);
    assert_eq!(ends, [None, None]);
}

#[test]
fn what_failed_is_asked_again() {
    // Both questions fail at first, and the first one once more.
    let (mut answers, ends) = asked(&[Act::Fails, Act::Hangs, Act::Fails, Act::Answers(7), Act::Answers(8)]);

    answers.sort();
    assert_eq!(answers.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ends, [None, None]);
}

#[test]
fn what_fails_for_good_or_too_often_fails_its_own_question_and_no_other() {
    let hangs = [Act::FailsForGood, Act::Hangs, Act::Hangs, Act::Hangs];
    let (answers, ends) = asked(&hangs);
    assert_eq!((answers.len(), ends), (0, vec![Some(Reason::Explicit), Some(Reason::Timeout)]));

    let (answers, ends) = asked(&[Act::Panics, Act::Answers(8)]);
    assert_eq!((answers.len(), ends), (1, vec![Some(Reason::Panic), None]));
}

#[test]
fn an_answer_after_its_time_is_none() {
    // The second attempt answers before the first one would have.
    let late = [Act::After(Duration::from_secs(6)), Act::Answers(8), Act::Answers(7)];

    let (answers, ends) = asked(&late);

    assert_eq!(answers, [(2, "8".to_owned()), (1, "7".to_owned())]);
    assert_eq!(ends, [None, None]);
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
