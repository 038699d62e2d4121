//! In which container this daemon runs itself: nothing is ever done to that one.

use std::collections::BTreeSet;

/// Where engines put what they make for a container itself, and mount into it.
const MADE_BY_ENGINE: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];
/// Digits of a container's id.
const ID: usize = 64;

/// The ids of the container that this process is in; none outside of one.
pub(super) async fn containers() -> std::io::Result<BTreeSet<String>> {
    Ok(containers_of(&tokio::fs::read_to_string("/proc/self/mountinfo").await?))
}

/// The ids in a process's list of mounts (`/proc/PID/mountinfo`): a container's own files come from a folder
/// of the engine with its id. On a host such a folder is no file's origin.
pub fn containers_of(mountinfo: &str) -> BTreeSet<String> {
    let origins = mountinfo.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(3);
        let (origin, place) = (fields.next()?, fields.next()?);
        MADE_BY_ENGINE.contains(&place).then_some(origin)
    });
    let is_id = |part: &&str| part.len() == ID && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    origins.flat_map(|origin| origin.split('/')).filter(is_id).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_containers_files_come_from_the_folder_with_its_id() {
        let id = "93a99d66d9e118cf0fe7e36dcdec80da0b8da6f7da8bf4ba7a3afcbdd84643cb";
        for (claim, line, expected) in [
            (
                "docker",
                format!(
                    "1 2 254:0 /var/lib/docker/containers/{id}/hostname /etc/hostname rw - ext4 /dev/vda rw"
                ),
                Some(id),
            ),
            (
                "podman",
                format!(
                    "1 2 0:2 /containers/storage/overlay-containers/{id}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw"
                ),
                Some(id),
            ),
            (
                "a container of the host we are on",
                format!("1 2 0:9 / /var/lib/docker/containers/{id}/mounts/shm rw - tmpfs shm rw"),
                None,
            ),
            ("a host", "1 2 254:0 / / rw - ext4 /dev/vda rw".to_owned(), None),
            ("no list of mounts", "nonsense".to_owned(), None),
        ] {
            let found: Vec<_> = containers_of(&line).into_iter().collect();
            assert_eq!(found.first().map(String::as_str), expected, "{claim}");
        }
    }
}
