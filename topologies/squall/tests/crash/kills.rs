//! Killed at random, again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;

use crate::asked::{Asked, Place};
use crate::author;
use crate::dice::{dice, number};
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::store::Store;
use crate::verdict::judge;

/// How often the processes of each store are killed.
fn kills() -> u64 {
    number("SQUALL_KILLS").unwrap_or(5)
}

/// Messages that fall due together.
fn messages() -> usize {
    number("SQUALL_MESSAGES").map_or(200, |count| usize::try_from(count).unwrap())
}

/// From when a wave of messages is scheduled to when it is due.
const LEAD: Duration = Duration::from_secs(2);

/// The longest a process runs before one is killed.
const LONGEST: u64 = 1500;

#[test]
fn a_process_of_its_own_that_is_killed_at_random_loses_and_doubles_nothing() {
    killed_at_random(Store::sqlite());
}

#[test]
fn processes_on_postgresql_that_are_killed_at_random_lose_and_double_nothing() {
    Store::postgres().into_iter().for_each(killed_at_random);
}

#[test]
fn processes_on_mariadb_that_are_killed_at_random_lose_and_double_nothing() {
    Store::mariadb().into_iter().for_each(killed_at_random);
}

/// Waves of messages fall due until there were kills enough.
fn killed_at_random(store: Store) {
    let mut dice = dice(store.name);
    let scene = Scene::new(store, dice.u64(..), &Manner::default());
    scene.nodes.iter().for_each(Node::start);
    let is_over = AtomicBool::new(false);
    let mut asked: Vec<Asked> = Vec::new();
    let started = Instant::now();
    thread::scope(|scope| {
        let mut chance = dice.fork();
        let (scene, is_over) = (&scene, &is_over);
        scope.spawn(move || {
            for _ in 0..kills() {
                kill_one(scene, &mut chance);
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) || asked.is_empty() {
            asked.extend(wave(scene, asked.len(), &mut dice));
        }
    });
    let last = Instant::now();
    let rows = scene.settled(&asked);
    println!(
        "{}: {} kills in {:.0?}, {} messages, settled {:.1?} after the last",
        scene.store.name,
        kills(),
        last - started,
        asked.len(),
        last.elapsed()
    );
    judge("killed at random", &scene, &asked, &rows);
}

/// Messages that are all due at one instant, and minds that are changed around it.
fn wave(scene: &Scene, first: usize, dice: &mut Rng) -> Vec<Asked> {
    let begin = Instant::now();
    let numbers = first..first + messages();
    let mut asked = author::bulk(&scene.addresses(), numbers, Timestamp::now() + LEAD, &Place::ALL);
    let (from, span) = (begin + LEAD - Duration::from_millis(500), Duration::from_millis(1500));
    author::change_minds(&scene.addresses(), &mut asked, from, span, dice);
    asked
}

fn kill_one(scene: &Scene, dice: &mut Rng) {
    thread::sleep(Duration::from_millis(dice.u64(..LONGEST)));
    let node = &scene.nodes[dice.usize(..scene.nodes.len())];
    node.kill();
    thread::sleep(Duration::from_millis(dice.u64(..LONGEST / 5)));
    node.start();
}
