//! [`Kafka`]: a broker of Apache Kafka.

use crate::{
    Port, cache, folder, missing,
    server::{Recipe, Server},
};
use rustix::process::Signal;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// What must be installed.
const LOCK: &str = include_str!("../kafka/pom.xml");
/// How it is set up, whatever its ports and its folder.
const PROPERTIES: &str = include_str!("../kafka/server.properties");
const LOGGING: &str = include_str!("../kafka/log4j2.properties");
/// The id of the cluster: each broker is one of its own.
const CLUSTER: &str = "c3F1YWxsLXRlc3RzLWthZg";

/// Whom a broker with a lock lets in, and its password; it is that of its keys, too.
const USER: &str = "squall";
const PASSWORD: &str = "hunter2-hunter2";
/// What stands for itself: the certificate of a broker with a lock.
const CERTIFICATE: &str = "broker.pem";

/// Formats the folder once, and then is the broker.
const SCRIPT: &str = r#"
set -- -XX:TieredStopAtLevel=1 -Xms64m "-Xmx$HEAP" -Dlog4j2.configurationFile=log4j2.properties -cp "$LIB/*"
if [ -n "$USER_TO_ADD" ] && ! [ -e "$CERTIFICATE" ]; then
    rm -f broker.p12
    store="-keystore broker.p12 -storetype PKCS12 -storepass $PASSWORD -alias broker"
    keytool -genkeypair $store -keyalg EC -dname CN=broker -ext san=ip:127.0.0.1 -validity 36500 || exit 1
    keytool -exportcert -rfc $store -file "$CERTIFICATE.new" && mv "$CERTIFICATE.new" "$CERTIFICATE" || exit 1
fi
[ -e data/meta.properties ] ||
    java "$@" kafka.tools.StorageTool format --cluster-id "$CLUSTER" --config server.properties \
        ${USER_TO_ADD:+--add-scram "$USER_TO_ADD"} || exit 1
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
        Self::start_with(Listener::Open)
    }

    /// One that is reached over TLS by whoever knows its [password](Self::password): `SASL_SSL` with `SCRAM-SHA-512`.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_locked() -> Option<Self> {
        Self::start_with(Listener::Locked)
    }

    fn start_with(listener: Listener) -> Option<Self> {
        let installed = cache::installed("kafka-", "pom.xml", LOCK).map(|folder| folder.join("lib"));
        let needed = [
            ("Kafka as its pom.xml names it", installed.filter(|lib| lib.is_dir())),
            ("java", missing::program("java")),
            ("keytool", missing::program("keytool")),
            ("sh", missing::program("sh")),
        ];
        let [lib, _, _, shell] = missing::need("Kafka", needed)?;

        let home = folder::temporary("kafka");
        let (port, controller) = (Port::reserve(), Port::reserve());
        let properties = format!("{}\n{PROPERTIES}", addresses(listener, &port, &controller, home.path()));
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
                ("CERTIFICATE".to_owned(), CERTIFICATE.to_owned()),
                ("PASSWORD".to_owned(), PASSWORD.to_owned()),
                ("USER_TO_ADD".to_owned(), listener.user_to_add()),
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

    /// Whom one that was [locked](Self::start_locked) lets in.
    #[must_use]
    pub const fn user() -> &'static str {
        USER
    }

    /// The password of [`user`](Self::user).
    #[must_use]
    pub const fn password() -> &'static str {
        PASSWORD
    }

    /// The certificate of one that was [locked](Self::start_locked), which nobody else vouches for.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder().join(CERTIFICATE)
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

/// How clients reach a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listener {
    Open,
    Locked,
}

impl Listener {
    /// What the folder is formatted with.
    fn user_to_add(self) -> String {
        match self {
            Self::Open => String::new(),
            Self::Locked => format!("SCRAM-SHA-512=[name={USER},password={PASSWORD}]"),
        }
    }

    /// What it is called, and what else is set up for it.
    fn properties(self) -> (&'static str, String) {
        match self {
            Self::Open => ("PLAINTEXT", String::new()),
            Self::Locked => (
                "SASL_SSL",
                format!(
                    "inter.broker.listener.name=SASL_SSL\n\
                     sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512\n\
                     sasl.enabled.mechanisms=SCRAM-SHA-512\n\
                     listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
                     org.apache.kafka.common.security.scram.ScramLoginModule required \
                     username=\"{USER}\" password=\"{PASSWORD}\";\n\
                     ssl.keystore.type=PKCS12\n\
                     ssl.keystore.location=broker.p12\n\
                     ssl.keystore.password={PASSWORD}\n\
                     ssl.truststore.type=PEM\n\
                     ssl.truststore.location={CERTIFICATE}\n"
                ),
            ),
        }
    }
}

fn addresses(listener: Listener, port: &Port, controller: &Port, home: &Path) -> String {
    let (client, controller, home) = (port.address(), controller.address(), home.display());
    let (name, further) = listener.properties();
    format!(
        "controller.quorum.voters=1@{controller}\n\
         listeners={name}://{client},CONTROLLER://{controller}\n\
         advertised.listeners={name}://{client}\n\
         log.dirs={home}/data\n\
         {further}"
    )
}
