//! Series: each occurrence becomes one message, whoever makes it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan, tz};
use squall_scheduled_messages::recurrence::{Asked, CatchUp};
use squall_scheduled_messages::series::{NewSeries, Series, SeriesId, SeriesState};
use squall_scheduled_messages::when::{self, Fold};
use squall_scheduled_messages::{
    Change, Filter, Making, Message, NewMessage, Request, SeriesChange, SeriesChanged, SeriesFilter,
    SeriesInserted, State, Store, WallTime,
};

use super::bed::{Bed, Set};
use super::on_every_store;

fn asked(cron: &str) -> Asked {
    Asked { cron: Some(cron.into()), zone: Some("Europe/Berlin".into()), ..Asked::default() }
}

fn series(asked: Asked) -> NewSeries {
    NewSeries {
        account: "me".into(),
        destination: "inbox".into(),
        text: "Hello".into(),
        recurrence: asked.check(Timestamp::now(), tz::db()).unwrap(),
        not_after: None,
    }
}

async fn insert(store: &Store, series: NewSeries) -> Series {
    match store.insert_series(series, None, "ada").await.unwrap() {
        SeriesInserted::New(series) => series,
        other => panic!("{other:?}"),
    }
}

async fn messages(store: &Store, series: &Series) -> Vec<Message> {
    let filter = Filter { account: Some("me".into()), series: Some(series.id.uuid()), ..Filter::default() };
    store.list(filter, None, 10_000).await.unwrap()
}

async fn reread(store: &Store, series: &Series) -> Series {
    store.series(series.id).await.unwrap().unwrap()
}

async fn change(store: &Store, series: &Series, change: SeriesChange) -> SeriesChanged {
    store.change_series(series.id, change, None, "ada").await.unwrap()
}

fn updated(changed: SeriesChanged) -> Series {
    match changed {
        SeriesChanged::Updated(series) => series,
        other => panic!("{other:?}"),
    }
}

/// Makes a series look as if nobody had looked at it since an instant.
async fn forget_since(bed: &Bed, series: &Series, instant: Timestamp) {
    let next_at = instant.as_microsecond().into();
    let set = Set("UPDATE series SET next_at = ? WHERE id = ?", next_at, series.id.to_string());
    bed.database().await.write(set).await.unwrap();
}

