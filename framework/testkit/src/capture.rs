//! [`Capture`]: every tuple that a stream carried.

use squall_core::{Stream, Subscribe, Tuple};
use squall_topology::TopologyBuilder;

use crate::mock::Mock;

/// Every tuple that a stream carried: a bolt that reads it, in order of arrival.
///
/// ```
/// use squall_testkit::{Capture, Feeder, complete_topology, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// virtual_time(async || {
///     let mut t = TopologyBuilder::new("words");
///     let words = t.spout("words", Feeder::of(["b".to_owned(), "a".to_owned()]).spouts()).output();
///     let captured = Capture::of(&mut t, words);
///
///     complete_topology(&t.build().unwrap()).await.unwrap();
///
///     assert_eq!(captured.tuples(), ["b", "a"]);
///     assert_eq!(captured.sorted(), ["a", "b"]);
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Capture<T>(Mock<T>);

impl<T: Tuple> Capture<T> {
    /// Declares a bolt `capture-COMPONENT-STREAM` (both numbers) that reads the stream.
    pub fn of(t: &mut TopologyBuilder, stream: Stream<T>) -> Self {
        let mock = Mock::echo();
        let origin = Subscribe::<T>::origin(&stream);
        let name = format!("capture-{}-{}", origin.component, origin.stream);
        t.bolt_with(name, mock.bolts()).global(stream);
        Self(mock)
    }

    /// The tuples so far, in order of arrival.
    pub fn tuples(&self) -> Vec<T> {
        self.0.values()
    }

    /// The tuples so far, sorted: for streams whose order is not promised.
    pub fn sorted(&self) -> Vec<T>
    where
        T: Ord,
    {
        let mut tuples = self.tuples();
        tuples.sort();
        tuples
    }
}
