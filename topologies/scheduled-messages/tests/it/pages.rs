//! What people see of messages, and what their forms do.

use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use squall_ops::{Page, View};
use squall_scheduled_messages::{MessageId, NewMessage, Settlement, State};

use crate::client::{Answer, Caller, ask};
use crate::support::message;

async fn submit(caller: &Caller, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = serde_urlencoded(fields);
    let request = caller
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("squall-actor", "ada")
        .body(body);
    ask(request).await
}

/// The fields as a browser sends them.
fn serde_urlencoded(fields: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://here/").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// What the page has as the value of a hidden field.
fn hidden<'a>(page: &'a Answer, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.text.split_once(&start).unwrap_or_else(|| panic!("no {name} in {}", page.text)).1;
    rest.split_once('"').unwrap().0
}

async fn state(caller: &Caller, id: MessageId) -> State {
    caller.store.get(id).await.unwrap().unwrap().state
}

/// A message of each kind: one that waits, one that was sent, one that is dead, one that nobody knows about.
async fn some_of_each(caller: &Caller) -> [MessageId; 4] {
    let waiting = caller.scheduled().await;
    let settled = async |settlement| {
        let (id, attempt) = caller.sent_off().await;
        caller.settle(&attempt, settlement).await;
        id
    };
    let sent =
        settled(Settlement::Sent { at: Timestamp::now(), receipt: Some("https://example.org/p/1".into()) })
            .await;
    let dead = settled(Settlement::Dead { error: "nobody there".into() }).await;
    let unknown = settled(Settlement::Unconfirmed { error: "the connection broke off".into() }).await;
    [waiting, sent, dead, unknown]
}

#[actix_web::test]
async fn every_page_answers_with_what_is_in_the_store() {
    let caller = Caller::start().await;
    let [waiting, sent, dead, unknown] = some_of_each(&caller).await;
    let series = serde_json::json!({"account": "me", "destination": "inbox", "text": "Good morning",
        "cron": "0 9 * * MON-FRI", "zone": "Europe/Berlin"});
    let series = caller.post("/api/v1/series", series).await.body["id"].as_str().unwrap().to_owned();
    let id = |id: MessageId| id.to_string();

    for (path, expected) in [
        ("/messages".to_owned(), id(waiting)),
        ("/messages?state=scheduled,claimed&account=me&destination=inbox&q=hELLo".into(), id(waiting)),
        ("/messages?state=dead".into(), "nobody there".into()),
        ("/messages?state=unconfirmed".into(), id(unknown)),
        ("/messages?state=sent,cancelled,expired".into(), id(sent)),
        ("/messages?state=all".into(), id(dead)),
        ("/messages?state=sending".into(), "No attempt is under way".into()),
        ("/messages?due_from=soon".into(), "expected an instant".into()),
        (format!("/messages/{waiting}"), "<h2>Edit</h2>".into()),
        (format!("/messages/{sent}"), "<a href=\"https://example.org/p/1\"".into()),
        (format!("/messages/{unknown}"), "It was not sent".into()),
        (format!("/messages/do?action=cancel&id={waiting}"), "Cancel this message".into()),
        ("/messages/new".into(), "<option selected>inbox</option>".into()),
        ("/messages/suspensions".into(), "No account is suspended".into()),
        ("/series".into(), series.clone()),
        (format!("/series/{series}"), "09:00".into()),
        (format!("/series/{series}/do?action=pause"), "Pause this series".into()),
        ("/inbox".into(), "Nothing arrived yet".into()),
    ] {
        let page = caller.get(&path).await;
        assert_eq!((page.status, page.kind()), (200, "text/html; charset=utf-8"), "{path}: {}", page.text);
        assert!(page.text.contains(&expected), "{expected} is not at {path}: {}", page.text);
    }
    for path in ["/messages/x".to_owned(), format!("/messages/{}", MessageId::new()), "/series/x".into()] {
        assert_eq!(caller.get(&path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn pages_behind_pages_show_every_message_once() {
    let caller = Caller::start().await;
    for number in 0..120_i64 {
        caller.due(Timestamp::now() + 1.hour() + (number % 7).minutes()).await;
    }

    let (mut path, mut found) = ("/messages?account=me".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = caller.get(&path).await;
        let ids = page.text.split("name=\"id\" value=\"").skip(1).map(|rest| rest[..36].to_owned());
        found.extend(ids);
        let Some((_, next)) = page.text.split_once("rel=\"next\" href=\"") else { break };
        path = next.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&");
    }

    assert_eq!(found.len(), 120);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 120);
}

#[actix_web::test]
async fn an_action_on_all_that_match_with_a_changed_count_is_a_409_with_the_new_number() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    caller.scheduled().await;
    let with = |count| [("action", "cancel"), ("state", "scheduled,claimed"), ("all", count)];

    let page = submit(&caller, "/messages/do", &with("1")).await;

    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text.contains("finds 2 messages now, and not 1"), "{}", page.text);
    assert_eq!(hidden(&page, "all"), "2", "the form asks with the new number");
    assert_eq!(state(&caller, id).await, State::Scheduled);

    let page = submit(&caller, "/messages/do", &with("2")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("2 of 2 done"), "{}", page.text);
    assert_eq!(state(&caller, id).await, State::Cancelled);
}

#[actix_web::test]
async fn what_an_action_did_not_do_is_told_with_its_reason() {
    let caller = Caller::start().await;
    let [waiting, sent, ..] = some_of_each(&caller).await;
    let (waiting_id, sent_id) = (waiting.to_string(), sent.to_string());

    let fields = [("action", "cancel"), ("id", waiting_id.as_str()), ("id", sent_id.as_str())];
    let page = submit(&caller, "/messages/do", &fields).await;

    assert!(page.text.contains("1 of 2 done") && page.text.contains("was sent at"), "{}", page.text);
    assert_eq!(state(&caller, waiting).await, State::Cancelled);
}

#[actix_web::test]
async fn one_message_is_changed_at_the_version_that_was_seen_by_whoever_did_it() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let name = id.to_string();

    let page =
        submit(&caller, "/messages/do", &[("action", "cancel"), ("id", &name), ("version", "7")]).await;
    assert_eq!(page.status, 412, "{}", page.text);
    assert_eq!(hidden(&page, "version"), "1", "the form asks with the version it has now");

    let page =
        submit(&caller, "/messages/do", &[("action", "cancel"), ("id", &name), ("version", "1")]).await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, Some(format!("/messages/{id}?done=cancel").as_str()))
    );
    let trail = caller.store.trail(id).await.unwrap();
    assert_eq!((trail[0].what.as_str(), trail[0].who.as_str()), ("cancelled", "ada"));
    let page = caller.get(page.header("location").unwrap()).await;
    assert!(page.text.contains("It is cancelled."), "{}", page.text);
}

