//! Killed at each labelled point.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;

use crate::asked::Place;
use crate::author;
use crate::dice::{dice, number};
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::store::Store;
use crate::verdict::judge;

/// The points, each with how often it is passed before the process dies there: those in a statement for many messages
/// are passed now and then, those of one message a good many times.
const POINTS: [(&str, Range<u32>); 20] = [
    ("migrate", 1..2),
    ("migrated", 1..2),
    ("inserting", 1..30),
    ("inserted", 1..100),
    ("changing", 1..15),
    ("changed", 1..15),
    ("claim", 1..2),
    ("claiming", 1..2),
    ("claimed", 1..2),
    ("release", 1..80),
    ("begin", 1..4),
    ("beginning", 1..4),
    ("begun", 1..80),
    ("answered", 1..80),
    ("settling", 1..4),
    ("settled", 1..80),
    ("taking_over", 1..2),
    ("hand_back", 1..2),
    ("handed_back", 1..2),
    ("bulk", 2..4),
];

/// Messages of one case.
const MESSAGES: usize = 300;

/// Messages of a request for many: they are stored in more than one piece.
const MANY: usize = 3500;

/// From the beginning to the instant at which all are due.
const LEAD: Duration = Duration::from_millis(3500);

/// Cases at the same time: each mostly waits.
const AT_ONCE: usize = 4;

/// Points of each store.
fn wanted() -> usize {
    number("SQUALL_POINTS").map_or(1, |count| usize::try_from(count).unwrap())
}

#[test]
fn no_message_is_lost_doubled_or_answered_untruly_wherever_the_process_dies() {
    let mut dice = dice("points");
    let only = std::env::var("SQUALL_POINT").ok();
    let mut cases = Vec::new();
    for store in Store::NAMES {
        let mut points = POINTS.to_vec();
        if let Some(only) = &only {
            points.retain(|(label, _)| label == only);
        } else {
            dice.shuffle(&mut points);
            points.truncate(wanted());
        }
        cases
            .extend(points.into_iter().map(|(label, passes)| (store, label, dice.u32(passes), dice.u64(..))));
    }
    let cases = Mutex::new(cases.into_iter());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((store, label, pass, seed)) = { cases.lock().unwrap().next() } {
                    if let Some(store) = Store::fresh(store) {
                        dies_at(store, label, pass, seed);
                    }
                }
            });
        }
    });
}

fn dies_at(store: Store, label: &str, pass: u32, seed: u64) {
    let mut dice = Rng::with_seed(seed);
    let at = if label == "bulk" { format!("inserting:{pass}") } else { format!("{label}:{pass}") };
    let scene = Scene::new(store, seed, &Manner { crash_at: Some(&at), ..Manner::default() });
    scene.nodes.iter().for_each(Node::start_armed);
    let over = AtomicBool::new(false);
    let (asked, rows) = thread::scope(|scope| {
        let _over = AtTheEnd(&over);
        scope.spawn(|| resurrect(&scene, &over));
        // Some die before they listen, and listen when they are back.
        scene.nodes.iter().for_each(Node::answers);
        let begin = Instant::now();
        let due_at = Timestamp::now() + LEAD;
        let mut asked = match label {
            "bulk" => author::bulk(&scene.addresses(), 0..MANY, due_at, &Place::ALL),
            "inserting" | "inserted" => {
                author::schedule(&scene.addresses(), 0..MESSAGES, due_at, &Place::ALL)
            }
            _ => author::bulk(&scene.addresses(), 0..MESSAGES, due_at, &Place::ALL),
        };
        let scene = &scene;
        scope.spawn(move || interfere(scene, label, begin));
        let (from, span) = (begin + LEAD - Duration::from_millis(700), Duration::from_millis(2200));
        author::change_minds(&scene.addresses(), &mut asked, from, span, &mut dice);
        let rows = scene.settled(&asked);
        (asked, rows)
    });
    judge(&at, &scene, &asked, &rows);
    assert!(scene.nodes.iter().any(|node| node.crashed()), "{} never came to {at}", scene.store.name);
}

/// Some points are passed only when something else happens.
fn interfere(scene: &Scene, label: &str, begin: Instant) {
    let due = begin + LEAD;
    match label {
        // While most of what it holds waits for its instant.
        "hand_back" | "handed_back" => {
            thread::sleep((due - Duration::from_millis(300)).saturating_duration_since(Instant::now()));
            scene.nodes[0].terminate();
        }
        // All of them, whichever holds what waits for its instant: the first to come back takes it over.
        "taking_over" => {
            thread::sleep((due - Duration::from_millis(300)).saturating_duration_since(Instant::now()));
            scene.nodes.iter().for_each(Node::kill_and_arm);
        }
        _ => {}
    }
}

/// Starts whatever dies again, without its point.
fn resurrect(scene: &Scene, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        scene.nodes.iter().for_each(Node::start_if_it_ended);
        thread::sleep(Duration::from_millis(30));
    }
}

/// Set when this goes out of sight, by a panic too: nobody must wait for what never comes.
struct AtTheEnd<'a>(&'a AtomicBool);

impl Drop for AtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
