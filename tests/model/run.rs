//! Runs a case on the engine, under virtual time.

use std::{sync::Arc, time::Duration};

use squall::{Chosen, CustomGrouping, Failed, Refused, Report, RestartPolicy, Status, Stream, prelude::*};
use tokio::time::{sleep, timeout};

use crate::{
    case::{
        Case, Change, End, Grouping, Hanging, MESSAGE_TIMEOUT, MOST_ROOM, MOST_TASKS, STUCK_AFTER, SetUp,
        SpoutCase,
    },
    fault::Token,
    ledger::Ledger,
    parts::{RandomBolt, RandomSpout, RandomSyncBolt, World},
};

/// Every case is over long before; those with executes that take too long need their time.
fn patience(case: &Case) -> Duration {
    Duration::from_secs(if case.hanging == Hanging::TooLong { 24 * 3600 } else { 600 })
}

/// Time within which everybody has heard of a command.
const HEARD: Duration = Duration::from_millis(50);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs it and looks at the books meanwhile.
pub(crate) async fn run(case: &Arc<Case>, ledger: &Arc<Ledger>) -> Result<Report, String> {
    let world = World { case: Arc::clone(case), ledger: Arc::clone(ledger) };
    let options = if case.starts_paused { Options::default().paused() } else { Options::default() };
    let running = Running::start_here(&plan(&world), &options);
    let end = async {
        let commands = async {
            let ((), changed) = tokio::join!(command(case, &running), change(case, ledger, &running));
            if let Err(fault) = changed {
                return fault;
            }
            std::future::pending().await
        };
        tokio::select! {
            report = running.wait() => Ok(report),
            fault = watch(case, &running) => Err(fault),
            fault = commands => Err(fault),
        }
    };
    let stuck = |_| Err(format!("it does not come to its end: {:#?}", running.status()));
    let report = timeout(patience(case), end).await.unwrap_or_else(stuck)?;
    report.map_err(|failed: Failed| failed.to_string())
}

fn plan(world: &World) -> Plan {
    let case = &world.case;
    let mut t = TopologyBuilder::new("random");
    // Nothing here is about giving up.
    let restart = RestartPolicy {
        backoff: millis(1),
        max_backoff: millis(4),
        budget: 1_000_000,
        ..RestartPolicy::default()
    };
    let mut streams = Vec::new();
    for (spout, of) in case.spouts.iter().enumerate() {
        let world = world.clone();
        let factory = async move |cx: &TaskContext| {
            world.set_up(spout, world.case.spouts[spout].set_up, cx)?;
            Ok(RandomSpout { world: world.clone(), spout })
        };
        let declared = t.spout_with(format!("spout-{spout}"), factory).tasks(of.tasks);
        let declared = declared.max_pending(of.max_pending).message_timeout(MESSAGE_TIMEOUT);
        streams.push(declared.restart(restart).output());
    }
    for bolt in 0..case.bolts.len() {
        let stream = declare_bolt(&mut t, world, bolt, &streams, restart);
        streams.push(stream);
    }
    t.build().expect("a case is a valid topology")
}

fn declare_bolt(
    t: &mut TopologyBuilder,
    world: &World,
    bolt: usize,
    streams: &[Stream<Token>],
    restart: RestartPolicy,
) -> Stream<Token> {
    let of = &world.case.bolts[bolt];
    let limit = if world.case.hanging == Hanging::TooLong { patience(&world.case) } else { STUCK_AFTER };
    let name = format!("bolt-{bolt}");
    let made = {
        let world = world.clone();
        move |cx: &TaskContext| {
            world.set_up(world.case.number(bolt), world.case.bolts[bolt].set_up, cx)?;
            Ok(RandomBolt { world: world.clone(), bolt, task: cx.task, parked: Vec::new() })
        }
    };
    let declared = if of.is_sync {
        t.sync_bolt_with(name, async move |cx: &TaskContext| made(cx).map(RandomSyncBolt))
    } else {
        t.bolt_with(name, async move |cx: &TaskContext| made(cx))
    };
    let mut declared = declared.tasks(of.tasks).inbox(of.inbox).restart(restart).stuck_after(limit);
    if let Some(period) = of.tick {
        declared = declared.tick(millis(period));
    }
    for (place, input) in of.inputs.iter().enumerate() {
        let stream = streams[input.from];
        let world = world.clone();
        let checked = move |token: &Token| {
            assert!(!world.case.key_panics(bolt, place, token), "the key panics");
        };
        declared = match input.grouping {
            Grouping::Shuffle => declared.shuffle(stream),
            Grouping::LocalOrShuffle => declared.local_or_shuffle(stream),
            Grouping::All => declared.all(stream),
            Grouping::Global => declared.global(stream),
            Grouping::Fields => declared.fields(stream, move |token: &Token| {
                checked(token);
                &token.root.number
            }),
            Grouping::FieldsBy => declared.fields_by(stream, move |token: &Token| {
                checked(token);
                token.path % 7
            }),
            Grouping::PartialKey => declared.partial_key(stream, move |token: &Token| {
                checked(token);
                &token.path
            }),
            Grouping::Direct => {
                let tasks = of.tasks as u64;
                declared.direct(stream, move |token: &Token| {
                    checked(token);
                    (token.path % tasks) as usize
                })
            }
            Grouping::Custom => declared.custom(stream, move || EverySecond(checked.clone())),
        };
    }
    declared.output()
}

/// A custom grouping: every second task gets a copy.
struct EverySecond<F>(F);

