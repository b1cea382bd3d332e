//! [`Renewal`]: one task is built anew because somebody asked.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use actix::Message;
use squall_core::{Order, Phase};
use tokio::time::{Instant, timeout_at};

use crate::{
    rebalance::Rebalancing, refused::Refused, roster::Roster, shared::Shared, status::TaskState,
    wiring::LiveTask,
};

/// From outside: a task is to be built anew.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Result<(), Refused>")]
pub(crate) struct Renewal {
    pub(crate) component: usize,
    pub(crate) task: usize,
}

impl Renewal {
    /// Asks the task, and waits until its user part is gone. No rebalance is under way meanwhile.
    pub(crate) async fn run(
        self,
        shared: Arc<Shared>,
        roster: Rc<RefCell<Roster>>,
        rebalancing: Rc<Rebalancing>,
    ) -> Result<(), Refused> {
        let _turn = rebalancing.turn().await;
        let task = self.find(&shared)?;
        let is_ending = || shared.wired.control.phase() >= Phase::Draining;
        if is_ending() || task.is_over() || task.state.get() == TaskState::Waiting {
            return Err(Refused::NotRunning);
        }
        let patience = rebalancing.deadline();
        let deadline = Instant::now() + patience;
        task.renewals.ask();
        task.orders.ask_restart();
        roster.borrow().run_if_backing_off(task.id);
        roster.borrow().wake(task.id);
        let is_replaced = || task.orders.get() == Order::Halt;
        let is_done = || !task.renewals.is_asked() || is_replaced();
        let wait = shared.until(|| is_done() || is_ending() || task.is_over());
        // In time or not: what counts is how far it has come.
        drop(timeout_at(deadline, wait).await);
        if is_done() || !task.orders.take_restart() {
            return Ok(());
        }
        task.renewals.settle();
        if is_ending() || task.is_over() {
            return Err(Refused::NotRunning);
        }
        let component = shared.name(task.id).to_owned();
        Err(Refused::TooSlow { component, tasks: vec![self.task], after: patience })
    }

    fn find(self, shared: &Shared) -> Result<Arc<LiveTask>, Refused> {
        let wiring = shared.component(self.component).ok_or(Refused::NotRunning)?;
        let tasks = wiring.tasks();
        let found = tasks.iter().find(|own| own.id.task == self.task).cloned();
        found.ok_or_else(|| Refused::UnknownTask {
            component: wiring.name.to_string(),
            task: self.task,
            tasks: tasks.len(),
        })
    }
}
