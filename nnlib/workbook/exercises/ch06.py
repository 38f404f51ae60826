"""Chapter 06: the softmax Jacobian, its contraction with a gradient, and softmax with cross-entropy."""
from __future__ import annotations

from functools import partial

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(6)


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _row_sum(a):
    return a.sum(axis=1, keepdims=True)


def _probabilities(*logits):
    return _softmax(np.array([logits]))[0]


# ---------------------------------------------------------------- 6.2 the Jacobian of one sample
def _jacobian(s):
    return np.diag(s) - np.outer(s, s)


def _jacobian_by_entries(s):
    K = len(s)
    J = np.zeros((K, K))
    for j in range(K):
        for m in range(K):
            J[j, m] = s[j] * ((j == m) - s[m])
    return J


def _jacobian_by_rows(s):
    return s[:, None] * (np.eye(len(s)) - s)


# ---------------------------------------------------------------- 6.4 the softmax layer
class _Softmax:
    def forward(self, x, *, training=False):
        self.s = _softmax(x)
        return self.s

    def backward(self, dy):
        return self.s * (dy - _row_sum(dy * self.s))


class _SoftmaxByTables(_Softmax):
    def backward(self, dy):
        return np.array([g @ _jacobian(s) for s, g in zip(self.s, dy, strict=True)])


class _SoftmaxByLogarithms:
    def forward(self, x, *, training=False):
        z = x - x.max(axis=-1)[:, None]
        self.s = np.exp(z - np.log(np.exp(z).sum(axis=-1))[:, None])
        return self.s

    def backward(self, dy):
        mean = np.einsum("bk,bk->b", self.s, dy)
        return self.s * dy - mean[:, None] * self.s


class _Layer:
    """A softmax layer of which one part is replaced."""

    def __init__(self, there=_softmax, back=lambda s, g: s * (g - _row_sum(g * s))):
        self.there, self.back = there, back

    def forward(self, x, *, training=False):
        self.s = self.there(x)
        return self.s

    def backward(self, dy):
        return self.back(self.s, dy)


def _there_and_back(answer, z, g):
    """What the layer gives for z; with a gradient g at its output, what it sends back."""
    layer = answer()
    if layer is None:  # a function without `return` is told so by the check
        return None
    s = layer.forward(z)
    return s if g is None else layer.backward(g)


# ---------------------------------------------------------------- 6.7 softmax with cross-entropy
def _targets(y_hat, y):
    return np.eye(y_hat.shape[1], dtype=y_hat.dtype)[y] if np.ndim(y) == 1 else y


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(_row_sum(np.exp(z)))


class _SoftmaxCrossEntropy:
    def probabilities(self, y_hat):
        return _softmax(y_hat)

    def value(self, y_hat, y):
        return float(-(_targets(y_hat, y) * _log_softmax(y_hat)).sum() / len(y_hat))

    def grad(self, y_hat, y):
        y = _targets(y_hat, y)
        return (_softmax(y_hat) * _row_sum(y) - y) / len(y_hat)


class _LossBySamples:
    def probabilities(self, y_hat):
        return np.array([np.exp(z - z.max()) / np.exp(z - z.max()).sum() for z in y_hat])

    def value(self, y_hat, y):
        total = 0.0
        for z, weights in zip(y_hat, _targets(y_hat, y), strict=True):
            lse = z.max() + np.log(np.exp(z - z.max()).sum())
            total += weights.sum() * lse - weights @ z
        return total / len(y_hat)

    def grad(self, y_hat, y):
        pairs = zip(self.probabilities(y_hat), _targets(y_hat, y), strict=True)
        return np.array([s * weights.sum() - weights for s, weights in pairs]) / len(y_hat)


class _LossByLogarithms:
    def probabilities(self, y_hat):
        return np.exp(_log_softmax(y_hat))

    def value(self, y_hat, y):
        losses = [-(weights @ logs) for weights, logs in zip(_targets(y_hat, y), _log_softmax(y_hat), strict=True)]
        return np.mean(losses)

    def grad(self, y_hat, y):
        y = _targets(y_hat, y)
        return (np.exp(_log_softmax(y_hat)) * y.sum(axis=1)[:, None] - y) / y.shape[0]


