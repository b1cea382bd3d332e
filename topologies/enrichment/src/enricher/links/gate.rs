//! Where links may lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use squall_connect::http::{Addresses, Guard, Lookup};

use super::Network;

/// The addresses that links may lead to: those of the public internet, with exceptions.
#[derive(Debug)]
pub(super) struct Gate {
    allow: Vec<Network>,
    deny: Vec<Network>,
    /// Who finds the addresses of names; the system unless said.
    names: Option<Arc<dyn Guard>>,
}

impl Gate {
    pub(super) fn new(allow: Vec<Network>, deny: Vec<Network>, names: Option<Arc<dyn Guard>>) -> Self {
        Self { allow, deny, names }
    }
}

impl Guard for Gate {
    fn allows(&self, address: IpAddr) -> bool {
        let forms = [Some(address), carried(address).map(IpAddr::V4)];
        let is_in = |networks: &[Network], ip: IpAddr| networks.iter().any(|network| network.contains(ip));
        // What is denied is so in whatever form it comes.
        if forms.into_iter().flatten().any(|ip| is_in(&self.deny, ip)) {
            return false;
        }
        is_in(&self.allow, address) || forms.into_iter().flatten().all(|ip| Addresses::Public.allow(ip))
    }

    fn resolve(&self, name: &str) -> Lookup {
        /// Finds names as every guard does.
        #[derive(Debug)]
        struct System;
        impl Guard for System {
            fn allows(&self, _: IpAddr) -> bool {
                false
            }
        }
        match &self.names {
            Some(names) => names.resolve(name),
            None => System.resolve(name),
        }
    }
}

/// The address of IPv4 to which a packet for this one may end up going.
fn carried(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = address else { return None };
    match ip.segments() {
        // Mapped, compatible, translated (SIIT), NAT64.
        [0, 0, 0, 0, 0, 0xffff | 0, _, _]
        | [0, 0, 0, 0, 0xffff, 0, _, _]
        | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(last_four(ip)),
        // 6to4.
        [0x2002, high, low, ..] => Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))),
        // ISATAP, below any prefix.
        [.., 0 | 0x200, 0x5efe, _, _] => Some(last_four(ip)),
        _ => None,
    }
}

fn last_four(ip: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = ip.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(allow: &[&str], deny: &[&str]) -> Gate {
        let networks = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Gate::new(networks(allow), networks(deny), None)
    }

    #[test]
    fn no_form_of_a_private_address_is_gone_to() {
        let gate = gate(&[], &[]);

        for ip in [
            "127.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:470:1f0b::5efe:10.0.0.1",
            "2001:470:1f0b:0:200:5efe:192.168.0.1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "fe80::1",
            "fe80::5efe:10.0.0.1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "5f00::1",
        ] {
            assert!(!gate.allows(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["1.1.1.1", "2606:4700::1111", "64:ff9b::1.1.1.1", "2001:470:1f0b::5efe:1.1.1.1"] {
            assert!(gate.allows(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn an_exception_is_for_its_range_alone() {
        let gate = gate(&["10.1.0.0/16"], &[]);

        assert!(gate.allows("10.1.2.3".parse().unwrap()));
        for ip in ["10.2.0.1", "::ffff:10.1.2.3", "2002:a01:203::", "127.0.0.1"] {
            assert!(!gate.allows(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn what_is_denied_is_so_in_every_form_and_whatever_is_allowed() {
        let gate = gate(&["10.0.0.0/8"], &["9.9.9.0/24", "10.0.0.1"]);

        for ip in ["9.9.9.9", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9", "2002:909:909::", "10.0.0.1"] {
            assert!(!gate.allows(ip.parse().unwrap()), "{ip}");
        }
        assert!(gate.allows("9.9.8.1".parse().unwrap()) && gate.allows("10.0.0.2".parse().unwrap()));
    }
}
