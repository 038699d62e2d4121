//! Hosts, through the node exporter.

use super::Row;
use crate::model::Direction::{Above, Both};

/// File systems that hold no data of their own.
macro_rules! real_filesystems {
    () => {
        r#"fstype!~"autofs|cgroup2?|devpts|devtmpfs|fuse.*|iso9660|nsfs|overlay|proc|ramfs|rootfs|squashfs|sysfs|tmpfs|tracefs""#
    };
}

/// Devices that carry traffic between hosts.
macro_rules! real_interfaces {
    () => {
        r#"device!~"lo|veth.*|docker.*|br-.*|cali.*|cni.*|flannel.*|virbr.*|lxc.*""#
    };
}

pub(super) const NODE: &[Row] = &[
    Row(
        "node_cpu_busy",
        r#"1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[5m]))"#,
        &["node_cpu_seconds_total"],
        Above,
        0.05,
    ),
    Row(
        "node_load_per_cpu",
        r#"node_load5 / count without (cpu, mode) (node_cpu_seconds_total{mode="idle"})"#,
        &["node_load5", "node_cpu_seconds_total"],
        Above,
        0.5,
    ),
    Row(
        "node_memory_used",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        &["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"],
        Above,
        0.05,
    ),
    Row(
        "node_disk_used",
        concat!(
            "1 - node_filesystem_avail_bytes{",
            real_filesystems!(),
            "} / (node_filesystem_size_bytes{",
            real_filesystems!(),
            "} > 0)"
        ),
        &["node_filesystem_avail_bytes", "node_filesystem_size_bytes"],
        Above,
        0.05,
    ),
    Row(
        "node_inodes_used",
        concat!(
            "1 - node_filesystem_files_free{",
            real_filesystems!(),
            "} / (node_filesystem_files{",
            real_filesystems!(),
            "} > 0)"
        ),
        &["node_filesystem_files_free", "node_filesystem_files"],
        Above,
        0.05,
    ),
    Row(
        "node_disk_busy",
        r#"rate(node_disk_io_time_seconds_total{device!~"loop.*|ram.*|sr.*|fd.*|zram.*"}[5m])"#,
        &["node_disk_io_time_seconds_total"],
        Above,
        0.1,
    ),
    Row(
        "node_network_receive_bytes",
        concat!(
            "sum without (device) (rate(node_network_receive_bytes_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_receive_bytes_total"],
        Both,
        100_000.0,
    ),
    Row(
        "node_network_transmit_bytes",
        concat!(
            "sum without (device) (rate(node_network_transmit_bytes_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_transmit_bytes_total"],
        Both,
        100_000.0,
    ),
    Row(
        "node_network_errors",
        concat!(
            "sum without (device) (rate(node_network_receive_errs_total{",
            real_interfaces!(),
            "}[5m]) + rate(node_network_transmit_errs_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_receive_errs_total", "node_network_transmit_errs_total"],
        Above,
        1.0,
    ),
];