on_every_store! {
    async fn an_occurrence_becomes_an_ordinary_message_before_it_is_due(bed: &Bed) {
        let store = bed.open().await;
        let minutely = NewSeries { not_after: Some(Duration::from_secs(90)), ..series(asked("* * * * *")) };
        let series = insert(&store, minutely).await;
        let due_at = series.next_at.unwrap();

        let making = store.make_series().await.unwrap();

        let made = messages(&store, &series).await;
        assert_eq!((making.messages, making.earliest, making.is_partial), (made.len(), Some(due_at), false));
        let first = &made[0];
        assert_eq!((first.id, first.due_at, first.state), (series.id.message(due_at), due_at, State::Scheduled));
        assert_eq!((first.text.as_str(), first.destination.as_str()), ("Hello", "inbox"));
        assert_eq!(first.not_after, Some(due_at + 90.seconds()));
        let given = first.given.as_ref().unwrap();
        assert_eq!(given.zone, "Europe/Berlin");
        let after = reread(&store, &series).await;
        assert_eq!(after.made as usize, made.len());
        assert_eq!(after.last_at, made.last().map(|last| last.due_at));
        assert!(after.next_at > after.last_at);
    }

    async fn what_comes_later_is_not_made_yet(bed: &Bed) {
        let store = bed.open().await;
        let yearly = Asked { from: Some((Timestamp::now() + 48.hours()).to_string()), ..asked("@daily") };
        let series = insert(&store, series(yearly)).await;

        assert_eq!(store.make_series().await.unwrap(), Making::default());
        assert_eq!(reread(&store, &series).await, series);
    }

    async fn however_many_look_at_once_each_occurrence_is_made_once(bed: &Bed) {
        let store = bed.open().await;
        let all = Asked { catch_up: Some("all".into()), ..asked("* * * * * *") };
        let series = insert(&store, series(all)).await;
        let since = (Timestamp::now() - SignedDuration::from_mins(10)).round(jiff::Unit::Second).unwrap();
        forget_since(bed, &series, since).await;

        let other = bed.open().await;
        let steps = (0..16).map(|at| {
            let store = if at % 2 == 0 { store.clone() } else { other.clone() };
            tokio::spawn(async move {
                let mut made = 0;
                loop {
                    let making = store.make_series().await.unwrap();
                    made += making.messages;
                    if !making.is_partial {
                        return made;
                    }
                }
            })
        });
        let mut told = 0;
        for step in steps.collect::<Vec<_>>() {
            told += step.await.unwrap();
        }

        let made = messages(&store, &series).await;
        let after = reread(&store, &series).await;
        assert_eq!((told, after.made as usize), (made.len(), made.len()));
        let seconds = |instant: Timestamp| instant.as_second() - since.as_second();
        let expected: Vec<_> = (0..=seconds(after.last_at.unwrap())).collect();
        assert_eq!(made.iter().map(|made| seconds(made.due_at)).collect::<Vec<_>>(), expected);
    }

    async fn an_outage_is_caught_up_with_as_was_asked(bed: &Bed) {
        let store = bed.open().await;
        let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
        for (catch_up, expected) in [(CatchUp::All, 5..=6), (CatchUp::Latest, 1..=2), (CatchUp::Skip, 0..=1)] {
            let hourly = Asked { catch_up: Some(catch_up.name().into()), ..asked("0 * * * *") };
            let series = insert(&store, series(hourly)).await;
            forget_since(bed, &series, series.next_at.unwrap() - hour * 5).await;

            store.make_series().await.unwrap();

            let made = messages(&store, &series).await;
            assert!(expected.contains(&made.len()), "{catch_up:?}: {made:?}");
            let after = reread(&store, &series).await;
            assert!(after.next_at.unwrap() > now, "{catch_up:?} looks ahead again");
        }
    }

    async fn an_edit_changes_only_what_is_not_made(bed: &Bed) {
        let store = bed.open().await;
        let series = insert(&store, series(asked("* * * * * *"))).await;
        store.make_series().await.unwrap();
        let before = messages(&store, &series).await;
        let last = reread(&store, &series).await.last_at.unwrap();

        let edit = NewSeries { text: "Goodbye".into(), ..self::series(asked("*/2 * * * * *")) };
        let edited = updated(change(&store, &series, SeriesChange::Edit(Box::new(edit))).await);

        assert_eq!((edited.text.as_str(), edited.cron.as_str(), edited.version), ("Goodbye", "*/2 * * * * *", 2));
        assert!(edited.next_at.unwrap() > last, "what is made is not made again");
        assert_eq!(messages(&store, &series).await, before, "messages that exist stay as they are");
        assert_eq!(store.series_trail(series.id).await.unwrap()[0].what, "edited");
    }

    async fn an_occurrence_that_was_cancelled_is_not_made_again(bed: &Bed) {
        let store = bed.open().await;
        let series = insert(&store, series(asked("* * * * *"))).await;
        store.make_series().await.unwrap();
        let made = messages(&store, &series).await;
        store.change(made[0].id, Change::Cancel, None, "ada").await.unwrap();

        forget_since(bed, &series, made[0].due_at).await;
        store.make_series().await.unwrap();

        assert_eq!(store.get(made[0].id).await.unwrap().unwrap().state, State::Cancelled);
    }

    async fn a_paused_series_makes_nothing_and_a_resumed_one_goes_on_with_what_comes(bed: &Bed) {
        let store = bed.open().await;
        let all = Asked { catch_up: Some("all".into()), ..asked("* * * * *") };
        let series = insert(&store, series(all)).await;

        let paused = updated(change(&store, &series, SeriesChange::Pause).await);
        assert_eq!((paused.state, paused.next_at), (SeriesState::Paused, None));
        assert_eq!(store.make_series().await.unwrap(), Making::default());
        assert_eq!(updated(change(&store, &series, SeriesChange::Pause).await), paused, "asked for twice, done once");

        let resumed = updated(change(&store, &series, SeriesChange::Resume).await);
        assert_eq!((resumed.state, resumed.version), (SeriesState::Active, 3));
        assert!(resumed.next_at.unwrap() > Timestamp::now() - SignedDuration::from_mins(1));
    }

    async fn a_series_that_has_ended_stays_so(bed: &Bed) {
        let store = bed.open().await;
        let series = insert(&store, series(asked("* * * * *"))).await;

        let ended = updated(change(&store, &series, SeriesChange::End).await);
        assert_eq!((ended.state, ended.next_at), (SeriesState::Ended, None));
        assert_eq!(updated(change(&store, &series, SeriesChange::End).await), ended);
        let edit = SeriesChange::Edit(Box::new(self::series(asked("@daily"))));
        for refused in [SeriesChange::Pause, SeriesChange::Resume, edit] {
            assert_eq!(change(&store, &series, refused).await, SeriesChanged::Ended(ended.clone()));
        }
        assert_eq!(store.make_series().await.unwrap(), Making::default());
    }

    async fn a_series_ends_when_its_count_is_made(bed: &Bed) {
        let store = bed.open().await;
        let three = Asked { count: Some(3), ..asked("* * * * * *") };
        let series = insert(&store, series(three)).await;

        store.make_series().await.unwrap();

        let after = reread(&store, &series).await;
        assert_eq!((after.state, after.made, after.next_at), (SeriesState::Ended, 3, None));
        assert_eq!(messages(&store, &series).await.len(), 3);
    }

    async fn a_change_that_names_another_version_is_not_made(bed: &Bed) {
        let store = bed.open().await;
        let series = insert(&store, series(asked("@daily"))).await;
        let pause = |version| store.change_series(series.id, SeriesChange::Pause, Some(version), "ada");

        assert_eq!(pause(7).await.unwrap(), SeriesChanged::Outdated(series.clone()));
        assert!(matches!(pause(1).await.unwrap(), SeriesChanged::Updated(_)));
        let missing = SeriesId::new();
        let changed = store.change_series(missing, SeriesChange::End, None, "ada").await.unwrap();
        assert_eq!(changed, SeriesChanged::Missing);
    }

    async fn a_series_that_is_not_understood_any_more_waits_and_holds_no_other_up(bed: &Bed) {
        let store = bed.open().await;
        let broken = insert(&store, series(asked("* * * * *"))).await;
        let whole = insert(&store, series(asked("* * * * *"))).await;
        let zone = "Europe/Atlantis".into();
        let set = Set("UPDATE series SET zone = ? WHERE id = ?", zone, broken.id.to_string());
        bed.database().await.write(set).await.unwrap();

        store.make_series().await.unwrap();

        assert!(!messages(&store, &whole).await.is_empty());
        let waits = reread(&store, &broken).await;
        assert_eq!((waits.state, waits.next_at), (SeriesState::Paused, None));
        assert!(waits.last_error.unwrap().contains("Atlantis"));
        let resumed = change(&store, &broken, SeriesChange::Resume).await;
        assert!(matches!(resumed, SeriesChanged::Broken(..)), "{resumed:?}");
        let edit = SeriesChange::Edit(Box::new(series(asked("* * * * *"))));
        updated(change(&store, &broken, edit).await);
        let mended = updated(change(&store, &broken, SeriesChange::Resume).await);
        assert_eq!((mended.state, mended.last_error), (SeriesState::Active, None));
    }

    async fn a_request_that_is_repeated_stores_one_series(bed: &Bed) {
        let store = bed.open().await;
        let request = |content: &str| Some(Request { key: "K".into(), content: content.into() });
        let insert = |content| store.insert_series(series(asked("@daily")), request(content), "ada");

        let SeriesInserted::New(first) = insert("a").await.unwrap() else { panic!("was not stored") };
        assert_eq!(insert("a").await.unwrap(), SeriesInserted::Known(first.clone()));
        assert_eq!(insert("b").await.unwrap(), SeriesInserted::Taken);
        assert_eq!(store.known_series(request("a").unwrap()).await.unwrap(), Some(SeriesInserted::Known(first)));
        assert_eq!(store.list_series(SeriesFilter::default(), 10).await.unwrap().len(), 1);
    }

    async fn series_are_listed_page_by_page(bed: &Bed) {
        let store = bed.open().await;
        for account in ["me", "you", "me"] {
            let series = NewSeries { account: account.into(), ..series(asked("@daily")) };
            insert(&store, series).await;
        }
        let list = |filter: SeriesFilter, limit| store.list_series(filter, limit);

        let first = list(SeriesFilter::default(), 2).await.unwrap();
        let rest = list(SeriesFilter { after: Some(first[1].id), ..SeriesFilter::default() }, 2).await.unwrap();
        assert_eq!((first.len(), rest.len()), (2, 1));
        let mine = SeriesFilter { account: Some("me".into()), ..SeriesFilter::default() };
        assert_eq!(list(mine, 10).await.unwrap().len(), 2);
        let paused = SeriesFilter { state: Some(SeriesState::Paused), ..SeriesFilter::default() };
        assert!(list(paused, 10).await.unwrap().is_empty());
    }

    async fn the_second_of_two_hours_keeps_its_meaning(bed: &Bed) {
        let store = bed.open().await;
        let zone = tz::db().get("Europe/Berlin").unwrap();
        // Past, so that it need not be waited for: both of the hours in which clocks showed 02:30.
        let all = Asked { catch_up: Some("all".into()), ..asked("30 * * * *") };
        let series = insert(&store, series(all)).await;
        forget_since(bed, &series, "2025-10-26T00:30:00Z".parse().unwrap()).await;
        store.make_series().await.unwrap();

        let made = messages(&store, &series).await;
        assert_eq!(made[1].due_at, "2025-10-26T01:30:00Z".parse().unwrap());
        for made in &made[..3] {
            let given = made.given.as_ref().unwrap();
            let meant = when::resolve(given.wall.parse().unwrap(), &zone, given.fold).unwrap();
            assert_eq!(meant.instant, made.due_at);
        }
    }

    async fn a_new_edition_of_the_time_zones_moves_what_waits_for_a_wall_time(bed: &Bed) {
        let store = bed.open().await;
        let zone = tz::db().get("Europe/Berlin").unwrap();
        let wall = zone.to_datetime(Timestamp::now() + 48.hours()).date().at(12, 0, 0, 0);
        let noon = zone.to_timestamp(wall).unwrap();
        let given = WallTime { wall: wall.to_string(), zone: "Europe/Berlin".into(), fold: Fold::Earlier };
        // As if they had been stored by an edition in which noon came an hour later.
        let message = |account: &str| NewMessage {
            given: Some(given.clone()),
            not_after: Some(noon + 2.hours()),
            ..NewMessage::new(account, "inbox", "Hello", noon + 1.hour())
        };
        let mut ids = Vec::new();
        for account in ["me", "you"] {
            ids.push(store.insert(message(account), "ada").await.unwrap().id);
        }
        let without = NewMessage { given: None, ..message("me") };
        let without = store.insert(without, "ada").await.unwrap();
        insert(&store, series(asked("@daily"))).await;

        assert_eq!(store.follow_zones("2030a").await.unwrap(), 2);
        assert_eq!(store.follow_zones("2030a").await.unwrap(), 0, "it was written down");

        for id in ids {
            let moved = store.get(id).await.unwrap().unwrap();
            assert_eq!((moved.due_at, moved.not_after, moved.version), (noon, Some(noon + 1.hour()), 2));
            assert_eq!(store.trail(id).await.unwrap()[0].what, "moved");
        }
        assert_eq!(store.get(without.id).await.unwrap(), Some(without));
        assert_eq!(store.follow_zones("2030b").await.unwrap(), 0, "every instant is the right one");
    }
}
