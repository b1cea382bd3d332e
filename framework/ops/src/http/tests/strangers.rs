//! What somebody who may not do something gets, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use squall_topology::Secret;

use super::{Answer, OWN_TOKEN, ask, exchange, get, guard, serve, unguarded};
use crate::access::Access;
use crate::http::streams;
use crate::open_files;
use crate::problem::BODY_LIMIT;

const TOKEN: &str = "hunter2-hunter2";

/// What an operator can read, and what is free, and what is not there.
const READ: [&str; 5] = ["/", "/api/v1/topologies", "/api/v1/config", "/metrics", "/nothing"];

/// What an operator can do, what an app takes, and what is not there.
const WRITE: [(&str, &str); 9] = [
    ("POST", "/api/v1/topologies/shop/pause"),
    ("POST", "/api/v1/topologies/shop/resume"),
    ("POST", "/api/v1/topologies/shop/drain"),
    ("POST", "/api/v1/topologies/shop/components/till/rebalance"),
    ("POST", "/api/v1/config/reload"),
    ("POST", "/orders"),
    ("DELETE", "/orders"),
    ("PATCH", "/nothing"),
    ("PURGE", "/"),
];

fn guarded() -> Access {
    Access { token: Some(Secret::new(TOKEN)), ..unguarded() }
}

/// Sends each request to one server, with the same headers.
fn ask_each(access: Access, requests: &[(&str, &str)], headers: &str) -> Vec<(String, Answer)> {
    let requests: Vec<(String, String)> = requests
        .iter()
        .map(|(method, path)| {
            let head = format!("{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\n");
            (format!("{method} {path}"), format!("{head}Content-Length: 0\r\n\r\n"))
        })
        .collect();
    serve(
        guard(access),
        |_| {},
        move |addr| {
            requests.into_iter().map(|(what, request)| (what, exchange(addr, &request).into())).collect()
        },
    )
}

fn read_each(access: Access, headers: &str) -> Vec<(String, Answer)> {
    ask_each(access, &READ.map(|path| ("GET", path)), headers)
}

fn basic(user: &str, token: &str) -> String {
    format!("Host: localhost\r\nAuthorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{token}")))
}

fn bearer(token: &str) -> String {
    format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n")
}

