//! The writer: what the journal's rules ask of a database, as statements in a transaction.

use std::collections::BTreeMap;

use super::chain::{Tail, record};
use super::{Session, Statement, approvals, limits, outbox, prune, rows, statements, touched};
use crate::journal::approvals::Change;
use crate::journal::backend::{Covered, Pruned, Stored, Term, Writes};
use crate::journal::chain::Kind;
use crate::journal::outbox::Progress;
use crate::journal::query::{Cutoff, Pause};
use crate::journal::rules::RunEntry;
use crate::journal::state::State;
use crate::journal::write::NewDelivery;
use crate::model::{
    Approval, ApprovalId, ApprovalRequest, Before, Decision, DeliveryId, Episode, Plan, Run, RunId, RunKey,
    Scope, Timestamp,
};

/// Episodes in one statement: 5 values each, far under the limits of 32,766 (SQLite) and 65,535 (PostgreSQL).
const EPISODES_PER_STATEMENT: usize = 200;

/// Writes through a session, and keeps the chain's end.
pub(in crate::journal) struct Writer<S> {
    session: S,
    tail: Tail,
}

impl<S: Session> Writer<S> {
    /// Takes over a session.
    pub fn new(session: S) -> Self {
        Self { session, tail: Tail::default() }
    }

    async fn record(&mut self, kind: Kind, statement: Statement) -> Stored<i64> {
        record(&mut self.session, &mut self.tail, kind, statement).await
    }
}

impl<S: Session> Writes for Writer<S> {
    async fn begin(&mut self, state: &mut State) -> Stored<()> {
        self.session.begin(state).await?;
        if self.session.is_shared() {
            self.tail = Tail::default();
        }
        self.tail.load(&mut self.session).await
    }

    async fn commit(&mut self) -> Stored<()> {
        self.tail.flush(&mut self.session).await?;
        self.session.commit().await
    }

    async fn abandon(&mut self) {
        self.tail = Tail::default();
        self.session.abandon().await;
    }

    fn leads(&self) -> bool {
        self.session.leads()
    }

    async fn lead(&mut self, holder: &str, now: Timestamp) -> Stored<Option<Term>> {
        self.session.lead(holder, now).await
    }

    fn size_bytes(&self) -> u64 {
        self.session.size_bytes()
    }

    async fn insert_delivery(&mut self, new: &mut NewDelivery) -> Stored<DeliveryId> {
        self.session.number(statements::delivery(new)).await.map(DeliveryId)
    }

    async fn put_episodes(&mut self, episodes: &[Episode]) -> Stored<()> {
        // One statement must not store the same episode twice: the last state of each is what counts.
        let mut latest = BTreeMap::new();
        for episode in episodes {
            latest.insert(episode.id, episode);
        }
        let latest: Vec<&Episode> = latest.into_values().collect();
        for chunk in latest.chunks(EPISODES_PER_STATEMENT) {
            let full = chunk.len() == EPISODES_PER_STATEMENT;
            self.session.execute(statements::episodes(chunk, full)?).await?;
        }
        Ok(())
    }

    async fn move_watermark(&mut self, from: DeliveryId, to: DeliveryId, now: Timestamp) -> Stored<Covered> {
        let update = Statement::new("UPDATE watermark SET applied = $1, at = $2");
        self.session.execute(update.bind(to.0).bind(now)).await?;
        let covered = "SELECT count(*) AS n FROM delivery WHERE id > $1 AND id <= $2";
        let covered = self.session.number(Statement::new(covered).bind(from.0).bind(to.0)).await?;
        let oldest = "SELECT received_at FROM delivery WHERE id > $1 ORDER BY id LIMIT 1";
        let oldest = self.session.first(Statement::new(oldest).bind(to.0)).await?;
        let oldest = oldest.map(|row| row.time("received_at")).transpose()?;
        Ok(Covered { deliveries: covered.unsigned_abs(), oldest })
    }

