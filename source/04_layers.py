# %% [markdown]
# # 04 · Layers and activations
#
# About 130 minutes; the short path, marked ▸, takes 60. You need the product $XW + b$ of chapter 00, the tanh neuron and XOR of chapter 01,
# and the chain rule of chapter 02.
#
# One neuron draws one straight line. Here we put neurons side by side and behind one another, find out why there must be a bend between
# them, and look closely at the functions that bend.

# %% tags=["short-path"]
import numpy as np

import nnlib
from nnlib import Network, activations
from nnlib.gradcheck import complex_grad, numeric_grad
from nnlib.layers import Dense
from nnlib.workbook import check, hint, predict, quiz, refute, show, start, verify

start("04")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to
# [layers and batches](00_orientation.ipynb#0.4-▸-Why-does-everything-come-in-batches?), [saturation](01_one_neuron.ipynb#1.1-▸-What-does-a-neuron-compute?),
# or [the chain rule](02_chain_rule.ipynb) first.

# %% tags=["short-path"]
quiz("04-recall")

# %% [markdown] tags=["short-path"]
# ## 4.1 ▸ What does a whole layer compute?
#
# A **layer** is a row of neurons that all look at the same numbers. Neuron $m$ of layer $l$ weighs what the $d_{l-1}$ neurons before it gave
# out, adds its own bias, and applies the activation function $\phi_l$:
#
# $$ a^{(l)}_m = \phi_l\Big(\sum_{j=1}^{d_{l-1}} a^{(l-1)}_j\, W^{(l)}_{jm} + b^{(l)}_m\Big), \qquad a^{(0)} = x. \tag{D4.1} $$
#
# <!-- ledger: S1-22 -->
#
# The sum runs over the neurons *before*, so it ends at $d_{l-1}$. In $W_{jm}$ the first index says where a number comes from, the second
# where it goes: column $m$ belongs to neuron $m$.

# %% tags=["short-path"]
from nnlib.workbook.benches.ch04 import layers_picture

layers_picture()

# %% [markdown] tags=["short-path"]
# Follow the thick arrows: three inputs, three weights, one column. The **input layer** on the left computes nothing; it is the row of features
# itself, scaled to comparable sizes (chapter 15). <!-- ledger: S4-05 -->
# On the right is the **output layer**. What lies between is *hidden*: nobody tells
# these neurons what to give out. With two hidden layers or more, so with at least three layers of weights, people call a network *deep*. That is a
# way of speaking; nothing new begins at two. <!-- ledger: S4-07 -->
# And all neurons of a layer share one $\phi_l$. This too is a habit, but it lets us write the whole layer as one line: <!-- ledger: S1-23 -->
#
# Let the rows of $A^{(l-1)}$ be what layer $l-1$ gave out for each of the $B$ samples of a batch. The sum over $j$ in (D4.1) is a matrix
# product, by (0.2). The bias does not depend on the sample: with a column $\mathbf 1$ of $B$ ones, $\mathbf 1\, b$ has the row $b$ in every
# line. And $\phi_l$ acts on each entry by itself. Together
#
# $$ Z^{(l)} = A^{(l-1)}\, W^{(l)} + \mathbf 1\, b^{(l)}, \qquad A^{(l)} = \phi_l\big(Z^{(l)}\big), \qquad A^{(0)} = X. \tag{4.1} $$
#
# <!-- ledger: S4-17 -->
#
# The recursion starts from the data, <!-- ledger: S4-18 -->
# and each sum goes through its activation before the next layer sees it. <!-- ledger: S4-19 -->

# %% tags=["short-path"]
import math

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
net = Network([Dense(3, 4), activations.Tanh(), Dense(4, 2), activations.Tanh()])
net.theta = rng.normal(size=net.theta.size)
one_by_one = []
for a in X:
    for dense in (net.layers[0], net.layers[2]):
        sums = [sum(a[j] * dense.W[j, m] for j in range(dense.n_in)) + dense.b[m] for m in range(dense.n_out)]
        a = [math.tanh(z) for z in sums]
    one_by_one.append(a)
