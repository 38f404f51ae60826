# %% [markdown]
# # 07 · Backpropagation
#
# About 150 minutes; the short path, marked ▸, takes 70. You need the chain rule of chapter 02, layers and activations from chapter 04, the losses of
# chapters 05 and 06, and of chapter 01 the error signal.
#
# A network has thousands of weights and one number that says how wrong it is. How much of that is the fault of each single weight? We answer this for
# one weight, then for all of them, then for a batch, and at last for any pattern of arrows. It is one algorithm throughout.

# %% tags=["short-path"]
import numpy as np

import nnlib
import nnlib.autodiff.numpy as anp
from nnlib import Network, activations, losses, optimizers
from nnlib.autodiff import grad
from nnlib.gradcheck import complex_grad
from nnlib.graph import GraphNetwork
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("07")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to [the chain rule](02_chain_rule.ipynb), to
# [the gradient of one neuron](01_one_neuron.ipynb#1.3-▸-Which-way-is-down?), or to
# [softmax with cross-entropy](06_softmax_jacobian.ipynb) first.

# %% tags=["short-path"]
quiz("07-recall")

# %% [markdown] tags=["short-path"]
# ## 7.1 ▸ What happens in one step of training?
#
# One step has three acts: the network answers, the loss judges the answer, and the slopes of the loss come back to the parameters. <!-- ledger: S2-05 -->
#
# $$ X \;\xrightarrow{\ \text{forward}\ }\; \hat Y \;\xrightarrow{\ \text{loss}\ }\; L \;\xrightarrow{\ \text{backward}\ }\; \nabla_\theta L. $$
#
# Four things are needed: a rule that changes the weights (chapter 03), a loss (chapter 05), the chain rule (chapter 02), and an order in which to
# apply it so that nothing is computed twice. <!-- ledger: S2-06 -->
# This order is **backpropagation**, and it is all that is new here.
#
# **Before you read on:** a network for the digits, 64-32-10, has 2,410 parameters. Central differences ask for two forward passes for each
# of them. What will the exact gradient cost?

# %% tags=["short-path"]
predict("7.1-cost", "as much as about 3 forward passes", "as much as about 50", "as much as about 2,400")

# %% tags=["short-path"]
rng = np.random.default_rng(7)
first, second = nnlib.layers.Dense(3, 4), nnlib.layers.Dense(4, 2)
net = Network([first, activations.Sigmoid(), second, activations.Sigmoid()], loss=losses.MSE())
net.theta = rng.normal(size=net.theta.size)
X, Y = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))

# %% [markdown] tags=["short-path"]
# We shall count in section 7.4. The cell above makes the small network that goes with us until then: 3 inputs, 4 hidden sigmoids, 2 output sigmoids.
#
# > **You will read** that in the backward pass gradient descent is performed. <!-- ledger: S4-36 -->

# %% tags=["short-path"]
before = net.theta.copy()
_, g = net.loss_and_grad(X, Y)
refute("S4-36", "after the backward pass the weights stand one step of descent further down (η = 1).",
       claimed=before - g, measured=net.theta, by="comparing the weights before and after")
for rule in (optimizers.SGD(0.1), optimizers.RMSProp(0.1), optimizers.Adam(0.1)):
    theta = before.copy()
    rule.step(theta, g)
    print(f"{type(rule).__name__:<8} moves the first weight by {theta[0] - before[0]:+.3f}")

# %% [markdown] tags=["short-path"]
# The backward pass computes $\nabla L$ and moves nothing. What is done with the gradient is another matter: the same one leads three
# optimisers to three different moves.

# %% [markdown] tags=["instructor"]
# **7.1, 10 minutes.** Write the three acts on the board and leave them there; every later section fills a part of the third. Ask: which act needs the
# targets? Expect "backpropagation is the learning". Short of time: skip the loop over the optimisers.

# %% [markdown] tags=["short-path"]
# ## 7.2 ▸ What is the fault of a weight in the last layer?
#
# Take one sample $x$ with its loss $\ell$, and layers as in chapter 04: $z^{(l)}_m = \sum_j a^{(l-1)}_j W^{(l)}_{jm} + b^{(l)}_m$ and $a^{(l)}_m = \phi_l(z^{(l)}_m)$, where
# $a^{(0)} = x$. In the sum for $z_m$ the weight $W_{jm}$ has one factor, what comes in along it; the bias has the factor 1: <!-- ledger: S1-25 -->
#
# $$ \frac{\partial z^{(l)}_m}{\partial W^{(l)}_{jm}} = a^{(l-1)}_j, \qquad \frac{\partial z^{(l)}_m}{\partial b^{(l)}_m} = 1. \tag{7.1} $$
#
# No other $z$ of the layer contains $W_{jm}$. So the only road from this weight to the loss leads through $z_m$. Give the slope of the loss
# there the name it had in chapter 01, the **error signal** of the unit: <!-- ledger: S1-34 -->
#
# $$ \delta^{(l)}_m = \frac{\partial \ell}{\partial z^{(l)}_m}. \tag{D7.1} $$
#
# In the last layer, $l = L$, the road goes on from $z_m$ to $a_m$ and from there into the loss. If $\phi$ works entry by entry, there is no other, and slopes on one road multiply:
#
# $$ \delta^{(L)}_m = \frac{\partial \ell}{\partial a^{(L)}_m}\;\phi_L'\big(z^{(L)}_m\big). \tag{7.2} $$
#
# (Softmax is not of this kind; there use (6.10), or $\hat y - y$ from (6.15).) Put the road together with (7.1): <!-- ledger: S1-24 -->
#
# $$ \frac{\partial \ell}{\partial W^{(l)}_{jm}} = \frac{\partial \ell}{\partial z^{(l)}_m}\,\frac{\partial z^{(l)}_m}{\partial W^{(l)}_{jm}} = \delta^{(l)}_m\, a^{(l-1)}_j,
#    \qquad \frac{\partial \ell}{\partial b^{(l)}_m} = \delta^{(l)}_m. \tag{7.3} $$
#
# Nothing in this argument needed the layer to be the last; only (7.2) did.
#
# *The slope at a weight is the error where its arrow ends times the signal where it begins.* A weight that carried nothing is not to blame. That is
# why a forward pass comes first, and why it must keep its activations. <!-- ledger: S1-26 -->
#
# For sigmoids with half the squared error, $\ell = \frac12 \sum_m (\hat y_m - y_m)^2$, the three factors are <!-- ledger: S1-27 -->
#
# $$ \frac{\partial \ell}{\partial W^{(L)}_{jm}} = (\hat y_m - y_m)\;\hat y_m(1 - \hat y_m)\;a^{(L-1)}_j. \tag{7.4} $$
#
# To check all this we cut the network into stations. Each of the functions below is the rest of the way, from one station to the loss, and
# each is the one above it with one step put in front. The complex step (0.7) then measures the slope at every station.

