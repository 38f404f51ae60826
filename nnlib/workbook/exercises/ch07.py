"""Chapter 07: backpropagation through layers, batches and graphs; the learner's own dense layer."""
from __future__ import annotations

from functools import partial

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(7)


# ---------------------------------------------------------------- 7.2 a network with one output
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _two_layer(x, y, W1, w2):
    a = _sigmoid(x @ W1)
    delta = _sigmoid(a @ w2) - y
    return np.outer(x, delta * w2 * a * (1 - a)), delta * a


def _two_layer_entries(x, y, W1, w2):
    n, h = W1.shape
    a = np.array([_sigmoid(sum(x[i] * W1[i, j] for i in range(n))) for j in range(h)])
    delta = _sigmoid(sum(a[j] * w2[j] for j in range(h))) - y
    dW1 = [[delta * w2[j] * a[j] * (1 - a[j]) * x[i] for j in range(h)] for i in range(n)]
    return np.array(dW1), np.array([delta * a[j] for j in range(h)])


def _two_layer_stations(x, y, W1, w2):
    z = x @ W1
    a = (1 + np.tanh(z / 2)) / 2
    at_output = np.array([[(1 + np.tanh(a @ w2 / 2)) / 2 - y]])
    at_hidden = at_output @ w2[None] * (np.exp(-z) * a**2)
    return x[:, None] @ at_hidden, (a[:, None] @ at_output)[:, 0]


def _two_layer_with(delta=lambda y_hat, y: y_hat - y, middle=lambda w2, a: w2 * a * (1 - a), signal=lambda z, a: a,
                    turn=lambda dW1: dW1):
    """A gradient of which one factor is replaced."""
    def two_layer_gradient(x, y, W1, w2):
        z = x @ W1
        a = _sigmoid(z)
        d = delta(_sigmoid(a @ w2), y)
        return turn(np.outer(x, d * middle(w2, a))), d * signal(z, a)
    return two_layer_gradient


# ---------------------------------------------------------------- 7.3 a dense layer
class _Dense:
    """A dense layer of which one part can be replaced."""

    def __init__(self, n_in, n_out, dW=lambda x, dz: x.T @ dz, db=lambda dz: dz.sum(axis=0),
                 dx=lambda dz, W: dz @ W.T, z=lambda x, W, b: x @ W + b):
        self.shapes = {"W": (n_in, n_out), "b": (n_out,)}
        self.parts = dW, db, dx, z
        self.reset()

    def reset(self, rng=None):
        self.W = np.random.default_rng(rng).normal(size=self.shapes["W"])
        self.b = np.zeros(self.shapes["b"])
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x, *, training=False):
        self.x = x
        return self.parts[3](x, self.W, self.b)

    def backward(self, dz):
        dW, db, dx, _ = self.parts
        self.dW, self.db = dW(self.x, dz), db(dz)
        return dx(dz, self.W)


class _DenseLoops(_Dense):
    def backward(self, dz):
        B, n_in, n_out = len(dz), *self.W.shape
        pairs = [(j, m) for j in range(n_in) for m in range(n_out)]
        self.dW = np.zeros((n_in, n_out))
        for j, m in pairs:
            self.dW[j, m] = sum(self.x[i, j] * dz[i, m] for i in range(B))
        self.db = np.array([sum(dz[:, m]) for m in range(n_out)])
        return np.array([[sum(dz[i, m] * self.W[j, m] for m in range(n_out)) for j in range(n_in)] for i in range(B)])


class _DenseInPlace(_Dense):
    def backward(self, dz):
        self.dW[...] = np.einsum("bj,bm->jm", self.x, dz)
        self.db[...] = np.ones(len(dz)) @ dz
        return np.dot(self.W, dz.T).T


class _DenseAdding(_Dense):
    def backward(self, dz):
        self.dW += self.x.T @ dz
        self.db += dz.sum(axis=0)
        return dz @ self.W.T


class _DenseStale(_Dense):
    def forward(self, x, *, training=False):
        if not hasattr(self, "x"):
            self.x = x
        return x @ self.W + self.b


class _DenseKeepsOutput(_Dense):
    def backward(self, dz):
        z = self.x @ self.W + self.b
        self.dW, self.db = z.T @ dz, dz.sum(axis=0)
        return dz @ self.W.T


