//! `squall messages import`: many messages from a file.

mod lines;
mod outcome;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use clap::{Arg, ArgMatches, Command};
use squall_ops::cli::{Progress, json, print};
use squall_ops::client::Method;
use squall_ops::{Client, Flags, StartError, exit};

use self::lines::{Lines, Part};
use self::outcome::Outcome;
use super::{asking, examples};
use crate::api;

const MEDIA_TYPE: &str = "application/x-ndjson";

const ABOUT: &str = "A line is a message as the interface takes it: {\"account\": …, \"destination\": …, \"text\": …, \
    \"in\": …}. What is imported a second time is stored once: a line is known by its `idempotency_key`, or else by what \
    it says and how often the file said so before.";

pub(super) fn spec() -> Command {
    let file = Arg::new("file")
        .value_name("FILE")
        .default_value("-")
        .help("A message a line, as JSON; - is standard input");
    let name = Arg::new("name")
        .long("name")
        .value_name("NAME")
        .default_value("")
        .hide_default_value(true)
        .help("Another name is another import: what was imported without it, or under another, is stored once more");
    let command =
        Command::new("import").about("Schedules many messages").after_help(ABOUT).args([file, name]);
    examples(
        asking(command),
        &["messages import newsletter.ndjson", "messages import - --json | jq .refused"],
    )
}

/// Sends all lines, part by part, and tells which were refused: that is a failure.
pub(super) fn import(args: &ArgMatches) -> Result<u8, StartError> {
    let flags = Flags::new(args);
    let text = |id: &str| flags.one::<String>(id).map(String::as_str).unwrap_or_default();
    let client = Client::of(args)?;
    let (reader, size) = open(text("file"))?;
    let is_json = json::is_wanted(args);
    let progress = Progress::new("importing", "bytes", size);
    let (mut lines, mut outcome) = (Lines::new(reader, text("name")), Outcome::default());
    let done = loop {
        let part = match lines.part() {
            Ok(Some(part)) => part,
            Ok(None) => break Ok(()),
            Err(error) => {
                break Err(StartError::unavailable(format!("cannot read {}: {error}", text("file"))));
            }
        };
        let known = outcome.refused.len();
        let sent = send(&client, &part, &mut outcome);
        progress.set_total(size.max(lines.bytes()));
        progress.is_at(lines.bytes());
        if !is_json {
            progress.beside(|| outcome.refused.iter().skip(known).for_each(|refused| eprintln!("{refused}")));
        }
        if let Err(error) = sent {
            break Err(error);
        }
    };
    drop(progress);
    if let Err(error) = done {
        eprintln!("note: {outcome}; import it again when this is mended: nothing is stored twice");
        return Err(error);
    }
    if is_json {
        json::print_object("import", &outcome)?;
    } else {
        print(&format!("{outcome}\n"))?;
    }
    Ok(if outcome.refused.is_empty() { exit::OK } else { exit::FAILURE })
}

/// The lines of a file or of standard input, and how many bytes they are, as far as that is known.
fn open(file: &str) -> Result<(Box<dyn BufRead>, u64), StartError> {
    if file == "-" {
        return Ok((Box::new(io::stdin().lock()), 0));
    }
    let open = |path: &Path| {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        io::Result::Ok((file, size))
    };
    let opened = open(Path::new(file));
    let (opened, size) =
        opened.map_err(|error| StartError::unavailable(format!("cannot read {file}: {error}")))?;
    Ok((Box::new(BufReader::new(opened)), size))
}

/// Sends some lines, and notes what became of each.
fn send(client: &Client, part: &Part, outcome: &mut Outcome) -> Result<(), StartError> {
    let path = format!("{}/bulk", api::PATH);
    let reply = client.ask(Method::POST, &path, Some((MEDIA_TYPE, part.body.clone())))?;
    reply.check()?;
    outcome.take(part, &reply.body)
}
