"""Lines of nnlib that chapter 05 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("losses.py", "return (d @ d).item() / d.size", "return (d @ d).item()"),
    ("losses.py", "return (y_hat - y) * (2 / y.size)", "return (y_hat - y) * (2 / len(y))"),
    ("losses.py", "return ((1 - y) * _reciprocal(1 - p) - y * _reciprocal(p)) / y.size",
     "return (y * _reciprocal(p) - (1 - y) * _reciprocal(1 - p)) / y.size"),
    ("losses.py", "return (p > CLIP) / np.maximum(p, CLIP)", "return 1 / np.maximum(p, CLIP)"),
    ("losses.py", "return (np.maximum(z, 0) - z * y +", "return (np.maximum(z, 0) +"),
    ("losses.py", "return (numerics.sigmoid(z) - y) / y.size", "return (y - numerics.sigmoid(z)) / y.size"),
    ("losses.py", "return -(y * _log(p)).sum().item() / len(p)", "return -(y * _log(p)).mean().item()"),
    ("losses.py", "value = (lse - z[y, rows]).sum().item() / B", "value = (lse - z[y, rows]).sum().item()"),
    ("numerics.py", "lse = c + np.log(", "lse = np.log("),
    ("numerics.py", "return z - logsumexp(z, keepdims=True)", "return z + logsumexp(z, keepdims=True)"),
    ("numerics.py", "return e / e.sum(axis=-1, keepdims=True)", "return e / e.sum()"),
    ("numerics.py", "return np.where(z.real >= 0, z, 0) + np.log1p(", "return np.where(z.real >= 0, z, 0) - np.log1p("),
    ("metrics.py", "return float((predicted == target).mean())", "return float((predicted == target).sum())"),
]
