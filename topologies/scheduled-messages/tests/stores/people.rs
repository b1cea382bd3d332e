//! What people ask for, and what they are told.

use std::time::Duration;

use jiff::Timestamp;
use squall_scheduled_messages::{
    ALL, Begun, CatchUp, Change, Changed, Cursor, Edit, Filter, Inserted, Request, Settlement, State, Which,
};

use super::bed::{Bed, begin, begin_of, change, claim, due, end, get, in_state, insert, sent};
use super::on_every_store;

fn request(key: &str, content: &str) -> Option<Request> {
    Some(Request { key: key.into(), content: content.into() })
}

on_every_store! {
    async fn a_request_that_is_repeated_makes_one_message(bed: &Bed) {
        let store = bed.open().await;

        let first = store.insert_once(due("a"), request("K", "one"), "ada").await.unwrap();
        let Inserted::New(message) = first else { panic!("{first:?}") };
        let again = store.insert_once(due("a"), request("K", "one"), "ada").await.unwrap();
        let other = store.insert_once(due("a"), request("K", "two"), "ada").await.unwrap();

        assert_eq!((again, other), (Inserted::Known(message.clone()), Inserted::Taken));
        let known = |content| Request { key: "K".into(), content: String::from(content) };
        assert_eq!(store.known(known("one")).await.unwrap(), Some(Inserted::Known(message)));
        assert_eq!(store.known(known("two")).await.unwrap(), Some(Inserted::Taken));
        assert_eq!(store.known(Request { key: "L".into(), content: "one".into() }).await.unwrap(), None);
    }

    async fn many_at_once_are_told_apart_even_where_a_key_comes_twice(bed: &Bed) {
        let store = bed.open().await;
        store.insert_once(due("a"), request("old", "x"), "ada").await.unwrap();
        let batch = vec![
            (due("a"), request("new", "x")),
            (due("a"), None),
            (due("a"), request("old", "x")),
            (due("a"), request("old", "y")),
            (due("a"), request("new", "x")),
        ];

        let answers = store.insert_all(batch, "ada").await.unwrap();

        let kinds: Vec<_> = answers
            .iter()
            .map(|answer| match answer {
                Inserted::New(_) => "new",
                Inserted::Known(_) => "known",
                Inserted::Taken => "taken",
            })
            .collect();
        assert_eq!(kinds, ["new", "new", "known", "taken", "known"]);
        assert_eq!(store.list(Filter::default(), None, 100).await.unwrap().len(), 3);
    }

    async fn the_same_request_from_many_sides_at_once_makes_one_message(bed: &Bed) {
        let (one, two) = (bed.open().await, bed.open().await);
        let asks = (0..20).map(|n| if n % 2 == 0 { &one } else { &two })
            .map(|store| store.insert_once(due("a"), request("K", "x"), "ada"));

        let answers = futures_util::future::join_all(asks).await;

        let new = answers.iter().filter(|answer| matches!(answer, Ok(Inserted::New(_)))).count();
        assert_eq!(new, 1, "{answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Inserted::New(_) | Inserted::Known(_)))));
    }

    async fn a_change_is_answered_by_what_is_so(bed: &Bed) {
        let store = bed.open().await;
        let sending = in_state(&store, State::Sending, "sending").await;
        let done = in_state(&store, State::Sent, "sent").await;
        let waiting = in_state(&store, State::Scheduled, "waiting").await;

        match change(&store, sending.id, Change::Cancel).await {
            Changed::TooLate { by, since, .. } => assert_eq!((by.as_str(), Some(since)), (store.owner(), sending.began_at)),
            other => panic!("{other:?}"),
        }
        match change(&store, done.id, Change::Cancel).await {
            Changed::AlreadySent(message) => assert_eq!(message.receipt.as_deref(), Some("there")),
            other => panic!("{other:?}"),
        }
        let outdated = store.change(waiting.id, Change::Cancel, Some(7), "ada").await.unwrap();
        assert!(matches!(outdated, Changed::Outdated(message) if message.version == 1));
        let cancelled = store.change(waiting.id, Change::Cancel, Some(1), "ada").await.unwrap();
        assert!(matches!(cancelled, Changed::Updated(message) if message.version == 2));
        assert!(matches!(change(&store, waiting.id, Change::SendNow).await, Changed::NotPossible(_)));
        let nobody = squall_scheduled_messages::MessageId::new();
        assert_eq!(change(&store, nobody, Change::Cancel).await, Changed::Missing);
    }

    async fn what_may_have_arrived_is_neither_edited_nor_called_cancelled(bed: &Bed) {
        let store = bed.open().await;
        let id = insert(&store, due("a")).await;
        let begun = begin(&store, &claim(&store, Which::First).await.remove(0)).await;
        let at = Timestamp::now() + Duration::from_secs(60);
        let settlement = Settlement::Retry { at, error: "timeout".into(), in_doubt: true };
        assert!(store.settle(end(&begun, settlement)).await.unwrap());

        let edit = Edit { text: Some("New".into()), ..Edit::default() };
        assert!(matches!(change(&store, id, Change::Edit(edit)).await, Changed::TooLate { .. }));
        match change(&store, id, Change::Cancel).await {
            Changed::Updated(message) => assert_eq!(message.state, State::Unconfirmed),
            other => panic!("{other:?}"),
        }
        match change(&store, id, Change::ResolveSent { receipt: Some("seen".into()) }).await {
            Changed::Updated(message) => {
                assert_eq!((message.state, message.receipt.as_deref()), (State::Sent, Some("seen")));
            }
            other => panic!("{other:?}"),
        }
    }

    async fn a_suspended_account_sends_nothing_until_it_is_resumed(bed: &Bed) {
        let store = bed.open().await;
        let (held, under_way) = (insert(&store, due("a")).await, insert(&store, due("a")).await);
        let rows = claim(&store, Which::First).await;
        let of = |id| rows.iter().find(|row| row.id == id).unwrap();
        let begun = begin(&store, of(under_way)).await;
        let other = insert(&store, due("b")).await;

        let suspended = store.suspend("a", "a crisis", "ada").await.unwrap().unwrap();

        assert_eq!((suspended.held_back, suspended.still_sending), (1, 1));
        assert_eq!(suspended.suspension.reason, "a crisis");
        assert!(begun.began_at.unwrap() <= suspended.cut_off);
        assert_eq!(store.begin(begin_of(of(held))).await.unwrap(), Begun::Void);
        assert!(store.settle(end(&begun, sent())).await.unwrap());
        let new = insert(&store, due("a")).await;
        let ids: Vec<_> = claim(&store, Which::First).await.into_iter().map(|row| row.id).collect();
        assert_eq!(ids, [other]);
        assert_eq!(get(&store, new).await.state, State::Suspended);

        assert_eq!(store.resume("a").await.unwrap(), 2);
        let ids = claim(&store, Which::First).await.into_iter().map(|row| row.id).collect::<std::collections::HashSet<_>>();
        assert_eq!(ids, [held, new].into());
        assert_eq!(store.accounts(10).await.unwrap().iter().filter(|account| account.suspension.is_some()).count(), 0);
    }

    async fn all_accounts_are_suspended_and_resumed_together(bed: &Bed) {
        let store = bed.open().await;
        store.suspend("b", "its own reason", "ada").await.unwrap();
        store.suspend(ALL, "everything stops", "ada").await.unwrap();
        let (a, b) = (insert(&store, due("a")).await, insert(&store, due("b")).await);
        assert_eq!(claim(&store, Which::First).await, []);

        store.resume(ALL).await.unwrap();

        assert_eq!(claim(&store, Which::First).await.into_iter().map(|row| row.id).collect::<Vec<_>>(), [a]);
        assert_eq!(get(&store, b).await.state, State::Suspended, "it has a suspension of its own");
    }

    async fn messages_are_listed_page_by_page(bed: &Bed) {
        let store = bed.open().await;
        for n in 0..25 {
            let mut message = due(if n % 2 == 0 { "even" } else { "odd" });
            message.due_at = Timestamp::now() + Duration::from_secs(100 - n / 4);
            insert(&store, message).await;
        }
        for account in [None, Some("even".to_owned())] {
            let filter = Filter { account: account.clone(), states: vec![State::Scheduled], ..Filter::default() };
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let page = store.list(filter.clone(), after, 4).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(Cursor { due_at: last.due_at, id: last.id });
                seen.extend(page);
            }
            let ids: std::collections::HashSet<_> = seen.iter().map(|message| message.id).collect();
            assert_eq!((seen.len(), ids.len()), if account.is_some() { (13, 13) } else { (25, 25) });
            if account.is_some() {
                assert!(seen.is_sorted_by_key(|message| message.due_at));
            }
        }
        let nothing = Filter { states: vec![State::Dead], ..Filter::default() };
        assert_eq!(store.list(nothing, None, 10).await.unwrap(), []);
    }

    async fn how_things_stand_is_counted(bed: &Bed) {
        let store = bed.open().await;
        for state in [State::Sent, State::Dead, State::Unconfirmed, State::Retrying] {
            in_state(&store, state, &format!("{state}")).await;
        }
        let oldest = in_state(&store, State::Sending, "sending").await;
        let held = in_state(&store, State::Claimed, "held").await;
        let mut later = due("later");
        later.due_at = Timestamp::now() + Duration::from_secs(7200);
        insert(&store, later.clone()).await;

        let overview = store.overview().await.unwrap();

        let count = |state| overview.all.states[&state];
        assert_eq!(State::ALL.map(count).iter().sum::<u64>(), 7);
        assert_eq!((count(State::Sending), count(State::Scheduled), count(State::Cancelled)), (1, 1, 0));
        assert_eq!(overview.now.due, 3, "sending, claimed and retrying");
        let overdue = overview.now.oldest_overdue.unwrap();
        assert!([oldest.account, held.account, "retrying".into()].contains(&overdue.account));
        let process = overview.now.processes.iter().find(|process| process.name == store.owner()).unwrap();
        assert_eq!((process.held, process.sending, process.is_alive), (1, 1, true));
        let minutes: u64 = overview.next.minutes.iter().map(|minute| minute.messages).sum();
        assert_eq!(minutes, 1);
        assert!(overview.next.minutes[0].at <= later.due_at);
    }

    async fn what_is_said_of_accounts_is_read_back(bed: &Bed) {
        let store = bed.open().await;
        let spread = CatchUp::Spread { after: Duration::from_secs(60), every: Duration::from_secs(5) };
        store.set_catch_up("a", Some(spread)).await.unwrap();
        store.suspend("b", "why not", "ada").await.unwrap();

        assert_eq!(store.catch_up("a").await.unwrap(), Some(("a".to_owned(), spread)));
        let suspensions = store.suspensions(10).await.unwrap();
        assert_eq!(suspensions.len(), 1);
        assert_eq!((suspensions[0].account.as_str(), suspensions[0].by.as_str()), ("b", "ada"));
        store.set_catch_up("a", None).await.unwrap();
        assert_eq!(store.catch_up("a").await.unwrap(), None);
    }
}
