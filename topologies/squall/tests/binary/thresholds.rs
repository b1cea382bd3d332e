//! Bounds are mined from the history that a process keeps, and taken by `validate`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use squall_connect::sql::{Access, Connection, Database, Options};

use crate::process::Folder;

const RUN: [&str; 4] = ["run", "scheduled-messages", "--listen", "127.0.0.1:0"];

/// Weeks of these series, up to now: 100 by day, 10 by night, and an hour of 9,000 ago a day.
#[derive(Clone)]
struct Weeks {
    count: i64,
    series: &'static [[&'static str; 2]],
}

impl Access for Weeks {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 / 3_600;
        for [component, metric] in self.series {
            let sql = "INSERT INTO series (topology, component, metric) VALUES ('scheduled-messages', ?1, ?2) ON CONFLICT DO NOTHING";
            connection.execute(sql, [(*component).into(), (*metric).into()]).await?;
            for hour in now - self.count * 7 * 24..now {
                let usual: f32 = if hour % 24 < 6 { 10.0 } else { 100.0 };
                let value = if hour == now - 24 { 9_000.0 } else { usual };
                let minutes: Vec<u8> = [value; 60].into_iter().flat_map(f32::to_le_bytes).collect();
                let sql = "INSERT OR REPLACE INTO hours (hour, series, minutes)
                    SELECT ?1, id, ?2 FROM series WHERE component = ?3 AND metric = ?4";
                let values = [hour.into(), minutes.into(), (*component).into(), (*metric).into()];
                connection.execute(sql, values).await?;
            }
        }
        Ok(())
    }
}

/// A folder in which a process has run, with a history of so many weeks.
fn after(count: i64) -> Folder {
    let folder = Folder::new();
    let squall = folder.start(&RUN);
    squall.signal("TERM");
    assert!(squall.wait().0.success());
    let weeks = Weeks { count, series: &[["", "pending"], ["send", "executed"], ["gone", "pending"]] };
    write(&folder.path().join("squall-data/operators.sqlite3"), weeks);
    folder
}

fn write(file: &Path, weeks: Weeks) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let database = Database::open(Options::file(file), &[]).await.unwrap();
        database.write(weeks).await.unwrap();
    });
}

#[test]
fn without_a_history_there_is_one_sentence_and_69_and_no_file_is_made() {
    for command in ["suggest", "show"] {
        let folder = Folder::new();

        let ended = folder.output(&["thresholds", command]);

        assert_eq!((ended.code, ended.stdout.as_str()), (Some(69), ""));
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        let what = "error: there is no history at squall-data/operators.sqlite3: ";
        assert!(ended.stderr.starts_with(what), "{}", ended.stderr);
        assert!(!folder.path().join("squall-data").exists());
    }
}

#[test]
fn a_history_that_is_too_short_is_one_sentence_and_69() {
    let ended = after(2).output(&["thresholds", "suggest"]);

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(69), ""));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("is too short to say what is usual"), "{}", ended.stderr);
}

#[test]
fn what_is_suggested_is_valid_mails_until_it_is_promoted_and_is_shown_with_what_it_would_have_raised() {
    let folder = after(4);
    // The process that writes the history runs.
    let squall = folder.start(&RUN);

    let suggested = folder.output(&["thresholds", "suggest"]);
    assert_eq!(suggested.code, Some(0), "{}", suggested.stderr);
    assert!(
        suggested.stdout.contains("[checks.\"scheduled-messages.pending\".weekly]"),
        "{}",
        suggested.stdout
    );
    assert!(
        suggested.stdout.contains("`scheduled-messages` has no component `gone`"),
        "{}",
        suggested.stdout
    );
    folder.write("squall.toml", &suggested.stdout);
    let valid = folder.output(&["validate"]);
    assert_eq!(valid.code, Some(0), "{}", valid.stderr);

    let shown = folder.output(&["thresholds", "show", "--json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let pending = &shown["checks"][0];
    assert_eq!(shown["format"], "squall.thresholds-in-force.v1");
    assert_eq!([&pending["name"], &pending["stands"]], ["scheduled-messages.pending", "mined: mails only"]);
    assert_eq!(pending["drift"], Value::Null, "history says what it said a moment ago");
    let raised = pending["backtest"]["raised"].as_array().unwrap();
    assert_eq!((raised.len(), &raised[0]["minutes"], &raised[0]["worst"]), (1, &60.into(), &9_000.0.into()));
    // 100 + 4 · 5 by day, of 10 by night.
    assert_eq!(pending["settings"]["above"], 120.0);
    assert_eq!(pending["settings"]["weekly"]["mon"][3], 12.0);
    let executed = &shown["checks"][1]["settings"];
    assert_eq!(
        [&executed["component"], &executed["weekly"]["sun"][12]],
        [&Value::from("send"), &83.3.into()]
    );

    let paging = |more: &str| {
        folder.write(
            "squall.toml",
            &suggested.stdout.replace("mined = true", &format!("mined = true\n{more}")),
        );
        folder.output(&["validate"])
    };
    let refused = paging("category = \"page\"");
    assert_eq!(refused.code, Some(78), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("a mined bound only mails until somebody stands for it"),
        "{}",
        refused.stderr
    );
    let promoted = paging("category = \"page\"\npromoted_by = \"ada\"");
    assert_eq!(promoted.code, Some(0), "{}", promoted.stderr);
    let shown = folder.output(&["thresholds", "show"]);
    assert!(shown.stdout.contains("mined, promoted by ada"), "{}{}", shown.stdout, shown.stderr);
    assert!(shown.stdout.contains("would have raised at "), "{}", shown.stdout);
    drop(squall);
}

#[test]
fn only_what_is_meant_is_suggested_and_nothing_else_is_2() {
    let folder = after(3);

    let one = folder.output(&["thresholds", "suggest", "--component", "send", "--json"]);
    let one: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["bounds"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["bounds"][0]["name"], "scheduled-messages.send.executed");
    let none = folder.output(&["thresholds", "suggest", "--component", "sent"]);
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    assert!(none.stderr.contains("scheduled-messages/send"), "{}", none.stderr);
}
