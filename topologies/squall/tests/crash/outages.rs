//! The database is away while messages become due.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use squall_services::{MariaDb, Postgres};

use crate::asked::Place;
use crate::author;
use crate::dice::{dice, number};
use crate::node::{Manner, Node};
use crate::scene::Scene;
use crate::store::Store;
use crate::verdict::judge;

/// For how many seconds a process may be silent. It says something each third of that: one that the system lets wait for so
/// long is taken for dead, and what it holds takes another attempt.
const LEASE: u64 = 6;

/// How long the database is away; if nothing else is said, longer than a lease.
fn outage() -> Duration {
    Duration::from_secs(number("SQUALL_OUTAGE").unwrap_or(LEASE + 1))
}

const MESSAGES: usize = 300;

/// From when messages are scheduled to when they are due.
const LEAD: Duration = Duration::from_secs(3);

/// Warnings and errors of a process, for an outage of any length.
const LINES: usize = 20;

#[test]
fn nothing_is_lost_and_no_attempt_is_burnt_while_postgresql_is_killed_or_frozen() {
    let Some(server) = Postgres::start() else { return };
    let store = || Store { name: "PostgreSQL", url: Some(server.fresh_database()), processes: 2 };
    away("killed", store(), || server.stop_hard(), || server.start_again());
    away("frozen", store(), || server.freeze(), || server.thaw());
}

#[test]
fn nothing_is_lost_and_no_attempt_is_burnt_while_mariadb_is_killed_or_frozen() {
    let Some(server) = MariaDb::start() else { return };
    let store = || Store { name: "MariaDB", url: Some(server.fresh_database()), processes: 2 };
    away("killed", store(), || server.stop_hard(), || server.start_again());
    away("frozen", store(), || server.freeze(), || server.thaw());
}

fn away(how: &str, store: Store, stop: impl FnOnce(), go_on: impl FnOnce()) {
    let mut dice = dice(how);
    let scene = Scene::new(store, 0, &Manner { lease: Some(LEASE), ..Manner::default() });
    scene.lose_nothing();
    scene.nodes.iter().for_each(Node::start);
    scene.nodes.iter().for_each(Node::listens);
    let begin = Instant::now();
    let mut asked = author::bulk(&scene.addresses(), 0..MESSAGES, Timestamp::now() + LEAD, &Place::ALL);
    // While some wait for their instant, or are on their way.
    let early = Duration::from_millis(dice.u64(..400));
    thread::sleep(
        (begin + LEAD + Duration::from_millis(200) - early).saturating_duration_since(Instant::now()),
    );
    stop();
    thread::sleep(outage());
    go_on();
    let (now, span) = (Instant::now(), Duration::from_secs(1));
    author::change_minds(&scene.addresses(), &mut asked, now, span, &mut dice);
    let rows = scene.settled(&asked);
    println!(
        "{} {how} for {:?}: settled {:.1?} after it was back",
        scene.store.name,
        outage(),
        now.elapsed()
    );
    judge(&format!("database {how}"), &scene, &asked, &rows);
    scene.took_one_attempt(&rows);
    scene.said_little(how, LINES + MESSAGES);
}
