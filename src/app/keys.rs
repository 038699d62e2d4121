//! The keys that signatures need, looked at before anybody needs them.

use anyhow::bail;

use crate::config::Config;
use crate::decide::{self, ActionTemplate};
use crate::files;
use crate::http_client::SigningKey;
use crate::notify::Address;
use crate::{notify, slack};

/// Whether every key can be used now; every fault at once. A step that finds out only when it is carried out finds out at
/// night.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let faults =
        [of_policies(&config.remediation), of_receivers(&config.notify), of_slack(config.slack.as_ref())];
    let faults = faults.concat();
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

fn of_receivers(config: &notify::Config) -> Vec<String> {
    let faults = config.receivers.iter().flat_map(|receiver| {
        let key = receiver.signing_key.as_ref().and_then(|source| SigningKey::read_blocking(source).err());
        let address = match &receiver.address {
            Address::Secret(source) => files::secret_blocking(source).err().map(|error| error.to_string()),
            Address::Plain(_) => None,
        };
        key.into_iter().chain(address).map(|fault| format!("notify: receiver {}: {fault}", receiver.name))
    });
    faults.collect()
}

fn of_slack(config: Option<&slack::Config>) -> Vec<String> {
    let fault = config.and_then(|config| files::secret_blocking(&config.signing_secret).err());
    fault.map(|fault| format!("slack.signing_secret: {fault}")).into_iter().collect()
}

fn of_policies(config: &decide::Config) -> Vec<String> {
    let steps = config.policies.iter().flat_map(|policy| {
        policy.steps.iter().enumerate().map(move |(index, step)| (&policy.name, index, &step.action))
    });
    let faults = steps.filter_map(|(policy, index, action)| match action {
        ActionTemplate::Http { signing_key: Some(source), .. } => {
            let fault = SigningKey::read_blocking(source).err()?;
            Some(format!("policy {policy}: steps[{index}].http.sign: {fault}"))
        }
        _ => None,
    });
    faults.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, parse};

    fn checked(key: &std::path::Path) -> anyhow::Result<()> {
        let policy = format!(
            "prometheus: {{url: 'http://p'}}\nremediation:\n  policies:\n    - name: hook\n      \
             matchers: ['alertname=\"A\"']\n      target: {{label: instance, pattern: '[a-z]+'}}\n      \
             steps:\n        - http: {{url: 'http://h', sign: {{key_file: '{}'}}}}\n",
            key.display()
        );
        let config = parse(&policy, &Overrides::default()).unwrap_or_else(|faults| panic!("{faults}"));
        check(&config)
    }

    #[test]
    fn a_key_that_cannot_be_used_is_named_with_its_policy() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "c2hvcnQ=\n").unwrap();
        let error = checked(file.path()).unwrap_err().to_string();
        assert!(error.starts_with("policy hook: steps[0].http.sign: the signing key in "), "{error}");
        assert!(error.contains("has 5 bytes and must have 24 to 64"), "{error}");
        let error = checked("/nonexistent/key".as_ref()).unwrap_err().to_string();
        assert!(error.contains("cannot read the secret file /nonexistent/key"), "{error}");
        std::fs::write(file.path(), format!("whsec_{}", "QUJD".repeat(8))).unwrap();
        assert!(checked(file.path()).is_ok());
    }
}
