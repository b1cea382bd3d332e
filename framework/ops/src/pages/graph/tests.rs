use std::time::{Instant, SystemTime};

use squall_core::{Bolt, Emit, Next, Output, Outputs, Result, Spout, SpoutOutput};
use squall_runtime::{Options, Running};
use squall_topology::{Plan, TopologyBuilder};

use super::*;
use crate::check::{Bound, Check, Reading, View};
use crate::seen::Span;

/// Has nothing to say.
struct Lines;

impl Spout for Lines {
    type Id = u32;
    type Out = Emit<u32>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<u32>, u32>) -> Result<Next> {
        Ok(Next::End)
    }
}

/// Says nothing further.
struct Quiet<Out>(std::marker::PhantomData<Out>);

impl<Out: Outputs> Bolt for Quiet<Out> {
    type In = u32;
    type Out = Out;

    async fn execute(&mut self, _: u32, _: &mut Output<Out>) -> Result<()> {
        Ok(())
    }
}

fn quiet<Out>() -> Quiet<Out> {
    Quiet(std::marker::PhantomData)
}

/// `lines` to `split`, and from there to two others.
fn plan() -> Plan {
    let mut topology = TopologyBuilder::new("small");
    let lines = topology.spout("lines", || Lines).output();
    let words = topology.bolt("split", quiet::<Emit<u32>>).shuffle(lines).output();
    topology.bolt("count", quiet::<()>).tasks(2).fields(words, |word| word);
    topology.bolt("a-rather-long-name", quiet::<()>).shuffle(words);
    topology.build().unwrap()
}

fn seen() -> TopologySeen {
    let running = Running::start(plan(), Options::default().threads(1)).unwrap();
    running.wait_blocking().unwrap();
    TopologySeen::between("small", "Counts", &Span::new(0, Instant::now(), running.status()))
}

/// `split` is the cause, and `lines` waits for it.
fn bottleneck() -> Finding {
    let check = Check::new("bottleneck", Bound::Above(0.9), |_: View<'_>| Vec::new());
    let reading = Reading::new(1.0).about("small", "split").waits(vec!["lines".to_owned()]);
    Finding::new(&check, reading, SystemTime::now())
}

fn drawn(by: By, is_alone: bool) -> String {
    let (seen, findings) = (seen(), [bottleneck()]);
    Html::of(&Drawing::of(&Look::at(&seen, &findings), by, is_alone)).unwrap().to_string()
}

#[test]
fn a_small_graph_is_drawn_like_this() {
    let drawn = drawn(By::Capacity, true);

    let (_, drawn) = drawn.split_once("</defs>\n").unwrap();
    assert_eq!(drawn, include_str!("small.svg").trim_end(), "{drawn}");
}

#[test]
fn the_bottleneck_and_those_who_wait_are_told_in_words() {
    let drawn = drawn(By::Queue, false);

    assert!(
        drawn.contains("<title>split, bolt, 1 task, capacity 0 %, queue 0 of 4,096, bottleneck</title>"),
        "{drawn}"
    );
    assert!(drawn.contains("<title>lines, spout, 1 task, capacity 0 %, waits</title>"), "{drawn}");
    assert!(drawn.contains("<title>split → count: default (fields), 0/s</title>"), "{drawn}");
}

#[test]
fn arrow_keys_lead_along_the_lines_and_within_a_column() {
    let drawn = drawn(By::Capacity, false);

    let ways = |node: usize| {
        let (_, rest) = drawn.split_once(&format!("<a id=\"n{node}\" ")).unwrap();
        let tag = rest.split_once('>').unwrap().0;
        let ways = tag.split(' ').filter(|attribute| attribute.starts_with("data-"));
        ways.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ways(0), "data-right=\"n1\"");
    assert_eq!(ways(1), "data-right=\"n2\" data-left=\"n0\"");
    assert_eq!(ways(2), "data-left=\"n1\" data-down=\"n3\"");
    assert_eq!(ways(3), "data-left=\"n1\" data-up=\"n2\"");
}
