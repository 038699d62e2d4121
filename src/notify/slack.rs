//! A message as Slack's blocks, within its bounds. Pure.

use serde_json::Value;

use super::redaction::Redaction;
use super::told::Told;
use crate::model::{Episode, Run};
use crate::slack::{MAX_BLOCKS, approval, cut, escape, fenced, message, preformatted, section};

/// Blocks of an explanation at most: beside them there is room for everything else.
const MAX_EXPLAINED: usize = 30;
/// Alerts that are named in one block.
const MAX_NAMED: usize = 20;
/// Characters of one line: so many lines fit into a block.
const MAX_LINE: usize = 140;

/// The body, without secrets and without a text from outside that Slack would read as markup.
pub(super) fn body(told: &Told, redaction: &Redaction) -> Value {
    let headline = told.headline();
    let mut blocks = vec![section(&format!("*{headline}*"))];
    match &told.explained {
        Some(explained) => blocks.extend(preformatted(&redaction.apply(&explained.text), MAX_EXPLAINED)),
        None => blocks.extend(named("Began, and over by now", &told.firing, redaction)),
    }
    blocks.extend(named("Over", &told.resolved, redaction));
    blocks.extend(ended(&told.runs, redaction));
    for request in &told.approvals {
        blocks.extend(approval(request, &|fact| redaction.json(fact)));
    }
    blocks.truncate(MAX_BLOCKS);
    message(&headline, blocks)
}

/// Alerts by their labels, the first of them.
fn named(title: &str, episodes: &[Episode], redaction: &Redaction) -> Option<Value> {
    let lines = episodes.iter().map(|episode| redaction.apply(&episode.alert.labels.to_string()));
    list(title, lines, episodes.len())
}

fn ended(runs: &[Run], redaction: &Redaction) -> Option<Value> {
    let line = |run: &Run| {
        let outcome = run.outcome().map_or("under way", |outcome| outcome.as_str());
        let key = &run.plan.key;
        format!("run {} of {} on {}: {outcome}", run.id, key.policy, redaction.apply(&key.target))
    };
    list("Remediation", runs.iter().map(line), runs.len())
}

fn list(title: &str, lines: impl Iterator<Item = String>, count: usize) -> Option<Value> {
    if count == 0 {
        return None;
    }
    let line = |line: String| cut(&escape(&line).replace('\n', " "), MAX_LINE);
    let lines: Vec<String> = lines.take(MAX_NAMED).map(line).collect();
    let mut text = format!("*{title}*\n{}", fenced(&lines.join("\n")));
    if count > MAX_NAMED {
        text.push_str(&format!("\nand {} more", count - MAX_NAMED));
    }
    Some(section(&text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::told::Explained;
    use super::*;
    use crate::slack::MAX_TEXT;

    fn episode(instance: &str) -> Episode {
        let alert = json!({"status": "firing", "labels": {"alertname": "Down", "instance": instance}, "annotations": {},
            "starts_at": "2026-01-01T00:00:00Z", "ends_at": null, "generator_url": ""});
        let id = json!({"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"});
        serde_json::from_value(json!({"id": id, "alert": alert, "first_seen": "2026-01-01T00:00:00Z",
            "last_seen": "2026-01-01T00:00:00Z", "deliveries": 1}))
        .unwrap()
    }

    fn request(id: usize) -> crate::model::Approval {
        let key = json!({"policy": "note", "target": "postgres://ann:hunter2hunter2@db", 
            "episode": {"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"}});
        let request = json!({"plan": {"key": key, "steps": []}, "requested_by": "ann", "needs_another": false,
            "requested_at": "2026-01-01T00:00:00Z", "valid_for": {"secs": 60, "nanos": 0}});
        serde_json::from_value(json!({"id": id, "request": request, "state": {"state": "pending"}})).unwrap()
    }

    #[test]
    fn a_message_is_within_slacks_bounds_whatever_it_tells() {
        let text = "<!channel> password=hunter2hunter2 @here\n".repeat(5000);
        let told = Told {
            firing: (0..500).map(|_| episode("a")).collect(),
            explained: Some(Explained { headline: "x".to_owned(), text, summary: None }),
            resolved: (0..500).map(|_| episode("<!here> <http://evil|x>")).collect(),
            approvals: (0..5).map(request).collect(),
            ..Told::default()
        };
        let body = body(&told, &Redaction::new(&Default::default()));
        let blocks = body["blocks"].as_array().unwrap();
        assert!(blocks.len() <= MAX_BLOCKS, "{}", blocks.len());
        assert_eq!(
            blocks.iter().filter(|block| block["type"] == "actions").count(),
            5,
            "every request has buttons"
        );
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            assert!(text.chars().count() <= MAX_TEXT, "{text}");
        }
        let all = body.to_string();
        for bad in ["<!", "<http", "@here", "hunter2"] {
            assert!(!all.contains(bad), "{bad}");
        }
        for key in ["mrkdwn", "unfurl_links", "unfurl_media"] {
            assert_eq!(body[key], false, "{key}");
        }
        assert_eq!(body["text"], "500 alerts fire, 500 alerts are over, 5 approvals are asked for");
    }

    #[test]
    fn what_comes_from_outside_stands_between_fences() {
        let told = Told {
            firing: vec![episode("*fire* _x_ ~y~ :skull: https://evil.example/ ```")],
            resolved: vec![episode("*over*")],
            approvals: vec![request(1)],
            ..Told::default()
        };
        let body = body(&told, &Redaction::new(&Default::default()));
        let texts =
            body["blocks"].as_array().unwrap().iter().filter_map(|block| block["text"]["text"].as_str());
        for text in texts {
            let own: String = text.split("```").step_by(2).collect();
            assert!(text.matches("```").count() % 2 == 0, "{text}");
            for foreign in ["*fire*", "skull", "evil", "over*", "instance", "db", "ann"] {
                assert!(!own.contains(foreign), "{foreign}: {text}");
            }
        }
    }

    #[test]
    fn a_secret_that_what_stands_before_it_names_is_not_shown_and_so_cannot_be_approved_here() {
        for name in ["--token", "password"] {
            let mut asked = request(1);
            asked.request.plan.key.target = "web:80".into();
            let action =
                json!({"command": {"argv": ["/bin/x", name, "hunter2"], "timeout": {"secs": 1, "nanos": 0}}});
            asked.request.plan.steps =
                vec![serde_json::from_value(json!({"action": action, "verify": null})).unwrap()];
            let told = Told { approvals: vec![asked], ..Told::default() };
            let body = body(&told, &Redaction::new(&Default::default())).to_string();
            assert!(!body.contains("hunter2") && body.contains("[secret-1]"), "{body}");
            assert!(!body.contains(crate::slack::APPROVE), "{body}");
        }
    }
}
