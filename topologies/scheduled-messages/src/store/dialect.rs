//! Where the three databases differ in words.
//!
//! Everything else in this folder is written once. What differs is how a batch of rows arrives in one parameter, how a
//! statement changes many rows by it, what the clock is called, and how a locked row is passed over.

use squall_connect::sql::Dialect;

/// A column of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    Int(&'static str),
    /// Short, and compared with a column that is indexed.
    Key(&'static str),
    Text(&'static str),
}

impl Column {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Int(name) | Self::Key(name) | Self::Text(name) => name,
        }
    }
}

/// The clock of the database, in microseconds since 1970: the same throughout a statement.
pub(super) fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        Dialect::Postgres => "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS BIGINT)",
        Dialect::Mysql => "CAST(unix_timestamp(now(6)) * 1000000 AS SIGNED)",
    }
}

/// Keeps the rows that a `SELECT` returns for this transaction, and waits for those of another.
pub(super) fn for_update(dialect: Dialect) -> &'static str {
    match dialect {
        // Only one transaction writes.
        Dialect::Sqlite => "",
        Dialect::Postgres | Dialect::Mysql => "FOR UPDATE",
    }
}

/// Keeps the rows that a `SELECT` returns for this transaction, and leaves out those of another.
pub(super) fn skip_locked(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres | Dialect::Mysql => "FOR UPDATE SKIP LOCKED",
    }
}

/// A table `b` of the rows in one parameter, a JSON array of objects; a field that is missing is null.
pub(super) fn batch(dialect: Dialect, columns: &[Column]) -> String {
    let list = |each: fn(&Column) -> String| columns.iter().map(each).collect::<Vec<_>>().join(", ");
    match dialect {
        Dialect::Sqlite => {
            let columns = list(|column| match column {
                Column::Int(name) => format!("CAST(value ->> '{name}' AS INTEGER) AS {name}"),
                Column::Key(name) | Column::Text(name) => format!("value ->> '{name}' AS {name}"),
            });
            format!("(SELECT {columns} FROM json_each(?)) AS b")
        }
        Dialect::Postgres => {
            let columns = list(|column| match column {
                Column::Int(name) => format!("{name} BIGINT"),
                Column::Key(name) | Column::Text(name) => format!("{name} TEXT"),
            });
            format!("json_to_recordset(CAST(? AS JSON)) AS b({columns})")
        }
        Dialect::Mysql => {
            let columns = list(|column| match column {
                Column::Int(name) => format!("{name} BIGINT PATH '$.{name}'"),
                Column::Key(name) => format!("{name} VARCHAR(256) PATH '$.{name}'"),
                Column::Text(name) => format!("{name} MEDIUMTEXT PATH '$.{name}'"),
            });
            format!("JSON_TABLE(?, '$[*]' COLUMNS ({columns})) AS b")
        }
    }
}

/// Changes the rows `m` of `messages` that go with a row `b` of the batch: each column of `set` gets its expression.
pub(super) fn update(dialect: Dialect, columns: &[Column], set: &[(&str, &str)], on: &str) -> String {
    let batch = batch(dialect, columns);
    let set = |table: &str| {
        set.iter().map(|(column, to)| format!("{table}{column} = {to}")).collect::<Vec<_>>().join(", ")
    };
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => {
            format!("UPDATE messages AS m SET {} FROM {batch} WHERE {on}", set(""))
        }
        Dialect::Mysql => format!("UPDATE messages AS m JOIN {batch} ON {on} SET {}", set("m.")),
    }
}

/// What follows an `INSERT` whose rows may be there already: they stay as they are.
pub(super) fn or_ignore(dialect: Dialect, unique: &str) -> String {
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => "ON CONFLICT DO NOTHING".to_owned(),
        // `INSERT IGNORE` would also hide a value that does not fit.
        Dialect::Mysql => format!("ON DUPLICATE KEY UPDATE {unique} = {unique}"),
    }
}