    async fn add_decisions(&mut self, decisions: &[Decision]) -> Stored<()> {
        for decision in decisions {
            self.record(Kind::Decision, statements::decision(decision)?).await?;
        }
        let latest: BTreeMap<_, _> = decisions.iter().map(|one| (one.episode, one.at)).collect();
        for (episode, now) in latest {
            prune::drop_surplus(&mut self.session, &mut self.tail, episode, now).await?;
        }
        Ok(())
    }

    async fn has_run(&mut self, plan: &Plan) -> Stored<bool> {
        limits::has_run(&mut self.session, plan).await
    }

    async fn open_runs(&mut self) -> Stored<u64> {
        limits::open_runs(&mut self.session).await
    }

    async fn is_busy(&mut self, plan: &Plan) -> Stored<bool> {
        limits::is_busy(&mut self.session, plan).await
    }

    async fn attempts(&mut self, scope: Scope, plan: &Plan, after: Timestamp) -> Stored<u64> {
        limits::attempts(&mut self.session, scope, plan, after).await
    }

    async fn insert_run(&mut self, plan: &Plan, now: Timestamp) -> Stored<RunId> {
        let run = self.record(Kind::Run, statements::run(plan, now)?).await?;
        touched::insert(&mut self.session, run, &plan.touches()).await?;
        Ok(RunId(run))
    }

    async fn insert_step(
        &mut self,
        run: RunId,
        step: usize,
        before: Option<&Before>,
        now: Timestamp,
    ) -> Stored<()> {
        self.record(Kind::Step, statements::step(run, step, now)).await?;
        match before {
            Some(before) => {
                self.record(Kind::Before, statements::before(run, step, before, now)?).await.map(drop)
            }
            None => Ok(()),
        }
    }

    async fn insert_lift(&mut self, run: RunId, step: usize, now: Timestamp) -> Stored<()> {
        self.record(Kind::Lift, statements::lift(run, step, now)).await.map(drop)
    }

    async fn add_entry(&mut self, entry: &RunEntry) -> Stored<()> {
        let (kind, statement) = statements::entry(entry)?;
        self.record(kind, statement).await.map(drop)
    }

    async fn load_run(&mut self, run: RunId) -> Stored<Option<Run>> {
        let found = self.session.fetch(Statement::new(rows::RUN).bind(run.0)).await?;
        Ok(rows::runs(&found)?.pop())
    }

    async fn pause(&mut self) -> Stored<Option<Pause>> {
        rows::pause(self.session.first(Statement::new(rows::PAUSE)).await?)
    }

    async fn set_pause(&mut self, paused: bool, by: &str, now: Timestamp) -> Stored<()> {
        self.record(Kind::Switch, statements::pause(paused, by, now)).await.map(drop)
    }

    async fn put_standing(&mut self, policy: &str, body: &str, now: Timestamp) -> Stored<()> {
        self.record(Kind::Standing, statements::standing(policy, body, now)).await.map(drop)
    }

    async fn insert_approval(&mut self, request: &ApprovalRequest) -> Stored<ApprovalId> {
        self.record(Kind::Asked, approvals::insert(request)?).await.map(ApprovalId)
    }

    async fn load_approval(&mut self, id: ApprovalId) -> Stored<Option<Approval>> {
        let found = self.session.first(Statement::new(approvals::BY_ID).bind(id.0)).await?;
        found.as_ref().map(approvals::approval).transpose()
    }

    async fn open_approval(&mut self, key: &RunKey) -> Stored<Option<Approval>> {
        approvals::open_of(&mut self.session, key).await
    }

    async fn change_approval(&mut self, id: ApprovalId, change: &Change) -> Stored<()> {
        let (kind, statement) = approvals::change(id, change);
        self.record(kind, statement).await.map(drop)
    }

    async fn put_progress(&mut self, receiver: &str, progress: Progress, now: Timestamp) -> Stored<()> {
        self.session.execute(outbox::told(receiver, progress, now)).await.map(drop)
    }

    async fn prune(&mut self, cutoff: Cutoff) -> Stored<Pruned> {
        prune::turn(&mut self.session, &mut self.tail, cutoff).await
    }
}
