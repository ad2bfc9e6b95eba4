"""What `explain` says: in come a loss and Values, out come paths, lines and sums.

paths      the edges between a Value and the loss; how many paths they make
search     the largest of these paths, and what the rest adds
notation   formulas as plain text and LaTeX: products, sums, what is written shorter
symbols    local derivatives with the names of the nodes
lines      a derivation, line by line: plain data that prints
derivation which nodes get a δ, in which order, and their lines
expansion  the sum over paths written out

And what `mistakes` says:

report     what a mistake came to: plain data that prints, one or all in a table
visits     the nodes as a wrong backward pass comes by them
"""
