//! The wall clock of one process is wrong, and changes its mind.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use squall_services::Faketime;

use crate::asked::Place;
use crate::author;
use crate::dice::dice;
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::store::Store;
use crate::verdict::judge;

const MESSAGES: usize = 150;

const HOUR: i64 = 3600;

/// From when messages are scheduled to when they are due.
const LEAD: Duration = Duration::from_secs(3);

/// Clocks of processes and of the database are the same one here, and yet are read one after another.
const EARLY: Duration = Duration::from_millis(250);

#[test]
fn a_clock_that_steps_by_an_hour_moves_no_message() {
    for store in ["PostgreSQL", "MariaDB"] {
        let (Some(clock), Some(store)) = (Faketime::start(), Store::fresh(store)) else { continue };
        stepped(store, &clock);
    }
}

fn stepped(store: Store, clock: &Faketime) {
    let mut dice = dice(store.name);
    let scene = Scene::new(store, 0, &Manner { clock: Some(clock), lease: Some(60), ..Manner::default() });
    scene.lose_nothing();
    scene.nodes.iter().for_each(Node::start);
    scene.nodes.iter().for_each(Node::listens);
    let mut asked = Vec::new();
    for ahead in [HOUR, -HOUR] {
        let begin = Instant::now();
        let numbers = asked.len()..asked.len() + MESSAGES;
        let due_at = Timestamp::now() + LEAD;
        let mut wave = author::bulk(&scene.addresses(), numbers, due_at, &Place::ALL);
        // While the messages wait in a process' own timer.
        thread::sleep((begin + LEAD - Duration::from_secs(1)).saturating_duration_since(Instant::now()));
        clock.set_ahead(ahead);
        let from = begin + LEAD - Duration::from_millis(300);
        author::change_minds(&scene.addresses(), &mut wave, from, Duration::from_secs(1), &mut dice);
        drop(scene.settled(&wave));
        let posts = scene.spots.values().flat_map(|spot| spot.receiver.posts());
        let due = due_at - EARLY;
        let ids: Vec<_> = wave.iter().map(|asked| asked.id.as_str()).collect();
        for post in posts.filter(|post| post.key().is_some_and(|key| ids.contains(&key))) {
            assert!(post.at_micros() >= due.as_microsecond(), "sent before {due_at}: {post:?}");
        }
        asked.extend(wave);
    }
    let rows = scene.settled(&asked);
    judge("clock off by an hour", &scene, &asked, &rows);
    scene.took_one_attempt(&rows);
    scene.said_little("clock off by an hour", 10);
}