# %% tags=["short-path"]
x, y = X[0], Y[0]
W1, b1, W2, b2 = first.W, first.b, second.W, second.b


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def from_z2(z2):
    return 0.5 * ((sigmoid(z2) - y) ** 2).sum()


def from_a1(a1):
    return from_z2(a1 @ W2 + b2)


def from_z1(z1):
    return from_a1(sigmoid(z1))


# %% tags=["short-path"]
z1 = x @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
y_hat, by = sigmoid(z2), "the complex step through the rest of the network"
delta2 = (y_hat - y) * y_hat * (1 - y_hat)
dW2 = complex_grad(lambda W: from_z2(a1 @ W + b2), W2)
verify("7.1", claimed=np.outer(a1, [1, 0]), measured=complex_grad(lambda W: (a1 @ W + b2)[0], W2),
       by="the complex step through the first sum", rtol=1e-12)
verify("7.2", claimed=delta2, measured=complex_grad(from_z2, z2), by=by, rtol=1e-12)
verify("7.3", claimed=np.outer(a1, complex_grad(from_z2, z2)), measured=dW2, by=by, rtol=1e-12)
verify("7.4", claimed=np.outer(a1, (y_hat - y) * y_hat * (1 - y_hat)), measured=dW2, by=by, rtol=1e-12)

# %% [markdown] tags=["instructor"]
# **7.2, 15 minutes.** Let somebody walk from a weight to the loss on the drawn network with a finger, naming the slope of each stretch. Ask: which weights
# have the gradient 0 for an input of zeros? Expect the activation at the *end* of the arrow in (7.3) instead of the one at its beginning. Short of
# time: leave (7.4) to the reader.

# %% [markdown] tags=["short-path"]
# ## 7.3 ▸ How does the error get past a hidden layer?
#
# A hidden unit follows the same rule one layer down, $a^{(l)}_m = \phi_l\big(\sum_j a^{(l-1)}_j W^{(l)}_{jm} + b^{(l)}_m\big)$, <!-- ledger: S1-35 -->
# but no target tells what it should have said. What it does have is listeners. Its output $a^{(l)}_m$ enters *every* sum $z^{(l+1)}_k$ of the next layer, with the weight
# $W^{(l+1)}_{mk}$. So it reaches the loss on as many roads as there are units there, and the slopes of the roads add:
#
# $$ E^{(l)}_m = \frac{\partial \ell}{\partial a^{(l)}_m} = \sum_k \frac{\partial \ell}{\partial z^{(l+1)}_k}\,\frac{\partial z^{(l+1)}_k}{\partial a^{(l)}_m}
#    = \sum_k \delta^{(l+1)}_k\,W^{(l+1)}_{mk}. \tag{7.5} $$
#
# <!-- ledger: S4-38 -->
#
# The second equality is the chain rule over all roads, the third reads the factor of $a_m$ in the sum $z_k$ off. Each listener $k$ returns its own error,
# weighted as it listened, and the unit *adds up* what it gets.
#
# One stretch is left, from $z_m$ to $a_m$, with the slope $\phi'$. Among the units of its layer only unit $m$ depends on its own weights, so here nothing is to be added, and the
# slope stands before the sum: <!-- ledger: S1-37 -->
#
# $$ \delta^{(l)}_m = \phi_l'\big(z^{(l)}_m\big) \sum_k W^{(l+1)}_{mk}\,\delta^{(l+1)}_k. \tag{7.6} $$
#
# With this $\delta$, equation (7.3) gives the slopes at the hidden weights, <!-- ledger: S1-36 -->
# and at the hidden biases, which lack the factor $a_j$ since nothing comes in along them. <!-- ledger: S1-38 -->
# Last layer or hidden one, the rule is the same: <!-- ledger: S1-39 -->
#
# $$ \frac{\partial \ell}{\partial W^{(l)}_{jm}} \;=\; \underbrace{E^{(l)}_m}_{\text{error that arrives}} \cdot
#    \underbrace{\phi_l'\big(z^{(l)}_m\big)}_{\text{slope of the unit}} \cdot \underbrace{a^{(l-1)}_j}_{\text{signal on the arrow}}, \tag{7.7} $$
#
# where $E^{(L)}_m = \partial \ell/\partial \hat y_m$ at the output comes from the loss. Only the third factor belongs to one connection; for $l = 1$ it is the data,
# $a^{(0)} = x$. <!-- ledger: S1-42 -->
#
# Look at the direction. To know $\delta^{(l)}$ we need $\delta^{(l+1)}$, so we begin at the end: the errors travel from the output to the input, over the same arrows and weights as the
# signals, the other way. Hence the name. <!-- ledger: S1-43 -->
# And each $\delta$ is computed once and used by all weights of its unit and all units before it; that is the whole economy.
#
# We let `nnlib` go back through the layers one at a time and compare at every station:

# %% tags=["short-path"]
net.forward(X[:1])
at_z2 = net.layers[3].backward((y_hat - y)[None])
at_a1 = net.layers[2].backward(at_z2)
at_z1 = net.layers[1].backward(at_a1)
at_x = net.layers[0].backward(at_z1)
verify("7.2", claimed=at_z2[0], measured=complex_grad(from_z2, z2), by=by, rtol=1e-12)
verify("7.5", claimed=at_a1[0], measured=complex_grad(from_a1, a1), by=by, rtol=1e-12)
verify("7.6", claimed=at_z1[0], measured=complex_grad(from_z1, z1), by=by, rtol=1e-12)
verify("7.7", claimed=first.dW, measured=complex_grad(lambda W: from_z1(x @ W + b1), W1), by=by, rtol=1e-12)

# %% [markdown] tags=["short-path"]
# > **You will read** the sum of (7.5) with the unit's *own* layer on all symbols, $\sum_k W^{(l)}_{mk}\,\delta^{(l)}_k$. <!-- ledger: S1-40 -->
#
# With layers of different widths the shapes forbid it. With equal widths nothing does:

# %%
square = [rng.normal(size=(4, 4)) for _ in range(3)]
a = [rng.normal(size=4)]
for W in square:
    a.append(np.tanh(a[-1] @ W))
delta_3 = (a[3] - 1) * (1 - a[3] ** 2)
delta_2 = square[2] @ delta_3 * (1 - a[2] ** 2)
true = complex_grad(lambda a: 0.5 * ((np.tanh(a @ square[2]) - 1) ** 2).sum(), a[2])
refute("S1-40", "the error arriving at layer 2 is made of the weights and errors of layer 2.",
       claimed=square[1] @ delta_2, measured=true, by=by)

