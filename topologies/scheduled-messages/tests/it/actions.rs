//! Doing one thing to many messages at once.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use squall_scheduled_messages::{Filter, MessageId, NewMessage, Search, Settlement, State};

use crate::client::Caller;
use crate::support::message;

const ACTIONS: &str = "/api/v1/messages/actions";

/// Messages of an account, due in an hour and a minute more each.
async fn scheduled(caller: &Caller, account: &str, count: i64) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for number in 0..count {
        let due_at = Timestamp::now() + 1.hour() + number.minutes();
        let new = NewMessage { account: account.into(), ..message("inbox", due_at) };
        ids.push(caller.store.insert(new, "test").await.unwrap().id);
    }
    ids
}

async fn state(caller: &Caller, id: MessageId) -> State {
    caller.store.get(id).await.unwrap().unwrap().state
}

#[actix_web::test]
async fn all_that_a_query_finds_are_cancelled_and_no_others() {
    let caller = Caller::start().await;
    let (mine, others) = (scheduled(&caller, "me", 20).await, scheduled(&caller, "you", 3).await);

    let query = json!({"account": "me", "state": "scheduled"});
    let answer = caller.post(ACTIONS, json!({"action": "cancel", "query": query, "expect": 20})).await;

    assert_eq!(answer.body, json!({"asked": 20, "done": 20, "refused": []}));
    for id in mine {
        assert_eq!(state(&caller, id).await, State::Cancelled);
        assert_eq!(caller.store.trail(id).await.unwrap()[0].what, "cancelled");
    }
    for id in others {
        assert_eq!(state(&caller, id).await, State::Scheduled);
    }
}

#[actix_web::test]
async fn a_query_that_finds_another_number_than_expected_changes_nothing_and_tells_the_number() {
    let caller = Caller::start().await;
    let ids = scheduled(&caller, "me", 3).await;

    let query = json!({"account": "me"});
    let answer = caller.post(ACTIONS, json!({"action": "cancel", "query": query, "expect": 2})).await;

    assert_eq!(answer.problem(), (409, "/problems/count-changed"));
    assert_eq!(answer.body["count"], 3);
    for id in ids {
        assert_eq!(state(&caller, id).await, State::Scheduled);
    }
}

#[actix_web::test]
async fn what_is_not_done_is_told_with_its_reason_and_the_rest_is_done() {
    let caller = Caller::start().await;
    let (sending, _) = caller.sent_off().await;
    let (sent, attempt) = caller.sent_off().await;
    caller.settle(&attempt, Settlement::Sent { at: Timestamp::now(), receipt: None }).await;
    let waiting = caller.scheduled().await;
    let unknown = MessageId::new();

    let ids: Vec<_> = [sending, sent, waiting, unknown].map(|id| id.to_string()).into();
    let answer = caller.post(ACTIONS, json!({"action": "cancel", "ids": ids})).await;

    assert_eq!((&answer.body["asked"], &answer.body["done"]), (&json!(4), &json!(1)));
    let refused: Vec<_> = answer.body["refused"].as_array().unwrap().iter().collect();
    let told: Vec<_> =
        refused.iter().map(|one| (one["id"].as_str().unwrap(), one["status"].as_u64().unwrap())).collect();
    assert_eq!(told, [(ids[0].as_str(), 409), (ids[1].as_str(), 409), (ids[3].as_str(), 404)]);
    assert!(refused[0]["detail"].as_str().unwrap().starts_with("Too late"), "{refused:?}");
}

#[actix_web::test]
async fn messages_are_moved_by_so_much_each_or_to_one_instant() {
    let caller = Caller::start().await;
    let ids = scheduled(&caller, "me", 2).await;
    let due = async |id| caller.store.get(id).await.unwrap().unwrap().due_at;
    let (first, second) = (due(ids[0]).await, due(ids[1]).await);
    let names: Vec<_> = ids.iter().map(ToString::to_string).collect();

    let later = caller.post(ACTIONS, json!({"action": "move", "ids": names, "by": "2h"})).await;
    assert_eq!((&later.body["done"], due(ids[0]).await), (&json!(2), first + 2.hours()));
    assert_eq!(due(ids[1]).await, second + 2.hours());

    let to = json!({"action": "move", "ids": names, "wall": "2099-01-01T09:00", "zone": "Europe/Berlin"});
    assert_eq!(caller.post(ACTIONS, to).await.body["done"], 2);
    assert_eq!(due(ids[1]).await, "2099-01-01T09:00:00+01:00".parse().unwrap());
}

#[actix_web::test]
async fn what_makes_no_sense_changes_nothing_and_is_told_at_its_place() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let with = |body: Value| caller.post(ACTIONS, body);

    let many = vec![id.to_string(); 1001];
    for (body, pointer) in [
        (json!({"action": "cancel"}), ""),
        (json!({"action": "cancel", "query": {}}), "/expect"),
        (json!({"action": "cancel", "ids": []}), "/ids"),
        (json!({"action": "cancel", "ids": many}), "/ids"),
        (json!({"action": "cancel", "ids": [id.to_string()], "by": "1h"}), "/action"),
        (json!({"action": "move", "ids": [id.to_string()], "by": "soon"}), "/by"),
        (json!({"action": "move", "ids": [id.to_string()], "by": "1h", "in": "1h"}), "/by"),
        (json!({"action": "shout", "ids": [id.to_string()]}), "/action"),
    ] {
        let answer = with(body.clone()).await;
        assert_eq!((answer.status, answer.pointer()), (422, pointer), "{body}");
    }
    assert_eq!(with(json!({"action": "cancel", "ids": ["x"]})).await.status, 404);
    assert_eq!(with(json!({"action": "cancel", "query": {"state": "lost"}, "expect": 1})).await.status, 400);
    assert_eq!(state(&caller, id).await, State::Scheduled);
}

#[actix_web::test]
async fn pages_of_a_search_show_every_message_once_and_in_the_order_of_their_instants() {
    let caller = Caller::start().await;
    let ids = scheduled(&caller, "me", 7).await;
    for text in ["An Offer of 50%", "50 offers"] {
        let new = NewMessage { text: text.into(), ..message("inbox", Timestamp::now() + 9.hours()) };
        caller.store.insert(new, "test").await.unwrap();
    }
    let queued =
        Filter { states: vec![State::Scheduled, State::Claimed, State::Retrying], ..Filter::default() };
    let search = Search { filter: queued.clone(), text: None };

    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = caller.store.search(search.clone(), after, 2).await.unwrap();
        found.extend(page.messages);
        after = page.next;
        if after.is_none() {
            break;
        }
    }

    assert_eq!(found.len(), 9);
    assert_eq!(found[..7].iter().map(|message| message.id).collect::<Vec<_>>(), ids);
    assert!(found.is_sorted_by_key(|message| message.due_at));
    let offers = Search { filter: queued, text: Some("50% of".into()) };
    assert_eq!(caller.store.search(offers.clone(), None, 9).await.unwrap().messages, []);
    let offers = Search { text: Some("oFFer of 50%".into()), ..offers };
    let page = caller.store.search(offers, None, 9).await.unwrap();
    assert_eq!((page.messages.len(), page.next, page.is_cut), (1, None, false));
}
