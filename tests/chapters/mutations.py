"""Lines of nnlib that a chapter derives, each broken in one way that the chapter must notice."""

MUTATIONS = [
    ("00_orientation", "layers.py", "z = self.x @ self.W\n", "z = -self.x @ self.W\n"),
    ("00_orientation", "layers.py", "z += self.b\n", "pass\n"),
    ("00_orientation", "gradcheck.py", "/ (2 * step)", "/ step"),
    ("00_orientation", "gradcheck.py", "f(_moved(x, index, step)) - f(_moved(x, index, -step))",
     "f(_moved(x, index, step)) - f(_moved(x, index, 0))"),
    ("00_orientation", "gradcheck.py", "1j * h)) / h", "1j * h)) / (2 * h)"),
    ("01_one_neuron", "neuron.py", "return np.tanh(X @ self.w + self.b)", "return np.tanh(X @ self.w)"),
    ("01_one_neuron", "neuron.py", "* (1 - y_hat * y_hat)\n", "* (1 - y_hat)\n"),
    ("01_one_neuron", "neuron.py", "delta = 2 / len(y_hat)", "delta = 2"),
    ("01_one_neuron", "neuron.py", "delta.sum().item()", "delta.mean().item()"),
    ("01_one_neuron", "neuron.py", "self.w - self.lr * (x @", "self.w + self.lr * (x @"),
    ("01_one_neuron", "neuron.py", "self.w = self.w + t * x", "self.w = self.w + x"),
    ("01_one_neuron", "losses.py", "return (d @ d).item() / d.size", "return (d @ d).item()"),
]