# %% [markdown]
# The error that arrives at a layer is made where it comes from, one layer up. As printed, $\delta^{(l)}$ would be needed to compute itself.
#
# A case met everywhere has one output: $z = \sum_j w_j\,\sigma(z_j)$, $\hat y = \sigma(z)$, with hidden sums $z_j = \sum_i x_i W_{ij}$, and binary cross-entropy. All roads pass through $\hat y$, so
# the gradient splits there: $\frac{\partial \ell}{\partial W_{ij}} = \frac{\partial \ell}{\partial \hat y}\,\frac{\partial \hat y}{\partial W_{ij}}$. <!-- ledger: S2-09 -->
# The first factor together with $\sigma'(z)$ is $\hat y - y$ (chapter 05). What remains is one road, from $W_{ij}$ over unit $j$ to $z$:
#
# $$ \frac{\partial \ell}{\partial W_{ij}} = (\hat y - y)\; w_j\; \sigma'(z_j)\; x_i. \tag{7.8} $$
#
# > **You will read** three variants of it: with a sum over $j$ in the middle, $\sum_j w_j\,\sigma'(z_j)$; <!-- ledger: S2-14 -->
# > with the opposite sign on top of that; <!-- ledger: S2-15 -->
# > and with the sum $z_j$ of the hidden layer where the sum $z$ of the output belongs, so that $\partial z_j/\partial W_{ij} = x_i$ stands alone. <!-- ledger: S2-12 -->

# %%
w, target = W2[:, 0], 1.0
hidden = sigmoid(x @ W1)
out = sigmoid(hidden @ w)
true = complex_grad(lambda W: -np.log(sigmoid(sigmoid(x @ W) @ w)), W1)
by = "the complex step through both layers"
verify("7.8", claimed=(out - target) * np.outer(x, w * hidden * (1 - hidden)), measured=true, by=by, rtol=1e-12)
summed = (out - target) * np.outer(x, np.ones(4)) * (w * hidden * (1 - hidden)).sum()
refute("S2-14", "the slope has a sum over all hidden units.", claimed=summed, measured=true, by=by)
refute("S2-15", "the slope has that sum, and the sign of y − ŷ.", claimed=-summed, measured=true, by=by)
skipped = (out - target) * np.outer(x, np.ones(4))
refute("S2-12", "the slope skips w and σ'.", claimed=skipped, measured=true, by=by)

# %% [markdown]
# Each of the three gives all four hidden units one and the same gradient: the columns of `summed` are equal. A formula with $j$ on its left side must not sum $j$ away on its right. And the sign is
# that of the log-likelihood, which one climbs; a loss is descended.

# %% [markdown]
# ### Exercise 7.1 · One backward pass on paper · 12 minutes · ●●○
# A network 3-2-1 with ReLU in the hidden layer and no activation at the output; all biases are 0. The sample is $x = (1, 2, -1)$ with the target $y = 3$, and $\ell = \frac12(\hat y - y)^2$. The weights are
# $W^{(1)} = \begin{pmatrix} 1 & -1 \\ 1 & 0 \\ 0 & 1 \end{pmatrix}$ and $W^{(2)} = \begin{pmatrix} 2 \\ 5 \end{pmatrix}$. Go forward, then back. `E` is what arrives at the hidden units, `dW1_row2` the slopes at the
# weights that leave $x_2$, `dx` the slopes at the three inputs.

# %% tags=["exercise"]
by_hand = dict(
    y_hat=...,
    delta_out=...,
    dW2=...,  # two numbers, as in (1, 2)
    E=...,  # two
    delta_hidden=...,  # two
    dW1_row2=...,  # two
    dx=...,  # three
)
### BEGIN SOLUTION
by_hand = dict(y_hat=6, delta_out=3, dW2=(9, 0), E=(6, 15), delta_hidden=(6, 0), dW1_row2=(12, 0), dx=(6, 6, 0))
### END SOLUTION

# %%
check("7.1", by_hand)
hint("7.1")

# %% [markdown]
# ### Exercise 7.2 · Repair a printed gradient · 12 minutes · ●●○
# The network of (7.8), for one sample `x` of shape `(n,)`, weights `W1` `(n, h)` and `w2` `(h,)`, no biases. Somebody has printed
# `dW1 = (y - y_hat) * np.outer(x, np.ones(h)) * (w2 * a * (1 - a)).sum()`. Write the right gradient of both weights, as the pair `(dW1, dw2)`.

# %% tags=["exercise"]
def two_layer_gradient(x, y, W1, w2):
    """Gradient of binary cross-entropy at both weights, (7.8) and (7.3).  -> (n, h), (h,)."""
    ### BEGIN SOLUTION
    a = 1 / (1 + np.exp(-x @ W1))
    delta = 1 / (1 + np.exp(-a @ w2)) - y
    return np.outer(x, delta * w2 * a * (1 - a)), delta * a
    ### END SOLUTION


# %%
check("7.2", two_layer_gradient)
hint("7.2")

# %% [markdown] tags=["instructor"]
# **7.3, 30 minutes.** Draw the listeners of one hidden unit and let each "return" a number; add them up aloud. Ask before (7.6): which factor stands outside the sum, and why? Expect the average instead of
# the sum, and $\phi'$ at the wrong layer. Short of time: skip (7.8) and exercise 7.2.

# %% [markdown] tags=["short-path"]
# ## 7.4 ▸ How do we do all samples and all units at once?
#
# Now the batch. Its loss is $L$, the mean over $B$ samples, and the errors of all samples and units of a layer make a matrix:
#
# $$ \Delta^{(l)} = \frac{\partial L}{\partial Z^{(l)}} \in \mathbb R^{B \times d_l}. \tag{D7.2} $$
#
# The $\frac1B$ of the mean enters once, at the loss, and travels down inside $\Delta$. Samples do not see each other, so row $i$ of $\Delta$ obeys the equations of sample $i$. A weight serves
# all of them, and its slopes add up: $\partial L/\partial W_{jm} = \sum_i a_{ij}\,\Delta_{im}$. That is row $j$ of $A^\top$ times column $m$ of $\Delta$. The bias has ones in place of the $a_{ij}$. So
#
# $$ \frac{\partial L}{\partial W^{(l)}} = A^{(l-1)\top} \Delta^{(l)}, \qquad \frac{\partial L}{\partial b^{(l)}} = \mathbf 1^\top \Delta^{(l)}. \tag{7.9} $$
#
# In (7.5) the sum runs over the second index of $W$, which is the first of $W^\top$: sample by sample it is row $i$ of $\Delta$ times $W^\top$. And $\phi'$ multiplies entry by entry, $\odot$:
#
# $$ \frac{\partial L}{\partial A^{(l)}} = \Delta^{(l+1)}\, W^{(l+1)\top}, \qquad \Delta^{(l)} = \big(\Delta^{(l+1)}\, W^{(l+1)\top}\big) \odot \phi_l'\big(Z^{(l)}\big). \tag{7.10} $$
#
# Nobody has to remember where the transposes go. A gradient has the shape of what it belongs to, and with $A$ of shape $(B, d_{l-1})$, $\Delta$ of shape $(B, d_l)$ there is one way to multiply them that
# gives $(d_{l-1}, d_l)$.
#
# In `nnlib` the two halves of (7.9) are the two `matmul`, the first half of (7.10) is the line of `backward`, and its second half is left to the activation, which is a layer of its own. The network
# is a loop from the last layer to the first:

