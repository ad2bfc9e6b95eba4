"""Evaluation: a recorded graph again, with other numbers; and how exact it was.

evaluate      value and gradient as Fraction, Decimal, mpmath's numbers, intervals, …
symbolic      the same as formulas of SymPy
sensitivity   how much the result depends on each input, and how far rounding may have taken it
foreign       a number of another kind that goes through the rules of the table
constants     which real number a double in a rule means
kinds         a file for each kind
rounding      how exact each operation is
"""
