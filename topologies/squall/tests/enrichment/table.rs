//! The table of activities in a database.

use squall_connect::sql::{Access, Connection, Database, Options};
use squall_services::Postgres;

/// A database that is written to.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) options: Options,
    /// `[enrichment.sink]` that writes to it.
    pub(crate) sink: String,
    pub(crate) secrets: Vec<(&'static str, String)>,
}

/// The variable with the address of the database.
const URL: &str = "SQUALL_TEST_DATABASE";

impl Table {
    /// A file in this folder.
    pub(crate) fn sqlite(folder: &std::path::Path) -> Self {
        let path = folder.join("activities.sqlite3");
        Self {
            name: "SQLite",
            sink: format!("[enrichment.sink]\ntype = 'sqlite'\npath = '{}'\n", path.display()),
            options: Options::file(path),
            secrets: Vec::new(),
        }
    }

    /// A database of its own, where there is a server.
    pub(crate) fn postgres() -> Option<Self> {
        let url = Postgres::shared()?.fresh_database();
        Some(Self {
            name: "PostgreSQL",
            sink: format!("[enrichment.sink]\ntype = 'postgres'\nurl = {{ env = '{URL}' }}\n"),
            options: Options::servers([url.clone()]).unwrap(),
            secrets: vec![(URL, url)],
        })
    }

    /// All that is in it.
    pub(crate) fn rows(&self) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = Database::open(self.options.clone(), &[]).await.unwrap();
            database.read(Rows).await.unwrap_or_default()
        })
    }
}

#[derive(Clone)]
struct Rows;

impl Access for Rows {
    type Answer = Vec<String>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let rows = connection.fetch_all("SELECT json FROM activities", []).await?;
        rows.iter().map(|row| row.text("json")).collect()
    }
}
