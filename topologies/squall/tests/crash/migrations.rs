//! Killed while the schema changes.

use std::thread;
use std::time::Duration;

use crate::dice::{dice, number};
use crate::node::{Manner, Node};
use crate::scene::nodes;
use crate::store::Store;

/// Databases of each store.
fn rounds() -> u64 {
    number("SQUALL_MIGRATIONS").unwrap_or(4)
}

/// The longest that a process lives; most of it is the time that a start takes.
const LONGEST: u64 = 600;

#[test]
fn a_process_that_dies_while_the_schema_changes_leaves_one_that_the_next_can_use() {
    let mut dice = dice("migrations");
    for store in Store::NAMES {
        for round in 0..rounds() {
            let Some(store) = Store::fresh(store) else { continue };
            let nodes = nodes(&store, "", &Manner::default());
            for node in &nodes {
                node.start();
            }
            thread::sleep(Duration::from_millis(dice.u64(..LONGEST)));
            nodes.iter().for_each(Node::kill);

            nodes.iter().for_each(Node::start);
            nodes.iter().for_each(Node::listens);
            println!("{} {round}: every process runs", store.name);
        }
    }
}
