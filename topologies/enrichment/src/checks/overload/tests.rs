use std::sync::Arc;

use super::*;
use crate::{Backlog, Enrichers, Room, Tally};

fn outlook(limit: u64, backlog: Backlog) -> Outlook {
    let room = Room::new(10, 1_000);
    let overload = Overload::new(&Arc::new(Tally::default()), &room, &Enrichers::default(), Some(limit));
    overload.behind(move || backlog.clone());
    overload.outlook()
}

#[test]
fn a_backlog_is_told_with_its_age_and_when_it_is_drained() {
    let backlog = Backlog { records: 40_000, age: Some(Duration::from_secs(90)), ..Backlog::default() };
    let now = outlook(100, backlog);

    assert_eq!(old(&now).value, 90.0);
    let sentence = old(&now).sentence.unwrap();
    assert_eq!(sentence, "40,000 records wait, the oldest for 1 min 30 s: drained in about 6 min 40 s");
    assert_eq!(draining(&now).value, 400.0);
}

#[test]
fn a_backlog_that_grows_is_never_drained_and_a_small_one_is_none() {
    let backlog = |records| Backlog { records, ..Backlog::default() };
    let mut growing = outlook(100, backlog(5_000));
    (growing.spare_per_s, growing.predicted_drain_s) = (-3_200.0, None);

    let reading = draining(&growing);
    assert_eq!(reading.value, NEVER);
    assert_eq!(reading.sentence.unwrap(), "the backlog of 5,000 records: grows by 3,200 a second");

    growing.backlog_records = 99;
    assert_eq!(draining(&growing).value, 0.0, "it is on its way");
    (growing.backlog_records, growing.parked) = (5_000, 5_000);
    assert_eq!(draining(&growing).value, 0.0, "it waits for answers only");
}

#[test]
fn a_park_is_full_by_its_bytes_too() {
    let mut now = outlook(100, Backlog::default());
    (now.parked, now.parked_bytes) = (5, 2_048);

    assert_eq!(parked(&now, false).value, 0.5);
    assert_eq!(parked(&now, true).value, 1.0);
    let sentence = parked(&now, false).sentence.unwrap();
    assert_eq!(sentence, "5 activities (2.0 KiB) wait for answers, 50 % of what may");
}

#[test]
fn what_stands_still_is_told_until_it_goes_on_and_a_loss_for_an_hour() {
    let stopped = ["partition 3: offset 40 is gone".to_owned()];
    assert_eq!(gone(&stopped, 60).value, 1.0);
    assert_eq!(
        gone(&stopped, 60).sentence.unwrap(),
        "read no further: partition 3: offset 40 is gone; 60 records were lost in the last hour"
    );
    assert_eq!((gone(&[], 60).value, gone(&[], 0).value), (1.0, 0.0));

    let (mut losses, start) = (Losses::default(), Instant::now());
    let at = |minute: u64| start + Duration::from_secs(60 * minute);
    assert_eq!(losses.since(5, at(0)), 5);
    assert_eq!(losses.since(7, at(30)), 7);
    assert_eq!(losses.since(7, at(61)), 2);
    assert_eq!(losses.since(7, at(91)), 0);
}

#[test]
fn the_time_until_something_is_lost_is_told_or_that_it_was() {
    let mut now = outlook(100, Backlog::default());
    let told = left(&now);
    assert!(told.value == NEVER && told.sentence.unwrap().starts_with("records are read as fast as"));

    now.retention_left_s = Some(120.0);
    assert_eq!(
        left(&now).sentence.unwrap(),
        "records are lost in 2 min: the topic forgets faster than it is read"
    );
    now.retention_left_s = Some(0.0);
    assert_eq!(left(&now).sentence.unwrap(), "the topic forgot records before they were read");
}
