//! [`Mastodon`]: a mock of Mastodon's interface for clients.

use crate::{
    Port, cache,
    call::{Call, text},
    folder, missing,
    server::{Recipe, Server},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, path::Path};

/// What must be installed.
const LOCK: &str = include_str!("../mastodon/requirements.txt");
/// The token of the account that there is from the start.
const TOKEN: &str = "mock_token";

/// A mock of Mastodon: Debian and the registries have no real one. It honours `Idempotency-Key`, for ever instead of
/// an hour, and fails as it is told.
///
/// ```
/// use squall_services::Mastodon;
///
/// let Some(mastodon) = Mastodon::start() else { return };
/// assert!(mastodon.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(mastodon.statuses(), []);
/// ```
#[derive(Debug)]
pub struct Mastodon {
    server: Server,
    port: Port,
}

/// A status of the account whose token [`Mastodon::token`] is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// Its number, as text.
    pub id: String,
    /// What it says: its HTML as plain text.
    pub text: String,
    /// When it was posted.
    pub created_at: String,
}

impl Mastodon {
    /// Starts one; `None` if it is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let installed = cache::installed("mastodon-", "requirements.txt", LOCK);
        let program = installed.map(|folder| folder.join("venv/bin/mastodon_mock"));
        let program = program.filter(|program| program.is_file());
        let [program] =
            missing::need("Mastodon", [("mock of it as its requirements.txt names it", program)])?;

        let home = folder::temporary("mastodon");
        let configuration = "[database]\npath = \"mastodon.db\"\n";
        if let Err(error) = fs::write(home.path().join("configuration.toml"), configuration) {
            panic!("{}: cannot be prepared: {error}", home.path().display());
        }
        let port = Port::reserve();
        let number = port.number().to_string();
        let arguments = ["serve", "--config", "configuration.toml", "--host", "127.0.0.1", "--port", &number];
        let recipe = Recipe {
            name: "the mock of Mastodon".to_owned(),
            program,
            arguments: arguments.map(str::to_owned).to_vec(),
            environment: Vec::new(),
            inside: "",
            as_its_owner: false,
            ready: "Uvicorn running on",
            end: Signal::KILL,
        };
        Some(Self { server: Server::start(recipe, home), port })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The token of its only account, for `Authorization: Bearer`.
    #[must_use]
    pub fn token(&self) -> &str {
        TOKEN
    }

    /// All statuses of the account, the newest first.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    #[must_use]
    pub fn statuses(&self) -> Vec<Status> {
        let account = text(&self.call("GET", "/api/v1/accounts/verify_credentials", None), "/id");
        let mut statuses: Vec<Status> = Vec::new();
        loop {
            let before = statuses.last().map_or(String::new(), |status| format!("&max_id={}", status.id));
            let path = format!("/api/v1/accounts/{account}/statuses?limit=40{before}");
            let page = self.call("GET", &path, None);
            let found = page.as_array().map(Vec::as_slice).unwrap_or_default();
            if found.is_empty() {
                return statuses;
            }
            statuses.extend(found.iter().map(|status| Status {
                id: text(status, "/id"),
                text: plain(&text(status, "/content")),
                created_at: text(status, "/created_at"),
            }));
        }
    }

    /// Posts a status, by another way than the one under test.
    ///
    /// # Panics
    ///
    /// If the server refuses it, or does not answer.
    pub fn post(&self, text: &str) {
        self.call("POST", "/api/v1/statuses", Some(json!({ "status": text })));
    }

    /// Fails the next `count` postings in the way `effect` tells, as the mock's `_mock/faults` takes it, for instance
    /// `{"type": "ratelimit", "headers": {"retry-after": "2"}}`. A request that it fails was not taken; what was taken
    /// and not answered is the business of a [`LossyProxy`](crate::LossyProxy).
    ///
    /// # Panics
    ///
    /// If the server does not know the effect, or does not answer.
    pub fn fail_next(&self, count: u32, effect: Value) {
        let postings = json!({ "methods": ["POST"], "path": "/api/v1/statuses" });
        let rule = json!({ "match": postings, "effect": effect, "count": count });
        self.call("POST", "/api/v1/_mock/faults", Some(rule));
    }

    /// Ends it with SIGKILL.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn stop_hard(&self) {
        self.server.kill();
    }

    /// Starts it again after [`Mastodon::stop_hard`], with all that it had kept.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub fn start_again(&self) {
        self.server.start_again();
    }

    /// The ids of its processes now.
    #[must_use]
    pub fn pids(&self) -> Vec<i32> {
        self.server.pids()
    }

    /// Its folder, which goes when it is dropped; the server's log is `log` in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        Call { method, path, token: Some(TOKEN), body }.to(self.address())
    }
}

/// The text of the little HTML that statuses are made of.
fn plain(html: &str) -> String {
    let html = html.replace("</p><p>", "\n\n").replace("<br />", "\n").replace("<br>", "\n");
    let mut text = String::new();
    let mut is_tag = false;
    for character in html.chars() {
        match character {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            _ => text.push(character),
        }
    }
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn html_is_read_as_its_author_wrote_it() {
        assert_eq!(
            plain("<p>a &lt;b&gt; &amp;lt; <a href=\"x\">#c</a><br />d</p><p>e</p>"),
            "a <b> &lt; #c\nd\n\ne"
        );
    }
}
