//! Which addresses a client goes to, where strangers choose them.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The addresses of a name, once they are known.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Decides to which addresses a [`Client`](super::Client) goes, where [`Addresses`](super::Addresses) is too coarse.
///
/// It is asked between the name and the connection, and the connection goes to one of the very addresses that it let
/// through: a name that answers differently each time gains nothing. An address that is written out is asked about too.
///
/// ```
/// use std::net::IpAddr;
/// use std::sync::Arc;
/// use squall_connect::http::{Addresses, Client, ClientOptions, ErrorKind, Guard, Method};
///
/// /// The public internet, without our own part of it.
/// #[derive(Debug)]
/// struct Others;
///
/// impl Guard for Others {
///     fn allows(&self, address: IpAddr) -> bool {
///         let is_ours = matches!(address, IpAddr::V4(ip) if ip.octets()[..2] == [9, 9]);
///         Addresses::Public.allow(address) && !is_ours
///     }
/// }
///
/// let client = Client::guarded(ClientOptions::default(), Arc::new(Others))?;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let refused = client.send(client.request(Method::GET, "http://9.9.1.2/")).await.unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::Refused);
/// # });
/// # Ok::<_, squall_connect::http::Error>(())
/// ```
pub trait Guard: fmt::Debug + Send + Sync + 'static {
    /// Whether the client may go to this address.
    fn allows(&self, address: IpAddr) -> bool;

    /// Finds the addresses of a name; as the system does unless said. Those that are not allowed are left out behind it.
    fn resolve(&self, name: &str) -> Lookup {
        let name = name.to_owned();
        Box::pin(
            async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}

/// Refuses an address that is written out in `url`, if `guard` does.
pub(super) fn check(guard: &dyn Guard, url: &Url) -> Result<(), Refused> {
    let host = url.host_str().unwrap_or_default();
    match host.trim_matches(['[', ']']).parse() {
        Ok(ip) if !guard.allows(ip) => Err(Refused(ip)),
        _ => Ok(()),
    }
}

/// Resolves names, and leaves out what the guard does not allow.
pub(super) struct GuardedNames(pub(super) Arc<dyn Guard>);

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = guard.resolve(name.as_str()).await.map_err(|error| NoSuchName(error.to_string()))?;
            let allowed: Vec<SocketAddr> =
                found.iter().filter(|ip| guard.allows(**ip)).map(|ip| SocketAddr::new(*ip, 0)).collect();
            match found.first() {
                None => Err(NoSuchName("the name has no address".to_owned()).into()),
                Some(first) if allowed.is_empty() => Err(Refused(*first).into()),
                Some(_) => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// The name has no address, or nobody could tell.
#[derive(Clone, Debug)]
pub(super) struct NoSuchName(String);

impl fmt::Display for NoSuchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for NoSuchName {}

/// The address that is not gone to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(IpAddr);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an address that this client may go to", self.0)
    }
}

impl StdError for Refused {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::http::{Client, ClientOptions, ErrorKind, Method};

    /// Allows one address, and answers each name with the next list of its script.
    #[derive(Debug)]
    struct Script {
        allowed: IpAddr,
        answers: Vec<Vec<&'static str>>,
        asked: AtomicUsize,
    }

    impl Guard for Script {
        fn allows(&self, address: IpAddr) -> bool {
            address == self.allowed
        }

        fn resolve(&self, _: &str) -> Lookup {
            let nth = self.asked.fetch_add(1, Ordering::SeqCst);
            let answer = self.answers[nth].iter().map(|ip| ip.parse().unwrap()).collect();
            Box::pin(std::future::ready(Ok(answer)))
        }
    }

    fn client(answers: Vec<Vec<&'static str>>) -> Client {
        let script = Script { allowed: "127.0.0.1".parse().unwrap(), answers, asked: AtomicUsize::new(0) };
        Client::guarded(ClientOptions::default(), Arc::new(script)).unwrap()
    }

    async fn kind(client: &Client, url: &str) -> ErrorKind {
        client.send(client.request(Method::GET, url)).await.unwrap_err().kind()
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_looked_at_again_for_each_connection() {
        let here = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = here.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut caller, _) = here.accept().await.unwrap();
            assert!(caller.read(&mut [0; 4096]).await.unwrap() > 0);
            caller
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
        });
        // Of several addresses only those that are allowed count, wherever they stand.
        let client = client(vec![vec!["10.0.0.1", "127.0.0.1", "::1"], vec!["127.0.0.2"], vec![]]);
        let url = format!("http://a.example:{port}/");

        let answer = client.send(client.request(Method::GET, &url)).await.unwrap();

        assert_eq!(answer.status, 200);
        assert_eq!(kind(&client, &url).await, ErrorKind::Refused);
        assert_eq!(kind(&client, &url).await, ErrorKind::NoSuchName);
    }

    #[tokio::test]
    async fn an_address_that_is_written_out_is_asked_about_too() {
        let client = client(vec![]);

        for url in ["http://127.0.0.2/", "http://2130706434/", "http://[::1]/", "http://[::ffff:127.0.0.1]/"]
        {
            assert_eq!(kind(&client, url).await, ErrorKind::Refused, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_told_apart_from_one_that_is_refused() {
        #[derive(Debug)]
        struct Nobody;
        impl Guard for Nobody {
            fn allows(&self, _: IpAddr) -> bool {
                true
            }

            fn resolve(&self, _: &str) -> Lookup {
                Box::pin(std::future::ready(Err(io::Error::other("no such host"))))
            }
        }
        let client = Client::guarded(ClientOptions::default(), Arc::new(Nobody)).unwrap();

        assert_eq!(kind(&client, "http://nowhere.example/").await, ErrorKind::NoSuchName);
    }
}