#[actix_web::test]
async fn a_message_that_is_being_sent_is_not_cancelled_and_the_page_says_why() {
    let caller = Caller::start().await;
    let (id, _) = caller.sent_off().await;

    let page = submit(&caller, "/messages/do", &[("action", "cancel"), ("id", &id.to_string())]).await;

    assert_eq!(page.status, 409);
    assert!(page.text.contains("Too late: the message is being sent"), "{}", page.text);
}

#[actix_web::test]
async fn a_person_says_what_became_of_a_message_of_which_nobody_knows() {
    let caller = Caller::start().await;
    let [.., unknown] = some_of_each(&caller).await;
    let name = unknown.to_string();

    let fields = [("action", "sent"), ("id", name.as_str()), ("receipt", "https://example.org/p/9")];
    let page = submit(&caller, "/messages/do", &fields).await;

    assert_eq!(page.status, 303, "{}", page.text);
    let message = caller.store.get(unknown).await.unwrap().unwrap();
    assert_eq!((message.state, message.receipt.as_deref()), (State::Sent, Some("https://example.org/p/9")));
}

#[actix_web::test]
async fn a_time_that_makes_no_sense_is_told_at_its_field_and_kept() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let name = id.to_string();
    let due = caller.store.get(id).await.unwrap().unwrap().due_at;

    let page = submit(
        &caller,
        "/messages/do",
        &[("action", "move"), ("id", &name), ("by", "soon"), ("zone", "UTC")],
    )
    .await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert!(page.text.contains("id=\"by-fault\"") && page.text.contains("value=\"soon\""), "{}", page.text);

    let page =
        submit(&caller, "/messages/do", &[("action", "move"), ("id", &name), ("by", "1h"), ("zone", "UTC")])
            .await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(caller.store.get(id).await.unwrap().unwrap().due_at, due + 1.hour());
}

