//! Which pods are a workload's, by their names alone. Pure.
//!
//! Kubernetes names a pod after what made it: a Deployment's `NAME-HASH-ID`, a StatefulSet's `NAME-NUMBER`, a
//! DaemonSet's `NAME-ID`.

/// How much of its place a pod shares with its workload; see [`super::relate::PLACES`].
const WEIGHT: u32 = 4;

/// A workload or a pod, as the labels of [kube-state-metrics](https://github.com/kubernetes/kube-state-metrics) name
/// them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Workload<'l> {
    pub namespace: Option<&'l str>,
    pub deployment: Option<&'l str>,
    pub statefulset: Option<&'l str>,
    pub daemonset: Option<&'l str>,
    pub pod: Option<&'l str>,
}

impl Workload<'_> {
    /// How close a workload and a pod of it are; 0: it is none of it.
    pub fn kinship(&self, other: &Workload<'_>) -> u32 {
        let apart = self.namespace.zip(other.namespace).is_some_and(|(one, other)| one != other);
        let related = !apart && (self.has(other) || other.has(self));
        if related { WEIGHT } else { 0 }
    }

    fn has(&self, other: &Workload<'_>) -> bool {
        let Some(pod) = other.pod else { return false };
        let rest = |name: Option<&str>| pod.strip_prefix(name?)?.strip_prefix('-');
        let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        rest(self.deployment).and_then(|rest| rest.split_once('-')).is_some_and(|(a, b)| word(a) && word(b))
            || rest(self.statefulset).is_some_and(number)
            || rest(self.daemonset).is_some_and(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_of_the_workload_that_it_is_named_after() {
        let shop = Workload { namespace: Some("shop"), ..Workload::default() };
        let deployment = Workload { deployment: Some("web"), ..shop };
        let statefulset = Workload { statefulset: Some("db"), ..shop };
        let daemonset = Workload { daemonset: Some("agent"), ..shop };
        for (workload, pod, expected, sentence) in [
            (deployment, "web-5c7d-k8x2p", 4, "a Deployment's pod"),
            (deployment, "web-cart-5c7d-k8x2p", 0, "another whose name begins alike"),
            (deployment, "website-5c7d-k8x2p", 0, "another whose name goes on"),
            (deployment, "web", 0, "a pod that somebody made"),
            (statefulset, "db-0", 4, "a StatefulSet's pod"),
            (statefulset, "db-backup", 0, "no number"),
            (daemonset, "agent-x7x7x", 4, "a DaemonSet's pod"),
            (daemonset, "agent-", 0, "nothing behind its name"),
            (Workload { namespace: Some("pay"), ..deployment }, "web-5c7d-k8x2p", 0, "another namespace"),
            (
                Workload { namespace: None, ..deployment },
                "web-5c7d-k8x2p",
                4,
                "a namespace that is not known",
            ),
        ] {
            let pod = Workload { pod: Some(pod), ..shop };
            assert_eq!((workload.kinship(&pod), pod.kinship(&workload)), (expected, expected), "{sentence}");
        }
    }
}
