"""Lines of nnlib that chapter 07 derives, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("layers.py", "np.matmul(x.T, dz, out=self.dW)\n", "np.matmul(-x.T, dz, out=self.dW)\n"),
    ("layers.py", "np.matmul(_ones(len(dz), dz.dtype), dz, out=self.db)", "self.db[...] = dz.mean(axis=0)"),
    ("layers.py", "return self.gradients(dy) @ self.W.T\n", "return self.gradients(dy) @ abs(self.W.T)\n"),
    ("activations.py", "return dy * a * (1 - a)\n", "return dy * (1 - a)\n"),
    ("activations.py", "return dy * (1 - a * a)\n", "return dy * (1 - a)\n"),
    ("graph.py", "da[k] += direct\n", "da[k] += 0 if k == 'u' else direct\n"),
    ("graph.py", "da[l] += da_l\n", "da[l] = da_l\n"),
    ("graph.py", "self.delta[k] = delta[:, 0]\n", "self.delta[k] = da[k]\n"),
    ("optimizers.py", "        theta -= lr * g\n", "        theta += lr * g\n"),
]
