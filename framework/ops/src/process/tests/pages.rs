//! The pages of a process that runs: what they show, and what their forms do.

use std::io::{BufRead as _, BufReader};

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

impl Host {
    /// Waits until everything was looked at once: the stream tells.
    fn seen(&self) {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        write!(stream, "GET /api/v1/stream?topics=stats HTTP/1.1\r\nHost: {}\r\n\r\n", self.addr).unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        let mut stats = lines.filter(|line| line.starts_with("data:") && line.contains("\"steady\""));
        assert!(stats.any(|line| line.contains("\"sink\"")), "the stream ended");
    }

    fn page(&self, path: &str) -> String {
        let (status, page) = self.request("GET", path);
        assert_eq!(status, 200, "{path}: {page}");
        page
    }
}

/// What stands in the hidden field of the button that applies the plan.
fn hash(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"hash\" value=\"").expect("a plan to apply");
    rest.split_once('"').unwrap().0.to_owned()
}

#[test]
fn a_graph_is_a_picture_a_table_and_a_file() {
    let host = Host::start(1);
    host.seen();

    let picture = host.page("/t/steady?view=graph&by=queue");
    let table = host.page("/t/steady?view=table");
    let (status, file) = host.request("GET", "/api/v1/topologies/steady/graph?format=svg&by=latency");

    assert!(picture.contains("<svg class=\"graph fits\"") && !picture.contains("<table id=\"components\""));
    assert!(picture.contains("aria-current=\"true\">Queue</a>"), "{picture}");
    assert!(table.contains("<table id=\"components\"") && !table.contains("<svg class=\"graph"), "{table}");
    assert_eq!(status, 200);
    assert!(
        file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && file.contains("<style>"),
        "{file}"
    );
    assert!(!file.contains("data-") && !file.contains("href"), "{file}");
    assert_eq!(host.request("GET", "/t/nothing").0, 404);
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn what_was_changed_by_hand_is_told_until_the_plan_is_applied() {
    let host = Host::start(1);
    let rebalance = "/api/v1/topologies/steady/components/sink/rebalance";
    assert!(!host.page("/config").contains("Changed by hand"));

    let (status, answer) = host.send(rebalance, "application/json", "{\"parallelism\": 3}");
    assert_eq!(status, 200, "{answer}");
    let page = host.page("/config");
    assert!(page.contains("[topology.steady.component.sink]\nparallelism = 3"), "{page}");
    let (status, stale) = host.send("/config", FORM, "hash=0123");
    assert_eq!(status, 412, "{stale}");
    assert!(stale.contains("The file has changed since you looked at it"), "{stale}");
    assert_eq!(host.state().0, 3);
    let (status, _) = host.send("/config", FORM, &format!("hash={}", hash(&page)));

    assert_eq!((status, host.state().0), (303, 1));
    let page = host.page("/config");
    assert!(!page.contains("Changed by hand") && page.contains("when somebody asked for it"), "{page}");
    let events = host.page("/events?kind=reload");
    assert!(events.contains("the configuration was reloaded: 1 number changed"), "{events}");
    assert!(events.contains("Refused") && events.contains("anonymous"), "{events}");
    assert_eq!(host.end(), exit::OK.into());
}

#[test]
fn a_wrong_file_is_shown_with_line_and_caret() {
    let host = Host::start(1);
    fs::write(host.root.path().join("squall.toml"), "[engine]\nthread = 2\n").unwrap();

    let page = host.page("/config");

    assert!(page.contains("Nothing: the file is wrong"), "{page}");
    assert!(page.contains("squall.toml:2:1") && page.contains("^^^^^^"), "{page}");
    assert!(!page.contains("name=\"hash\""), "there is nothing to apply: {page}");
    assert_eq!(host.end(), exit::OK.into());
}