# %% tags=["short-path"]
show(nnlib.layers.Dense.gradients, nnlib.layers.Dense.backward, Network.backward)

# %% tags=["short-path"]
def plain_loss(theta):
    """Mean squared error of the net 3-4-2, written out."""
    V1, c1, V2, c2 = theta[:12].reshape(3, 4), theta[12:16], theta[16:24].reshape(4, 2), theta[24:]
    return np.mean((sigmoid(sigmoid(X @ V1 + c1) @ V2 + c2) - Y) ** 2)


A1 = sigmoid(X @ W1 + b1)
net.loss_and_grad(X, Y)
at_A1 = second.backward(net.layers[3].backward(losses.MSE().grad(net.forward(X), Y)))
at_Z1 = net.layers[1].backward(at_A1)
rest = [complex_grad(lambda A: np.mean((sigmoid(A @ W2 + b2) - Y) ** 2), A1),
        complex_grad(lambda Z: np.mean((sigmoid(sigmoid(Z) @ W2 + b2) - Y) ** 2), X @ W1 + b1)]
verify("7.9", claimed=net.grad, measured=complex_grad(plain_loss, net.theta),
       by="the complex step, weight by weight", rtol=1e-12)
verify("7.10", claimed=[at_A1, at_Z1], measured=rest, by="the complex step from each station on", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# Now count. Forward, a layer costs one product of $(B, d_{l-1})$ and $(d_{l-1}, d_l)$. Back, it costs two products with the same three sizes, one for the weights and one for the layer below.
# So a gradient costs about as much as *three* forward passes, whether there are two thousand parameters or two billion. Central differences would need 4,820 of them for the digits. We ask the clock, with a wide margin:

# %% tags=["short-path", "nbval-ignore-output"] excuse="a time depends on the machine and on what else it does"
from timeit import repeat

digits, labels = nnlib.data.load_digits()
small = Network([nnlib.layers.Dense(64, 32), activations.ReLU(), nnlib.layers.Dense(32, 10)], rng=0,
                loss=losses.SoftmaxCrossEntropy())
forward = min(repeat(lambda: small.forward(digits), number=5, repeat=7))
gradient = min(repeat(lambda: small.loss_and_grad(digits, labels), number=5, repeat=7))
print("the gradient costs", "more" if gradient > 10 * forward else "less", "than ten forward passes")

# %% [markdown] tags=["short-path"]
# Less than ten: the loss and the activations want their time as well, but not thousands of passes. That this price does not depend on the number of parameters is what made large networks possible. It has one condition: there is a single number at the end. With ten outputs and no loss
# above them, ten such passes would be needed, one for each.

# %% [markdown] tags=["short-path"]
# ### Exercise 7.3 · Your own dense layer · 20 minutes · ●●○
# The heart of your library. Construction and random start are given. Write `forward`, which keeps what the way back needs, and `backward`: it takes $\Delta$ as `dz`, sets `self.dW` and `self.db`, and returns the
# gradient at the input. The flag `training` changes nothing here.

# %% tags=["exercise", "short-path"]
class Dense:
    """z = x W + b, and its way back, (7.9) and (7.10).  (batch, n_in) -> (batch, n_out)."""

    def __init__(self, n_in, n_out):
        self.n_in, self.n_out = n_in, n_out
        self.shapes = {"W": (n_in, n_out), "b": (n_out,)}
        self.reset()

    def reset(self, rng=None):
        """Random weights, biases 0; gradients of the same shapes."""
        self.W = np.random.default_rng(rng).normal(size=(self.n_in, self.n_out)) * np.sqrt(2 / self.n_in)
        self.b = np.zeros(self.n_out)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x, *, training=False):
        ### BEGIN SOLUTION
        self.x = x
        return x @ self.W + self.b
        ### END SOLUTION

    def backward(self, dz):
        ### BEGIN SOLUTION
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)
        return dz @ self.W.T
        ### END SOLUTION


# %% tags=["short-path"]
check("7.3", Dense)
hint("7.3")

# %% [markdown]
# ### Exercise 7.4 · Proof: the matrix form without an index · 15 minutes · ●●●
# Let $\langle U, V \rangle = \sum_{im} U_{im} V_{im}$ for matrices of one shape. For small changes $dZ$ the loss changes by $dL = \langle \Delta, dZ \rangle$ to first order, and this for every $dZ$ defines $\Delta$. (a) Show that
# $\langle U, PQ \rangle = \langle P^\top U, Q \rangle = \langle U Q^\top, P \rangle$. (b) From $Z = AW + \mathbf 1 b$ find $dZ$ when $A$, $W$ and $b$ all change a little. (c) Conclude (7.9) and the first half of (7.10).
# (d) With $A = \phi(Z')$ entry by entry, conclude the second half.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) $\langle U, PQ \rangle = \sum_{im} U_{im} \sum_j P_{ij} Q_{jm}$. Summed over $i$ first, this is $\sum_{jm} \big(\sum_i P_{ij} U_{im}\big) Q_{jm} = \langle P^\top U, Q \rangle$; summed over $m$ first,
# $\sum_{ij} \big(\sum_m U_{im} Q_{jm}\big) P_{ij} = \langle U Q^\top, P \rangle$.
#
# (b) $(A + dA)(W + dW) + \mathbf 1 (b + db) - AW - \mathbf 1 b = dA\,W + A\,dW + \mathbf 1\,db + dA\,dW$. The last term is a product of two small things, of second order, and drops out of $dZ$.
#
# (c) $dL = \langle \Delta, dA\,W \rangle + \langle \Delta, A\,dW \rangle + \langle \Delta, \mathbf 1\,db \rangle = \langle \Delta W^\top, dA \rangle + \langle A^\top \Delta, dW \rangle + \langle \mathbf 1^\top \Delta, db \rangle$ by
# (a). The three changes are free, each may be the only one, and the factor beside a free change is the gradient: $\Delta W^\top$, $A^\top \Delta$, $\mathbf 1^\top \Delta$.
#
# (d) $dA = \phi'(Z') \odot dZ'$, and $\langle U, V \odot dZ' \rangle = \langle U \odot V, dZ' \rangle$ since both are $\sum U_{im} V_{im}\, dZ'_{im}$. With $U = \Delta W^\top$ the factor beside $dZ'$ is $(\Delta W^\top) \odot \phi'(Z')$. $\square$
#
# **Rubric** (10 points): sums exchanged explicitly in (a), both forms 3 · all terms of $dZ$ in (b), and the reason why $dA\,dW$ drops out 2 · each product moved to the right side in (c) 2 · "the changes are free" said 1 ·
# the entrywise product moved in (d) 2.

