//! A table of activities that another process writes.

use std::path::Path;
use std::time::{Duration, Instant};

use squall_connect::sql::{Access, Connection, Database, Options};

/// Beyond this a test hangs.
const HANGS: Duration = Duration::from_secs(120);

#[derive(Clone)]
struct All;

impl Access for All {
    type Answer = Vec<(String, String)>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let rows = connection.fetch_all("SELECT id, json FROM activities ORDER BY id", []).await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("json")?))).collect()
    }
}

/// Ids and events, by id; nothing as long as there is no table.
pub(crate) fn rows(path: &Path) -> Vec<(String, String)> {
    block_on(async {
        match Database::open(Options::file_to_read(path), &[]).await {
            Ok(database) => database.read(All).await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    })
}

/// Waits until there are so many.
pub(crate) fn wait_for(path: &Path, count: usize) -> Vec<(String, String)> {
    let began = Instant::now();
    loop {
        let rows = rows(path);
        if rows.len() >= count {
            return rows;
        }
        assert!(began.elapsed() < HANGS, "{count} rows do not come; there are {}", rows.len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
