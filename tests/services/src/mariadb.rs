//! [`MariaDb`]: a MariaDB server.

use crate::{
    Port, client, folder, missing,
    secret::Secret,
    server::{Recipe, Server},
    template::Template,
};
use rustix::process::Signal;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The user of every URL: may do everything but write to a server that is read-only.
const USER: &str = "squall";
/// The rig's own, who may do that too.
const ADMINISTRATOR: &str = "root";

/// MariaDB as it is installed here, on a loopback port, with its data in a temporary folder, and every commit synced.
///
/// ```
/// use squall_services::MariaDb;
///
/// let Some(mariadb) = MariaDb::start() else { return };
/// let url = mariadb.fresh_database();
/// assert!(url.starts_with("mysql://squall:"));
/// mariadb.execute(&url, "CREATE TABLE kept (n int)").unwrap();
///
/// mariadb.read_only(true);
/// assert!(mariadb.execute(&url, "INSERT INTO kept VALUES (1)").is_err());
/// assert_eq!(mariadb.query(&url, "SELECT count(*) FROM kept"), [["0"]]);
/// ```
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
    port: Port,
    password: Secret,
    client: PathBuf,
    databases: AtomicU64,
}

impl MariaDb {
    /// Starts one; `None` if it is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, with settings of its configuration, for instance `("innodb-flush-log-at-trx-commit", "0")`.
    ///
    /// # Panics
    ///
    /// As [`MariaDb::start`]; also if it refuses a setting.
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Option<Self> {
        let needed = ["mariadbd", "mariadb-install-db", "mariadb"].map(|name| (name, missing::program(name)));
        let [mariadbd, install, client] = missing::need("MariaDB", needed)?;

        let template = template(&mariadbd, &install);
        let home = folder::temporary("mariadb");
        template.copy_to(&home.path().join("data"));
        if let Err(error) = folder::give_away(home.path()) {
            panic!("{}: cannot be given away: {error}", home.path().display());
        }
        let port = Port::reserve();
        let recipe = Recipe {
            name: "MariaDB".to_owned(),
            program: mariadbd,
            arguments: arguments(&port, home.path(), settings),
            environment: Vec::new(),
            inside: "data",
            as_its_owner: true,
            ready: "ready for connections",
            end: Signal::KILL,
        };
        let server = Server::start(recipe, home);
        let password = template.password;
        Some(Self { server, port, password, client, databases: AtomicU64::new(0) })
    }

