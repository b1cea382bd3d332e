//! [`Kafka`]: a broker of Apache Kafka.

use crate::{
    Port, cache, folder, missing,
    server::{Recipe, Server},
};
use rustix::process::Signal;
use std::{fs, net::SocketAddr, path::Path, sync::OnceLock};

/// What must be installed.
const LOCK: &str = include_str!("../kafka/pom.xml");
/// How it is set up, whatever its ports and its folder.
const PROPERTIES: &str = include_str!("../kafka/server.properties");
const LOGGING: &str = include_str!("../kafka/log4j2.properties");
/// The id of the cluster: each broker is one of its own.
const CLUSTER: &str = "c3F1YWxsLXRlc3RzLWthZg";

/// Formats the folder once, and then is the broker.
const SCRIPT: &str = r#"
set -- -XX:TieredStopAtLevel=1 -Xms64m "-Xmx$HEAP" -Dlog4j2.configurationFile=log4j2.properties -cp "$LIB/*"
[ -e data/meta.properties ] ||
    java "$@" kafka.tools.StorageTool format --cluster-id "$CLUSTER" --config server.properties || exit 1
exec java "$@" kafka.Kafka server.properties
"#;

/// One node of Apache Kafka 4 (KRaft: broker and controller in one), which keeps its records when it is killed.
///
/// Topics are made by whoever uses them, with a client; none is made by itself.
///
/// ```
/// use squall_services::Kafka;
/// use std::net::TcpStream;
///
/// let Some(kafka) = Kafka::start() else { return };
/// TcpStream::connect(kafka.address()).unwrap();
///
/// kafka.stop_hard();
/// assert!(TcpStream::connect(kafka.address()).is_err());
/// ```
#[derive(Debug)]
pub struct Kafka {
    server: Server,
    port: Port,
    _controller: Port,
}

impl Kafka {
    /// Starts one with a heap of 384 MiB; `None` if it is not installed here, after a skip that can be seen.
    ///
    /// # Panics
    ///
    /// If it does not start, and in CI if it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let installed = cache::installed("kafka-", "pom.xml", LOCK).map(|folder| folder.join("lib"));
        let needed = [
            ("Kafka as its pom.xml names it", installed.filter(|lib| lib.is_dir())),
            ("java", missing::program("java")),
            ("sh", missing::program("sh")),
        ];
        let [lib, _, shell] = missing::need("Kafka", needed)?;

        let home = folder::temporary("kafka");
        let (port, controller) = (Port::reserve(), Port::reserve());
        let properties = format!("{}\n{PROPERTIES}", addresses(&port, &controller, home.path()));
        let prepared = fs::write(home.path().join("server.properties"), properties)
            .and_then(|()| fs::write(home.path().join("log4j2.properties"), LOGGING));
        if let Err(error) = prepared {
            panic!("{}: cannot be prepared: {error}", home.path().display());
        }
        let recipe = Recipe {
            name: "Kafka".to_owned(),
            program: shell,
            arguments: ["-c", SCRIPT].map(str::to_owned).to_vec(),
            environment: vec![
                ("LIB".to_owned(), lib.display().to_string()),
                ("CLUSTER".to_owned(), CLUSTER.to_owned()),
                ("HEAP".to_owned(), "384m".to_owned()),
            ],
            inside: "",
            as_its_owner: false,
            ready: "Kafka Server started",
            end: Signal::KILL,
        };
        Some(Self { server: Server::start(recipe, home), port, _controller: controller })
    }

    /// One for all tests of a process, which take topics and groups of their own; it is never stopped.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Kafka>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Where clients reach it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// What clients are told as `bootstrap.servers`.
    #[must_use]
    pub fn brokers(&self) -> String {
        self.address().to_string()
    }

    /// Ends it with SIGKILL; connections are refused until it is started again.
    ///
    /// # Panics
    ///
    /// If it cannot be killed.
    pub fn stop_hard(&self) {
        self.server.kill();
    }

    /// Starts it again after [`Kafka::stop_hard`], with all that it had kept.
    ///
    /// # Panics
    ///
    /// If it runs, or does not start.
    pub fn start_again(&self) {
        self.server.start_again();
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
}

fn addresses(port: &Port, controller: &Port, home: &Path) -> String {
    let (client, controller, home) = (port.address(), controller.address(), home.display());
    format!(
        "controller.quorum.voters=1@{controller}\n\
         listeners=PLAINTEXT://{client},CONTROLLER://{controller}\n\
         advertised.listeners=PLAINTEXT://{client}\n\
         log.dirs={home}/data"
    )
}
