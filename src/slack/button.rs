//! What a button bears.

use ring::digest;

use crate::model::Approval;

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

#[cfg(test)]
mod tests {
    use super::super::request::samples::request;
    use super::*;

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
}
