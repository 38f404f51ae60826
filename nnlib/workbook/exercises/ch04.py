"""Chapter 04: layers and activations, the first parts of the learner's own library."""
from __future__ import annotations

import numpy as np

from nnlib.workbook.exercise import Exercise, Option, Question, Wrong

_rng = np.random.default_rng(4)


# ---------------------------------------------------------------- 4.2 the sums of a dense layer
def _batch(batch, n_in, n_out, width=None):
    """A batch, weights and biases; with `width` the batch has another number of features than the layer."""
    return _rng.normal(size=(batch, width or n_in)), _rng.normal(size=(n_in, n_out)), _rng.normal(size=n_out)


def _refuse(x, W):
    if x.ndim != 2 or x.shape[1] != W.shape[0]:
        raise ValueError(f"dense_forward: expected input of shape (batch, {W.shape[0]}), got {x.shape}.")


def _dense_forward(x, W, b):
    _refuse(x, W)
    return x @ W + b


def _dense_forward_loops(x, W, b):
    _refuse(x, W)
    return np.array([[sum(row[j] * W[j, m] for j in range(len(W))) + b[m] for m in range(len(b))] for row in x])


def _dense_forward_einsum(x, W, b):
    _refuse(x, W)
    z = np.einsum("ij,jm->im", x, W)
    z += b
    return z


def _dense_forward_with(z):
    """A wrong layer that at least refuses wrong shapes."""
    def dense_forward(x, W, b):
        _refuse(x, W)
        return z(x, W, b)
    return dense_forward


# ---------------------------------------------------------------- 4.4 to 4.6 activations
def _activation(name, phi, slope):
    """A class with the interface of a layer: a = phi(x) and dx = slope(dy, x, a)."""
    class Activation:
        def forward(self, x, *, training=False):
            self.x, self.a = x, phi(x)
            return self.a

        def backward(self, dy):
            return slope(dy, self.x, self.a)

    Activation.__name__ = Activation.__qualname__ = name
    return Activation


def _stale(phi, slope):
    """The same, but it keeps what it saw first."""
    class KeepsTheFirst:
        a = None

        def forward(self, x, *, training=False):
            a = phi(x)
            if self.a is None:
                self.a = a
            return a

        def backward(self, dy):
            return slope(dy, None, self.a)

    KeepsTheFirst.__qualname__ = f"KeepsTheFirst({phi.__name__})"
    return KeepsTheFirst


STALE = ("backward answers for the first batch that the layer has ever seen. "
         "It must use what the *last* forward pass kept: overwrite it each time.")


def _pass(answer, first, x, dy):
    """Output and slope of the second of two passes; overflow counts as an error, as it would be a wrong number soon."""
    layer = answer()
    if layer is None:  # a function without `return` in place of the class
        return None
    with np.errstate(over="raise", invalid="raise"):
        layer.forward(first)
        a = layer.forward(x, training=True)
        return a, layer.backward(dy)


def _case(x, first=None):
    x = np.asarray(x, dtype=float)
    return _rng.normal(size=x.shape) if first is None else first, x, _rng.normal(size=x.shape)


_MODERATE = _case(_rng.normal(size=(4, 3)))
_FAR = (_case([[-1000.0, -40.0]]), _case([[1000.0, 5.0, -5.0]]), _case([[-1000.0, 1000.0]]))


class _Sigmoid:
    def forward(self, x, *, training=False):
        e = np.exp(-np.abs(x))
        self.a = np.where(x >= 0, 1, e) / (1 + e)
        return self.a

    def backward(self, dy):
        return dy * self.a * (1 - self.a)


class _SigmoidByLogarithm:
    def forward(self, x, *, training=False):
        self.a = np.exp(-np.logaddexp(0, -x))
        return self.a

    def backward(self, dy):
        return dy * (self.a - self.a**2)


class _SigmoidByParts:
    def forward(self, x, *, training=False):
        self.a = np.empty(x.shape)
        right = x >= 0
        self.a[right] = 1 / (1 + np.exp(-x[right]))
        self.a[~right] = np.exp(x[~right]) / (1 + np.exp(x[~right]))
        return self.a

    def backward(self, dy):
        return (1 - self.a) * self.a * dy


_sigma = _Sigmoid().forward


def _naive(x):
    return 1 / (1 + np.exp(-x))


