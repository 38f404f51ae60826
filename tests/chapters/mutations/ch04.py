"""Lines of nnlib that chapter 04 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("layers.py", "z = self.x @ self.W\n", "z = -self.x @ self.W\n"),
    ("layers.py", "z = self.x @ self.W\n        if self.bias:\n            z += self.b",
     "z = self.x @ self.W\n        if self.bias:\n            z -= self.b"),
    ("activations.py", "self.a = np.maximum(x, 0)\n", "self.a = np.abs(x)\n"),
    ("activations.py", "return dy * (a > 0)\n", "return dy * (a >= 0)\n"),
    ("activations.py", "self.a = np.tanh(", "self.a = np.sin("),
    ("activations.py", "return dy * (1 - a * a)\n", "return dy * (1 - a)\n"),
    ("activations.py", "return dy * a * (1 - a)\n", "return dy * a\n"),
    ("activations.py", "np.where(self.positive, dy, self.alpha * dy)", "np.where(self.positive, dy, 0 * dy)"),
    ("activations.py", "self.s + a * (1 - self.s)", "self.s + self.s * (1 - self.s)"),
    ("numerics.py", "np.where(z.real >= 0, 1, e) / (1 + e)", "1 / (1 + e)"),
    ("numerics.py", "return np.where(z.real >= 0, -z, z)", "return -z"),
]