verify("4.1", claimed=net.forward(X), measured=one_by_one, by="plain sums, neuron by neuron", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# In `nnlib` a layer is two objects, the sum and the activation, and the network is a loop over them. Broadcasting makes the column of ones
# unnecessary.

# %% tags=["short-path"]
show(nnlib.layers.Dense.forward, nnlib.Network.forward)

# %% [markdown]
# Such a layer is called *dense* or *fully connected*, since every neuron listens to every neuron of the layer before it. <!-- ledger: S4-08 -->
#
# > **You will read** *linear layer* as well. Strictly it is *affine*: a linear map takes twice the input to twice the output, and with a bias
# > that fails.

# %%
dense = net.layers[0]
refute("S4-08", "a dense layer is a linear map, so that twice the input gives twice the sums.",
       claimed=2 * dense.forward(X), measured=dense.forward(2 * X), by="doubling the input")

# %% [markdown] tags=["short-path"]
# The whole network is one function of the inputs, with all weights and biases as its parameters $\theta$:
#
# $$ f_\theta(X) = A^{(L_{\text{depth}})}, \qquad \text{with the loss } L\big(f_\theta(X),\, Y\big), \tag{D4.2} $$
#
# where $L_{\text{depth}}$ is the number of layers. Computing $A^{(1)}, A^{(2)}, \dots$ in this order, and then the loss, is the **forward pass**. <!-- ledger: S4-16 -->
#
# Watch the shapes: $(B, d_{l-1})$ becomes $(B, d_l)$. The number of columns changes from layer to layer, the rows stay. Row $i$ of a matrix
# product uses row $i$ of its first factor and no other, and $\phi$ works entry by entry. So the samples never see each other:
#
# $$ \text{row } i \text{ of } f_\theta(X) \;=\; f_\theta(\text{row } i \text{ of } X). \tag{4.2} $$

# %% tags=["short-path"]
shuffled = [3, 1, 4, 0, 2]
alone = [net.forward(X[i : i + 1])[0] for i in shuffled]
verify("4.2", claimed=net.forward(X)[shuffled], measured=alone, by="passing each sample through alone", rtol=1e-12)

# %% [markdown]
# > **You will read** that batches make the output "sample-related instead of neuron-related". Read it as: rows are samples, columns are neurons.
# > It is not the reason for batches, since (4.2) gives the same numbers without them. <!-- ledger: S4-11 -->
#
# The reasons are two. A gradient averaged over a batch is less noisy (chapter 08). And there is speed. **Before you run the next cell:** a
# thousand samples go through a network 64-128-10, first one at a time, then as one batch. How much faster is the batch?

# %%
predict("4.1-batch", "it is not, the sums are the same", "less than twice as fast", "more than three times as fast")

# %% tags=["nbval-ignore-output"] excuse="a time depends on the machine and on what else it does"
from timeit import repeat

wide, many = Network([Dense(64, 128), activations.Tanh(), Dense(128, 10)], rng=0), rng.normal(size=(1000, 64))
one_at_a_time = min(repeat(lambda: [wide.forward(row[None]) for row in many], number=1, repeat=3))
as_a_batch = min(repeat(lambda: wide.forward(many), number=1, repeat=3))
print("the batch is", "more than" if one_at_a_time > 3 * as_a_batch else "at most", "three times as fast")

# %% [markdown]
# The arithmetic is the same. What the batch saves is the way: a thousand walks through Python become one, and each weight is fetched from
# memory once for many samples instead of once for each. Print the two times: a factor of about ten is common, and more for smaller networks.

# %% [markdown]
# ### Exercise 4.1 · Shapes through a network · 6 minutes · ●○○
# A batch of 5 samples goes through the network of the picture, 3-4-2. Write down the shapes without computing anything; the last entry is the
# number of parameters.

# %% tags=["exercise"]
layer_shapes = dict(
    W1=...,  # weights of the first layer
    b1=...,
    ones=...,  # the column of ones in (4.1)
    Z1=...,
    W2=...,
    y_hat=...,
    one_sample=...,  # y_hat, if X holds a single sample
    parameters=...,
)
### BEGIN SOLUTION
layer_shapes = dict(W1=(3, 4), b1=(4,), ones=(5, 1), Z1=(5, 4), W2=(4, 2), y_hat=(5, 2), one_sample=(1, 2),
                    parameters=26)
### END SOLUTION

# %%
check("4.1", layer_shapes)
hint("4.1")

# %% [markdown] tags=["short-path"]
# ### Exercise 4.2 · A layer of your own · 8 minutes · ●●○
# Write `dense_forward(x, W, b)`, the sums $Z$ of (4.1) for a batch `x`. NumPy accepts a single sample of shape `(n_in,)` without a word, and the
# axis of the samples is lost. Your layer shall refuse whatever has not the shape `(batch, n_in)`, with a `ValueError` that names both shapes.

# %% tags=["exercise", "short-path"]
def dense_forward(x, W, b):
    """Sums of a dense layer, (4.1).  x: (batch, n_in), W: (n_in, n_out), b: (n_out,) -> (batch, n_out)."""
    ### BEGIN SOLUTION
    if x.ndim != 2 or x.shape[1] != W.shape[0]:
        raise ValueError(f"dense_forward: expected input of shape (batch, {W.shape[0]}), got {x.shape}.")
    return x @ W + b
    ### END SOLUTION


# %% tags=["short-path"]
check("4.2", dense_forward)
hint("4.2")

# %% [markdown] tags=["instructor"]
# **4.1, 25 minutes.** Let somebody trace one thick arrow to its entry of $W$. Ask: what does column 2 of $A^{(1)}$ tell, and what row 2? (One neuron over
# all samples; one sample over all neurons.) Expect $W^\top x$ from readers of column conventions, and the bias as a column. Short of time: leave out
# the timing and exercise 4.1.

# %% [markdown] tags=["short-path"]
# ## 4.2 ▸ Why is there a function after the sum?
#
# Suppose we leave $\phi$ out. Two layers then give $(X W^{(1)} + \mathbf 1 b^{(1)})\, W^{(2)} + \mathbf 1 b^{(2)}$. Multiply out:
#
# $$ \big(X W^{(1)} + \mathbf 1 b^{(1)}\big) W^{(2)} + \mathbf 1 b^{(2)} \;=\; X\, \underbrace{W^{(1)} W^{(2)}}_{W} \;+\; \mathbf 1\,
#    \underbrace{\big(b^{(1)} W^{(2)} + b^{(2)}\big)}_{b}. \tag{4.3} $$
#
# That is *one* layer with the weights $W$ and the bias $b$. A third layer merges with it in the same way, and so on: without activations, a network of any
# depth is one affine map (exercise 4.8 makes a proof of it). A formula for a layer that ends with the sum describes a network that is never deep.

# %% tags=["short-path"]
first, second = Dense(3, 4, rng=1), Dense(4, 2, rng=2)
first.b[:], second.b[:] = rng.normal(size=4), rng.normal(size=2)
W, b = first.W @ second.W, first.b @ second.W + second.b
two_layers = Network([first, activations.Identity(), second]).forward(X)
verify("4.3", claimed=X @ W + b, measured=two_layers, by="passing through both layers", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# What does this cost us? Take XOR, which no line separates (chapter 01). For an affine function $g(x) = c + u_1 x_1 + u_2 x_2$ the two diagonals of the square
# have the same sum: $g(0,0) + g(1,1) = g(0,1) + g(1,0)$, both are $2c + u_1 + u_2$. The targets are $0, 0$ on the first diagonal and $1, 1$ on the second. So
# the residuals $r$ = output − target satisfy
#
# $$ r_{00} + r_{11} - r_{01} - r_{10} = 0 - (0 + 0 - 1 - 1) = 2. $$
#
# The left side is the inner product of the four residuals with $(1, 1, -1, -1)$, a vector of length 2. By Cauchy and Schwarz it is at most $2\sqrt{\sum r^2}$. So
# $\sum r^2 \ge 1$, and
#
# $$ \frac14 \sum_{\text{corners}} \big(g(x) - \mathrm{XOR}(x)\big)^2 \;\ge\; \frac14 \qquad \text{for every affine } g. \tag{4.4} $$
#
# The constant $g = \frac12$ reaches the bound. So without a bend the best answer to XOR is a shrug.

# %% tags=["short-path"]
corners, xor = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
errors = [np.mean((0.5 - xor) ** 2)]
for seed in range(20):
    straight = Network([Dense(2, 8), activations.Identity(), Dense(8, 1)], rng=seed)
    errors.append(np.mean((straight.forward(corners) - xor) ** 2))
verify("4.4", claimed=0.25, measured=errors, relation="at least", by="twenty networks without a bend, and g = 1/2")

# %% [markdown] tags=["instructor"]
# **4.2, 10 minutes.** Ask before the derivation: how many different networks 64-128-10 without activations are there, compared with 64-10? (Not one more, with
# 9,610 parameters against 650.) Expect "but the weights were trained". Short of time: state (4.4).

# %% [markdown] tags=["short-path"]
# ## 4.3 ▸ How many hidden layers does XOR need?
#
# XOR gives 1 if exactly one of its two inputs is 1. We allow activations again. **Before you read on:** how many hidden layers must a
# network have to compute it?

# %% tags=["short-path"]
predict("4.3-xor", "none", "one", "two or more")

# %% [markdown] tags=["short-path"]
# Count the ones: $s = x_1 + x_2$ is 0, 1 or 2, and the answers shall be 0, 1, 0. The count itself is right for 0
# and 1, and 2 too large for $s = 2$. So something must set in after $s = 1$ and pull down twice as fast. We need a function that is silent at
# first and then speaks up, the **rectified linear unit**:
#
# $$ \mathrm{relu}(z) = \max(z, 0). \tag{D4.3} $$
#
# With it, the correction is $-2\,\mathrm{relu}(s - 1)$. Since $s \ge 0$ on the corners, we may write $s = \mathrm{relu}(s)$, and have a network with two hidden neurons:
#
# $$ \mathrm{XOR}(x) = \mathrm{relu}(x_1 + x_2) - 2\,\mathrm{relu}(x_1 + x_2 - 1) \qquad \text{on the four corners}. \tag{4.5} $$

# %% tags=["short-path"]
xor_net = Network([Dense(2, 2), activations.ReLU(), Dense(2, 1)])
xor_net.layers[0].W[:], xor_net.layers[0].b[:] = [[1, 1], [1, 1]], [0, -1]
xor_net.layers[2].W[:], xor_net.layers[2].b[:] = [[1], [-2]], 0
truth = [float(bool(x1) != bool(x2)) for x1, x2 in corners]
verify("4.5", claimed=xor_net.forward(corners)[:, 0], measured=truth, by="the truth table of logic")

# %% [markdown] tags=["short-path"]
# > **You will read** that a network needs *two or more* hidden layers before it can learn nonlinear relations. <!-- ledger: S4-21 -->
# > One is enough. Section 4.6 shows how far one goes.

# %% tags=["short-path"]
error = np.mean((xor_net.forward(corners) - xor) ** 2)
refute("S4-21", "with fewer than two hidden layers the error on XOR stays at 1/4 or above, as for a line.",
       claimed=0.25, measured=error, relation="at least", by="the network (4.5), with one hidden layer")

# %%
from nnlib.workbook.benches.ch04 import xor_picture

xor_picture(xor_net)

# %% [markdown]
# This is what the hidden layer did. It folded the plane: the corners $(0,1)$ and $(1,0)$ have come to lie on one point, and $(1,1)$ was pulled out to the far
# side. Now one straight line has the right points on each side, and a straight line is all that the last layer can draw. Every hidden layer
# does this: it redraws its inputs until a line is enough.
#
# We set these weights by hand. Can training find some, from a random start? **Before you run the next cell:** a network 2-8-8-1 learns XOR with ReLUs, with tanh, and with
# no activations at all. Which mean squared error will the last one end with?

# %%
predict("4.3-identity", "0", "1/4", "1/2", "it depends on the start")

# %%
def train_on_xor(activation):
    """Mean squared error on XOR of a network 2-8-8-1 after 400 steps of gradient descent."""
    layers = [Dense(2, 8), activation(), Dense(8, 8), activation(), Dense(8, 1)]
    deep = Network(layers, loss=nnlib.losses.MSE(), rng=0)
    descent = nnlib.optimizers.SGD(0.1)
    nnlib.fit(deep, corners, xor, optimizer=descent, epochs=400, batch_size=4, progress=False)
    return deep.loss.value(deep.predict(corners), xor)


for activation in (activations.ReLU, activations.Tanh, activations.Identity):
    print(f"{activation.__name__:<9}{train_on_xor(activation):.2f}")

# %% [markdown]
# With a bend the error goes to zero; without one, 105 parameters end on the bound (4.4).

# %% [markdown]
# ### Exercise 4.3 · Break it: XOR without its bends · 10 minutes · ●●○
# Another network 2-2-1 has the hidden neurons $a_1 = \mathrm{relu}(x_1 + x_2 - 1)$ and $a_2 = \mathrm{relu}(1 - x_1 - x_2)$. (a) Find the output
# $c + v_1 a_1 + v_2 a_2$ that computes XOR. (b) Now break it: take both relus away and keep all weights. What does the network answer at $(0,0)$, $(0,1)$,
# $(1,0)$, $(1,1)$? (c) Then train what is left. Which mean squared error can it not get below?

# %% tags=["exercise"]
broken = dict(c=..., v1=..., v2=..., without_relu=..., smallest_error=...)
### BEGIN SOLUTION
broken = dict(c=1, v1=-1, v2=-1, without_relu=(1, 1, 1, 1), smallest_error=0.25)
### END SOLUTION

# %%
check("4.3", broken)
hint("4.3")

# %% [markdown] tags=["instructor"]
# **4.3, 20 minutes.** Let them find (4.5) at the board: draw the wanted answer over $s$ as a tent. Ask: why do two hidden units do, when there are four
# corners? Expect "the network learns AND and OR": it may, as in exercise 4.3, or it may fold. Short of time: skip the training.

# %% [markdown] tags=["short-path"]
# ## 4.4 ▸ How does one squash without breaking?
#
# Before the ReLU, activations were modelled on a switch with a soft transition. The **logistic sigmoid** goes from 0 to 1:
#
# $$ \sigma(z) = \frac{1}{1 + e^{-z}}. \tag{D4.4} $$
#
# <!-- ledger: S4-23 -->
#
# It is the tanh of chapter 01 in other units. Multiply numerator and denominator by $e^{z/2}$ to get $\sigma(z) = e^{z/2}/(e^{z/2} + e^{-z/2})$. On the other side,
# $1 + \tanh\frac z2$ is $2e^{z/2}$ over the same denominator. So
#
# $$ \sigma(z) = \tfrac12\big(1 + \tanh\tfrac z2\big), \qquad \tanh z = 2\,\sigma(2z) - 1. \tag{4.6} $$
#
# For the slope, write $\sigma = (1 + e^{-z})^{-1}$. The chain rule gives $e^{-z}/(1+e^{-z})^2$, which is $\sigma$ times $e^{-z}/(1+e^{-z})$, and the latter is
# $1 - \sigma$. With $a$ for the output, <!-- ledger: S2-13 -->
#
# $$ \sigma'(z) = a\,(1-a) \ \text{ for } a = \sigma(z), \qquad \tanh'(z) = 1 - a^2 \ \text{ for } a = \tanh z, \tag{4.7} $$
#
# the second being (1.2) again. Both slopes are read off the output: the layer keeps $a$, and needs no exponential on the way back.

# %% tags=["short-path"]
z, ones = np.linspace(-6, 6, 25), np.ones(25)
by_exponentials = [(math.exp(v) - math.exp(-v)) / (math.exp(v) + math.exp(-v)) for v in z]
sigmoid, tanh = activations.Sigmoid(), activations.Tanh()
verify("4.6", claimed=[(1 + tanh.forward(z / 2)) / 2, 2 * sigmoid.forward(2 * z) - 1],
       measured=[1 / (1 + np.exp(-z)), by_exponentials], by="the definitions, with exponentials", rtol=1e-12)
sigmoid.forward(z), tanh.forward(z)
h = 1e-30j
slopes = [(1 / (1 + np.exp(-z - h))).imag / 1e-30, np.tanh(z + h).imag / 1e-30]
verify("4.7", claimed=[sigmoid.backward(ones), tanh.backward(ones)], measured=slopes, by="the complex step",
       rtol=1e-12)

# %%
show(nnlib.activations.Sigmoid, nnlib.activations.Tanh)

# %% [markdown]
# How large can the slope be? Complete the square: $a(1-a) = \frac14 - (a - \frac12)^2$. Therefore
#
# $$ \sigma'(z) \;\le\; \tfrac14, \tag{4.8} $$
#
# with equality at $z = 0$ alone. On the way back through ten sigmoid layers, ten such factors multiply: at best $4^{-10}$, a millionth, before the weights have
# their say. The ReLU of the next section has the slope 1 wherever it is active. This is the main reason why it has taken the sigmoid's place *in hidden layers*;
# at outputs that mean a probability, and in gates, the sigmoid is still at home. <!-- ledger: S4-24 -->

# %%
steepest = [complex_grad(lambda v: 1 / (1 + np.exp(-v)), v) for v in (-3.0, -1.0, -0.1, 0.0, 0.5, 2.0)]
verify("4.8", claimed=0.25, measured=steepest, relation="at most", by="the complex step, also at z = 0", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# On paper we are done. On a computer, $e^{710}$ is too large for a number of 64 bits. Three ways to write one function, equal on paper. **Before you run the next cell:**
# which of them still has correct digits at $z = -40$, where $\sigma = 4.2\cdot10^{-18}$, and gets through $z = \pm 1000$ as well?

# %% tags=["short-path"]
predict("4.4-forms", "1/(1 + exp(-z))", "exp(z)/(1 + exp(z))", "(1 + tanh(z/2))/2", "none of them")

# %% tags=["short-path"]
forms = {
    "1/(1 + exp(-z))": lambda z: 1 / (1 + np.exp(-z)),
    "exp(z)/(1 + exp(z))": lambda z: np.exp(z) / (1 + np.exp(z)),
    "(1 + tanh(z/2))/2": lambda z: (1 + np.tanh(z / 2)) / 2,
    "nnlib": nnlib.numerics.sigmoid,
}
for name, form in forms.items():
    for z in np.array([-1000.0, -40.0, 1000.0]):
        try:
            with np.errstate(over="raise"):
                print(f"{name:<22} z = {z:>5.0f}   {form(z):.1e}")
        except FloatingPointError as error:
            print(f"{name:<22} z = {z:>5.0f}   {error}")

# %% [markdown] tags=["short-path"]
# None of them. The first overflows on the left, the second on the right. The third never overflows, but at $-40$ the tanh is $-1$ to all its sixteen digits, and
# $1 - 1$ leaves nothing. The cure is never to take the exponential of a positive number. For $z \ge 0$ the definition does that already; for $z < 0$ multiply its
# numerator and denominator by $e^{z}$. In both cases the only exponential is $e^{-|z|}$, a number between 0 and 1:
#
# $$ \sigma(z) = \frac{1}{1 + e^{-|z|}} \ \text{ for } z \ge 0, \qquad \sigma(z) = \frac{e^{-|z|}}{1 + e^{-|z|}} \ \text{ for } z < 0. \tag{4.9} $$

# %% tags=["short-path"]
from decimal import Decimal

z = np.array([-700.0, -40.0, -5.0, -0.1, 0.0, 2.0, 30.0])
exact = [float((1 / (1 + Decimal(-v).exp())).ln()) for v in z]
verify("4.9", claimed=np.log(nnlib.numerics.sigmoid(z)), measured=exact, by="decimal arithmetic with 28 digits",
       rtol=1e-12)
show(nnlib.numerics.sigmoid)

# %% [markdown]
# (`minus_abs(z)` is $-|z|$, written so that complex numbers get through.) The logarithm in the check is there for the small values: it sees the first
# digits of $\sigma(-700)$ behind their 304 zeros.

# %% [markdown] tags=["short-path"]
# ### Exercise 4.4 · A sigmoid that survives · 12 minutes · ●●○
# Your own library begins. Write the class `Sigmoid` with the two methods that every layer of `nnlib` has. `forward(x)` gives $\sigma(x)$, for any array, without overflow and
# with correct digits at $-40$, and keeps what the way back needs. `backward(dy)` gets the slope of the loss at the output and returns the slope at the input:
# `dy` times $\sigma'$, entry by entry (the chain rule). The flag `training` matters to some layers of later chapters; here it changes nothing.

# %% tags=["exercise", "short-path"]
class Sigmoid:
    """a = 1 / (1 + e^-x), entry by entry; (D4.4), (4.7)."""

    def forward(self, x, *, training=False):
        """x, any shape -> a, the same shape."""
        ### BEGIN SOLUTION
        e = np.exp(-np.abs(x))
        self.a = np.where(x >= 0, 1, e) / (1 + e)
        return self.a
        ### END SOLUTION

    def backward(self, dy):
        """Slope of the loss at the output of the last forward pass -> slope at its input."""
        ### BEGIN SOLUTION
        return dy * self.a * (1 - self.a)
        ### END SOLUTION


# %% tags=["short-path"]
check("4.4", Sigmoid)
hint("4.4")

# %% [markdown]
# ### Exercise 4.5 · Tanh · 6 minutes · ●○○
# The same for `Tanh`. NumPy's `np.tanh` does not overflow, so this one is short.

# %% tags=["exercise"]
class Tanh:
    """a = tanh(x), entry by entry; (4.7)."""

    def forward(self, x, *, training=False):
        """x, any shape -> a, the same shape."""
        ### BEGIN SOLUTION
        self.a = np.tanh(x)
        return self.a
        ### END SOLUTION

    def backward(self, dy):
        """Slope of the loss at the output of the last forward pass -> slope at its input."""
        ### BEGIN SOLUTION
        return dy * (1 - self.a**2)
        ### END SOLUTION


# %%
check("4.5", Tanh)
hint("4.5")

# %% [markdown] tags=["instructor"]
# **4.4, 25 minutes.** Let them type `np.exp(710.0)`. Ask: why is $1/\infty = 0$ not good enough? (It happens to be right here, with a warning; the same overflow
# gives NaN in the second form.) Expect `np.where` with both branches computed, which overflows all the same. Short of time: exercise 4.5 is homework.

# %% [markdown] tags=["short-path"]
# ## 4.5 ▸ What is the slope at a bend?
#
# One ReLU neuron with three inputs computes $\hat y = \mathrm{relu}(x_1 w_1 + x_2 w_2 + x_3 w_3 + b)$. For $x = (1, -2, 3)$, $w = (-3, -1, 2)$ and $b = 1$ the sum is
# $-3 + 2 + 6 + 1 = 6$, and $\hat y = 6$. With $b = -7$ it is $-2$, and $\hat y = 0$. <!-- ledger: S4-39 -->
#
# The graph (D4.3) is two straight pieces, and it bends *at* zero, not somewhere behind it. <!-- ledger: S4-25 -->
# On each piece the slope is no secret. Write $[\,\cdot\,]$ for 1 if a statement is true and 0 if not:
#
# $$ \mathrm{relu}'(z) = [z > 0] \qquad \text{for } z \ne 0. \tag{4.10} $$
#
# At $z = 0$ the difference quotient is 1 from the right and 0 from the left, so there is no derivative. There are *subgradients*: slopes $g$ of lines through the
# corner that never rise above the graph. For $z > 0$ we need $g z \le z$, so $g \le 1$; for $z < 0$ we need $g z \le 0$, so $g \ge 0$. Both together:
#
# $$ \mathrm{relu}(z) \;\ge\; g\,z \ \text{ for all } z \qquad\Longleftrightarrow\qquad 0 \le g \le 1. \tag{4.11} $$
#
# A program must choose one. `nnlib` takes $\mathrm{relu}'(0) = 0$, and so does PyTorch. <!-- ledger: S4-43 -->

# %% tags=["short-path"]
z = np.array([-3.0, -0.5, -1e-3, 1e-3, 0.7, 40.0])
relu = activations.ReLU()
a = relu.forward(z)
measured = [numeric_grad(lambda v: v if v > 0 else 0.0, v, 1e-5) for v in z]
verify("4.10", claimed=relu.backward(np.ones(6)), measured=measured, by="central differences")
lines = np.array([[g * v for v in z] for g in (0.0, 0.3, 1.0)])
verify("4.11", claimed=lines, measured=[a, a, a], relation="at least", by="the layer, above three lines")
print("g = 1.1 rises above it:", bool(np.any(1.1 * z > a)), "  g = -0.1:", bool(np.any(-0.1 * z > a)))

# %%
show(nnlib.activations.ReLU)

# %% [markdown] tags=["short-path"]
# **Before you run the next cell:** the central difference of chapter 00 is our judge. What will it say of the ReLU at exactly $z = 0$?

# %% tags=["short-path"]
predict("4.5-judge", "0", "1/2", "1", "it depends on h")

# %% tags=["short-path"]
for h in (1e-2, 1e-5, 1e-8):
    print(numeric_grad(lambda v: max(v, 0.0), 0.0, h))

# %% [markdown] tags=["short-path"]
# One half, for every $h$: it takes the mean of both sides, $(h - 0)/2h$. The layer says 0, and neither is wrong; (4.11) allows both. But a gradient check at a kink
# reports a difference of 100 per cent. If yours fails for a few entries only, look whether a sum there is exactly zero, move the point a little, and check
# again.
#
# Left of zero the slope is not small but exactly zero. A neuron whose sum is negative for every sample gets no gradient at all and stays as it is; chapter 11 calls it
# dead and counts such neurons.

# %% [markdown] tags=["short-path"]
# ### Exercise 4.6 · ReLU · 8 minutes · ●●○
# Write the class `ReLU`, with $\mathrm{relu}'(0) = 0$. Leave the arrays that you are given as they are.

# %% tags=["exercise", "short-path"]
class ReLU:
    """a = max(x, 0), entry by entry; (D4.3), (4.10)."""

    def forward(self, x, *, training=False):
        """x, any shape -> a, the same shape."""
        ### BEGIN SOLUTION
        self.positive = x > 0
        return np.maximum(x, 0)
        ### END SOLUTION

    def backward(self, dy):
        """Slope of the loss at the output of the last forward pass -> slope at its input."""
        ### BEGIN SOLUTION
        return dy * self.positive
        ### END SOLUTION


# %% tags=["short-path"]
check("4.6", ReLU)
hint("4.6")

# %% [markdown] tags=["instructor"]
# **4.5, 15 minutes.** Draw lines through the corner until one cuts the graph. Ask: does the choice at 0 matter for training? (Rarely: a sum is exactly 0 with
# probability 0, unless inputs and biases are zeros.) Expect `dy > 0` in place of `x > 0` in the backward pass.

# %% [markdown] tags=["short-path"]
# ## 4.6 ▸ What can one hidden layer draw?
#
# Take one input, $n$ hidden ReLUs and one output:
#
# $$ f(x) = c + \sum_{k=1}^{n} v_k\, \mathrm{relu}(w_k x + b_k). \tag{D4.5} $$
#
# Unit $k$ with $w_k \ne 0$ bends where its sum is zero, at $x_k = -b_k / w_k$, and is straight elsewhere. If $w_k > 0$, it is silent on the left and has the slope $w_k$ on the right: the slope
# rises by $w_k$. If $w_k < 0$, it has the slope $w_k$ on the left and 0 on the right: it rises by $-w_k$. In both cases by $|w_k|$, and $v_k$ multiplies that. So, if no
# other unit bends at the same place,
#
# $$ f'(x_k^{+}) - f'(x_k^{-}) = v_k\, |w_k|, \qquad x_k = -\frac{b_k}{w_k}, \tag{4.12} $$
#
# where $+$ and $-$ mean immediately behind the place and immediately before it. Between the kinks $f$ is straight.

# %% tags=["short-path"]
line = Network([Dense(1, 4), activations.ReLU(), Dense(4, 1)])
w, b, v = np.array([1.0, -2.0, 0.5, 3.0]), np.array([-0.5, 0.4, 1.0, -6.0]), np.array([2.0, 1.0, -3.0, 0.25])
line.theta = [*w, *b, *v, 0.7]
h = 1e-3
before, at, behind = (line.forward((-b / w + step)[:, None])[:, 0] for step in (-h, 0, h))
jumps = (behind - at) / h - (at - before) / h
verify("4.12", claimed=v * abs(w), measured=jumps, by="difference quotients on both sides")

# %% [markdown] tags=["short-path"]
# **Before you play:** six hidden ReLUs, no two of them at the same place, no weight zero. In how many places does the curve bend?

# %% tags=["short-path"]
predict("4.6-kinks", "1", "5", "6", "it depends on the weights")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch04 import OneHiddenLayer

OneHiddenLayer()

# %% [markdown] tags=["short-path"]
# Each ReLU is one kink: set six units and count. Change the weight of one unit: the curve left of its mark does not move at all, everything to the right of it tilts, and in the
# right panel one jump grows. Set the weight to 0 and the kink is gone. Shift the unit and its kink goes along. With swish the kinks become round corners, with the sigmoid
# each unit is a smooth step, and with no activation all units together draw the one line that (4.3) promised.
#
# Now turn the question round. Given points $(x_0, y_0), \dots, (x_n, y_n)$ with $x_0 < \dots < x_n$, which network passes through them? Let
# $m_k = (y_{k+1} - y_k)/(x_{k+1} - x_k)$ be the slope that we need behind $x_k$. Start at the height $y_0$. At $x_0$ the slope must change from 0 to $m_0$, at $x_1$ from $m_0$ to
# $m_1$, and so on; by (4.12) a unit $\mathrm{relu}(x - x_k)$ with the weight of that change does it:
#
# $$ f(x) = y_0 + m_0\,\mathrm{relu}(x - x_0) + \sum_{k=1}^{n-1} (m_k - m_{k-1})\,\mathrm{relu}(x - x_k), \qquad x \ge x_0. \tag{4.13} $$
#
# With $n$ units, $n$ straight pieces through $n + 1$ points.

# %% tags=["short-path"]
polygon = Network([Dense(1, 3), activations.ReLU(), Dense(3, 1)])
polygon.theta = [1, 1, 1, 0, -1, -2.5, 2, -4, 2.5, 1]  # slopes 2, -2, 1/2 behind 0, 1, 2.5, starting at height 1
x = np.linspace(0, 4, 41)
by_hand = np.interp(x, [0, 1, 2.5, 4], [1, 3, 0, 0.75])
verify("4.13", claimed=polygon.forward(x[:, None])[:, 0], measured=by_hand, by="NumPy's interpolation in a table")

# %% [markdown]
# How close does this come to a curve? Let the points lie on a function with $|f''| \le M$, at distances of at most $h$. On one piece, let $r$ be the function minus the
# line. It is zero at both ends, and $r'' = f''$, since a line has no second derivative. At the place $\xi$ where $|r|$ is largest, $r'(\xi) = 0$. The nearer end
# $p$ of the piece is at most $h/2$ away. Taylor's formula from $\xi$ to $p$ gives $0 = r(p) = r(\xi) + \frac12 f''(\eta)(p - \xi)^2$ for some $\eta$ between them, hence
#
# $$ |r(x)| \;\le\; |r(\xi)| \;\le\; \tfrac12 M \big(\tfrac h2\big)^2 = \frac{M h^2}{8}. \tag{4.14} $$
#
# Twice as many units halve $h$ and divide the error by four.

# %%
bounds, found = [], []
for f, M in ((lambda x: x**2, 2), (lambda x: np.sin(5 * x), 25), (np.exp, np.e)):
    for n in (2, 4, 8, 16):
        x, knots = np.linspace(0, 1, 1601), np.linspace(0, 1, n + 1)
        bounds.append(M / (8 * n**2))
        found.append(np.max(abs(f(x) - np.interp(x, knots, f(knots)))))
verify("4.14", claimed=bounds, measured=found, relation="at most", by="1,601 places; the parabola reaches its bound")

# %% [markdown]
# And a continuous function that has no second derivative? On a closed interval it is uniformly continuous: for every $\varepsilon$ there is an $h$ such that it changes by less than
# $\varepsilon$ within $h$, so on each piece the curve and the line between its ends are less than $2\varepsilon$ apart. So *one* hidden layer of ReLUs comes as close as we like
# to any continuous function on an interval. In more dimensions this is the **universal approximation theorem** (Cybenko 1989; Hornik, Stinchcombe
# and White 1989), and it holds for every continuous activation that is not a polynomial (Leshno and others, 1993).
#
# Mind what it does not say: how many units it takes, or that descent will find their weights. A theorem about what exists is no promise about training.
#
# <details><summary>Going deeper: what, then, is depth good for?</summary>
#
# Economy. The tent $t(x) = 2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x - \frac12)$ takes two units and maps $[0, 1]$ onto itself twice, up and down. Applied to its own output it
# has four straight pieces, after $k$ layers $2^k$. With one hidden layer, (4.12) asks for one unit per kink, $2^k - 1$ of them inside the interval; with $k$ layers $2k$ are enough. There
# are functions for which this gap is unavoidable (Telgarsky 2016). So depth is not needed to *have* nonlinearity; it can make some of it cheap.
#
# </details>

# %% tags=["optional"]
tent = Network([Dense(1, 2), activations.ReLU(), Dense(2, 1)])
tent.theta = [1, 1, 0, -0.5, 2, -4, 0]
y = np.linspace(0, 1, 4097)[:, None]
for depth in range(1, 6):
    y = tent.forward(y)
    rising = np.sign(np.diff(y[:, 0]))
    print(f"depth {depth}, {2 * depth:>2} units: {1 + np.sum(rising[1:] != rising[:-1]):>2} pieces")

# %% [markdown]
# ### Exercise 4.7 · Fit a curve with n ReLUs · 15 minutes · ●●●
# Write `relu_interpolation(x, y)`. It gets $n + 1$ points with ascending `x` and returns `(W1, b1, W2, b2)`, of shapes `(1, n)`, `(n,)`, `(n, 1)` and `(1,)`, the parameters of a
# network 1-n-1 with ReLUs that passes through all of them, straight in between. Then draw $\sin$ on $[0, 2\pi]$ with $n = 4, 8, 16, \dots, 128$ units, and plot the largest
# error against $n$ with both axes logarithmic. Which slope do you see?

# %% tags=["exercise"]
def relu_interpolation(x, y):
    """Parameters W1, b1, W2, b2 of a network 1-n-1 through the n + 1 points (x, y), (4.13).  x, y: (n + 1,)."""
    ### BEGIN SOLUTION
    m = np.diff(y) / np.diff(x)
    n = len(m)
    return np.ones((1, n)), -x[:-1], np.diff(m, prepend=0)[:, None], y[:1]
    ### END SOLUTION


# %%
check("4.7", relu_interpolation)
hint("4.7")

# %% tags=["solution-only"]
from nnlib.workbook import plots

x, numbers, largest = np.linspace(0, 2 * np.pi, 4097), [4, 8, 16, 32, 64, 128], []
for n in numbers:
    knots = np.linspace(0, 2 * np.pi, n + 1)
    W1, b1, W2, b2 = relu_interpolation(knots, np.sin(knots))
    largest.append(np.max(abs(np.maximum(x[:, None] @ W1 + b1, 0) @ W2 + b2 - np.sin(x)[:, None])))
bound = [(2 * np.pi / n) ** 2 / 8 for n in numbers]
plots.curves(numbers, {"largest error": largest, "bound (4.14)": bound}, xlabel="hidden units n",
             ylabel="largest error", xscale="log", yscale="log", markers=True,
             title="Twice the units, a quarter of the error",
             words="The largest error of the network against the number of hidden units, both axes logarithmic: "
                   "a straight line of slope minus two, below the bound.")

# %% [markdown] tags=["solution-only"]
# The slope is $-2$, as (4.14) says with $M = 1$ and $h = 2\pi/n$. The error stays a little below the bound: it would be reached if $|\sin|$ were 1 along a whole piece.

# %% [markdown] tags=["instructor"]
# **4.6, 30 minutes.** Let somebody draw any zigzag, and let the class read $m_k - m_{k-1}$ off it. Ask: what does the network do left of $x_0$ and right of $x_n$? (Constant;
# straight on. Networks do not know where the data end.) Expect slopes where changes of slope belong. Short of time: skip the proof of (4.14), not its picture.

# %% [markdown]
# ## 4.7 Which activation goes where?
#
# The ReLU has relatives that mend its two weaknesses, the dead left side and the kink. The *leaky* ReLU keeps a small slope $\alpha$ on the left. *Swish* is
# $z\,\sigma(z)$: by the product rule its slope is $\sigma + z\,\sigma(1-\sigma)$, and $z\,\sigma$ is its own output $a$:
#
# $$ \mathrm{leaky}'(z) = [z > 0] + \alpha\,[z < 0] \ \ (z \ne 0), \qquad \mathrm{swish}'(z) = \sigma(z) + a\,\big(1 - \sigma(z)\big). \tag{4.15} $$

# %%
z = np.array([-8.0, -2.0, -0.5, 0.3, 1.0, 5.0])
leaky, swish = activations.LeakyReLU(0.1), activations.Swish()
leaky.forward(z), swish.forward(z)
of_leaky = [numeric_grad(lambda v: v if v > 0 else 0.1 * v, v) for v in z]
of_swish = [complex_grad(lambda v: v / (1 + np.exp(-v)), v) for v in z]
verify("4.15", claimed=[leaky.backward(np.ones(6)), swish.backward(np.ones(6))], measured=[of_leaky, of_swish],
       by="central differences, and the complex step", rtol=1e-8)

# %%
from nnlib.workbook.benches.ch04 import activations_picture

activations_picture()

# %% [markdown]
# On the right you see what (4.8) means: the slope of the sigmoid is the low hump, at most a quarter, and beyond $|z| = 4$ sigmoid and tanh pass hardly anything back.
# The slope of swish rises above 1 and dips below 0; that of the ReLU knows only two values.
#
# | | $a = \phi(z)$ | slope | range | where it is found |
# |---|---|---|---|---|
# | identity | $z$ | $1$ | all numbers | outputs that are any number |
# | sigmoid | $1/(1+e^{-z})$ | $a(1-a)$ | $(0, 1)$ | outputs that are the probability of a yes |
# | tanh | $2\sigma(2z) - 1$ | $1 - a^2$ | $(-1, 1)$ | hidden layers of smaller networks |
# | ReLU | $\max(z, 0)$ | $[z > 0]$ | $[0, \infty)$ | hidden layers, the usual first choice |
# | leaky ReLU | $\max(z, \alpha z)$, $0 \le \alpha \le 1$ | $1$ or $\alpha$ | all numbers, if $\alpha > 0$ | hidden layers, where neurons die |
# | swish | $z\,\sigma(z)$ | $\sigma + a(1-\sigma)$ | above $-0.28$ | hidden layers of deep networks |
# | softmax | (D4.6) | chapter 06 | $(0, 1)$, row sum 1 | outputs that choose among classes |
#
# <!-- ledger: S4-22 -->
#
# You will meet two more relatives: the *GELU* $z\,\Phi(z)$, where $\Phi$ is the distribution function of the normal distribution, looks like swish; the *softplus*
# $\log(1 + e^z)$ is a ReLU with a round corner, and its slope is $\sigma(z)$.
#
# In **hidden layers** nothing but experience decides; people try a few, most often the ReLU first. Theorems that ask for two continuous derivatives do not cover it
# at its kinks. <!-- ledger: S1-07 -->
# A network usually has two activations, one for all hidden layers and one for the output. Usually, not necessarily: any layer may have its
# own. <!-- ledger: S4-20 -->
#
# At the **output** there is less choice.
#
# > **You will read** that the activation function may be chosen freely. The output must be able to *reach* the targets, and its slope must not vanish on the way. A tanh
# > never gives 2, however long it is trained. <!-- ledger: S0-03 -->

# %%
data = nnlib.data.blobs(40, classes=2, rng=3)[0]
neuron, twos = nnlib.neuron.TanhNeuron(np.zeros(2)), np.full(40, 2.0)
for _ in range(500):
    neuron.step(data, twos, lr=0.3)
refute("S0-03", "with any activation at the output, training brings the error for targets of 2 down to 0.",
       claimed=0.0, measured=neuron.loss(data, twos), by="500 steps with a tanh neuron")

# %% [markdown]
# For $K$ classes the output layer has one unit for each, so its width is $d_L = K$, and the **softmax** turns their sums into positive numbers that add up to 1: <!-- ledger: S4-06 -->
#
# $$ s_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}, \qquad k = 1, \dots, K. \tag{D4.6} $$
#
# It is the one activation of this table that does not act entry by entry: every $s_k$ depends on all sums of its row. Chapter 05 derives it, chapter 06 finds its slopes. For two classes
# one may use two softmax units or a single sigmoid; exercise 4.8 shows that they are the same.

# %% [markdown]
# ### Exercise 4.8 · Proof: two networks that are one · 15 minutes · ●●●
# On paper. (a) Prove by induction: a network of $n \ge 1$ dense layers without activations computes $X W + \mathbf 1 b$ for some $W$ and $b$; give both for every $n$. If some hidden layer
# has a single neuron, what can you say about $W$? (b) Show that for $K = 2$ the first softmax output is $s_1 = \sigma(z_1 - z_2)$. Given a network with two softmax units of
# weight columns $w_1, w_2$ and biases $b_1, b_2$, give the single sigmoid unit that computes $s_1$. How many of the parameters were superfluous? Grade yourself with the rubric of the worked
# solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) $n = 1$: $XW^{(1)} + \mathbf 1 b^{(1)}$ has the form, with $W_1 = W^{(1)}$ and $b_1 = b^{(1)}$. Suppose that the first $n$ layers compute $X W_n + \mathbf 1 b_n$. The next one gives
# $(X W_n + \mathbf 1 b_n) W^{(n+1)} + \mathbf 1 b^{(n+1)} = X (W_n W^{(n+1)}) + \mathbf 1 (b_n W^{(n+1)} + b^{(n+1)})$, which has the form again. So $W_n = W^{(1)} W^{(2)} \cdots W^{(n)}$, and
# $b_n = \sum_{l=1}^{n} b^{(l)}\, W^{(l+1)} \cdots W^{(n)}$, where the product is empty for $l = n$. $\square$ With a single neuron in some layer, $W$ is a column times a row: it has rank at most 1, and all
# outputs depend on the same weighted sum of the inputs. In general the rank is at most the smallest width.
#
# (b) Divide numerator and denominator of $s_1 = e^{z_1}/(e^{z_1} + e^{z_2})$ by $e^{z_1}$, which is not 0: $s_1 = 1/(1 + e^{z_2 - z_1}) = \sigma(z_1 - z_2)$. With $z_k = a \cdot w_k + b_k$ for the row $a$
# of the last hidden layer, of width $d$, $z_1 - z_2 = a \cdot (w_1 - w_2) + (b_1 - b_2)$. So the sigmoid unit has the weights $w_1 - w_2$ and the bias $b_1 - b_2$, and $s_2 = 1 - s_1$. Half of the
# $2(d + 1)$ parameters were superfluous: adding one column to both $w_1$ and $w_2$, and one number to both biases, changes nothing. $\square$
#
# **Rubric** (10 points): base case 1 · induction step multiplied out 2 · $W$ with the factors in the right order 1 · $b$ with the weights of the later layers 2 · the bound on the rank 1 ·
# $\sigma(z_1 - z_2)$ with the division named 1 · weights and bias as differences 1 · half superfluous, with the reason 1.

# %% tags=["solution-only"]
pair = Network([Dense(4, 2, rng=5), activations.Softmax()])
single = Network([Dense(4, 1), activations.Sigmoid()])
single.layers[0].W[:] = pair.layers[0].W[:, :1] - pair.layers[0].W[:, 1:]
rows = np.random.default_rng(6).normal(size=(3, 4))
print(np.c_[pair.forward(rows)[:, 0], single.forward(rows)[:, 0]].round(4))

# %% [markdown] tags=["instructor"]
# **4.7, 10 minutes.** Go round: which output for a price, a temperature, spam or not, one of ten digits, several labels at once? (Identity or ReLU; identity; one
# sigmoid; softmax of ten; ten sigmoids.) Exercise 4.8 is homework.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - A layer: $Z = A W + \mathbf 1 b$, then $A = \phi(Z)$, (4.1). Rows are samples and never see each other, (4.2).
# - Without activations any depth is one affine map, (4.3), and on XOR an affine map stays at $\frac14$, (4.4). One hidden layer solves it, (4.5).
# - $\sigma' = a(1-a) \le \frac14$ and $\tanh' = 1 - a^2$, (4.7), (4.8). Take exponentials of negative numbers only, (4.9).
# - The ReLU has slope 1 or 0, and at the kink a convention, (4.10), (4.11).
# - Each ReLU is one kink with the jump $v_k |w_k|$, (4.12). $n$ of them follow a curve with an error of at most $M h^2/8$, (4.14).
# - Your library now holds `dense_forward`, `Sigmoid`, `Tanh` and `ReLU`. The last three are layers: `Network([Dense(2, 8), ReLU(), Dense(8, 1)])` takes yours as
#   it takes ours.

# %% tags=["short-path"]
quiz("04-exit")

# %% [markdown]
# **Further reading.** G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Mathematics of Control, Signals and Systems 2, 1989. · K. Hornik, M. Stinchcombe and H. White,
# *Multilayer feedforward networks are universal approximators*, Neural Networks 2, 1989. · M. Leshno, V. Ya. Lin, A. Pinkus and S. Schocken, *Multilayer feedforward networks with a
# nonpolynomial activation function can approximate any function*, Neural Networks 6, 1993. · X. Glorot, A. Bordes and Y. Bengio, *Deep sparse rectifier neural networks*, AISTATS 2011. ·
# M. Telgarsky, *Benefits of depth in neural networks*, COLT 2016. · P. Ramachandran, B. Zoph and Q. V. Le, *Searching for activation functions*, arXiv:1710.05941, 2017.
