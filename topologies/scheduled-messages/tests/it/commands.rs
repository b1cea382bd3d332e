//! What `squall messages` promises: the pages show it, and it does what they do.

use std::process::{self, ExitCode};

use squall_ops::{App as _, Command, exit};
use squall_scheduled_messages::{MessageId, ScheduledMessages, Settlement, State};

use crate::client::Caller;

/// `squall messages`.
fn messages() -> Box<dyn Command> {
    ScheduledMessages.commands().remove(0)
}

/// The words of a line, as a shell has them.
fn words(line: &str) -> Vec<String> {
    let shell = process::Command::new("sh").args(["-c", &format!("printf '%s\\0' {line}")]).output();
    let words = String::from_utf8(shell.unwrap().stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

/// Whether the command line reads it; the binary takes its own name off.
fn read(line: &str) -> Result<clap::ArgMatches, String> {
    let words = words(line);
    assert_eq!(words.first().map(String::as_str), Some("squall"), "{line}");
    messages()
        .spec()
        .try_get_matches_from(words.into_iter().skip(1))
        .map_err(|error| format!("{line}: {error}"))
}

/// The command that a page shows.
fn shown(page: &str) -> String {
    let (_, rest) = page.split_once("<code>squall ").unwrap_or_else(|| panic!("no command in {page}"));
    let (line, _) = rest.split_once("</code>").unwrap();
    let plain = [("&#34;", "\""), ("&#38;", "&"), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">")];
    plain.iter().fold(format!("squall {line}"), |line, (from, to)| line.replace(from, to))
}

/// Does what a line says, to the process of the caller.
async fn run(caller: &Caller, line: &str) -> Result<ExitCode, String> {
    let args = read(&format!("{line} --actor ada --url {}", caller.site.url))?;
    let done = tokio::task::spawn_blocking(move || messages().run(&args).map_err(|error| error.to_string()));
    done.await.unwrap()
}

async fn state(caller: &Caller, id: MessageId) -> State {
    caller.store.get(id).await.unwrap().unwrap().state
}

async fn unconfirmed(caller: &Caller) -> MessageId {
    let (id, attempt) = caller.sent_off().await;
    caller.settle(&attempt, Settlement::Unconfirmed { error: "the connection broke off".into() }).await;
    id
}

#[actix_web::test]
async fn every_action_of_a_page_shows_a_command_that_is_read() {
    let caller = Caller::start().await;
    let (one, other) = (caller.scheduled().await, caller.scheduled().await);
    let text = "it's%20--odd%20%3B%20%24(reboot)";
    let mut paths: Vec<String> = vec![
        format!("/messages/{one}"),
        format!("/messages/new?account=-x&text={text}&when=in&in=2h"),
        format!("/messages/new?account=me&text={text}&when=at&wall=2031-03-30T09:30&zone=Europe/Berlin"),
        format!("/messages/new?account=me&text={text}&when=cron&cron=0%209%20*%20*%20*&zone=Europe/Berlin"),
        "/messages/suspensions".to_owned(),
        format!("/messages/do?action=move&id={one}&by=-30m"),
        format!("/messages/do?action=move&id={one}&wall=2031-03-30T09:30&zone=Europe/Berlin"),
    ];
    for action in ["cancel", "retry", "send_now", "move", "sent", "not_sent", "give_up"] {
        paths.push(format!("/messages/do?action={action}&id={one}"));
        paths.push(format!("/messages/do?action={action}&id={one}&id={other}"));
        paths.push(format!("/messages/do?action={action}&all=2&state=scheduled,claimed&q={text}&account=-x"));
    }
    let draft = serde_json::json!({"account": "me", "destination": "inbox", "text": "Good morning",
        "cron": "0 9 * * MON-FRI", "zone": "Europe/Berlin"});
    let series = caller.post("/api/v1/series", draft).await.body["id"].as_str().unwrap().to_owned();
    paths.extend(["pause", "resume", "end"].map(|verb| format!("/series/{series}/do?action={verb}")));

    for path in paths {
        let page = caller.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        if let Err(error) = read(&shown(&page.text)) {
            panic!("{path}: {error}");
        }
    }
}

#[actix_web::test]
async fn the_command_of_a_page_does_what_the_page_does() {
    let caller = Caller::start().await;
    let (one, other) = (caller.scheduled().await, caller.scheduled().await);
    let page = caller.get("/messages/do?action=cancel&all=2&state=scheduled,claimed&account=me").await;

    assert_eq!(run(&caller, &shown(&page.text)).await, Ok(exit::OK.into()));

    assert_eq!(
        (state(&caller, one).await, state(&caller, other).await),
        (State::Cancelled, State::Cancelled)
    );
    // The count is another one by now.
    let again = run(&caller, &shown(&page.text)).await.unwrap_err();
    assert!(again.contains("finds 0 messages now"), "{again}");
}

#[actix_web::test]
async fn decisions_are_taken_from_a_shell() {
    let caller = Caller::start().await;
    let [sent, resent, given_up] =
        [unconfirmed(&caller).await, unconfirmed(&caller).await, unconfirmed(&caller).await];

    let line = format!("squall messages resolve {sent} --as sent --receipt https://example.org/p/1");
    assert_eq!(run(&caller, &line).await, Ok(exit::OK.into()));
    let line = format!("squall messages resolve {resent} --as not-sent");
    assert_eq!(run(&caller, &line).await, Ok(exit::OK.into()));
    let line = "squall messages resolve --state unconfirmed --as give-up";
    assert_eq!(run(&caller, line).await, Ok(exit::OK.into()));

    let sent = caller.store.get(sent).await.unwrap().unwrap();
    assert_eq!((sent.state, sent.receipt.as_deref()), (State::Sent, Some("https://example.org/p/1")));
    assert_ne!(state(&caller, resent).await, State::Unconfirmed);
    assert_eq!(state(&caller, given_up).await, State::Dead);
    // Nothing waits for a decision any more.
    let line = format!("squall messages resolve {given_up} --as sent");
    assert_eq!(run(&caller, &line).await, Ok(exit::FAILURE.into()));
}

#[actix_web::test]
async fn more_than_one_message_is_asked_about_and_nobody_is_there_to_answer() {
    let caller = Caller::start().await;
    let (one, other) = (caller.scheduled().await, caller.scheduled().await);

    for which in [format!("{one} {other}"), "--account me".to_owned(), "--account me --expect 2".to_owned()] {
        let refused = run(&caller, &format!("squall messages cancel {which}")).await.unwrap_err();
        assert!(refused.starts_with("Cancel 2 messages?") && refused.ends_with("Add --yes"), "{refused}");
    }

    assert_eq!(
        (state(&caller, one).await, state(&caller, other).await),
        (State::Scheduled, State::Scheduled)
    );
}

/// The commands that do something themselves, with the way to them.
fn leaves(command: &clap::Command, way: &str) -> Vec<(String, clap::Command)> {
    let way = format!("{way} {}", command.get_name());
    if command.get_subcommands().next().is_none() {
        return vec![(way, command.clone())];
    }
    command.get_subcommands().flat_map(|below| leaves(below, &way)).collect()
}

#[test]
fn every_help_has_examples_and_every_example_is_read() {
    let whole = messages().spec();
    whole.clone().debug_assert();
    for (way, mut command) in leaves(&whole, "") {
        let help = command.render_long_help().to_string();
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{way} has no example"));
        for example in examples.lines().map(|line| line.trim().replace("{binary}", "squall")) {
            // What goes on behind it is for other programs.
            let own = example.split(" | ").next().unwrap_or_default();
            assert_eq!(read(own).err(), None);
        }
    }
}
