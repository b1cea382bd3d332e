use super::*;

fn parse(pieces: &[&[u8]]) -> Vec<Item> {
    let mut parser = Parser::new(64);
    pieces.iter().for_each(|piece| parser.push(piece));
    std::iter::from_fn(|| parser.next()).collect()
}

fn event(kind: &str, data: &str, id: Option<&str>) -> Item {
    Item::Event(Event { kind: kind.into(), data: data.into(), id: id.map(Into::into) })
}

#[test]
fn lines_end_as_they_like_and_comments_say_nothing() {
    for text in [
        "event: a\nid: 1\ndata: x\ndata:  y\n\n",
        "event: a\r\nid: 1\r\ndata: x\r\ndata:  y\r\n\r\n",
        "event: a\rid: 1\rdata: x\rdata:  y\r\r",
        "\u{feff}:ok\nevent:a\nid:1\nnothing: 7\ndata:x\ndata:  y\n:thump\n\n\n",
    ] {
        assert_eq!(parse(&[text.as_bytes()]), [event("a", "x\n y", Some("1"))], "{text:?}");
    }
}

#[test]
fn an_id_holds_until_another_one_is_said() {
    let text = b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 2\n\ndata: d\n\nid: 3\0\ndata: e\n\n";

    let expected = [
        event("message", "a", Some("1")),
        event("message", "b", Some("1")),
        event("message", "c", None),
        event("message", "d", Some("2")),
        event("message", "e", Some("2")),
    ];
    assert_eq!(parse(&[text]), expected);
}

#[test]
fn what_says_nothing_and_what_is_cut_off_is_no_event() {
    assert_eq!(parse(&[b"event: a\n\ndata\n\ndata:\n\n: x\n\ndata: cut o"]), []);
    assert_eq!(parse(&[b"data: cut off\n"]), []);
    assert_eq!(parse(&[b"data\ndata\n\n"]), [event("message", "\n", None)]);
}

#[test]
fn a_server_says_when_to_come_again() {
    let mut parser = Parser::new(64);
    parser.push(b"retry: 1500\nretry: soon\nretry:\nretry: 99999999999999999999\n\n");

    assert_eq!(parser.pause(), Some(Duration::from_millis(1500)));
}

#[test]
fn an_event_that_is_too_long_is_named_and_the_next_one_comes() {
    let mut text = b"data: a\n\ndata: ".to_vec();
    text.extend([b'x'; 100_000]);
    text.extend(b"\nid: 2\ndata: y\n\ndata: b\n\n");
    let mut parser = Parser::new(64);
    for piece in text.chunks(7) {
        parser.push(piece);
        assert!(parser.line.len() + parser.data.len() <= 64 + 7);
    }

    let items: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
    assert_eq!(
        items,
        [
            event("message", "a", None),
            Item::TooLong { limit: 64, id: Some("2".into()) },
            event("message", "b", Some("2"))
        ]
    );
}

#[test]
fn many_short_lines_are_as_long_as_one_long_line() {
    let items = parse(&["data: 1234\n".repeat(10).as_bytes(), b"\ndata: b\n\n"]);

    assert_eq!(items, [Item::TooLong { limit: 64, id: None }, event("message", "b", None)]);
}

#[test]
fn the_pieces_in_which_bytes_come_change_nothing() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let parts: [&[u8]; 14] = [
        b"data",
        b"id",
        b"event",
        b"retry",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"x",
        "ü💦".as_bytes(),
        b"\xff",
        b"\0",
    ];
    for _ in 0..2_000 {
        let text: Vec<u8> =
            (0..random.usize(..40)).flat_map(|_| parts[random.usize(..parts.len())]).copied().collect();
        let (mut rest, mut pieces) = (text.as_slice(), Vec::new());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(random.usize(..=rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        assert_eq!(parse(&pieces), parse(&[&text]), "{:?}", String::from_utf8_lossy(&text));
    }
}
