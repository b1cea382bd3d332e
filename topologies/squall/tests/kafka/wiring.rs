//! From topic to topic.

use std::collections::BTreeSet;

use serde_json::Value;
use squall_services::Kafka;

use crate::process::Folder;
use crate::topics::Topic;

/// Topics and a binary that reads from one to the other.
pub(crate) struct Scene {
    pub(crate) from: Topic,
    pub(crate) to: Topic,
    pub(crate) dead: Topic,
    pub(crate) group: String,
    pub(crate) folder: Folder,
}

impl Scene {
    pub(crate) fn set(kafka: &Kafka, more: &str) -> Self {
        let brokers = kafka.brokers();
        let from = Topic::make(&brokers, "activities", 2);
        let to = Topic::make(&brokers, "enriched", 2);
        let dead = Topic::make(&brokers, "dead", 1);
        let group = format!("enrichment-{:08x}", fastrand::u32(..));
        let folder = Folder::with_config(&format!(
            "[enrichment]\n{more}\n\
             [enrichment.source]\ntype = 'kafka'\nbrokers = '{brokers}'\ntopic = '{}'\ngroup = '{group}'\n\
             instance = 'one'\nsession_timeout = '6s'\ndrain_timeout = '2s'\ncommit_interval = '100ms'\ntasks = 2\n\
             [enrichment.sink]\ntype = 'kafka'\nbrokers = '{brokers}'\ntopic = '{}'\n\
             [enrichment.dead_letters]\ntype = 'kafka'\ntopic = '{}'\n",
            from.name, to.name, dead.name
        ));
        Self { from, to, dead, group, folder }
    }
}

/// How the binary is started.
pub(crate) const RUN: [&str; 4] = ["run", "enrichment", "--listen", "127.0.0.1:0"];

/// A post in English.
pub(crate) fn post(id: u64) -> String {
    format!(r#"{{"id":{id},"text":"Good morning, how is everybody today?"}}"#)
}

/// The ids of posts by the keys of their records.
pub(crate) fn keys(ids: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    ids.into_iter().map(|id| format!("id:{id}")).collect()
}

#[test]
fn each_record_comes_out_enriched_and_poison_goes_to_the_dead_letters_with_its_bytes() {
    let Some(kafka) = Kafka::shared() else { return };
    let scene = Scene::set(kafka, "");
    let poison: [&[u8]; 4] = [b"{\"id\":1", b"\xff\xfe{}", b"", b"[\"\\ud800\"]"];
    let record = |id: u64| ((id % 2) as i32, format!("key {id}"), Some(post(id).into_bytes()));
    scene.from.write((0..500).map(record));
    scene.from.write(poison.map(|value| (0, "bad".to_owned(), Some(value.to_owned()))));
    scene.from.write([(0, "forgotten".to_owned(), None::<Vec<u8>>)]);
    scene.from.write([(1, "none".to_owned(), Some(br#"{"text":"Guten Morgen, wie geht es allen heute?"}"#))]);
    scene.from.write((500..1000).map(record));

    let mut squall = scene.folder.start(&RUN);
    let mut expected = keys(0..1000);
    expected.insert(format!("{}/1/250", scene.from.name));
    let out = scene.to.read_until("every activity", |all| {
        let came: BTreeSet<_> = all.iter().map(|read| read.key()).collect();
        came == expected
    });
    let mut dead = scene.dead.read_until("every dead letter", |all| all.len() == poison.len());
    // Several tasks write them: any may be the first.
    dead.sort_by_key(|letter| letter.headers["squall.offset"].clone());
    squall.signal("TERM");
    squall.read_until("dead letters");
    let (status, said) = squall.wait();

    assert!(status.success(), "{said}");
    for read in &out {
        let activity: Value = serde_json::from_str(&read.text()).unwrap();
        let code = &activity["enrichment"]["language"]["code"];
        assert!(code == "eng" || (code == "deu" && read.key().ends_with("/1/250")), "{activity}");
    }
    for (letter, (value, offset)) in dead.iter().zip(poison.into_iter().zip(250..)) {
        assert_eq!((letter.key().as_str(), letter.value.as_deref()), ("bad", Some(value)));
        assert_eq!(letter.headers["squall.topic"], scene.from.name);
        assert_eq!(letter.headers["squall.partition"], "0");
        assert_eq!(letter.headers["squall.offset"], offset.to_string());
        assert!(!letter.headers["squall.reason"].is_empty(), "{letter:?}");
    }
    assert_eq!(scene.from.committed(&scene.group), [505, 501], "nothing blocks its partition");
}

#[test]
fn a_dry_run_tells_what_is_wrong_and_connects_to_nothing() {
    let config = "[enrichment.source]\ntype = 'kafka'\nbrokers = '127.0.0.1:1'\ntopic = 'a'\ngroup = 'b'\n\
                  drain_timeout = '20s'\n[enrichment.sink]\ntype = 'kafka'\nbrokers = '127.0.0.1:1'\ntopic = ''\n";
    let folder = Folder::with_config(config);

    let ended = folder.output(&["validate"]);

    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("squall.toml:1:13") && ended.stderr.contains("session_timeout"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("squall.toml:7:13") && ended.stderr.contains("`topic` is empty"),
        "{}",
        ended.stderr
    );
    assert!(!folder.path().join("squall-data").exists());
    folder.write("squall.toml", &config.replace("20s", "2s").replace("''", "'c'"));
    let ended = folder.output(&["validate"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!folder.path().join("squall-data").exists());
}
