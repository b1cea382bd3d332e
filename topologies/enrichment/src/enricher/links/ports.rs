//! Which ports links may name.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// Which ports links may name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ports {
    /// 80 and 443.
    #[default]
    Web,
    /// All of them: whoever writes a link can have any port of any public machine asked in our name.
    Any,
}

impl Ports {
    /// Whether the port of `url` is one of them.
    pub(super) fn allow(self, url: &Url) -> bool {
        match self {
            Self::Any => url.port_or_known_default() != Some(0),
            Self::Web => matches!(url.port_or_known_default(), Some(80 | 443)),
        }
    }
}
