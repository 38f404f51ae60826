"""Chapter 00: shapes, parameter counts, notation, difference quotients."""
from __future__ import annotations

import math

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong


# ---------------------------------------------------------------- 0.2 parameter counts
def _count(widths):
    return sum((n_in + 1) * n_out for n_in, n_out in zip(widths, widths[1:], strict=False))


def _count_by_layers(widths):
    total = 0
    for layer in range(1, len(widths)):
        total += widths[layer - 1] * widths[layer] + widths[layer]
    return total


def _count_by_arrays(widths):
    widths = np.asarray(widths)
    return int(np.dot(widths[:-1] + 1, widths[1:]))


# ---------------------------------------------------------------- 0.3 the central difference
def _numeric_grad(f, x, h=1e-5):
    g = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        g[i] = (f(x + step) - f(x - step)) / (2 * h)
    return g


def _numeric_grad_rows(f, x, h=1e-5):
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def _numeric_grad_copies(f, x, h=1e-5):
    g = []
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i], down[i] = x[i] + h, x[i] - h
        g.append((f(up) - f(down)) / (2 * h))
    return np.array(g)


def _forward_difference(f, x, h=1e-5):
    return np.array([(f(x + e) - f(x)) / h for e in h * np.eye(len(x))])


def _half_missing(f, x, h=1e-5):
    return np.array([(f(x + e) - f(x - e)) / h for e in h * np.eye(len(x))])


def _backwards(f, x, h=1e-5):
    return np.array([(f(x - e) - f(x + e)) / (2 * h) for e in h * np.eye(len(x))])


def _all_at_once(f, x, h=1e-5):
    return np.full(len(x), (f(x + h) - f(x - h)) / (2 * h))


def _forgets_to_restore(f, x, h=1e-5):
    g, x = np.zeros_like(x), x.copy()
    for i in range(len(x)):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        g[i] = (up - f(x)) / (2 * h)
    return g


def _ignores_h(f, x, h=1e-5):
    return _numeric_grad(f, x, 1e-5)


def _cube_sum(x):
    return float(np.sum(x**3))


def _mixed(x):
    return float(x[0] * x[1] + np.sin(x[0]) - np.exp(x[1]))


def _weighted_square(x):
    return float(np.arange(1, len(x) + 1) @ x**2)


# ---------------------------------------------------------------- 0.7 relative error
def _relative_error(claimed, measured):
    size = np.linalg.norm(claimed) + np.linalg.norm(measured)
    return float(np.linalg.norm(claimed - measured) / size) if size > 0 else 0.0


def _relative_error_by_sums(claimed, measured):
    size = math.sqrt((claimed**2).sum()) + math.sqrt((measured**2).sum())
    if size == 0:
        return 0.0
    return math.sqrt(((claimed - measured) ** 2).sum()) / size


def _relative_error_flat(claimed, measured):
    difference, size = np.linalg.norm(np.ravel(claimed - measured)), 0.0
    for part in (claimed, measured):
        size += np.sqrt(np.sum(np.square(part)))
    return float(difference / max(size, 1e-300))


def _absolute_error(claimed, measured):
    return float(np.linalg.norm(claimed - measured))


def _over_measured_only(claimed, measured):
    size = np.linalg.norm(measured)
    return float(np.linalg.norm(claimed - measured) / size) if size > 0 else 0.0


def _difference_of_norms(claimed, measured):
    size = np.linalg.norm(claimed) + np.linalg.norm(measured)
    return float(abs(np.linalg.norm(claimed) - np.linalg.norm(measured)) / size) if size > 0 else 0.0


def _zero_over_zero(claimed, measured):
    return float(np.linalg.norm(claimed - measured) / (np.linalg.norm(claimed) + np.linalg.norm(measured)))


def _sums_cancel(claimed, measured):
    size = np.linalg.norm(claimed) + np.linalg.norm(measured)
    return float(abs(np.sum(claimed - measured)) / size) if size > 0 else 0.0


