//! [`Book`]: which events of a feed are not done.

use std::collections::VecDeque;

/// Which events of a feed are not done, in the order in which they came.
///
/// ```
/// use squall_connect::feed::Book;
///
/// let mut book = Book::new();
/// let (first, second) = (book.receive("a"), book.receive("b"));
///
/// assert!(book.ack(second).is_empty(), "the first one is not done");
/// assert_eq!(book.ack(first), ["a", "b"]);
/// assert_eq!(book.open().count(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book<P> {
    /// The number of the first entry.
    first: u64,
    entries: VecDeque<Entry<P>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<P> {
    position: P,
    is_done: bool,
}

impl<P> Book<P> {
    /// A book in which nothing stands.
    pub fn new() -> Self {
        Self { first: 0, entries: VecDeque::new() }
    }

    /// An event came, which stands at this position of its feed. Returns its number here.
    pub fn receive(&mut self, position: P) -> u64 {
        let number = self.first + self.entries.len() as u64;
        self.entries.push_back(Entry { position, is_done: false });
        number
    }

    /// The event with this number is done. Returns the positions of those that leave the book: they are done, and so
    /// is whatever came before them. A number that has left it changes nothing.
    pub fn ack(&mut self, number: u64) -> Vec<P> {
        let index = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.is_done = true;
        }
        let mut left = Vec::new();
        while self.entries.front().is_some_and(|entry| entry.is_done) {
            left.extend(self.entries.pop_front().map(|entry| entry.position));
            self.first += 1;
        }
        left
    }

    /// The positions of the events that are not done.
    pub fn open(&self) -> impl Iterator<Item = &P> {
        self.entries.iter().filter(|entry| !entry.is_done).map(|entry| &entry.position)
    }

    /// The position of the event with this number, if it is in the book.
    pub fn position(&self, number: u64) -> Option<&P> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get(index).map(|entry| &entry.position)
    }
}

impl<P> Default for Book<P> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_leaves_the_book_has_nothing_open_before_it_whatever_the_order_of_the_acks() {
        let seed = fastrand::u64(..);
        eprintln!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..200 {
            let (mut book, mut open, mut gone) = (Book::new(), BTreeSet::new(), 0);
            for step in 0..200_u64 {
                if random.bool() {
                    let number = book.receive(open.len() as u64 + gone);
                    open.insert(number);
                } else if let Some(number) = open.iter().nth(random.usize(..open.len().max(1))).copied() {
                    book.ack(number);
                    // The model keeps the numbers that are not done.
                    open.remove(&number);
                    gone += 1;
                }
                assert_eq!(book.open().count(), open.len(), "step {step}");
                let lowest = open.first().copied().unwrap_or(book.first);
                assert!(book.first <= lowest, "step {step}: nothing that is open has left");
            }
            for number in open {
                book.ack(number);
            }
            assert!(book.entries.is_empty());
        }
    }

    #[test]
    fn an_ack_that_comes_twice_or_for_nothing_changes_nothing() {
        let mut book = Book::new();
        let first = book.receive(7);
        assert_eq!(book.ack(first), [7]);

        assert!(book.ack(first).is_empty() && book.ack(99).is_empty());
        assert_eq!(book.receive(8), first + 1);
        assert_eq!((book.position(first), book.position(first + 1)), (None, Some(&8)));
    }
}
