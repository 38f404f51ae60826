"""Lines of nnlib that chapter 00 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("layers.py", "z = self.x @ self.W\n", "z = -self.x @ self.W\n"),
    ("layers.py", "z = self.x @ self.W\n        if self.bias:\n            z += self.b",
     "z = self.x @ self.W"),
    ("gradcheck.py", "/ (2 * step)", "/ step"),
    ("gradcheck.py", "f(_moved(x, index, step)) - f(_moved(x, index, -step))",
     "f(_moved(x, index, step)) - f(_moved(x, index, 0))"),
    ("gradcheck.py", "1j * h)) / h", "1j * h)) / (2 * h)"),
]
