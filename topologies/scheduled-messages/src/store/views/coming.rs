//! The messages that come next.

use squall_connect::sql::{Access, Connection};

use super::super::list::Filter;
use super::super::search::{self, COMING, Search};
use crate::message::Message;

/// How many are told of.
const SHOWN: usize = 5;

/// The first few messages that come, those included that are due already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look;

impl Access for Look {
    type Answer = Vec<Message>;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Vec<Message>, sqlx::Error> {
        let filter = Filter { states: COMING.to_vec(), ..Filter::default() };
        let look = search::Look { search: Search { filter, text: None }, after: None, limit: SHOWN };
        Ok(look.run(connection).await?.messages)
    }
}
