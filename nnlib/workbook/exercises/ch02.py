"""Chapter 02: computation graphs, the parts of a reverse-mode engine, dual numbers."""
from __future__ import annotations

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(2)


# ---------------------------------------------------------------- 2.2 local slopes
_SLOPES = {
    "+": lambda x, y: (1.0, 1.0),
    "-": lambda x, y: (1.0, -1.0),
    "*": lambda x, y: (y, x),
    "/": lambda x, y: (1 / y, -x / y**2),
    "exp": lambda x, y: (np.exp(x),),
    "log": lambda x, y: (1 / x,),
    "tanh": lambda x, y: (1 - np.tanh(x) ** 2,),
}


def _slopes_with(**changed):
    """Local slopes with one rule replaced, by the name of its sign."""
    names = dict(plus="+", minus="-", times="*", over="/", exp="exp", log="log", tanh="tanh")
    rules = _SLOPES | {names[name]: rule for name, rule in changed.items()}
    return lambda op, x, y=None: rules[op](x, y)


_local_slopes = _slopes_with()


def _slopes_by_quotients(op, x, y=None):
    if op == "/":
        z = x / y
        return 1 / y, -z / y
    if op == "tanh":
        return (1 / np.cosh(x) ** 2,)
    return _SLOPES[op](x, y)


def _slopes_by_match(op, x, y=None):
    match op:
        case "+" | "-":
            return [1, 1 if op == "+" else -1]
        case "*":
            return [y, x]
        case "/":
            return [y**-1, -x * y**-2]
        case "exp" | "log":
            return [np.exp(x) if op == "exp" else x**-1]
        case _:
            return [(1 - np.tanh(x)) * (1 + np.tanh(x))]


