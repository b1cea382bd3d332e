//! Settings that are refused before anything runs.

use squall_connect::kafka::{KafkaOutput, KafkaSource, OnLoss, OutputSettings, SourceSettings, Start};
use squall_topology::Config;

fn source(text: &str) -> Result<SourceSettings, String> {
    let text = format!("[in]\nbrokers = 'one:9092'\ntopic = 'a'\ngroup = 'g'\n{text}");
    let mut config = Config::parse("squall.toml", &text).unwrap();
    config.section::<SourceSettings>("in").map(Option::unwrap).map_err(|error| error.to_string())
}

#[test]
fn what_is_not_said_has_its_default() {
    assert_eq!(source("").unwrap(), SourceSettings::new("one:9092", "a", "g"));
    let said = source("start = 'latest'\non_loss = 'go_on'\ndrain_timeout = '2s'").unwrap();
    assert_eq!((said.start, said.on_loss, said.drain_timeout.as_secs()), (Start::Latest, OnLoss::GoOn, 2));
}

#[test]
fn options_that_promises_stand_on_are_refused_with_what_to_write_instead() {
    for (option, instead) in [
        ("enable.auto.commit = 'true'", "offsets are committed when their records are done"),
        ("auto.offset.reset = 'latest'", "write `start` and `on_loss`"),
        ("'queued.max.messages.kbytes' = '1'", "write `prefetch`"),
        ("sasl.password = 'hunter2'", "write `password"),
    ] {
        let quoted =
            option.split_once(" = ").map(|(key, value)| format!("'{}' = {value}", key.trim_matches('\'')));
        let refused = source(&format!("options = {{ {} }}", quoted.unwrap())).unwrap_err();
        assert!(refused.contains(instead), "{option}: {refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn a_drain_that_outlives_the_session_is_refused() {
    let mut settings = SourceSettings::new("one:9092", "a", "g");
    settings.drain_timeout = settings.session_timeout / 2;
    let error = KafkaSource::new(settings).unwrap_err();
    assert!(
        error.is_permanent() && error.to_string().contains("less than half of `session_timeout`"),
        "{error}"
    );
}

#[test]
fn options_that_the_library_does_not_know_are_refused_by_name() {
    let mut settings = SourceSettings::new("one:9092", "a", "g");
    settings.options.insert("no.such.option".to_owned(), "1".to_owned());
    let error = KafkaSource::new(settings).unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("no.such.option"), "{error}");

    let mut settings = OutputSettings::new("one:9092", "a");
    settings.options.insert("linger.ms".to_owned(), "soon".to_owned());
    let error = KafkaOutput::new(settings).unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("linger.ms"), "{error}");
}
