"""Lines of nnlib that chapter 01 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("neuron.py", "return np.tanh(X @ self.w + self.b)", "return np.tanh(X @ self.w)"),
    ("neuron.py", "* (1 - y_hat * y_hat)\n", "* (1 - y_hat)\n"),
    ("neuron.py", "delta = 2 / len(y_hat)", "delta = 2"),
    ("neuron.py", "delta.sum().item()", "delta.mean().item()"),
    ("neuron.py", "self.w - self.lr * (x @", "self.w + self.lr * (x @"),
    ("neuron.py", "self.w = self.w + t * x", "self.w = self.w + x"),
    ("losses.py", "return (d @ d).item() / d.size", "return (d @ d).item()"),
]
