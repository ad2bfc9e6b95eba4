"""Transforms: derivatives of ordinary Python functions, as functions, under JAX's names.

In flow a function and its arguments; out flow derivatives with the structure of the arguments:

    structure    numbers in lists, dicts and arrays, taken apart and put together again
    recorded     one run of a function on fresh Values, to be swept backward or forward
    gradient     grad, value_and_grad, vjp, jvp
    jacobian     jacobian, hessian, hvp
    dependence   which result depends on which argument: the pattern of a Jacobian
    colouring    which of its rows or columns can be found together
    sparse       sparsity, and Jacobians and Hessians as SciPy's sparse matrices
    checkpoint   one node in place of all that a function computes; stop_gradient
    misuse       errors for what cannot be differentiated
"""
