"""Chapter 05: losses from likelihood, and how to compute them without overflow."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(5)


# ---------------------------------------------------------------- 5.3 the mean squared error as a class
class _MSE:
    def value(self, y_hat, y):
        return float(np.mean((self._checked(y_hat, y) - y) ** 2))

    def grad(self, y_hat, y):
        return 2 * (self._checked(y_hat, y) - y) / y.size

    @staticmethod
    def _checked(y_hat, y):
        if y_hat.shape != y.shape:
            raise ValueError(f"MSE: y_hat has shape {y_hat.shape}, y has {y.shape}.")
        return y_hat


class _MSEByLoops:
    def value(self, y_hat, y):
        if y_hat.shape != y.shape:
            raise ValueError("one shape, please")
        pairs = zip(y_hat.ravel(), y.ravel(), strict=True)
        return sum((a - b) ** 2 for a, b in pairs) / y.size

    def grad(self, y_hat, y):
        if y_hat.shape != y.shape:
            raise ValueError("one shape, please")
        g = np.empty_like(y_hat)
        for index in np.ndindex(y.shape):
            g[index] = (y_hat[index] - y[index]) / (0.5 * y.size)
        return g


class _MSEByDot:
    def residual(self, y_hat, y):
        if np.shape(y_hat) != np.shape(y):
            raise ValueError("y_hat and y differ in shape")
        return y_hat - y

    def value(self, y_hat, y):
        r = self.residual(y_hat, y).ravel()
        return r @ r / len(r)

    def grad(self, y_hat, y):
        r = self.residual(y_hat, y)
        return r * (2 / np.prod(r.shape))


class _WrongMSE(_MSE):
    """The right class with one thing replaced."""

    def __init__(self, value=lambda y_hat, y: float(np.mean((y_hat - y) ** 2)),
                 grad=lambda y_hat, y: 2 * (y_hat - y) / y.size, careful=True):
        self._value, self._grad, self._careful = value, grad, careful

    def value(self, y_hat, y):
        return self._value(self._checked(y_hat, y) if self._careful else y_hat, y)

    def grad(self, y_hat, y):
        return self._grad(self._checked(y_hat, y) if self._careful else y_hat, y)


def _ask(Loss, method, y_hat, y) -> Any:
    """What one method of a loss says; a call that gives nothing back is left to the check."""
    loss = Loss()
    return None if loss is None else getattr(loss, method)(y_hat, y)


def _both(y_hat, y):
    return ("value", y_hat, y), ("grad", y_hat, y)


_COLUMN, _TABLE = _rng.normal(size=(3, 1)), _rng.normal(size=(4, 2))


# ---------------------------------------------------------------- 5.4 binary cross-entropy from the logit
def _bce(z, y):
    return float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))


def _bce_by_logaddexp(z, y):
    return np.mean(np.logaddexp(0, z) - z * y)


def _bce_by_branches(z, y):
    total = 0.0
    for z_i, y_i in zip(z.ravel(), y.ravel(), strict=True):
        softplus = z_i + math.log1p(math.exp(-z_i)) if z_i > 0 else math.log1p(math.exp(z_i))
        total += softplus - z_i * y_i
    return total / z.size


def _bce_naive(z, y):
    a = 1 / (1 + np.exp(-z))
    return float(-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)))


def _bce_clipped(z, y):
    a = np.clip(1 / (1 + np.exp(-z)), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)))


# ---------------------------------------------------------------- 5.5 accuracy
def _accuracy(scores, labels):
    return float(np.mean(scores.argmax(axis=1) == labels))


def _accuracy_by_rows(scores, labels):
    right = 0
    for row, k in zip(scores, labels, strict=True):
        right += row[k] == max(row)
    return right / len(labels)


def _accuracy_by_sorting(scores, labels):
    return np.count_nonzero(np.argsort(scores, axis=1)[:, -1] == labels) / len(scores)


# ---------------------------------------------------------------- 5.6 softmax cross-entropy
def _rows_of(z, y):
    return np.eye(z.shape[1])[y] if y.ndim == 1 else y


def _cross_entropy(z, y):
    c = z.max(axis=1, keepdims=True)
    lse = c + np.log(np.exp(z - c).sum(axis=1, keepdims=True))
    return float(np.sum(_rows_of(z, y) * (lse - z)) / len(z))


def _cross_entropy_logaddexp(z, y):
    log_s = z - np.logaddexp.reduce(z, axis=1)[:, None]
    picked = log_s[np.arange(len(z)), y] if y.ndim == 1 else (log_s * y).sum(axis=1)
    return -picked.mean()


def _cross_entropy_loop(z, y):
    total = 0.0
    for row, target in zip(z, y, strict=True):
        lse = max(row) + math.log(sum(math.exp(entry - max(row)) for entry in row))
        weights = target if y.ndim == 2 else [float(k == target) for k in range(len(row))]
        total += sum(w * (lse - entry) for w, entry in zip(weights, row, strict=True))
    return total / len(z)


def _cross_entropy_from(log_s, mean=lambda losses: losses.mean()):
    """A wrong value: the logarithm of softmax, or the mean, replaced."""
    return lambda z, y: float(mean(-(_rows_of(z, y) * log_s(z)).sum(axis=1)))


def _log_of(s):
    return lambda z: np.log(s(z))


def _naive_softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def _shifted_softmax(z):
    return _naive_softmax(z - z.max(axis=1, keepdims=True))


def _log_softmax(z):
    return z - np.logaddexp.reduce(z, axis=1, keepdims=True)


def _log_softmax_global_shift(z):
    return z - z.max() - np.log(np.exp(z - z.max()).sum(axis=1, keepdims=True))


def _log_softmax_shift_lost(z):
    return z - np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


_LOGITS = _rng.normal(size=(4, 3)) * 2
_SOFT = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.1, 0.1, 0.8]])


# ---------------------------------------------------------------- 5.8 the smoothed optimum
def _gap(K, eps):
    return math.log(1 + K * (1 - eps) / eps)


def _gap_by_rows(K, eps):
    target = (1 - eps) * np.eye(K)[0] + eps / K
    return np.log(target)[0] - np.log(target)[1]


def _gap_by_log1p(K, eps):
    return np.log1p((1 - eps) / (eps / K))


EXERCISES = (
    Exercise(
        "5.1", "Cross-entropy of three predictions", minutes=8, difficulty=1, atol=5e-4,
        reference=dict(floor=1.0397, a=1.0986, b=1.1563, c=math.inf, kl_b=0.1166),
        hints=("The shares p are the weights; the logarithm is taken of the prediction.",
               "H(p, q) = -(1/2 log q1 + 1/4 log q2 + 1/4 log q3). The floor is H(p, p), and KL is what lies above it.",
               "For a all three logarithms are -log 3. In c the third one is log 0, with the weight 1/4."),
        misconceptions=(
            Wrong(dict(floor=1.5), "That is in bits (logarithm to base 2). This book takes the natural one."),
            Wrong(dict(floor=0.0), "Zero is out of reach when the outcomes differ. The floor is H(p, p), the entropy."),
            Wrong(dict(a=1.585), "That is in bits (logarithm to base 2). Take the natural logarithm."),
            Wrong(dict(a=0.3662), "You divided by the number of classes. The weights p add up to 1: there is nothing "
                                  "left to divide by."),
            Wrong(dict(b=-1.1563), "The sign: a logarithm of a probability is negative, the surprise is minus it."),
            Wrong(dict(b=0.9011), "You exchanged the two: the data's shares weigh, and the logarithm is taken of the "
                                  "prediction. Yours is below the floor, which cannot be."),
            Wrong(dict(b=1.4229), "You weighed the three classes equally. Class 1 is half of the data."),
            Wrong(dict(c=0.5199), "You left the third class out. A quarter of the data lies there, and the prediction "
                                  "had called it impossible."),
            Wrong(dict(c=0.6931), "You left the third class out and weighed the rest anew. A quarter of the data lies "
                                  "there, and the prediction had called it impossible."),
            Wrong(dict(kl_b=1.1563), "That is the cross-entropy itself. KL is only its part above the floor."),
            Wrong(dict(kl_b=0.0993), "You exchanged the two: KL is not symmetric. Subtract the floor from your b."),
        ),
        right="Never say never: one class with probability 0 that does occur costs infinitely much.",
    ),
    Exercise(
        "5.3", "The mean squared error, for your library", minutes=10, difficulty=1, reference=_MSE, keep="MSE",
        use=_ask,
        cases=(*_both(_COLUMN, np.array([[1.0], [0.0], [-1.0]])), *_both(_TABLE, np.ones((4, 2))),
               *_both(np.array([2.0, 5.0]), np.array([-1.0, 5.0])), *_both(_COLUMN, np.array([1.0, 0.0, -1.0]))),
        also_right=(_MSEByLoops, _MSEByDot),
        hints=("value is the mean over all entries. grad says how that mean reacts to each entry of y_hat.",
               "Each entry stands in one square: its slope is 2 (y_hat - y), divided by the number of entries, y.size.",
               "2 * (y_hat - y) / y.size. In both methods, first: if y_hat.shape != y.shape: raise ValueError(...)."),
        misconceptions=(
            Wrong(lambda: _WrongMSE(careful=False),
                  "Right for equal shapes. But (3, 1) against (3,) is broadcast to 3 times 3: refuse shapes that "
                  "differ with a ValueError, in both methods."),
            Wrong(lambda: _WrongMSE(grad=lambda y_hat, y: (y_hat - y) / y.size),
                  "The gradient lost the factor 2 of the square. It must be the slope of your own value."),
            Wrong(lambda: _WrongMSE(grad=lambda y_hat, y: 2 * (y_hat - y)),
                  "The value is a mean, so its gradient carries the same 1/size. Yours belongs to the sum."),
            Wrong(lambda: _WrongMSE(grad=lambda y_hat, y: 2 * (y_hat - y) / len(y)),
                  "Your gradient divides by the number of rows. The mean runs over all entries: divide by y.size."),
            Wrong(lambda: _WrongMSE(grad=lambda y_hat, y: 2 * (y - y_hat) / y.size),
                  "The sign of the gradient: the loss grows when y_hat moves away from y, so y_hat comes first."),
            Wrong(lambda: _WrongMSE(grad=lambda y_hat, y: float(np.mean(2 * (y_hat - y)))),
                  "The gradient has one entry for each entry of y_hat. You averaged them into one number."),
            Wrong(lambda: _WrongMSE(value=lambda y_hat, y: float(np.sum((y_hat - y) ** 2))),
                  "Your value is the sum. The mean divides by the number of entries."),
            Wrong(lambda: _WrongMSE(value=lambda y_hat, y: float(np.sum((y_hat - y) ** 2) / len(y)),
                                    grad=lambda y_hat, y: 2 * (y_hat - y) / len(y)),
                  "You divide by the number of rows. Many texts do; here the mean runs over all entries, y.size, as "
                  "in nnlib."),
        ),
        right="It has nnlib's interface: Network(..., loss=MSE()) takes it as it is.",
    ),
    Exercise(
        "5.4", "Binary cross-entropy from the logit", minutes=12, difficulty=2, reference=_bce, keep="bce_with_logits",
        cases=((np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, 0.0])),
               (np.array([[3.0], [-2.0]]), np.array([[0.3], [1.0]])),
               (np.array([1000.0, -1000.0]), np.array([0.0, 1.0])),
               (np.array([1000.0, -1000.0]), np.array([1.0, 0.0]))),
        also_right=(_bce_by_logaddexp, _bce_by_branches),
        hints=("Do not compute the probability at all. Section 5.4 has the loss in terms of z alone.",
               "Three parts, entry by entry: max(z, 0), minus z y, plus a logarithm whose exponential is never above "
               "1. Then the mean.",
               "np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))"),
        misconceptions=(
            Wrong(_bce_naive, "Right for moderate logits. At 1000 the probability is rounded to 1, and log(1 - 1) is "
                              "minus infinity. Rewrite the loss in terms of z, without a probability in between."),
            Wrong(_bce_clipped, "The clip hides the overflow and lies about the loss: at z = 1000 with y = 0 it is "
                                "1000, and you say 27.6. Rewrite it in terms of z."),
            Wrong(lambda z, y: float(np.mean(np.log(1 + np.exp(z)) - z * y)),
                  "Right in mathematics, and e^1000 overflows. Take max(z, 0) out of the logarithm first."),
            Wrong(lambda z, y: float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-z)))),
                  "For negative z your exponential is e^|z|: too large a value, then overflow. Its exponent is -|z|."),
            Wrong(lambda z, y: float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(np.abs(z))))),
                  "The sign in the exponent: it is -|z|, so that the exponential is never above 1."),
            Wrong(lambda z, y: float(np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))),
                  "That is the sum; a loss is a mean over the entries."),
            Wrong(lambda z, y: np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))),
                  "Those are the sample losses. The mean of them is one number."),
            Wrong(lambda z, y: float(np.mean(np.maximum(z, 0) + z * y + np.log1p(np.exp(-np.abs(z))))),
                  "The sign of z y: for y = 1 a large z is right and must cost nothing, so z y is subtracted."),
            Wrong(lambda z, y: float(np.mean(np.abs(z) - z * y + np.log1p(np.exp(-np.abs(z))))),
                  "log(1 + e^z) = max(z, 0) + log(1 + e^-|z|): you took |z| for max(z, 0)."),
            Wrong(lambda z, y: float(np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))),
                  "The target does not occur: that is the loss for y = 0. Subtract z y."),
        ),
        right="Also at z = 1000: the loss of a wrong answer there is 1000, and no clip hides it.",
    ),
    Exercise(
        "5.5", "Accuracy", minutes=6, difficulty=1, reference=_accuracy, keep="accuracy",
        cases=((np.array([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]), np.array([0, 1, 1])),
               (np.array([[-5.0, -2.0], [3.0, 8.0], [-1.0, -9.0], [0.5, 0.1]]), np.array([1, 1, 1, 0])),
               (np.array([[2.0, -1.0, 0.5, 4.0]]), np.array([3]))),
        also_right=(_accuracy_by_rows, _accuracy_by_sorting),
        hints=("In each row, which class has the largest score? Compare that with the label.",
               "argmax along axis 1 gives one class for each row; comparing gives True or False; take their mean.",
               "np.mean(scores.argmax(axis=1) == labels)"),
        misconceptions=(
            Wrong(lambda scores, labels: float(np.mean(scores.argmax(axis=0) == labels)),
                  "axis=0 looks for the largest in each column. Each sample is a row: axis=1."),
            Wrong(lambda scores, labels: int(np.sum(scores.argmax(axis=1) == labels)),
                  "That is how many are right. The accuracy is their share."),
            Wrong(lambda scores, labels: float(np.sum(scores.argmax(axis=1) == labels) / np.linalg.norm(scores)),
                  "You divide by a norm of the scores. Divide by the number of samples."),
            Wrong(lambda scores, labels: float(np.mean(scores.argmax(axis=1) != labels)),
                  "That is the share of mistakes: the accuracy counts where the two are equal."),
            Wrong(lambda scores, labels: float(np.mean(scores.max(axis=1) == labels)),
                  "max gives the largest score itself; you need the place where it stands: argmax."),
            Wrong(lambda scores, labels: float(np.mean(scores[np.arange(len(labels)), labels] > 0.5)),
                  "With three classes the largest may be below 0.5, and logits have no 0.5 at all. Compare the place "
                  "of the largest score with the label."),
            Wrong(lambda scores, labels: float(np.sum(scores.argmax(axis=1) == labels) / scores.size),
                  "scores.size counts samples times classes. Divide by the number of samples."),
        ),
        right="Logits or probabilities, both will do: softmax keeps the order.",
    ),
    Exercise(
        "5.6", "Softmax cross-entropy, its value", minutes=15, difficulty=2, reference=_cross_entropy,
        keep="softmax_cross_entropy",
        cases=((_LOGITS, np.array([0, 2, 1, 1])), (_LOGITS, np.eye(3)[[0, 2, 1, 1]]), (_LOGITS, _SOFT),
               (np.array([[1000.0, 1001.0, 999.0]]), np.array([2])), (np.array([[0.0, -800.0]]), np.array([1])),
               (np.array([[0.0, 1.0], [-2000.0, -2001.0]]), np.array([0, 1]))),
        also_right=(_cross_entropy_logaddexp, _cross_entropy_loop),
        hints=("The loss of a sample is log-sum-exp of its logits, minus the logit of the true class. No softmax is "
               "needed.",
               "Take the largest logit of each row out of the log-sum-exp and add it back. For rows of weights: the "
               "sum of y_k (lse - z_k). Labels become such rows with np.eye(K)[y].",
               "c = z.max(axis=1, keepdims=True); lse = c + np.log(np.exp(z - c).sum(axis=1, keepdims=True))"),
        misconceptions=(
            Wrong(_cross_entropy_from(_log_of(_naive_softmax)),
                  "Right for moderate logits, but e^1000 overflows. Take the largest logit of each row out first."),
            Wrong(_cross_entropy_from(_log_of(_shifted_softmax)),
                  "The shift mends the overflow, but at a gap of 800 the probability is rounded to 0, and its "
                  "logarithm is minus infinity. Take the logarithm of the quotient by hand: z - lse."),
            Wrong(_cross_entropy_from(lambda z: np.log(np.clip(_shifted_softmax(z), 1e-12, 1))),
                  "The clip says 27.6 where the loss is 800. No clip is needed when you compute z - lse."),
            Wrong(_cross_entropy_from(_log_softmax_global_shift),
                  "You shift by the largest logit of the whole batch. In a row far below it everything underflows: "
                  "each row has its own largest, axis=1."),
            Wrong(_cross_entropy_from(_log_softmax_shift_lost),
                  "You took the largest logit out of the sum, and forgot to add it back to the logarithm."),
            Wrong(_cross_entropy_from(_log_softmax, np.sum), "That is the sum over the batch; divide by the number "
                                                             "of samples."),
            Wrong(lambda z, y: float(np.mean(-_rows_of(z, y) * _log_softmax(z))),
                  "Your mean runs over samples and classes. Sum over the classes, then average over the samples."),
            Wrong(_cross_entropy_from(lambda z: -_log_softmax(z)), "The sign: the logarithm of a probability is "
                                                                   "negative, and the loss is minus it."),
            Wrong(_cross_entropy_from(_shifted_softmax), "The logarithm is missing: you averaged minus the "
                                                         "probabilities."),
            Wrong(lambda z, y: float(-_log_softmax(z)[np.arange(len(z)), y].mean()),
                  "Right for labels. Targets may also be rows of weights, of shape (B, K): ask for y.ndim."),
        ),
        right="In chapter 06 you give it its gradient, and the class is complete.",
    ),
    Exercise(
        "5.7", "Break it: numbers that are too large", minutes=12, difficulty=2,
        reference=dict(softmax_at_1000="nan", log_at_gap_800="-inf", largest_exponent=709, lost_at=17,
                       slope_under_clip=0.0),
        hints=("Run each line under np.errstate(all=\"ignore\") and look at what is printed.",
               "For the two whole numbers write a loop: n = 1, 2, 3, ... until exp(n) is inf, until 1 - 10**-n == 1.",
               "For the slope take a central difference with h = 1e-12: both values of max are the same."),
        misconceptions=(
            Wrong(dict(softmax_at_1000="inf"), "The exponentials are inf, and so is their sum. What is inf / inf?"),
            Wrong(dict(softmax_at_1000="0.24"), "That is the true value, and what the shifted form gives. Run it "
                                                "without the shift."),
            Wrong(dict(log_at_gap_800="-800"), "That is the true value, and what z - lse gives. Here the probability "
                                               "comes first: what is exp(-800) in the computer?"),
            Wrong(dict(log_at_gap_800="nan"), "Nothing overflows here, there is no inf / inf. exp(-800) is rounded to "
                                              "0; what is its logarithm?"),
            Wrong(dict(largest_exponent=710), "exp(710) is inf already: you want the last one that is finite."),
            Wrong(dict(largest_exponent=1000), "exp(1000) is inf. Try smaller numbers, one by one."),
            Wrong(dict(lost_at=16), "1 - 1e-16 is still a little below 1: there the numbers lie twice as dense as "
                                "above 1."),
            Wrong(dict(lost_at=7), "1 - 1e-7 is far from lost. A double has about 16 digits."),
            Wrong(dict(slope_under_clip=-1e9), "That is the slope without the clip. Under it the loss is constant."),
            Wrong(dict(slope_under_clip=-1e7), "That is the slope where the clip begins. At 1e-9 the clipped loss is "
                                               "constant."),
        ),
        right="Four traps, and working with logits through log-sum-exp steps round all of them.",
    ),
    Exercise(
        "5.8", "The smoothed optimum", minutes=12, difficulty=3, reference=_gap,
        cases=((4, 0.1), (2, 0.5), (10, 0.05), (3, 1.0)),
        also_right=(_gap_by_rows, _gap_by_log1p),
        hints=("By (5.4) the loss is smallest when the probabilities equal the smoothed targets. What are those?",
               "The label has 1 - eps + eps/K, each other class eps/K. The difference of two logits is the logarithm "
               "of the ratio of their targets, (5.20).",
               "log((1 - eps + eps / K) / (eps / K)), which can be simplified."),
        misconceptions=(
            Wrong(lambda K, eps: math.log((1 - eps) / (eps / K)) if eps < 1 else -math.inf,
                  "The true class gets its own share eps/K as well: its target is 1 - eps + eps/K."),
            Wrong(lambda K, eps: math.log((1 - eps) / (eps / (K - 1))) if eps < 1 else -math.inf,
                  "You spread eps over the other classes only. Here it is spread over all K, the true one too."),
            Wrong(lambda K, eps: math.log((1 - eps) / eps) if eps < 1 else -math.inf,
                  "Those are the odds of two classes. Here each other class has the target eps/K."),
            Wrong(lambda K, eps: 1 + K * (1 - eps) / eps,
                  "That is the ratio of the probabilities. The difference of the logits is its logarithm, (5.20)."),
            Wrong(lambda K, eps: -math.log(1 + K * (1 - eps) / eps),
                  "The sign: the true class has the larger logit, so the gap is positive."),
            Wrong(lambda K, eps: math.log(1 - eps + eps / K),
                  "That is the logarithm of the true class's target. The gap needs the other classes' as well."),
        ),
        right="With eps = 1 nothing is left to tell the classes apart, and the gap is 0.",
    ),
)

QUIZZES = {
    "05-recall": (
        Question("A tanh neuron answers 0.999 where the target is -1. Why does the squared error hardly move it? "
                 "(section 1.1)",
                 (Option("the error is small", "The error is nearly 2, as large as it can be."),
                  Option("the slope of tanh is nearly 0 there", "The chain rule multiplies by 1 - 0.999² = 0.002."),
                  Option("the learning rate is too small", "No usual rate makes up for a factor 0.002.")), 1),
        Question("y_hat has the shape (5, 1) and y the shape (5,). What is the shape of y_hat - y? (section 1.2)",
                 (Option("(5, 1)", "Broadcasting aligns at the right: (5,) counts as (1, 5)."),
                  Option("an error is raised", "NumPy broadcasts without a word; that is the danger."),
                  Option("(5, 5)", "Every prediction meets every target. nnlib's losses refuse it.")), 2),
        Question("a = σ(z) is the sigmoid. What is its slope da/dz in terms of a? (chapter 04)",
                 (Option("a (1 - a)", "At most 1/4, and nearly 0 where a is close to 0 or 1."),
                  Option("1 - a²", "That is the slope of tanh."),
                  Option("1 / a", "That is the slope of log a.")), 0),
    ),
    "05-exit": (
        Question("A classifier for ten classes starts with all logits equal. Its cross-entropy is",
                 (Option("0", "Then it would give probability 1 to the truth."),
                  Option("log 10 ≈ 2.3", "Each class has probability 1/10. Look for this number at the first step of a "
                                         "training run: far above it, something is wrong."),
                  Option("0.9", "That is the share of mistakes to expect, not the loss.")), 1),
        Question("The probability of the true class falls from 0.02 to 0.01. The loss rises by",
                 (Option("log 2 ≈ 0.69", "Any halving costs the same, wherever it happens."),
                  Option("0.01", "That is the change of the probability; the loss is its logarithm."),
                  Option("a factor of 2", "The loss goes from 3.9 to 4.6: an amount is added.")), 0),
        Question("Training on a data set ends at a loss of 0.61, and no model gets it lower. What may be the reason?",
                 (Option("the optimizer is bad", "Possible for one model, not for all of them."),
                  Option("the loss was computed without a clip", "A clip changes the loss of hopeless cases only."),
                  Option("the labels are not determined by the inputs",
                         "Then the entropy of the labels is a floor: 0.61 is that of 30 % flipped labels.")), 2),
    ),
}