def _layer(answer, W, b):
    layer = answer(*W.shape)
    if layer is not None:  # a function without `return` is told so by the check
        layer.W, layer.b = W, b
    return layer


def _ask_dense(answer, question, *arguments):
    return {"pass": _one_pass, "again": _second_pass, "two layers": _two_layers, "reset": _resets}[question](
        answer, *arguments)


def _one_pass(answer, W, b, x, dz):
    """What goes out at both ends, and both gradients."""
    layer = _layer(answer, W, b)
    if layer is None:
        return None
    z = layer.forward(x)
    dx = layer.backward(dz)
    return z, dx, layer.dW, layer.db


def _second_pass(answer, W, b, batches):
    """One layer, several batches; the gradients of the last."""
    layer = _layer(answer, W, b)
    if layer is None:
        return None
    for x, dz in batches:
        layer.forward(x, training=True)
        dx = layer.backward(dz)
    return dx, layer.dW, layer.db


def _two_layers(answer, W1, b1, W2, b2, x, dz):
    """Two layers of the same class with tanh between them."""
    first, second = _layer(answer, W1, b1), _layer(answer, W2, b2)
    if first is None:
        return None
    a = np.tanh(first.forward(x))
    second.forward(a)
    dx = first.backward(second.backward(dz) * (1 - a**2))
    return dx, first.dW, first.db, second.dW, second.db


def _resets(answer, n_in, n_out):
    """Whether one seed gives the same weights twice; the biases after it."""
    layer = answer(n_in, n_out)
    if layer is None:
        return None
    layer.reset(3)
    drawn = np.array(layer.W)
    layer.reset(np.random.default_rng(3))
    return np.array_equal(drawn, layer.W), np.array(layer.b), np.array(layer.shapes["W"])


def _normal(*shape):
    return _rng.normal(size=shape)


_DENSE_CASES = (
    ("pass", np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]), np.array([0.5, -0.5]), np.array([[1.0, 0.0, 2.0]]),
     np.array([[1.0, -1.0]])),
    ("pass", _normal(3, 2), _normal(2), _normal(5, 3), _normal(5, 2)),
    ("pass", _normal(3, 3), _normal(3), _normal(4, 3), _normal(4, 3)),
    ("again", _normal(2, 4), _normal(4), [(_normal(3, 2), _normal(3, 4)), (_normal(3, 2), _normal(3, 4))]),
    ("two layers", _normal(3, 3), _normal(3), _normal(3, 2), _normal(2), _normal(6, 3), _normal(6, 2)),
    ("reset", 4, 3),
)


# ---------------------------------------------------------------- 7.6 a graph
def _node_errors(children, w, slope, direct):
    delta = {}
    for k in reversed(list(children)):
        delta[k] = slope[k] * (direct.get(k, 0.0) + sum(w[k, m] * delta[m] for m in children[k]))
    return delta


def _node_errors_recursive(children, w, slope, direct):
    def delta(k):
        arrived = direct[k] if k in direct else 0.0
        for m in children[k]:
            arrived += w[k, m] * delta(m)
        return slope[k] * arrived
    return {k: delta(k) for k in children}


def _node_errors_by_pushing(children, w, slope, direct):
    order = list(children)
    arrived = {k: 0.0 for k in order} | direct
    delta = {}
    for m in order[::-1]:
        delta[m] = arrived[m] * slope[m]
        for k in order:
            if m in children[k]:
                arrived[k] = arrived[k] + w[k, m] * delta[m]
    return delta


def _node_errors_with(arrived, slope_of=lambda slope, k, children: slope[k], order=reversed):
    """A recursion of which one part is replaced."""
    def node_errors(children, w, slope, direct):
        delta = {}
        for k in order(list(children)):
            delta[k] = slope_of(slope, k, children) * arrived(k, children[k], w, delta, direct)
        return delta
    return node_errors


def _sum_of_children(k, children, w, delta, direct):
    return direct.get(k, 0.0) + sum(w[k, m] * delta[m] for m in children)


def _direct_for_leaves(k, children, w, delta, direct):
    return sum(w[k, m] * delta[m] for m in children) if children else direct.get(k, 0.0)


