//! The databases' own command line clients: what they print, as rows.

use std::process::Command;

/// Runs `client`, which prints a row a line and tabs between the fields.
///
/// # Panics
///
/// If it fails, with what it said.
pub(crate) fn rows(client: &mut Command, sql: &str) -> Vec<Vec<String>> {
    match try_rows(client) {
        Ok(rows) => rows,
        Err(error) => panic!("{sql}: {error}"),
    }
}

/// The same; what the client said if it fails.
pub(crate) fn try_rows(client: &mut Command) -> Result<Vec<Vec<String>>, String> {
    let output = match client.output() {
        Ok(output) => output,
        Err(error) => panic!("{}: does not start: {error}", client.get_program().display()),
    };
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(said.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// Host, port and database of a URL that a rig made.
///
/// # Panics
///
/// If it is none.
pub(crate) fn target(url: &str) -> (&str, &str, &str) {
    let behind_the_password = url.rsplit_once('@').map(|(_, rest)| rest);
    let parts = behind_the_password.and_then(|rest| {
        let (address, database) = rest.split_once('/')?;
        let (host, port) = address.rsplit_once(':')?;
        Some((host, port, database))
    });
    match parts {
        Some(parts) => parts,
        // Not the URL itself: what was meant may hold a password.
        None => panic!("this is no URL of the form `scheme://user:password@host:port/database`"),
    }
}