class _Loss:
    """A loss of which one part is replaced."""

    def __init__(self, probabilities=_softmax, logs=_log_softmax, count=len, sign=-1.0,
                 delta=lambda s, y: s * _row_sum(y) - y):
        self.probabilities, self.logs, self.count, self.sign, self.delta = probabilities, logs, count, sign, delta

    def value(self, y_hat, y):
        return float(self.sign * (_targets(y_hat, y) * self.logs(y_hat)).sum() / self.count(y_hat))

    def grad(self, y_hat, y):
        return self.delta(self.probabilities(y_hat), _targets(y_hat, y)) / self.count(y_hat)


def _naive_softmax(z):
    return np.exp(z) / _row_sum(np.exp(z))


def _ask(answer, question, *arguments):
    """The loss's method of that name, called with the arguments."""
    loss = answer()
    return None if loss is None else getattr(loss, question)(*arguments)  # None: a function without `return`


# ---------------------------------------------------------------- 6.8 log-softmax
def _log_softmax_backward(z, g):
    return g - _softmax(z) * _row_sum(g)


def _log_softmax_backward_by_tables(z, g):
    return np.array([g_i @ (np.eye(len(s)) - s) for s, g_i in zip(_softmax(z), g, strict=True)])


def _log_softmax_backward_by_logits(z, g):
    dz = g.copy()
    for i in range(len(z)):
        e = np.exp(z[i] - z[i].max())
        dz[i] -= e / e.sum() * g[i].sum()
    return dz


_Z, _G = _rng.normal(size=(4, 5)), _rng.normal(size=(4, 5))
_LARGE = np.array([[1000.0, 999.0, 0.0], [-1000.0, 0.0, 1.0]])
_LABELS = np.array([2, 0, 1, 2])
_SOFT = np.array([[0.2, 0.5, 0.3], [0.0, 1.0, 0.0], [0.6, 0.0, 0.4], [0.1, 0.1, 0.8]])
_UNEVEN = np.array([[0.5, 0.2, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.2, 0.3, 0.1]])
_LOGITS = _rng.normal(size=(4, 3))

