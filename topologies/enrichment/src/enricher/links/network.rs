//! A range of addresses.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A range of addresses, as `10.1.0.0/16` or `2001:db8::/32`; an address alone is a range of one.
///
/// ```
/// use squall_enrichment::Network;
///
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains("10.1.2.3".parse()?) && !network.contains("10.2.0.0".parse()?));
/// assert!("10.1.2.3/16".parse::<Network>().unwrap_err().to_string().contains("10.1.0.0/16"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    length: u32,
}

impl Network {
    /// Whether the address lies in the range. An address of IPv4 lies in no range of IPv6, and the other way round.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4()
            && prefix(address, self.length) == prefix(self.first, self.length)
    }
}

/// The bits of the address that its first `length` ones leave, at the top of 128.
fn prefix(address: IpAddr, length: u32) -> u128 {
    let bits = match address {
        IpAddr::V4(ip) => u128::from(ip.to_bits()) << 96,
        IpAddr::V6(ip) => ip.to_bits(),
    };
    bits & u128::MAX.checked_shl(128 - length).unwrap_or(0)
}

/// The first address of the range of `length` bits that has `address` in it.
fn first(address: IpAddr, length: u32) -> IpAddr {
    let bits = prefix(address, length);
    match address {
        IpAddr::V4(_) => IpAddr::V4(u32::try_from(bits >> 96).unwrap_or_default().into()),
        IpAddr::V6(_) => IpAddr::V6(bits.into()),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let none = || format!("`{text}` is no range of addresses; expected one such as \"10.1.0.0/16\"");
        let (address, length) = text.split_once('/').map_or((text, None), |(ip, length)| (ip, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| none())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| length.parse().ok()).filter(|length| *length <= most);
        let length = length.ok_or_else(none)?;
        let first = first(address, length);
        if first != address {
            return Err(format!("`{text}` is not the beginning of its range; write \"{first}/{length}\""));
        }
        Ok(Self { first, length })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Network {
    fn schema_name() -> Cow<'static, str> {
        "Network".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-fA-F:.]+(/[0-9]+)?$", "examples": ["10.1.0.0/16"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_has_its_first_and_its_last_address_and_not_their_neighbours() {
        for (range, inside, outside) in [
            ("10.1.0.0/16", ["10.1.0.0", "10.1.255.255"], ["10.0.255.255", "10.2.0.0"]),
            ("127.0.0.1", ["127.0.0.1", "127.0.0.1"], ["127.0.0.0", "127.0.0.2"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::ffff:1.2.3.4"]),
            (
                "2001:db8::/32",
                ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
                ["2001:db7::", "2001:db9::"],
            ),
            ("::1/128", ["::1", "::1"], ["::", "::2"]),
            ("::/0", ["::", "ffff::"], ["0.0.0.0", "127.0.0.1"]),
        ] {
            assert!(inside.iter().all(|ip| network(range).contains(ip.parse().unwrap())), "{range}");
            assert!(outside.iter().all(|ip| !network(range).contains(ip.parse().unwrap())), "{range}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_with_what_to_write() {
        for wrong in
            ["", "10.1", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "localhost"]
        {
            assert!(wrong.parse::<Network>().unwrap_err().contains("10.1.0.0/16"), "{wrong}");
        }
        assert!("2001:db8::1/32".parse::<Network>().unwrap_err().contains("\"2001:db8::/32\""));
        assert_eq!(network("10.0.0.0/8").to_string(), "10.0.0.0/8");
    }
}
