//! Lines that are meant to do harm.

use serde_json::Value;
use squall_enrichment::{Enrichers, Settings};
use squall_topology::Config;

use crate::job::{Done, Job};

/// All three, on whatever they find; nothing leaves this machine.
fn enrichers() -> Enrichers {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.ndjson");
    std::fs::write(&people, "{\"key\":\"a\",\"score\":7}\n").unwrap();
    let text = format!(
        "[enrichment.enricher.language]
         type = 'language'
         [enrichment.enricher.links]
         type = 'links'
         [enrichment.enricher.influence]
         type = 'influence'
         table = '{}'",
        people.display()
    );
    let mut config = Config::parse("squall.toml", &text).unwrap();
    let settings: Settings = config.section_or_default("enrichment");
    config.finish().unwrap();
    settings.enricher.open().unwrap();
    settings.enricher
}

/// What a healthy neighbour is, and becomes.
const HEALTHY: &str = r#"{"id":"healthy","author":"a","text":"Good morning, how is everybody today?"}"#;

/// Sends it between healthy neighbours, and sees to it that these come out as ever.
fn among_healthy(line: &[u8]) -> (Done, Vec<String>) {
    let lines = [HEALTHY.as_bytes(), line, HEALTHY.as_bytes()].join(&b'\n');

    let done = Job::of(lines).enrichers(enrichers()).run();

    let (healthy, others): (Vec<_>, Vec<_>) =
        done.lines().into_iter().partition(|line| line.starts_with(r#"{"id":"healthy""#));
    assert_eq!(healthy.len(), 2);
    for healthy in healthy {
        let event: Value = serde_json::from_str(&healthy).unwrap();
        assert_eq!(event["enrichment"]["language"]["code"], "eng");
        assert_eq!(event["enrichment"]["influence"]["score"], 7.0);
    }
    assert_eq!(done.tally.written() + done.tally.rejected(), 3, "each line has one outcome");
    (done, others)
}

/// It comes out byte for byte but for what is added, with these reasons.
fn passes(line: &str, reasons: &[(&str, &str)]) {
    let (done, others) = among_healthy(line.as_bytes());

    let shown: String = line.chars().take(80).collect();
    assert_eq!(others.len(), 1, "{shown}: {:?}", done.tally.named());
    let body = line.trim_end().strip_suffix('}').unwrap();
    let rest = others[0].strip_prefix(body).unwrap_or_else(|| panic!("{shown}: other bytes"));
    let added = rest.strip_suffix('}').unwrap();
    let added = added.strip_prefix(',').unwrap_or(added);
    let mut missing = Vec::new();
    if !added.is_empty() {
        let added: Value = serde_json::from_str(&format!("{{{added}}}")).unwrap();
        if let Some(named) = added["enrichment"]["missing"].as_object() {
            missing.extend(named.iter().map(|(name, why)| (name.clone(), why.as_str().unwrap().to_owned())));
        }
    }
    let missing: Vec<_> = missing.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
    assert_eq!(missing, reasons, "{shown}");
}

/// It is named with this sentence.
fn is_refused(line: &[u8], why: &str) {
    let (done, others) = among_healthy(line);

    let shown = String::from_utf8_lossy(&line[..line.len().min(80)]);
    assert_eq!(others, [""; 0], "{shown}");
    assert_eq!(done.tally.named(), [why], "{shown}");
}

#[test]
fn a_nul_and_halves_of_characters_are_text_as_any_other() {
    passes(r#"{"text":"nul \u0000 in the middle of this sentence"}"#, &[]);
    passes(r#"{"text":"\u0000"}"#, &[("language", "no_letters")]);
    passes(
        r#"{"id":"nul \u0000","author":"\u0000","text":"Good morning to you"}"#,
        &[("influence", "unknown_author")],
    );
    passes(r#"{"author":"a","text":"half \ud83d of a character in a sentence"}"#, &[]);
    passes(r#"{"author":"\udc00","urls":["http://\ud800.example/"]}"#, &[("influence", "unknown_author")]);
}

#[test]
fn writing_in_any_direction_and_without_letters_comes_out_as_it_went_in() {
    passes("{\"text\":\"\u{202e}\u{2066}صباح الخير للجميع\u{2069}\u{202c}\"}", &[]);
    passes("{\"text\":\"👩‍👩‍👧‍👦🏳️‍🌈\u{fe0f}\"}", &[("language", "no_letters")]);
    passes("{\"text\":\"Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!\"}", &[("language", "unknown_script")]);
    passes("{\"text\":\"\u{feff}Good morning, how are you?\"}", &[]);
}

#[test]
fn long_lines_pass_up_to_the_limit_and_are_named_beyond() {
    let long = |bytes: usize| format!(r#"{{"text":"{}"}}"#, "good morning ".repeat(bytes / 13));
    passes(&long((1 << 20) - 100), &[]);
    is_refused(long(1 << 21).as_bytes(), "line 2: longer than 1048576 bytes; the line was skipped");
    let links: String = (0..20_000).map(|n| format!(" http://10.0.0.1/{n}")).collect();
    passes(&format!(r#"{{"text":"so many of them:{links}"}}"#), &[]);
    // A name of that length is nobody's.
    passes(&format!(r#"{{"author":"{}","text":"Good morning"}}"#, "a".repeat(500_000)), &[]);
}

#[test]
fn what_is_nested_deeply_is_skipped_over() {
    let nested = |depth: usize| {
        format!(r#"{{"text":"Good morning, world","more":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    passes(&nested(100), &[]);
    // As deep as a line can be.
    passes(&nested(500_000), &[]);
}

#[test]
fn what_is_said_twice_is_named_where_it_matters_and_kept_where_not() {
    passes(r#"{"text":"Good morning, world","more":1,"more":2}"#, &[]);
    is_refused(
        br#"{"text":"Good morning","text":"Good night"}"#,
        "line 2, column 29: duplicate field `text`",
    );
    passes(r#"{"enrichment":{"language":{"code":"deu"}},"text":"Good morning"}"#, &[]);
    is_refused(
        br#"{"enrichment":{},"enrichment":{},"text":"Good morning"}"#,
        "line 2, column 29: duplicate field `enrichment`",
    );
}

#[test]
fn what_has_other_kinds_of_values_than_expected_is_no_trouble() {
    passes(r#"{"text":1e999,"author":{"id":[]},"urls":{"url":3},"did":null}"#, &[]);
    passes(r#"{"commit":{"collection":7,"record":"text"},"did":"a"}"#, &[]);
    passes("{}", &[]);
    is_refused(b"null", "line 2: expected a JSON object, `{…}`, found another kind of value");
}