def _both_branches(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def _logistic_slope(dy, x, a):
    return dy * a * (1 - a)


class _Tanh:
    def forward(self, x, *, training=False):
        self.a = np.tanh(x)
        return self.a

    def backward(self, dy):
        return dy * (1 - self.a**2)


class _TanhBySigmoid:
    def forward(self, x, *, training=False):
        e = np.exp(-2 * np.abs(x))
        self.a = np.sign(x) * (1 - e) / (1 + e)
        return self.a

    def backward(self, dy):
        return dy * (1 + self.a) * (1 - self.a)


class _TanhKeepsTheSlope:
    def forward(self, x, *, training=False):
        a = np.tanh(x)
        self.slope = 1 - a * a
        return a

    def backward(self, dy):
        return self.slope * dy


def _quotient(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def _tanh_slope(dy, x, a):
    return dy * (1 - a * a)


class _ReLU:
    def forward(self, x, *, training=False):
        self.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * self.positive


class _ReLUWhere:
    def forward(self, x, *, training=False):
        self.x = x
        return np.where(x > 0, x, 0.0)

    def backward(self, dy):
        return np.where(self.x > 0, dy, 0.0)


class _ReLUCopies:
    def forward(self, x, *, training=False):
        self.a = x.copy()
        self.a[x < 0] = 0
        return self.a

    def backward(self, dy):
        dx = np.array(dy)
        dx[self.a == 0] = 0
        return dx


class _ReLUWritesIntoX:
    def forward(self, x, *, training=False):
        x[x < 0] = 0
        self.a = x
        return x

    def backward(self, dy):
        return dy * (self.a > 0)


class _ReLUWritesIntoDy(_ReLU):
    def backward(self, dy):
        dy *= self.positive
        return dy


def _relu(x):
    return np.maximum(x, 0)


def _relu_slope(dy, x, a):
    return dy * (a > 0)


# ---------------------------------------------------------------- 4.7 a polygon drawn by ReLUs
def _network(places, changes, start, w=1.0):
    """Parameters of c + sum of changes relu(x - places), with first-layer weights w."""
    places, changes = np.asarray(places), np.asarray(changes)
    return np.full((1, len(places)), w), -w * places, changes[:, None] / w, np.array([start])


def _slopes(x, y):
    return np.diff(y) / np.diff(x)


def _relu_interpolation(x, y):
    return _network(x[:-1], np.diff(_slopes(x, y), prepend=0), y[0])


def _relu_interpolation_loop(x, y):
    changes, before = [], 0.0
    for k in range(len(x) - 1):
        m = (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        changes.append(m - before)
        before = m
    return np.ones((1, len(changes))), np.array([-place for place in x[:-1]]), np.array(changes)[:, None], y[:1]


def _relu_interpolation_steep(x, y):
    return _network(x[:-1], np.diff(_slopes(x, y), prepend=0), y[0], w=4.0)


def _mirrored_biases(x, y):
    W1, b1, W2, b2 = _relu_interpolation(x, y)
    return W1, -b1, W2, b2


def _flat_output(x, y):
    W1, b1, W2, b2 = _relu_interpolation(x, y)
    return W1, b1, W2[:, 0], b2


def _draw(answer, x, y):
    """The heights that the returned network draws between the first and the last point, and how many units it has."""
    returned = answer(x, y)
    if returned is None:
        return None
    W1, b1, W2, b2 = returned
    if np.shape(W2) != (np.size(b1), 1):
        raise ValueError(f"W2 must have shape (n, 1), here ({np.size(b1)}, 1); it has {np.shape(W2)}.")
    places = np.linspace(x[0], x[-1], 41)[:, None]
    return (np.maximum(places @ W1 + b1, 0) @ W2 + b2)[:, 0], np.shape(W1)[1]


EXERCISES = (
    Exercise(
        "4.1", "Shapes through a network", minutes=6, difficulty=1,
        reference=dict(W1=(3, 4), b1=(4,), ones=(5, 1), Z1=(5, 4), W2=(4, 2), y_hat=(5, 2), one_sample=(1, 2),
                       parameters=26),
        hints=("Rows are samples all the way. Which number changes from layer to layer, and which stays?",
               "Write X W1 with the shapes below: (5, 3) times (3, 4). The inner numbers must agree and vanish.",
               "Each unit has one bias. For the parameters: (3 + 1) · 4 for the first layer, then the second."),
        misconceptions=(
            Wrong(dict(W1=(4, 3)), "That is the convention with samples as columns. "
                                   "Here W1[j, m] leads from input j to unit m: inputs first."),
            Wrong(dict(b1=(3,)), "A bias belongs to the unit that it shifts, not to an input: there are four units."),
            Wrong(dict(b1=(5, 4)), "That is the bias after broadcasting. It is stored once for all samples."),
            Wrong(dict(ones=(5, 4)), "The column of ones has one column; its product with the row b gives the (5, 4)."),
            Wrong(dict(ones=(5,)), "With one axis it would be no column, and its product with the row b no matrix."),
            Wrong(dict(Z1=(4, 5)), "Rows are samples: five of them."),
            Wrong(dict(W2=(2, 4)), "From four hidden units to two outputs: where the numbers come from stands first."),
            Wrong(dict(y_hat=(5, 4)), "That is the hidden layer. The output layer has two units."),
            Wrong(dict(one_sample=(2,)), "A single sample is a batch of one: its row stays a row."),
            Wrong(dict(parameters=20), "You counted the weights, 12 + 8. Each of the six units has a bias as well."),
        ),
        right="If you can write the shapes down, most mistakes of this field cannot happen to you.",
    ),
    Exercise(
        "4.2", "A layer of your own", minutes=8, difficulty=2, reference=_dense_forward, keep="dense_forward",
        cases=(_batch(5, 3, 4), _batch(1, 2, 1), _batch(3, 3, 3), _batch(4, 3, 2, width=2),
               (_rng.normal(size=3), _rng.normal(size=(3, 2)), _rng.normal(size=2))),
        also_right=(_dense_forward_loops, _dense_forward_einsum),
        hints=("The formula is (4.1) without its activation. The new part is what the layer refuses.",
               "Refuse unless x has two axes and as many columns as W has rows. Then x @ W, plus the row b.",
               "if x.ndim != 2 or x.shape[1] != W.shape[0]: raise ValueError(f\"... {x.shape}\"), then x @ W + b."),
        misconceptions=(
            Wrong(lambda x, W, b: x @ W + b,
                  "Right for every batch. But a single sample of shape (n_in,) slips through and comes out as "
                  "(n_out,). Refuse what has not two axes, with a ValueError."),
            Wrong(_dense_forward_with(lambda x, W, b: x @ W),
                  "The bias is missing: for an input of zeros your layer can give nothing but zero."),
            Wrong(lambda x, W, b: W @ x + b,
                  "That is the convention with samples as columns. Here a sample is a row, so the weights stand on its "
                  "right: x @ W."),
            Wrong(_dense_forward_with(lambda x, W, b: x @ W.T + b),
                  "W is transposed. It has the shape (n_in, n_out), so x @ W fits as it is; with a square W the "
                  "mistake raises no error at all."),
            Wrong(_dense_forward_with(lambda x, W, b: x @ W + b[:, None]),
                  "Your bias is a column: it shifts samples, not units. "
                  "Where batch and n_out agree, no error says so."),
            Wrong(_dense_forward_with(lambda x, W, b: x @ (W + b)),
                  "The bracket adds b to the weights, so b gets multiplied by the inputs. Add it after the product."),
            Wrong(_dense_forward_with(lambda x, W, b: np.maximum(x @ W + b, 0)),
                  "You applied an activation. This function gives the sums Z; the activation is a layer of its own."),
            Wrong(_dense_forward_with(lambda x, W, b: x @ W + b.sum()),
                  "You added all biases to every unit. Unit m gets b[m] alone."),
        ),
        right="Chapter 07 adds the way back, and then you have a whole Dense.",
    ),
    Exercise(
        "4.3", "Break it: XOR without its bends", minutes=10, difficulty=2, atol=5e-3,
        reference=dict(c=1, v1=-1, v2=-1, without_relu=(1, 1, 1, 1), smallest_error=0.25),
        hints=("Make a table: for each corner the two sums, the two relus, and the answer that XOR wants.",
               "At (0, 1) and (1, 0) both hidden neurons are silent, so c alone must give the answer 1.",
               "At (1, 1) only a1 speaks: c + v1 = 0. Without the relus a1 + a2 is the same number everywhere."),
        misconceptions=(
            Wrong(dict(c=0), "At (0, 1) both hidden neurons give 0, so the answer there is c. XOR wants 1."),
            Wrong(dict(v1=1), "At (1, 1) the answer would be c + 1. XOR wants 0 there."),
            Wrong(dict(v2=1), "At (0, 0) the second neuron gives 1, and the answer would be c + 1. XOR wants 0."),
            Wrong(dict(v1=-2), "That weight belongs to the network of the text, whose "
                               "first neuron still grows at s = 2."),
            Wrong(dict(without_relu=(0, 1, 1, 0)), "That is XOR, with the relus. "
                                                   "Without them a1 = s - 1 may be negative."),
            Wrong(dict(without_relu=(2, 1, 1, 0)), "That comes out of the network (4.5) when its relus are removed. "
                                                   "Here the two sums are s - 1 and 1 - s."),
            Wrong(dict(smallest_error=0.5), "That is the error before training is resumed. What is left is affine, "
                                            "and may still choose its constant."),
            Wrong(dict(smallest_error=0.0), "Without the relus the network is affine, and (4.4) "
                                            "gives a bound for every affine function."),
            Wrong(dict(smallest_error=0.75), "That many corners can be right, of four. "
                                             "The question is the mean squared error: (4.4)."),
        ),
        right="This one speaks at AND and at NOR, and subtracts both from 1. "
              "There is more than one way to bend a plane.",
    ),
    Exercise(
        "4.4", "A sigmoid that survives", minutes=12, difficulty=2, reference=_Sigmoid, keep="Sigmoid", use=_pass,
        cases=(_MODERATE, *_FAR[:2]), atol=0.0, also_right=(_SigmoidByLogarithm, _SigmoidByParts),
        hints=("Only exponentials of negative numbers are harmless. What is common to both parts of (4.9)?",
               "e = exp(-|x|) for all entries, then np.where chooses the numerator. Keep the result as self.a.",
               "np.where(x >= 0, 1, e) / (1 + e); and backward is dy * self.a * (1 - self.a)."),
        misconceptions=(
            Wrong(_activation("Naive", _naive, _logistic_slope),
                  "Right on paper, but at x = -1000 it asks for e to the 1000, which overflows. Use (4.9)."),
            Wrong(_activation("BothBranches", _both_branches, _logistic_slope),
                  "np.where computes both branches for every entry and only then chooses, so the wrong branch "
                  "overflows all the same. Take the exponential of -|x|, once."),
            Wrong(_activation("ByTanh", lambda x: (1 + np.tanh(x / 2)) / 2, _logistic_slope),
                  "It never overflows, but at -40 it gives 0 in place of 4.2e-18: 1 + tanh has lost all digits."),
            Wrong(_activation("Clipped", lambda x: _naive(np.clip(x, -30, 30)), _logistic_slope),
                  "Clipping stops the overflow by giving a wrong answer: beyond 30 your sigmoid is constant."),
            Wrong(_activation("SlopeOfX", _sigma, lambda dy, x, a: dy * x * (1 - x)),
                  "The slope is a (1 - a) in terms of the output a; you put in the input x."),
            Wrong(_activation("NoUpstream", _sigma, lambda dy, x, a: a * (1 - a)),
                  "That is the slope of the sigmoid alone. "
                  "By the chain rule it is multiplied by dy, the slope of what follows."),
            Wrong(_activation("SlopeOfTanh", _sigma, lambda dy, x, a: dy * (1 - a * a)),
                  "1 - a² is the slope of tanh. The sigmoid's is a (1 - a)."),
            Wrong(_activation("Twice", _sigma, lambda dy, x, a: dy * _sigma(a) * (1 - _sigma(a))),
                  "You applied the sigmoid to its own output. What forward kept is a already: a (1 - a)."),
            Wrong(_activation("Sign", _sigma, lambda dy, x, a: dy * a * (a - 1)),
                  "The sign: the sigmoid rises everywhere, so its slope a (1 - a) is positive."),
            Wrong(_stale(_sigma, _logistic_slope), STALE),
        ),
        right="Finite and exact over the whole range, and two lines long.",
    ),
    Exercise(
        "4.5", "Tanh", minutes=6, difficulty=1, reference=_Tanh, keep="Tanh", use=_pass,
        cases=(_MODERATE, _FAR[2]), also_right=(_TanhBySigmoid, _TanhKeepsTheSlope),
        hints=("The slope can be read off the output, as for the neuron of chapter 01.",
               "forward keeps a = tanh(x) and returns it; backward multiplies dy by 1 - a².",
               "self.a = np.tanh(x); return self.a, and return dy * (1 - self.a**2)."),
        misconceptions=(
            Wrong(_activation("SlopeOfX", np.tanh, lambda dy, x, a: dy * (1 - x * x)),
                  "1 - x² takes the input; the slope is 1 - a², with the output."),
            Wrong(_activation("NoSquare", np.tanh, lambda dy, x, a: dy * (1 - a)), "The square is missing: 1 - a²."),
            Wrong(_activation("NoUpstream", np.tanh, lambda dy, x, a: 1 - a * a),
                  "dy is missing: the layer passes on the slope of the loss, not its own alone."),
            Wrong(_activation("SlopeOfSigmoid", np.tanh, lambda dy, x, a: dy * a * (1 - a)),
                  "a (1 - a) is the sigmoid's slope. For tanh it is 1 - a²."),
            Wrong(_activation("Twice", np.tanh, lambda dy, x, a: dy * (1 - np.tanh(a) ** 2)),
                  "You applied tanh a second time. self.a is the output already."),
            Wrong(_activation("Quotient", _quotient, _tanh_slope),
                  "The quotient of exponentials overflows far out, and infinity "
                  "over infinity is NaN. np.tanh is safe."),
            Wrong(_stale(np.tanh, _tanh_slope), STALE),
        ),
        right="At z = 0 it passes everything back, four times as much as the sigmoid.",
    ),
    Exercise(
        "4.6", "ReLU", minutes=8, difficulty=2, reference=_ReLU, keep="ReLU", use=_pass,
        cases=(_MODERATE, _case([[0.0, -2.0, 3.0], [0.5, 0.0, -0.1]]), _case([[-1.0], [2.0]])),
        also_right=(_ReLUWhere, _ReLUCopies),
        hints=("The slope depends on the sign of the input. What must forward remember of it?",
               "Keep where x > 0. backward lets dy through there, and gives 0 elsewhere.",
               "self.positive = x > 0; return np.maximum(x, 0), and return dy * self.positive."),
        misconceptions=(
            Wrong(_activation("AtLeastZero", _relu, lambda dy, x, a: dy * (a >= 0)),
                  "The output of a ReLU is never negative, so a >= 0 holds "
                  "everywhere, and everything passes. Ask a > 0."),
            Wrong(_activation("KinkIsOne", _relu, lambda dy, x, a: dy * (x >= 0)),
                  "You took the slope 1 at exactly 0. It is a subgradient too, but the convention here is 0: x > 0."),
            Wrong(_activation("NoUpstream", _relu, lambda dy, x, a: (x > 0) * 1.0),
                  "That is the mask alone. What comes from behind, dy, is multiplied by it."),
            Wrong(_activation("ByValue", _relu, lambda dy, x, a: dy * a),
                  "You multiplied by the output. The slope where it is active is 1, not a."),
            Wrong(_activation("MaskOnDy", _relu, lambda dy, x, a: dy * (dy > 0)),
                  "You applied the ReLU to dy. Whether a neuron passes something back "
                  "was decided by its *input*, on the way forward."),
            Wrong(_activation("Both", _relu, lambda dy, x, a: np.maximum(dy, 0) * (x > 0)),
                  "The mask of the input is right, but negative slopes must pass as well: no maximum on dy."),
            Wrong(_stale(_relu, _relu_slope), STALE),
            Wrong(_ReLUWritesIntoX, "The values are right, but forward writes zeros into the array of whoever called "
                                    "it. Make a new one: np.maximum(x, 0)."),
            Wrong(_ReLUWritesIntoDy, "The values are right, but backward changes the dy it was "
                                     "given (*= writes into it). Return dy * mask."),
        ),
        right="With better initial weights (chapter 11) this short layer made deep networks practical.",
    ),
    Exercise(
        "4.7", "Fit a curve with n ReLUs", minutes=15, difficulty=3, reference=_relu_interpolation, use=_draw,
        cases=((np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0, 2.5])),
               (np.array([-1.0, -0.5, 1.0, 1.5, 3.0]), np.array([0.5, -1.0, 2.0, 0.0, 0.3])),
               (np.array([2.0, 4.0]), np.array([-1.0, 5.0]))),
        also_right=(_relu_interpolation_loop, _relu_interpolation_steep),
        hints=("Walk along the polygon from the left: at each point you need a new slope. What does a new unit add?",
               "m = differences of y over differences of x. "
               "The weights W2 are the changes of m, beginning from slope 0.",
               "W1 all ones, b1 = -x[:-1], W2 = np.diff(m, prepend=0)[:, None], b2 = y[:1]."),
        misconceptions=(
            Wrong(lambda x, y: _network(x[:-1], _slopes(x, y), y[0]),
                  "You used the slopes as weights. All units to the left go on adding theirs: a weight is the "
                  "*change* of slope at its point."),
            Wrong(lambda x, y: _network(x[:-1], np.diff(np.diff(y), prepend=0), y[0]),
                  "You took differences of the heights for slopes. That needs points at distance 1: "
                  "divide by np.diff(x)."),
            Wrong(_mirrored_biases, "The unit relu(x + x_k) bends at -x_k: the bias is minus the place."),
            Wrong(lambda x, y: _network(x[:-1], np.diff(_slopes(x, y), prepend=0), 0.0),
                  "Your curve starts at height 0. The output bias b2 lifts it to the first point, y[0]."),
            Wrong(lambda x, y: _network(x[1:], np.diff(_slopes(x, y), prepend=0), y[0]),
                  "Each unit bends one point too late: the slope m_k is needed "
                  "*behind* x_k, so the last point needs none."),
            Wrong(_flat_output, "W2 has one axis only. As the weights of a layer from n units "
                                "to one output it has the shape (n, 1)."),
        ),
        right="Slope -2: twice the units, a quarter of the error.",
    ),
)

QUIZZES = {
    "04-recall": (
        Question("A batch of shape (32, 64) goes through a layer with 10 neurons. What shape has W? (section 0.4)",
                 (Option("(10, 64)", "That is the transposed convention: here samples are rows and W is W[in, out]."),
                  Option("(64, 10)", "From 64 features to 10 sums; the 32 does not occur in it."),
                  Option("(32, 10)", "That is the shape of the result. Weights do not depend on the batch.")), 1),
        Question("The output of a tanh neuron is -0.9. How steep is it there? (section 1.1)",
                 (Option("1 - 0.9² = 0.19", "The slope is read off the output."),
                  Option("1 - 0.9 = 0.1", "The output is squared in 1 - y_hat²."),
                  Option("one cannot know without z", "For tanh the output tells z, and with it the slope.")), 0),
        Question("x enters the loss on two paths, with the slopes 3 and -1 along them. "
                 "What is the slope of the loss at x? (chapter 02)",
                 (Option("-3", "Slopes are multiplied *along* a path."),
                  Option("3", "Both paths count, not only the stronger."),
                  Option("2", "Contributions of different paths are added.")), 2),
    ),
    "04-exit": (
        Question("A network 64-128-128-10 has the identity in place of all its activations. It can compute",
                 (Option("more than a network 64-10", "Products of matrices are matrices: depth adds nothing here."),
                  Option("exactly what a network 64-10 can", "Every layer merges with the next, "
                                                             "and no width is below 10."),
                  Option("nothing", "It computes an affine map, as a network 64-10 does.")), 1),
        Question("Why is 1/(1 + exp(-z)) rewritten for negative z?",
                 (Option("to save time", "Both forms need one exponential."),
                  Option("exp(-z) overflows there", "Beyond about -709 it is too large for 64 bits; e^-|z| never is."),
                  Option("the formula is wrong there", "On paper both forms are equal everywhere.")), 1),
        Question("A network 1-20-1 with ReLUs draws a curve. It has",
                 (Option("at most 20 kinks", "One for each unit; units at one place, or of "
                                             "weight zero, may leave fewer."),
                  Option("exactly 21 kinks", "20 kinks make 21 straight pieces."),
                  Option("no kinks, since 20 are many", "However many there are, each ReLU is "
                                                        "straight but for its kink.")), 0),
    ),
}
