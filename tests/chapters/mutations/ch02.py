"""Lines of nnlib that chapter 02 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("autodiff/core.py", "adjoint[i] + vjp(g) if i in adjoint else vjp(g)", "vjp(g)"),
    ("autodiff/core.py", "g = g.sum(axis=tuple(range(g.ndim - len(shape(x)))))",
     "g = g.mean(axis=tuple(range(g.ndim - len(shape(x)))))"),
    ("autodiff/core.py", "return g.sum(axis=tuple(k for k, n", "return g.max(axis=tuple(k for k, n"),
    ("autodiff/rules.py", "defvjp(np.subtract,   lambda g, z, x, y: g,           lambda g, z, x, y: -g)",
     "defvjp(np.subtract,   lambda g, z, x, y: g,           lambda g, z, x, y: g)"),
    ("autodiff/rules.py", "lambda g, z, x, y: g * y,       lambda g, z, x, y: g * x)",
     "lambda g, z, x, y: g * x,       lambda g, z, x, y: g * y)"),
    ("autodiff/rules.py", "lambda g, z, x, y: -g * z / y)", "lambda g, z, x, y: g * z / y)"),
    ("autodiff/rules.py", "g * z * np.log(nonzero(x)))", "g * np.log(nonzero(x)))"),
    ("autodiff/rules.py", "lambda g, z, x: g * (1 - z * z))", "lambda g, z, x: g * (1 - x * x))"),
    ("autodiff/rules.py", "defvjp(np.log,        lambda g, z, x: g / x)",
     "defvjp(np.log,        lambda g, z, x: g / z)"),
    ("autodiff/rules.py", "lambda g, z, x, y: transposed(x) @ g if", "lambda g, z, x, y: 2 * transposed(x) @ g if"),
    ("autodiff/rules.py", "axis=None, *, keepdims=False: spread(g, x, axis))\n",
     "axis=None, *, keepdims=False: spread(g, x, axis) * x)\n"),
]
