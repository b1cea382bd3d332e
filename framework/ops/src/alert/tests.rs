//! Alerts follow findings, and answers are counted in circles.

use std::time::SystemTime;

use super::{Alerts, Answer, Counts, KEPT, Report};
use crate::check::{Bound, Check, Reading, View};
use crate::finding::Finding;
use crate::instant::Moment;

fn finding(component: &str) -> Finding {
    let check = Check::new("queue", Bound::Above(1.0), |_: View<'_>| Vec::new());
    Finding::new(&check, Reading::new(2.0).about("t", component), SystemTime::now())
}

fn answer(real: bool, needed_a_person: bool) -> Answer {
    Answer { real, needed_a_person, note: String::new(), who: "ada".to_owned(), at: Moment::now() }
}

fn report(sentence: &str) -> Report {
    Report {
        sentence: sentence.to_owned(),
        topology: None,
        component: None,
        needed_a_person: true,
        who: "ada".to_owned(),
    }
}

#[test]
fn every_raise_is_an_alert_of_its_own_and_what_lasts_is_one() {
    let alerts = Alerts::default();

    alerts.follow(&[finding("a")]);
    alerts.follow(&[finding("a"), finding("b")]);
    alerts.follow(&[finding("b")]);
    alerts.follow(&[finding("a"), finding("b")]);

    let all = alerts.newest(10, |_| true);
    let told: Vec<_> =
        all.iter().map(|alert| (alert.id, alert.component.as_deref(), alert.cleared_at.is_some())).collect();
    assert_eq!(told, [(3, Some("a"), false), (2, Some("b"), false), (1, Some("a"), true)]);
}

#[test]
fn answers_are_counted_in_the_circle_that_they_say_and_the_last_one_counts() {
    let alerts = Alerts::default();
    let names = ["a", "b", "c", "d", "e"];
    alerts.follow(&names.map(finding));

    for (id, said) in [(1, (true, true)), (2, (true, false)), (3, (false, false)), (4, (false, true))] {
        alerts.answer(id, answer(said.0, said.1)).unwrap();
    }
    alerts.report(report("no mail since noon"));

    let expected = Counts { unanswered: 1, needed: 1, healed: 1, noise: 1, false_work: 1, unseen: 1 };
    assert_eq!(alerts.counts(), expected);
    alerts.answer(1, answer(false, false)).unwrap();
    assert_eq!(alerts.counts(), Counts { needed: 0, noise: 2, ..expected });
    assert_eq!(alerts.answer(99, answer(true, true)), None);
}

#[test]
fn the_oldest_alerts_make_room_and_numbers_go_on() {
    let alerts = Alerts::default();
    for number in 0..KEPT + 5 {
        alerts.report(report(&number.to_string()));
    }

    let all = alerts.newest(usize::MAX, |_| true);

    assert_eq!(all.len() as u64, KEPT);
    assert_eq!((all[0].id, all[all.len() - 1].id), (KEPT + 5, 6));
}

#[test]
fn what_could_not_be_written_is_written_again_as_it_is_then() {
    let alerts = Alerts::default();
    alerts.follow(&[finding("a")]);

    let taken = alerts.take_unwritten();
    assert_eq!((taken.len(), alerts.take_unwritten().len()), (1, 0));
    alerts.give_back(&taken);
    alerts.answer(1, answer(true, true)).unwrap();

    let again = alerts.take_unwritten();
    assert_eq!(again.len(), 1);
    assert!(again[0].answer.is_some());
}
