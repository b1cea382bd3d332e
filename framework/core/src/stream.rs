//! [`Stream`]: the handle of one typed output, which the wiring passes around.

use std::{
    fmt,
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{Accepts, Tuple};

/// The builder that a handle belongs to: handles of one builder are refused by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuilderId(u64);

impl BuilderId {
    /// An id that no other builder of this process has.
    pub fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where a stream comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The builder that declared the component.
    pub builder: BuilderId,
    /// The component's number in that builder.
    pub component: usize,
    /// The stream's number among the outputs of the component.
    pub stream: usize,
    /// The stream's name: the field of the `Outputs` struct, or `default`.
    pub name: &'static str,
}

/// A typed, named output of a component: a `Copy` handle, not the data.
///
/// No string names it in the wiring, so nothing can be misspelt; its name is for metrics and pictures.
pub struct Stream<T> {
    origin: Origin,
    carries: PhantomData<fn() -> T>,
}

impl<T> Stream<T> {
    /// The handle of a component's output. Called by derived code.
    #[doc(hidden)]
    pub fn new(component: ComponentRef, stream: usize, name: &'static str) -> Self {
        let origin = Origin { builder: component.builder, component: component.index, stream, name };
        Self { origin, carries: PhantomData }
    }

    /// Reads this stream through a function, usually a variant: the way to tell apart two streams of one
    /// type in the input of one bolt.
    ///
    /// `join.shuffle(left.via(JoinIn::Left)).shuffle(right.via(JoinIn::Right))`
    pub fn via<In>(self, convert: fn(T) -> In) -> Via<T, In> {
        Via { origin: self.origin, convert }
    }
}

impl<T> Clone for Stream<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Stream<T> {}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("name", &self.origin.name).finish_non_exhaustive()
    }
}

/// The component whose streams are handed out. Made by the builder.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ComponentRef {
    pub builder: BuilderId,
    pub index: usize,
}

/// A stream that is read through a function. Made by [`Stream::via`].
pub struct Via<T, In> {
    origin: Origin,
    convert: fn(T) -> In,
}

impl<T, In> Clone for Via<T, In> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, In> Copy for Via<T, In> {}

impl<T, In> fmt::Debug for Via<T, In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Via").field("name", &self.origin.name).finish_non_exhaustive()
    }
}

/// Something that a bolt with input `In` can subscribe to: a [`Stream`] that `In` accepts, or one made
/// fitting by [`Stream::via`].
#[diagnostic::on_unimplemented(
    message = "a bolt with input `{In}` cannot subscribe to `{Self}`",
    label = "the bolt does not accept what this stream carries",
    note = "subscribe to a `Stream<{In}>`; of a component with several outputs name one: `.shuffle(split.words)`",
    note = "a bolt reads several streams through an enum with `#[derive(Input)]`, one variant a type"
)]
pub trait Subscribe<In>: Copy {
    /// What the stream carries.
    type Tuple: Tuple;

    /// Where it comes from.
    #[doc(hidden)]
    fn origin(&self) -> Origin;

    /// How a tuple becomes the bolt's input.
    #[doc(hidden)]
    fn convert(&self) -> fn(Self::Tuple) -> In;

    /// Whether [`convert`](Self::convert) is the identity wherever the types are equal.
    #[doc(hidden)]
    fn is_plain(&self) -> bool;
}

impl<T: Tuple, In: Accepts<T>> Subscribe<In> for Stream<T> {
    type Tuple = T;

    fn origin(&self) -> Origin {
        self.origin
    }

    fn convert(&self) -> fn(T) -> In {
        In::accept
    }

    fn is_plain(&self) -> bool {
        true
    }
}

impl<T: Tuple, In> Subscribe<In> for Via<T, In> {
    type Tuple = T;

    fn origin(&self) -> Origin {
        self.origin
    }

    fn convert(&self) -> fn(T) -> In {
        self.convert
    }

    fn is_plain(&self) -> bool {
        false
    }
}