# %% [markdown] tags=["instructor"]
# **7.4, 30 minutes.** Write the shapes of $A$, $\Delta$, $W$ on cards and let the room find the only products that fit. Ask: where is the $\frac1B$? Expect `dz.mean(axis=0)` for the bias, `+=` in `backward`, and $W^\top$ forgotten when the
# layer is square. Short of time: exercise 7.4 as homework.

# %% [markdown]
# ## 7.5 What must the forward pass keep?
#
# The slopes $\phi'$ on the way back belong to the *sums* $z$ of the way forward. For sigmoid, tanh and ReLU the output $a$ tells the slope: $a(1-a)$, $1 - a^2$, and 1 where $a > 0$. It is tempting to keep $a$ alone.
#
# > **You will read** that the unit's own factor $\phi'$ depends on the value of its activation and on nothing else. <!-- ledger: S1-41 -->
#
# Try it with swish, $\phi(z) = z\,\sigma(z)$. It first falls, then rises, so it takes some values twice: at $-\ln 2$ it is $-\ln 2/(1 + 2)$, and at $-3\ln 2$ it is $-3\ln 2/(1 + 8)$. The same.

# %%
swish, z = activations.Swish(), np.array([-np.log(2), -3 * np.log(2)])
print("outputs:", swish.forward(z).round(3), " slopes:", swish.backward(np.ones(2)).round(3))
left, right = (complex_grad(lambda z: z * sigmoid(z), float(one)) for one in z)
refute("S1-41", "equal outputs of one activation have equal slopes.", claimed=left, measured=right,
       by="the complex step at both sums")

# %% [markdown]
# One of them learns to rise, the other to fall, and from their outputs nobody can tell which is which. Keep $z$, or something that $z$ can be told from; `nnlib`'s swish keeps $\sigma(z)$ beside $a$.
#
# One unit with a ReLU shows the whole of a backward step in small. Let $z = \sum_i x_i w_i + b$, $a = \max(z, 0)$, and let $\bar a$ be the slope that arrives from above. With $[z > 0]$ for 1 or 0, <!-- ledger: S4-44 -->
#
# $$ \frac{\partial \ell}{\partial x_i} = \bar a\,[z > 0]\,w_i, \qquad \frac{\partial \ell}{\partial w_i} = \bar a\,[z > 0]\,x_i, \qquad \frac{\partial \ell}{\partial b} = \bar a\,[z > 0]. \tag{7.11} $$
#
# > **You will read** the middle one as the vector of slopes of $\mathrm{ReLU}(w_i)$, which is $[w_i > 0]$. <!-- ledger: S4-45 -->

# %%
xs, ws, bias, arriving = np.array([1.0, -2.0, 3.0]), np.array([-3.0, -1.0, 2.0]), 1.0, 1.7
unit, relu = nnlib.layers.Dense(3, 1), activations.ReLU()
unit.W[:, 0], unit.b[:] = ws, bias
relu.forward(unit.forward(xs[None]))
dx = unit.backward(relu.backward(np.array([[arriving]])))


def by_differences(f, at):
    """Slopes of arriving · max(f, 0) along each entry."""
    h = 1e-4
    up, down = ([max(f(at + sign * h * e), 0) for e in np.eye(3)] for sign in (1, -1))
    return arriving * (np.array(up) - down) / (2 * h)

# %%
slopes = by_differences(lambda xs: xs @ ws + bias, xs), by_differences(lambda ws: xs @ ws + bias, ws)
verify("7.11", claimed=[dx[0], unit.dW[:, 0]], measured=slopes, by="central differences")
refute("S4-45", "the slope at each weight is 1 where that weight is positive, and 0 elsewhere.",
       claimed=arriving * (ws > 0), measured=slopes[1], by="central differences")

# %% [markdown]
# The bend sits at the *sum*: one switch for the whole unit. Whether a weight is positive does not matter to it.

# %% [markdown]
# ### Exercise 7.5 · A slope that the output does not know · 12 minutes · ●●●
# On paper. Find $z < 0$ such that swish has the same value at $z$ and at $2z$. (Write $u = e^{-z}$ and solve for $u$.) Give `u`, `z`, the common `output`, and both slopes. Now a layer keeps only its outputs and, to have a rule, always takes the slope at
# the *larger* of the two places. By which number does it multiply an error of 1 that belongs to $2z$, and is the sign of the result right?

# %% tags=["exercise"]
two_places = dict(u=..., z=..., output=..., slope_at_z=..., slope_at_2z=..., wrong_factor=..., sign_is_right=...)
### BEGIN SOLUTION
u = 1 + np.sqrt(2)
s = 1 / (1 + u), 1 / (1 + u**2)
output = -np.log(u) / (1 + u)
one, other = (float(s_k + output * (1 - s_k)) for s_k in s)
two_places = dict(u=float(u), z=float(-np.log(u)), output=float(output), slope_at_z=one, slope_at_2z=other,
                  wrong_factor=one, sign_is_right=False)
### END SOLUTION

# %%
check("7.5", two_places)
hint("7.5")

# %% [markdown] tags=["solution-only"]
# $z/(1+u) = 2z/(1+u^2)$, so $1 + u^2 = 2 + 2u$ and $u = 1 \pm \sqrt 2$; an exponential is positive, so $u = 1 + \sqrt 2$ and $z = -\ln u \approx -0.88$. There $\sigma = 1/(1+u) \approx 0.293$, at $2z$ it is $1/(1+u^2) \approx 0.146$, and the output is
# $a \approx -0.258$ at both. The product rule gives the slope $\sigma + z\,\sigma(1-\sigma) = \sigma + a\,(1 - \sigma)$: about $0.110$ at $z$ and $-0.074$ at $2z$. The layer multiplies by $0.110$ where it should by $-0.074$: the error changes its sign.

# %% [markdown] tags=["instructor"]
# **7.5, 15 minutes.** Sketch swish and draw a horizontal line below zero. Ask: which other activations have this trouble? (GELU, sine; all that are not monotone.) Expect "then keep the sign as well". Short of time: the sketch and the refutation
# are enough.

# %% [markdown] tags=["short-path"]
# ## 7.6 ▸ Where does the error die?
#
# On its way down, (7.10) multiplies the error by a matrix and by slopes, layer after layer. For the sigmoid a slope is at most $\frac14$ (chapter 04).
#
# **Before you play:** six hidden layers of sigmoids, weights of moderate size. The output has the error 1. What is left of it in the first hidden layer?

# %% tags=["short-path"]
predict("7.6-left", "about a half", "about a hundredth", "less than a thousandth")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch07 import ErrorSignalBench

ErrorSignalBench()

# %% [markdown] tags=["short-path"]
# Press the button and watch the error go back, one layer at a time. With sigmoids the circles fade: less than a thousandth arrives, and as the arrows are as thick as their gradients, the first layers do not learn. Now choose ReLU: a unit that is awake passes its
# error on whole, one that sleeps passes nothing. Then take tanh and raise the weights: more and more of the error arrives, more
# even than set out, until the units saturate and it dies after all. How large the weights must be so that it does neither is the subject of chapter 11.