impl<F: Fn(&Token) + Send + 'static> CustomGrouping<Token> for EverySecond<F> {
    fn choose(&mut self, token: &Token, tasks: usize, chosen: &mut Chosen) {
        (self.0)(token);
        (0..tasks).step_by(2).for_each(|task| chosen.task(task));
    }
}

async fn command(case: &Case, running: &Running) {
    if case.starts_paused {
        sleep(HEARD).await;
        assert_eq!(running.status().roots.emitted, 0, "a topology that starts paused emits nothing");
        running.resume();
    }
    for (after, pause) in &case.pauses {
        sleep(millis(*after)).await;
        running.pause();
        sleep(HEARD).await;
        let emitted = running.status().roots.emitted;
        sleep(millis(*pause)).await;
        assert_eq!(running.status().roots.emitted, emitted, "a paused topology emits nothing");
        running.resume();
    }
    match case.end {
        End::ByItself => {}
        End::Drain(after) => {
            sleep(millis(after)).await;
            running.drain(patience(case));
        }
        End::DrainInAHurry(after, deadline) => {
            sleep(millis(after)).await;
            running.drain(millis(deadline));
        }
        End::Kill(after) => {
            sleep(millis(after)).await;
            running.kill();
        }
    }
}

/// Makes the changes, one after another.
async fn change(case: &Case, ledger: &Ledger, running: &Running) -> Result<(), String> {
    for (after, component, change) in &case.changes {
        sleep(millis(*after)).await;
        let Some(plan) = running.plan() else { return Ok(()) };
        // Thinning a case takes bolts away.
        let Some(name) = plan.components().get(*component).map(|component| component.name.to_string()) else {
            continue;
        };
        let changed = match *change {
            Change::Tasks(_) if !case.may_be_rebalanced(*component) => continue,
            Change::Tasks(tasks) => running.rebalance(&name, tasks).await,
            Change::Room(room) => {
                let mut settings = plan.settings();
                let of = settings.component.entry(name.clone()).or_default();
                let is_spout = *component < case.spouts.len();
                *(if is_spout { &mut of.max_pending } else { &mut of.inbox }) = Some(room);
                running.reconfigure(&settings).await
            }
            Change::Restart(task) => {
                // One that has ended has other numbers and no other tasks.
                let tasks = running.status().component(&name).map_or(1, |component| component.tasks);
                running.restart_task(&name, task % tasks).await
            }
            Change::Pause(_) if *component >= case.spouts.len() => continue,
            Change::Pause(pause) => pause_alone(running, &name, millis(pause)).await,
        };
        ledger.with(|books| books.changes += u64::from(changed.is_ok()));
        judge_change(case, running, &name, *change, changed)?;
    }
    Ok(())
}

/// Pauses one spout for a time.
async fn pause_alone(running: &Running, spout: &str, pause: Duration) -> Result<(), Refused> {
    let emitted = || running.status().component(spout).and_then(|spout| Some(spout.roots.as_ref()?.emitted));
    running.pause_component(spout)?;
    sleep(HEARD).await;
    let before = emitted();
    sleep(pause).await;
    assert_eq!(emitted(), before, "a paused spout emits nothing");
    running.resume_component(spout)
}

/// It was made, or there is a reason why not and nothing has changed.
fn judge_change(
    case: &Case,
    running: &Running,
    name: &str,
    change: Change,
    changed: Result<(), Refused>,
) -> Result<(), String> {
    let Some(plan) = running.plan() else { return Ok(()) };
    let Some(component) = plan.component(name) else { return Err(format!("`{name}` is gone")) };
    let has_set_ups = case.bolts.iter().any(|bolt| bolt.set_up != SetUp::Works)
        || case.spouts.iter().any(|spout| spout.set_up != SetUp::Works);
    match (changed, change) {
        (Ok(()), Change::Tasks(tasks)) if component.tasks != tasks => {
            Err(format!("`{name}` has {} tasks after a rebalance to {tasks}", component.tasks))
        }
        (Ok(()), _) | (Err(Refused::NotRunning | Refused::TooSlow { .. }), _) => Ok(()),
        (Err(Refused::Build { .. }), _) if has_set_ups => Ok(()),
        (Err(refused), _) => Err(format!("the change was refused: {refused}")),
    }
}

/// Looks every millisecond, later every second, until a promise is broken.
async fn watch(case: &Case, running: &Running) -> String {
    for look in 0_u32.. {
        if let Err(fault) = check(case, &running.status()) {
            return fault;
        }
        sleep(if look < 300 { millis(1) } else { millis(1000) }).await;
    }
    "there are no more numbers".to_owned()
}

/// What holds at every moment.
pub(crate) fn check(case: &Case, status: &Status) -> Result<(), String> {
    let roots = &status.roots;
    if roots.emitted != roots.acked + roots.failed + roots.pending {
        return Err(format!("emitted = acked + failed + pending does not hold: {roots:?}"));
    }
    // `next` may track a batch of roots when there is room for one.
    let changes = !case.changes.is_empty();
    let tasks = |spout: &SpoutCase| if changes { spout.tasks + MOST_TASKS } else { spout.tasks };
    let room = |spout: &SpoutCase| if changes { spout.max_pending.max(MOST_ROOM) } else { spout.max_pending };
    let most: usize = case.spouts.iter().map(|spout| tasks(spout) * (room(spout) + spout.batch - 1)).sum();
    if roots.pending > most as u64 {
        return Err(format!("{} roots are pending, at most {most} may be", roots.pending));
    }
    Ok(())
}
