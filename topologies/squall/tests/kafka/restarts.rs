//! A process that is killed.

use std::collections::BTreeSet;

use squall_services::Kafka;

use crate::topics::Read;
use crate::wiring::{RUN, Scene, keys, post};

fn came(all: &[Read]) -> BTreeSet<String> {
    all.iter().map(Read::key).collect()
}

#[test]
fn what_comes_after_a_kill_goes_on_where_all_was_done() {
    const COUNT: u64 = 6_000;
    let Some(kafka) = Kafka::shared() else { return };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = Scene::set(kafka, "capacity = 2000");
    scene.from.write((0..COUNT).map(|id| ((id % 2) as i32, String::new(), Some(post(id)))));

    let mut least = 0;
    for _ in 0..3 {
        least += random.usize(200..1_500);
        let squall = scene.folder.start(&RUN);
        scene.to.read_until("a part", |all| came(all).len() >= least);
        squall.signal("KILL");
        squall.wait();
        // Nobody writes now: what is committed is there, or never comes.
        let committed: usize =
            scene.from.committed(&scene.group).into_iter().map(|to| to.max(0) as usize).sum();
        scene.to.read_until("what was committed", |all| came(all).len() >= committed);
    }
    let squall = scene.folder.start(&RUN);
    let out = scene.to.read_until("every activity", |all| came(all) == keys(0..COUNT));
    squall.signal("TERM");
    let (status, said) = squall.wait();

    assert!(status.success(), "{said}");
    // What was under way comes twice, and no more than that.
    let again = out.len() as u64 - COUNT;
    assert!(again <= 3 * 4_000, "seed {seed}: {again}");
    assert_eq!(scene.from.committed(&scene.group), [COUNT as i64 / 2; 2], "seed {seed}");
}