def _direct_instead(k, children, w, delta, direct):
    return direct[k] if k in direct else sum(w[k, m] * delta[m] for m in children)


def _last_child(k, children, w, delta, direct):
    arrived = direct.get(k, 0.0)
    for m in children:
        arrived = w[k, m] * delta[m]
    return arrived


def _without_weights(k, children, w, delta, direct):
    return direct.get(k, 0.0) + sum(delta[m] for m in children)


def _slope_on_sum_only(children, w, slope, direct):
    delta = {}
    for k in reversed(list(children)):
        delta[k] = direct.get(k, 0.0) + slope[k] * sum(w[k, m] * delta[m] for m in children[k])
    return delta


def _in_place(children, w, slope, direct):
    for k in reversed(list(children)):
        direct[k] = slope[k] * (direct.get(k, 0.0) + sum(w[k, m] * direct[m] for m in children[k]))
    return dict(direct)


_CHAIN = ({"a": ["b"], "b": ["c"], "c": []}, {("a", "b"): 2.0, ("b", "c"): -3.0}, {"a": 0.5, "b": 0.25, "c": 1.0},
          {"c": 4.0})
_DIAMOND = ({"a": ["b", "c", "d"], "b": ["d"], "c": ["d"], "d": []},
            {("a", "b"): 1.5, ("a", "c"): -0.5, ("a", "d"): 2.0, ("b", "d"): 0.3, ("c", "d"): 1.1},
            {"a": 0.9, "b": 0.4, "c": 0.7, "d": 0.8}, {"d": -1.2})
_FEEDING = ({"g": ["h", "u"], "h": ["u"], "u": ["v"], "v": []},
            {("g", "h"): 0.7, ("g", "u"): -1.3, ("h", "u"): 0.4, ("u", "v"): 1.9},
            {"g": 0.6, "h": 0.2, "u": 0.5, "v": 1.0}, {"u": 0.3, "v": -0.8})


_U = 1 + np.sqrt(2)
_OUTPUT = float(-np.log(_U) / (1 + _U))
_SLOPES = tuple(float(s + _OUTPUT * (1 - s)) for s in (1 / (1 + _U), 1 / (1 + _U**2)))

