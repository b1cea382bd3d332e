//! What the configuration promises to the person who writes it.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{fs, num::NonZeroUsize, path::Path, time::Duration};

use serde::Deserialize;
use squall_topology::{
    config::{Config, ConfigError},
    settings::{AdminSettings, EngineSettings, RestartMode, RestartPolicy, Size},
};

fn parse(text: &str) -> Config {
    Config::parse("squall.toml", text).unwrap()
}

fn places(error: &ConfigError) -> Vec<String> {
    error.errors.iter().map(|fault| fault.place()).collect()
}

fn load(text: &str, environment: &[(&str, &str)], sets: &[&str]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("squall.toml");
    fs::write(&path, text).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&path), environment, &sets.iter().map(|set| (*set).to_owned()).collect::<Vec<_>>())
}

#[test]
fn an_empty_configuration_gives_the_documented_defaults() {
    let mut config = Config::empty();
    let engine: EngineSettings = config.section_or_default("engine");
    assert_eq!(
        (engine.threads, engine.data_dir, engine.drain_deadline, engine.latencies),
        (None, None, Duration::from_secs(30), true)
    );
    let admin: AdminSettings = config.section_or_default("admin");
    assert_eq!(admin.listen.to_string(), "127.0.0.1:8090");
    let expected = RestartPolicy {
        policy: RestartMode::Transient,
        backoff: Duration::from_millis(10),
        max_backoff: Duration::from_secs(10),
        budget: 10,
        window: Duration::from_secs(60),
    };
    assert_eq!(RestartPolicy::default(), expected);
    config.finish().unwrap();
}

#[test]
fn every_setting_reaches_its_component() {
    let mut config = parse(
        r#"
[topology.word-count]
message_timeout = "30s"
max_pending = 1_024
[topology.word-count.component.split]
parallelism = 4
inbox = 4096
tick = "100ms"
restart = { policy = "never", budget = 3 }
"#,
    );
    let settings = config.topology("word-count", &["lines", "split"]).unwrap();
    config.finish().unwrap();
    let split = settings.component("split");
    assert_eq!((split.parallelism, split.inbox, split.max_pending), (Some(4), Some(4096), Some(1024)));
    assert_eq!(split.tick, Some(Duration::from_millis(100)));
    assert_eq!(split.message_timeout, Some(Duration::from_secs(30)));
    let restart = RestartPolicy { policy: RestartMode::Never, budget: 3, ..RestartPolicy::default() };
    assert_eq!(split.restart, Some(restart));
    assert_eq!(settings.component("lines").parallelism, None);
}

#[test]
fn an_unknown_key_is_shown_with_line_caret_and_suggestion() {
    let mut config = parse("[topology.word-count.component.split]\ninbox = 1\nparalelism = 8\n");
    let error = config.topology("word-count", &["split"]).unwrap_err();
    let expected = "\
error: unknown key `paralelism`
 --> squall.toml:3:1
  |
3 | paralelism = 8
  | ^^^^^^^^^^ expected one of `parallelism`, `inbox`, `max_pending`, `message_timeout`, `tick`, `stuck_after`, `concurrency`, `call_timeout`, `retry`, `restart`, `replay`
  |
help: did you mean `parallelism`?";
    assert_eq!(error.to_string(), expected);
    let fault = &error.errors[0];
    assert_eq!(
        (fault.line(), fault.column(), fault.help()),
        (Some(3), Some(1), Some("did you mean `parallelism`?"))
    );
}

#[test]
fn a_duration_without_or_with_a_wrong_unit_says_what_to_write() {
    let mut config = parse("[engine]\ndrain_deadline = 30\n");
    let error = config.section::<EngineSettings>("engine").unwrap_err();
    let expected = "\
error: a duration needs a unit: write \"30s\", \"30ms\" or \"30m\" instead of 30
 --> squall.toml:2:18
  |
2 | drain_deadline = 30
  |                  ^^";
    assert_eq!(error.to_string(), expected);

    for (value, said) in [
        ("'30'", "a duration needs a unit: write \"30s\""),
        ("'5 parsecs'", "unknown time unit \"parsecs\""),
        ("'0s'", "longer than zero"),
        ("'101years'", "at most 100 years"),
        ("true", "expected a duration such as \"30s\" or \"10ms\", found `true`"),
    ] {
        let mut config = parse(&format!("[engine]\ndrain_deadline = {value}"));
        let error = config.section::<EngineSettings>("engine").unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(places(&error), ["squall.toml:2:18"]);
    }
}

