"""Chapter 01: one neuron, its gradient, and two historical rules."""
from __future__ import annotations

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(1)


def _problem(batch, features):
    """A neuron and a batch: w, b, X, y."""
    return (_rng.normal(size=features), float(_rng.normal()), _rng.normal(size=(batch, features)),
            np.tanh(_rng.normal(size=batch)))


# ---------------------------------------------------------------- 1.3 the gradient
def _gradient(w, b, X, y):
    y_hat = np.tanh(X @ w + b)
    delta = 2 / len(y) * (y_hat - y) * (1 - y_hat**2)
    return X.T @ delta, float(delta.sum())


def _gradient_by_samples(w, b, X, y):
    dw, db = np.zeros_like(w), 0.0
    for x_i, y_i in zip(X, y, strict=True):
        y_hat = np.tanh(x_i @ w + b)
        slope = 2 * (y_hat - y_i) * (1 - y_hat**2) / len(y)
        dw += slope * x_i
        db += slope
    return dw, db


def _gradient_by_means(w, b, X, y):
    residual = np.tanh(X @ w + b) - y
    slope = 2 * residual / np.cosh(X @ w + b) ** 2
    return (slope[:, None] * X).mean(axis=0), slope.mean()


def _gradient_with(factor=lambda n: 2 / n, sign=1.0, slope=lambda y_hat, z: 1 - y_hat**2, bias=np.sum):
    """A wrong gradient: one part of the right one replaced."""
    def gradient(w, b, X, y):
        z = X @ w + b
        y_hat = np.tanh(z)
        delta = factor(len(y)) * sign * (y_hat - y) * slope(y_hat, z)
        return X.T @ delta, float(bias(delta))
    return gradient


# ---------------------------------------------------------------- 1.4 the delta rule
def _delta_step(w, x, y, lr):
    return w - lr * (x @ w - y) * x


def _delta_step_entries(w, x, y, lr):
    residual = sum(w[j] * x[j] for j in range(len(w))) - y
    return np.array([w[j] - lr * residual * x[j] for j in range(len(w))])


def _delta_step_towards(w, x, y, lr):
    new = w.copy()
    new += lr * (y - np.dot(w, x)) * x
    return new


def _delta_step_in_place(w, x, y, lr):
    w -= lr * (x @ w - y) * x
    return w


# ---------------------------------------------------------------- 1.5 the perceptron
def _perceptron_step(w, x, t):
    return w + t * x if t * (x @ w) <= 0 else w


def _perceptron_step_where(w, x, t):
    mistaken = np.sign(x @ w) != t
    return w + mistaken * t * x


def _perceptron_step_early(w, x, t):
    if t * np.dot(w, x) > 0:
        return w.copy()
    return w + x if t == 1 else w - x


def _perceptron_in_place(w, x, t):
    if t * (x @ w) <= 0:
        w += t * x
    return w


# ---------------------------------------------------------------- 1.1 the mean squared error
def _mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"mse: y_hat has shape {y_hat.shape}, y has {y.shape}.")
    return float(np.mean((y_hat - y) ** 2))


def _mse_sum_over_size(y_hat, y):
    if y_hat.shape == y.shape:
        return float(((y - y_hat) ** 2).sum() / y.size)
    raise ValueError("shapes differ")


def _mse_dot(y_hat, y):
    if np.shape(y_hat) != np.shape(y):
        raise ValueError("give predictions and targets of one shape")
    residual = np.ravel(y_hat - y)
    return float(residual @ residual / len(residual))


