//! [`Upstream`]: the server behind a proxy.

use std::{io, net::SocketAddr, path::PathBuf, pin::Pin};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

/// Where the server listens.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// On a port.
    Tcp(SocketAddr),
    /// On a socket in the file system, which leads into a network namespace, too.
    Unix(PathBuf),
}

impl From<SocketAddr> for Upstream {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl From<PathBuf> for Upstream {
    fn from(path: PathBuf) -> Self {
        Self::Unix(path)
    }
}

pub(crate) type Reading = Pin<Box<dyn AsyncRead + Send>>;
pub(crate) type Writing = Pin<Box<dyn AsyncWrite + Send>>;

impl Upstream {
    /// A new connection.
    pub(crate) async fn connect(&self) -> io::Result<(Reading, Writing)> {
        Ok(match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let (reading, writing) = stream.into_split();
                (Box::pin(reading), Box::pin(writing))
            }
            Self::Unix(path) => {
                let (reading, writing) = UnixStream::connect(path).await?.into_split();
                (Box::pin(reading), Box::pin(writing))
            }
        })
    }
}
