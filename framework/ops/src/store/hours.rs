//! Numbers in the file: 60 of them a row, which is an hour of one series.

use squall_connect::sql::{Access, Connection, Value};

use super::KEPT_HOURS;
use crate::history::Metric;

/// Minutes of an hour.
pub(crate) const MINUTES: usize = 60;

/// What was measured in an hour, by the minute; `NaN` where nothing was.
pub(crate) type Hour = [f32; MINUTES];

/// What is measured: of a component, or of a topology as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) topology: String,
    pub(crate) component: Option<String>,
    pub(crate) metric: Metric,
}

#[derive(Clone)]
pub(super) struct Keep {
    pub(super) hour: i64,
    pub(super) rows: Vec<(Series, Hour)>,
    /// The most rows that stay.
    pub(super) most: u32,
}

impl Access for Keep {
    type Answer = ();

    async fn run(self, connection: &mut Connection<'_>) -> Result<(), sqlx::Error> {
        for (series, minutes) in self.rows {
            let [topology, component, metric] = key(&series);
            let sql = "INSERT OR IGNORE INTO series (topology, component, metric) VALUES (?1, ?2, ?3)";
            connection.execute(sql, [topology.clone(), component.clone(), metric.clone()]).await?;
            let sql = "INSERT INTO hours (hour, series, minutes)
                SELECT ?1, id, ?2 FROM series WHERE topology = ?3 AND component = ?4 AND metric = ?5
                ON CONFLICT (hour, series) DO UPDATE SET minutes = excluded.minutes";
            let bytes: Vec<u8> = minutes.iter().flat_map(|value| value.to_le_bytes()).collect();
            connection.execute(sql, [self.hour.into(), bytes.into(), topology, component, metric]).await?;
        }
        connection.execute("DELETE FROM hours WHERE hour <= ?1", [(self.hour - KEPT_HOURS).into()]).await?;
        // Whole hours go, the oldest first: a series with holes would be taken for one that was quiet.
        let sql =
            "DELETE FROM hours WHERE hour <= (SELECT hour FROM hours ORDER BY hour DESC LIMIT 1 OFFSET ?1)";
        connection.execute(sql, [self.most.into()]).await?;
        let sql = "DELETE FROM series WHERE id NOT IN (SELECT DISTINCT series FROM hours)";
        connection.execute(sql, []).await?;
        Ok(())
    }
}

fn key(series: &Series) -> [Value; 3] {
    let component = series.component.clone().unwrap_or_default();
    [series.topology.clone().into(), component.into(), series.metric.name().into()]
}

#[derive(Clone)]
pub(super) struct Between {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Access for Between {
    type Answer = Vec<(i64, Series, Hour)>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Answer, sqlx::Error> {
        let sql = "SELECT hour, topology, component, metric, minutes
            FROM hours JOIN series ON series.id = hours.series
            WHERE hour BETWEEN ?1 AND ?2 ORDER BY hour";
        let rows = connection.fetch_all(sql, [self.from.into(), self.to.into()]).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            // A metric that this version does not know any more is nothing to fail for.
            let Some(metric) = Metric::named(&row.text("metric")?) else { continue };
            let component = Some(row.text("component")?).filter(|name| !name.is_empty());
            let series = Series { topology: row.text("topology")?, component, metric };
            all.push((row.int("hour")?, series, minutes(&row.bytes("minutes")?)));
        }
        Ok(all)
    }
}

fn minutes(bytes: &[u8]) -> Hour {
    let mut minutes = [f32::NAN; MINUTES];
    for (minute, bytes) in minutes.iter_mut().zip(bytes.chunks_exact(4)) {
        *minute = bytes.try_into().map_or(f32::NAN, f32::from_le_bytes);
    }
    minutes
}