# %% [markdown] tags=["instructor"]
# **7.6, 10 minutes.** Hands up before the button is pressed. Ask: which slider brings the sigmoid's error back, and at what price? Expect "larger weights help": up to a point, then the units saturate. Short of time: show the still picture.

# %% [markdown]
# ## 7.7 And if there are no layers?
#
# Some networks skip layers, branch, and join again. Let the units be the nodes of a directed graph, and $l \to k$ an arrow that carries $a_l$ with the weight $w_{lk}$. One condition: there is no cycle, so that the nodes can be numbered with every arrow
# leading from a smaller number to a larger one. <!-- ledger: S3-01 -->
# Each node adds up what comes in along its arrows, and its bias; inputs are data: <!-- ledger: S3-03 -->
#
# $$ z_k = \sum_{l \to k} w_{lk}\, a_l + b_k, \qquad a_k = \phi_k(z_k). \tag{D7.3} $$
#
# Every node may have a $\phi_k$ of its own. <!-- ledger: S3-02 -->
# Some nodes are outputs; the loss compares their values with the targets and knows nothing else of the network. <!-- ledger: S3-04 -->
#
# In section 7.2 nothing was said about layers except who sends to whom. With $\delta_k = \partial \ell/\partial z_k$, (7.3) stands as it was: <!-- ledger: S3-05 -->
#
# $$ \frac{\partial \ell}{\partial w_{lk}} = \delta_k\, a_l, \qquad \frac{\partial \ell}{\partial b_k} = \delta_k. \tag{7.12} $$
#
# For the bias it is the error itself, as before. <!-- ledger: S3-06 -->
# The roads from $a_k$ to the loss are its arrows $k \to m$ and, if $k$ is an output, one that leads there at once. Add them up: <!-- ledger: S3-07 -->
#
# $$ \delta_k = \phi_k'(z_k)\Big(\underbrace{\frac{\partial \ell}{\partial a_k}\Big|_{\text{direct}}}_{0 \text{ unless } k \text{ is an output}} + \sum_{k \to m} w_{km}\,\delta_m\Big). \tag{7.13} $$
#
# An output that no arrow leaves has the first term only, for each sample its own. <!-- ledger: S3-09 -->
# From there we work backwards through the numbers: every $\delta_m$ on the right is ready when its turn comes. <!-- ledger: S3-08 -->
#
# Many texts print (7.13) without the direct term. That is right as long as no output feeds another node. In our example $u$ does both: it is an output and feeds another one, $v$.

# %%
graph = GraphNetwork(["p", "q"], loss=losses.MSE()).add("g", ["p", "q"], "tanh").add("h", ["q", "g"], "sigmoid")
graph.add("u", ["g", "h"], "tanh").add("v", ["p", "u"]).outputs(["u", "v"])
P, T = rng.normal(size=(6, 2)), 1 + rng.normal(size=(6, 2))
graph.theta = rng.normal(size=graph.theta.size)


def plain_graph(theta):
    """Mean squared error of the graph, written out."""
    w = {arrow: theta[place] for arrow, place in graph.where.items()}
    p, q = P.T
    g = np.tanh(w["p", "g"] * p + w["q", "g"] * q + w["g"])
    h = sigmoid(w["q", "h"] * q + w["g", "h"] * g + w["h"])
    u = np.tanh(w["g", "u"] * g + w["h", "u"] * h + w["u"])
    v = w["p", "v"] * p + w["u", "v"] * u + w["v"]
    return np.mean((np.stack([u, v], axis=1) - T) ** 2)

# %%
from nnlib.workbook.benches.ch07 import graph_picture

graph_picture(graph, P[5:], T[5:])

# %% [markdown]
# Follow one sample. The values $a$ were found from left to right, the errors $\delta$ from right to left. $v$ knows its error at once. $u$ hears from two sides: from the loss, and from $v$ along the thick arrow. $h$ hears from $u$ alone, and $g$ from $h$ and $u$, past the layer between. Inputs are given and not computed:
# they have no $z$, hence no $\delta$.

# %%
from_loss, from_v = graph.a["u"][0] - T[5, 0], graph.theta[graph.where["u", "v"]] * graph.delta["v"][0]
print(f"u hears {from_loss:.3f} from the loss, {from_v:.3f} from v; its slope is {1 - graph.a['u'][0] ** 2:.3f}")

# %% [markdown]
# Add the two, multiply by the slope, and you have the $\delta$ below $u$. Now all six samples, and all parameters:

# %%
_, claimed = graph.loss_and_grad(P, T)
measured, by = complex_grad(plain_graph, graph.theta), "the complex step through the graph, written out"
verify("7.12", claimed=claimed, measured=measured, by=by, rtol=1e-12)
out = graph.forward(P)
direct = 2 * (out - T) / T.size  # the loss's own slopes at u and v
arrived = direct[:, 0] + graph.theta[graph.where["u", "v"]] * direct[:, 1]
delta_u = (1 - out[:, 0] ** 2) * arrived
verify("7.13", claimed=[graph.delta["u"].sum(), delta_u.sum()], measured=2 * [measured[graph.where["u"]]],
       by=by, rtol=1e-12)

# %% [markdown] tags=["optional"]
# In `nnlib`, `da[k]` is the bracket of (7.13). The direct terms go in first; then each node, from the last to the first, sends its error to its parents, where `+=` makes the sum.
# (The `totals` are for activations that have parameters of their own, and `r` for the dropped arrows of chapter 14.)

# %% tags=["optional"]
show(GraphNetwork.backward)

# %% [markdown]
# Descent then changes every weight and every bias, with sums over the samples $i$ of the batch (in a mean the $\frac1B$ sits inside $\delta$): <!-- ledger: S3-12 -->
#
# $$ w_{lk} \leftarrow w_{lk} - \eta \sum_i \delta_{ik}\, a_{il}, \qquad b_k \leftarrow b_k - \eta \sum_i \delta_{ik}. \tag{7.14} $$
#
# For outputs and for hidden nodes alike; the bias adds up the errors themselves. <!-- ledger: S3-13 -->

# %%
before, eta = graph.theta.copy(), 0.1
nnlib.fit(graph, P, T, optimizer=optimizers.SGD(eta), epochs=1, batch_size=6, progress=False, rng=0)
verify("7.14", claimed=graph.theta - before, measured=-eta * measured, by=by, rtol=1e-10)

# %% [markdown]
# > **You will read** that one goes through the network from the end and updates as one goes. <!-- ledger: S3-14 -->
#
# The sentence can be meant well. Taken by its word, (7.13) uses weights $w_{km}$ that have moved already:

# %%
into_u = [graph.where[place] for place in [("g", "u"), ("h", "u"), "u"]]
moved = before[graph.where["u", "v"]] - eta * (direct[:, 1] * out[:, 0]).sum()
too_early = (1 - out[:, 0] ** 2) * (direct[:, 0] + moved * direct[:, 1])
refute("S3-14", "updating w(u,v) before the error passes it leaves the slopes at u's own parameters as they were.",
       claimed=[(too_early * graph.a["g"]).sum(), (too_early * graph.a["h"]).sum(), too_early.sum()],
       measured=measured[into_u], by=by)