#[actix_web::test]
async fn an_edit_over_the_edit_of_somebody_else_is_told_and_what_was_typed_is_kept() {
    let caller = Caller::start().await;
    let id = caller.scheduled().await;
    let path = format!("/messages/{id}");
    let page = caller.get(&path).await;
    let (wall, version) = (hidden(&page, "wall").to_owned(), hidden(&page, "version").to_owned());
    caller.patch(id, serde_json::json!({"text": "theirs"})).await;
    let with = |version: &str| {
        let fields =
            [("version", version), ("text", "mine"), ("wall", &wall), ("zone", "UTC"), ("not_after", "")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let send = async |fields: [(String, String); 5]| {
        let fields = fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        submit(&caller, &path, &fields).await
    };

    let page = send(with(&version)).await;
    assert_eq!(page.status, 412, "{}", page.text);
    assert!(page.text.contains("Somebody changed the message since"), "{}", page.text);
    assert!(page.text.contains("mine</textarea>") && page.text.contains("theirs</p>"), "{}", page.text);

    let due = caller.store.get(id).await.unwrap().unwrap().due_at;
    let page = send(with(hidden(&page, "version"))).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let message = caller.store.get(id).await.unwrap().unwrap();
    assert_eq!((message.text.as_str(), message.due_at), ("mine", due), "its time was not touched");
}

#[actix_web::test]
async fn the_composer_keeps_what_was_typed_and_tells_faults_at_their_fields() {
    let caller = Caller::start().await;
    let fields = [
        ("do", "schedule"),
        ("account", "me & <you>"),
        ("destination", "inbox"),
        ("text", "line one\r\nline two"),
        ("when", "at"),
        ("wall", "2099-02-30T09:00"),
        ("zone", "Europe/Berlim"),
        ("not_after", "10m"),
    ];

    let page = submit(&caller, "/messages/new", &fields).await;

    assert_eq!(page.status, 422);
    for kept in [
        "me &#38; &#60;you&#62;",
        "line one\nline two</textarea>",
        "2099-02-30T09:00",
        "Europe/Berlim",
        "10m",
    ] {
        assert!(page.text.contains(kept), "{kept} is not in {}", page.text);
    }
    for fault in ["id=\"wall-fault\"", "id=\"zone-fault\"", "February 2099 has the days 1 to 28"] {
        assert!(page.text.contains(fault), "{fault} is not in {}", page.text);
    }
    assert!(!page.text.contains("id=\"text-fault\""), "{}", page.text);
}

#[actix_web::test]
async fn a_form_that_is_sent_twice_stores_one_message() {
    let caller = Caller::start().await;
    let page = caller.get("/messages/new").await;
    let key = hidden(&page, "key").to_owned();
    let fields = [
        ("do", "schedule"),
        ("key", key.as_str()),
        ("account", "me"),
        ("destination", "inbox"),
        ("text", "Hello"),
        ("when", "in"),
        ("in", "1h"),
        ("zone", "UTC"),
    ];

    let first = submit(&caller, "/messages/new", &fields).await;
    let second = submit(&caller, "/messages/new", &fields).await;

    assert_eq!((first.status, second.status), (303, 303), "{} {}", first.text, second.text);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(caller.get(first.header("location").unwrap()).await.status, 200);
    assert_eq!(crate::support::unfinished(&caller.store).await.len(), 1);
}

#[actix_web::test]
async fn a_series_is_previewed_and_stored_as_the_fields_say() {
    let caller = Caller::start().await;
    let with = |what| {
        [
            ("do", what),
            ("account", "me"),
            ("destination", "inbox"),
            ("text", "Good morning"),
            ("when", "weekly"),
            ("time", "09:05"),
            ("days", "MON"),
            ("days", "FRI"),
            ("zone", "Europe/Berlin"),
        ]
    };

    let page = submit(&caller, "/messages/new", &with("preview")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let next = page.text.split_once("<ol class=\"next\">").unwrap().1.split_once("</ol>").unwrap().0;
    assert_eq!(next.matches("09:05:00").count(), 5, "{next}");

    let page = submit(&caller, "/messages/new", &with("schedule")).await;
    let path = page.header("location").unwrap_or_else(|| panic!("{}", page.text)).to_owned();
    let id = path.trim_start_matches("/series/").trim_end_matches("?done=stored");
    let series = caller.get(&format!("/api/v1/series/{id}")).await.body;
    assert_eq!((&series["cron"], &series["zone"]), (&"5 9 * * MON,FRI".into(), &"Europe/Berlin".into()));
    assert_eq!(caller.get(&path).await.status, 200);

    let version = hidden(&caller.get(&format!("/series/{id}/do?action=pause")).await, "version").to_owned();
    let fields = [("action", "pause"), ("version", version.as_str())];
    assert_eq!(submit(&caller, &format!("/series/{id}/do"), &fields).await.status, 303);
    assert_eq!(
        submit(&caller, &format!("/series/{id}/do"), &fields).await.status,
        412,
        "its version is another one"
    );
    assert_eq!(caller.get(&format!("/api/v1/series/{id}")).await.body["state"], "paused");
}

#[actix_web::test]
async fn an_account_is_held_and_let_go() {
    let caller = Caller::start().await;
    let hold = |account, reason| [("do", "hold"), ("account", account), ("reason", reason)];

    let page = submit(&caller, "/messages/suspensions", &hold("me", "")).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("id=\"reason-fault\""), "{}", page.text);
    assert_eq!(submit(&caller, "/messages/suspensions", &hold("me", "a pause")).await.status, 303);
    let held = caller.store.suspensions(9).await.unwrap();
    assert_eq!((held[0].account.as_str(), held[0].by.as_str()), ("me", "ada"));
    assert_eq!(
        submit(&caller, "/messages/suspensions", &[("do", "lift"), ("account", "me")]).await.status,
        303
    );
    assert_eq!(caller.store.suspensions(9).await.unwrap(), []);
}

#[actix_web::test]
async fn what_somebody_wrote_stays_text_and_a_script_is_no_link() {
    let caller = Caller::start().await;
    let script = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'";
    let new =
        NewMessage { account: script.into(), text: script.into(), ..message("inbox", Timestamp::now()) };
    let id = caller.store.insert(new, script).await.unwrap().id;
    let attempt = caller.begin(caller.claim(id, squall_scheduled_messages::Which::First).await).await;
    let receipt = Some("javascript:alert(1)".to_owned());
    caller.settle(&attempt, Settlement::Sent { at: Timestamp::now(), receipt }).await;

    let encoded = serde_urlencoded(&[("account", script), ("q", script), ("state", script)]);
    for path in [
        "/messages?state=all".to_owned(),
        format!("/messages?{encoded}"),
        format!("/messages?state=all&series={encoded}"),
        format!("/messages/{id}"),
        format!("/messages/do?action=retry&id={id}&{encoded}"),
        format!("/messages/new?{encoded}&text=%3Cscript%3Ealert(1)"),
    ] {
        let page = caller.get(&path).await;
        assert!(!page.text.contains("<script>") && !page.text.contains("<img"), "{path}: {}", page.text);
        assert!(!page.text.contains("href=\"javascript"), "{path}: {}", page.text);
        assert!(
            !page.text.contains("=\"<") && !page.text.contains("onerror=alert(1)>\""),
            "{path}: {}",
            page.text
        );
    }
}

#[actix_web::test]
async fn where_actions_are_off_no_page_offers_one() {
    let caller = Caller::start().await;
    let [waiting, _, dead, unknown] = some_of_each(&caller).await;
    let pages = caller.site.pages.clone();
    let render = async |template: &str, path: &str, id: Option<MessageId>| {
        let page: &Page = pages.iter().find(|page| page.path() == template).unwrap();
        let mut view = View::of(path);
        view.may_act = false;
        view.params = id.map(|id| ("id".to_owned(), id.to_string())).into_iter().collect();
        page.render(view).await.map_or_else(|problem| problem.status().to_string(), |html| html.to_string())
    };

    for (template, path, id) in [
        ("/messages", "/messages", None),
        ("/messages", "/messages?state=dead", None),
        ("/messages/new", "/messages/new", None),
        ("/messages/suspensions", "/messages/suspensions", None),
        ("/messages/{id}", "/messages/x", Some(waiting)),
        ("/messages/{id}", "/messages/x", Some(dead)),
        ("/messages/{id}", "/messages/x", Some(unknown)),
        ("/series", "/series", None),
    ] {
        let html = render(template, path, id).await;
        for offered in
            ["method=\"post\"", "data-action", "type=\"checkbox\"", "name=\"action\"", "/messages/new\""]
        {
            assert!(!html.contains(offered), "{offered} is at {path}: {html}");
        }
    }
    let asked = format!("/messages/do?action=cancel&id={waiting}");
    assert_eq!(render("/messages/do", &asked, None).await, "403 Forbidden");
}
