//! Blocks of a message, within Slack's bounds.

use std::cell::Cell;

use ring::digest;
use serde_json::{Value, json};

use super::mrkdwn::{cut, escape};
use crate::model::Approval;

/// Blocks of a message at most.
pub const MAX_BLOCKS: usize = 50;
/// Characters of a text at most, after escaping.
pub const MAX_TEXT: usize = 3000;
/// Characters of a step that are shown.
const MAX_STEP: usize = 500;
/// Steps that are shown.
const MAX_STEPS: usize = 5;
/// The buttons' ids.
pub const APPROVE: &str = "smartcloudops_approve";
/// The same.
pub const REJECT: &str = "smartcloudops_reject";

/// What a button bears: the request, and the plan for which it is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The number of the request.
    pub approval: i64,
    /// The SHA-256 of its plan, in hexadecimal.
    pub content: String,
}

impl Button {
    /// The button of a request: for its plan as it is written down, and no other.
    pub fn of(approval: &Approval) -> Self {
        // A value of the model's types always becomes JSON; nothing would be the content of no plan.
        let plan = serde_json::to_vec(&approval.request.plan).unwrap_or_default();
        let content = digest::digest(&digest::SHA256, &plan);
        let content = content.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { approval: approval.id.0, content }
    }

    /// Reads what [`Button::value`] has written.
    pub fn read(value: &str) -> Option<Self> {
        let (approval, content) = value.split_once('.')?;
        let is_hash = content.len() == 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self { approval: approval.parse().ok()?, content: content.to_owned() }).filter(|_| is_hash)
    }

    /// The text that Slack hands back when it is pressed.
    pub fn value(&self) -> String {
        format!("{}.{}", self.approval, self.content)
    }
}

/// A section of text that is mrkdwn already: what came from outside went through [`escape`].
pub fn section(mrkdwn: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "verbatim": true, "text": cut(mrkdwn, MAX_TEXT)}})
}

/// A text from outside, as it stands, in at most `limit` sections; what does not fit is said to be left out.
pub fn preformatted(text: &str, limit: usize) -> Vec<Value> {
    // Room for the fences.
    let mut pieces = pieces(&escape(text), MAX_TEXT - 8);
    if pieces.len() > limit {
        pieces.truncate(limit.saturating_sub(1));
        pieces.push("… the rest does not fit; see /explain".to_owned());
    }
    pieces.truncate(limit);
    pieces.iter().map(|piece| section(&format!("```\n{piece}\n```"))).collect()
}

/// Lines together, as many as fit; a line that is too long is cut.
fn pieces(escaped: &str, limit: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut length) = (Vec::new(), String::new(), 0);
    for line in escaped.trim_end().lines() {
        let line = cut(line, limit);
        let needed = line.chars().count() + 1;
        if length + needed > limit + 1 && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        if !piece.is_empty() {
            piece.push('\n');
        }
        piece.push_str(&line);
        length += needed;
    }
    pieces.extend(Some(piece).filter(|piece| !piece.trim().is_empty()));
    pieces
}

/// A request for approval with its buttons: two blocks. `clean` takes out of a text what must not be shown. The buttons
/// are for the plan as it is: where not all of it is shown, it can only be rejected here.
pub fn approval(approval: &Approval, clean: &dyn Fn(&str) -> String) -> [Value; 2] {
    let whole = Cell::new(approval.request.plan.steps.len() <= MAX_STEPS);
    let brief = |text: &str| {
        let shown = brief(&clean(text));
        whole.set(whole.get() && shown == escape(text));
        shown
    };
    let request = &approval.request;
    let key = &request.plan.key;
    let mut text = format!(
        "*Approval {} is asked for*\npolicy: {}\ntarget: {}\nasked by: {}\nuntil: {}",
        approval.id,
        brief(&key.policy),
        brief(&key.target),
        brief(&request.requested_by),
        request.expires_at()
    );
    for (index, step) in request.plan.steps.iter().enumerate().take(MAX_STEPS) {
        // A value of the model's types always becomes JSON.
        let action = serde_json::to_string(&step.action).unwrap_or_default();
        text.push_str(&format!("\nstep {}: {}", index + 1, brief(&action)));
    }
    if request.plan.steps.len() > MAX_STEPS {
        text.push_str(&format!("\n{} more steps", request.plan.steps.len() - MAX_STEPS));
    }
    if request.needs_another {
        text.push_str("\nSomebody else than who asks must approve it.");
    }
    let value = Button::of(approval).value();
    let button = |id: &str, style: &str, text: &str| {
        json!({"type": "button", "action_id": id, "style": style, "value": value,
            "text": {"type": "plain_text", "text": text}})
    };
    let mut buttons = vec![button(REJECT, "danger", "Reject")];
    if whole.get() && text.chars().count() <= MAX_TEXT {
        buttons.insert(0, button(APPROVE, "primary", "Approve"));
    } else {
        let place =
            format!("Not all of it is shown; read and approve it at /api/v1/approvals/{}.\n", approval.id);
        text.insert_str(0, &place);
    }
    [section(&text), json!({"type": "actions", "elements": buttons})]
}

