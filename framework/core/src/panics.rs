//! The one edge at which panics of user code are caught.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic of user code as text: its message and, if a hook noted it, its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked(pub String);

impl std::fmt::Display for Panicked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "panicked: {}", self.0)
    }
}

/// Whether this thread is in user code whose panics are caught. A panic hook asks this.
pub fn is_caught_here() -> bool {
    DEPTH.get() > 0
}

/// Notes where the panic under way was raised. A panic hook calls this.
pub fn note_location(location: String) {
    LOCATION.set(Some(location));
}

/// Runs user code and catches its panic. What the code was working on must be mended by the caller.
pub(crate) fn caught<R>(code: impl FnOnce() -> R) -> Result<R, Panicked> {
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(code));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(describe)
}

/// Drops a value of user code; a panic in its `Drop` is returned.
pub(crate) fn caught_drop<T>(value: T) -> Result<(), Panicked> {
    caught(|| drop(value))
}

/// Drops what belongs to user code when nobody is left to be told of a panic in its `Drop`.
pub fn drop_caught<T>(value: T) {
    drop(caught_drop(value));
}

fn describe(payload: Box<dyn Any + Send>) -> Panicked {
    let message = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(payload) => {
                // The payload is a value of user code, and its `Drop` may panic in turn.
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
                std::mem::forget(dropped);
                "a payload that is no text".to_owned()
            }
        },
    };
    match LOCATION.take() {
        Some(location) => Panicked(format!("{message} ({location})")),
        None => Panicked(message),
    }
}

/// A future whose polls run under [`caught`].
pub(crate) struct Caught<F>(pub(crate) F);

impl<F: Future + Unpin> Future for Caught<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match caught(|| Pin::new(&mut self.0).poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(panicked) => Poll::Ready(Err(panicked)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_panics_when_dropped_is_harmless() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        let result: Result<(), _> = caught(|| std::panic::panic_any(Bomb));
        assert_eq!(result, Err(Panicked("a payload that is no text".to_owned())));
    }

    #[test]
    fn the_message_survives() {
        assert_eq!(caught(|| panic!("tuple {}", 7)), Err::<(), _>(Panicked("tuple 7".to_owned())));
        assert_eq!(caught(|| 3), Ok(3));
    }
}