    /// The server that all tests of this process share, started by the first of them; each takes a
    /// [fresh database](MariaDb::fresh_database).
    ///
    /// # Panics
    ///
    /// As [`MariaDb::start`].
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<MariaDb>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// The URL of `database`, with user and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_by(self.address(), database)
    }

    /// The same by way of `address`, that of a [proxy](crate::LossyProxy) for instance.
    #[must_use]
    pub fn url_by(&self, address: SocketAddr, database: &str) -> String {
        format!("mysql://{USER}:{}@{address}/{database}", self.password.0)
    }

    /// Creates the database `name`, empty, of the character set `utf8mb4`.
    ///
    /// # Panics
    ///
    /// If there is one of that name, or the server does not answer.
    pub fn create_database(&self, name: &str) {
        self.administer(&format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4"));
    }

    /// Creates a database of its own for one test, and gives its URL.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    #[must_use]
    pub fn fresh_database(&self) -> String {
        let name = format!("fresh_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create_database(&name);
        self.url(&name)
    }

    /// Runs statements in the database of `url`, and gives the rows of their answers as text, NULL as `NULL`. For
    /// numbers and words: a tab or a line break in a field is escaped.
    ///
    /// # Panics
    ///
    /// If a statement fails.
    #[must_use = "a statement without an answer is for `execute`"]
    pub fn query(&self, url: &str, sql: &str) -> Vec<Vec<String>> {
        client::rows(self.client(USER, url).args(["-e", sql]), sql)
    }

    /// Runs statements in the database of `url`.
    ///
    /// # Errors
    ///
    /// What the server says if one fails.
    pub fn execute(&self, url: &str, sql: &str) -> Result<(), String> {
        client::try_rows(self.client(USER, url).args(["-e", sql])).map(drop)
    }

    /// Ends all its processes with SIGKILL, as a power failure would. The port stays reserved, the data stay.
    ///
    /// # Panics
    ///
    /// If they cannot be killed.
    pub fn stop_hard(&self) {
        self.server.kill();
    }

    /// Starts it again after [`MariaDb::stop_hard`], on the same port, and waits until it has recovered.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub fn start_again(&self) {
        self.server.start_again();
    }

    /// Stops all its processes where they are: connections stay open and nothing answers.
    ///
    /// # Panics
    ///
    /// If they cannot be stopped.
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Lets it refuse writes, or take them again, from the next statement of every connection on.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub fn read_only(&self, on: bool) {
        self.administer(&format!("SET GLOBAL read_only = {}", if on { "ON" } else { "OFF" }));
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

    fn administer(&self, sql: &str) {
        client::rows(self.client(ADMINISTRATOR, &self.url("mysql")).args(["-e", sql]), sql);
    }

    fn client(&self, user: &str, url: &str) -> Command {
        let (host, port, database) = client::target(url);
        let mut command = Command::new(&self.client);
        command.args(["--no-defaults", "--batch", "--skip-column-names", "--connect-timeout=20"]);
        command.args(["--default-character-set=utf8mb4", "--protocol=tcp"]);
        command.args(["--host", host, "--port", port, "--user", user]);
        command.arg(database).env("MYSQL_PWD", &self.password.0);
        command
    }
}

/// How the template is made: small, as it is copied for each server, which then makes its log as large as it likes.
const SMALL: [&str; 4] = [
    "--innodb-autoextend-increment=1",
    "--innodb-log-file-size=4M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
];

fn arguments(port: &Port, home: &Path, settings: &[(&str, &str)]) -> Vec<String> {
    // What the files of root and of Debian say is for another server.
    let mut arguments = vec!["--no-defaults".to_owned()];
    let own = [
        ("datadir", "."),
        ("bind-address", "127.0.0.1"),
        ("port", &port.number().to_string()),
        ("socket", &home.join("socket").display().to_string()),
        ("pid-file", &home.join("pid").display().to_string()),
        ("tmpdir", &home.display().to_string()),
        ("innodb-data-file-path", "ibdata1:4M:autoextend"),
        ("innodb-temp-data-file-path", "ibtmp1:1M:autoextend"),
        ("innodb-log-file-size", "96M"),
        ("skip-name-resolve", "ON"),
        ("max-connections", "200"),
        ("innodb-buffer-pool-size", "64M"),
    ];
    arguments.extend(own.iter().chain(settings).map(|(name, value)| format!("--{name}={value}")));
    arguments
}

fn template(mariadbd: &Path, install: &Path) -> Template {
    let said = match Command::new(mariadbd).args(["--no-defaults", "--version"]).output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) => panic!("{}: does not start: {error}", mariadbd.display()),
    };
    let version = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let version = version.and_then(|version| version.split('-').next()).unwrap_or("unknown");
    Template::named(&format!("mariadb-{version}-v3"), |data, password| {
        let mut command = Command::new(install);
        command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        command.args(["--skip-name-resolve", "--skip-log-bin"]).args(SMALL);
        command.arg(format!("--datadir={}", data.display())).current_dir("/");
        client::rows(folder::as_its_owner(&mut command), "mariadb-install-db");

        let mut command = Command::new(mariadbd);
        command.arg("--no-defaults").arg(format!("--datadir={}", data.display())).args(SMALL);
        command.arg("--bootstrap").current_dir("/").stdin(statements(data, password));
        client::rows(folder::as_its_owner(&mut command), "the users of MariaDB");
    })
}

/// What gives a new server its users, and takes all others from it.
fn statements(data: &Path, password: &str) -> Stdio {
    let file = data.with_extension("sql");
    let sql = format!(
        "FLUSH PRIVILEGES;
         DELETE FROM mysql.global_priv WHERE User <> 'mariadb.sys';
         DELETE FROM mysql.proxies_priv;
         FLUSH PRIVILEGES;
         CREATE USER '{ADMINISTRATOR}'@'127.0.0.1' IDENTIFIED BY '{password}';
         GRANT ALL ON *.* TO '{ADMINISTRATOR}'@'127.0.0.1' WITH GRANT OPTION;
         CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';
         GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';
         REVOKE READ_ONLY ADMIN, SUPER ON *.* FROM '{USER}'@'127.0.0.1';\n"
    );
    match std::fs::write(&file, sql).and_then(|()| std::fs::File::open(&file)) {
        Ok(file) => file.into(),
        Err(error) => panic!("{}: cannot be written: {error}", file.display()),
    }
}