/// One line of a text from outside.
fn brief(text: &str) -> String {
    cut(&escape(text).replace('\n', " "), MAX_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, by: &str) -> Approval {
        serde_json::from_value(json!({
            "id": 7,
            "request": {
                "plan": {
                    "key": {"policy": "reboot", "target": target,
                        "episode": {"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"}},
                    "steps": [{"action": {"command": {"argv": ["/bin/true", target], "timeout": {"secs": 1, "nanos": 0}}}, "verify": null}],
                },
                "requested_by": by,
                "needs_another": true,
                "requested_at": "2026-01-01T00:00:00Z",
                "valid_for": {"secs": 60, "nanos": 0},
            },
            "state": {"state": "pending"},
        }))
        .unwrap()
    }

    fn text(block: &Value) -> &str {
        block["text"]["text"].as_str().unwrap()
    }

    #[test]
    fn long_texts_become_bounded_sections() {
        let long = "word ".repeat(2000);
        let storm = "<!channel> line\n".repeat(20_000);
        for (given, limit, blocks, sentence) in [
            ("", 5, 0, "nothing"),
            ("a\nb\n", 5, 1, "two lines"),
            (long.as_str(), 5, 1, "one long line is cut"),
            (storm.as_str(), 5, 5, "many lines are left out"),
            (storm.as_str(), 0, 0, "no room"),
        ] {
            let made = preformatted(given, limit);
            assert_eq!(made.len(), blocks, "{sentence}");
            for block in &made {
                assert!(text(block).chars().count() <= MAX_TEXT, "{sentence}");
                assert!(!text(block).contains("<!"), "{sentence}");
                assert!(text(block).starts_with("```\n") && text(block).ends_with("\n```"), "{sentence}");
            }
        }
    }

    #[test]
    fn a_button_bears_the_plan_that_was_shown() {
        let shown = Button::of(&request("web:80", "ann"));
        assert_eq!(Button::read(&shown.value()), Some(shown.clone()));
        assert_eq!(Button::of(&request("web:80", "bob")), shown, "who asks is no part of the plan");
        assert_ne!(Button::of(&request("web:81", "ann")).content, shown.content);
        for value in ["", "7", "7.", "7.xyz", "x.00", &format!("7.{}", "g".repeat(64)), &"9".repeat(100)] {
            assert_eq!(Button::read(value), None, "{value}");
        }
    }

    #[test]
    fn only_what_is_shown_as_it_is_can_be_approved() {
        let steps = |count: usize| {
            let mut many = request("web:80", "ann");
            many.request.plan.steps = vec![many.request.plan.steps[0].clone(); count];
            many
        };
        for (asked, hidden, buttons, sentence) in [
            (request("web:80", "ann"), "nothing", 2, "all of it is shown"),
            (request(&"x".repeat(501), "ann"), "nothing", 1, "a step is cut"),
            (request("web:80 hunter2", "ann"), "hunter2", 1, "a part is taken out"),
            (request("web\n80", "ann"), "nothing", 1, "the end of a line is shown as a space"),
            (steps(5), "nothing", 2, "five steps"),
            (steps(6), "nothing", 1, "one more than is shown"),
        ] {
            let [_, actions] = approval(&asked, &|text| text.replace(hidden, "[secret]"));
            assert_eq!(actions["elements"].as_array().unwrap().len(), buttons, "{sentence}");
        }
    }

    #[test]
    fn a_request_cannot_call_anybody_nor_outgrow_a_block() {
        let hostile = request(&format!("<!here>hunter2 {}", "x".repeat(9000)), "@channel");
        let [section, actions] = approval(&hostile, &|text| text.replace("hunter2", "[secret]"));
        assert!(text(&section).chars().count() <= MAX_TEXT, "{section}");
        for bad in ["<!", "@channel", "hunter2"] {
            assert!(!text(&section).contains(bad), "{bad}: {section}");
        }
        assert!(
            text(&section).starts_with("Not all of it is shown; read and approve it at /api/v1/approvals/7.")
        );
        let buttons = actions["elements"].as_array().unwrap();
        assert!(buttons.len() == 1 && buttons[0]["action_id"] == REJECT, "{actions}");
        let value = actions["elements"][0]["value"].as_str().unwrap();
        assert!(value.len() <= 2000, "Slack's bound of a button's value");
    }
}
