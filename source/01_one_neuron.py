# %% [markdown]
# # 01 · One neuron
#
# About 100 minutes; the short path, marked ▸, takes 40. You need chapter 00: shapes, the central difference, the relative error.
#
# A single neuron shows nearly everything that happens in a large network: a forward pass, a loss, a gradient, and a way to get stuck.

# %% tags=["short-path"]
import numpy as np

import nnlib
from nnlib.gradcheck import complex_grad, gradient_check
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("01")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to [shapes](00_orientation.ipynb#0.3-▸-What-is-the-shape-of-this-thing?),
# [difference quotients](00_orientation.ipynb#0.6-▸-Can-we-find-a-slope-without-calculus?), or
# [the relative error](00_orientation.ipynb#0.8-▸-When-do-two-gradients-agree?) first.

# %% tags=["short-path"]
quiz("01-recall")

# %% [markdown] tags=["short-path"]
# ## 1.1 ▸ What does a neuron compute?
#
# A neuron looks at two numbers $x_1, x_2$ and gives one back. First it weighs them and adds a constant, then it squashes the sum into
# the range from $-1$ to $1$:
#
# $$ z = x_1 w_1 + x_2 w_2 + b, \qquad \hat y = \tanh z = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}. \tag{D1.1} $$
#
# The *weights* $w_1, w_2$ say how much each input counts, and the *bias* $b$ shifts the whole. <!-- ledger: S0-01 --> The function that follows
# the sum is the *activation function*; the hyperbolic tangent is one choice among many. <!-- ledger: S0-02 -->
#
# With a batch of $N$ samples as the rows of $X$, every sample gives one entry of $\hat y$. The sum over the features is a matrix product
# by (0.2), and $\tanh$ acts on each entry by itself:
#
# $$ \hat y_i = \tanh\Big(\sum_j x_{ij} w_j + b\Big) \ \text{ for all } i \qquad\Longleftrightarrow\qquad \hat y = \tanh(X w + b). \tag{1.1} $$
#
# Some texts give each output its own little list, $\hat{\mathbf y}_i = [\hat y_{i1}]$, since a network may have several outputs. For one
# neuron we keep the shape $(N,)$. <!-- ledger: S0-06 -->

# %% tags=["short-path"]
rng = np.random.default_rng(0)
X, w, b = rng.normal(size=(5, 2)), np.array([1.0, -0.5]), 0.2
one_by_one = []
for x1, x2 in X:
    z = x1 * w[0] + x2 * w[1] + b
    one_by_one.append((np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))
verify("1.1", claimed=nnlib.neuron.TanhNeuron(w, b).forward(X), measured=one_by_one,
       by="exponentials, one sample at a time", rtol=1e-12)

# %% [markdown]
# It helps to see this as geometry. All inputs with $z = 0$ lie on a straight line; on one side of it the answer is positive, on the other
# negative. The vector $w$ stands at a right angle on that line, because moving *along* the line does not change $z$. The bias shifts the
# line without turning it. And the length of $w$ says how sudden the change is: twice the weights and twice the bias leave the line where it is,
# but the neuron goes from "no" to "yes" in half the distance.
#
# We shall need the slope of $\tanh$. Write $\tanh z = s/c$ with $s = \frac{e^z - e^{-z}}2$ and $c = \frac{e^z + e^{-z}}2$. Then $s' = c$ and $c' = s$,
# and the quotient rule gives $(c \cdot c - s \cdot s)/c^2 = 1 - (s/c)^2$:
#
# $$ \frac{d\hat y}{dz} = 1 - \hat y^2. \tag{1.2} $$
#
# The slope can be read off the *output*: a neuron that has computed $\hat y$ needs no further exponential.

# %%
z = np.linspace(-3, 3, 13)
verify("1.2", claimed=1 - np.tanh(z) ** 2, measured=np.tanh(z + 1e-30j).imag / 1e-30, by="the complex step", rtol=1e-12)

# %% [markdown]
# What happens far out? For $z > 0$, $1 - \tanh^2 z = 1/c^2 = 4/(e^z + e^{-z})^2 \le 4/e^{2z}$, since dropping $e^{-z}$ makes the
# denominator smaller; for $z < 0$ exchange the two. So
#
# $$ \frac{d\hat y}{dz} \;\le\; 4\,e^{-2|z|}. \tag{1.3} $$
#
# Each unit further from zero divides the slope by about $e^2 \approx 7.4$. At $|z| = 5$ it is below 0.0002. We say that the
# neuron is **saturated**. Remember this bound; it will explain what you see below.

# %%
z = np.array([-8.0, -5.0, -3.0, -1.0, 0.5, 2.0, 4.0, 6.0])
verify("1.3", claimed=4 * np.exp(-2 * abs(z)), measured=np.tanh(z + 1e-30j).imag / 1e-30, relation="at most",
       by="the complex step")

# %% [markdown] tags=["instructor"]
# **1.1, 15 minutes.** Draw the neuron with its two arrows and the bias as an arrow from a constant 1. Ask: which inputs give $\hat y = 0$?
# (A line.) What do the weights mean for that line? Expect "the neuron's output is a probability": it is not, it lies between −1 and 1.

# %% [markdown] tags=["short-path"]
# ## 1.2 ▸ How wrong is it?
#
# Let $y_i$ be the target of sample $i$. One way to measure how wrong all answers are together is the **mean squared error**:
#
# $$ L = \frac1N \sum_{i=1}^{N} (\hat y_i - y_i)^2. \tag{D1.2} $$
#
# Each prediction is compared with *its own* target. The square makes errors of both signs count, large ones more; the mean makes the number
# comparable between data sets of different size. Chapter 05 finds out where the square comes from.
#
# > **You will read** this formula with an index missing: $\frac1N \sum_i (y_i - \hat y)^2$, every target against one and the same prediction.
# > Taken by its word it is another number, and it changes when you shuffle the samples. <!-- ledger: S0-07 -->

# %% tags=["short-path"]
y_hat, y = np.array([0.1, 0.5, -0.2]), np.array([0.0, 1.0, -1.0])
verify("D1.2", claimed=nnlib.losses.MSE().value(y_hat, y), measured=(0.01 + 0.25 + 0.64) / 3, by="hand", rtol=1e-12)
refute("S0-07", "the loss is the mean of (y_i - y_hat)² without an index, that is, with the last prediction.",
       claimed=np.mean((y - y_hat[-1]) ** 2), measured=nnlib.losses.MSE().value(y_hat, y),
       by="pairing each prediction with its target")

# %% [markdown]
# In `nnlib`, with the squares summed by a product of the differences with themselves:

# %%
show(nnlib.losses.MSE.value)

# %% [markdown]
# ### Exercise 1.1 · An index that matters · 8 minutes · ●●○
# Write `mse(y_hat, y)` after (D1.2). One trap: arrays of shape $(3, 1)$ and $(3,)$ do not raise an error when you subtract
# them. Find out what comes out instead, and let your function raise a `ValueError` for shapes that differ.

# %% tags=["exercise"]
def mse(y_hat, y):
    """Mean squared error, (D1.2).  Two arrays of one shape -> float."""
    ### BEGIN SOLUTION
    if y_hat.shape != y.shape:
        raise ValueError(f"mse: y_hat has shape {y_hat.shape}, y has {y.shape}.")
    return float(np.mean((y_hat - y) ** 2))
    ### END SOLUTION


# %%
check("1.1", mse)
hint("1.1")

# %% [markdown] tags=["instructor"]
# **1.2, 10 minutes.** Let them subtract shapes $(3,1)$ and $(3,)$ in a cell. Ask: why does shuffling change the wrong loss but not the right one?

# %% [markdown] tags=["short-path"]
# ## 1.3 ▸ Which way is down?
#
# To lower the loss we need to know how it reacts to each parameter. We follow the way from $w_k$ to $L$ and multiply the slopes on it, which
# is the chain rule. For one sample $i$:
#
# - $L$ reacts to $\hat y_i$ with $\frac2N (\hat y_i - y_i)$: the derivative of a square, and the $\frac1N$ of the mean;
# - $\hat y_i$ reacts to $z_i$ with $1 - \hat y_i^2$, by (1.2);
# - $z_i$ reacts to $w_k$ with $x_{ik}$, its factor in (D1.1).
#
# Every sample depends on the same $w_k$, so its reactions add up:
#
# $$ \frac{\partial L}{\partial w_k} = \frac2N \sum_{i=1}^{N} (\hat y_i - y_i)\,(1 - \hat y_i^2)\, x_{ik}. \tag{1.4} $$
#
# The first two factors do not know which weight is asked about. Give them a name, the *error signal* of sample $i$:
#
# $$ \delta_i = \frac{\partial L}{\partial z_i} = \frac2N (\hat y_i - y_i)(1 - \hat y_i^2). \tag{D1.3} $$
#
# Then (1.4) says $\sum_i \delta_i x_{ik}$, which is row $k$ of $X^\top$ times $\delta$. The bias enters every $z_i$ with the factor 1. Hence all
# slopes at once are
#
# $$ \nabla_w L = X^\top \delta, \qquad \frac{\partial L}{\partial b} = \sum_{i=1}^N \delta_i. \tag{1.5} $$
#
# <!-- ledger: S0-09 -->
#
# Read it aloud: *a weight's slope is the error signal times what came in through that weight, summed over the samples*. If an input was
# zero for a sample, that sample has no say in its weight. The bias is a weight whose input is always 1.

# %% tags=["short-path"]
X, y = rng.normal(size=(7, 2)), np.tanh(rng.normal(size=7))
theta = np.array([0.8, -0.4, 0.1])


def loss(theta):
    return np.mean((np.tanh(X @ theta[:2] + theta[2]) - y) ** 2)


dw, db = nnlib.neuron.TanhNeuron(theta[:2], theta[2]).gradient(X, y)
measured = complex_grad(loss, theta)
verify("1.4", claimed=dw, measured=measured[:2], by="the complex step through the loss", rtol=1e-12)
verify("1.5", claimed=[*dw, db], measured=measured, by="the complex step through the loss", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# In `nnlib` the equations are these lines, with the same names:

# %% tags=["short-path"]
show(nnlib.neuron.TanhNeuron.gradient)

# %% [markdown] tags=["short-path"]
# The gradient points to where $L$ grows fastest, so a small step against it lowers $L$: $w \leftarrow w - \eta \nabla_w L$ and
# $b \leftarrow b - \eta\,\partial L/\partial b$ with a small number $\eta$, the *learning rate*. When this works, and when not, is the subject of
# chapter 03.
#
# **Before you play:** a neuron answers $0.999$ where the target is $-1$. It could hardly be more wrong. Its gradient will be …

# %% tags=["short-path"]
predict("1.3-saturation", "large", "about average", "nearly zero")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch01 import TanhNeuronBench

TanhNeuronBench()

# %% [markdown] tags=["short-path"]
# Turn $w_1$ and $w_2$ up to the end of their sliders with the wrong sign. Nearly all samples are on the wrong side now, the residual bars are
# long, and yet the gradient arrow has all but vanished. (1.3) says why: every $\delta_i$ carries the factor $1 - \hat y_i^2$, and out there it is
# tiny. A neuron that is very sure and very wrong learns hardly anything. Chapters 05 and 06 find a loss that mends this.
#
# Now let it learn from a better start: forty steps of (1.5).

# %% tags=["short-path"]
X, y = nnlib.data.blobs(60, classes=2, spread=0.45, rng=5)
targets = 1.0 - 2 * y
neuron = nnlib.neuron.TanhNeuron(np.array([-0.5, 0.5]))
losses = []
for _ in range(40):
    losses.append(neuron.loss(X, targets))
    neuron.step(X, targets, lr=0.3)
plots.decision_regions(neuron.forward, X, targets, title="One neuron draws one straight line",
                       words="Two clouds of points and the plane coloured by the neuron's output: orange on the side of the "
                             "positive targets, blue on the other, with a straight dashed line between them.")

# %%
plots.curves(range(40), {"mean squared error": losses}, xlabel="step", ylabel="loss",
             title="Forty steps: fast at first, then slower and slower",
             words="The mean squared error against the step: it falls steeply in the first ten steps and flattens out "
                   "near zero.")

# %% [markdown]
# The first steps bring most of the gain. Near the end the residuals are small and the outputs close to $\pm 1$, so both
# factors of $\delta_i$ have shrunk, and each further step does less. A flat curve does not tell you whether the loss is low or the neuron is
# saturated; look at both.
#
# The line where $z = 0$ is straight, because $z$ is an affine function of $x$. No choice of $w$ and $b$ bends it; for that we need more neurons
# (chapter 04).

# %% [markdown]
# ### Exercise 1.2 · One step by hand · 10 minutes · ●○○
# On paper, with four digits: $w = (1, -0.25)$, $b = 0$, one sample $x = (1, 2)$ with target $y = 1$, learning rate $0.1$. Find $z$, $\hat y$,
# $\delta$, both entries of the gradient, and $w_1$ after the step.

# %% tags=["exercise"]
by_hand = dict(z=..., y_hat=..., delta=..., dw1=..., dw2=..., w1_new=...)
### BEGIN SOLUTION
y_hat = np.tanh(0.5)
delta = 2 * (y_hat - 1) * (1 - y_hat**2)
by_hand = dict(z=0.5, y_hat=y_hat, delta=delta, dw1=delta, dw2=2 * delta, w1_new=1 - 0.1 * delta)
### END SOLUTION

# %%
check("1.2", by_hand)
hint("1.2")

# %% [markdown] tags=["short-path"]
# ### Exercise 1.3 · The gradient of the neuron · 15 minutes · ●●○
# Write `tanh_neuron_gradient(w, b, X, y)`. It returns the pair `(dw, db)` of (1.5): an array of shape `(d,)` and a number.

# %% tags=["exercise", "short-path"]
def tanh_neuron_gradient(w, b, X, y):
    """Gradient of the mean squared error of tanh(X w + b), (1.5).  X: (N, d), y: (N,) -> (d,), float."""
    ### BEGIN SOLUTION
    y_hat = np.tanh(X @ w + b)
    delta = 2 / len(y) * (y_hat - y) * (1 - y_hat**2)
    return X.T @ delta, float(delta.sum())
    ### END SOLUTION


# %% tags=["short-path"]
check("1.3", tanh_neuron_gradient)
hint("1.3")

# %% [markdown]
# Once it is right, let the judge of chapter 00 look at it as well. Choose some `w` of shape `(2,)` and run
# `gradient_check(lambda w: np.mean((np.tanh(X @ w) - targets) ** 2), tanh_neuron_gradient(w, 0.0, X, targets)[0], w)`.

# %% tags=["solution-only"]
w = np.array([0.3, -0.2])
report = gradient_check(lambda w: np.mean((np.tanh(X @ w) - targets) ** 2), tanh_neuron_gradient(w, 0.0, X, targets)[0], w)
print("the judge agrees" if report else report)

# %% [markdown] tags=["instructor"]
# **1.3, 35 minutes.** Chain the three slopes on the board, one colour each, and only then collect them in $\delta$. On the bench: ask for the setting
# with the *longest* arrow. Expect $1/N$ to be lost, and the sum over samples in $\partial L / \partial b$. Short of time: skip exercise 1.2.

# %% [markdown]
# ## 1.4 What did people do before?
#
# In 1960 Widrow and Hoff trained units without any squashing, one sample at a time. The prediction is the weighted sum itself,
#
# $$ \hat y_i = \sum_j x_{ij} w_j, \tag{D1.4} $$
#
# with the bias taken in as one more weight, for an input that is always 1. <!-- ledger: S2-03 --> Take **half** the squared error of a single sample,
# $\ell_i = \frac12 (\hat y_i - y_i)^2$. The chain rule gives $\partial \ell_i/\partial w_j = (\hat y_i - y_i)\, x_{ij}$, where the 2 from the square
# has met the half. Stepping against it is the **delta rule**:
#
# $$ w_j \;\leftarrow\; w_j - \eta\,(\hat y_i - y_i)\,x_{ij}. \tag{1.6} $$
#
# <!-- ledger: S2-04 -->

# %%
sample, target, w, eta = np.array([1.0, -2.0, 0.5]), 1.3, np.array([0.4, 0.1, -0.6]), 0.1
rule = nnlib.neuron.DeltaRule(w, lr=eta)
rule.update(sample, target)
slope = complex_grad(lambda w: 0.5 * (sample @ w - target) ** 2, w)
verify("1.6", claimed=rule.w, measured=w - eta * slope, by="the complex step through half the squared error", rtol=1e-12)
show(nnlib.neuron.DeltaRule.update)

# %% [markdown]
# Mind the half. With the whole square, as in (D1.2), the step is twice as long; people who mix the two
# find that a learning rate from one text is too large in another.
#
# What does one step do to the error on its own sample? The new residual is $r' = x_i \cdot w' - y_i$ with $w' = w - \eta\, r\, x_i$ and
# $r = x_i \cdot w - y_i$. Multiply out: $r' = r - \eta\, r\, (x_i \cdot x_i)$, that is
#
# $$ r' = \big(1 - \eta\,\lVert x_i\rVert^2\big)\, r. \tag{1.7} $$
#
# With $\eta = 1/\lVert x_i\rVert^2$ one step removes the error at once. Beyond $2/\lVert x_i\rVert^2$ the factor is below $-1$: each step makes the error
# larger. This is the first time that we meet a learning rate that is too large, and (1.7) says exactly where it begins.

# %%
factors = []
for eta in (0.05, 1 / 5.25, 0.3, 0.5):
    rule = nnlib.neuron.DeltaRule(w, lr=eta)
    before = rule.predict(sample[None])[0] - target
    rule.update(sample, target)
    factors.append((rule.predict(sample[None])[0] - target) / before)
verify("1.7", claimed=[1 - eta * (1 + 4 + 0.25) for eta in (0.05, 1 / 5.25, 0.3, 0.5)], measured=factors,
       by="making the step and predicting again")

# %% [markdown]
# ### Exercise 1.4 · The delta rule · 8 minutes · ●●○
# Write `delta_step(w, x, y, lr)` for one sample: it returns the new weights and leaves `w` as it was. Then double the loss (no half) and see in (1.7)
# what becomes of the largest learning rate that still works.

# %% tags=["exercise"]
def delta_step(w, x, y, lr):
    """One step of the delta rule, (1.6).  w, x: (d,), y: a number -> (d,)."""
    ### BEGIN SOLUTION
    return w - lr * (x @ w - y) * x
    ### END SOLUTION


# %%
check("1.4", delta_step)
hint("1.4")

# %% [markdown] tags=["solution-only"]
# With the whole square the step is twice as long, so (1.7) becomes $1 - 2\eta \lVert x\rVert^2$: the largest learning rate that works is halved, from
# $2/\lVert x\rVert^2$ to $1/\lVert x\rVert^2$.

# %% [markdown] tags=["instructor"]
# **1.4, 15 minutes.** Ask: at which $\eta$ does the error only change its sign? Let them find $2/\lVert x\rVert^2$ before (1.7) is on the board.

# %% [markdown] tags=["short-path"]
# ## 1.5 ▸ Can it learn without any slope?
#
# Rosenblatt's **perceptron** (1958) only answers yes or no: the class is the sign of $x \cdot w$. There is no slope to follow. The rule:
# go through the samples; where the answer is right, change nothing; where it is wrong, add a positive sample to the weights, or subtract a
# negative one. With targets $t_i \in \{-1, +1\}$ both cases are one line: <!-- ledger: S2-01 -->
#
# $$ \text{if } t_i\,(x_i \cdot w) \le 0: \qquad w \leftarrow w + t_i\, x_i. \tag{D1.5} $$
#
# As before, the bias is the weight of an input that is always 1. After a change, $t_i\,(x_i \cdot w)$ has become
# $t_i\, x_i \cdot (w + t_i x_i)$, and since $t_i^2 = 1$,
#
# $$ t_i\,(x_i \cdot w_{\text{new}}) = t_i\,(x_i \cdot w_{\text{old}}) + \lVert x_i\rVert^2. \tag{1.8} $$
#
# So each change is a step towards being right on that sample. It may undo others; one passes through the samples again and again until a whole pass
# changes nothing. <!-- ledger: S2-02 --> Does that ever happen?

# %% tags=["short-path"]
rng = np.random.default_rng(7)
X = np.c_[rng.uniform(-1, 1, size=(200, 2)), np.ones(200)]
w_star = np.array([1.0, -2.0, 0.3]) / np.linalg.norm([1.0, -2.0, 0.3])
X = X[abs(X @ w_star) > 0.1]
t = np.sign(X @ w_star)
perceptron = nnlib.neuron.Perceptron(3)
record = perceptron.fit(X, t)
print("all right:", bool(np.all(perceptron.predict(X) == t)), "after", record.updates, "updates")

# %%
w, sample, sign = np.array([0.5, 0.5, -1.0]), np.array([1.0, 2.0, 1.0]), -1
after = nnlib.neuron.Perceptron(3)
after.w = w.copy()
after.update(sample, sign)
verify("1.8", claimed=sign * (sample @ w) + sum(entry**2 for entry in sample), measured=sign * (sample @ after.w),
       by="one update of the package", rtol=1e-12)
show(nnlib.neuron.Perceptron.update)

# %% [markdown]
# It does, and one can say when. Suppose some vector $w^\ast$ of length 1 separates the classes with a *margin* $\gamma > 0$: $t_i\,(x_i \cdot w^\ast) \ge \gamma$
# for all $i$. Let $R$ be the length of the longest sample, start at $w_0 = 0$, and let $w_k$ be the weights after $k$ changes. Watch two quantities.
#
# *The weights turn towards $w^\ast$.* Each change adds $t_i\, x_i \cdot w^\ast \ge \gamma$ to $w \cdot w^\ast$:
#
# $$ w_k \cdot w^\ast \;\ge\; k\,\gamma. \tag{1.9} $$
#
# *They do not grow fast.* $\lVert w + t_i x_i\rVert^2 = \lVert w\rVert^2 + 2\,t_i\,(x_i \cdot w) + \lVert x_i\rVert^2$, and the middle term is not
# positive, or there would have been no change:
#
# $$ \lVert w_k\rVert^2 \;\le\; k\,R^2. \tag{1.10} $$
#
# By the inequality of Cauchy and Schwarz $w_k \cdot w^\ast \le \lVert w_k\rVert$. So $k\gamma \le \sqrt k\,R$; divide by $\sqrt k\,\gamma$ and square.
# This is Novikoff's theorem (1962):
#
# $$ k \;\le\; \Big(\frac{R}{\gamma}\Big)^2. \tag{1.11} $$

# %%
single = nnlib.neuron.Perceptron(2)
single.fit(np.array([[3.0, 4.0]]), np.array([1]))  # one sample: all three bounds are reached
R, gamma = np.linalg.norm(X, axis=1).max(), np.min(t * (X @ w_star))
path = np.array(record.weights)
k = np.arange(1, len(path) + 1)
by = "recording every update"
verify("1.9", [*(k * gamma), 5.0], [*(path @ w_star), single.w @ [0.6, 0.8]], relation="at least", by=by)
verify("1.10", [*(k * R**2), 25.0], [*np.sum(path**2, axis=1), single.w @ single.w], relation="at most", by=by)
verify("1.11", [(R / gamma) ** 2, (5 / 5) ** 2], [record.updates, 1], relation="at most", by=by)

# %% [markdown]
# The bound holds with much to spare: it speaks of the worst order of the worst samples. Its use is the *condition* in it. No separating line, no margin,
# no theorem.

# %% [markdown] tags=["short-path"]
# **Before you run the next cell:** XOR has four points, $(0,0)$ and $(1,1)$ of one class, $(0,1)$ and $(1,0)$ of the other. What will the weights do?

# %% tags=["short-path"]
predict("1.5-xor", "settle down at the best line", "grow without bound", "run in a circle")

# %% tags=["short-path"]
corners = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)
xor = nnlib.neuron.Perceptron(3).fit(corners, np.array([-1, 1, 1, -1]), max_passes=3)
for number, weights in enumerate(xor.weights, 1):
    print(number, weights)

# %% [markdown] tags=["short-path"]
# After four changes the weights are back at zero, and everything begins again. Passing "until there are no errors" is a rule that needs a second one: stop
# after so many passes. And XOR has no separating line: the two points of the class $-1$ ask for $b \le 0$ and $w_1 + w_2 + b \le 0$, together
# $w_1 + w_2 + 2b \le 0$; the other two ask for $w_1 + b > 0$ and $w_2 + b > 0$, together $w_1 + w_2 + 2b > 0$.

# %% [markdown]
# ### Exercise 1.5 · The perceptron, update by update · 12 minutes · ●●○
# Write `perceptron_step(w, x, t)` for one sample: it returns the new weights, or the old ones where nothing is to change. Then use it to
# collect the boundaries after each change on four points of your own, and draw them.

# %% tags=["exercise"]
def perceptron_step(w, x, t):
    """One step of the perceptron rule, (D1.5).  w, x: (d,), t: -1 or +1 -> (d,)."""
    ### BEGIN SOLUTION
    return w + t * x if t * (x @ w) <= 0 else w
    ### END SOLUTION


# %%
check("1.5", perceptron_step)
hint("1.5")

# %% tags=["solution-only"]
points, classes = np.array([[2.0, 1, 1], [1, 3, 1], [-1, -1, 1], [-2, 1, 1]]), [1, 1, -1, -1]
w, lines = np.zeros(3), {}
for x, label in zip(points, classes, strict=True):
    new = perceptron_step(w, x, label)
    if np.any(new != w):
        lines[f"change {len(lines) + 1}"] = -(new[0] * np.array([-3.0, 3.0]) + new[2]) / new[1]
    w = new
plots.curves([-3, 3], lines, xlabel="$x_1$", ylabel="$x_2$", title="Each mistake turns the boundary",
             words="The boundary lines after each change of the weights: every mistake turns and shifts the line a little.")

# %% [markdown]
# ### Exercise 1.6 · Break it: XOR · 10 minutes · ●●○
# Follow the rule through one pass over XOR with paper and pencil, in the order of the cell above, starting at $w = 0$. How many updates, and where is
# $w$ afterwards? Does it converge? And over all lines, what is the smallest number of the four points on the wrong side?

# %% tags=["exercise"]
seen = dict(updates_in_first_pass=..., w_after_first_pass=..., converges=..., smallest_mistakes=...)
### BEGIN SOLUTION
seen = dict(updates_in_first_pass=4, w_after_first_pass=(0.0, 0.0, 0.0), converges=False, smallest_mistakes=1)
### END SOLUTION

# %%
check("1.6", seen)
hint("1.6")

# %% [markdown]
# ### Exercise 1.7 · Proof: Novikoff without the bias trick · 15 minutes · ●●●
# On paper. (a) Start from an arbitrary $w_0$ instead of 0. Show that the number of changes is still finite, and give a bound. (b) Multiply all samples by
# 10. What happens to $R$, to $\gamma$, to the bound, and to the sequence of predictions? Grade yourself with the rubric of the worked solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) As in (1.9), $w_k \cdot w^\ast \ge w_0 \cdot w^\ast + k\gamma \ge -\lVert w_0\rVert + k\gamma$. As in (1.10), $\lVert w_k\rVert^2 \le \lVert w_0\rVert^2
# + kR^2$. By Cauchy and Schwarz $k\gamma - \lVert w_0\rVert \le \sqrt{\lVert w_0\rVert^2 + kR^2} \le \lVert w_0\rVert + \sqrt k\, R$, since
# $\sqrt{a+b} \le \sqrt a + \sqrt b$. So $k\gamma - \sqrt k\,R - 2\lVert w_0\rVert \le 0$, a quadratic inequality in $\sqrt k$, and
# $\sqrt k \le \frac{R + \sqrt{R^2 + 8\gamma\lVert w_0\rVert}}{2\gamma}$. For $w_0 = 0$ this is $R/\gamma$ again. $\square$
#
# (b) $R$ and $\gamma$ both grow by the factor 10, so the bound stays. From $w_0 = 0$ every $w_k$ is 10 times what it was, every sign stays, and the
# predictions are the same. The rule has no unit of length; this is also why a learning rate in front of $t_i x_i$ changes nothing.
#
# **Rubric** (10 points): both starting terms kept 3 · Cauchy–Schwarz used on the right pair 2 · solved for $k$ 2 · bound invariant, with both factors
# named 2 · sequence of predictions unchanged, with the reason 1.

# %% [markdown] tags=["instructor"]
# **1.5, 20 minutes.** Draw the two quantities against $k$: a straight line from below, a square root from above; where they meet it must stop. Ask:
# is a wider margin easier? Expect "smaller learning rate helps on XOR". Short of time: skip the proof, show the circle. Exercise 1.7 makes homework.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - The neuron: $\hat y = \tanh(Xw + b)$, (1.1), with the slope $1 - \hat y^2$ of its output, (1.2).
# - The gradient: $\delta = \frac2N (\hat y - y)(1 - \hat y^2)$, then $X^\top\delta$ and $\sum_i \delta_i$, (1.5). Error signal times input: this pattern
#   comes back in every layer of every network.
# - Saturation: far out the slope is at most $4 e^{-2|z|}$, (1.3). Very sure and very wrong means no gradient.
# - The delta rule multiplies its residual by $1 - \eta\lVert x\rVert^2$, (1.7).
# - The perceptron stops after at most $(R/\gamma)^2$ changes, if the classes can be separated, (1.11).

# %% tags=["short-path"]
quiz("01-exit")

# %% [markdown]
# **Further reading.** F. Rosenblatt, *The perceptron: a probabilistic model for information storage and organization in the brain*, Psychological Review 65,
# 1958. · B. Widrow and M. E. Hoff, *Adaptive switching circuits*, IRE WESCON Convention Record, 1960. · A. B. J. Novikoff, *On convergence proofs on
# perceptrons*, Symposium on the Mathematical Theory of Automata, 1962. · M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969.
