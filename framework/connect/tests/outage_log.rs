//! What the log says of an outage. A process of its own, because the log is for the whole process.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use squall_connect::sql::{Access, Connection, Database, ErrorKind, Options};
use squall_services::Postgres;

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone)]
struct Ask;

impl Access for Ask {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        connection.execute("SELECT 1", []).await?;
        Ok(())
    }
}

#[test]
fn an_outage_is_logged_once_and_its_end_once_without_the_password() {
    // A caller's runtime needs neither a clock nor sockets: this one has none.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let Some(postgres) = Postgres::start() else { return };
    let url = postgres.fresh_database();
    let password = url.split([':', '@']).nth(2).unwrap();
    let database = runtime.block_on(Database::open(Options::servers([&url]).unwrap(), &[])).unwrap();

    postgres.stop_hard();
    for result in runtime.block_on(join_all((0..100).map(|_| database.read(Ask)))) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Away);
    }
    postgres.start_again();
    while let Err(error) = runtime.block_on(database.read(Ask)) {
        assert_eq!(error.kind(), ErrorKind::Away, "{error}");
        std::thread::yield_now();
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("WARN").count(), 1, "{log}");
    assert_eq!(log.matches("A database is away").count(), 1, "{log}");
    assert_eq!(log.matches("A database is back").count(), 1, "{log}");
    assert!(log.contains("database=postgres://squall@127.0.0.1:"), "{log}");
    assert!(!log.contains(password), "{log}");
}
