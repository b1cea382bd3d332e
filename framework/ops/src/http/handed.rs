//! A socket that whoever started this process bound for it, as systemd does.

use std::env;
use std::net::TcpListener;
use std::process;

use listenfd::ListenFd;
use socket2::SockRef;

use crate::StartError;

/// How many sockets were handed over.
const COUNT: &str = "LISTEN_FDS";

/// To which process.
const PROCESS: &str = "LISTEN_PID";

/// Takes the socket, if there is one. Must be called once, before threads are started.
///
/// # Errors
///
/// What was handed over is not one listening TCP socket.
pub(super) fn take() -> Result<Option<TcpListener>, StartError> {
    let (count, process) = (env::var_os(COUNT), env::var_os(PROCESS).filter(|process| !process.is_empty()));
    let Some(count) = count else { return Ok(None) };
    let (count, process) = (count.to_string_lossy(), process.as_deref().map(|id| id.to_string_lossy()));
    if !is_for(process::id(), process.as_deref())? {
        return Ok(None);
    }
    if count.trim() != "1" {
        return Err(wrong(&format!("{COUNT}={count}: expected 1")));
    }
    let socket = ListenFd::from_env().take_tcp_listener(0).map_err(|error| wrong(&error.to_string()))?;
    let socket = socket.ok_or_else(|| wrong(&format!("{COUNT}={count}, but it cannot be taken")))?;
    let is_listening = SockRef::from(&socket).is_listener().map_err(|error| wrong(&error.to_string()))?;
    if is_listening { Ok(Some(socket)) } else { Err(wrong("it does not listen")) }
}

/// Variables outlive their process: what was handed to a parent is none of its child's business.
fn is_for(own: u32, process: Option<&str>) -> Result<bool, StartError> {
    let Some(process) = process else { return Ok(true) };
    let id = process.trim().parse::<u32>();
    id.map(|id| id == own).map_err(|_| wrong(&format!("{PROCESS}={process}: expected the id of a process")))
}

fn wrong(what: &str) -> StartError {
    StartError::unavailable(format!(
        "cannot take the socket that was handed over: {what}; hand over one listening TCP socket (with systemd, one \
         ListenStream= in the .socket unit), or unset {COUNT} and {PROCESS}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_handed_to_another_process_is_left_alone() {
        assert_eq!(is_for(7, None), Ok(true));
        assert_eq!(is_for(7, Some("7")), Ok(true));
        assert_eq!(is_for(7, Some("8")), Ok(false));
        assert!(is_for(7, Some("me")).unwrap_err().to_string().contains("LISTEN_PID=me"));
    }
}