# %% [markdown]
# The fault grows with $\eta$ and passes for a badly chosen learning rate. First all errors, then all updates.
#
# <details><summary>Slips you may meet in print</summary>
#
# - The update of an output node $l$ printed as $w_{kl} \leftarrow w_{kl} - \eta \sum_i \delta_{il}\, a_{il}$, where $w_{kl}$ was said to lead from $l$ to $k$. The error is multiplied by the node's *own* output, and the arrow runs the wrong
#   way. It must be the input $a_k$ that came along the arrow, as the next cell shows. <!-- ledger: S3-10 -->
# - The bias of an output node, $b_l \leftarrow b_l - \eta \sum_i \delta_{il}$, is printed correctly beside it; but it is a sum over the data, not a mean, so the step grows with their number. <!-- ledger: S3-11 -->
#
# </details>

# %%
own_output = (graph.delta["v"] * out[:, 1]).sum()
refute("S3-10", "the slope at the arrow from u to v is the error of v times the output of v.", claimed=own_output,
       measured=measured[graph.where["u", "v"]], by=by)

# %% [markdown]
# ### Exercise 7.6 · Errors in a graph · 15 minutes · ●●●
# Write `node_errors(children, w, slope, direct)` after (7.13), for one sample. `children` is a dict from each node to the list of nodes its arrows lead to, with the nodes in an order in which every arrow leads to a later one. `w[k, m]` is the weight of the arrow $k \to m$,
# `slope[k]` is $\phi_k'(z_k)$. `direct` has the loss's own slope for each output, and no entry for other nodes. Return a dict with $\delta_k$ for every node.

# %% tags=["exercise"]
def node_errors(children, w, slope, direct):
    """Error signal of every node of a graph, (7.13).  Four dicts -> dict."""
    ### BEGIN SOLUTION
    delta = {}
    for k in reversed(list(children)):
        arrived = direct.get(k, 0.0) + sum(w[k, m] * delta[m] for m in children[k])
        delta[k] = slope[k] * arrived
    return delta
    ### END SOLUTION


# %%
check("7.6", node_errors)
hint("7.6")

# %% [markdown] tags=["instructor"]
# **7.7, 20 minutes.** Let them number the nodes of a drawn graph, then find a second numbering that works as well. Ask: what happens to the recursion if there is a cycle? Expect the direct term to be dropped as soon as a node has
# children. Short of time: (7.13) alone.

# %% [markdown] tags=["short-path"]
# ## 7.8 ▸ One algorithm, three dresses
#
# The rule has now been written for single numbers, for matrices and for graphs. Do the three agree? First the plainest dress: every sum a loop, sample by sample, layer by layer, unit by unit, weight by weight. `E` begins as the slope of the loss at the answers, becomes `delta` in each layer, fills the gradients by (7.3), and leaves as the `E` of the layer below, (7.5).

# %% tags=["short-path"]
def gradient_by_loops(X, Y, Ws, bs):
    """Gradient of the mean squared error of a sigmoid network, without a single matrix product."""
    dWs, dbs = [np.zeros_like(W) for W in Ws], [np.zeros_like(b) for b in bs]
    for x, y in zip(X, Y, strict=True):
        a = [x]
        for W, b in zip(Ws, bs, strict=True):
            z = [sum(a[-1][j] * W[j, m] for j in range(len(W))) + b[m] for m in range(len(b))]
            a.append([sigmoid(z_m) for z_m in z])
        E = [2 / len(y) * (a[-1][m] - y[m]) for m in range(len(y))]
        for l in reversed(range(len(Ws))):
            delta = [E[m] * a[l + 1][m] * (1 - a[l + 1][m]) for m in range(len(E))]
            for m in range(len(delta)):
                dbs[l][m] += delta[m]
                for j in range(len(Ws[l])):
                    dWs[l][j, m] += a[l][j] * delta[m]
            E = [sum(Ws[l][j, m] * delta[m] for m in range(len(delta))) for j in range(len(Ws[l]))]
    return [dW / len(X) for dW in dWs], [db / len(X) for db in dbs]

# %% [markdown] tags=["short-path"]
# <details><summary>The same as a recipe in fourteen steps, from which training is often taught</summary>
#
# (1) Choose the number of epochs and of batches. (2) Draw weights and biases at random. (3) For each epoch: (4) for each batch, drawn at random: (5) set all gradients to zero. (6) For each sample of the batch: (7) compute all $z$ and $a$. (8) For each
# layer from the last to the first: (9) compute the error that arrives and the slope of each unit; (10) compute the slope at each weight, (7.7); (11) *add* it to the gradient. (12) Divide by the size of the batch. (13) Multiply by $-\eta$. (14) Add that to the
# weights. `gradient_by_loops` is steps 5 to 12; chapter 08 has the rest.
#
# </details>
#
# The second dress is `Network`. For the third, every unit becomes a node of a `GraphNetwork` (section 7.7). As a witness we call `nnlib.autodiff`, which knows nothing of layers or units, only of sums, products and exponentials (chapter 02). All four get the
# same network 3-3-3-3.

# %% tags=["short-path"]
def flat(Ws, bs):
    """All parameters in a row, unit by unit: the weights into it, then its bias."""
    return np.concatenate([np.append(W[:, m], b[m]) for W, b in zip(Ws, bs, strict=True) for m in range(len(b))])


Ws, bs = [rng.normal(size=(3, 3)) for _ in range(3)], [rng.normal(size=3) for _ in range(3)]
X3, Y3 = rng.normal(size=(5, 3)), rng.uniform(size=(5, 3))
dense = [nnlib.layers.Dense(3, 3) for _ in Ws]
for layer, W, b in zip(dense, Ws, bs, strict=True):
    layer.W, layer.b = W.copy(), b.copy()
parts = [part for layer in dense for part in (layer, activations.Sigmoid())]
matrices = Network(parts, loss=losses.MSE())

# %% tags=["short-path"]
nodes = GraphNetwork([f"0.{j}" for j in range(3)], loss=losses.MSE())
for l in range(3):
    for m in range(3):
        nodes.add(f"{l + 1}.{m}", [f"{l}.{j}" for j in range(3)], "sigmoid")
nodes.outputs([f"3.{m}" for m in range(3)]).theta = flat(Ws, bs)


def witness(theta):
    """The same loss for autodiff; `theta` is in the order of `flat`, twelve numbers to a layer."""
    A = X3
    for l in range(3):
        units = theta[12 * l : 12 * l + 12].reshape(3, 4)
        A = 1 / (1 + anp.exp(-(A @ units[:, :3].T + units[:, 3])))
    return anp.mean((A - Y3) ** 2)

