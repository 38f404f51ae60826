"""Chapter 03: gradient descent, how far a step may go, and where it ends."""
from __future__ import annotations

import math

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(3)


# ---------------------------------------------------------------- 3.2 gradient descent
class _GradientDescent:
    def __init__(self, lr):
        self.lr = lr

    def step(self, theta, grad):
        theta -= self.lr * grad


class _ByEntries(_GradientDescent):
    def step(self, theta, grad):
        for index in np.ndindex(theta.shape):
            theta[index] = theta[index] - self.lr * grad[index]


class _BySlice(_GradientDescent):
    def step(self, theta, grad):
        theta[...] = theta - np.multiply(grad, self.lr)


class _NewArray(_GradientDescent):
    def step(self, theta, grad):
        theta = theta - self.lr * grad
        return theta


class _Uphill(_GradientDescent):
    def step(self, theta, grad):
        theta += self.lr * grad


class _WholeGradient(_GradientDescent):
    def step(self, theta, grad):
        theta -= grad


class _ChangesGradient(_GradientDescent):
    def step(self, theta, grad):
        grad *= self.lr
        theta -= grad


class _UnitLength(_GradientDescent):
    def step(self, theta, grad):
        theta -= self.lr * grad / np.linalg.norm(grad)


def _walk(rule, lr, theta, grads):
    """theta after one step for each of the gradients; None from a rule that returns nothing where it is made."""
    theta, made = theta.copy(), rule(lr)
    if made is None:
        return None
    for grad in grads:
        made.step(theta, grad)
    return theta


# ---------------------------------------------------------------- 3.4 the largest learning rate
def _largest_rate(X):
    return 2 / float(np.linalg.eigvalsh(2 / len(X) * X.T @ X)[-1])


def _largest_rate_by_svd(X):
    return len(X) / np.linalg.norm(X, 2) ** 2


def _largest_rate_by_powers(X):
    H = 2 * X.T @ X / X.shape[0]
    for _ in range(30):
        H = H @ H / np.linalg.norm(H @ H)
    v = H @ np.ones(len(H))
    return 2 * (v @ v) / (v @ (2 * X.T @ X / X.shape[0]) @ v)


def _eigenvalues(X):
    return np.linalg.eigvalsh(2 / len(X) * X.T @ X)


# ---------------------------------------------------------------- 3.6 a joint step
def _rising_rate(L11, L12, L22):
    curvature = L11 + 2 * L12 + L22
    return 4 / curvature if curvature > 0 else math.inf


def _rising_rate_by_matrix(L11, L12, L22):
    curvature = np.array([[L11, L12], [L12, L22]]).sum()
    return float("inf") if curvature <= 0 else 2 / (0.5 * curvature)


def _rising_rate_by_maximum(L11, L12, L22):
    curvature = max(L11 + L12 + L12 + L22, 0)
    return np.inf if curvature == 0 else 4.0 / curvature


# ---------------------------------------------------------------- 3.8 Newton's step
def _newton_step(theta, g, H):
    return theta - np.linalg.solve(H, g)


def _newton_step_by_inverse(theta, g, H):
    return theta - np.linalg.inv(H) @ g


def _newton_step_by_eigenvectors(theta, g, H):
    eigenvalues, V = np.linalg.eigh(H)
    return theta - V @ ((V.T @ g) / eigenvalues)


def _newton_step_in_place(theta, g, H):
    theta -= np.linalg.solve(H, g)
    return theta


def _quadratic(*eigenvalues):
    """A point, its gradient and a Hessian with these eigenvalues, turned at random."""
    V, _ = np.linalg.qr(_rng.normal(size=(len(eigenvalues), len(eigenvalues))))
    return _rng.normal(size=len(eigenvalues)), _rng.normal(size=len(eigenvalues)), V @ np.diag(eigenvalues) @ V.T


