use super::*;
use crate::{Language, Missing, Outcome};

fn enriched(json: &str) -> String {
    let mut activity = Activity::parse(1, json).unwrap();
    if activity.wants_language() {
        activity.enrichments.language =
            Some(activity.text().map_or(Outcome::Missing(Missing::NoText), Language::detect));
    }
    activity.to_json().unwrap()
}

fn refused(json: &str) -> String {
    Activity::parse(1, json).unwrap_err().to_string()
}

const POST: &str = r#"{"did":"did:plc:a","time_us":1783175888094841,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","record":{"$type":"app.bsky.feed.post","langs":["ja"],"text":"今日はとても\u5929\u6c17がいいですね 💦"},"cid":"bafy"}}"#;

#[test]
fn what_came_in_goes_out_byte_for_byte_with_one_member_more() {
    let out = enriched(POST);

    let (before, added) = out.split_at(POST.len() - 1);
    assert_eq!(before, &POST[..POST.len() - 1]);
    assert_eq!(added, r#","enrichment":{"language":{"code":"jpn","iso639_1":"ja"}}}"#);
}

#[test]
fn unknown_members_numbers_blanks_and_escapes_survive() {
    let odd = r#"{ "z" : 1.0e+00 , "a":[12345678901234567890123, -0.0],"text":"good morning to all of you","z":"\/\u00e9\ud83d" ,"":{}  }"#;

    assert_eq!(
        enriched(odd),
        format!(
            r#"{},"enrichment":{{"language":{{"code":"eng","iso639_1":"en"}}}}}}"#,
            &odd[..odd.len() - 1]
        )
    );
}

#[test]
fn events_without_text_pass_whole() {
    for json in [
        "{}",
        r#"{"kind":"identity","identity":{"did":"did:plc:a"}}"#,
        r#"{"kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"3"}}"#,
        r#"{"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.like","record":{"subject":{}}}}"#,
        r#"{"text":7,"content":null,"object":"https://example.com/1","commit":"abc"}"#,
    ] {
        assert_eq!(enriched(json), json);
    }
}

#[test]
fn every_post_has_its_language_or_the_reason_why_not() {
    let post = |text: &str| POST.replace(r"今日はとても\u5929\u6c17がいいですね 💦", text);
    let added = |json: &str| enriched(json).rsplit_once(r#","enrichment":"#).unwrap().1.to_owned();

    assert_eq!(added(&post("")), r#"{"language":null,"missing":{"language":"no_text"}}}"#);
    assert_eq!(
        added(&post("#tag https://example.com")),
        r#"{"language":null,"missing":{"language":"no_text"}}}"#
    );
    assert_eq!(added(&post("😂")), r#"{"language":null,"missing":{"language":"no_letters"}}}"#);
    assert_eq!(added(&post("Καλημέρα")), r#"{"language":null,"missing":{"language":"unknown_script"}}}"#);
    assert_eq!(
        added(&POST.replace(r#""text""#, r#""txet""#)),
        r#"{"language":null,"missing":{"language":"no_text"}}}"#
    );
    assert_eq!(added(r#"{"text":""}"#), r#"{"language":null,"missing":{"language":"no_text"}}}"#);
}

#[test]
fn the_text_is_found_where_sources_put_it() {
    let text = |json: &str| Activity::parse(1, json).unwrap().text().map(str::to_owned);

    assert_eq!(text(r#"{"text":"a","content":"b"}"#).as_deref(), Some("a"));
    assert_eq!(text(r#"{"type":"Note","content":"<p>b</p>"}"#).as_deref(), Some("<p>b</p>"));
    assert_eq!(text(r#"{"type":"Create","object":{"type":"Note","content":"c"}}"#).as_deref(), Some("c"));
    assert_eq!(text(POST).as_deref(), Some("今日はとても天気がいいですね 💦"));
}

#[test]
fn lone_surrogates_nul_and_right_to_left_text_are_text() {
    let text = |json: &str| Activity::parse(1, json).unwrap().text().unwrap().to_owned();

    assert!(text(r#"{"text":"half an emoji \ud83d here"}"#).starts_with("half an emoji \u{fffd}"));
    assert_eq!(text(r#"{"text":"a\u0000b"}"#), "a\0b");
    assert_eq!(text(r#"{"text":"\u202eصباح الخير\u202c"}"#), "\u{202e}صباح الخير\u{202c}");
    assert_eq!(text("{\"text\":\"\u{202e}صباح\"}"), "\u{202e}صباح");
}

#[test]
fn what_is_no_activity_is_refused_with_what_and_where() {
    assert_eq!(refused(r#"{"text":"a"#), "column 10: this is not JSON; expected one JSON object a line");
    assert_eq!(refused(r#"{"text" "a"}"#), "column 9: this is not JSON; expected one JSON object a line");
    assert_eq!(refused("{\"a\":\"\0\"}"), "column 6: this is not JSON; expected one JSON object a line");
    assert_eq!(refused(r#"{"a":1}{"b":2}"#), "column 8: this is not JSON; expected one JSON object a line");
    assert_eq!(refused(r#"{"text":"a","text":"b"}"#), "column 18: duplicate field `text`");
    assert_eq!(refused(r#"{"commit":{"record":1,"record":2}}"#), "in `commit`: duplicate field `record`");
    assert_eq!(refused(r#"  {"text" "a"}"#), "column 11: this is not JSON; expected one JSON object a line");
    assert_eq!(refused("hello"), "column 1: this is not JSON; expected one JSON object a line");
    assert_eq!(refused("[1,2]"), "expected a JSON object, `{…}`, found another kind of value");
    assert_eq!(
        refused(r#"{"enrichment":1}"#),
        "its member `enrichment` is not an object; rename or remove it"
    );
}

#[test]
fn deep_nesting_is_passed_over_and_does_not_overflow() {
    let deep =
        format!(r#"{{"text":"good morning to you","deep":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));

    assert!(enriched(&deep).ends_with(r#""enrichment":{"language":{"code":"eng","iso639_1":"en"}}}"#));
}

#[test]
fn an_event_that_was_enriched_before_is_not_enriched_again() {
    let once = enriched(POST);

    assert_eq!(enriched(&once), once);
}

#[test]
fn members_of_an_enrichment_that_came_in_stay() {
    let json =
        r#"{"text":"good morning to you","enrichment":{"score":1.50,"missing":{"links":"timeout"}},"id":7}"#;

    assert_eq!(
        enriched(json),
        r#"{"text":"good morning to you","enrichment":{"language":{"code":"eng","iso639_1":"en"},"missing":{"links":"timeout"},"score":1.50},"id":7}"#
    );
    assert_eq!(
        enriched(r#"{"text":"","enrichment":{}}"#),
        r#"{"text":"","enrichment":{"language":null,"missing":{"language":"no_text"}}}"#
    );
}

#[test]
fn an_activity_survives_the_way_between_processes() {
    let mut activity = Activity::parse(7, POST).unwrap();
    activity.enrichments.language = Some(Outcome::Found(Language::Japanese));

    let copy: Activity = serde_json::from_str(&serde_json::to_string(&activity).unwrap()).unwrap();

    assert_eq!(copy, activity);
}