EXERCISES = (
    Exercise(
        "6.1", "Two classes by hand", minutes=8, difficulty=1, atol=5e-4,
        reference=dict(s1=0.25, J11=0.1875, J12=-0.1875, J22=0.1875, steepest=0.25, third=-1 / 9),
        hints=("The exponentials are 1 and 3. What is their sum?",
               "With s1 and s2 at hand, use (6.3) on the diagonal and (6.4) beside it.",
               "steepest: s (1 - s) is a parabola in s. third: with three equal logits every probability is 1/3."),
        misconceptions=(
            Wrong(dict(s1=0.75), "That is s2: the second logit is the larger one."),
            Wrong(dict(s1=1 / 3), "You compared the exponentials with each other: 1 to 3. A probability compares one "
                                  "of them with the sum of both."),
            Wrong(dict(J11=0.25), "That is s1 itself. The slope is s1 (1 - s1): Σ grows too when its logit rises."),
            Wrong(dict(J11=-0.0625), "That is -s1²: the 1 has slipped out of the bracket. It must be s1 (1 - s1)."),
            Wrong(dict(J12=0.1875), "The sign: what the second class gains, the first one loses."),
            Wrong(dict(J12=0.0), "Softmax is not elementwise: z2 stands in the denominator of s1."),
            Wrong(dict(J22=-0.1875), "The diagonal is positive: a probability rises with its own logit."),
            Wrong(dict(J22=0.75), "That is s2. The slope is s2 (1 - s2)."),
            Wrong(dict(steepest=1.0), "At s = 1 the slope is 0. Where is s (1 - s) largest?"),
            Wrong(dict(steepest=0.5), "At s = 1/2 the slope is largest, but what is it there?"),
            Wrong(dict(third=2 / 9), "That is the diagonal, 1/3 times 2/3. Beside it stands -1/3 times 1/3."),
            Wrong(dict(third=1 / 9), "The sign: entries beside the diagonal are negative."),
        ),
        right="For two classes all four entries have one size: whatever one gains, the other one loses.",
    ),
    Exercise(
        "6.2", "The table of one sample", minutes=8, difficulty=1, reference=_jacobian, keep="softmax_jacobian",
        cases=((np.array([0.25, 0.75]),), (np.array([0.2, 0.5, 0.3]),), (np.full(4, 0.25),),
               (_probabilities(0.3, -0.4, 1.1, 2.0, 0.0),)),
        also_right=(_jacobian_by_entries, _jacobian_by_rows),
        hints=("Equation (6.6) has two matrices: one with s on its diagonal, and one with all products of two entries.",
               "np.diag makes the first. The second is a column times a row; np.outer(a, b) has the entries a_j b_m.",
               "np.diag(s) - np.outer(s, s)"),
        misconceptions=(
            Wrong(lambda s: np.diag(s * (1 - s)), "Only the diagonal is filled. Beside it stands -s_j s_m: every logit "
                                                  "moves every probability."),
            Wrong(lambda s: np.diag(s) + np.outer(s, s), "The sign: then each row adds up to 2 s_j instead of 0."),
            Wrong(lambda s: np.outer(s, s) - np.diag(s), "All signs are turned round: a probability would fall when "
                                                         "its own logit rises."),
            Wrong(lambda s: np.diag(s) - s * s, "s * s multiplies entry by entry and is then subtracted from every "
                                                "row. You need all products s_j s_m: a column times a row."),
            Wrong(lambda s: np.diag(s) - s @ s, "s @ s is one number, the sum of squares. You need the table of all "
                                                "products s_j s_m: a column times a row."),
            Wrong(lambda s: np.outer(s, 1 - s), "s_j (1 - s_m) in every entry: that is right on the diagonal only. "
                                                "Beside it the 1 is a 0."),
            Wrong(lambda s: -np.outer(s, s), "The Kronecker delta is missing: the diagonal needs s_j on top."),
        ),
        right="Add up its rows: each gives 0, up to rounding.",
    ),
    Exercise(
        "6.4", "The softmax layer", minutes=15, difficulty=2, reference=_Softmax, keep="Softmax",
        cases=((np.array([[0.0, 1.0, -1.0], [2.0, 2.0, 2.0]]), None), (_LARGE, None), (_Z, _G),
               (np.array([[0.3, -0.4, 1.1]]), np.array([[1.0, 0.0, -2.0]])), (_LARGE, np.ones((2, 3)))),
        use=_there_and_back, also_right=(_SoftmaxByTables, _SoftmaxByLogarithms),
        hints=("forward: subtract the largest logit of each row before np.exp. Which number per sample do all K "
               "entries of the gradient share?",
               "forward keeps s for the way back. backward: one average of dy per row, weighted with s and kept as a "
               "column so that it broadcasts; then a difference and a product.",
               "mean = (dy * self.s).sum(axis=1, keepdims=True), and the gradient is self.s * (dy - mean)."),
        misconceptions=(
            Wrong(partial(_Layer, there=_naive_softmax),
                  "Logits of 1000 overflow in np.exp. Subtract the largest logit of each row first: softmax does not "
                  "notice (chapter 05)."),
            Wrong(partial(_Layer, there=lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()),
                  "Your probabilities add up to 1 over the whole batch. Each row must do so by itself: axis=1."),
            Wrong(partial(_Layer, there=lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0)),
                  "You normalised the columns. Classes lie along the rows: axis=1."),
            Wrong(partial(_Layer, back=lambda s, g: s * (1 - s) * g),
                  "You used only the diagonal of J. When z_m rises, the other probabilities fall; the -s_j s_m of "
                  "(6.4) is missing."),
            Wrong(partial(_Layer, back=lambda s, g: s * (g - (g * s).sum())),
                  "Your average runs over the whole batch. Each sample has its own: sum along axis 1."),
            Wrong(partial(_Layer, back=lambda s, g: s * (g - g.mean(axis=1, keepdims=True))),
                  "You subtracted the plain average of dy. In (6.10) each slope counts with its probability."),
            Wrong(partial(_Layer, back=lambda s, g: s * g - _row_sum(g * s)),
                  "The average must be multiplied by s_m as well: s stands in front of the whole bracket."),
            Wrong(partial(_Layer, back=lambda s, g: s - g),
                  "That is the result for softmax with cross-entropy and one-hot targets, section 6.6. Here dy is any "
                  "slope at the probabilities."),
            Wrong(partial(_Layer, back=lambda s, g: s * g),
                  "Each slope must first lose the common average: s (dy - mean). Yours is the first half."),
        ),
        right="Two lines instead of a table of K times K.",
    ),
    Exercise(
        "6.5", "A target that adds up to 0.7", minutes=8, difficulty=2, atol=5e-4,
        reference=dict(g1=-0.325, g2=0.325, sum_of_gradient=0.0, sum_of_difference=0.3, best_s1=5 / 7),
        hints=("Which of the equations of section 6.6 holds for every target, and which one needs a sum of 1?",
               "Use (6.12) with the probabilities 1/4 and 3/4. For sum_of_difference add up s1 - y1 and s2 - y2.",
               "best_s1: set (6.12) to zero and solve for s1."),
        misconceptions=(
            Wrong(dict(g1=-0.25), "That is s1 - y1. It needs targets that add up to 1; here (6.12) holds."),
            Wrong(dict(g2=0.55), "That is s2 - y2. It needs targets that add up to 1; here (6.12) holds."),
            Wrong(dict(g1=0.325), "The sign: the first class is given 1/4 and should have more, so its slope is "
                                  "negative."),
            Wrong(dict(sum_of_gradient=0.3), "That is the sum of s - y. Add up the entries of the true gradient."),
            Wrong(dict(sum_of_difference=0.0), "The probabilities add up to 1 and the targets to 0.7."),
            Wrong(dict(sum_of_difference=-0.3), "The sign: 1 for the probabilities, minus 0.7 for the targets."),
            Wrong(dict(best_s1=0.5), "A probability of 0.5 leaves 0.5 for the other one, which should have 0.2. Set "
                                     "(6.12) to zero."),
        ),
        right="A shift of all logits leaves the loss as it is, so the entries of its gradient must add up to 0. Those "
              "of s - y do not: it cannot be the gradient of this loss.",
    ),
    Exercise(
        "6.6", "Break it: two printed lines", minutes=12, difficulty=2,
        reference=dict(a_symmetric=True, a_rows_add_to_zero=False, a_diagonal_positive=False, b_true_class=True,
                       b_adds_to_zero=False, b_lowers_the_loss=True, b_judge_agrees=False),
        hints=("Build the matrix A and the vector b in a cell of your own, and look at their numbers.",
               "A is (6.6) with another diagonal: which of its properties knows about the diagonal? For b compare "
               "entry by entry with y_hat - y.",
               "For b_lowers_the_loss compute the loss at z and at z - 0.1 * b."),
        misconceptions=(
            Wrong(dict(a_symmetric=False), "Compare A with A.T: only the diagonal was changed, and a diagonal is its "
                                           "own mirror image."),
            Wrong(dict(a_rows_add_to_zero=True), "Add up a row: -s_j² from the diagonal and -s_j s_m beside it. All of "
                                                 "them are negative."),
            Wrong(dict(a_diagonal_positive=True), "The diagonal is -s_j², a negative number."),
            Wrong(dict(b_true_class=False), "In the entry of the true class the part with the lost hats is zero, since "
                                            "the other targets are: what is left is right."),
            Wrong(dict(b_adds_to_zero=True), "Two of the three entries of b are zero, and the third is not."),
            Wrong(dict(b_lowers_the_loss=False), "Try it: the logit of the true class is raised, which is the right "
                                                 "direction, though not the best one."),
            Wrong(dict(b_judge_agrees=True), "Two entries of b are zero where the measured ones are 0.27 and 0.60."),
        ),
        right="Symmetry, one right entry, even a falling loss: none of them proves a gradient right. The judge of "
              "chapter 00 finds both lines out, and so does the sum over the classes.",
    ),
    Exercise(
        "6.7", "Softmax and cross-entropy in one", minutes=20, difficulty=3, reference=_SoftmaxCrossEntropy,
        keep="SoftmaxCrossEntropy",
        cases=(("probabilities", _LOGITS), ("probabilities", _LARGE), ("value", _LOGITS, _LABELS),
               ("value", _LOGITS, _SOFT), ("value", _LARGE, np.array([2, 0])), ("value", _LOGITS, _UNEVEN),
               ("grad", _LOGITS, _LABELS), ("grad", _LOGITS, _SOFT), ("grad", _LARGE, np.array([2, 0])),
               ("grad", _LOGITS, _UNEVEN)),
        use=_ask, also_right=(_LossBySamples, _LossByLogarithms),
        hints=("Nothing here needs a Jacobian, and nothing needs the logarithm of a probability.",
               "value: log s = z - LSE(z) with the largest logit subtracted first; weigh with the targets, add up, "
               "divide by the batch. grad: (6.12) for each row, divided by the batch.",
               "grad: (s * y.sum(axis=1, keepdims=True) - y) / len(y), with y = self.targets(y_hat, y)."),
        misconceptions=(
            Wrong(partial(_Loss, count=lambda z: 1),
                  "The loss is a mean over the batch: divide by N, in value and in grad."),
            Wrong(partial(_Loss, delta=lambda s, y: len(y) * (s * _row_sum(y) - y)),
                  "The value is right. The gradient of a mean carries the 1/N as well."),
            Wrong(partial(_Loss, count=np.size),
                  "You divide by all entries, N times K. It is a mean over samples: divide by N."),
            Wrong(partial(_Loss, probabilities=_naive_softmax),
                  "Logits of 1000 overflow in np.exp. Subtract the largest logit of each row first."),
            Wrong(partial(_Loss, logs=lambda z: np.log(_softmax(z))),
                  "A probability can be 0 in the computer, and its logarithm is minus infinity. Use "
                  "log s = z - LSE(z)."),
            Wrong(partial(_Loss, logs=lambda z: np.log(_softmax(z)), delta=lambda s, y: s - y),
                  "Two things. The logarithm of a probability that is 0 in the computer is minus infinity: use log s = "
                  "z - LSE(z). And s - y needs rows that add up to 1; for any row take (6.12)."),
            Wrong(partial(_Loss, probabilities=_naive_softmax, logs=lambda z: np.log(_naive_softmax(z))),
                  "Logits of 1000 overflow in np.exp, in all three methods. Subtract the largest logit of each row."),
            Wrong(partial(_Loss, logs=_softmax),
                  "The logarithm is missing in value: you weigh the probabilities themselves."),
            Wrong(partial(_Loss, sign=1.0),
                  "The sign of the value: the logarithm of a probability is negative, so the loss has a minus in "
                  "front."),
            Wrong(partial(_Loss, delta=lambda s, y: y - s),
                  "The sign of the gradient: s - y. Descent with yours goes uphill."),
            Wrong(partial(_Loss, delta=lambda s, y: s - y),
                  "Right where a row of targets adds up to 1. For other rows (6.12) says s times their sum, minus y."),
            Wrong(partial(_Loss, delta=lambda s, y: -y / s),
                  "That is the gradient at the probabilities, (6.11). Here logits come in: take it on through "
                  "softmax."),
            Wrong(partial(_Loss, delta=lambda s, y: s * (1 - s) * (s - y)),
                  "The factor s (1 - s) belongs to a sigmoid with the squared error. With cross-entropy it cancels."),
        ),
        right="It is the loss that chapter 00 trained the digits with.",
    ),
    Exercise(
        "6.8", "A table that is not symmetric", minutes=12, difficulty=3, reference=_log_softmax_backward,
        cases=((np.array([[0.3, -0.4, 1.1]]), np.array([[1.0, 0.0, -2.0]])), (_Z, _G),
               (_LARGE, np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]])), (_LOGITS, -_SOFT)),
        also_right=(_log_softmax_backward_by_tables, _log_softmax_backward_by_logits),
        hints=("First the table: how does log s_j = z_j - LSE(z) react to z_m? Two slopes, one of them a Kronecker "
               "delta.",
               "∂ log s_j / ∂z_m = δ_jm - s_m. Multiply by g_j and add up over j, the first index.",
               "g - softmax(z) * g.sum(axis=1, keepdims=True), with a softmax that subtracts the largest logit."),
        misconceptions=(
            Wrong(lambda z, g: g - _row_sum(g * _softmax(z)),
                  "You summed over the wrong index: that is the table times g, not g times the table. This one is not "
                  "symmetric."),
            Wrong(lambda z, g: _softmax(z) * (g - _row_sum(g * _softmax(z))),
                  "That is the way back through softmax, (6.10). The logarithm changes the table."),
            Wrong(lambda z, g: g - _softmax(z), "The slopes g need not add up to 1: s is multiplied by their sum."),
            Wrong(lambda z, g: g + _softmax(z) * _row_sum(g), "The sign: LSE is subtracted from z_j."),
            Wrong(lambda z, g: g - _softmax(z) * g.sum(),
                  "Your sum runs over the whole batch. Each sample has its own: axis=1."),
            Wrong(lambda z, g: g - _softmax(z) * g.mean(axis=1, keepdims=True),
                  "A sum over the classes is wanted, not their mean."),
            Wrong(lambda z, g: g - _naive_softmax(z) * _row_sum(g),
                  "Logits of 1000 overflow in np.exp. Subtract the largest logit of each row first."),
        ),
        right="With g = -y it gives (6.12) at once: a fourth road.",
    ),
)