EXERCISES = (
    Exercise(
        "3.1", "Three steps by hand", minutes=8, difficulty=1,
        reference=dict(a1=2.0, b1=-1.0, a3=0.5, b3=-0.25, L3=0.4375, L1_with_half=48.0),
        hints=("Find the two slopes first; each parameter has its own.",
               "The slopes are 2a and 6b. What does one step with η = 0.25 multiply a by, and b by?",
               "a is halved by each step; b is multiplied by 1 - 0.25 · 6 = -0.5. With η = 0.5 the factors are 0 and "
               "-2."),
        misconceptions=(
            Wrong(dict(a1=6.0, b1=5.0), "You went uphill: the gradient is subtracted."),
            Wrong(dict(a1=-4.0, b1=-10.0), "You subtracted the whole gradient. The step is η = 0.25 times it."),
            Wrong(dict(b1=0.5), "The derivative of 3b² is 6b, not 3 · 2 or 6 alone: put in b = 2."),
            Wrong(dict(b1=1.0), "The step of b has the right length from its end: b goes from 2 past 0. Keep the "
                                "sign."),
            Wrong(dict(a3=-2.0, b3=-7.0), "The slope changes on the way: compute it anew at each place where you "
                                          "stand."),
            Wrong(dict(b3=0.25), "The factor of b is -0.5, and its third power is negative."),
            Wrong(dict(L3=0.25), "That is a² alone. The term 3b² belongs to the loss as well."),
            Wrong(dict(L1_with_half=7.0), "That is the loss after a step with η = 0.25. Take η = 0.5."),
            Wrong(dict(L1_with_half=0.0), "a arrives at its minimum, but b does not: its factor is 1 - 0.5 · 6 = -2."),
        ),
        right="The same learning rate is splendid for a and far too large for b: section 3.5 is about this.",
    ),
    Exercise(
        "3.2", "Your own gradient descent", minutes=10, difficulty=1, reference=_GradientDescent,
        use=_walk, keep="SGD",
        cases=((0.1, np.array([1.0, -2.0]), np.array([[0.5, 3.0], [-1.0, 0.25]])),
               (0.5, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[[1.0, 0.0], [2.0, -2.0]]])),
               (2.0, np.array([0.0]), np.array([[4.0], [1.0], [-3.0]]))),
        also_right=(_ByEntries, _BySlice),
        hints=("theta must be the same array afterwards, with new numbers in it.",
               "Subtract the learning rate times the gradient with an operation that writes into theta.",
               "theta -= self.lr * grad"),
        misconceptions=(
            Wrong(_NewArray, "theta is still where it was. `theta = theta - ...` makes a new array and gives it the "
                             "name theta inside the function only; whoever called you still holds the old one. Write "
                             "into it: `theta -= ...`."),
            Wrong(_Uphill, "You walk uphill: the gradient points to where the loss grows. Subtract it."),
            Wrong(_WholeGradient, "The learning rate is missing: the step is self.lr times the gradient."),
            Wrong(_ChangesGradient, "theta is right, but grad was changed on the way (*= writes into the caller's "
                                    "array). Others may still need the gradient: multiply without the = sign."),
            Wrong(_UnitLength, "You made the gradient a vector of length 1. In (D3.3) its length counts: the step "
                               "gets shorter where the ground gets flatter."),
        ),
        right="It fits into nnlib's training loop as it is: fit(net, X, y, optimizer=GradientDescent(0.1), ...).",
    ),
    Exercise(
        "3.4", "The largest learning rate of your data", minutes=12, difficulty=2, reference=_largest_rate,
        cases=((_rng.normal(size=(6, 2)),), (_rng.normal(size=(9, 3)),), (_rng.normal(size=(5, 3)) * [10.0, 1.0, 0.1],),
               (np.array([[1.0], [2.0], [3.0], [1.0]]),)),
        also_right=(_largest_rate_by_svd, _largest_rate_by_powers),
        hints=("The gradient is (2/N) Xᵀ(Xw - y), by (1.5) without tanh. Differentiate it once more.",
               "The Hessian is (2/N) XᵀX. The border is 2 divided by its largest eigenvalue.",
               "np.linalg.eigvalsh(H) returns the eigenvalues in ascending order; the last one is the largest."),
        misconceptions=(
            Wrong(lambda X: 2 / float(np.linalg.eigvalsh(X.T @ X / len(X))[-1]),
                  "The square in the loss leaves a factor 2: the Hessian is (2/N) XᵀX. Your rate is twice the border."),
            Wrong(lambda X: 2 / float(np.linalg.eigvalsh(2 * X.T @ X)[-1]), "The loss is a mean: the 1/N is missing "
                                                                            "in the Hessian."),
            Wrong(lambda X: 1 / float(_eigenvalues(X)[-1]),
                  "That is 1/β, where half of the promise is kept for certain. The border of stability is twice as "
                  "far out."),
            Wrong(lambda X: 2 / float(_eigenvalues(X)[0]),
                  "You took the smallest eigenvalue. The steepest direction, with the largest one, is the first to "
                  "explode."),
            Wrong(lambda X: 2 / float(_eigenvalues(X).sum()),
                  "You added up all eigenvalues (the trace). That is safe, but smaller than the border: only the "
                  "largest one counts."),
            Wrong(lambda X: 2 / float(np.diag(2 / len(X) * X.T @ X).max()),
                  "You took the largest entry on the diagonal. The steepest direction may lie between the axes: take "
                  "eigenvalues."),
            Wrong(lambda X: float(_eigenvalues(X)[-1]), "That is the largest curvature itself; the border is 2 "
                                                        "divided by it."),
            Wrong(lambda X: 2 / float(_eigenvalues(X)[0] + _eigenvalues(X)[-1]),
                  "That is the fastest rate, (3.10). The largest one that still converges is 2 divided by the largest "
                  "eigenvalue."),
        ),
        right="Standardising the columns of X before training makes this number, and the pace, larger: chapter 15.",
    ),
    Exercise(
        "3.5", "Break it: past the border", minutes=12, difficulty=2,
        reference=dict(at_19=0, at_21=26, at_25=12, at_30=8, to_blame="b"),
        hints=("Compute the loss along the path and compare each value with the one before it.",
               "np.diff(losses) > 0 marks the rises. Its first True, at place k, belongs to step number k + 1.",
               "np.flatnonzero(np.diff(surface(descend(surface, (9.0, 0.001), 0.21, 200))) > 0)[0] + 1"),
        misconceptions=(
            Wrong(dict(at_19=1, at_21=1, at_25=1, at_30=1),
                  "You expect it at once. But b starts at a thousandth: at first the fall along a outweighs the rise "
                  "along b."),
            Wrong(dict(at_21=25, at_25=11, at_30=7),
                  "One too few: place k of np.diff is the change made by step k + 1."),
            Wrong(dict(at_21=27, at_25=13, at_30=9), "One too many: the start is not a step."),
            Wrong(dict(at_21=0, at_25=0, at_30=0), "Make more steps: the rise comes late, but it comes."),
            Wrong(dict(to_blame="a"), "The factor of a is 1 - η, between 0.7 and 0.81: a shrinks all the time."),
        ),
        right="For 25 steps everything looked fine. A falling loss is no proof that the learning rate is below the "
              "border.",
    ),
    Exercise(
        "3.6", "Where the joint step turns bad", minutes=10, difficulty=2, reference=_rising_rate,
        cases=((0.0, 1.0, 0.0), (1.0, 1.0, 1.0), (-1.0, 1.0, -1.0), (-3.0, 1.0, 0.5), (2.0, -0.5, 3.0),
               (0.5, 0.0, 0.5)),
        also_right=(_rising_rate_by_matrix, _rising_rate_by_maximum),
        hints=("Set (3.11) to zero. One solution is α = 0; you want the other.",
               "Divide by α: 2 = (α/2)(L11 + 2 L12 + L22). What if the bracket is zero or negative?",
               "4 divided by the bracket if the bracket is positive, math.inf otherwise."),
        misconceptions=(
            Wrong(lambda L11, L12, L22: 4 / (L11 + L12 + L22) if L11 + L12 + L22 > 0 else math.inf,
                  "The mixed derivative stands twice in the quadratic form, as L12 and as L21."),
            Wrong(lambda L11, L12, L22: 2 / (L11 + 2 * L12 + L22) if L11 + 2 * L12 + L22 > 0 else math.inf,
                  "That is where the loss is lowest along the way (or the ½ is missing). It passes zero at twice this "
                  "α."),
            Wrong(lambda L11, L12, L22: 4 / (L11 + 2 * L12 + L22),
                  "Right where the bracket is positive. If it is zero or negative the loss never rises: return "
                  "math.inf."),
            Wrong(lambda L11, L12, L22: 4 / (L11 + L22 + 2) if L11 + L22 > -2 else math.inf,
                  "That is (3.12), made for L12 = 1. Here L12 is an argument."),
            Wrong(lambda L11, L12, L22: 2 / max(L11, L22, L12) if max(L11, L22, L12) > 0 else math.inf,
                  "You took the largest second derivative. Along (1, 1) all of them act together: add them up."),
        ),
        right="It is the border 2/λ again, for the curvature along the direction (1, 1).",
    ),
    Exercise(
        "3.7", "Almost every start leaves a saddle", minutes=15, difficulty=3, rtol=1e-3,
        reference=dict(factor_a=0.9, factor_b=1.1, steps_from_1e6=145, steps_from_1e12=290, share=0.0),
        hints=("Along a the curvature is 1, along b it is -1: use (3.7) for each.",
               "b grows by the factor 1.1 with each step. How often until 1e-6 times it exceeds 1? Take logarithms.",
               "ln(1e6) / ln(1.1) = 144.95, and steps are whole numbers. Which starts have b exactly 0?"),
        misconceptions=(
            Wrong(dict(factor_a=1.1), "That is the factor of b. Along a the curvature is positive, so a shrinks."),
            Wrong(dict(factor_b=0.9), "Along b the curvature is negative: 1 - η · (-1)."),
            Wrong(dict(factor_b=-1.1), "1 - η · (-1) is positive: b keeps its side and walks away."),
            Wrong(dict(steps_from_1e6=144, steps_from_1e12=289), "After so many steps |b| is still a little below 1: "
                                                                 "round up."),
            Wrong(dict(steps_from_1e6=139, steps_from_1e12=277),
                  "You used (3.8), with ln(1.1) ≈ 0.1. That is for small ηλ; here take ln(1.1) = 0.0953."),
            Wrong(dict(steps_from_1e6=60, steps_from_1e12=120),
                  "You mixed the logarithms: divide two of the same kind, ln by ln or log10 by log10."),
            Wrong(dict(steps_from_1e12=145_000_000), "Distance counts by its logarithm only: twice as many digits, "
                                                     "twice as many steps."),
            Wrong(dict(share=0.5), "Half of the plane has b < 0, but those starts escape too, to the other side."),
            Wrong(dict(share=1.0), "Only starts with b exactly 0 end in the saddle, and they form a line."),
        ),
        right="A line has no area: by chance one never starts on it. But near it, the escape takes long, and looks "
              "like convergence.",
    ),
    Exercise(
        "3.8", "Newton's step", minutes=8, difficulty=2, reference=_newton_step, rtol=1e-6,
        cases=(_quadratic(1.0, 4.0), _quadratic(2.0, 5.0, 0.5), _quadratic(3.0), _quadratic(-1.0, 2.0)),
        also_right=(_newton_step_by_inverse, _newton_step_by_eigenvectors),
        hints=("At the lowest point of the parabola its slope g + HΔ is zero.",
               "Solve HΔ = -g for Δ, and go from theta by Δ.",
               "theta - np.linalg.solve(H, g)"),
        misconceptions=(
            Wrong(lambda theta, g, H: theta + np.linalg.solve(H, g), "The sign: HΔ = -g, so the solution is "
                                                                     "subtracted."),
            Wrong(lambda theta, g, H: theta - H @ g, "You multiplied by H. Where the curvature is large, the step "
                                                     "must be short: divide, that is, solve."),
            Wrong(lambda theta, g, H: theta - g / np.diag(H),
                  "You divided by the diagonal of H. That is right only if H has no mixed derivatives; solve the "
                  "whole system."),
            Wrong(lambda theta, g, H: theta - (1 / H) @ g, "1 / H takes the reciprocal of each entry; that is not the "
                                                           "inverse matrix."),
            Wrong(lambda theta, g, H: -np.linalg.solve(H, g), "That is the step Δ. Return the point it leads to."),
            Wrong(_newton_step_in_place, "It changes the caller's theta in place. Return a new array: theta - ..."),
        ),
        right="On a quadratic it arrives in one step, for every condition number.",
    ),
)

