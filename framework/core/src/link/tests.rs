//! Every order of what can befall a link, against a model of who holds which inbox open.

use std::{
    task::{Context, Poll, Waker},
    time::Instant,
};

use super::*;
use crate::{
    inbox::{Inbox, Received},
    route::{Convert, Single},
};

/// How many steps follow upon the two routes that are there from the start.
const STEPS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Enter,
    /// The task of this route looks at it.
    Poll(usize),
    Leave(usize),
    Revoke(usize),
    Shut,
    /// To a new inbox.
    Open,
    /// To the inbox before, as after a roll-back.
    Reopen,
}

const ALL: [Step; 10] = [
    Step::Enter,
    Step::Poll(0),
    Step::Poll(1),
    Step::Leave(0),
    Step::Leave(1),
    Step::Revoke(0),
    Step::Revoke(1),
    Step::Shut,
    Step::Open,
    Step::Reopen,
];

/// A route, and what the model knows of it.
struct Laid {
    switched: Option<Switched<u64>>,
    life: Life,
    is_revoked: bool,
    /// The inbox that it holds open, and since which version.
    holds: Option<(usize, usize)>,
}

struct World {
    link: Arc<Link>,
    inboxes: Vec<Inbox<u64>>,
    routes: Vec<Laid>,
    is_open: bool,
    version: usize,
}

impl World {
    fn new() -> Self {
        let inboxes = vec![Inbox::new(8, 1)];
        let link = Arc::new(Link::new(vec![AnyInbox::new(inboxes[0].clone())]));
        let mut world = Self { link, inboxes, routes: Vec::new(), is_open: true, version: 0 };
        world.apply(Step::Enter);
        world.apply(Step::Enter);
        world
    }

    fn apply(&mut self, step: Step) {
        let newest = self.inboxes.len() - 1;
        match step {
            Step::Enter => {
                let lay: Lay<u64> = Arc::new(|inboxes, life| {
                    Box::new(Single::new(inboxes[0].typed::<u64>().sender(life), Convert::Same))
                });
                let life = Life::fresh();
                let switched = Some(Switched::new(Arc::clone(&self.link), life, lay));
                let holds = self.is_open.then_some((newest, self.version));
                self.routes.push(Laid { switched, life, is_revoked: false, holds });
            }
            Step::Poll(at) => self.poll(at),
            Step::Leave(at) => {
                self.routes[at].switched = None;
                self.routes[at].holds = None;
            }
            Step::Revoke(at) => {
                let life = self.routes[at].life;
                self.inboxes.iter().for_each(|inbox| inbox.revoke(life));
                self.link.revoke(life);
                self.routes[at].is_revoked = true;
                self.routes[at].holds = None;
            }
            Step::Shut => {
                self.link.shut();
                self.is_open = false;
                self.version += 1;
            }
            Step::Open | Step::Reopen => {
                if step == Step::Open {
                    self.inboxes.push(Inbox::new(8, 1));
                }
                let newest = &self.inboxes[self.inboxes.len() - 1];
                self.link.open(vec![AnyInbox::new(newest.clone())]);
                self.is_open = true;
                self.version += 1;
            }
        }
    }

    fn poll(&mut self, at: usize) {
        let (newest, version) = (self.inboxes.len() - 1, self.version);
        let route = &mut self.routes[at];
        let Some(switched) = &mut route.switched else { return };
        let poll = switched.poll_send(&mut Sending::new(
            true,
            Instant::now(),
            &mut Context::from_waker(Waker::noop()),
        ));
        if route.is_revoked {
            return;
        }
        if route.holds.is_none_or(|(_, since)| since != version) {
            route.holds = self.is_open.then_some((newest, version));
        }
        assert_eq!(poll.is_ready(), self.is_open, "a producer waits exactly while the link is shut");
    }

    fn check(&self, after: &[Step]) {
        let newest = self.inboxes.len() - 1;
        let alive = || self.routes.iter().filter(|route| route.switched.is_some() && !route.is_revoked);
        for (at, inbox) in self.inboxes.iter().enumerate() {
            let is_held = alive().any(|route| route.holds.is_some_and(|(inbox, _)| inbox == at));
            // Every route that is alive will be laid to the inbox that is open now.
            let is_wanted = self.is_open && at == newest && alive().next().is_some();
            assert_eq!(is_closed(inbox), !is_held && !is_wanted, "inbox {at} after {after:?}");
        }
    }
}

fn is_closed(inbox: &Inbox<u64>) -> bool {
    let poll = inbox.poll_receive(1, &mut Context::from_waker(Waker::noop()));
    matches!(poll, Poll::Ready(Received::Closed))
}

fn play(steps: &[Step]) {
    let mut world = World::new();
    world.check(&[]);
    for (at, step) in steps.iter().enumerate() {
        world.apply(*step);
        world.check(&steps[..=at]);
    }
}

fn explore(steps: &mut Vec<Step>) -> usize {
    if steps.len() == STEPS {
        play(steps);
        return 1;
    }
    let mut played = 0;
    for step in ALL {
        steps.push(step);
        played += explore(steps);
        steps.pop();
    }
    played
}

#[test]
fn an_inbox_never_looks_closed_while_a_route_is_still_to_be_laid_and_closes_with_the_last() {
    assert_eq!(explore(&mut Vec::new()), ALL.len().pow(STEPS as u32));
}

#[test]
fn a_route_of_a_lost_task_never_holds_another_inbox_open() {
    play(&[
        Step::Revoke(0),
        Step::Shut,
        Step::Poll(1),
        Step::Poll(0),
        Step::Open,
        Step::Poll(0),
        Step::Leave(1),
    ]);
}

#[test]
fn whoever_waits_at_a_shut_link_is_woken_when_it_opens() {
    struct Flag(std::sync::atomic::AtomicBool);
    impl std::task::Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let mut world = World::new();
    world.apply(Step::Shut);
    let flag = Arc::new(Flag(std::sync::atomic::AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let route = world.routes[0].switched.as_mut().unwrap();
    assert!(
        route
            .poll_send(&mut Sending::new(true, Instant::now(), &mut Context::from_waker(&waker)))
            .is_pending()
    );
    assert!(!flag.0.load(Ordering::Relaxed));
    world.apply(Step::Open);
    assert!(flag.0.load(Ordering::Relaxed));
}
