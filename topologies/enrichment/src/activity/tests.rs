use super::*;
use futures_util::FutureExt;

use crate::{Enrichers, Json, Missing, Outcome, Web};

/// What the enricher `language` makes of it, without the confidence.
fn enriched(json: &str) -> String {
    let mut activity = Activity::parse(1, json).unwrap();
    let enrichers = Enrichers::default();
    for language in enrichers.iter() {
        let Some(question) = language.question(&activity) else { continue };
        let answer = language.answer(&question, &Web::default()).now_or_never().unwrap().unwrap();
        let outcome = match answer.outcome {
            Outcome::Found(json) => {
                Outcome::Found(Json::raw(format!("{}}}", json.as_str().split_once(",\"conf").unwrap().0)))
            }
            missing => missing,
        };
        activity.enrichments.insert(answer.name, outcome);
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
fn an_enrichment_that_came_in_as_null_is_replaced_where_it_stands() {
    assert_eq!(
        enriched(r#"{"text":"good morning to you","enrichment" : null , "id":7}"#),
        r#"{"text":"good morning to you","enrichment" : {"language":{"code":"eng","iso639_1":"en"}} , "id":7}"#
    );
    assert_eq!(
        enriched(r#"{"enrichment":null,"text":""}"#),
        r#"{"enrichment":{"language":null,"missing":{"language":"no_text"}},"text":""}"#
    );
    assert_eq!(enriched(r#"{"id":7, "enrichment":null }"#), r#"{"id":7, "enrichment":null }"#);
    assert_eq!(
        refused(r#"{"enrichment":null,"enrichment":null}"#),
        "column 31: duplicate field `enrichment`"
    );
    assert!(!Activity::parse(1, r#"{"enrichment":null}"#).unwrap().has("language"));
    assert!(!Activity::parse(1, r#"{"enrichment":{"language":null}}"#).unwrap().has("language"));
}

#[test]
fn an_activity_survives_the_way_between_processes() {
    let mut activity = Activity::parse(7, POST).unwrap();
    activity.enrichments.insert("language", Outcome::Found(Json::of(&"jpn").unwrap()));
    activity.enrichments.insert("links", Outcome::Missing(Missing::new("timeout")));

    let copy: Activity = serde_json::from_str(&serde_json::to_string(&activity).unwrap()).unwrap();

    assert_eq!(copy, activity);
}

fn links(json: &str) -> Vec<String> {
    Activity::parse(1, json).unwrap().links().iter().map(ToString::to_string).collect()
}

fn record(members: &str) -> String {
    format!(
        r#"{{"did":"did:plc:a","kind":"commit","commit":{{"operation":"create","collection":"app.bsky.feed.post","record":{{"$type":"app.bsky.feed.post",{members}}}}}}}"#
    )
}

#[test]
fn the_links_of_a_post_are_those_of_its_facets_and_its_card_each_once() {
    let facets = r#""facets":[
        {"index":{"byteStart":0,"byteEnd":9},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://www.example.com/watch?v=V5lDo&t=1"}]},
        {"index":{"byteStart":9,"byteEnd":12},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"wow"},{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:b"}]},
        {"features":[{"$type":"app.bsky.richtext.facet#link","uri":"at://did:plc:b/x"},{"$type":"app.bsky.richtext.facet#link"}]}]"#;
    let text = r#""text":"https://www.example.com/wat... #wow""#;
    let card = |uri: &str| {
        format!(r#""embed":{{"$type":"app.bsky.embed.external","external":{{"title":"T","uri":"{uri}"}}}}"#)
    };

    assert_eq!(links(&record(&format!("{text},{facets}"))), ["https://www.example.com/watch?v=V5lDo&t=1"]);
    assert_eq!(
        links(&record(&format!("{text},{facets},{}", card("https://www.example.com/watch?v=V5lDo&t=1")))),
        ["https://www.example.com/watch?v=V5lDo&t=1"]
    );
    assert_eq!(
        links(&record(&format!(r#""text":"",{}"#, card("https://example.com/a.gif")))),
        ["https://example.com/a.gif"]
    );
    assert_eq!(
        links(&record(r#""text":"see (https://a.example/x), or http://b.example.""#)),
        ["https://a.example/x", "http://b.example"]
    );
}

#[test]
fn the_card_beside_a_quoted_post_counts_too() {
    let embed = r#""embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:b/app.bsky.feed.post/3"}},"media":{"$type":"app.bsky.embed.external","external":{"uri":"https://a.example/"}}}"#;

    assert_eq!(links(&record(&format!(r#""text":"look",{embed}"#))), ["https://a.example/"]);
}

#[test]
fn the_links_of_any_other_object_are_found_where_sources_put_them() {
    for (json, expected) in [
        (
            r#"{"urls":["https://a.example/","https://a.example/",7,null,{"url":"HTTPS://b.example/"},{"url":"https://t.example/1","expanded_url":"https://c.example/"}]}"#,
            vec!["https://a.example/", "HTTPS://b.example/", "https://c.example/"],
        ),
        (
            r#"{"entities":{"urls":[{"expanded_url":"https://a.example/"}]},"text":"https://b.example/ü!"}"#,
            vec!["https://a.example/", "https://b.example/ü"],
        ),
        (
            r#"{"card":{"url":"https://a.example/"},"content":"<p><a href=\"https://b.example/?c=1&amp;d=2\">b</a></p>"}"#,
            vec!["https://a.example/", "https://b.example/?c=1&d=2"],
        ),
        (
            r#"{"urls":"https://a.example/","entities":[],"card":7,"text":"ftp://a.example/ mailto:a@b.example a.example/x javascript://a"}"#,
            vec![],
        ),
        (r#"{"type":"Like","object":"https://a.example/1"}"#, vec![]),
    ] {
        assert_eq!(links(json), expected, "{json}");
    }
}

#[test]
fn an_activity_has_sixteen_links_at_most_and_a_long_text_is_not_searched_to_its_end() {
    let many: Vec<_> = (0..1000).map(|number| format!("https://a.example/{number}")).collect();
    let found = links(&format!(r#"{{"text":"{}"}}"#, many.join(" ")));
    assert_eq!(found, many[..16]);

    let far = format!(
        r#"{{"text":"{} https://a.example/ https://{}"}}"#,
        "x".repeat(16_000),
        "b".repeat(1_000_000)
    );
    assert_eq!(links(&far), ["https://a.example/"]);
}

#[test]
fn the_author_is_found_where_sources_put_it() {
    for (json, author) in [
        (r#"{"did":"did:plc:a","kind":"identity"}"#, Some("did:plc:a")),
        (r#"{"did":"did:plc:a","account":{"did":"did:plc:b"}}"#, Some("did:plc:a")),
        (r#"{"actor":"https://a.example/users/ada"}"#, Some("https://a.example/users/ada")),
        (r#"{"actor":{"id":"id:a.example:1","displayName":"Ada"}}"#, Some("id:a.example:1")),
        (r#"{"author":{"handle":"ada.example.com"}}"#, Some("ada.example.com")),
        (r#"{"author":{"did":"did:plc:a","handle":"ada.example.com"}}"#, Some("did:plc:a")),
        (r#"{"user":{"id":12345678901234567890123}}"#, Some("12345678901234567890123")),
        (r#"{"account":{"id":"108","acct":"ada"}}"#, Some("108")),
        (r#"{"user":"","author":null,"actor":[],"did":7.5}"#, None),
        (r#"{"text":"x"}"#, None),
    ] {
        assert_eq!(Activity::parse(1, json).unwrap().author(), author, "{json}");
    }
    let long = format!(r#"{{"did":"{}","user":"ada"}}"#, "x".repeat(513));
    assert_eq!(Activity::parse(1, long).unwrap().author(), Some("ada"));
}

#[test]
fn what_was_missing_in_an_earlier_run_is_asked_for_again() {
    let before = r#"{"text":"good morning to you","enrichment":{"language":null,"links":null,"missing":{"language":"no_text","links":"timeout"}}}"#;

    assert_eq!(
        enriched(before),
        r#"{"text":"good morning to you","enrichment":{"language":{"code":"eng","iso639_1":"en"},"links":null,"missing":{"links":"timeout"}}}"#
    );
}

#[test]
fn enrichments_of_any_number_stand_in_the_order_of_their_names() {
    let mut activity = Activity::parse(1, r#"{"a":1}"#).unwrap();
    activity.enrichments.insert("links", Outcome::Found(Json::raw(r#"[{"url":"https://a.example/"}]"#)));
    activity.enrichments.insert("influence", Outcome::Missing(Missing::UNKNOWN_AUTHOR));
    activity.enrichments.insert("a \"b\"", Outcome::Found(Json::raw("1.50")));

    assert_eq!(
        activity.to_json().unwrap(),
        r#"{"a":1,"enrichment":{"a \"b\"":1.50,"influence":null,"links":[{"url":"https://a.example/"}],"missing":{"influence":"unknown_author"}}}"#
    );
}
