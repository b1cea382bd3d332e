//! Which addresses a client goes to.

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses a [`Client`](super::Client) goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// All of them.
    #[default]
    Any,
    /// Those of the public internet only, whatever a name resolves to at the moment of the connection: none of this
    /// machine, of a private or shared network, of a link, none of a group (multicast), none that is reserved.
    Public,
}

impl Addresses {
    /// Whether a client with this setting goes to `ip`.
    ///
    /// An IPv6 address that carries one of IPv4 (mapped, 6to4, NAT64) is judged by the one it carries.
    ///
    /// ```
    /// use squall_connect::http::Addresses;
    ///
    /// assert!(Addresses::Any.allow("127.0.0.1".parse()?));
    /// assert!(!Addresses::Public.allow("127.0.0.1".parse()?));
    /// assert!(!Addresses::Public.allow("::ffff:10.0.0.1".parse()?));
    /// assert!(Addresses::Public.allow("1.1.1.1".parse()?));
    /// # Ok::<_, std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn allow(self, ip: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Public => match ip {
                IpAddr::V4(ip) => is_public(ip),
                IpAddr::V6(ip) => is_public_6(ip),
            },
        }
    }

    /// Refuses an address that is written out in `url`: no name is resolved then.
    pub(super) fn check(self, url: &Url) -> Result<(), NotPublic> {
        let host = url.host_str().unwrap_or_default();
        match host.trim_matches(['[', ']']).parse() {
            Ok(ip) if !self.allow(ip) => Err(NotPublic(ip)),
            _ => Ok(()),
        }
    }
}

/// The destinations of packets that IANA's registries of special addresses call globally reachable.
fn is_public(ip: Ipv4Addr) -> bool {
    let [first, second, third, _] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_protocol = first == 192 && second == 0 && third == 0;
    let is_relay = first == 192 && second == 88 && third == 99;
    let is_benchmark = first == 198 && (second == 18 || second == 19);
    !(first == 0
        || first >= 240
        || is_shared
        || is_protocol
        || is_relay
        || is_benchmark
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast())
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public(joined(high, low))
        }
        [0x2002, high, low, ..] => is_public(joined(high, low)),
        // Of 2001::/23 some are reachable, but no server lives there; then documentation.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        // All that was ever given out; the rest is this machine, links, sites, groups and reserves.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// Resolves names as the system does, and leaves out what is not public.
///
/// It sits between the name and the connection, so a name that answers differently each time gains nothing.
pub(super) struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> =
                found.iter().copied().filter(|found| Addresses::Public.allow(found.ip())).collect();
            match found.first() {
                Some(first) if public.is_empty() => Err(NotPublic(first.ip()).into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// The address that is not gone to.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotPublic(IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an address of the public internet", self.0)
    }
}

impl StdError for NotPublic {}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_public(ip: &str) -> bool {
        Addresses::Public.allow(ip.parse().unwrap())
    }

    #[test]
    fn nothing_that_is_not_public_is_gone_to() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip), "{ip}");
        }
    }

    #[test]
    fn neighbours_of_what_is_refused_are_public() {
        for ip in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "2001:200::1",
            "2606:4700::1111",
            "3ffe::1",
        ] {
            assert!(is_public(ip), "{ip}");
        }
    }

    #[test]
    fn an_address_in_the_url_is_seen_in_every_form_that_urls_have() {
        let check = |url: &str| Addresses::Public.check(&Url::parse(url).unwrap());

        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]:80/",
            "http://[::ffff:7f00:1]/",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
        for url in ["http://1.1.1.1/", "http://[2606:4700::1111]/", "http://name.example/"] {
            assert!(check(url).is_ok(), "{url}");
        }
    }
}
