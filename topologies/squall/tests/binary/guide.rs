//! The commands that the guide shows.

use std::process::Command;

use crate::process::Folder;

const CHAPTER: &str = include_str!("../../../../framework/squall/src/guide/command_line.md");

/// The words of a line, as a shell has them.
fn words(line: &str) -> Vec<String> {
    let shell = Command::new("sh").args(["-c", &format!("printf '%s\\0' {line}")]).output();
    let words = String::from_utf8(shell.unwrap().stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

/// The lines between fences of `sh`.
fn commands() -> Vec<&'static str> {
    let blocks = CHAPTER.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).collect()
}

#[test]
fn every_command_of_the_chapter_is_read() {
    let folder = Folder::new();
    let commands = commands();
    assert!(commands.len() > 25, "a block got lost");
    for line in commands {
        // What stands behind a pipe or a redirection is for the shell, which would write the file.
        let own = line.split(['|', '>', '#']).next().unwrap();
        let words = words(own);
        assert_eq!(words.first().map(String::as_str), Some("squall"), "{line}");
        // Everything up to this is read, and nothing is done.
        let args: Vec<&str> = words.iter().skip(1).map(String::as_str).chain(["--help"]).collect();
        let ended = folder.output(&args);

        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}");
        assert!(ended.stdout.contains("Usage: squall "), "{line}: {}", ended.stdout);
    }
}

#[test]
fn a_command_that_does_not_exist_would_be_seen() {
    let folder = Folder::new();
    for line in ["mesages list", "ctl status --jsn", "messages list --limit many"] {
        let args: Vec<&str> = line.split(' ').chain(["--help"]).collect();

        assert_eq!(folder.output(&args).code, Some(2), "{line}");
    }
}
