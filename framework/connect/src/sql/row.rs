//! What a statement returned.

use std::fmt;

use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A row that a statement returned; its columns are read by their names.
///
/// A name that the row does not have, a type that the column has not, and a null that is not asked for are errors.
pub struct Row(pub(super) AnyRow);

impl Row {
    /// Reads a number.
    ///
    /// # Errors
    ///
    /// There is no such column, or it is null or no whole number.
    pub fn int(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.0.try_get(column)
    }

    /// Reads a number that may be null.
    ///
    /// # Errors
    ///
    /// There is no such column, or it is no whole number.
    pub fn optional_int(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
        self.0.try_get(column)
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// There is no such column, or it is null or no text.
    pub fn text(&self, column: &str) -> Result<String, sqlx::Error> {
        self.0.try_get(column)
    }

    /// Reads a text that may be null.
    ///
    /// # Errors
    ///
    /// There is no such column, or it is no text.
    pub fn optional_text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        self.0.try_get(column)
    }

    /// Reads bytes.
    ///
    /// # Errors
    ///
    /// There is no such column, or it is null or holds something else.
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, sqlx::Error> {
        self.0.try_get(column)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in the columns may be somebody's secret.
        f.debug_list().entries(self.0.columns.iter().map(sqlx::Column::name)).finish()
    }
}
