//! Messages that the process posts to itself, where nobody else may.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Ended, Folder, Process};

/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that wants a token.
struct Guarded<'a> {
    folder: &'a Folder,
    process: Process,
}

impl<'a> Guarded<'a> {
    fn start(folder: &'a Folder, actions: bool) -> Self {
        let admin = format!("[admin]\ntoken_file = \"token\"\nactions = {actions}\n");
        folder.write("squall.toml", &admin);
        folder.write("token", "s3cret-s3cret-s3cret-s3cret\n");
        Self { folder, process: folder.start(&["run", "scheduled-messages", "--listen", "127.0.0.1:0"]) }
    }

    /// A command of somebody who knows the token.
    fn command(&self, words: &[&str]) -> Ended {
        let url = format!("http://{}", self.process.listens_on());
        let mut command = self.folder.command(words);
        command.args(["--url", &url, "--token-file", "token"]);
        self.folder.end(command)
    }

    fn schedule(&self, text: &str) -> Ended {
        let to = ["messages", "schedule", "--account", "me", "--destination", "inbox", "--json"];
        self.command(&[&to[..], &["--in", "0s", "--text", text]].concat())
    }

    /// Waits until the message was sent.
    fn sends(&self, id: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.command(&["messages", "show", id, "--json"]);
            let message: Value = serde_json::from_str(&shown.stdout).unwrap();
            if message["state"] == "sent" {
                return;
            }
            assert!(Instant::now() < until && message["state"] != "dead", "{message:#}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(self) {
        self.process.signal("TERM");
        assert_eq!(self.process.wait().0.code(), Some(0));
    }
}

fn id(scheduled: &Ended) -> String {
    assert_eq!(scheduled.code, Some(0), "{}", scheduled.stderr);
    let message: Value = serde_json::from_str(&scheduled.stdout).unwrap();
    message["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_inbox_receives_where_a_token_is_wanted_and_where_nothing_may_be_changed() {
    let folder = Folder::new();
    let writable = Guarded::start(&folder, true);
    writable.sends(&id(&writable.schedule("with a token")));
    // The next one is sent by a process that takes nothing from anybody.
    let paused = writable.command(&["ctl", "pause", "scheduled-messages"]);
    assert_eq!(paused.code, Some(0), "{}", paused.stderr);
    let left = id(&writable.schedule("read-only"));
    writable.end();

    let read_only = Guarded::start(&folder, false);
    read_only.sends(&left);

    let refused = read_only.schedule("too late");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    let forged =
        json!({"idempotency_key": "a", "account": "me", "text": "forged", "due_at": "2031-01-01T00:00:00Z"});
    let (status, _) = read_only.process.request("POST", "/inbox/deliveries", &forged.to_string());
    assert_eq!(status, 401);
    let (status, _) = read_only.process.request("GET", "/api/v1/inbox", "");
    assert_eq!(status, 401);
    read_only.end();
}
