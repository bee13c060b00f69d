"""The deterministic simulation: the real core on a simulated clock, network and disk."""
