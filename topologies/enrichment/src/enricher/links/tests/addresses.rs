//! Where links must not lead, whatever a stranger writes.

use std::net::Ipv4Addr;

use super::*;

/// Every way to write down an address that strangers should not have asked.
const PRIVATE: &[&str] = &[
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://2130706433:PORT/",
    "http://017700000001:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://127.127.127.127:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://127。0。0。1:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%2e:PORT/",
    "http://good.example@127.0.0.1:PORT/",
    "http://good.example:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@good.example/",
    "http:\\\\127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http://\t127.0.0.1:PORT/",
    "http://127.0.0\n.1:PORT/",
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fd00::1]:PORT/",
    "http://[ff02::1]:PORT/",
    "http://10.0.0.1:PORT/",
    "http://172.16.0.1:PORT/",
    "http://192.168.0.1:PORT/",
    "http://169.254.169.254:PORT/latest/meta-data/",
    "http://[fd00:ec2::254]:PORT/latest/meta-data/",
    "http://100.64.0.1:PORT/",
    "http://100.100.100.200:PORT/",
    "http://192.0.0.192:PORT/",
    "http://224.0.0.1:PORT/",
    "http://255.255.255.255:PORT/",
    "http://198.18.0.1:PORT/",
];

#[tokio::test]
async fn no_private_address_is_asked_in_whatever_form_it_is_written() {
    let farm = Farm::start().await;
    let links = Links { allow: Vec::new(), ..links() };

    for url in PRIVATE {
        let url = url.replace("PORT", &farm.address.port().to_string());
        assert_eq!(why(&links, &url).await, "private_address", "{url}");
    }

    assert!(farm.asked().is_empty(), "{:?}", farm.asked());
}

#[tokio::test]
async fn no_redirect_leads_to_a_private_address_in_whatever_form_it_is_written() {
    let farm = Farm::start().await;
    let victim = Farm::at("127.0.0.2:0").await;
    let links = links();

    for private in PRIVATE.iter().filter(|url| !url.contains(['\t', '\n'])) {
        let private = private.replace("PORT", &victim.address.port().to_string());
        if !private.contains("127.0.0.1") {
            let answer = ask(&links, &farm.url(&format!("/to/302?{private}"))).await;
            let reason = answer["unreachable"].as_str().unwrap_or_default();
            // What is the farm's own address in another form has nobody at this port.
            assert!(
                ["private_address", "no_connection", "host_down"].contains(&reason),
                "{private}: {answer}"
            );
        }
    }
    let second = farm.url(&format!("/to/302?/to/307?{}", victim.url("/")));
    assert_eq!(why(&links, &second).await, "private_address");

    assert!(victim.asked().is_empty(), "{:?}", victim.asked());
}

#[tokio::test]
async fn a_name_may_not_lead_to_a_private_address() {
    let farm = Farm::start().await;
    let names = Names::of([
        ("loop.example", vec![vec!["127.0.0.1"]]),
        ("six.example", vec![vec!["::1"]]),
        ("mapped.example", vec![vec!["::ffff:127.0.0.1"]]),
        ("metadata.example", vec![vec!["169.254.169.254"]]),
        ("both.example", vec![vec!["10.0.0.1", "fd00::1"]]),
        ("nothing.example", vec![vec![]]),
    ]);
    let links = Links { allow: Vec::new(), names: Some(names), ..links() };

    for name in ["loop", "six", "mapped", "metadata", "both", "LOOP"] {
        assert_eq!(
            why(&links, &farm.at_name(&format!("{name}.example"), "/")).await,
            "private_address",
            "{name}"
        );
    }
    for name in ["nothing", "unheard-of"] {
        assert_eq!(
            why(&links, &farm.at_name(&format!("{name}.example"), "/")).await,
            "no_such_name",
            "{name}"
        );
    }

    assert!(farm.asked().is_empty(), "{:?}", farm.asked());
}

