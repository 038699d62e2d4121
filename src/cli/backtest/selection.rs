//! Which of the configured queries and models are scored.

use anyhow::bail;

use crate::config::nearest;

/// The places of those named, in the order of the configuration; of all if none is named.
pub(super) fn chosen(configured: &[&str], names: &[String]) -> anyhow::Result<Vec<usize>> {
    if let Some(name) = names.iter().find(|name| !configured.contains(&name.as_str())) {
        match nearest(name, configured) {
            Some(near) => bail!("--query {name}: there is no such query or model; did you mean {near}?"),
            None => bail!(
                "--query {name}: there is no such query or model; configured: {}",
                configured.join(", ")
            ),
        }
    }
    let is_chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    Ok((0..configured.len()).filter(|&place| is_chosen(configured[place])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_chosen_by_name_and_slips_are_named() {
        let configured = ["cpu_busy", "memory_used", "up"];
        let check = |names: &[&str], expected: Result<Vec<usize>, &str>| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let found = chosen(&configured, &names).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{names:?}");
        };
        check(&[], Ok(vec![0, 1, 2]));
        check(&["up", "cpu_busy", "up"], Ok(vec![0, 2]));
        check(&["cpu_bsy"], Err("--query cpu_bsy: there is no such query or model; did you mean cpu_busy?"));
        let strange = "--query disk: there is no such query or model; configured: cpu_busy, memory_used, up";
        check(&["up", "disk"], Err(strange));
    }
}