EXERCISES = (
    Exercise(
        "0.1", "Ten shapes", minutes=8, difficulty=1,
        reference=dict(a=(3,), b=(2, 3), c=(3, 2, 4), d=(3, 1), e=(4,), f=(5, 2), g=(5,), h=(2,), i=(5, 2), j=()),
        hints=("Count the brackets: one pair of brackets for each axis. Then count along each axis.",
               "A product (n, k) @ (k, m) gives (n, m): the inner sizes vanish. A sum over an axis removes it.",
               "For the broadcast, write the shapes under each other, aligned at the right: (5, 2) over (2,) gives "
               "(5, 2). A single number has no axis at all."),
        misconceptions=(
            Wrong(dict(a=(3, 1)), "A flat list of three numbers has one axis, so its shape has one entry. "
                                  "(3, 1) would be three rows of one number: [[1], [2], [3]]."),
            Wrong(dict(a=(1, 3)), "A flat list of three numbers has one axis. (1, 3) would be [[1, 2, 3]]: one row."),
            Wrong(dict(a=3), "3 is the length; a shape is always a tuple. With one entry it is written (3,)."),
            Wrong(dict(b=(3, 2)), "Rows come first: the outer list holds 2 rows, each of them 3 numbers."),
            Wrong(dict(c=(4, 2, 3)), "The outermost list comes first: 3 blocks, in each 2 rows, in each 4 numbers."),
            Wrong(dict(c=(3, 8)), "Each of the 3 blocks is itself a list of 2 lists of 4: that is one axis more."),
            Wrong(dict(d=(1, 3)), "Three rows with one number each: rows first."),
            Wrong(dict(d=(3,)), "There are two pairs of brackets around each number, so there are two axes."),
            Wrong(dict(e=(2,)), "One index picks a block, a second picks a row in it. What is left is one row."),
            Wrong(dict(e=(2, 4)), "c[0] is one block of shape (2, 4). A second index then picks one row of it."),
            Wrong(dict(f=(3, 3)), "The inner sizes vanish: (5, 3) @ (3, 2) leaves (5, 2)."),
            Wrong(dict(f=(2, 5)), "The rows of the first factor stay in front: (5, 3) @ (3, 2) gives (5, 2)."),
            Wrong(dict(g=(5, 1)), "The second factor has one axis only; the product then loses that axis: (5,)."),
            Wrong(dict(h=(5,)), "axis=0 is the axis that is summed away; the other one stays."),
            Wrong(dict(h=(1, 2)), "A sum removes its axis. It would stay as 1 only with keepdims=True."),
            Wrong(dict(i=(2,)), "The bias is added to every row; the rows are still there."),
            Wrong(dict(i=(5,)), "Adding does not sum: a (2,) array is added to each of the five rows."),
            Wrong(dict(j=(1,)), "The sum of everything is a number without any axis: its shape is the empty tuple ()."),
            Wrong(dict(j=0), "A shape is a tuple; for a single number it is the empty one: ()."),
        ),
        right="You read shapes. Whenever a formula puzzles you, write the shape under each symbol first.",
    ),
    Exercise(
        "0.2", "Count the parameters", minutes=8, difficulty=1, reference=_count, keep="count_parameters",
        cases=(([2, 1],), ([64, 128, 10],), ([784, 10],), ([784, 128, 10],), ([3, 4, 2, 1],)),
        also_right=(_count_by_layers, _count_by_arrays),
        hints=("How many numbers does one layer own: how many weights, and how many biases?",
               "Walk through the pairs of neighbouring widths, and add up (n_in + 1) n_out.",
               "zip(widths, widths[1:]) gives the pairs."),
        misconceptions=(
            Wrong(lambda widths: sum(a * b for a, b in zip(widths, widths[1:], strict=False)),
                  "You counted the weights and left out the biases: each unit of a layer has one."),
            Wrong(lambda widths: sum(a * b + 1 for a, b in zip(widths, widths[1:], strict=False)),
                  "You gave each layer a single bias. Every one of its n_out units has its own."),
            Wrong(lambda widths: sum(a * b + a for a, b in zip(widths, widths[1:], strict=False)),
                  "You counted one bias for each input of a layer. Biases belong to the units of the layer: n_out."),
            Wrong(lambda widths: sum(a * b for a, b in zip(widths, widths[1:], strict=False)) + sum(widths),
                  "You gave the inputs biases too. Inputs are data: only the layers behind them have parameters."),
            Wrong(lambda widths: sum(widths), "You counted the units. Parameters sit on the arrows between them, and on"
                                              " each unit that receives arrows."),
            Wrong(lambda widths: math.prod(widths),
                  "You multiplied all widths. Layers are put one behind the other: their counts add."),
        ),
        right="The network of section 0.1 has 9,610 parameters.",
    ),
    Exercise(
        "0.3", "The central difference", minutes=12, difficulty=2, reference=_numeric_grad, keep="numeric_grad",
        cases=((_cube_sum, np.array([1.0, -2.0, 0.5]), 1e-2), (_mixed, np.array([0.3, -0.7]), 1e-3),
               (_weighted_square, np.array([1.0, 2.0, 3.0, 4.0]), 0.1), (_cube_sum, np.array([2.0]), 1e-4)),
        also_right=(_numeric_grad_rows, _numeric_grad_copies), rtol=1e-6, atol=1e-8,
        hints=("The gradient has one entry for each entry of x. Each needs f at two places.",
               "Loop over i. Make a step that is h at place i and 0 elsewhere, and use x + step and x - step.",
               "(f(x + step) - f(x - step)) / (2 * h) is entry i."),
        misconceptions=(
            Wrong(_forward_difference, "That is the forward difference (0.4): its error falls like h. Step to both "
                                       "sides, and it falls like h squared."),
            Wrong(_half_missing, "Everything is twice too large. From x - h to x + h you walk 2 h, not h."),
            Wrong(_backwards, "Every sign is turned round: the value at x + h comes first."),
            Wrong(_all_at_once, "You moved all entries at once, which gives one number: the slope along (1, 1, ...). "
                                "Move one entry at a time."),
            Wrong(_forgets_to_restore, "After entry i you left it moved by -h, so the next entry is measured "
                                       "somewhere else. Put it back, or work on a fresh copy."),
            Wrong(_ignores_h, "You ignore the argument h: the steps you take are always the same size."),
        ),
        right="This is the judge for every formula to come.",
    ),
    Exercise(
        "0.4", "Break it: the step", minutes=10, difficulty=2,
        reference=dict(best_forward=-8, best_central=-5, left_branch="rounding", right_branch="truncation"),
        hints=("Take h = 10**-1, 10**-2, ... and print the error of both schemes for f = sin at x = 1.",
               "The best h is where two errors balance. Which of them grows when h shrinks?",
               "Subtracting two nearly equal numbers leaves their rounding; dividing by a small h makes it large."),
        misconceptions=(
            Wrong(dict(best_forward=-16), "At 10**-16 the step is lost: 1 + 1e-16 is 1. Print the errors and see."),
            Wrong(dict(best_central=-16), "At 10**-16 the step is lost: 1 + 1e-16 is 1. Print the errors and see."),
            Wrong(dict(best_central=-8), "That is the best step of the forward difference. The central one has a "
                                         "smaller truncation error, so it can afford a larger step."),
            Wrong(dict(best_forward=-5), "That is the best step of the central difference; compare the two columns."),
            Wrong(dict(left_branch="truncation"), "Truncation shrinks with h. On the left h is small and the error "
                                                  "grows, so something else is at work there."),
            Wrong(dict(right_branch="rounding"), "Rounding grows when h shrinks. On the right h is large."),
        ),
        right="Both balances are derived in section 0.6 and exercise 0.5.",
    ),
    Exercise(
        "0.6", "When the complex step fails", minutes=12, difficulty=3,
        reference=dict(a=True, b=False, c=False, d=True, e=False, f=True, g=True),
        hints=("Try each function at -0.7 + 1e-30j, and look at the imaginary part divided by 1e-30.",
               "The method needs a function that is built from sums, products and power series: then i h travels "
               "through it. Which operations look at the size or the sign of the number as a whole?",
               "abs(), conj() and .real throw the imaginary part away or turn it round. A comparison can be mended by "
               "comparing real parts."),
        misconceptions=(
            Wrong(dict(a=False), "exp and sin of a complex number are their power series, so i h goes through."),
            Wrong(dict(b=True), "abs of a complex number is its length, which is real: the imaginary part is gone, and "
                                "the method answers 0 where the slope is -1."),
            Wrong(dict(c=True), "x conj(x) is the squared length, a real number. The method answers 0; the slope of x² "
                                "is 2 x."),
            Wrong(dict(d=False), "The comparison looks at the real part only, and the chosen branch is a product, "
                                 "which i h passes. This is how |x| must be written for the complex step."),
            Wrong(dict(e=True), "float(x.real) keeps the real part only: the derivative is lost."),
            Wrong(dict(f=False), "Powers are products: (x + i h)³ has the imaginary part 3 x² h, which is right."),
            Wrong(dict(g=False), "Try it: x² has the imaginary part 2 x h, and the root with positive real part turns "
                                 "it into -h. That is |x| again, and this time complex numbers come through."),
        ),
        right="So a function that is to be tested this way must let complex numbers through. nnlib's do.",
    ),
    Exercise(
        "0.7", "Your own judge", minutes=10, difficulty=2, reference=_relative_error, keep="relative_error",
        cases=((np.array([1.0, 2.0]), np.array([1.0, 2.0])), (np.array([3.0, 0.0]), np.array([0.0, 4.0])),
               (np.array([[1e-9, 2e-9], [0.0, 1e-9]]), np.array([[2e-9, 2e-9], [0.0, 1e-9]])),
               (np.zeros(3), np.zeros(3)), (np.array([1.0, 1.0, -1.0]), np.zeros(3)),
               (np.array([5.0, -5.0]), np.array([-5.0, 5.0]))),
        also_right=(_relative_error_by_sums, _relative_error_flat),
        hints=("Two gradients of size 1e-9 that differ by 1e-9 do not agree. Against what must the difference be "
               "measured?",
               "The norm of the difference over the sum of the two norms; and one case where that is 0/0.",
               "np.linalg.norm works for arrays of one and two axes. If both are zero they agree: return 0.0."),
        misconceptions=(
            Wrong(_absolute_error, "That is the absolute error. For gradients of size 1e-9 it is tiny even when they "
                                   "have nothing in common: divide by their size."),
            Wrong(_over_measured_only, "You divided by one of the two only. Where the measured gradient is zero and the"
                                       " claimed one is not, nothing is reported, and the two are not alike."),
            Wrong(_difference_of_norms, "You compared the lengths. Two vectors of one length can point anywhere: take "
                                        "the norm of their difference."),
            Wrong(_zero_over_zero, "Two zero gradients agree, but your formula gives 0/0, not a number. Say what "
                                   "happens then."),
            Wrong(_sums_cancel, "You added the differences up, so errors of opposite sign cancel. Use the norm."),
        ),
        right="`gradient_check` uses exactly this number.",
    ),
    Exercise(
        "0.8", "Five dialects, one language", minutes=6, difficulty=1,
        reference=dict(a="L", b="eta", c="W", d="a", e="mu"),
        hints=("Ask of each symbol what it does in the formula, and ignore what it is called.",
               "What is differentiated is the loss. What multiplies a gradient in an update is the learning rate. "
               "What multiplies the previous change is the momentum.",
               "In the third formula look at the arrow's ends: the symbol carries two of them, so it is a weight."),
        misconceptions=(
            Wrong(dict(a="sigma"), "σ names that author's loss. Here σ is kept for the sigmoid, and the loss is L."),
            Wrong(dict(b="alpha"), "The number in front of the gradient is the learning rate: eta in this book."),
            Wrong(dict(b="mu"), "mu is the momentum: it multiplies the former change. Here a gradient is multiplied."),
            Wrong(dict(c="b"), "The bias of a unit has one index. This number has two ends, from l to k."),
            Wrong(dict(d="theta"), "θ is kept for all parameters together. That author writes θ for what a unit puts "
                                   "out; here it is the activation a."),
            Wrong(dict(d="z"), "z is the sum before the activation function. The formula shows what comes after it."),
            Wrong(dict(e="alpha"), "What multiplies the former change is the momentum: mu in this book."),
            Wrong(dict(e="eta"), "eta multiplies the gradient. Here the previous change is multiplied."),
        ),
        right="From here on one symbol has one meaning.",
    ),
)

