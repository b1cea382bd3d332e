//! [`Access`]: who may do what over HTTP, as the configuration says it.

use std::net::SocketAddr;

use squall_topology::settings::HostName;
use squall_topology::{AdminSettings, Secret};

use crate::reload::Number;

/// Who may do what over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// What everybody has to show.
    pub(crate) token: Option<Secret>,
    /// Whether anything may be changed.
    pub(crate) may_act: bool,
    /// Whether tuples may be looked at.
    pub(crate) may_tap: bool,
    /// Names by which the process may be addressed, besides those of this machine.
    pub(crate) hosts: Vec<HostName>,
}

/// What is wrong in `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) key: &'static str,
    pub(crate) why: String,
}

impl Access {
    /// What holds for a process that listens at this address. Reads the file of the token.
    ///
    /// # Errors
    ///
    /// The token cannot be read or used, or other machines reach the address and there is none.
    pub(crate) fn new(admin: &AdminSettings, listen: SocketAddr) -> Result<Self, Fault> {
        let is_local = listen.ip().to_canonical().is_loopback();
        let token = token(admin)?;
        if token.is_none() && !is_local {
            return Err(Fault {
                key: "listen",
                why: format!(
                    "other machines reach {listen}, so whoever asks there has to show a token, and there is none: \
                     write token_file = \"PATH\" or token = {{ env = \"NAME\" }} under [admin], or listen on 127.0.0.1"
                ),
            });
        }
        Ok(Self {
            token,
            may_act: admin.actions.unwrap_or(is_local),
            may_tap: admin.tap,
            hosts: admin.hosts.clone(),
        })
    }

    /// Whether the token is another there, in words that tell none of them.
    pub(crate) fn token_change(&self, to: &Self) -> Option<Number> {
        let (from, to) = match (&self.token, &to.token) {
            (before, after) if before == after => return None,
            (None, _) => ("none", "one"),
            (_, None) => ("one", "none"),
            _ => ("one", "another one"),
        };
        Number::unless_same("admin.token", from, to)
    }

    /// The names by which it may be addressed, in a line.
    pub(crate) fn host_names(&self) -> String {
        let names: Vec<&str> = self.hosts.iter().map(HostName::as_str).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

fn token(admin: &AdminSettings) -> Result<Option<Secret>, Fault> {
    let (key, token) = match (&admin.token, &admin.token_file) {
        (None, None) => return Ok(None),
        (Some(token), None) => ("token", token.clone()),
        (None, Some(path)) => {
            ("token_file", Secret::read(path).map_err(|why| Fault { key: "token_file", why })?)
        }
        (Some(_), Some(_)) => {
            let why = "the token is given twice; leave `token` or `token_file` out".to_owned();
            return Err(Fault { key: "token_file", why });
        }
    };
    if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        let place = admin.token_file.as_ref().map(|path| format!(" in `{}`", path.display()));
        let why = format!(
            "the token{} has characters that cannot be sent; write one line of visible ASCII characters without \
             spaces, such as `openssl rand -hex 32` prints",
            place.unwrap_or_default()
        );
        return Err(Fault { key, why });
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    fn admin() -> AdminSettings {
        AdminSettings::default()
    }

    fn at(addr: &str, admin: &AdminSettings) -> Result<Access, Fault> {
        Access::new(admin, addr.parse().unwrap())
    }

    #[test]
    fn loopback_is_open_and_may_act() {
        for addr in ["127.0.0.1:0", "127.7.7.7:8090", "[::1]:8090", "[::ffff:127.0.0.1]:8090"] {
            let open = at(addr, &admin()).unwrap();
            assert!(open.may_act && open.token.is_none(), "{addr}");
        }
        assert!(!at("[::1]:1", &AdminSettings { actions: Some(false), ..admin() }).unwrap().may_act);
    }

    #[test]
    fn elsewhere_it_takes_a_token_and_a_word_to_act() {
        for addr in ["0.0.0.0:8090", "[::]:8090", "192.168.0.7:8090", "[::ffff:10.0.0.1]:8090"] {
            let fault = at(addr, &admin()).unwrap_err();
            assert_eq!(fault.key, "listen");
            assert!(fault.why.contains(addr) && fault.why.contains("token_file = "), "{}", fault.why);

            let guarded = AdminSettings { token: Some(Secret::new("hunter2")), ..admin() };
            assert!(!at(addr, &guarded).unwrap().may_act);
            assert!(at(addr, &AdminSettings { actions: Some(true), ..guarded }).unwrap().may_act);
        }
    }

    #[test]
    fn a_token_file_that_is_of_no_use_is_named_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let read =
            |token_file: PathBuf| at("[::]:1", &AdminSettings { token_file: Some(token_file), ..admin() });
        for wrong in ["", "\n", "hunter 2", "hunter2\nhunter3\n", "hünter2", "hunter2\t"] {
            fs::write(&path, wrong).unwrap();
            let fault = read(path.clone()).unwrap_err();
            assert_eq!(fault.key, "token_file");
            assert!(fault.why.contains(path.to_str().unwrap()), "{}", fault.why);
            assert!(!fault.why.contains("nter"), "{}", fault.why);
        }
        assert!(read(folder.path().join("none")).unwrap_err().why.contains("/none"));

        fs::write(&path, "hunter2\r\n").unwrap();
        assert_eq!(read(path).unwrap().token, Some(Secret::new("hunter2")));
    }

    #[test]
    fn a_token_given_twice_is_refused() {
        let admin = AdminSettings { token: Some(Secret::new("a")), token_file: Some("b".into()), ..admin() };

        assert_eq!(at("127.0.0.1:1", &admin).unwrap_err().key, "token_file");
    }
}
