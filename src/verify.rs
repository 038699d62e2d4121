//! Samples after an action → helped, no effect, unknown. Pure: no I/O, no clock.
