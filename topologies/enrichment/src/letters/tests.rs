use squall_connect::ndjson::Line;

use super::*;

fn written(letters: &[Letter]) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let output = RotatingOutput::open(folder.path(), "dead", 1 << 20).unwrap();
    let path = output.newest();
    let files = Letters::files(output);
    let all = async {
        for letter in letters {
            files.write(letter).await.unwrap();
        }
    };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(all);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_is_kept_with_its_number_and_the_reason() {
    let raw = Raw::from(Line::new(7, "not \"JSON\"\u{0}"));

    let written = written(&[Letter { raw, reason: "expected \"{\"".to_owned() }]);

    let expected = serde_json::json!({"reason": "expected \"{\"", "line": 7, "text": "not \"JSON\"\u{0}"});
    assert_eq!(written, [expected]);
}

#[test]
fn what_is_too_large_for_a_segment_is_kept_with_its_length() {
    // Six times as long as JSON: more than the segments together.
    let raw = Raw::from(Line::new(7, "\u{1}".repeat(200_000)));

    let written = written(&[Letter { raw, reason: "why".to_owned() }]);

    assert_eq!(written, [serde_json::json!({"reason": "why", "line": 7, "bytes": 200_000})]);
}

#[cfg(feature = "kafka")]
#[test]
fn a_record_is_kept_with_its_place_and_all_of_its_bytes() {
    use squall_connect::kafka::Record;
    let record =
        |value: &'static [u8]| Record { value: Some(value.into()), ..Record::new("posts", 3, 1_007) };
    let letter = |value| Letter { raw: record(value).into(), reason: "why".to_owned() };

    let written = written(&[letter(b"{"), letter(b"\xff\x00{")]);

    let place = |name: &str, what: &str| serde_json::json!({"reason": "why", "topic": "posts", "partition": 3, "offset": 1_007, name: what});
    assert_eq!(written, [place("text", "{"), place("hex", "ff007b")]);
}