#[test]
fn a_size_carries_its_unit() {
    #[derive(Deserialize)]
    struct Output {
        rotate_at: Size,
    }
    let output = |value: &str| parse(&format!("[output]\nrotate_at = {value}")).section::<Output>("output");
    assert_eq!(output("'64MiB'").unwrap().unwrap().rotate_at, Size(64 << 20));
    assert_eq!(output("'500 kB'").unwrap().unwrap().rotate_at.bytes(), 500_000);
    for (value, said) in
        [("64", "write \"64MiB\""), ("'64'", "write \"64MiB\""), ("'64 MegaByte'", "not a size")]
    {
        let error = output(value).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(places(&error), ["squall.toml:2:13"]);
    }
}

#[test]
fn numbers_out_of_bounds_are_refused_at_the_value() {
    let text = "[topology.t]\nmax_pending = 0\n[topology.t.component.a]\nparallelism = 1025\ninbox = -1\n\
                [topology.t.component.b]\nparallelism = 99999999999999999999999999999999999999999\n\
                [topology.t.component.c]\nparallelism = 2.5\n";
    let error = parse(text).topology("t", &["a", "b", "c"]).unwrap_err();
    let said: Vec<_> =
        error.errors.iter().map(|fault| format!("{} {}", fault.place(), fault.message())).collect();
    let expected = [
        "squall.toml:2:15 expected a whole number of at least 1, found 0",
        "squall.toml:4:15 expected a whole number from 1 to 1024, found 1025",
        "squall.toml:5:9 expected a whole number of at least 1, found -1",
        "squall.toml:7:15 the number is out of range",
        "squall.toml:9:15 expected a whole number from 1 to 1024, found floating point `2.5`",
    ];
    assert_eq!(said, expected);
}

#[test]
fn all_faults_of_a_file_come_at_once_and_in_its_order() {
    let mut config = parse(
        r#"[destinatons.hook]
type = "webhook"
[engine]
thread = 2
drain_deadline = 30
[topology.word-count.component.spilt]
parallelism = "8"
[topology.word-count.component.count]
restart = { policy = "transent", backof = "1s", window = "1 parsec" }
"#,
    );
    config.section_or_default::<EngineSettings>("engine");
    config.topology("word-count", &["lines", "split", "count"]).unwrap_err();
    config.ignore("destinations");
    let error = config.finish().unwrap_err();
    let said: Vec<_> = error.errors.iter().map(|fault| (fault.place(), fault.help())).collect();
    let at = |place: &str, help| (format!("squall.toml:{place}"), help);
    let expected = [
        at("1:2", Some("did you mean `destinations`?")),
        at("4:1", Some("did you mean `threads`?")),
        at("5:18", None),
        at("6:32", Some("did you mean `split`?")),
        at("7:15", None),
        at("9:22", Some("did you mean `transient`?")),
        at("9:34", Some("did you mean `backoff`?")),
        at("9:58", None),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_fault_does_not_hide_behind_a_required_key_that_it_spoils() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Poll {
        every: u8,
        batch: u8,
    }
    let error = parse("[poll]\nevery = 'x'\nbatch = 'y'\n").section::<Poll>("poll").unwrap_err();
    assert_eq!(places(&error), ["squall.toml:2:9", "squall.toml:3:9"], "and nothing about missing keys");
    let error = parse("[poll]\nevery = 1\n").section::<Poll>("poll").unwrap_err();
    assert_eq!(error.errors[0].message(), "missing key `batch`");
    assert_eq!(places(&error), ["squall.toml:1:1"]);
}

#[test]
fn syntax_errors_are_all_shown() {
    let error = Config::parse("squall.toml", "[admin\n[engine]\nthreads = \nthreads = 2\n").unwrap_err();
    assert_eq!(places(&error), ["squall.toml:1:7", "squall.toml:3:11", "squall.toml:4:1"]);
}

#[test]
fn file_beats_defaults_environment_beats_file_flags_beat_environment() {
    let file = "[engine]\nthreads = 1\n";
    let threads = |mut config: Config| config.section_or_default::<EngineSettings>("engine").threads;
    let variable = ("SQUALL__ENGINE__THREADS", "2");
    assert_eq!(threads(load("", &[], &[]).unwrap()), None);
    assert_eq!(threads(load(file, &[], &[]).unwrap()), NonZeroUsize::new(1));
    assert_eq!(threads(load(file, &[variable], &[]).unwrap()), NonZeroUsize::new(2));
    assert_eq!(threads(load(file, &[variable], &["engine.threads=3"]).unwrap()), NonZeroUsize::new(3));
    let both = load(file, &[], &["engine.threads=3", "engine.threads = 4"]).unwrap();
    assert_eq!(threads(both), NonZeroUsize::new(4));
}

#[test]
fn names_of_variables_match_whatever_their_case_and_hyphens() {
    let environment = [
        ("SQUALL__TOPOLOGY__WORD_COUNT__COMPONENT__SPLIT__PARALLELISM", "8"),
        ("SQUALL__TOPOLOGY__WORD_COUNT__COMPONENT__MY_BOLT__MAX_PENDING", "9"),
        ("SQUALL__TOPOLOGY__WORD_COUNT__MESSAGE_TIMEOUT", "5s"),
        ("SQUALL_DATA_DIR", "not a path of the document"),
    ];
    for file in ["", "[topology.word-count.component.split]\nparallelism = 2\n"] {
        let sets = ["topology.Word-Count.component.my-bolt.inbox=7"];
        let mut config = load(file, &environment, &sets).unwrap();
        let settings = config.topology("word-count", &["split", "my_Bolt"]).unwrap();
        config.finish().unwrap();
        assert_eq!(settings.component("split").parallelism, Some(8));
        assert_eq!(settings.component("my_Bolt").max_pending, Some(9));
        assert_eq!(settings.component("my_Bolt").inbox, Some(7));
        assert_eq!(settings.message_timeout, Some(Duration::from_secs(5)));
    }
}

#[test]
fn faults_of_the_environment_and_of_flags_name_them() {
    let environment = [("SQUALL__ENGINE__THREADS", "many"), ("SQUALL__ENGIN__THREADS", "2")];
    let mut config = load("", &environment, &["engine.drain_deadline=30"]).unwrap();
    config.section_or_default::<EngineSettings>("engine");
    let error = config.finish().unwrap_err();
    let expected = [
        "environment variable SQUALL__ENGINE__THREADS",
        "environment variable SQUALL__ENGIN__THREADS",
        "--set engine.drain_deadline",
    ];
    assert_eq!(places(&error), expected);
    let expected = "error: environment variable SQUALL__ENGINE__THREADS: \
        expected a whole number from 1 to 1024, found something else";
    assert_eq!(error.errors[0].to_string(), expected);
}

#[test]
fn what_an_environment_variable_holds_is_never_shown() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Hook {
        retries: u8,
        level: Level,
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        Low,
        High,
    }
    for value in ["s3cret", "'s3cret'", "['s3cret']", "{ s3cret = 's3cret' }"] {
        let environment =
            [("SQUALL__HOOK__RETRIES", value), ("SQUALL__HOOK__LEVEL", value), ("SQUALL__HOK", value)];
        let mut config = load("", &environment, &[]).unwrap();
        config.section::<Hook>("hook").unwrap_err();
        let error = config.finish().unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("s3cret"), "{said}");
        assert!(said.contains("environment variable SQUALL__HOOK__RETRIES: expected"), "{said}");
    }
}