QUIZZES = {
    "03-recall": (
        Question("f has the slopes 3 and -4. What is its slope along the direction (0.6, 0.8)? (section 0.8)",
                 (Option("5", "That is the length of the gradient: the largest slope, along (0.6, -0.8)."),
                  Option("-1.4", "3 · 0.6 - 4 · 0.8: each slope times its share of the direction."),
                  Option("-1", "The slopes are weighted with the direction before they are added.")), 1),
        Question("The delta rule multiplies its residual by 1 - η|x|². What happens for η = 3/|x|²? (section 1.4)",
                 (Option("the error doubles and changes its sign", "1 - 3 = -2."),
                  Option("the error vanishes", "That is η = 1/|x|²."),
                  Option("it learns three times as fast", "A longer step is not a faster one once it overshoots.")), 0),
        Question("A loss has a million parameters. By a backward sweep its whole gradient costs about as much as "
                 "(chapter 02)",
                 (Option("a million evaluations of the loss", "That is what differences cost, one parameter at a "
                                                              "time."),
                  Option("a few evaluations of the loss", "One sweep forward and one back, whatever the number of "
                                                          "parameters."),
                  Option("one table of a million times a million numbers", "That is the size of all second "
                                                                           "derivatives.")), 1),
    ),
    "03-exit": (
        Question("Your network's loss is smooth, and a step with η = 1e-9 against your gradient raises it (above "
                 "rounding). What do you suspect?",
                 (Option("the learning rate is too large", "By the descent lemma that would take a β above 1e9."),
                  Option("the gradient", "A right gradient keeps its promise for a small enough step. Check it with "
                                         "chapter 00's judge."),
                  Option("a local minimum", "There the gradient is zero and nothing moves.")), 1),
        Question("With η = 1.9/λ_max on a quadratic, what does the steepest direction do?",
                 (Option("it jumps from side to side and shrinks", "The factor is 1 - 1.9 = -0.9."),
                  Option("it explodes", "That begins at 2/λ_max."),
                  Option("it creeps", "Creeping is the flattest direction's part.")), 0),
        Question("The loss has been flat for 500 steps. What do you know?",
                 (Option("it is at the global minimum", "A gradient near zero says nothing about other basins."),
                  Option("it is at a local minimum", "Saddles and plateaus look the same."),
                  Option("the gradient is small here", "Minimum, saddle or plateau: the curve cannot tell.")), 2),
    ),
}
