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
fn secrets_stand_in_no_option_whatever_it_is_called() {
    for option in [
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
        "ssl.key.pem",
        "no.such.password",
    ] {
        let refused = source(&format!("options = {{ '{option}' = 'hunter2' }}")).unwrap_err();
        assert!(refused.contains("is a secret") && !refused.contains("hunter2"), "{refused}");
    }
    let mut settings = SourceSettings::new("one:9092", "a", "g");
    settings.options.insert("fetch.wait.max.ms".to_owned(), "hunter2".to_owned());
    let error = KafkaSource::new(settings).unwrap_err().to_string();
    assert!(error.contains("`fetch.wait.max.ms`") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_login_that_the_library_does_not_have_is_refused_before_anything_is_connected() {
    for (option, instead) in [
        ("'sasl.mechanism' = 'GSSAPI'", "`GSSAPI`, which is none of those that this program has"),
        ("'sasl.mechanism' = 'plain'", "none of those that this program has"),
        ("'sasl.mechanisms' = 'OAUTHBEARER'", "SCRAM-SHA-512, SCRAM-SHA-256, PLAIN"),
        ("'security.protocol' = 'SASL_SSL'", "`sasl.mechanism` is missing"),
        ("'security.protocol' = 'sasl_plaintext'", "`sasl.mechanism` is missing"),
        ("'message.timeout.ms' = '5'", "write `delivery_timeout`"),
    ] {
        let refused = source(&format!("options = {{ {option} }}")).unwrap_err();
        assert!(refused.contains(instead), "{option}: {refused}");
    }
    source("options = { 'security.protocol' = 'sasl_plaintext', 'sasl.mechanism' = 'PLAIN' }").unwrap();
    source("options = { 'security.protocol' = 'ssl' }").unwrap();
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

#[test]
fn options_that_go_with_the_session_are_taken_of_a_member_with_a_name_too() {
    let mut settings = SourceSettings::new("127.0.0.1:1", "a", "g");
    settings.instance = Some("worker".to_owned());
    // Less than the library's own session would allow.
    settings.options.insert("max.poll.interval.ms".to_owned(), "31000".to_owned());

    let source = KafkaSource::new(settings).unwrap();
    source.spout_of(0).unwrap();
}

#[test]
fn a_fetch_that_keeps_other_questions_waiting_is_refused() {
    let with_wait = |millis: &str| {
        let mut settings = SourceSettings::new("one:9092", "a", "g");
        settings.options.insert("fetch.wait.max.ms".to_owned(), millis.to_owned());
        KafkaSource::new(settings)
    };

    let error = with_wait("500").unwrap_err();
    assert!(
        error.is_permanent() && error.to_string().contains("`fetch.wait.max.ms` is at most 400"),
        "{error}"
    );
    with_wait("400").unwrap();
}
