"""Check: are the derivatives right? Numerical truth, from values alone, beside what the rules say.

check_grads         the public function: order by order, mode by mode
numeric             a function as one of numbers only
complex_step        a number with an imaginary part so small that its square is 0
complex_functions   the rows of the table on such numbers
differences         adaptive central differences, where the complex step cannot go
slope               what they find: a number, or two at a kink, and how sure it is
agreement           whether a rule and a slope agree
suspects            the operation whose rule does not
mismatch            the error that says all this
"""
