//! Statements that belong together.

use super::Connection;

/// Statements that belong together, run on one connection of a [`Database`](super::Database).
///
/// Under [`Database::write`](super::Database::write) they are done all or not at all: if one of them fails, the others
/// are undone, whatever [`run`](Self::run) makes of it.
///
/// It is `Clone`, because on a server it may be run once more: when two transactions waited for each other, or when
/// the connection turned out to be gone before anything was done. What a run did is undone before the next.
///
/// ```
/// use squall_connect::sql::{Access, Connection};
///
/// /// Counts a visitor.
/// #[derive(Clone)]
/// struct Visit(String);
///
/// impl Access for Visit {
///     type Answer = u64;
///
///     // A server need not be told where it begins and where it ends.
///     const SINGLE: bool = true;
///
///     async fn run(self, connection: &mut Connection<'_>) -> Result<u64, sqlx::Error> {
///         connection.execute("UPDATE visits SET times = times + 1 WHERE who = ?", [self.0.into()]).await
///     }
/// }
/// ```
pub trait Access: Clone + Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Whether [`run`](Self::run) has one statement at most. Then it needs no transaction around it, which saves
    /// a server two round trips; a second statement is refused.
    const SINGLE: bool = false;

    /// Runs the statements.
    ///
    /// # Errors
    ///
    /// Whatever a statement returned, or a row that could not be read.
    fn run(
        self,
        connection: &mut Connection<'_>,
    ) -> impl Future<Output = Result<Self::Answer, sqlx::Error>> + Send;
}
