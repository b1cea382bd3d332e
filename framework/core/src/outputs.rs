//! [`Outputs`]: the set of streams that a component writes to.

use std::{any::Any, sync::Arc};

use crate::{
    Stream, Tuple,
    anchor::{Anchor, Outcomes},
    delivery::Verdict,
    emit::Emit,
    keeper::{Keeper, SingleKeeper},
    port::{Port, StreamPort},
    probe::TaskProbe,
    route::Route,
    stream::ComponentRef,
    tap::{TapPoint, Taps},
};

/// The output streams of a component: `Emit<T>` for one, `()` for none, or a struct of `Emit`s with
/// `#[derive(Outputs)]`, one field a stream.
///
/// The derive also makes the struct of handles that `.output()` returns: `SplitOut { words: Emit<Word> }`
/// gives `SplitStreams { words: Stream<Word> }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of output streams",
    label = "not `Outputs`",
    note = "`type Out` is `()` for none, `Emit<T>` for one stream, or a struct of `Emit<T>` fields with `#[derive(Outputs)]`"
)]
pub trait Outputs: Sized + 'static {
    /// The handles of these streams, for the wiring.
    type Streams: Copy;

    /// The names of the streams, in their order.
    #[doc(hidden)]
    fn names() -> &'static [&'static str];

    #[doc(hidden)]
    fn streams(component: ComponentRef) -> Self::Streams;

    #[doc(hidden)]
    fn open(wires: &mut Wires) -> Self;

    /// The execute in hand answered `Ok`. Returns whether a buffer is full.
    #[doc(hidden)]
    fn finish(&mut self) -> bool;

    /// The execute in hand failed.
    #[doc(hidden)]
    fn discard(&mut self, verdict: &Verdict);

    /// Ties what is finished to its root, by the last claim that the task has on it.
    #[doc(hidden)]
    fn seal(&mut self, anchor: Anchor, outcomes: &mut Outcomes);

    /// Takes over what is sealed in streams of the same kind: those of one call among several.
    #[doc(hidden)]
    fn append(&mut self, from: &mut Self);

    /// What keeps the tuples of pending roots, if the engine can emit them again.
    #[doc(hidden)]
    fn keeper(wires: &mut Wires) -> Option<Box<dyn Keeper<Self>>> {
        let _ = wires;
        None
    }
}

impl Outputs for () {
    type Streams = ();

    fn names() -> &'static [&'static str] {
        &[]
    }

    fn streams(_: ComponentRef) {}

    fn open(_: &mut Wires) {}

    #[inline]
    fn finish(&mut self) -> bool {
        false
    }

    fn discard(&mut self, _: &Verdict) {}

    #[inline]
    fn seal(&mut self, anchor: Anchor, outcomes: &mut Outcomes) {
        outcomes.release(anchor);
    }

    fn append(&mut self, (): &mut Self) {}
}

impl<T: Tuple> Outputs for Emit<T> {
    type Streams = Stream<T>;

    fn names() -> &'static [&'static str] {
        &["default"]
    }

    fn streams(component: ComponentRef) -> Stream<T> {
        Stream::new(component, 0, "default")
    }

    fn open(wires: &mut Wires) -> Self {
        wires.open(0)
    }

    #[inline]
    fn finish(&mut self) -> bool {
        Emit::finish(self)
    }

    fn discard(&mut self, verdict: &Verdict) {
        Emit::discard(self, verdict);
    }

    #[inline]
    fn seal(&mut self, anchor: Anchor, outcomes: &mut Outcomes) {
        Emit::seal(self, anchor, outcomes);
    }

    fn append(&mut self, from: &mut Self) {
        Emit::append(self, from);
    }

    fn keeper(wires: &mut Wires) -> Option<Box<dyn Keeper<Self>>> {
        Some(Box::new(SingleKeeper::new(wires)))
    }
}

/// An erased `Box<dyn Route<T>>`. Only the typed builder makes one and only [`Wires::open`] opens it.
pub struct AnyRoute(Box<dyn Any + Send>);

impl AnyRoute {
    pub(crate) fn new<T: Tuple>(route: Box<dyn Route<T>>) -> Self {
        Self(Box::new(route))
    }

    fn typed<T: Tuple>(self) -> Box<dyn Route<T>> {
        #[expect(clippy::expect_used, reason = "a route is made from the typed handle of this very stream")]
        let route = self.0.downcast::<Box<dyn Route<T>>>().expect("a route carries its stream's type");
        *route
    }
}

impl std::fmt::Debug for AnyRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnyRoute")
    }
}

/// The routes of a task by output stream, on their way into its ports.
#[doc(hidden)]
#[derive(Default)]
pub struct Wires {
    routes: Vec<Vec<AnyRoute>>,
    taps: Option<Arc<Taps>>,
    counters: Arc<TaskProbe>,
    ports: Vec<Box<dyn Port>>,
}

impl Wires {
    pub(crate) fn new(routes: Vec<Vec<AnyRoute>>, counters: Arc<TaskProbe>, taps: Option<Arc<Taps>>) -> Self {
        Self { routes, taps, counters, ports: Vec::new() }
    }

    /// Opens the stream with this number. Called by derived code, once a field.
    pub fn open<T: Tuple>(&mut self, stream: usize) -> Emit<T> {
        let erased = self.routes.get_mut(stream).map(std::mem::take).unwrap_or_default();
        let routes = erased.into_iter().map(AnyRoute::typed).collect();
        let emit = Emit::new();
        let tap = self.taps.clone().map(|taps| TapPoint::new(taps, stream));
        let counters = self.counters.stream(stream);
        self.ports.push(Box::new(StreamPort::new(emit.buffer(), routes, counters, tap)));
        emit
    }

    /// Whether somebody reads the stream with this number. Asked before it is opened.
    pub(crate) fn has_readers(&self, stream: usize) -> bool {
        self.routes.get(stream).is_some_and(|routes| !routes.is_empty())
    }

    pub(crate) fn into_ports(self) -> Vec<Box<dyn Port>> {
        self.ports
    }
}

impl std::fmt::Debug for Wires {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wires").field("streams", &self.routes.len()).finish_non_exhaustive()
    }
}