#[test]
fn a_name_that_somebody_has_lead_here_reads_and_writes_nothing() {
    let rebound = "Host: evil.example:8090\r\n";

    let answers = read_each(unguarded(), rebound).into_iter().chain(ask_each(unguarded(), &WRITE, rebound));

    for (what, answer) in answers {
        assert_eq!(answer.status, 421, "{what}");
        assert!(answer.problem()["detail"].as_str().unwrap().contains("`hosts`"), "{}", answer.body);
    }
    let through_a_proxy =
        ask("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(through_a_proxy.status, 421);
}

#[test]
fn a_request_says_once_for_whom_it_is() {
    for (version, host, status) in [
        ("1.1", "", 400),
        ("1.1", "Host: localhost\r\nHost: localhost\r\n", 400),
        ("1.1", "Host: a b\r\n", 400),
        ("1.1", "Host: [::1]\r\n", 200),
        ("1.0", "", 200),
    ] {
        let answer = ask(format!("GET /livez HTTP/{version}\r\n{host}Connection: close\r\n\r\n"));
        assert_eq!(answer.status, status, "HTTP/{version} {host:?}: {}", answer.body);
    }
}

#[test]
fn without_the_token_there_is_nothing_to_see_or_to_do() {
    let wrong = [
        "Host: localhost\r\n".to_owned(),
        bearer("hunter2"),
        bearer("hunter2-hunter2-"),
        bearer(""),
        basic("ada", "hunter2"),
        basic(TOKEN, ""),
        format!("Host: localhost\r\nCookie: token={TOKEN}\r\n"),
    ];
    for headers in wrong {
        let answers = read_each(guarded(), &headers).into_iter().chain(ask_each(guarded(), &WRITE, &headers));
        for (what, answer) in answers {
            assert_eq!(answer.status, 401, "{what} with {headers}");
            assert!(answer.head.contains("www-authenticate: Basic realm="), "{}", answer.head);
            assert!(answer.head.contains("www-authenticate: Bearer realm="), "{}", answer.head);
            assert!(!answer.body.contains(TOKEN), "{}", answer.body);
        }
    }
}

#[test]
fn the_token_opens_as_a_bearer_and_as_a_password() {
    for headers in [bearer(TOKEN), basic("ada", TOKEN), basic("", TOKEN), bearer(OWN_TOKEN)] {
        let statuses: Vec<u16> =
            read_each(guarded(), &headers).iter().map(|(_, answer)| answer.status).collect();

        assert_eq!(statuses, [200, 200, 200, 200, 404], "{headers}");
    }
}

#[test]
fn whether_the_process_lives_is_free_to_know_and_nothing_that_looks_like_it() {
    let looks = [
        "/livez",
        "/readyz",
        "/livez/",
        "//livez",
        "/livez/../metrics",
        "/%6c%69vez/x",
        "/livez%2f..%2fmetrics",
    ];

    let answers = ask_each(guarded(), &looks.map(|path| ("GET", path)), "Host: localhost\r\n");

    let statuses: Vec<u16> = answers.iter().map(|(_, answer)| answer.status).collect();
    assert_eq!(statuses, [200, 200, 401, 401, 401, 401, 401]);
}

#[test]
fn read_only_refuses_whatever_is_not_safe() {
    for access in [Access { may_act: false, ..unguarded() }, Access { may_act: false, ..guarded() }] {
        for (what, answer) in ask_each(access.clone(), &WRITE, &basic("ada", TOKEN)) {
            assert_eq!(answer.status, 403, "{what}");
            assert_eq!(answer.problem()["type"], "/problems/read-only", "{what}");
        }
        let read = read_each(access, &basic("ada", TOKEN));
        assert_eq!(
            read.iter().filter(|(_, answer)| answer.status == 200).count(),
            4,
            "the rest is to be seen"
        );
    }
}

#[test]
fn the_process_itself_may_do_everything() {
    let closed = Access { may_act: false, ..guarded() };
    let body = r#"{"pieces": 3}"#;
    let request = format!(
        "POST /orders HTTP/1.1\r\n{}Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        bearer(OWN_TOKEN),
        body.len(),
    );

    let answer: Answer = serve(guard(closed), |_| {}, move |addr| exchange(addr, &request)).into();

    assert_eq!((answer.status, answer.body.as_str()), (200, "3 pieces"));
}

#[test]
fn a_page_of_another_site_writes_nothing_even_with_the_password_that_the_browser_knows() {
    for said in [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: http://evil.example",
        "Origin: null",
    ] {
        for (what, answer) in ask_each(guarded(), &WRITE, &format!("{}{said}\r\n", basic("ada", TOKEN))) {
            assert_eq!(answer.status, 403, "{what} with {said}");
            assert_eq!(answer.problem()["type"], "about:blank", "{what}");
        }
    }
}

#[test]
fn a_path_leads_to_no_file() {
    for path in [
        "/assets/../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/assets/%252e%252e/etc/passwd",
        "/assets/squall.css/../../../etc/passwd",
        "/assets//etc/passwd",
        "/assets/squall.css%00.html",
        "/../../../../etc/passwd",
    ] {
        let answer = get(path);

        assert_eq!(answer.status, 404, "{path}");
        answer.problem();
    }
}

#[test]
fn a_line_break_in_a_request_comes_back_in_no_header() {
    let sneak = "%0d%0aX-Sneaked:%20yes%0d%0a%0d%0a<b>";
    for path in [
        format!("/nothing{sneak}"),
        format!("/pieces/{sneak}"),
        format!("/search?pieces={sneak}"),
        format!("/?{sneak}"),
    ] {
        let answer = get(&path);

        assert!(!answer.head.to_lowercase().contains("x-sneaked"), "{path}: {}", answer.head);
        assert!(!answer.body.contains("\r\nX-Sneaked"), "{path}: {}", answer.body);
    }
    // Bare, it is no request at all.
    let bare = ask(
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nSquall-Actor: a\rX-Sneaked: yes\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(bare.status, 400);
}

#[test]
fn headers_that_are_too_large_are_refused_before_anything_else() {
    for size in [20 * 1024, 120 * 1024] {
        let cookie = "x".repeat(size);
        let answer = ask(format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ));

        assert_eq!(answer.status, 431, "{size} bytes");
    }
}

#[test]
fn a_body_that_never_says_how_large_it_is_ends_at_the_limit() {
    let piece = "x".repeat(BODY_LIMIT + 1);
    let answer = ask(format!(
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{piece}\r\n0\r\n\r\n",
        piece.len(),
    ));

    assert_eq!(answer.status, 413);
}

#[test]
fn a_body_that_never_ends_keeps_no_connection_once_it_is_answered() {
    let large = "x".repeat(BODY_LIMIT + 1);
    for (path, access, status) in
        [("/orders", unguarded(), 413), ("/nothing", unguarded(), 404), ("/orders", guarded(), 401)]
    {
        // There is always more to come, and nobody says that the connection shall end.
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n",
            large.len(),
        );

        // Nobody but the server ends this connection.
        let answer: Answer = serve(guard(access), |_| {}, move |addr| exchange(addr, &request)).into();

        assert_eq!(answer.status, status, "{path}");
        answer.problem();
    }
}

