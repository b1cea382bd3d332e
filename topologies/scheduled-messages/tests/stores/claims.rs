//! Who may send what.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use squall_scheduled_messages::{Begun, CatchUp, Change, Changed, Settlement, State, Store, Which};

use super::bed::{AHEAD, Bed, Set, begin, begin_of, change, claim, due, end, get, insert, sent};
use super::on_every_store;

/// Stores many messages that are due.
async fn many(store: &Store, account: &str, count: usize) {
    let messages = (0..count).map(|_| (due(account), None)).collect();
    store.insert_all(messages, "ada").await.unwrap();
}

on_every_store! {
    async fn of_two_processes_one_gets_each_row(bed: &Bed) {
        let one = bed.open().await;
        many(&one, "a", 3000).await;
        let two = bed.open().await;

        let mut owners: HashMap<_, Vec<_>> = HashMap::new();
        for _ in 0..40 {
            let claims = [&one, &one, &two, &two].map(|store| store.claim(Which::First, AHEAD, 100));
            for (place, catch) in join_all(claims).await.into_iter().enumerate() {
                for row in catch.unwrap().claimed {
                    owners.entry(row.id).or_default().push(place / 2);
                }
            }
        }

        assert_eq!(owners.len(), 3000);
        assert!(owners.values().all(|by| by.len() == 1));
    }

    async fn what_a_dead_process_held_comes_back_and_its_late_writes_are_void(bed: &Bed) {
        let dead = bed.open().await;
        let (idle, cut_off) = (insert(&dead, due("a")).await, insert(&dead, due("b")).await);
        let rows = claim(&dead, Which::First).await;
        let of = |id| rows.iter().find(|row| row.id == id).unwrap();
        let zombie = begin(&dead, of(cut_off)).await;
        let alive = bed.open().await;
        if dead.is_shared() {
            assert!(!alive.look().await.unwrap().is_abandoned, "its lease still runs");
            assert_eq!(claim(&alive, Which::Abandoned).await, []);
            dead.leave().await.unwrap();
        }

        assert!(alive.look().await.unwrap().is_abandoned);
        let taken = claim(&alive, Which::Abandoned).await;

        assert_eq!(taken.iter().map(|row| row.id).collect::<HashSet<_>>(), HashSet::from([idle, cut_off]));
        assert!(!get(&alive, idle).await.in_doubt);
        assert!(get(&alive, cut_off).await.in_doubt, "it may have arrived");
        assert_eq!(dead.begin(begin_of(of(idle))).await.unwrap(), Begun::Void);
        assert!(!dead.settle(end(&zombie, sent())).await.unwrap());
        for row in &taken {
            assert!(alive.settle(end(&begin(&alive, row).await, sent())).await.unwrap());
        }
        assert!(!get(&alive, cut_off).await.in_doubt, "now it is known to have arrived");
        let trail: Vec<_> = alive.trail(cut_off).await.unwrap().into_iter().map(|one| one.what).collect();
        assert_eq!(trail, ["cut_off", "accepted", "accepted"], "the late word of the dead has its place, too");
    }

    async fn what_is_handed_back_is_free_at_once(bed: &Bed) {
        let one = bed.open().await;
        many(&one, "a", 50).await;
        let begun = begin(&one, &claim(&one, Which::First).await[0]).await;

        assert_eq!(one.hand_back(None).await.unwrap(), 49);

        assert_eq!(claim(&bed.open().await, Which::First).await.len(), 49);
        assert!(one.settle(end(&begun, sent())).await.unwrap(), "what was under way comes to its end");
    }

    async fn a_process_finds_out_what_it_holds(bed: &Bed) {
        let store = bed.open().await;
        many(&store, "a", 10).await;
        let claimed = claim(&store, Which::First).await;
        let begun = begin(&store, &claimed[0]).await;

        let all = store.claim(Which::Mine, AHEAD, 0).await.unwrap();
        assert_eq!(all.sending, [begun.id]);
        let mine: HashSet<_> = claim(&store, Which::Mine).await.into_iter().map(|row| (row.id, row.fence)).collect();
        assert_eq!(mine, claimed[1..].iter().map(|row| (row.id, row.fence)).collect());

        let lost = claim(&store, Which::Lost(vec![begun.id])).await;
        assert_eq!(lost.len(), 1);
        assert!(get(&store, begun.id).await.in_doubt);
        assert!(!store.settle(end(&begun, sent())).await.unwrap());
    }

    async fn further_attempts_wait_in_a_lane_of_their_own(bed: &Bed) {
        let store = bed.open().await;
        many(&store, "a", 20).await;
        for row in claim(&store, Which::First).await {
            let message = begin(&store, &row).await;
            let settlement = Settlement::Retry { at: Timestamp::now(), error: "no".into(), in_doubt: false };
            assert!(store.settle(end(&message, settlement)).await.unwrap());
        }
        let first = insert(&store, due("b")).await;

        let sight = store.look().await.unwrap();
        assert!(sight.first.is_some() && sight.again.is_some());
        let rows = store.claim(Which::First, AHEAD, 1).await.unwrap().claimed;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
        assert_eq!(claim(&store, Which::Again).await.len(), 20);
    }

    async fn accounts_with_something_due_are_found_however_much_one_of_them_has(bed: &Bed) {
        let store = bed.open().await;
        many(&store, "m", 2000).await;
        for account in ["a", "z", "ä", "'"] {
            insert(&store, due(account)).await;
        }
        let mut later = due("later");
        later.due_at = Timestamp::now() + Duration::from_secs(3600);
        insert(&store, later).await;

        let due = store.due_accounts(String::new(), AHEAD).await.unwrap();

        assert_eq!(due.accounts, ["'", "a", "m", "z", "ä"]);
        assert_eq!(due.next, None);
        assert_eq!(store.due_accounts("m".into(), AHEAD).await.unwrap().accounts, ["z", "ä"]);
        assert_eq!(store.claim(Which::FirstOf("m".into()), AHEAD, 64).await.unwrap().claimed.len(), 64);
    }

    async fn what_would_be_too_late_expires_and_what_may_have_arrived_waits_for_a_person(bed: &Bed) {
        let store = bed.open().await;
        let mut message = due("a");
        message.not_after = Some(Timestamp::now() + Duration::from_secs(3600));
        let (held, doubtful) = (insert(&store, message.clone()).await, insert(&store, message).await);
        let rows = claim(&store, Which::First).await;
        let of = |id| rows.iter().find(|row| row.id == id).unwrap();
        let begun = begin(&store, of(doubtful)).await;
        let settlement = Settlement::Retry { at: Timestamp::now(), error: "?".into(), in_doubt: true };
        assert!(store.settle(end(&begun, settlement)).await.unwrap());
        let over = Timestamp::now() - Duration::from_secs(1);
        for id in [held, doubtful] {
            let set = Set(
                "UPDATE messages SET not_after = ? WHERE id = ?",
                over.as_microsecond().into(),
                id.to_string(),
            );
            bed.database().await.write(set).await.unwrap();
        }

        assert_eq!(store.begin(begin_of(of(held))).await.unwrap(), Begun::Void);
        assert_eq!(claim(&store, Which::Again).await, []);

        assert_eq!(get(&store, held).await.state, State::Expired);
        assert_eq!(get(&store, doubtful).await.state, State::Unconfirmed);
    }

    async fn late_messages_are_sent_spread_or_skipped_as_their_account_wants(bed: &Bed) {
        let store = bed.open().await;
        let after = Duration::from_secs(60);
        let every = Duration::from_secs(10);
        store.set_catch_up("skip", Some(CatchUp::Skip { after })).await.unwrap();
        store.set_catch_up("spread", Some(CatchUp::Spread { after, every })).await.unwrap();
        store.set_catch_up("*", Some(CatchUp::Skip { after })).await.unwrap();
        store.set_catch_up("all", Some(CatchUp::All)).await.unwrap();
        let mut ids = HashMap::new();
        for account in ["skip", "spread", "all", "other"] {
            let mut late = due(account);
            late.due_at = Timestamp::now() - Duration::from_secs(300);
            ids.insert(account, insert(&store, late).await);
            insert(&store, due(account)).await;
        }

        let rows = claim(&store, Which::First).await;

        let spread: HashMap<_, _> = rows.iter().map(|row| (row.id, row.spread)).collect();
        assert_eq!(spread.len(), 6);
        assert_eq!(spread.get(&ids["all"]), Some(&None));
        assert_eq!(spread.get(&ids["spread"]), Some(&Some(every)));
        assert_eq!(get(&store, ids["skip"]).await.state, State::Expired);
        assert_eq!(get(&store, ids["other"]).await.state, State::Expired, "what all want holds for who says nothing");
    }

    async fn an_edit_takes_a_row_from_whoever_held_it(bed: &Bed) {
        let store = bed.open().await;
        let id = insert(&store, due("a")).await;
        let row = claim(&store, Which::First).await.remove(0);

        let edit = squall_scheduled_messages::Edit { text: Some("New".into()), ..Default::default() };
        assert!(matches!(change(&store, id, Change::Edit(edit)).await, Changed::Updated(_)));

        assert_eq!(store.begin(begin_of(&row)).await.unwrap(), Begun::Void);
        let row = claim(&store, Which::First).await.remove(0);
        assert_eq!(begin(&store, &row).await.text, "New");
    }
}