# %% tags=["short-path"]
loops = flat(*gradient_by_loops(X3, Y3, Ws, bs))
taped = grad(witness)(flat(Ws, bs))
matrices.loss_and_grad(X3, Y3)
verify("7.9", claimed=flat([layer.dW for layer in dense], [layer.db for layer in dense]), measured=loops,
       by="loops over samples, units and weights", rtol=1e-12)
verify("7.13", claimed=nodes.loss_and_grad(X3, Y3)[1], measured=loops, by="the same loops", rtol=1e-12)
verify("7.6", claimed=loops, measured=taped, by="automatic differentiation", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# Four programs, one vector of 36 numbers. The loops show best *what* is computed, the graph shows *when* it may be, and the matrices are what one uses, since NumPy does the inner three loops at once. Automatic differentiation is the same algorithm with smaller nodes: its graph has one for each
# operation instead of one for each unit, and its adjoints are our errors.

# %% [markdown]
# ### Exercise 7.7 · Break it: three wrong turns · 20 minutes · ●●○
# Copy `gradient_by_loops` three times and break each copy in one place. `assigned`: `=` for both `+=`. `transposed`: `Ws[l][m, j]` in the last line of the loop, which goes unnoticed because the layers are square. `too_early`: there `Ws[l][j, m] - 2 * a[l][j] * delta[m]`, the weight as
# it stands after an update with $\eta = 2$. Run them on `X3, Y3, Ws, bs`, and give the relative error (D0.4) of `flat(...)` against `loops`, to two digits. Then: how many of the three still point `downhill`, so that their inner product with the true gradient is
# positive? And how many does a gradient check with the bound $10^{-6}$ catch (`caught`)?

# %% tags=["exercise"]
damage = dict(assigned=..., transposed=..., too_early=..., downhill=..., caught=...)
### BEGIN SOLUTION
damage = dict(assigned=0.70, transposed=0.10, too_early=0.017, downhill=3, caught=3)
### END SOLUTION

# %% tags=["solution-only"]
def broken_gradient(keep=1.0, back=lambda W, a, delta: W @ delta):
    """The loops, shortened; `keep=0` forgets the samples before, `back` makes the error for the layer below."""
    dWs, dbs = [np.zeros((3, 3))] * 3, [np.zeros(3)] * 3
    for x, y in zip(X3, Y3, strict=True):
        a = [x]
        for W, b in zip(Ws, bs, strict=True):
            a.append(sigmoid(a[-1] @ W + b))
        E = 2 / 3 * (a[3] - y)
        for l in (2, 1, 0):
            delta = E * a[l + 1] * (1 - a[l + 1])
            dWs[l], dbs[l] = keep * dWs[l] + np.outer(a[l], delta), keep * dbs[l] + delta
            E = back(Ws[l], a[l], delta)
    return flat(dWs, dbs) / len(X3)

# %% tags=["solution-only"]
for g in (broken_gradient(keep=0), broken_gradient(back=lambda W, a, delta: W.T @ delta),
          broken_gradient(back=lambda W, a, delta: (W - 2 * np.outer(a, delta)) @ delta)):
    lengths = np.linalg.norm(g), np.linalg.norm(loops)
    error, cosine = np.linalg.norm(g - loops) / sum(lengths), g @ loops / np.prod(lengths)
    print(f"relative error {error:.2g}, cosine {cosine:.2g}")

# %% [markdown] tags=["solution-only"]
# All three point downhill, and training with them looks healthy. The mildest is the most dangerous, since nobody would suspect it. The judge of chapter 00 refuses anything above $10^{-6}$.

# %%
check("7.7", damage)
hint("7.7")

# %% [markdown] tags=["instructor"]
# **7.8, 15 minutes.** Project the loops and let the room name the equation of each line. Ask: which loop may run in any order, and which not? Expect "autodiff is something else". Short of time: show the last cell only.

# %% [markdown] tags=["short-path"]
# ## 7.9 ▸ Can it read digits?
#
# The digits of chapter 00 once more, trained now with a backward pass that you have written. If exercise 7.3 is right, the next cell takes your `Dense` from your library; otherwise that of `nnlib`.

# %% tags=["short-path"]
from nnlib.workbook.benches.ch07 import your_dense

YourDense, whose = your_dense()
order = np.random.default_rng(7).permutation(len(digits))
digits, labels = digits[order], labels[order]
reader = Network([YourDense(64, 32), activations.ReLU(), YourDense(32, 10)], loss=losses.SoftmaxCrossEntropy(), rng=0)
history = nnlib.fit(reader, digits[:1400], labels[:1400], optimizer=optimizers.SGD(0.2), epochs=15, batch_size=32,
                    validation=(digits[1400:], labels[1400:]), progress=False, rng=0)
right = (reader.predict_classes(digits[1400:]) == labels[1400:]).mean()
print(f"trained with {whose} Dense; right on new digits:", "more" if right > 0.9 else "less", "than nine in ten")

# %% tags=["short-path"]
plots.loss_curves(history, title="The backward pass teaches 2,410 weights to read",
                  words="The mean loss over fifteen epochs on a logarithmic axis: the training loss falls all the "
                        "way; the validation loss falls with it at first, then more slowly.")

# %% [markdown] tags=["short-path"]
# More than nine in ten. Nothing in this network was written for digits: three matrix products for each layer, and the slopes of ReLU and of the loss. The solid curve, for the digits it trains on, falls to the end. The dashed one, for digits kept apart, comes down with it at first and then lags behind; what
# to think of the gap is the subject of chapter 15. Each step looked at 32 samples only. Why that works is the next chapter.

# %% [markdown] tags=["instructor"]
# **7.9, 10 minutes.** Let somebody's own layer run on the projector. Ask what breaks first if `db` is left at zero. (Hardly anything: try it.) Expect astonishment that ten lines suffice.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - Slope at a weight = error where its arrow ends × signal where it begins, (7.3).
# - Error of a hidden unit = its slope × the weighted sum of its listeners' errors, (7.6).
# - For a batch: $\partial L/\partial W = A^\top \Delta$, $\partial L/\partial b = \mathbf 1^\top \Delta$, $\partial L/\partial A = \Delta W^\top$, (7.9) and (7.10). Shapes tell where the transposes go.
# - In any graph without cycles: backwards through the order, with the direct term, (7.13). First all errors, then all updates.
# - The gradient of any number of parameters costs about three forward passes. Backpropagation finds it; the optimiser spends it.

# %% tags=["short-path"]
quiz("07-exit")

# %% [markdown]
# **Further reading.** D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986. · P. J. Werbos, *Backpropagation through time: what it does and how to do it*, Proceedings of the IEEE 78, 1990. ·
# C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 5.3. · M. A. Nielsen, *Neural Networks and Deep Learning*, Determination Press, 2015, chapter 2. · A. Griewank and A. Walther, *Evaluating Derivatives*, SIAM, 2008 (why
# the gradient costs a few evaluations).
