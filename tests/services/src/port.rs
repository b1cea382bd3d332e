//! [`Port`]: a loopback port that nobody else takes.

use crate::cache;
use std::{
    collections::hash_map::RandomState,
    fs::{self, File},
    hash::BuildHasher,
    net::{Ipv4Addr, SocketAddr},
};
use tokio::net::TcpSocket;

/// Below the ports that the kernel gives to clients: none of thousands of connections takes the port of a server that
/// is down for a moment.
const FIRST: u16 = 15_000;
const LAST: u16 = 31_999;

/// A port of `127.0.0.1` that is free now and stays reserved until this is dropped, also while nothing listens on it:
/// a server that is killed and started again gets it back.
///
/// ```
/// use squall_services::Port;
/// use std::net::TcpListener;
///
/// let port = Port::reserve();
/// for _ in 0..2 {
///     TcpListener::bind(port.address()).unwrap();
/// }
/// assert_ne!(Port::reserve().number(), port.number());
/// ```
#[derive(Debug)]
pub struct Port {
    number: u16,
    /// Locked, which other processes see, until it is closed.
    _lock: File,
}

impl Port {
    /// Reserves one among all processes that use this crate.
    ///
    /// # Panics
    ///
    /// If none is free, or the folder of the locks cannot be written.
    #[must_use]
    pub fn reserve() -> Self {
        let locks = cache::folder().join("ports");
        if let Err(error) = fs::create_dir_all(&locks) {
            panic!("{}: cannot be made: {error}", locks.display());
        }
        let count = LAST - FIRST + 1;
        let start = (RandomState::new().hash_one(0) % u64::from(count)) as u16;
        let numbers = (0..count).map(|step| FIRST + (start + step) % count);
        for number in numbers {
            let path = locks.join(number.to_string());
            let lock = match File::options().create(true).append(true).open(&path) {
                Ok(lock) => lock,
                Err(error) => panic!("{}: cannot be opened: {error}", path.display()),
            };
            let port = Self { number, _lock: lock };
            if port._lock.try_lock().is_ok() && is_free(port.address()) {
                return port;
            }
        }
        panic!("no port from {FIRST} to {LAST} is free on 127.0.0.1");
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// `127.0.0.1` and its number.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.number))
    }
}

/// Binds and does not listen. A listener that was here for a moment would live on in a process that another thread
/// starts just then, between its fork and its exec, and the one who asked could not listen.
fn is_free(address: SocketAddr) -> bool {
    TcpSocket::new_v4().is_ok_and(|socket| socket.set_reuseaddr(true).is_ok() && socket.bind(address).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        net::TcpListener,
        process::Command,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    #[test]
    fn a_port_that_was_just_reserved_can_be_listened_to_while_other_threads_start_processes() {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        Command::new("true").status().unwrap();
                    }
                });
            }
            let refused: Vec<_> = (0..1000)
                .map(|_| Port::reserve())
                .filter_map(|port| TcpListener::bind(port.address()).err())
                .collect();
            over.store(true, Ordering::Relaxed);
            assert!(refused.is_empty(), "{refused:?}");
        });
    }

    #[test]
    fn a_port_on_which_somebody_listens_is_not_free() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(!is_free(listener.local_addr().unwrap()));
    }
}