EXERCISES = (
    Exercise(
        "7.1", "One backward pass on paper", minutes=12, difficulty=2,
        reference=dict(y_hat=6, delta_out=3, dW2=(9, 0), E=(6, 15), delta_hidden=(6, 0), dW1_row2=(12, 0),
                       dx=(6, 6, 0)),
        hints=("Forward: the hidden sums are x times the columns of W1. Which of the two units is asleep?",
               "Back: the error at the output is y_hat - y. Times W2 it arrives at the hidden units; the ReLU lets it "
               "pass where the sum is positive.",
               "dW1 has at row 2 the input x2 times the hidden errors; dx is W1 times the hidden errors."),
        misconceptions=(
            Wrong(dict(y_hat=-4), "The second hidden sum is -2, and the ReLU makes 0 of it before it is weighed."),
            Wrong(dict(delta_out=9), "With half the square the slope is y_hat - y; you squared it."),
            Wrong(dict(delta_out=-3), "The sign: the slope of the loss is y_hat - y. The answer is too large, so it is "
                                      "positive."),
            Wrong(dict(dW2=(9, -6)), "The signal on the second arrow is what the unit gave out, 0, not its sum -2."),
            Wrong(dict(dW2=(6, 15)), "You multiplied by the weight itself. The slope at a weight is error times "
                                     "signal."),
            Wrong(dict(E=(6, 0)), "E is what arrives *above* the ReLU. The switch comes after it."),
            Wrong(dict(delta_hidden=(6, 15)), "The second unit sleeps: its sum is negative, its slope 0."),
            Wrong(dict(dW1_row2=(6, 0)), "The signal is missing: these weights start at x2 = 2."),
            Wrong(dict(dx=(6, 12, -6)), "That is the error times the inputs. The slope at an input takes the "
                                        "weights."),
        ),
        right="The sleeping unit has no slope at any of its weights: it neither spoke nor is it blamed.",
    ),
    Exercise(
        "7.2", "Repair a printed gradient", minutes=12, difficulty=2, reference=_two_layer,
        cases=((np.array([1.0, 2.0]), 1.0, np.array([[0.5, -1.0], [0.25, 0.0]]), np.array([1.0, -2.0])),
               (_normal(3), 0.0, _normal(3, 4), _normal(4)), (_normal(3), 1.0, _normal(3, 3), _normal(3))),
        also_right=(_two_layer_entries, _two_layer_stations),
        hints=("The printed line has two faults. Which sign lowers a loss, and what does a sum over j do to a formula "
               "with a j on the left?",
               "Four factors: y_hat - y, then for each hidden unit its weight and its slope a (1 - a), then x. The "
               "slope at w2 is the error at the output times the signal a.",
               "dW1 is np.outer(x, delta * w2 * a * (1 - a)), with delta = y_hat - y."),
        misconceptions=(
            Wrong(_two_layer_with(delta=lambda y_hat, y: y - y_hat),
                  "The sign: y - y_hat climbs the likelihood. A loss is descended, with y_hat - y."),
            Wrong(_two_layer_with(middle=lambda w2, a: np.ones_like(a) * (w2 * a * (1 - a)).sum()),
                  "The sum over the hidden units is still there, so all columns of dW1 are equal. Each unit has its "
                  "own weight and slope."),
            Wrong(_two_layer_with(delta=lambda y_hat, y: y - y_hat,
                                  middle=lambda w2, a: np.ones_like(a) * (w2 * a * (1 - a)).sum()),
                  "That is the printed line as it stands: look at its sign, and at its sum over the hidden units."),
            Wrong(_two_layer_with(middle=lambda w2, a: w2), "The slope of the hidden sigmoid is missing: a (1 - a)."),
            Wrong(_two_layer_with(middle=lambda w2, a: a * (1 - a)),
                  "The weight w2 is missing: the error reaches unit j along its arrow to the output."),
            Wrong(_two_layer_with(middle=lambda w2, a: w2 * a), "The slope of a sigmoid is a (1 - a), not a."),
            Wrong(_two_layer_with(delta=lambda y_hat, y: (y_hat - y) * y_hat * (1 - y_hat)),
                  "That error belongs to half the squared error. With cross-entropy the slope of the last sigmoid has "
                  "cancelled: y_hat - y."),
            Wrong(_two_layer_with(signal=lambda z, a: z),
                  "dw2 takes the signal on the arrow, the activations a, and not the sums."),
            Wrong(_two_layer_with(turn=np.transpose), "dW1 is transposed: it must have the shape of W1."),
        ),
        right="gradient_check would now agree.",
    ),
    Exercise(
        "7.3", "Your own dense layer", minutes=20, difficulty=2, reference=_Dense, keep="Dense", cases=_DENSE_CASES,
        use=_ask_dense, also_right=(_DenseLoops, _DenseInPlace),
        hints=("Which array of the forward pass stands in (7.9)? Keep it. Then write down the shapes of dW, db and of "
               "what you return.",
               "dW is the kept input, transposed, times dz. db adds up the rows of dz. What you return is dz times W "
               "transposed.",
               "self.dW = self.x.T @ dz; self.db = dz.sum(axis=0); return dz @ self.W.T"),
        misconceptions=(
            Wrong(partial(_Dense, dx=lambda dz, W: dz @ W),
                  "What goes back is dz @ W.T: with a square W the missing transpose does not even raise an error."),
            Wrong(partial(_Dense, dW=lambda x, dz: dz.T @ x),
                  "dW is transposed: it must have the shape of W, (n_in, n_out)."),
            Wrong(partial(_Dense, dW=lambda x, dz: x.T @ dz / len(x)),
                  "You divide by the batch size. The 1/B of the mean is in dz already; the loss put it there."),
            Wrong(partial(_Dense, db=lambda dz: dz.mean(axis=0)),
                  "db is a sum over the samples. The 1/B of the mean is in dz already."),
            Wrong(partial(_Dense, db=lambda dz: dz),
                  "The bias served every sample of the batch, so its slopes add up: db has the shape (n_out,)."),
            Wrong(partial(_Dense, db=lambda dz: dz.sum()), "You added up everything. Each bias has its own sum: "
                                                           "axis=0."),
            Wrong(partial(_Dense, db=lambda dz: dz.sum(axis=1)), "You added along the units. The sum runs over the "
                                                                 "samples: axis=0."),
            Wrong(_DenseAdding, "You add to the gradients of the pass before (+=). Each backward pass starts afresh: "
                                "use =."),
            Wrong(_DenseStale, "In the second pass you still use the input of the first one. Keep x at every forward."),
            Wrong(_DenseKeepsOutput, "dW needs the signal at the beginning of the arrows, the input x, and not the "
                                     "output of the layer."),
            Wrong(partial(_Dense, z=lambda x, W, b: x @ W), "The bias is missing in forward."),
        ),
        right="Check it with nnlib.gradcheck.check_layer(Dense(3, 2), X) as well. Section 7.9 trains it.",
    ),
    Exercise(
        "7.5", "A slope that the output does not know", minutes=12, difficulty=3, atol=5e-4,
        reference=dict(u=float(_U), z=float(-np.log(_U)), output=_OUTPUT, slope_at_z=_SLOPES[0],
                       slope_at_2z=_SLOPES[1], wrong_factor=_SLOPES[0], sign_is_right=False),
        hints=("swish(z) is z / (1 + u), and swish(2z) is 2z / (1 + u²). Set them equal and divide by z.",
               "2 (1 + u) = 1 + u² is a quadratic equation; u must be above 1, since z is negative.",
               "The slope of swish is s + a (1 - s), with s the sigmoid, 1/(1 + u) or 1/(1 + u²), and a the output."),
        misconceptions=(
            Wrong(dict(u=-0.4142), "u is an exponential, so it is positive: take the other root."),
            Wrong(dict(u=2.0), "That belongs to z and 3z, the pair of this section. Here the places are z and 2z."),
            Wrong(dict(z=0.8814), "u = e^(-z), so z = -log u; it is negative."),
            Wrong(dict(output=0.2582), "The sign: z is negative, and so is swish there."),
            Wrong(dict(slope_at_z=0.2071), "s (1 - s) is the slope of the sigmoid. Swish has z in front of it: the "
                                           "product rule gives s + a (1 - s)."),
            Wrong(dict(slope_at_2z=0.1103), "That is the slope at z. At 2z the sigmoid is 1/(1 + u²)."),
            Wrong(dict(wrong_factor=-0.0739), "That is the true factor at 2z. The layer takes the slope at the larger "
                                              "place, which is z."),
            Wrong(dict(sign_is_right=True), "Compare the signs of the two slopes."),
        ),
        right="Descent with such a layer walks uphill wherever a sum lies on the falling branch.",
    ),
    Exercise(
        "7.6", "Errors in a graph", minutes=15, difficulty=3, reference=_node_errors,
        cases=(_CHAIN, _DIAMOND, _FEEDING), also_right=(_node_errors_recursive, _node_errors_by_pushing),
        hints=("In which order must you go through the nodes, so that the errors of all children are ready?",
               "For each node from the last to the first: add up w[k, m] * delta[m] over its children, add the direct "
               "slope if it has one, and multiply by the node's own slope.",
               "reversed(list(children)) is the order, and direct.get(k, 0.0) the direct slope."),
        misconceptions=(
            Wrong(_node_errors_with(_direct_for_leaves),
                  "An output that feeds other nodes has lost its direct term. It has both: add them."),
            Wrong(_node_errors_with(_direct_instead),
                  "An output that feeds other nodes has lost what its children send back. It has both: add them."),
            Wrong(_node_errors_with(_last_child),
                  "Only the last child counts in yours: = where += is meant. All roads add."),
            Wrong(_node_errors_with(_without_weights), "The weights are missing: an error comes back along an arrow, "
                                                       "multiplied by its weight."),
            Wrong(_node_errors_with(_sum_of_children, slope_of=lambda slope, k, children: 1.0),
                  "The slope of the node itself is missing: what you have is dL/da, and delta is dL/dz."),
            Wrong(_slope_on_sum_only, "The slope multiplies the whole bracket, the direct term too."),
            Wrong(_node_errors_with(_sum_of_children, order=iter),
                  "You begin with the inputs' end: the error of a child is needed before it is there. Go backwards."),
            Wrong(_in_place, "You write the errors into the caller's dict `direct`. Make a dict of your own."),
        ),
        right="A few lines, and they are all that a graph library needs for its backward pass.",
    ),
    Exercise(
        "7.7", "Break it: three wrong turns", minutes=20, difficulty=2, atol=0.006,
        reference=dict(assigned=0.70, transposed=0.10, too_early=0.017, downhill=3, caught=3),
        hints=("Copy the function, change one thing, and compare flat(*wrong(X3, Y3, Ws, bs)) with loops.",
               "The relative error is the length of the difference over the sum of both lengths: np.linalg.norm.",
               "For downhill count the positive ones among g @ loops; for caught compare each error with 1e-6."),
        misconceptions=(
            Wrong(dict(assigned=0.66), "That is the cosine of the angle. The relative error is a length of a "
                                       "difference over a sum of two lengths."),
            Wrong(dict(assigned=0.0), "Did both += become =? Then only the last sample is left, of five."),
            Wrong(dict(transposed=0.98), "That is the cosine of the angle. The relative error is a length of a "
                                         "difference over a sum of two lengths."),
            Wrong(dict(transposed=0.0), "Swap the indices in the line of E, the last one of the loop, Ws[l][m, j]."),
            Wrong(dict(too_early=0.0), "The weight in the line of E must be the one after the update."),
            Wrong(dict(downhill=0), "Take the inner products with the true gradient: look at their signs."),
            Wrong(dict(downhill=2), "Take the inner products with the true gradient: look at all three signs."),
            Wrong(dict(caught=1), "gradient_check refuses everything above 1e-6. Compare all three errors with that."),
            Wrong(dict(caught=0), "gradient_check refuses everything above 1e-6. Compare your errors with that."),
        ),
        right="All three lower the loss, so a falling curve proves nothing. A gradient check does.",
    ),
)

