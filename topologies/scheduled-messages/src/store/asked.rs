//! What people do with messages, as the store offers it.

use super::{
    Account, CatchUp, Change, Changed, Cursor, Error, Filter, Found, Happening, Inserted, Matches, Place,
    Request, Search, Store, Suspended, Suspension, change, events, insert, list, people, search,
};
use crate::crash;
use crate::message::{Message, MessageId, NewMessage};
use jiff::Timestamp;

/// What people do with messages.
impl Store {
    /// Stores a message, and tells the spout.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not stored; or nobody knows.
    pub async fn insert(&self, message: NewMessage, who: &str) -> Result<Message, Error> {
        match self.insert_once(message, None, who).await? {
            Inserted::New(message) | Inserted::Known(message) => Ok(message),
            // Without a key there is nothing to be taken.
            Inserted::Taken => unreachable!("a message without a request is always stored"),
        }
    }

    /// [`insert`](Self::insert), unless the same request came before.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not stored; or nobody knows: with a key, ask again.
    pub async fn insert_once(
        &self,
        message: NewMessage,
        request: Option<Request>,
        who: &str,
    ) -> Result<Inserted, Error> {
        let row = self.row(message, request, who, self.now());
        let due_at = row.message.due_at;
        loop {
            let all = |rows| self.inner.database.write(insert::InsertAll { rows });
            // The id is the same in every trial.
            if let Some(answer) = self.inner.inserts.write(row.clone(), all).await {
                self.inner.wake.ring(due_at);
                crash::point("inserted");
                return answer;
            }
        }
    }

    /// Stores messages, all or none, and tells the spout. One whose request came before is left as it is.
    ///
    /// # Errors
    ///
    /// They could not be written, and none is stored; or nobody knows.
    pub async fn insert_all(
        &self,
        messages: Vec<(NewMessage, Option<Request>)>,
        who: &str,
    ) -> Result<Vec<Inserted>, Error> {
        let now = self.now();
        let rows: Vec<_> =
            messages.into_iter().map(|(message, request)| self.row(message, request, who, now)).collect();
        let earliest = rows.iter().map(|row| row.message.due_at).min();
        let inserted = self.inner.database.write(insert::InsertAll { rows }).await?;
        crash::point("inserted");
        if let Some(at) = earliest {
            self.inner.wake.ring(at);
        }
        Ok(inserted)
    }

    fn row(
        &self,
        message: NewMessage,
        request: Option<Request>,
        who: &str,
        now: Timestamp,
    ) -> insert::Insert {
        let id = MessageId::new();
        insert::Insert { id, rkey: self.inner.tids.next(id, now), message, request, now, who: who.to_owned() }
    }

    /// What a request with the same key stored before, if there was one: never [`Inserted::New`].
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn known(&self, request: Request) -> Result<Option<Inserted>, Error> {
        self.inner.database.read(insert::Known(request)).await
    }

    /// Looks a message up.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn get(&self, id: MessageId) -> Result<Option<Message>, Error> {
        self.inner.database.read(list::Get(id)).await
    }

    /// Lists at most `limit` messages, behind `after`.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn list(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        self.inner.database.read(list::List { filter, after, limit }).await
    }

    /// Looks for at most `limit` messages behind a place, in the order in which people want to see them.
    ///
    /// It goes through a bounded number of rows, whatever is looked for.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn search(&self, search: Search, after: Option<Place>, limit: usize) -> Result<Found, Error> {
        self.inner.database.read(search::Look { search, after, limit }).await
    }

    /// Names all messages that a search finds, up to `most` of them.
    ///
    /// # Errors
    ///
    /// They could not be read.
    pub async fn matches(&self, search: Search, most: usize) -> Result<Matches, Error> {
        self.inner.database.read(search::Match { search, most }).await
    }

    /// What happened to a message after it was created, oldest first.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn trail(&self, id: MessageId) -> Result<Vec<Happening>, Error> {
        self.inner.database.read(events::Trail(id)).await
    }

    /// Changes a message, if it is still at `version`, and if it is not too late.
    ///
    /// # Errors
    ///
    /// It could not be written, and is not changed; or nobody knows.
    pub async fn change(
        &self,
        id: MessageId,
        change: Change,
        version: Option<i64>,
        who: &str,
    ) -> Result<Changed, Error> {
        let apply = change::Apply { id, change, version, who: who.to_owned() };
        let changed = self.inner.database.write(apply).await?;
        crash::point("changed");
        if let Changed::Updated(message) = &changed
            && message.state.is_queued()
        {
            self.inner.wake.ring(message.retry_at.unwrap_or(message.due_at));
        }
        Ok(changed)
    }

    /// Suspends an account, or [`ALL`](super::ALL): no attempt begins for it from the answer on.
    ///
    /// # Errors
    ///
    /// It could not be written; or nobody knows.
    pub async fn suspend(&self, account: &str, reason: &str, who: &str) -> Result<Option<Suspended>, Error> {
        let (account, reason) = (account.to_owned(), reason.to_owned());
        let suspend = people::Suspend { account: account.clone(), reason, who: who.to_owned() };
        let held_back = self.inner.database.write(suspend).await?;
        self.inner.database.read(people::Standing { account, held_back }).await
    }

    /// Lifts a suspension; returns how many messages go on. It is done in steps, and may be asked for again.
    ///
    /// # Errors
    ///
    /// It could not be written to the end.
    pub async fn resume(&self, account: &str) -> Result<u64, Error> {
        const STEP: u32 = 5000;
        let mut resumed = 0;
        loop {
            let resume = people::Resume { account: account.to_owned(), limit: STEP };
            let step = self.inner.database.write(resume).await?;
            resumed += step;
            if step < u64::from(STEP) {
                self.inner.wake.ring(Timestamp::MIN);
                return Ok(resumed);
            }
        }
    }

    /// Everything that is said of accounts, up to `limit` of them.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn accounts(&self, limit: u32) -> Result<Vec<Account>, Error> {
        self.inner.database.read(people::Accounts { limit }).await
    }

    /// What is suspended, up to `limit` accounts.
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn suspensions(&self, limit: u32) -> Result<Vec<Suspension>, Error> {
        self.inner.database.read(people::Suspensions { limit }).await
    }

    /// What holds for an account that has something late, and whose wish that is: its own, or that of [`ALL`](super::ALL).
    ///
    /// # Errors
    ///
    /// It could not be read.
    pub async fn catch_up(&self, account: &str) -> Result<Option<(String, CatchUp)>, Error> {
        self.inner.database.read(people::CatchUpOf { account: account.to_owned() }).await
    }

    /// Sets what an account, or [`ALL`](super::ALL), wants done with what is late; `None` forgets it.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub async fn set_catch_up(&self, account: &str, catch_up: Option<CatchUp>) -> Result<(), Error> {
        self.inner.database.write(people::SetCatchUp { account: account.to_owned(), catch_up }).await
    }
}