EXERCISES = (
    Exercise(
        "1.1", "An index that matters", minutes=8, difficulty=2, reference=_mse,
        cases=((np.array([0.1, 0.5, -0.2]), np.array([0.0, 1.0, -1.0])), (np.array([2.0]), np.array([-1.0])),
               (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 0.0]])),
               (np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 3.0]))),
        also_right=(_mse_sum_over_size, _mse_dot),
        hints=("Each prediction is compared with its own target: both carry the index i.",
               "Square the differences entry by entry and take the mean. First compare the two shapes.",
               "if y_hat.shape != y.shape: raise ValueError(...), then np.mean((y_hat - y) ** 2)."),
        misconceptions=(
            Wrong(lambda y_hat, y: float(np.mean((y_hat - y) ** 2)),
                  "Right for equal shapes. But (3, 1) against (3,) is broadcast to 3 times 3: every prediction is "
                  "compared with every target, and no error is raised. Refuse shapes that differ with a ValueError."),
            Wrong(lambda y_hat, y: float(np.sum((y_hat - y) ** 2)), "That is the sum. The mean divides by how many "
                                                                    "there are."),
            Wrong(lambda y_hat, y: float(np.mean((y_hat - y[-1]) ** 2)),
                  "You compare every prediction with the last target: that is the loss without the index."),
            Wrong(lambda y_hat, y: float(np.mean(y_hat - y) ** 2), "You squared the mean: errors of opposite sign "
                                                                   "cancel. Square first."),
            Wrong(lambda y_hat, y: float(np.mean(np.abs(y_hat - y))), "That is the mean absolute error: square "
                                                                      "instead of |·|."),
            Wrong(lambda y_hat, y: float(np.sqrt(np.mean((y_hat - y) ** 2))), "You took the root at the end; the mean "
                                                                              "squared error has none."),
        ),
        right="The silent broadcast is among the most common mistakes in this field; nnlib's losses refuse it too.",
    ),
    Exercise(
        "1.2", "One step by hand", minutes=10, difficulty=1, atol=5e-4,
        reference=dict(z=0.5, y_hat=0.4621, delta=-0.8461, dw1=-0.8461, dw2=-1.6922, w1_new=1.0846),
        hints=("Go from left to right: z, then y_hat, then the residual, then delta.",
               "With one sample N = 1, so delta = 2 (y_hat - y)(1 - y_hat²), and the gradient is delta times x.",
               "z = 1 · 1 + 2 · (-0.25) + 0 = 0.5. The new weight is w1 - 0.1 · dw1."),
        misconceptions=(
            Wrong(dict(y_hat=0.5), "0.5 is z. The output is tanh of it."),
            Wrong(dict(delta=-1.0758), "You stopped at 2 (y_hat - y). The slope of tanh, 1 - y_hat², is missing."),
            Wrong(dict(delta=-0.4230), "The factor 2 of the square is missing."),
            Wrong(dict(delta=0.8461), "The sign: the loss differentiates (y_hat - y)², so y_hat comes first."),
            Wrong(dict(dw2=-0.8461), "That is delta. The second weight sees the input x2 = 2: multiply by it."),
            Wrong(dict(dw1=-1.6922, dw2=-0.8461), "The inputs are exchanged: dw1 belongs to x1 = 1."),
            Wrong(dict(w1_new=0.9154), "You went uphill: the gradient points to where the loss grows. Subtract it."),
            Wrong(dict(w1_new=1.8461), "You took the whole gradient. The step is the learning rate 0.1 times it."),
        ),
        right="With the bias moved as well, the loss falls from 0.289 to 0.055.",
    ),
    Exercise(
        "1.3", "The gradient of the neuron", minutes=15, difficulty=2, reference=_gradient, keep="tanh_neuron_gradient",
        cases=(_problem(5, 2), _problem(1, 3), _problem(8, 1), _problem(4, 4)),
        also_right=(_gradient_by_samples, _gradient_by_means), atol=1e-10,
        hints=("Every sample contributes one number delta_i: how much the loss rises when its z rises.",
               "delta = 2/N (y_hat - y)(1 - y_hat²) has shape (N,). The weights see it through X, the bias directly.",
               "dw = X.T @ delta and db = delta.sum()."),
        misconceptions=(
            Wrong(_gradient_with(sign=-1.0), "The sign: the residual is y_hat - y. With yours, descent goes uphill."),
            Wrong(_gradient_with(factor=lambda n: 2.0), "The loss is a mean: the 1/N is missing."),
            Wrong(_gradient_with(factor=lambda n: 1 / n), "The square leaves a factor 2 behind."),
            Wrong(_gradient_with(slope=lambda y_hat, z: np.ones_like(z)),
                  "The chain stops too early: y_hat = tanh(z) has the slope 1 - y_hat²."),
            Wrong(_gradient_with(slope=lambda y_hat, z: 1 - z**2),
                  "The slope of tanh is 1 - y_hat², in terms of the output; you wrote it with z."),
            Wrong(_gradient_with(slope=lambda y_hat, z: 1 - y_hat), "The slope is 1 - y_hat²: the square is missing."),
            Wrong(_gradient_with(slope=lambda y_hat, z: y_hat * (1 - y_hat)),
                  "y_hat (1 - y_hat) is the slope of the sigmoid. This neuron uses tanh: 1 - y_hat²."),
            Wrong(_gradient_with(bias=np.mean), "Your db takes a mean, but delta holds the 1/N already: sum."),
        ),
        right="gradient_check will agree: try it below.",
    ),
    Exercise(
        "1.4", "The delta rule", minutes=8, difficulty=2, reference=_delta_step, keep="delta_step",
        cases=((np.array([0.5, -1.0]), np.array([1.0, 2.0]), 1.5, 0.1),
               (np.array([0.0, 0.0, 0.0]), np.array([1.0, -1.0, 0.5]), -1.0, 0.5),
               (np.array([2.0]), np.array([3.0]), 1.0, 0.01)),
        also_right=(_delta_step_entries, _delta_step_towards),
        hints=("The prediction is a plain weighted sum; there is no tanh here.",
               "Subtract from w the learning rate times the residual times the input.",
               "w - lr * (x @ w - y) * x, as a new array."),
        misconceptions=(
            Wrong(lambda w, x, y, lr: w + lr * (x @ w - y) * x,
                  "You walk uphill: with residual prediction minus target, the step is subtracted."),
            Wrong(lambda w, x, y, lr: w - 2 * lr * (x @ w - y) * x,
                  "You differentiated the whole square. The delta rule descends half of it: the factor 2 is gone, or, "
                  "if you like, sits in the learning rate."),
            Wrong(lambda w, x, y, lr: w - lr * (x @ w - y),
                  "The input is missing: a weight moves in proportion to what came in through it."),
            Wrong(lambda w, x, y, lr: w - lr * (np.tanh(x @ w) - y) * (1 - np.tanh(x @ w) ** 2) * x,
                  "That is a tanh neuron. The delta rule's unit is linear: its prediction is x @ w."),
            Wrong(lambda w, x, y, lr: w - lr * (w - y) * x,
                  "The residual compares the prediction x @ w with the target; you compared the weights with it."),
            Wrong(_delta_step_in_place, "It changes the caller's w in place (-= writes into the same array). "
                                        "Return a new array: w - ..."),
        ),
        right="The residual on that sample shrinks by the factor 1 - lr |x|²: equation (1.7).",
    ),
    Exercise(
        "1.5", "The perceptron, update by update", minutes=12, difficulty=2, reference=_perceptron_step,
        keep="perceptron_step",
        cases=((np.array([1.0, -1.0]), np.array([2.0, 1.0]), 1), (np.array([1.0, -1.0]), np.array([2.0, 1.0]), -1),
               (np.array([0.0, 0.0, 0.0]), np.array([1.0, 2.0, 3.0]), -1),
               (np.array([-1.0, 0.5]), np.array([1.0, 1.0]), 1), (np.array([0.5, 0.5]), np.array([1.0, 1.0]), 1)),
        also_right=(_perceptron_step_where, _perceptron_step_early),
        hints=("When is the sample on the wrong side? One product of three things tells it.",
               "If t (x · w) <= 0 return w + t x, else w unchanged.",
               "w + t * x if t * (x @ w) <= 0 else w"),
        misconceptions=(
            Wrong(lambda w, x, t: w + t * x, "You update on every sample. The rule moves only where the sample is on "
                                             "the wrong side."),
            Wrong(lambda w, x, t: w + t * x if t * (x @ w) < 0 else w,
                  "With w = 0 nothing is ever wrong in your rule, so it never starts: a sample exactly on the boundary "
                  "counts as a mistake (<=)."),
            Wrong(lambda w, x, t: w + x if t * (x @ w) <= 0 else w,
                  "You always add. A sample of the class -1 is subtracted: + t x."),
            Wrong(lambda w, x, t: w - t * x if t * (x @ w) <= 0 else w,
                  "Your update makes the mistake worse: t (x · w) should rise, by |x|²."),
            Wrong(lambda w, x, t: w + t * x if t * (x @ w) > 0 else w,
                  "The condition is turned round: you move on the samples that are right."),
            Wrong(_perceptron_in_place, "It changes the caller's w in place (+= writes into the same array), so the "
                                        "earlier boundaries you wanted to draw are lost. Return a new array."),
        ),
        right="Now draw the boundary after each update, below.",
    ),
    Exercise(
        "1.6", "Break it: XOR", minutes=10, difficulty=2,
        reference=dict(updates_in_first_pass=4, w_after_first_pass=(0.0, 0.0, 0.0), converges=False,
                       smallest_mistakes=1),
        hints=("Run one pass with paper and pencil: four samples, starting from w = 0.",
               "Print w after each of the four updates. Where is it after the pass?",
               "For smallest_mistakes: a line can put three of the four corners on their right side."),
        misconceptions=(
            Wrong(dict(updates_in_first_pass=3), "Follow w through all four samples: at the last one t (x · w) is "
                                                 "negative again."),
            Wrong(dict(converges=True), "After one pass w is where it started, so every later pass repeats it."),
            Wrong(dict(smallest_mistakes=2), "You can do better: a line can cut off one corner alone."),
            Wrong(dict(smallest_mistakes=0), "No line separates the two diagonals: add up the inequalities of one "
                                             "class, and they contradict the sum of the others."),
        ),
        right="The weights run in a circle of length one pass, for ever. Chapter 04 solves XOR with one hidden layer.",
    ),
)

