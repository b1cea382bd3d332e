//! What is written is there after a restart, and never more than is said.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::{BYTES_PER_HOUR, FILE, Hour, KEPT_HOURS, Keeper, MINUTES, Series, Store, hours};
use crate::alert::{Answer, Report};
use crate::check::{Bound, Check, Reading, View};
use crate::finding::Finding;
use crate::history::Metric;
use crate::instant::Moment;
use crate::lookout::Lookout;

fn series(number: usize) -> Series {
    Series {
        topology: "word-count".to_owned(),
        component: Some(format!("a-component-with-a-long-name-{number}")),
        metric: Metric::QueueDepth,
    }
}

/// Numbers that cannot be made smaller.
fn hour(seed: u64) -> Hour {
    let mut random = fastrand::Rng::with_seed(seed);
    [(); MINUTES].map(|()| random.f32() * 1e6)
}

fn size(data_dir: &Path) -> u64 {
    let sizes = fs::read_dir(data_dir).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    sizes.sum()
}

#[tokio::test]
async fn an_answer_is_there_after_a_restart_and_what_was_raised_then_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let lookout = Lookout::start().unwrap();
    let check = Check::new("queue", Bound::Above(1.0), |_: View<'_>| Vec::new());
    let finding = Finding::new(&check, Reading::new(2.0).about("t", "c"), SystemTime::now());
    let store = Store::open(folder.path()).await.unwrap();
    lookout.alerts().go_on(Vec::new(), store.clone());
    let keeper = Keeper::start(store, &lookout).unwrap();

    // The checks of the lookout have nothing to look at, so they clear it: that is an alert that is over, or not yet.
    lookout.alerts().follow(&[finding]);
    let note = "the disk was slow".to_owned();
    let answer =
        Answer { real: true, needed_a_person: false, note, who: "ada".to_owned(), at: Moment::now() };
    lookout.alerts().answer(1, answer).unwrap();
    keeper.stop(lookout.alerts());

    let again = Lookout::start().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    again.alerts().go_on(store.alerts().await.unwrap(), store);
    let alert = again.alerts().one(1).unwrap();
    assert_eq!(alert.answer.unwrap().note, "the disk was slow");
    assert!(alert.cleared_at.is_some());
    let report = Report {
        sentence: "no mail".to_owned(),
        topology: None,
        component: None,
        needed_a_person: true,
        who: "bob".to_owned(),
    };
    assert_eq!(again.alerts().report(report).id, 2, "numbers go on");
}

#[tokio::test]
async fn numbers_are_there_again_as_they_were_and_an_hour_can_be_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut half = hour(1);
    half[30..].fill(f32::NAN);
    let store = Store::open(folder.path()).await.unwrap();
    store.keep_hour(500_000, vec![(series(1), half)]).await.unwrap();
    drop(store);

    let store = Store::open(folder.path()).await.unwrap();
    let kept = store.hours(500_000, 500_000).await.unwrap();
    assert_eq!((kept.len(), kept[0].0, &kept[0].1), (1, 500_000, &series(1)));
    assert_eq!(kept[0].2[..30], hour(1)[..30]);
    assert!(kept[0].2[30..].iter().all(|value| value.is_nan()));
    store.keep_hour(500_000, vec![(series(1), hour(1))]).await.unwrap();
    store.keep_hour(500_001, vec![(series(1), hour(2))]).await.unwrap();

    let kept = store.hours(500_000, 500_001).await.unwrap();
    assert_eq!(kept.iter().map(|(hour, ..)| *hour).collect::<Vec<_>>(), [500_000, 500_001]);
    assert_eq!(kept[0].2, hour(1));
}

#[tokio::test]
async fn what_is_too_old_or_too_much_goes_and_the_file_never_takes_more_than_is_said() {
    const MOST: u32 = 4_000;
    const SERIES: usize = 100;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let keep = async |at: i64| {
        let rows = (0..SERIES).map(|number| (series(number), hour(at as u64 + number as u64))).collect();
        store.database.write(hours::Keep { hour: at, rows, most: MOST }).await.unwrap();
    };

    for at in 0..80 {
        keep(at).await;
    }
    let kept = store.hours(0, i64::MAX).await.unwrap();
    assert!(kept.len() <= MOST as usize && kept.len() > MOST as usize - 2 * SERIES, "{}", kept.len());
    assert_eq!(kept.last().unwrap().0, 79);
    keep(80 + KEPT_HOURS).await;
    assert_eq!(store.hours(0, i64::MAX).await.unwrap().len(), SERIES, "the others are too old");

    for at in 81..161 {
        keep(at + KEPT_HOURS).await;
    }
    drop(store);
    // Closing ends the log beside the file; until then it counts as well.
    let bound = u64::from(MOST) * BYTES_PER_HOUR;
    let bytes = size(folder.path());
    assert!(fs::exists(folder.path().join(FILE)).unwrap());
    let log = 5 << 20;
    assert!(bytes <= bound + log, "{bytes} bytes, and {bound} are said");
}
