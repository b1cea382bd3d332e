//! `squall ctl reload`: has a process read its configuration again.

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use serde_json::Value;

use super::{done, dry_run};
use crate::cli::help::with_examples;
use crate::{Client, Flags, StartError, exit};

pub(super) fn spec(product: &str) -> Command {
    let command = Command::new("reload")
        .about(
            "Has the process read its configuration again, and lets it hold, or leaves everything as it was",
        )
        .arg(dry_run());
    with_examples(command, product, &["ctl reload --dry-run", "ctl reload"])
}

/// Reloads it, or says what that would change.
pub(super) fn reload(args: &ArgMatches) -> Result<ExitCode, StartError> {
    let client = Client::of(args)?;
    if Flags::new(args).is_set("dry-run") {
        let changes: Value = client.get("/api/v1/config/plan")?;
        let lines = lines(&changes);
        done(args, changes, &lines)?;
    } else {
        let answer: Value = client.post("/api/v1/config/reload", None)?;
        let message = answer.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
        done(args, answer, &message)?;
    }
    Ok(exit::OK.into())
}

/// What a reload would change, a line each.
fn lines(changes: &Value) -> String {
    let each = |key: &str| changes[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let number = |number: &Value| {
        format!("{}: {} -> {}", text(number, "path"), text(number, "from"), text(number, "to"))
    };
    let mut lines: Vec<String> = each("hot").iter().map(number).collect();
    lines.extend(each("restart").iter().map(|restart| {
        let because =
            restart.get("because").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        format!(
            "`{}` would start anew: {}",
            text(restart, "topology"),
            because.collect::<Vec<_>>().join(", ")
        )
    }));
    let later = each("needs_process_restart");
    lines.extend(later.iter().map(|later| format!("{} (after a restart of the process)", number(later))));
    if lines.is_empty() { "nothing would change".to_owned() } else { lines.join("\n") }
}
