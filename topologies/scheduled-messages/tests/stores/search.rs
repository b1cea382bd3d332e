//! Looking through messages in the order in which people want to see them.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use squall_scheduled_messages::{Filter, MessageId, NewMessage, Place, Search, State, Store};

use super::bed::{Bed, in_state, insert};
use super::on_every_store;

/// Walks through a search in pages of two.
async fn walk(store: &Store, filter: Filter, text: Option<&str>) -> Vec<MessageId> {
    let search = Search { filter, text: text.map(str::to_owned) };
    let (mut found, mut after) = (Vec::new(), None::<Place>);
    loop {
        let page = store.search(search.clone(), after, 2).await.unwrap();
        assert!(page.messages.len() <= 2 && !page.is_cut);
        found.extend(page.messages.into_iter().map(|message| message.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let matches = store.matches(search.clone(), 100).await.unwrap();
    let mut all = matches.ids;
    all.sort_unstable();
    let mut walked = found.clone();
    walked.sort_unstable();
    assert_eq!((all, matches.is_cut), (walked, false));
    assert_eq!(store.matches(search, 1).await.unwrap().is_cut, found.len() > 1);
    found
}

fn of(states: &[State]) -> Filter {
    Filter { states: states.to_vec(), ..Filter::default() }
}

on_every_store! {
    async fn what_comes_is_found_by_its_instant_and_what_is_over_from_its_end(bed: &Bed) {
        let store = bed.open().await;
        let start = Timestamp::now() + 1.hour();
        let mut coming = Vec::new();
        for minutes in [3, 1, 2, 2, 5] {
            let due_at = start + minutes.minutes();
            coming.push((due_at, insert(&store, NewMessage::new("a", "hook", "Hello", due_at)).await));
        }
        coming.sort_unstable();
        let coming: Vec<_> = coming.into_iter().map(|(_, id)| id).collect();
        let mut dead = Vec::new();
        for account in ["d1", "d2", "d3"] {
            dead.push(in_state(&store, State::Dead, account).await.id);
        }
        let unknown = in_state(&store, State::Unconfirmed, "u").await.id;
        let sent = in_state(&store, State::Sent, "s").await.id;
        dead.reverse();

        assert_eq!(walk(&store, of(&[State::Scheduled, State::Claimed]), None).await, coming);
        assert_eq!(walk(&store, of(&[State::Dead]), None).await, dead);
        assert_eq!(walk(&store, of(&[State::Unconfirmed]), None).await, [unknown]);
        assert_eq!(walk(&store, of(&[State::Sent, State::Cancelled]), None).await, [sent]);
        assert_eq!(walk(&store, of(&[]), None).await.len(), 10);
        let mine = Filter { account: Some("a".into()), ..of(&[State::Scheduled]) };
        assert_eq!(walk(&store, mine, None).await, coming);

        let waits = store.for_people().await.unwrap();
        assert_eq!((waits.unconfirmed, waits.dead), (1, 3));
    }

    async fn a_text_is_found_wherever_it_stands_and_signs_stand_for_themselves(bed: &Bed) {
        let store = bed.open().await;
        let due_at = Timestamp::now() + Duration::from_secs(3600);
        let mut ids = Vec::new();
        for text in ["An Offer of 50%", "500 offers", "so_so", "so-so", "wow!"] {
            ids.push(insert(&store, NewMessage::new("a", "hook", text, due_at)).await);
        }

        let all = of(&[State::Scheduled]);
        assert_eq!(walk(&store, all.clone(), Some("OFFER")).await, ids[..2]);
        assert_eq!(walk(&store, all.clone(), Some("50%")).await, ids[..1]);
        assert_eq!(walk(&store, all.clone(), Some("so_so")).await, ids[2..3]);
        assert_eq!(walk(&store, all.clone(), Some("w!")).await, ids[4..]);
        assert_eq!(walk(&store, all, Some("' OR 1 = 1 --")).await, []);
    }
}
