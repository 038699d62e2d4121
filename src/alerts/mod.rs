//! Webhook bytes → alerts → episodes. Pure: no I/O, no clock.