QUIZZES = {
    "01-recall": (
        Question("The central difference at h = 1e-5 has an error of about 1e-10. What does the best h balance? "
                 "(section 0.6)",
                 (Option("truncation and rounding", "One grows with h, the other with 1/h."),
                  Option("speed and memory", "Both cost two evaluations whatever h is."),
                  Option("bias and variance", "Nothing is random here.")), 0),
        Question("X has shape (5, 3) and w has shape (3,). What is the shape of X @ w? (section 0.3)",
                 (Option("(5, 1)", "w has one axis only, so the product has one axis less."),
                  Option("(5,)", "One number for each row."),
                  Option("(3,)", "The 3 is the inner size: it is summed over.")), 1),
        Question("A formula and a difference quotient differ by exactly a factor 2 in every entry. What do you "
                 "suspect? (section 0.8)",
                 (Option("rounding", "Rounding is not so regular."),
                  Option("a random seed", "Then the ratio would not be constant."),
                  Option("a constant in the formula", "A square that left its 2 behind, or a mean that lost it.")), 2),
    ),
    "01-exit": (
        Question("The output of a tanh neuron is 0.999 and the target is -1. How large is its gradient?",
                 (Option("large: the error is large", "The error is, but it is multiplied by 1 - y_hat² = 0.002."),
                  Option("nearly zero", "The slope of tanh is 1 - 0.999² = 0.002: the neuron is saturated."),
                  Option("exactly zero", "tanh never reaches 1, so the slope is small but not zero.")), 1),
        Question("When does the perceptron rule stop?",
                 (Option("always", "On XOR it runs in a circle for ever."),
                  Option("when the classes can be separated by a line through the origin",
                         "Then after at most (R/γ)² updates (a constant input makes room for a bias)."),
                  Option("when the learning rate is small enough", "The rule has no learning rate that matters: it "
                                                                   "only scales w.")), 1),
        Question("The delta rule uses half the squared error. With the whole one, a step at the same rate is",
                 (Option("twice as long", "The derivative of the square keeps its factor 2."),
                  Option("half as long", "The half is what removes the factor 2."),
                  Option("of the same length", "The direction is; the length is not.")), 0),
    ),
}
