//! The state of a component moves from its old tasks to its new ones.

use std::sync::Arc;

use squall_core::{AnyShares, drop_caught};
use tokio::time::timeout_at;
use tracing::error;

use super::change::Change;
use crate::{
    refused::Refused,
    task_actor::{Give, Take},
    wiring::{LiveTask, TaskId},
};

impl Change {
    /// Every old task gives, then every new one takes what belongs to its keys. If one of them cannot, the
    /// old ones have everything again.
    pub(super) async fn hand_over(&self, reserve: &[Arc<LiveTask>]) -> Result<(), Refused> {
        let mut given = Vec::new();
        let mut end = self.collect(&mut given).await;
        if end.is_ok() {
            end = self.hand_out(&given, reserve).await;
        }
        if end.is_err() {
            self.take_back(given).await;
        } else {
            // The new tasks have copies of it; its `Drop` is user code.
            drop_caught(given);
        }
        end
    }

    async fn collect(&self, given: &mut Vec<(TaskId, AnyShares)>) -> Result<(), Refused> {
        for task in self.tasks() {
            let Some(actor) = self.roster.borrow().actor(task.id) else { continue };
            // Nothing to give: it has ended, with its state.
            let answer = timeout_at(self.deadline, actor.send(Give)).await;
            match answer {
                Ok(Ok(Some((shares, end)))) => {
                    given.push((task.id, shares));
                    end.map_err(|panicked| self.hook_failed(task.id, panicked.to_string()))?;
                }
                Ok(Ok(None)) => {}
                Ok(Err(_)) => return Err(Refused::NotRunning),
                Err(_) => return Err(self.hook_failed(task.id, "did not come back in time".to_owned())),
            }
        }
        Ok(())
    }

    async fn hand_out(&self, given: &[(TaskId, AnyShares)], to: &[Arc<LiveTask>]) -> Result<(), Refused> {
        for task in to {
            for (_, shares) in given {
                let own = shares.of_task(task.id.task, to.len());
                let own = own.map_err(|panicked| self.hook_failed(task.id, panicked.to_string()))?;
                self.have_taken(task.id, own).await?;
            }
        }
        Ok(())
    }

    async fn take_back(&self, given: Vec<(TaskId, AnyShares)>) {
        for (id, shares) in given {
            let keys = shares.keys();
            if let Err(refused) = self.have_taken(id, shares).await {
                let component = &*self.now.name;
                error!(component, task = id.task, keys, %refused, "State is lost: it could not be taken back.");
            }
        }
    }

    async fn have_taken(&self, id: TaskId, shares: AnyShares) -> Result<(), Refused> {
        let Some(actor) = self.roster.borrow().actor(id) else {
            return Err(self.hook_failed(id, "cannot be called: its thread was lost".to_owned()));
        };
        match timeout_at(self.deadline, actor.send(Take(shares))).await {
            Ok(Ok(taken)) => taken.map_err(|panicked| self.hook_failed(id, panicked.to_string())),
            Ok(Err(_)) => Err(Refused::NotRunning),
            Err(_) => Err(self.hook_failed(id, "did not come back in time".to_owned())),
        }
    }

    fn hook_failed(&self, id: TaskId, message: String) -> Refused {
        Refused::Handover { component: self.now.name.to_string(), task: id.task, message }
    }
}