QUIZZES = {
    "07-recall": (
        Question("A number reaches the loss on two roads. Along the first the slopes are 2 and 3, along the second 4 "
                 "and -1. Its slope is (chapter 02)",
                 (Option("2", "6 from the first road and -4 from the second: slopes multiply along a road, and roads "
                              "add."),
                  Option("-24", "Only along one road slopes are multiplied."),
                  Option("8", "Add the two products, not all four slopes.")), 0),
        Question("One tanh neuron, a batch X of shape (N, 2), errors delta of shape (N,). The gradient at w is "
                 "(section 1.3)",
                 (Option("X @ delta", "The shapes do not fit: (N, 2) and (N,)."),
                  Option("X.T @ delta", "Error signal times input, summed over the samples: shape (2,)."),
                  Option("X.T @ y_hat", "The error signal is missing.")), 1),
        Question("Softmax with cross-entropy, one-hot targets. What arrives at the logits of a sample? (section 6.6)",
                 (Option("y / y_hat", "That is, up to its sign, the slope at the probabilities, before softmax."),
                  Option("y - y_hat", "The sign: a probability that is too large must be pushed down."),
                  Option("y_hat - y", "Everything else has cancelled.")), 2),
    ),
    "07-exit": (
        Question("What is the slope of the loss at a weight?",
                 (Option("the error where its arrow begins times the signal where it ends", "The other way round."),
                  Option("the error where its arrow ends times the signal where it begins",
                         "delta of the unit it leads to, a of the unit it comes from."),
                  Option("the weight times the error", "That is what the unit below receives along the arrow.")), 1),
        Question("A network gets ten times as many parameters. Its backward pass, compared with its forward pass, "
                 "takes",
                 (Option("about twice as long, as before", "Two matrix products for each one of the forward pass."),
                  Option("ten times as long", "Both passes grow alike."),
                  Option("a hundred times as long", "That would hold for difference quotients, relative to before.")),
                 0),
        Question("In a graph, an output node also feeds another node. Its error is its slope times",
                 (Option("the loss's own slope at it", "It has another road to the loss, through its child."),
                  Option("what its child sends back", "It has another road to the loss, the direct one."),
                  Option("the sum of both", "All roads count, the direct one too.")), 2),
    ),
}
