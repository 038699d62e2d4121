//! What the rest of the daemon says to the loop.

use super::confirm::Witnesses;
use super::handle::{Gone, Message, NotRequested};
use super::surroundings::Surroundings;
use super::worker::{Remediation, clock};

impl Remediation {
    pub(super) async fn handle_message(&mut self, message: Message) {
        let now = clock();
        match message {
            Message::Answer { id, answer, done } => {
                let answered = self.answer(id, answer, now).await;
                // The caller may have gone away; the answer counts all the same.
                let _ = done.send(answered);
            }
            Message::Request { wish, done } => {
                tracing::warn!(policy = wish.policy, by = wish.by, alert = %wish.fingerprint, "a person asks for a plan");
                let looked_at = self.engine.handle_request(wish.fingerprint, &wish.policy, &wish.by, now);
                // The caller may have gone away; what they asked for is looked at all the same.
                let _ = done.send(looked_at.map_err(NotRequested::Impossible));
            }
            Message::Pause { paused, by, done } => {
                tracing::warn!(paused, %by, "remediation stop switch");
                self.switch(paused, now);
                self.stop.is_to_be_written(paused, by, now);
                let answer =
                    self.write_switch().await.map_err(|error| Gone::NotJournalled(error.to_string()));
                // The caller may have gone away; the switch is set all the same.
                let _ = done.send(answer);
            }
            Message::Reconfigure(config, clients) => {
                self.surroundings.use_clients(*clients);
                let Surroundings { prometheus, alertmanager, .. } = &self.surroundings;
                let asked = alertmanager.as_ref().map(|(client, _)| client.clone());
                let actor = Some(self.surroundings.actor.clone());
                self.witnesses = Witnesses { prometheus: prometheus.clone(), alertmanager: asked, actor };
                self.reconciler.use_clients(prometheus.clone(), alertmanager.clone());
                config.policies.iter().for_each(|policy| self.surroundings.metrics.for_policy(&policy.name));
                self.stop.file.clone_from(&config.stop_file);
                self.config = config.clone();
                self.engine.reconfigure(config, now);
                self.look_for_stop_file(now);
            }
        }
    }
}