#[test]
fn names_and_passwords_in_urls_are_stars_and_the_columns_stay() {
    let mut config = parse("[engine]\nthreads = \"ftp://u:s3cret@h/\" # or http://v:s3cret@h\n");
    let error = config.section::<EngineSettings>("engine").unwrap_err();
    let expected = "\
error: expected a whole number from 1 to 1024, found the string \"ftp://********@h/\"
 --> squall.toml:2:11
  |
2 | threads = \"ftp://********@h/\" # or http://********@h
  |           ^^^^^^^^^^^^^^^^^^^";
    assert_eq!(error.to_string(), expected);
    let mut config = load("", &[], &["engine.threads=ftp://u:s3cret@h/"]).unwrap();
    let said = config.section::<EngineSettings>("engine").unwrap_err().to_string();
    assert!(said.contains("ftp://********@h/") && !said.contains("s3cret"), "{said}");
    let said = load("", &[], &["ftp://u:s3cret@h/"]).unwrap_err().to_string();
    assert!(said.contains("has no `=`") && !said.contains("s3cret"), "{said}");
}

#[test]
fn overrides_without_a_proper_path_are_refused() {
    let error = load("", &[("SQUALL__ENGINE____THREADS", "2")], &["engine.threads", "=4"]).unwrap_err();
    let said = error.to_string();
    assert_eq!(error.errors.len(), 3);
    assert!(said.contains("environment variable SQUALL__ENGINE____THREADS: a name is missing"), "{said}");
    assert!(said.contains("`--set engine.threads` has no `=`"), "{said}");
}

#[test]
fn values_of_overrides_are_toml_or_else_strings() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Job {
        name: String,
        tags: Vec<String>,
        limits: std::collections::BTreeMap<String, u8>,
        on: bool,
    }
    let environment = [
        ("SQUALL__JOB__NAME", "2024"),
        ("SQUALL__JOB__TAGS", "['a', 'b']"),
        ("SQUALL__JOB__LIMITS", "{ x = 1 }"),
        ("SQUALL__JOB__ON", "true"),
    ];
    let job: Job = load("", &environment, &["job.limits.y=2"]).unwrap().section("job").unwrap().unwrap();
    let limits = [("x".to_owned(), 1), ("y".to_owned(), 2)].into();
    let tags = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(job, Job { name: "2024".to_owned(), tags, limits, on: true });
}