QUIZZES = {
    "00-ready": (
        Question("What is the derivative of f(x) = x³ at x = 2?",
                 (Option("6", "That is the second derivative 6 x, halved. The power rule gives 3 x²."),
                  Option("8", "That is the value f(2)."),
                  Option("12", "3 x² at x = 2 is 12.")), 2),
        Question("A matrix with 2 rows and 3 columns times a column of 3 numbers: what comes out?",
                 (Option("a column of 2 numbers", "One number for each row: the row times the column, summed."),
                  Option("a column of 3 numbers", "Each row gives one sum, and there are 2 rows."),
                  Option("a 2 by 3 matrix", "That would be multiplying entry by entry. A matrix product sums.")), 0),
        Question("In Python, what does range(3) run through?",
                 (Option("1, 2, 3", "Python counts from 0 and leaves the end out."),
                  Option("0, 1, 2", "From 0, the end left out."),
                  Option("0, 1, 2, 3", "The end is left out: there are 3 numbers.")), 1),
    ),
    "00-recall": (
        Question("A batch X has shape (32, 64). What is a sample?",
                 (Option("a column of X", "Columns are features: one measurement over all samples."),
                  Option("a row of X", "Rows are samples: there are 32 of them, with 64 features each."),
                  Option("the whole of X", "X is a batch: 32 samples.")), 1),
        Question("You halve h in the central difference, and h is still large. The error becomes …",
                 (Option("a half of it", "That is the forward difference. The central error falls like h²."),
                  Option("a quarter of it", "The leading error is h²/6 times f''' : half the step, a quarter."),
                  Option("larger", "It grows only on the left branch, where rounding rules.")), 1),
        Question("Why has the complex step no left branch?",
                 (Option("it uses more digits", "It uses the same 64-bit numbers."),
                  Option("it takes a larger step", "Its step can be 1e-30: smaller than any other."),
                  Option("it subtracts nothing", "Rounding hurts where two nearly equal numbers are subtracted.")), 2),
    ),
}
