//! What the guide says of `[checks]` is what is taken.

use squall_topology::Config;

use super::*;

const CHAPTERS: [(&str, &str); 2] = [
    ("configuration.md", include_str!("../../../../squall/src/guide/configuration.md")),
    ("runbook.md", include_str!("../../../../squall/src/guide/runbook.md")),
];

/// The examples of a chapter that tell of checks.
fn examples(chapter: &str) -> impl Iterator<Item = &str> {
    let blocks = chapter.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| block.contains("[checks."))
}

fn settings(text: &str) -> AllSettings {
    let mut config = Config::parse("squall.toml", text).unwrap();
    let settings = config.section_or_default("checks");
    config.finish().unwrap_or_else(|error| panic!("{error}"));
    settings
}

#[test]
fn every_example_of_the_guide_is_taken() {
    let mut known = Known::built_in();
    known.add_running("shop", vec!["orders".to_owned()], &[]);
    for (name, chapter) in CHAPTERS {
        assert!(examples(chapter).count() > 0, "{name}");
        for example in examples(chapter) {
            assert_eq!(known.faults(&settings(example)), [], "{name}:\n{example}");
        }
    }
}

#[test]
fn the_guide_has_every_key_of_a_check() {
    let (_, chapter) = CHAPTERS[0];
    let (_, rest) = chapter.split_once("# Checks\n").unwrap();
    let table: String = rest.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next()).collect();
    let schema = serde_json::to_value(schemars::schema_for!(CheckSettings)).unwrap();

    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(table.contains(&format!("{key}`")), "{key} is not in: {table}");
    }
}
