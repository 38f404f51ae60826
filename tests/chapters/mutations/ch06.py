"""Lines of nnlib that chapter 06 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("numerics.py", "    return e / e.sum(axis=-1, keepdims=True)\n", "    return e / e.max(axis=-1, keepdims=True)\n"),
    ("activations.py", "(np.eye(s.shape[1], dtype=s.dtype) - s[:, None, :])",
     "(np.eye(s.shape[1], dtype=s.dtype) + s[:, None, :])"),
    ("activations.py", "return s * (g - (g * s).sum(axis=1, keepdims=True))",
     "return s * g - (g * s).sum(axis=1, keepdims=True)"),
    ("activations.py", "return dy * a * (1 - a)\n", "return dy * (1 - a)\n"),
    ("losses.py", "return -y * _reciprocal(p) / len(p)", "return y * _reciprocal(p) / len(p)"),
    ("losses.py", "    p *= y.sum(axis=0)\n", "    pass\n"),
    ("losses.py", "    p -= y\n    p /= B", "    p -= y"),
    ("losses.py", "    p -= Y.astype(p.dtype)", "    pass"),
]
