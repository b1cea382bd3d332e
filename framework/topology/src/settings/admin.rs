use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::HostName;
use crate::config::Secret;

/// `[admin]`: the HTTP side of the process.
///
/// As it stands it is open to whoever uses this machine, and to nobody else. On another address than one of loopback
/// it takes a token, and changes nothing unless `actions` says so.
///
/// ```
/// use squall_topology::{AdminSettings, Config};
///
/// let mut config = Config::parse("squall.toml", r#"
///     [admin]
///     listen = "0.0.0.0:8090"
///     token_file = "/run/secrets/squall-token"
///     actions = true
///     hosts = ["squall.example.org"]
/// "#)?;
/// let admin: AdminSettings = config.section_or_default("admin");
/// assert_eq!(admin.actions, Some(true));
/// assert_eq!(admin.hosts[0].as_str(), "squall.example.org");
/// # Ok::<(), squall_topology::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "`[admin]`: the HTTP side of the process.")]
#[serde(default, deny_unknown_fields)]
pub struct AdminSettings {
    /// Address and port to listen on; 127.0.0.1:8090. One that is not loopback needs a token.
    #[schemars(with = "String")]
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Whether another process that shares its port too may listen there, to take over from this one; Linux only.
    pub share_port: bool,
    /// What every request has to show, as a bearer token or as the password of any user: visible ASCII characters
    /// without spaces.
    pub token: Option<Secret>,
    /// The file that holds the token, in place of `token`.
    pub token_file: Option<PathBuf>,
    /// Whether anything may be changed over HTTP; true on loopback, false elsewhere.
    pub actions: Option<bool>,
    /// Whether tuples may be looked at over HTTP; true. What looks like a secret in them is masked in any case.
    pub tap: bool,
    /// Names by which browsers and programs may address the process, besides `localhost` and addresses in figures.
    pub hosts: Vec<HostName>,
}

impl Default for AdminSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)),
            share_port: false,
            token: None,
            token_file: None,
            actions: None,
            tap: true,
            hosts: Vec::new(),
        }
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format_args!(
            "`{text}` is not an address with a port; write for example \"127.0.0.1:8090\" or \"[::1]:8090\""
        ))
    })
}
