//! A request for approval as a message shows it.

use serde_json::{Value, json};

use super::blocks::{MAX_TEXT, fenced, section};
use super::button::{APPROVE, Button, REJECT};
use super::mrkdwn::{cut, escape, is_shown_as_it_is};
use crate::model::Approval;

/// Characters of a step that are shown.
const MAX_STEP: usize = 500;
/// Steps that are shown.
const MAX_STEPS: usize = 5;

/// A request for approval with its buttons: two blocks. `clean` takes out of JSON, which a text is too, what
/// must not be shown. The buttons
/// are for the plan as it is: where not all of it is shown, or not as it is, it can only be rejected here.
pub fn approval(approval: &Approval, clean: &dyn Fn(Value) -> Value) -> [Value; 2] {
    let (facts, is_whole) = facts(approval, clean);
    let mut text = format!("*Approval {} is asked for*\n{}", approval.id, fenced(&facts));
    if approval.request.needs_another {
        text.push_str("\nSomebody else than who asks must approve it.");
    }
    let value = Button::of(approval).value();
    let button = |id: &str, style: &str, text: &str| {
        json!({"type": "button", "action_id": id, "style": style, "value": value,
            "text": {"type": "plain_text", "text": text}})
    };
    let mut buttons = vec![button(REJECT, "danger", "Reject")];
    if is_whole && text.chars().count() <= MAX_TEXT {
        buttons.insert(0, button(APPROVE, "primary", "Approve"));
    } else {
        let place =
            format!("Not all of it is shown; read and approve it at /api/v1/approvals/{}.\n", approval.id);
        let room = MAX_TEXT.saturating_sub(text.chars().count() - facts.chars().count() + place.len());
        text = text.replacen(&facts, &cut(&facts, room), 1);
        text.insert_str(0, &place);
    }
    [section(&text), json!({"type": "actions", "elements": buttons})]
}

/// What is asked for, escaped, and whether that is all of it and as it is.
fn facts(approval: &Approval, clean: &dyn Fn(Value) -> Value) -> (String, bool) {
    let mut is_whole = approval.request.plan.steps.len() <= MAX_STEPS;
    let mut brief = |fact: Value| {
        let raw = written(&fact);
        // Once by what stands around each value, and once as the text that is shown.
        let cleaned = written(&clean(written(&clean(fact)).into()));
        let shown = cut(&escape(&cleaned).replace('\n', " "), MAX_STEP);
        is_whole = is_whole && shown == escape(&raw) && is_shown_as_it_is(&raw);
        shown
    };
    let request = &approval.request;
    let key = &request.plan.key;
    let mut facts = format!(
        "policy: {}\ntarget: {}\nasked by: {}\nuntil: {}",
        brief((*key.policy).into()),
        brief((*key.target).into()),
        brief(request.requested_by.as_str().into()),
        request.expires_at()
    );
    for (index, step) in request.plan.steps.iter().enumerate().take(MAX_STEPS) {
        // A value of the model's types always becomes JSON.
        let action = serde_json::to_value(&step.action).unwrap_or_default();
        facts.push_str(&format!("\nstep {}: {}", index + 1, brief(action)));
    }
    if request.plan.steps.len() > MAX_STEPS {
        facts.push_str(&format!("\n{} more steps", request.plan.steps.len() - MAX_STEPS));
    }
    (facts, is_whole)
}

/// A text as it is, anything else as JSON.
fn written(fact: &Value) -> String {
    fact.as_str().map_or_else(|| fact.to_string(), str::to_owned)
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn request(target: &str, by: &str) -> Approval {
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
}

#[cfg(test)]
mod tests {
    use super::samples::request;
    use super::*;

    fn text(block: &Value) -> &str {
        block["text"]["text"].as_str().unwrap()
    }

    fn hiding(hidden: &str) -> impl Fn(Value) -> Value {
        move |fact| match fact {
            Value::String(text) => text.replace(hidden, "[secret]").into(),
            other => other,
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
            (request("*web*_80_ a&b", "ann"), "nothing", 2, "signs that are markup elsewhere"),
            (request(&"x".repeat(501), "ann"), "nothing", 1, "a step is cut"),
            (request("web:80 hunter2", "ann"), "hunter2", 1, "a part is taken out"),
            (request("web\n80", "ann"), "nothing", 1, "the end of a line is shown as a space"),
            (request("web`80", "ann"), "nothing", 1, "a sign is shown as another one"),
            (request("web\u{202e}80", "ann"), "nothing", 1, "a mark that turns the direction is left out"),
            (request("web\u{200b}80", "ann"), "nothing", 1, "a character that nobody sees"),
            (steps(5), "nothing", 2, "five steps"),
            (steps(6), "nothing", 1, "one more than is shown"),
        ] {
            let [_, actions] = approval(&asked, &hiding(hidden));
            assert_eq!(actions["elements"].as_array().unwrap().len(), buttons, "{sentence}");
        }
    }

    #[test]
    fn what_is_asked_for_stands_between_fences() {
        let [section, _] = approval(&request("*bold* _80_ ```~gone~", "ann"), &|fact| fact);
        let parts: Vec<&str> = text(&section).split("```").collect();
        let [before, facts, after] = parts[..] else { panic!("{section}") };
        assert!(
            facts.contains("*bold*") && facts.contains("~gone~") && facts.contains("asked by: ann"),
            "{facts}"
        );
        assert!(!before.contains("bold") && after.trim() == "Somebody else than who asks must approve it.");
    }

    #[test]
    fn a_request_cannot_call_anybody_nor_outgrow_a_block() {
        let mut hostile = request(&format!("<!here>hunter2 {}", "&".repeat(9000)), "@channel");
        hostile.request.plan.steps = vec![hostile.request.plan.steps[0].clone(); 9];
        let [section, actions] = approval(&hostile, &hiding("hunter2"));
        assert!(text(&section).chars().count() <= MAX_TEXT, "{section}");
        for bad in ["<!", "@channel", "hunter2"] {
            assert!(!text(&section).contains(bad), "{bad}: {section}");
        }
        assert_eq!(text(&section).matches("```").count(), 2, "{section}");
        assert!(
            text(&section).starts_with("Not all of it is shown; read and approve it at /api/v1/approvals/7.")
        );
        let buttons = actions["elements"].as_array().unwrap();
        assert!(buttons.len() == 1 && buttons[0]["action_id"] == REJECT, "{actions}");
        let value = actions["elements"][0]["value"].as_str().unwrap();
        assert!(value.len() <= 2000, "Slack's bound of a button's value");
    }
}
