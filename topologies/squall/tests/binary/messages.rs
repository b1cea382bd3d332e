//! `squall messages`, to a process that runs.

use serde_json::{Value, json};

use crate::process::{Ended, Folder, Process};

/// A process without a topology that sends, so that what is due far away stays as it is.
fn running(folder: &Folder) -> Process {
    folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"])
}

/// What `squall messages` says to these words.
fn messages(folder: &Folder, process: &Process, words: &[&str]) -> Ended {
    let url = format!("http://{}", process.listens_on());
    let mut command = folder.command(&["messages"]);
    command.args(words).args(["--url", &url, "--actor", "ada"]);
    let ended = folder.end(command);
    // Nobody is at a terminal: neither bars nor colours.
    assert!(!ended.stdout.contains(['\u{1b}', '\r']), "{words:?}: {:?}", ended.stdout);
    assert!(!ended.stderr.contains(['\u{1b}', '\r']), "{words:?}: {:?}", ended.stderr);
    ended
}

/// The object that a program is told, which says which kind it is.
fn object(ended: &Ended, kind: &str) -> Value {
    let object: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stdout));
    assert_eq!(object["format"], format!("squall.{kind}.v1"));
    object
}

fn scheduled(folder: &Folder, process: &Process, text: &str) -> String {
    let words =
        ["schedule", "--account", "me", "--destination", "inbox", "--text", text, "--in", "1d", "--json"];
    let ended = messages(folder, process, &words);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    object(&ended, "message")["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_message_is_scheduled_listed_shown_edited_and_cancelled() {
    let folder = Folder::new();
    let process = running(&folder);
    let id = scheduled(&folder, &process, "--odd; text");

    let listed = messages(&folder, &process, &["list", "--account", "me", "--json"]);
    let edited = messages(&folder, &process, &["edit", &id, "--text", "Hello again"]);
    let table = messages(&folder, &process, &["list"]);
    let cancelled = messages(&folder, &process, &["cancel", &id, "--json"]);
    let shown = messages(&folder, &process, &["show", &id, "--json"]);

    assert_eq!((listed.code, listed.stdout.lines().count()), (Some(0), 1), "{}", listed.stderr);
    assert_eq!(object(&listed, "message")["text"], "--odd; text");
    assert!(edited.stdout.starts_with(&format!("{id} is edited, and due at 2")), "{}", edited.stdout);
    assert!(table.stdout.starts_with("ID "), "{}", table.stdout);
    assert!(table.stdout.contains(&id) && table.stdout.ends_with("Hello again\n"), "{}", table.stdout);
    let results = object(&cancelled, "messages-changed");
    assert_eq!(results, json!({"format": results["format"], "asked": 1, "done": 1, "refused": []}));
    let message = object(&shown, "message");
    assert_eq!((&message["state"], &message["created_by"]), (&json!("cancelled"), &json!("ada")));
    let trail: Vec<&str> =
        message["trail"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    assert_eq!(trail.first(), Some(&"created"));
    assert!(trail.contains(&"cancelled"), "{trail:?}");
}

#[test]
fn an_import_refuses_lines_by_their_numbers_and_a_second_one_stores_nothing() {
    let folder = Folder::new();
    let process = running(&folder);
    let good = r#"{"account": "me", "destination": "inbox", "text": "Hello", "in": "1d"}"#;
    let nowhere = good.replace("inbox", "nowhere");
    folder.write("some.ndjson", &format!("{good}\n\n{nowhere}\n{good}\nno message\n"));

    let first = messages(&folder, &process, &["import", "some.ndjson"]);
    let second = messages(&folder, &process, &["import", "some.ndjson", "--json"]);

    assert_eq!(first.code, Some(1));
    assert_eq!(first.stdout, "4 messages: 2 stored, 0 known already, 2 refused\n");
    assert!(
        first.stderr.starts_with("line 3: The message cannot be scheduled\n  destination "),
        "{}",
        first.stderr
    );
    assert!(first.stderr.contains("\nline 5: "), "{}", first.stderr);
    assert_eq!(second.code, Some(1));
    let told = object(&second, "import");
    assert_eq!((&told["lines"], &told["stored"], &told["known"]), (&json!(4), &json!(0), &json!(2)));
    assert_eq!((&told["refused"][0]["line"], &told["refused"][0]["status"]), (&json!(3), &json!(422)));
    assert_eq!(told["refused"][0]["errors"][0]["pointer"], "/destination");
    assert_eq!(second.stderr, "");
    let all = messages(&folder, &process, &["list", "--json"]);
    assert_eq!(all.stdout.lines().count(), 2);
    let again = messages(&folder, &process, &["import", "some.ndjson", "--name", "second", "--json"]);
    assert_eq!(object(&again, "import")["stored"], 2);
}

#[test]
fn more_than_one_request_holds_is_imported_from_a_pipe_and_listed_over_pages() {
    let folder = Folder::new();
    let process = running(&folder);
    let line = |number| {
        format!(
            "{{\"account\": \"me\", \"destination\": \"inbox\", \"text\": \"{number}\", \"in\": \"1d\"}}\n"
        )
    };
    folder.write("many.ndjson", &(0..2500).map(line).collect::<String>());
    let pipe = std::fs::File::open(folder.path().join("many.ndjson")).unwrap();
    let url = format!("http://{}", process.listens_on());
    let mut import = folder.command(&["messages", "import", "-", "--url", &url]);
    import.stdin(pipe);

    let imported = folder.end(import);
    let listed = messages(&folder, &process, &["list", "--json", "--limit", "2400"]);
    let expected = ["cancel", "--account", "me", "--destination", "inbox", "--text", "24", "--yes"];
    let cancelled = messages(&folder, &process, &expected);

    assert_eq!(
        imported.stdout, "2500 messages: 2500 stored, 0 known already, 0 refused\n",
        "{}",
        imported.stderr
    );
    assert_eq!((imported.code, imported.stderr.as_str()), (Some(0), ""));
    let mut ids: Vec<&str> = listed.stdout.lines().collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2400);
    let with_24 = (0..2500).filter(|number: &u32| number.to_string().contains("24")).count();
    assert_eq!(cancelled.stdout, format!("{with_24} of {with_24} cancelled\n"), "{}", cancelled.stderr);
}

#[test]
fn what_is_refused_is_1_with_its_reason_and_the_rest_is_done() {
    let folder = Folder::new();
    let process = running(&folder);
    let (one, other) = (scheduled(&folder, &process, "one"), scheduled(&folder, &process, "other"));
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";

    let retried = messages(&folder, &process, &["retry", &one]);
    let cancelled = messages(&folder, &process, &["cancel", &one, unknown, "--yes", "--json"]);
    let resolved = messages(&folder, &process, &["resolve", &other, "--as", "not-sent"]);
    let shown = messages(&folder, &process, &["show", unknown]);

    assert_eq!((retried.code, retried.stdout.as_str()), (Some(1), "0 of 1 retried\n"));
    assert!(retried.stderr.starts_with(&format!("{one}: ")), "{}", retried.stderr);
    assert_eq!(cancelled.code, Some(1));
    let results = object(&cancelled, "messages-changed");
    assert_eq!((&results["asked"], &results["done"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&results["refused"][0]["id"], &results["refused"][0]["status"]),
        (&json!(unknown), &json!(404))
    );
    assert_eq!(resolved.code, Some(1), "{}", resolved.stdout);
    assert_eq!(shown.code, Some(1));
    assert!(shown.stderr.starts_with("error: "), "{}", shown.stderr);
}

#[test]
fn messages_are_sent_now_moved_held_and_recur() {
    let folder = Folder::new();
    let process = running(&folder);
    let id = scheduled(&folder, &process, "Hello");

    let held = messages(&folder, &process, &["suspend", "--account", "*", "--reason", "a test", "--json"]);
    let moved = messages(&folder, &process, &["move", &id, "--by", "-30m"]);
    let sent = messages(&folder, &process, &["send-now", "--state", "scheduled"]);
    let released = messages(&folder, &process, &["release", "--account", "*"]);
    let draft =
        r#"{"account": "me", "destination": "inbox", "text": "Hi", "cron": "0 9 * * *", "zone": "UTC"}"#;
    let series = messages(&folder, &process, &["series", "add", draft, "--json"]);
    let series = object(&series, "series")["id"].as_str().unwrap().to_owned();
    let ended = messages(&folder, &process, &["series", "end", &series]);

    assert_eq!(object(&held, "suspension")["account"], "*");
    assert_eq!(moved.stdout, "1 of 1 moved\n", "{}", moved.stderr);
    assert_eq!(sent.stdout, "1 of 1 sent now\n", "{}", sent.stderr);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    assert!(released.stdout.starts_with("Everything goes on, with "), "{}", released.stdout);
    assert_eq!(ended.stdout, format!("{series} is ended\n"));
}

#[test]
fn exit_codes_say_what_is_wrong() {
    let folder = Folder::with_config("[admin]\nactions = false\n");
    let process = running(&folder);
    folder.write("one.ndjson", "{}\n");
    for words in [
        &["cancel"][..],
        &["cancel", "x", "--account", "me"],
        &["cancel", "x", "y"],
        &["resolve", "x"],
        &["resolve", "x", "y", "--as", "sent", "--receipt", "there"],
        &["list", "--limit", "0"],
        &["edit", "x"],
        &["series", "add", "no series"],
    ] {
        let ended = messages(&folder, &process, words);
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.stderr);
    }
    for words in [&["import", "one.ndjson"][..], &["cancel", "--account", "me"], &["list", "--state", "odd"]]
    {
        let ended = messages(&folder, &process, words);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{words:?}: {}", ended.stderr);
    }
    let nowhere = messages(&folder, &process, &["import", "nowhere.ndjson"]);
    assert_eq!(nowhere.code, Some(69), "{}", nowhere.stderr);
    let gone = folder.output(&["messages", "list", "--url", "http://127.0.0.1:9"]);
    assert_eq!(gone.code, Some(69), "{}", gone.stderr);
    let no_token = messages(&folder, &process, &["list", "--token-file", "/nowhere/token"]);
    assert_eq!(no_token.code, Some(78), "{}", no_token.stderr);
}

#[test]
fn the_help_names_the_binary_and_has_no_colours_where_nobody_wants_them() {
    let folder = Folder::new();
    let mut help = folder.command(&["messages", "import", "--help"]);
    help.env("NO_COLOR", "1");

    let help = folder.end(help);
    let forced = folder.output(&["--color", "always", "messages", "--help"]);

    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("  squall messages import newsletter.ndjson\n"), "{}", help.stdout);
    assert!(!help.stdout.contains('\u{1b}') && !help.stdout.contains("{binary}"), "{}", help.stdout);
    assert!(forced.stdout.contains('\u{1b}'), "{}", forced.stdout);
}
