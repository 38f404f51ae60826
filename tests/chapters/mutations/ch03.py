"""Lines of nnlib that chapter 03 relies on, each broken in one way that the chapter must notice: file, right, wrong."""

MUTATIONS = [
    ("optimizers.py", "        theta -= lr * g\n", "        theta += lr * g\n"),
    ("surfaces.py", "(lambda_a * a, lambda_b * b)", "(lambda_a * a, lambda_a * b)"),
    ("surfaces.py", "4 * (a + 1) * (a - 0.2) * (a - 0.8)", "4 * (a + 1) * (a - 0.2)"),
    ("surfaces.py", "(a * _dip(a, b), b * _dip(a, b))", "(-a * _dip(a, b), -b * _dip(a, b))"),
    ("surfaces.py", "(2 * (a - 1) - 400 * a * (b - a * a), 200 * (b - a * a))",
     "(2 * (a - 1) - 400 * a * (b - a * a), 100 * (b - a * a))"),
    ("surfaces.py", "self.gradient(a, b + 1j * h).imag / h], axis=-2", "self.gradient(a, b + 1j * h).real], axis=-2"),
]
