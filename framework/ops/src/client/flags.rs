//! The flags that say which process is asked, and as whom.

use std::env;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, value_parser};
use squall_topology::Secret;

use super::Client;
use crate::{Flags, StartError};

/// Where a process listens if nobody says otherwise.
const URL: &str = "http://127.0.0.1:8090";

pub(super) fn args() -> [Arg; 3] {
    let about_process = |arg: Arg| arg.help_heading("Process");
    [
        Arg::new("url")
            .long("url")
            .value_name("URL")
            .env("SQUALL_URL")
            .default_value(URL)
            .help("Where the process listens"),
        Arg::new("token-file")
            .long("token-file")
            .value_name("FILE")
            .env("SQUALL_TOKEN_FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The file with the token of the process, if it wants one"),
        Arg::new("actor")
            .long("actor")
            .value_name("NAME")
            .help("Who does it, for the events of the process [default: $USER]"),
    ]
    .map(about_process)
}

pub(super) fn client(args: &ArgMatches) -> Result<Client, StartError> {
    let flags = Flags::new(args);
    let url = flags.one::<String>("url").map_or(URL, String::as_str);
    let token = flags.one::<PathBuf>("token-file").map(|file| token(file)).transpose()?;
    let client = Client::new(url, token)?;
    let user = || env::var("USER").ok();
    let actor = flags.one::<String>("actor").cloned().or_else(user).filter(|name| !name.trim().is_empty());
    Ok(match actor {
        Some(actor) => client.by(without_ends_of_lines(&actor)),
        None => client,
    })
}

fn token(file: &Path) -> Result<Secret, StartError> {
    Secret::read(file).map_err(|why| StartError::config(format!("--token-file: {why}")))
}

/// A header is one line.
fn without_ends_of_lines(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
