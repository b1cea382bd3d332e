//! From a topic to a table.

use std::path::Path;

use squall_connect::sql::{Access, Connection, Database, Options};
use squall_services::Kafka;

use crate::process::Folder;
use crate::table::{self, block_on};
use crate::topics::Topic;
use crate::wiring::{RUN, keys, post};

fn config(brokers: &str, topic: &Topic, group: &str) -> String {
    format!(
        "[enrichment]\ncapacity = 3000\n\
         [enrichment.source]\ntype = 'kafka'\nbrokers = '{brokers}'\ntopic = '{}'\ngroup = '{group}'\n\
         instance = 'one'\nsession_timeout = '6s'\ndrain_timeout = '2s'\ncommit_interval = '100ms'\ntasks = 2\n\
         [enrichment.sink]\ntype = 'sqlite'\npath = 'enriched.sqlite3'\n",
        topic.name
    )
}

#[derive(Clone)]
struct Delete(String);

impl Access for Delete {
    type Answer = u64;

    async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
        connection.execute("DELETE FROM activities WHERE id = ?", [self.0.into()]).await
    }
}

/// Takes one out that nobody would write again.
fn delete(path: &Path, id: &str) {
    let deleted = block_on(async {
        Database::open(Options::file(path), &[]).await.unwrap().write(Delete(id.to_owned())).await.unwrap()
    });
    assert_eq!(deleted, 1, "{id}");
}

#[test]
fn every_record_is_in_the_table_once_and_the_table_says_where_to_go_on() {
    const COUNT: u64 = 4_000;
    let Some(kafka) = Kafka::shared() else { return };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let topic = Topic::make(&kafka.brokers(), "activities", 2);
    let record = |id: u64| ((id % 2) as i32, String::new(), Some(post(id)));
    topic.write((0..COUNT).map(record));
    let group = format!("tables-{:08x}", fastrand::u32(..));
    let folder = Folder::with_config(&config(&kafka.brokers(), &topic, &group));
    let path = folder.path().join("enriched.sqlite3");

    let mut least = 0;
    for _ in 0..2 {
        least += random.usize(100..1_500);
        let squall = folder.start(&RUN);
        table::wait_for(&path, least);
        squall.signal("KILL");
        squall.wait();
    }
    let squall = folder.start(&RUN);
    let rows = table::wait_for(&path, COUNT as usize);
    squall.signal("TERM");
    assert!(squall.wait().0.success(), "seed {seed}");
    assert!(rows.iter().map(|(id, _)| id.clone()).eq(keys(0..COUNT)), "seed {seed}");

    // Another group has read nothing, but the table knows what it has: whatever is taken out of it does not come again.
    delete(&path, "id:7");
    topic.write((COUNT..COUNT + 100).map(record));
    folder.write("squall.toml", &config(&kafka.brokers(), &topic, &format!("{group}-other")));
    let squall = folder.start(&RUN);
    let rows = table::wait_for(&path, COUNT as usize + 99);
    squall.signal("TERM");
    assert!(squall.wait().0.success(), "seed {seed}");
    let expected = keys((0..COUNT + 100).filter(|id| *id != 7));
    assert!(rows.iter().map(|(id, _)| id.clone()).eq(expected), "seed {seed}");
}
