"""Benchmarks: one workload, several engines, one run; a table of medians and ratios flows out.

    engines       who is measured: plain floats, glassgrad (native, Python), micrograd, XAD,
                  PyTorch, HIPS autograd, JAX, CasADi, NumPy, scikit-learn
    plain         one of them, written here: the Value of tutorials
    chain, random_graph, two_moons, gpt, black_scholes, rosenbrock, logistic, flight
                  what they do: a workload each
    problem       a function in the spellings that its users have, to differentiate in several ways
    gradients, hessians    the ways: workloads of any problem
    training      the phases of training: the first step, a step by a call, many in a loop
    moons_training, gpt_training, digits    what is trained
    greeks, recorded, new_graph    what is recorded once and run again; what the first time costs
    scaling       from 10 to a million instructions, from 1 to 100,000 rows, on one and two threads
    group         what is measured against what, what is aimed at, in which columns
    measure       seconds and bytes, each case in a process of its own
    table, report the lines, and the command that prints them
    eager         python -m benchmarks.eager: recording and differentiating
    transforms    python -m benchmarks.transforms: gradients and Hessians of functions
    replay        python -m benchmarks.replay: what is recorded once and replayed
    drawing       python -m benchmarks.drawing: how soon a picture is there, and how large it is

A workload is a generator that takes an engine and a size. It yields the name of each phase as the
phase begins (what comes before the first, or after the name "", is preparation, and not timed) and
returns the numbers it computed, which must be the same on every engine. Benchmarks are not tests:
nothing fails here because it is slow.
"""