#[test]
fn a_connection_goes_on_behind_a_body_in_chunks_that_was_read_to_its_end() {
    let order = "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Transfer-Encoding: chunked\r\n\r\nd\r\n{\"pieces\": 3}\r\n0\r\n\r\n";
    let live = "GET /pieces/7 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    let both = format!("{order}{live}");
    let answers = serve(guard(unguarded()), |_| {}, move |addr| exchange(addr, &both));

    assert!(answers.contains("3 pieces") && answers.ends_with("\r\n\r\n7"), "{answers}");
}

#[test]
fn a_body_that_does_not_come_is_a_408_and_the_end() {
    let mut guard = guard(unguarded());
    guard.body_timeout = Duration::from_millis(20);
    let request = "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                   Content-Length: 100\r\n\r\n{\"pieces\":";

    // Nobody but the server ends this connection.
    let answer: Answer = serve(guard, |_| {}, move |addr| exchange(addr, request)).into();

    assert_eq!(answer.status, 408);
    assert_eq!(answer.problem()["detail"], "The body took too long to arrive.");
}

#[test]
fn a_head_that_does_not_come_is_a_408_and_the_end() {
    for begun in ["", "GET /livez HT", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let answer = serve(
            guard(unguarded()),
            |listener| listener.head_timeout = Duration::from_millis(20),
            move |addr| exchange(addr, begun),
        );

        assert!(answer.starts_with("HTTP/1.1 408 "), "{begun:?}: {answer:?}");
    }
}

/// Opens a stream, and returns once it has begun.
fn listen_to_silence(addr: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(b"GET /silence HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[test]
fn a_thousand_idle_pages_keep_nobody_else_from_being_served() {
    open_files::allow_more();
    let (idle, refused, live) = serve(
        guard(unguarded()),
        |_| {},
        |addr| {
            let idle: Vec<TcpStream> = (0..streams::MOST).map(|_| listen_to_silence(addr)).collect();
            let ask = |path: &str| {
                exchange(
                    addr,
                    &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
                )
            };
            (idle.len(), Answer::from(ask("/silence")), Answer::from(ask("/livez")))
        },
    );

    assert_eq!(idle, 1024);
    assert_eq!(refused.status, 503);
    refused.problem();
    assert_eq!(live.status, 200);
}