QUIZZES = {
    "06-recall": (
        Question("All logits of a sample are raised by 5. What happens to its softmax? (chapter 05)",
                 (Option("nothing", "The factor e⁵ stands above and below the fraction, and cancels."),
                  Option("every probability grows", "They add up to 1 before and after, so they cannot all grow."),
                  Option("it becomes more certain", "Certainty comes from differences between the logits, and those "
                                                    "stay.")), 0),
        Question("A number x reaches the loss on three paths. Its slope is, by the chain rule, (chapter 02)",
                 (Option("the product of the three paths", "Slopes are multiplied along one path."),
                  Option("that of the shortest path", "Every path carries a part of the reaction."),
                  Option("the sum over the three paths", "Along a path slopes are multiplied, and paths add.")), 2),
        Question("A tanh neuron says 0.999 where the target is -1, and the loss is the squared error. Its gradient is "
                 "(chapter 01)",
                 (Option("large", "The error is large, but it is multiplied by the slope of tanh."),
                  Option("nearly zero", "The slope 1 - 0.999² = 0.002 multiplies the error: it is saturated."),
                  Option("negative infinity", "All factors are finite.")), 1),
    ),
    "06-exit": (
        Question("One logit rises. What do all the other probabilities lose?",
                 (Option("the same amount", "The loss of class j is s_j s_m: larger for the larger probability."),
                  Option("the same share", "Each loses in proportion to itself, so their ratios stay."),
                  Option("nothing", "They add up to 1 with the one that grows.")), 1),
        Question("To send a gradient back through softmax of 1000 classes, how many numbers does one sample need?",
                 (Option("a million", "That is the whole table J, and nobody asks for it."),
                  Option("one", "One for each logit comes out."),
                  Option("about a thousand", "s, g and one average: s (g - mean).")), 2),
        Question("For which targets is the gradient of softmax with cross-entropy equal to y_hat - y?",
                 (Option("for every row that adds up to 1", "That is all that the three roads use."),
                  Option("for one-hot rows only", "Soft labels will do: only the sum matters."),
                  Option("for any row of numbers", "In general it is y_hat times the sum of the row, minus y.")), 0),
    ),
}
