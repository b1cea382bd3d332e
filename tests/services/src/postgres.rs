//! [`Postgres`]: a PostgreSQL server.

use crate::{
    Port, client, folder, missing,
    secret::Secret,
    server::{Recipe, Server},
    template::Template,
};
use rustix::process::Signal;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The user of every URL: a superuser.
const USER: &str = "squall";

/// PostgreSQL as it is installed here, on a loopback port, with its data in a temporary folder, and `fsync` on.
///
/// ```
/// use squall_services::Postgres;
///
/// let Some(postgres) = Postgres::start() else { return };
/// let url = postgres.fresh_database();
/// postgres.query(&url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1), (2)");
///
/// postgres.stop_hard();
/// postgres.start_again();
/// assert_eq!(postgres.query(&url, "SELECT sum(n) FROM kept"), [["3"]]);
/// ```
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    port: Port,
    password: Secret,
    psql: PathBuf,
    databases: AtomicU64,
}

impl Postgres {
    /// Starts one; `None` if it is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, with settings of `postgresql.conf`, for instance `("fsync", "off")`.
    ///
    /// # Panics
    ///
    /// As [`Postgres::start`]; also if it refuses a setting.
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Option<Self> {
        let folder = programs();
        let in_folder = |name| {
            let found = folder.as_deref().and_then(|folder| missing::program_in(folder, name));
            found.or_else(|| missing::program(name))
        };
        let needed = [
            ("postgres", in_folder("postgres")),
            ("initdb", in_folder("initdb")),
            ("psql", in_folder("psql")),
        ];
        let [postgres, initdb, psql] = missing::need("PostgreSQL", needed)?;

        let template = template(&postgres, &initdb);
        let home = folder::temporary("postgres");
        template.copy_to(&home.path().join("data"));
        if let Err(error) = folder::give_away(home.path()) {
            panic!("{}: cannot be given away: {error}", home.path().display());
        }
        let port = Port::reserve();
        let recipe = Recipe {
            name: "PostgreSQL".to_owned(),
            program: postgres,
            arguments: arguments(&port, settings),
            environment: vec![("LC_ALL".to_owned(), "C".to_owned())],
            inside: "data",
            as_its_owner: true,
            // A standby says `read-only connections`.
            ready: "database system is ready to accept ",
            // What it calls an immediate shutdown: it recovers when it starts again.
            end: Signal::QUIT,
        };
        let server = Server::start(recipe, home);
        let password = template.password;
        Some(Self { server, port, password, psql, databases: AtomicU64::new(0) })
    }

    /// The server that all tests of this process share, started by the first of them; each takes a
    /// [fresh database](Postgres::fresh_database).
    ///
    /// # Panics
    ///
    /// As [`Postgres::start`].
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
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
        format!("postgres://{USER}:{}@{address}/{database}", self.password.0)
    }

    /// Creates the database `name`, empty.
    ///
    /// # Panics
    ///
    /// If there is one of that name, or the server does not answer.
    pub fn create_database(&self, name: &str) {
        self.administer(&format!("CREATE DATABASE \"{name}\""));
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

    /// Runs statements in the database of `url`, and gives the rows of the last one as text, NULL as `NULL`. For
    /// numbers and words: a tab or a line break in a field cannot be told from one between fields.
    ///
    /// # Panics
    ///
    /// If a statement fails.
    #[must_use = "a statement without an answer is for `execute`"]
    pub fn query(&self, url: &str, sql: &str) -> Vec<Vec<String>> {
        client::rows(self.psql(url).args(["-c", sql]), sql)
    }

    /// Runs statements in the database of `url`.
    ///
    /// # Errors
    ///
    /// What the server says if one fails.
    pub fn execute(&self, url: &str, sql: &str) -> Result<(), String> {
        client::try_rows(self.psql(url).args(["-c", sql])).map(drop)
    }

    /// Ends all its processes with SIGKILL, as a power failure would. The port stays reserved, the data stay.
    ///
    /// # Panics
    ///
    /// If they cannot be killed.
    pub fn stop_hard(&self) {
        self.server.kill();
    }

    /// Starts it again after [`Postgres::stop_hard`], on the same port, and waits until it has recovered.
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

    /// Lets it refuse writes, or take them again, from the next transaction of every connection on.
    ///
    /// # Panics
    ///
    /// If the server does not answer.
    pub fn read_only(&self, on: bool) {
        self.administer(&format!(
            "ALTER SYSTEM SET default_transaction_read_only = {}",
            if on { "on" } else { "off" }
        ));
        self.administer("SELECT pg_reload_conf()");
        // A reload is a signal: a new connection tells when it has arrived.
        let wanted = if on { "on" } else { "off" };
        let mut asked = 0;
        while self.query(&self.url("postgres"), "SHOW default_transaction_read_only") != [[wanted]] {
            asked += 1;
            assert!(asked < 500, "PostgreSQL does not reload its configuration");
        }
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
        let mut client = self.psql(&self.url("postgres"));
        client::rows(client.env("PGOPTIONS", "-c default_transaction_read_only=off").args(["-c", sql]), sql);
    }

    fn psql(&self, url: &str) -> Command {
        let (host, port, database) = client::target(url);
        let mut command = Command::new(&self.psql);
        command.args(["-X", "-q", "-A", "-t", "-F", "\t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1"]);
        command.args(["-h", host, "-p", port, "-U", USER, "-d", database]);
        command.env("PGPASSWORD", &self.password.0).env("PGCONNECT_TIMEOUT", "20");
        command
    }
}

fn arguments(port: &Port, settings: &[(&str, &str)]) -> Vec<String> {
    let own = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port.number().to_string()),
        ("unix_socket_directories", ""),
        ("max_connections", "200"),
        ("shared_buffers", "64MB"),
        // In the data folder, so that a server that is killed leaves none behind.
        ("dynamic_shared_memory_type", "mmap"),
    ];
    let own = own.iter().map(|(name, value)| format!("{name}={value}"));
    let settings = settings.iter().map(|(name, value)| format!("{name}={value}"));
    let set = own.chain(settings).flat_map(|setting| ["-c".to_owned(), setting]);
    ["-D", "."].map(str::to_owned).into_iter().chain(set).collect()
}

/// Where Debian keeps the programs of its newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let folders = versions.map(|version| (version, format!("/usr/lib/postgresql/{version}/bin").into()));
    folders
        .filter(|(_, folder): &(u32, PathBuf)| folder.join("postgres").is_file())
        .max()
        .map(|(_, folder)| folder)
}

fn template(postgres: &Path, initdb: &Path) -> Template {
    let said = match Command::new(postgres).arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) => panic!("{}: does not start: {error}", postgres.display()),
    };
    // "postgres (PostgreSQL) 15.18 (…)"
    let version = said.split_whitespace().nth(2).unwrap_or("unknown");
    Template::named(&format!("postgres-{version}-v1"), |data, password| {
        let file = data.with_extension("password");
        let written = fs::write(&file, password).and_then(|()| folder::give_away(&file));
        if let Err(error) = written {
            panic!("{}: cannot be written: {error}", file.display());
        }
        let mut command = Command::new(initdb);
        command.args(["--username", USER, "--encoding", "UTF8", "--locale", "C", "--no-instructions"]);
        // Its stronger sibling takes each connection of a debug build a tenth of a second.
        command.args(["--auth", "md5", "--pwfile"]).arg(&file).arg("--pgdata").arg(data).current_dir("/");
        client::rows(folder::as_its_owner(&mut command), "initdb");
    })
}
