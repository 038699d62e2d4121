//! Loop 2: deliveries, reports and timers → decide → act → verify → journal. The other place that waits.
