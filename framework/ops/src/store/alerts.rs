//! Alerts in the file: a document each, by number.

use squall_connect::sql::{Access, Connection};

use crate::alert::{Alert, KEPT};

#[derive(Clone)]
pub(super) struct Keep(pub(super) Vec<Alert>);

impl Access for Keep {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        for alert in self.0 {
            let body = serde_json::to_string(&alert).map_err(|error| sqlx::Error::Encode(error.into()))?;
            let sql = "INSERT INTO alerts (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
            connection.execute(sql, [number(alert.id).into(), body.into()]).await?;
        }
        let sql = "DELETE FROM alerts WHERE id <= (SELECT MAX(id) FROM alerts) - ?1";
        connection.execute(sql, [number(KEPT).into()]).await?;
        Ok(())
    }
}

fn number(of: u64) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

#[derive(Clone)]
pub(super) struct All;

impl Access for All {
    type Answer = Vec<Alert>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Alert>, sqlx::Error> {
        let rows = connection.fetch_all("SELECT body FROM alerts ORDER BY id", []).await?;
        let alerts = rows.iter().map(|row| {
            serde_json::from_str(&row.text("body")?).map_err(|error| sqlx::Error::Decode(error.into()))
        });
        alerts.collect()
    }
}