#[tokio::test]
async fn the_names_of_this_machine_are_refused_as_the_system_knows_them() {
    let farm = Farm::start().await;
    let links = Links { allow: Vec::new(), names: None, ..links() };

    for name in ["localhost", "LOCALHOST"] {
        assert_eq!(why(&links, &farm.at_name(name, "/")).await, "private_address", "{name}");
    }

    assert!(farm.asked().is_empty(), "{:?}", farm.asked());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_looked_at_for_every_connection() {
    let farm = Farm::start().await;
    let victim = Farm::at(&format!("127.0.0.2:{}", farm.address.port())).await;
    let names = Names::of([
        ("rebinds.example", vec![vec!["127.0.0.1"], vec!["127.0.0.2"]]),
        ("mixed.example", vec![vec!["127.0.0.2", "127.0.0.1", "::1"]]),
    ]);
    let links = Links { names: Some(names), ..links() };

    // The first answer ends its connection, so that the next hop needs another one.
    let gone = farm.at_name("rebinds.example", "/nohead/hangs-up");
    assert_eq!(why(&links, &gone).await, "private_address");
    assert_eq!(ask(&links, &farm.at_name("mixed.example", "/ok")).await["status"], 200);

    assert_eq!(farm.asked(), ["HEAD /nohead/hangs-up", "HEAD /ok"]);
    assert!(victim.asked().is_empty(), "{:?}", victim.asked());
}

#[tokio::test]
async fn what_is_denied_is_not_asked_although_it_is_allowed() {
    let farm = Farm::start().await;
    let links = Links { deny: vec!["127.0.0.0/8".parse().unwrap()], ..links() };

    assert_eq!(why(&links, &farm.url("/ok")).await, "private_address");
    assert!(farm.asked().is_empty());
}

/// An address of IPv4 in any of the forms that URLs have for it.
fn written(rng: &mut fastrand::Rng, ip: Ipv4Addr) -> String {
    let number = |rng: &mut fastrand::Rng, value: u32| match rng.u8(..5) {
        0 => format!("0x{value:x}"),
        1 => format!("0X{value:X}"),
        2 => format!("0{value:o}"),
        3 => format!("0x000{value:x}"),
        _ => value.to_string(),
    };
    let bits = ip.to_bits();
    let parts = match rng.u8(..4) {
        0 => vec![bits],
        1 => vec![bits >> 24, bits & 0xff_ffff],
        2 => vec![bits >> 24, bits >> 16 & 0xff, bits & 0xffff],
        _ => ip.octets().map(u32::from).to_vec(),
    };
    let dots = ["\u{ff0e}", "\u{3002}", "%2e", ".", ".", "."];
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(rng.choice(dots).unwrap());
        }
        text.push_str(&number(rng, *part));
    }
    if rng.bool() { text } else { format!("{text}.") }
}

#[tokio::test]
async fn no_form_of_any_address_hides_that_it_is_private() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let links = Links { allow: Vec::new(), ..links() };
    let ranges =
        ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

    for _ in 0..2000 {
        let (first, length) = rng.choice(ranges).unwrap().split_once('/').unwrap();
        let first: Ipv4Addr = first.parse().unwrap();
        let ip = Ipv4Addr::from_bits(first.to_bits() | rng.u32(..) >> length.parse::<u32>().unwrap());
        let [a, b, c, d] = ip.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let host = match rng.u8(..8) {
            0 => format!("[::ffff:{ip}]"),
            1 => format!("[64:ff9b::{high:x}:{low:x}]"),
            2 => format!("[2002:{high:x}:{low:x}::{:x}]", rng.u16(..)),
            3 => format!("[2001:470:{:x}::5efe:{ip}]", rng.u16(..)),
            _ => written(&mut rng, ip),
        };
        let url = format!("http://{host}:9/");
        assert_eq!(why(&links, &url).await, "private_address", "{url} is {ip}");
    }
}
