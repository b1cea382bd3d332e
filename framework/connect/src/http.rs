//! Requests to other systems, each with an end.
//!
//! A [`Client`] waits no longer than it was told, reads no more of an answer than it was told, and follows no
//! redirect: where a request goes was decided by whoever configured the address. Where that was a name, it can be held to
//! [`Addresses::Public`], so that whoever owns the name cannot point it at the machines behind the firewall. Where strangers
//! choose the addresses, a [`Guard`] of one's own decides.

mod addresses;
mod client;
mod error;
mod guard;
mod stream;

pub use addresses::Addresses;
pub use client::{Answer, Client, ClientOptions};
pub use error::{Error, ErrorKind};
pub use guard::{Guard, Lookup};
pub use reqwest::{Method, RequestBuilder, StatusCode, header};
pub use stream::Stream;