#[test]
fn unclaimed_topologies_are_refused_and_ignored_ones_are_not() {
    let mut config = parse("[topology.word-cuont]\ninbox = 1\n[topology.enrichment]\ninbox = 1\n");
    config.topology("word-count", &[]).unwrap();
    config.ignore("topology.enrichment");
    let error = config.finish().unwrap_err();
    assert_eq!(places(&error), ["squall.toml:1:11"]);
    assert_eq!(error.errors[0].help(), Some("did you mean `word-count`?"));
    let mut config = parse("topology = 3");
    config.topology("word-count", &[]).unwrap();
    let error = config.finish().unwrap_err();
    assert_eq!(error.errors[0].message(), "expected a table of topologies");
    assert_eq!(places(&error), ["squall.toml:1:12"]);
}

#[test]
fn a_file_that_cannot_be_read_is_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| Config::load(Some(path), [], &[]).unwrap_err().to_string();
    let path = folder.path().join("squall.toml");
    assert!(read(&path).contains("cannot read the configuration file"), "{}", read(&path));
    assert!(read(folder.path()).contains("cannot read the configuration file"));
    fs::write(&path, b"[engine]\nthreads = \xff\n").unwrap();
    assert!(read(&path).contains("is not UTF-8 text: line 2"), "{}", read(&path));
    fs::write(&path, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert!(read(&path).contains("is larger than 1 MiB"), "{}", read(&path));
}

#[test]
fn columns_count_characters() {
    let error = parse("[engine]\n\"drä\" = 1\n").section::<EngineSettings>("engine").unwrap_err();
    assert_eq!(places(&error), ["squall.toml:2:1"]);
    let mut config = parse("engine = { data_dir = \"Zürich\", thread = 2 }\n");
    let error = config.section::<EngineSettings>("engine").unwrap_err();
    assert_eq!(places(&error), ["squall.toml:1:33"]);
    assert!(error.to_string().contains("squall.toml:1:33"), "{error}");
}

#[test]
fn a_hostile_file_is_refused_and_not_followed() {
    let deep = Config::parse("squall.toml", &format!("a{} = 1", ".a".repeat(400_000))).unwrap_err();
    assert_eq!(deep.errors.len(), 1);
    Config::parse("squall.toml", &format!("a = {}", "[".repeat(10_000))).unwrap_err();
    let many: String = (0..50_000).map(|index| format!("[s{index}]\n")).collect();
    let error = parse(&many).finish().unwrap_err();
    assert_eq!(error.errors.len(), 101);
    assert_eq!(error.errors[100].message(), "49900 more faults are not shown");
    let many: String = (0..50_000).map(|index| format!("k{index} = 1\n")).collect();
    let error = parse(&format!("[engine]\n{many}")).section::<EngineSettings>("engine").unwrap_err();
    assert_eq!(error.errors.len(), 100);
}

#[test]
fn what_holds_tells_who_said_it_and_no_secret() {
    #[derive(Deserialize)]
    struct Post {
        #[expect(dead_code, reason = "it is only read")]
        url: String,
        #[expect(dead_code, reason = "it is only read")]
        token: squall_topology::Secret,
    }
    let text = "[engine]\nthreads = 2\n\n[post]\nurl = 'ftp://u:p4ss@h/'\ntoken = { env = 'POST_TOKEN' }\n[unread]\nkey = 'k3y'\n";
    let environment = [("SQUALL__ENGINE__DRAIN_DEADLINE", "7s"), ("POST_TOKEN", "s3cret")];
    let mut config = load(text, &environment, &["engine.threads=8"]).unwrap();
    config.section::<EngineSettings>("engine").unwrap();
    config.section::<Post>("post").unwrap();

    let said = config.said();

    let lines = said.iter().map(|said| format!("{} = {}", said.path(), said.value())).collect::<Vec<_>>();
    let expected = [
        "post.url = 'ftp://******@h/'",
        "post.token.env = 'POST_TOKEN'",
        "engine.drain_deadline = ***",
        "engine.threads = 8",
    ];
    assert_eq!(lines, expected);
    assert!(said[0].place().ends_with("/squall.toml:5"), "{}", said[0].place());
    assert_eq!(said[2].place(), "environment variable SQUALL__ENGINE__DRAIN_DEADLINE");
    assert_eq!(said[3].place(), "--set engine.threads");
    assert!(!format!("{said:?}").contains("s3cret") && !format!("{said:?}").contains("k3y"));
}

#[test]
fn the_hash_is_that_of_the_file() {
    let of = |text| load(text, &[], &["engine.threads=8"]).unwrap().sha256();

    assert_eq!(of("abc = 1"), of("abc = 1"));
    assert_ne!(of("abc = 1"), of("abc = 1\n"));
    assert_eq!(Config::empty().sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
