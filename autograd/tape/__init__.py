"""The tape: a recorded computation made flat, to be run again on other numbers.

In flow the nodes that lie between some variables and some results; out flows a Tape, plain arrays
of operation codes and operand numbers, and what runs it over many rows of numbers at once:

    tape         the arrays, and what can be asked of them
    instruction  one operation of a tape, with its operands
    flatten      nodes as a tape: constants folded, what is equal computed once
    merging      chains of + and × as one sum or one dot product
    listing      a tape as a table to read
    file         a tape as a file, and back
    validity     whether arrays, of a file say, are a tape
    reference    a tape run by NumPy, with the rows of the table themselves
    lanes        the number it runs them on: one place on the tape in every row of a batch
    programs     what runs a tape here: the native engine, or else the reference

and from functions to tapes and back:

    signature    arguments as numbers, and the rest of a call as a key
    recorder     notes what a function decides while it runs, and what a tape cannot repeat
    closure      what a function reads beside its arguments, and whether that was replaced
    recording    one run of a function as a tape, and its replay
    jit          a function that is recorded once and replayed afterwards
    derivative   its gradient at plain numbers, with no node in between
    rowwise      a function of one row, and the recordings that rows have led to
    vmap         it, over many rows at once
    batch        the arguments of such a call, as columns of numbers
    stacking     the results of many rows as one
    training     its mean gradient, and steps of an optimizer
"""
