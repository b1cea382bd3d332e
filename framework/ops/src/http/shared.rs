//! A port at which several processes listen, so that one can take over from another.
//!
//! The kernel gives each connection to one of the sockets at the port. What waits in the queue of a socket is cut off
//! when that is closed, so a socket that is to be closed first has to be left out, and its queue emptied.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Connections that may wait; the kernel has a limit of its own (`net.core.somaxconn`).
const BACKLOG: i32 = 4096;

/// Takes a place at the port. It gets no connections before [`listen`].
///
/// # Errors
///
/// The port is held by a process that does not share it, or by one of another user.
pub(super) fn bind(wanted: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(wanted), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&wanted.into())?;
    Ok(socket.into())
}

/// From now on the kernel gives it connections.
pub(super) fn listen(socket: &TcpListener) -> io::Result<()> {
    SockRef::from(socket).listen(BACKLOG)
}

/// From now on no new connection comes to the socket; those that have begun still come through.
///
/// Whoever wants to connect is not refused, but not heard: his system tries again a second later, and finds whoever
/// listens then.
#[cfg(target_os = "linux")]
pub(super) fn turn_away(socket: &TcpListener) -> io::Result<()> {
    use socket2::SockFilter;

    /// Drops segments with SYN and without ACK, which only the first one of a connection is. Offset 13 of a TCP header
    /// holds the flags.
    const FILTER: [SockFilter; 5] = [
        SockFilter::new(LOAD_BYTE, 0, 0, 13),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;

    SockRef::from(socket).attach_filter(&FILTER)
}

/// Elsewhere there is no such thing.
#[cfg(not(target_os = "linux"))]
pub(super) fn turn_away(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
