"""Benchmarks: one workload, several engines, one run; a table of medians and ratios flows out.

    engines       who is measured: plain floats, glassgrad (native, Python), micrograd, XAD, PyTorch
    plain         one of them, written here: the Value of tutorials
    chain, random_graph, two_moons, gpt, black_scholes, rosenbrock    what they do: a workload each
    groups        what is measured against what, and what is aimed at
    measure       seconds and bytes, each case in a process of its own
    eager         the command: python -m benchmarks.eager

A workload is a generator that takes an engine and a size. It yields the name of each phase as the
phase begins (what comes before the first is preparation, and not timed) and returns the numbers it
computed, which must be the same on every engine. Benchmarks are not tests: nothing fails here
because it is slow.
"""