# ---------------------------------------------------------------- 2.3 backward
class _Node:
    """As in the chapter."""

    def __init__(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes, self.adjoint = value, parents, slopes, 0.0

    def pull(self, g):
        return [g * slope for slope in self.slopes]

    def __add__(self, other):
        return _Node(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return _Node(self.value * other.value, (self, other), (other.value, self.value))


def _long_sum(x, y):
    """x + y + y + ... : a chain that is deeper than Python's stack."""
    end = x
    for _ in range(3000):
        end = end + y
    return end


def _used_on_the_way(x, y):
    """a * (a + x): a is reached from the end at once, and again by a longer way."""
    a = x * y
    return a * (a + x)


_FORMULAS = {
    "(x + y) z": lambda x, y, z: (x + y) * z,
    "x x": lambda x: x * x,
    "a (a + x), a = x y": _used_on_the_way,
    "(x + y)(x z)": lambda x, y, z: (x + y) * (x * z),
    "x + y + y + ...": _long_sum,
}


def _adjoints(backward, formula, *inputs):
    """Adjoints of the inputs, and how many nodes were visited."""
    leaves = [_Node(value) for value in inputs]
    visited = backward(_FORMULAS[formula](*leaves))
    return None if visited is None else ([leaf.adjoint for leaf in leaves], len(visited))


def _waiting(end):
    """How many arrows leave each node."""
    waiting, found = {}, [end]
    for node in found:
        for parent in node.parents:
            if parent not in waiting:
                found.append(parent)
            waiting[parent] = waiting.get(parent, 0) + 1
    return waiting


def _backward_with(hand_on=lambda old, part: old + part, seed=1.0, arriving=lambda node: node.adjoint):
    def backward(end):
        waiting, ready, visited = _waiting(end), [end], []
        end.adjoint = seed
        while ready:
            node = ready.pop()
            visited.append(node)
            for parent, part in zip(node.parents, node.pull(arriving(node)), strict=True):
                parent.adjoint = hand_on(parent.adjoint, part)
                waiting[parent] -= 1
                if waiting[parent] == 0:
                    ready.append(parent)
        return visited
    return backward


_backward = _backward_with()


def _backward_in_rounds(end):
    """Nodes of one distance from the inputs at a time, the farthest first."""
    found = [end, *_waiting(end)]
    level = dict.fromkeys(found, 0)
    changed = found
    while changed:
        higher = {}
        for node in changed:
            for parent in node.parents:
                higher[parent] = max(higher.get(parent, 0), level[node] + 1)
        changed = [node for node, depth in higher.items() if depth > level[node]]
        level |= {node: higher[node] for node in changed}
    end.adjoint = 1.0
    found.sort(key=level.get)
    for node in found:
        for parent, part in zip(node.parents, node.pull(node.adjoint), strict=True):
            parent.adjoint += part
    return found


def _backward_with_a_stack(end):
    """Depth first with an explicit stack: a node is written down after all its parents."""
    order, done, stack = [], set(), [(end, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    end.adjoint = 1.0
    for node in reversed(order):
        for parent, part in zip(node.parents, node.pull(node.adjoint), strict=True):
            parent.adjoint += part
    return order[::-1]


def _backward_as_found(end):
    found = [end, *_waiting(end)]
    end.adjoint = 1.0
    for node in found:
        for parent, part in zip(node.parents, node.pull(node.adjoint), strict=True):
            parent.adjoint += part
    return found


def _backward_along_every_way(end):
    """Goes on from a node whenever it is reached, with everything that has arrived so far."""
    end.adjoint, ready, visited = 1.0, [end], []
    while ready and len(visited) < 9000:
        node = ready.pop(0)
        visited.append(node)
        for parent, part in zip(node.parents, node.pull(node.adjoint), strict=True):
            parent.adjoint += part
            ready.append(parent)
    return visited


# ---------------------------------------------------------------- 2.5 un-broadcasting
def _unbroadcast(g, x):
    g = g.sum(axis=tuple(range(g.ndim - x.ndim)))
    return g.sum(axis=tuple(k for k, n in enumerate(x.shape) if n == 1), keepdims=True)


def _unbroadcast_by_loop(g, x):
    while g.ndim > x.ndim:
        g = g.sum(axis=0)
    for axis, n in enumerate(x.shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


def _unbroadcast_at_once(g, x):
    shape = (1,) * (g.ndim - x.ndim) + x.shape
    axes = tuple(k for k, n in enumerate(shape) if n == 1)
    return g.sum(axis=axes).reshape(x.shape)


def _unbroadcast_mean(g, x):
    g = g.mean(axis=tuple(range(g.ndim - x.ndim))) if g.ndim > x.ndim else g
    axes = tuple(k for k, n in enumerate(x.shape) if n == 1)
    return g.mean(axis=axes, keepdims=True) if axes else g


def _unbroadcast_new_axes_only(g, x):
    return g.sum(axis=tuple(range(g.ndim - x.ndim)))


def _unbroadcast_ones_only(g, x):
    return g.sum(axis=tuple(k for k, n in enumerate(x.shape) if n == 1), keepdims=True)


def _unbroadcast_dropping(g, x):
    g = g.sum(axis=tuple(range(g.ndim - x.ndim)))
    return g.sum(axis=tuple(k for k, n in enumerate(x.shape) if n == 1))


def _unbroadcast_first(g, x):
    g = g[(0,) * (g.ndim - x.ndim)]
    return g[tuple(slice(0, 1) if n == 1 else slice(None) for n in x.shape)]


# ---------------------------------------------------------------- 2.6 rules for arrays
def _power_rule(g, x, y):
    safe = np.where(y == 0, 1.0, x)
    return g * y * safe ** (y - 1), g * x**y * np.log(np.where(x == 0, 1.0, x))


_RULES = {
    "@": lambda g, x, y: (g @ y.T, x.T @ g),
    "sum": lambda g, x, y: (g * np.ones_like(x),),
    "**": _power_rule,
}


def _rules_with(**changed):
    """Rules with one replaced: matmul, sum or power."""
    names = dict(matmul="@", sum="sum", power="**")
    rules = _RULES | {names[name]: rule for name, rule in changed.items()}
    return lambda op, g, x, y=None: rules[op](g, x, y)


_array_rules = _rules_with()


def _array_rules_einsum(op, g, x, y=None):
    if op == "@":
        return np.einsum("im,jm->ij", g, y), np.einsum("ij,im->jm", x, g)
    if op == "sum":
        return [np.full(x.shape, g)]
    with np.errstate(all="ignore"):
        return np.where(y == 0, 0.0, g * y * x ** (y - 1)), np.where(x == 0, 0.0, g * x**y * np.log(x))


def _array_rules_by_entries(op, g, x, y=None):
    if op == "@":
        x_bar, y_bar = np.zeros_like(x), np.zeros_like(y)
        for i, m in np.ndindex(g.shape):
            x_bar[i] += g[i, m] * y[:, m]
            y_bar[:, m] += g[i, m] * x[i]
        return x_bar, y_bar
    if op == "sum":
        return (np.broadcast_to(g, x.shape).copy(),)
    x_bar, y_bar = np.zeros_like(x), np.zeros_like(y)
    for k in np.ndindex(x.shape):
        x_bar[k] = g[k] * y[k] * x[k] ** (y[k] - 1) if y[k] else 0.0
        y_bar[k] = g[k] * x[k] ** y[k] * np.log(x[k]) if x[k] else 0.0
    return x_bar, y_bar


def _power_cases():
    return np.ones(4), np.array([2.0, 0.5, 0.0, 0.0]), np.array([3.0, -1.0, 2.0, 0.0])


# ---------------------------------------------------------------- 2.8 dual numbers
class _Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return type(self)(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        return type(self)(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        z = self.value / other.value
        return type(self)(z, (self.slope - z * other.slope) / other.value)

    def tanh(self):
        z = np.tanh(self.value)
        return type(self)(z, (1 - z**2) * self.slope)


class _DualQuotient(_Dual):
    def __truediv__(self, other):
        above = self.slope * other.value - self.value * other.slope
        return _DualQuotient(self.value / other.value, above / other.value**2)


class _DualReciprocal(_Dual):
    def __truediv__(self, other):
        return self * _DualReciprocal(1 / other.value, -other.slope / other.value**2)


class _DualProductOfSlopes(_Dual):
    def __mul__(self, other):
        return _DualProductOfSlopes(self.value * other.value, self.slope * other.slope)


class _DualOneSided(_Dual):
    def __mul__(self, other):
        return _DualOneSided(self.value * other.value, self.slope * other.value)


class _DualForgetsInnerSlope(_Dual):
    def tanh(self):
        z = np.tanh(self.value)
        return _DualForgetsInnerSlope(z, 1 - z**2)


class _DualPlusInQuotient(_Dual):
    def __truediv__(self, other):
        z = self.value / other.value
        return _DualPlusInQuotient(z, (self.slope + z * other.slope) / other.value)


_DUAL_FORMULAS = {
    "x x + x y": lambda x, y: x * x + x * y,
    "x / y": lambda x, y: x / y,
    "tanh(x y) / (x + y)": lambda x, y: (x * y).tanh() / (x + y),
}


def _both_slopes(Dual, formula, x, y):
    """Value, and the slopes with respect to x and to y: one run for each."""
    runs = [Dual(x, 1.0), Dual(y, 0.0)], [Dual(x, 0.0), Dual(y, 1.0)]
    results = [None if None in pair else _DUAL_FORMULAS[formula](*pair) for pair in runs]
    return None if None in results else (results[0].value, results[0].slope, results[1].slope)


EXERCISES = (
    Exercise(
        "2.1", "A graph on paper", minutes=8, difficulty=1,
        reference=dict(a=-6, b=-3, f=9, b_bar=-6, a_bar=-6, y_bar=-18, x_bar=6),
        hints=("First all values from left to right, then all adjoints from right to left, starting with 1 at f.",
               "Two arrows lead from b to f, and two ways lead from x: what comes back on both is added.",
               "b_bar = b + b. For x_bar add the part that comes through a (times y) and the one straight from b."),
        misconceptions=(
            Wrong(dict(b_bar=-3), "b goes into f twice: each arrow brings back the other factor, and they add up."),
            Wrong(dict(b_bar=9), "That is b times b, the value of f. Each arrow brings back one factor; add the two."),
            Wrong(dict(b_bar=6), "Watch the sign: b is -3, and both arrows bring back b."),
            Wrong(dict(a_bar=36), "b = a + x is a sum: it hands its adjoint on as it is, without a factor."),
            Wrong(dict(y_bar=12), "A product swaps: y gets the *other* factor, x = 3, times the adjoint of a."),
            Wrong(dict(x_bar=12), "That is the part that came through a. Another arrow leads from x straight to b."),
            Wrong(dict(x_bar=-6), "That is the part straight from b. Another way leads from x through a."),
            Wrong(dict(x_bar=-24), "The part through a is a_bar times y = -2: its sign turns round."),
        ),
        right="Written out, f = x²(y + 1)²: its slopes 2x(y + 1)² = 6 and 2x²(y + 1) = -18 agree.",
    ),
    Exercise(
        "2.2", "The table of slopes", minutes=12, difficulty=2, reference=_local_slopes, keep="local_slopes",
        cases=(("+", 2.0, 5.0), ("-", 2.0, 5.0), ("*", 2.0, 5.0), ("/", 3.0, -2.0), ("exp", 0.5, None),
               ("log", 4.0, None), ("tanh", 0.7, None), ("*", -1.0, 0.0)),
        also_right=(_slopes_by_quotients, _slopes_by_match),
        hints=("One slope for each input: two for + - * /, and one for the functions.",
               "Return a tuple. For * the slope at x is y, and the slope at y is x. A tuple of one has a comma: (s,).",
               "/ gives (1 / y, -x / y**2), exp gives (np.exp(x),), log (1 / x,) and tanh (1 - np.tanh(x) ** 2,)."),
        misconceptions=(
            Wrong(_slopes_with(times=lambda x, y: (x, y)),
                  "A product swaps its factors: the slope with respect to x is y, and the other way round."),
            Wrong(_slopes_with(minus=lambda x, y: (1.0, 1.0)),
                  "In x - y the second input pulls down: its slope is -1."),
            Wrong(_slopes_with(over=lambda x, y: (1 / y, x / y**2)),
                  "A larger denominator makes a positive quotient smaller: the second slope of / carries a minus."),
            Wrong(_slopes_with(over=lambda x, y: (1 / y, -x / y)),
                  "The second slope of x / y is -x / y²: your denominator lacks the square."),
            Wrong(_slopes_with(over=lambda x, y: (1 / y, 1 / x)),
                  "Only the product swaps. The quotient x · y⁻¹ has the slope -x y⁻² with respect to y."),
            Wrong(_slopes_with(exp=lambda x, y: (x * np.exp(x - 1),)),
                  "That is the rule for x to a fixed power. In e^x the x is the exponent: the slope is e^x itself."),
            Wrong(_slopes_with(log=lambda x, y: (np.log(x),)),
                  "Only exp is its own slope. The slope of log x is 1/x."),
            Wrong(_slopes_with(tanh=lambda x, y: (1 - x**2,)),
                  "The slope of tanh is 1 minus the square of its *output*: 1 - tanh(x)², as in (1.2)."),
        ),
        right="That table is everything your engine knows about calculus.",
    ),
    Exercise(
        "2.3", "Backward, without recursion", minutes=20, difficulty=3, reference=_backward, use=_adjoints,
        keep="backward",
        cases=(("(x + y) z", -2.0, 5.0, -4.0), ("x x", 3.0), ("a (a + x), a = x y", 3.0, -2.0),
               ("(x + y)(x z)", 1.0, 2.0, 3.0), ("x + y + y + ...", 1.0, 0.5)),
        also_right=(_backward_in_rounds, _backward_with_a_stack),
        hints=("A node may hand back only when all nodes that use it have done so. How can it know?",
               "First walk back from the end and count for each node how many arrows leave it. Then start with "
               "ready = [end]; each arrow handled lowers a count; a node whose count has come to 0 is ready.",
               "Inside the loop, for each parent and its part from node.pull(node.adjoint): parent.adjoint += part, "
               "waiting[parent] -= 1, and if that is 0, ready.append(parent)."),
        misconceptions=(
            Wrong(_backward_with(hand_on=lambda old, part: part),
                  "You overwrite the adjoint. A node that is used twice gets two parts back, and they add: += for =."),
            Wrong(_backward_with(seed=0.0), "Nothing starts: the adjoint of the end is 1, the slope of f by itself."),
            Wrong(_backward_with(arriving=lambda node: 1.0),
                  "You hand on the local slope alone. It must be multiplied by what has arrived, "
                  "node.pull(node.adjoint)."),
            Wrong(_backward_as_found,
                  "The order: you go through the nodes as you find them. In a (a + x) the node a hands back before the "
                  "sum has given it its second part. Wait until all its users are done."),
            Wrong(_backward_along_every_way,
                  "You go on from a node each time it is reached, and what arrived the first time is handed on twice. "
                  "Each node hands back once, when all its users have."),
        ),
        right="Three thousand nodes in a row, and no recursion limit in sight.",
    ),
    Exercise(
        "2.4", "Break it: = for +=", minutes=10, difficulty=2,
        reference=dict(tree_is_right=True, square=3.0, skip=-2.0, bias=0.25),
        hints=("With = each new part replaces what was there: only the last one survives.",
               "Draw each graph and count the arrows that leave each input. One arrow: nothing is lost.",
               "skip: f hands 1 to x first, then the product hands y to x. bias: one of four equal parts survives."),
        misconceptions=(
            Wrong(dict(tree_is_right=False), "In (x + y) z each node is used once, so no part is ever overwritten."),
            Wrong(dict(square=6.0), "That is the right slope. With = the second arrow's part replaces the first's."),
            Wrong(dict(square=9.0), "That is the value of x x. Each of the two arrows brings back one factor, 3."),
            Wrong(dict(skip=-1.0), "That is the right slope, 1 + y. With = one of the two parts is lost."),
            Wrong(dict(skip=1.0), "That part came first, straight from the sum. The part through the product came last "
                                  "and replaced it."),
            Wrong(dict(bias=1.0), "That is the right slope. Each of the four samples brings back 1/4; = keeps one."),
            Wrong(dict(bias=0.0), "The last part survives: it is overwritten with 1/4, not removed."),
        ),
        right="The mistake hides in every graph without a fork, so a test needs one with a fork.",
    ),
    Exercise(
        "2.5", "Take the broadcast back", minutes=12, difficulty=2, reference=_unbroadcast, keep="unbroadcast",
        cases=((_rng.normal(size=(3, 4)), np.zeros((3, 4))), (_rng.normal(size=(3, 4)), np.zeros(4)),
               (_rng.normal(size=(3, 4)), np.zeros((3, 1))), (_rng.normal(size=(3, 4)), np.zeros((1, 4))),
               (_rng.normal(size=(2, 3, 4)), np.zeros((3, 1))), (_rng.normal(size=(3, 4)), np.array(0.0))),
        also_right=(_unbroadcast_by_loop, _unbroadcast_at_once),
        hints=("An entry that was copied gets one part back from each copy. What becomes of the parts?",
               "First sum over the axes that x does not have: they are in front. Then over those where x has length 1.",
               "g.sum(axis=tuple(range(g.ndim - x.ndim))), then g.sum(axis=..., keepdims=True) for the axes with "
               "x.shape[k] == 1."),
        misconceptions=(
            Wrong(_unbroadcast_mean, "You averaged. Each copy has its own effect on the loss, and effects add: sum."),
            Wrong(_unbroadcast_new_axes_only, "You took the new axes in front back, but not the axes of length 1 that "
                                              "were stretched."),
            Wrong(_unbroadcast_ones_only, "You took the stretched axes back, but not the new ones that were added in "
                                          "front."),
            Wrong(_unbroadcast_dropping, "The values are right, but an axis of length 1 must stay: keepdims=True."),
            Wrong(_unbroadcast_first, "You kept one copy's part and threw the others away. They add up."),
            Wrong(lambda g, x: g, "You returned g as it is. A gradient has the shape of what it belongs to."),
        ),
        right="Your bias will get its gradient over the whole batch now, by itself.",
    ),
    Exercise(
        "2.6", "Three rules for arrays", minutes=15, difficulty=3, reference=_array_rules, keep="array_rules",
        cases=(("@", _rng.normal(size=(4, 2)), _rng.normal(size=(4, 3)), _rng.normal(size=(3, 2))),
               ("@", _rng.normal(size=(3, 3)), _rng.normal(size=(3, 3)), _rng.normal(size=(3, 3))),
               ("sum", 2.5, _rng.normal(size=(2, 3)), None),
               ("**", *_power_cases()), ("**", np.array([2.0, -1.0]), np.array([1.5, 3.0]), np.array([2.0, 0.5]))),
        also_right=(_array_rules_einsum, _array_rules_by_entries),
        hints=("Shapes decide most of it: each adjoint has the shape of its input.",
               "@: (2.11). sum: every entry gets g. **: (2.6), with a guard where x or y is 0, so that no 0⁻¹ and no "
               "log 0 is computed.",
               "np.where(y == 0, 1.0, x) ** (y - 1) is safe at y = 0, np.log(np.where(x == 0, 1.0, x)) at x = 0."),
        misconceptions=(
            Wrong(_rules_with(matmul=lambda g, x, y: (y @ g.T, g.T @ x)),
                  "Both products of @ are the wrong way round: you get the transposes. (B, d_out) times (d_out, d_in) "
                  "is (B, d_in)."),
            Wrong(_rules_with(matmul=lambda g, x, y: (g @ y, x.T @ g)),
                  "The transpose of the second factor is missing in the first adjoint. With a square matrix no shape "
                  "warns you."),
            Wrong(_rules_with(matmul=lambda g, x, y: (g @ y.T, g.T @ x)),
                  "Your second adjoint of @ is the transpose of the right one: it must have the shape of the second "
                  "factor."),
            Wrong(_rules_with(sum=lambda g, x, y: (g * x,)),
                  "A sum has the slope 1 for each entry: the value of the entry does not matter."),
            Wrong(_rules_with(sum=lambda g, x, y: (g * np.ones_like(x) / x.size,)),
                  "That is the rule of a mean. A sum hands the whole g to each entry."),
            Wrong(_rules_with(power=lambda g, x, y: (g * y * x ** (y - 1), g * x**y * np.log(x))),
                  "Right for x > 0. At x = 0 you compute 0 · ∞, which is nan: guard both slopes there."),
            Wrong(_rules_with(power=lambda g, x, y: (_power_rule(g, x, y)[0], 0 * g)),
                  "The exponent has a slope too: x^y log x, since x^y = e^(y log x)."),
        ),
        right="With Node, backward and unbroadcast this is an engine: the next cells run a neuron through it.",
    ),
    Exercise(
        "2.8", "Dual numbers", minutes=20, difficulty=3, reference=_Dual, use=_both_slopes, keep="Dual",
        cases=(("x x + x y", 3.0, -2.0), ("x / y", 3.0, -2.0), ("tanh(x y) / (x + y)", 0.5, 1.5)),
        also_right=(_DualQuotient, _DualReciprocal),
        hints=("A dual number carries its slope along. What is the slope of a product of two things that both move?",
               "The product rule, the quotient rule and the chain rule, with self.slope and other.slope as the inner "
               "slopes.",
               "For * the slope is self.slope * other.value + self.value * other.slope; for tanh it is "
               "(1 - z**2) * self.slope."),
        misconceptions=(
            Wrong(_DualProductOfSlopes, "The slope of a product is not the product of the slopes: x' y + x y'."),
            Wrong(_DualOneSided, "Only the first factor moves in your product. The second one does as well: + x y'."),
            Wrong(_DualForgetsInnerSlope,
                  "Your tanh forgets what came in: its slope 1 - z² is multiplied by self.slope (chain rule)."),
            Wrong(_DualPlusInQuotient, "In the quotient the second part is subtracted: (x' - z y') / y, z = x / y."),
        ),
        right="Two inputs, two runs. For a million weights it would be a million runs; backward needs one.",
    ),
)

QUIZZES = {
    "02-recall": (
        Question("The output of a tanh neuron is y_hat. Which slope does it have with respect to z? (section 1.1)",
                 (Option("1 - z²", "The square is that of the output."),
                  Option("1 - y_hat²", "It can be read off the output, without another exponential."),
                  Option("y_hat (1 - y_hat)", "That is another activation, the sigmoid of chapter 04.")), 1),
        Question("In the gradient of the neuron, why is there a sum over the samples? (section 1.3)",
                 (Option("every sample depends on the same weight", "So every sample has its say, and effects add."),
                  Option("to make the number larger", "The size is a consequence, not the reason."),
                  Option("because the loss is squared", "The square gives the factor 2, not the sum.")), 0),
        Question("You want the slopes of a loss with M parameters by central differences. How many evaluations of the "
                 "loss? (section 0.6)",
                 (Option("2", "That is for one parameter."),
                  Option("M", "Each entry needs a step up and a step down."),
                  Option("2M", "Two for each parameter. This chapter does it for the price of a few.")), 2),
    ),
    "02-exit": (
        Question("A node is used by three other nodes. What is its adjoint?",
                 (Option("the product of what the three hand back", "Slopes multiply along one way; ways add."),
                  Option("the sum of what the three hand back", "Each is one way on which a change reaches the end."),
                  Option("what the last one hands back", "That is the mistake of exercise 2.4.")), 1),
        Question("b of shape (3,) is added to an array of shape (8, 3). The adjoint g of the result has shape (8, 3). "
                 "The adjoint of b is",
                 (Option("g", "A gradient has the shape of what it belongs to: (3,)."),
                  Option("the mean of g over the batch", "Nothing in the sum divides by 8."),
                  Option("the sum of g over the batch", "b was copied eight times, and each copy gets a part.")), 2),
        Question("What does automatic differentiation produce?",
                 (Option("a formula for the derivative", "That is computer algebra; its formulas swell."),
                  Option("an approximation with a step h", "That is a difference quotient."),
                  Option("numbers, exact up to rounding", "Local slopes at this point, multiplied and added.")), 2),
    ),
}
