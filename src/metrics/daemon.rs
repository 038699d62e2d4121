//! Self-metrics of the process: build, configuration, CPU and memory.
