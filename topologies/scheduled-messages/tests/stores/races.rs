//! Edits and cancels against claims, beginnings and ends, at the same time.

use squall_scheduled_messages::{Begun, Change, Changed, Edit, MessageId, State, Store, Which};

use super::bed::{Bed, begin_of, claim, due, end, get, insert, sent};
use super::on_every_store;

/// Messages that are raced for on each store: as many as `SQUALL_RACES` says, all together.
fn rounds() -> usize {
    std::env::var("SQUALL_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// A generator of the numbers that decide who waits for how long; its seed is printed.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let seed = std::env::var("SQUALL_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("SQUALL_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What the author was told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Edited,
    Cancelled,
    TooLate,
    AlreadySent,
}

async fn pause(turns: u64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// Sends one message as spout and bolt do; returns the texts that went out.
async fn send(store: &Store, pauses: [u64; 3]) -> Vec<String> {
    let mut out = Vec::new();
    pause(pauses[0]).await;
    for _ in 0..3 {
        let rows = claim(store, Which::First).await;
        pause(pauses[1]).await;
        for row in rows {
            if let Begun::Send(message) = store.begin(begin_of(&row)).await.unwrap() {
                out.push(message.text.clone());
                pause(pauses[2]).await;
                assert!(store.settle(end(&message, sent())).await.unwrap());
            }
        }
    }
    out
}

async fn interfere(store: &Store, id: MessageId, cancels: bool, turns: u64) -> Told {
    pause(turns).await;
    let change = if cancels {
        Change::Cancel
    } else {
        Change::Edit(Edit { text: Some("new".into()), ..Edit::default() })
    };
    match store.change(id, change, None, "ada").await.unwrap() {
        Changed::Updated(message) if cancels => {
            assert_eq!(message.state, State::Cancelled);
            Told::Cancelled
        }
        Changed::Updated(_) => Told::Edited,
        Changed::TooLate { by, .. } => {
            assert_eq!(by, store.owner());
            Told::TooLate
        }
        Changed::AlreadySent(message) => {
            assert_eq!(message.receipt.as_deref(), Some("there"));
            Told::AlreadySent
        }
        other => panic!("{other:?}"),
    }
}

on_every_store! {
    async fn no_cancelled_message_is_sent_no_old_text_and_every_answer_is_true(bed: &Bed) {
        let store = bed.open().await;
        let mut dice = Dice::new();
        let mut told = [0; 4];
        for _ in 0..rounds() {
            let id = insert(&store, due("a")).await;
            let cancels = dice.below(2) == 0;
            // A statement takes a good many turns: wide enough for each to come first, within or last.
            let mut turns = || { let most = 1 << dice.below(12); dice.below(most) };
            let (pauses, wait) = ([turns(), turns(), turns()], turns());

            let (mut out, answer) = tokio::join!(send(&store, pauses), interfere(&store, id, cancels, wait));
            // A claim passes over a row that is being changed; the next one finds it.
            out.extend(send(&store, [0; 3]).await);

            let after = get(&store, id).await;
            match answer {
                Told::Cancelled => assert_eq!((out.len(), after.state), (0, State::Cancelled)),
                Told::Edited => assert_eq!((out, after.state), (vec!["new".to_owned()], State::Sent)),
                Told::TooLate | Told::AlreadySent => {
                    assert_eq!((out, after.state), (vec!["Hello".to_owned()], State::Sent));
                }
            }
            told[answer as usize] += 1;
        }
        println!("edited, cancelled, too late, already sent: {told:?}");
        assert!(told[..2].iter().all(|count| *count > 0), "{told:?}: the race is one-sided");
    }
}
