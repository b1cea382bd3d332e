//! What feeds have in common that are resumed by a cursor: a [`Book`] of what is not done yet, and a [`CursorFile`].
//!
//! A feed has no partitions and no consumer group: whoever reads it says where it goes on. So that nothing is lost, that
//! must never lie behind an event that is not done; and it has to outlive the process.

mod book;
mod cursor_file;
mod link;

pub use book::Book;
pub use cursor_file::CursorFile;
pub(crate) use link::{Connected, Link};
