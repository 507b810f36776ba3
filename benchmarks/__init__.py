"""Benchmarks: the latency, throughput and resource use of Relève, measured on the real engines of this machine."""
