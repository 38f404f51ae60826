# %% [markdown]
# # 03 · Gradient descent and its failure modes
#
# About 180 minutes; the short path, marked ▸, takes 60. You need gradients and the slope along a direction (chapter 00), the slope of $\tanh$
# (chapter 01), and what a backward sweep costs (chapter 02).
#
# "Walk downhill in small steps" sounds as if nothing could go wrong. Here you find out exactly when a step lowers the loss, how large it may be, and
# where the walk can end. Much that is written about it promises too much; we shall test the promises.

# %% tags=["short-path"]
import math

import numpy as np

import nnlib
from nnlib.gradcheck import complex_grad
from nnlib.optimizers import SGD
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("03")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))  # the data of this chapter: 60 samples, and targets with noise
y = X @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=60)

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to
# [the slope along a direction](00_orientation.ipynb#0.8-▸-When-do-two-gradients-agree?), to
# [the delta rule](01_one_neuron.ipynb#1.4-What-did-people-do-before?), or to the cost of a backward sweep in chapter 02.

# %% tags=["short-path"]
quiz("03-recall")

# %% [markdown] tags=["short-path"]
# ## 3.1 ▸ What do we want, and what is a step?
#
# A model with parameters $\theta$ answers $f_\theta(x)$ to an input $x$. Let $\ell$ measure how wrong one answer is. The loss is the mean,
#
# $$ L(\theta) = \frac1N \sum_{i=1}^{N} \ell\big(f_\theta(x_i),\, y_i\big). \tag{D3.1} $$
#
# It depends on the data and on the form of the model too, but those stand still. <!-- ledger: S1-05 -->
# What we can change is $\theta$, so we read $L$ as a function of its $M$ entries, and look for a $\theta$ that makes it small. <!-- ledger: S2-24 -->
# The best place of all is a **global minimum** $\theta^\ast$:
#
# $$ L(\theta^\ast) \le L(\theta) \quad\text{for all } \theta. \tag{D3.2} $$
#
# If this holds only for all $\theta$ near $\theta^\ast$, it is a **local** minimum. <!-- ledger: S2-27 -->
#
# Training is often described as finding the global minimum. <!-- ledger: S1-03 --> That is a wish. What the method guarantees is less (section 3.7), and what one
# needs in practice is a low loss that stays low on new data (chapter 15).
#
# **Gradient descent** starts somewhere and repeats one move, against the gradient at the place where it stands: <!-- ledger: S4-68 -->
#
# $$ \theta^{t+1} = \theta^{t} - \eta\, \nabla L(\theta^{t}), \qquad t = 0, 1, 2, \dots \tag{D3.3} $$
#
# The superscript counts steps; it is not a power. <!-- ledger: S0-12 -->
# The *learning rate* $\eta > 0$ sets the speed. <!-- ledger: S1-13 -->
# It is the same for all parameters, and we choose it; it is not learned. <!-- ledger: S4-67 -->

# %% tags=["short-path"]
beale = nnlib.surfaces.beale
theta = np.array([1.0, 0.5])
SGD(0.01).step(theta, beale.gradient(theta))
slopes = complex_grad(beale, np.array([1.0, 0.5]))
verify("D3.3", claimed=theta, measured=[1.0 - 0.01 * slopes[0], 0.5 - 0.01 * slopes[1]],
       by="the complex step", rtol=1e-12)
show(nnlib.optimizers.SGD.update)

# %% [markdown] tags=["short-path"]
# The last line is (D3.3); the lines above it wait for chapter 09. All that a step needs is the gradient, and one backward sweep delivers
# it. <!-- ledger: S1-14 --> Nearly every method in use builds on this move; methods without gradients exist, for losses that have
# none. <!-- ledger: S0-13 -->

# %% [markdown]
# For a matrix of weights the rule reads $W_{jm} \leftarrow W_{jm} - \eta\, \partial L / \partial W_{jm}$, entry by entry. <!-- ledger: S2-26 -->
#
# <details><summary>Slips you may meet in print</summary>
#
# - "$W - \alpha\,\delta W$": read $\delta W$ as $\partial L/\partial W$. It is not the error signal $\delta$ of (D1.3). <!-- ledger: S2-25 -->
# - "The goal is the minimum of the loss gradient": the goal is the minimum of the *loss*. The gradient is a vector; it is to
#   vanish. <!-- ledger: S4-60 -->
#
# </details>
#
# > **You will read** that (D3.3) with the gradient of all samples is *stochastic* gradient descent. Nothing in it is left to chance: from one start there is one
# > path. It becomes stochastic when each step sees a random part of the data (chapter 08).

# %%
def end_of_run(batch, seed):
    w, rule, chance = np.zeros(4), SGD(0.1), np.random.default_rng(seed)
    for _ in range(30):
        rows = chance.permutation(60)[:batch]
        rule.step(w, 2 / batch * X[rows].T @ (X[rows] @ w - y[rows]))
    return tuple(w.round(6).tolist())


# ledger: S0-11
refute("S0-11", "the rule with all 60 samples is stochastic: 20 runs end in 20 places.", claimed=20,
       measured=len({end_of_run(60, seed) for seed in range(20)}), by="running it 20 times")
print("with 10 random samples a step, 20 runs end in", len({end_of_run(10, seed) for seed in range(20)}), "places")

# %% [markdown]
# ### Exercise 3.1 · Three steps by hand · 8 minutes · ●○○
# On paper: $L(a, b) = a^2 + 3b^2$, start $(4, 2)$, $\eta = 0.25$. Where are $a$ and $b$ after one step, and after three? How large is $L$ then? And how large is $L$
# after **one** step from $(4, 2)$ with $\eta = 0.5$?

# %% tags=["exercise"]
by_hand = dict(a1=..., b1=..., a3=..., b3=..., L3=..., L1_with_half=...)
### BEGIN SOLUTION
by_hand = dict(a1=2.0, b1=-1.0, a3=0.5, b3=-0.25, L3=0.4375, L1_with_half=48.0)
### END SOLUTION

# %%
check("3.1", by_hand)
hint("3.1")

# %% [markdown] tags=["solution-only"]
# The slopes are $2a$ and $6b$. With $\eta = 0.25$ each step multiplies $a$ by $1 - 0.5$ and $b$ by $1 - 1.5$; with $\eta = 0.5$ by $0$ and $-2$. From
# $L = 28$ the first goes to $0.4375$ in three steps, the second to $48$ in one.

# %% [markdown] tags=["short-path"]
# ### Exercise 3.2 · Your own gradient descent · 10 minutes · ●○○
# Write the class. `step(theta, grad)` moves the array `theta` **in place**, so that everybody who holds this array sees it move; `grad` stays as it is.

# %% tags=["exercise", "short-path"]
class GradientDescent:
    """Gradient descent, (D3.3): `GradientDescent(0.1).step(theta, grad)`."""

    def __init__(self, lr):
        self.lr = lr

    def step(self, theta, grad):
        """Move theta in place, against grad.  Two arrays of one shape."""
        ### BEGIN SOLUTION
        theta -= self.lr * grad
        ### END SOLUTION


# %% tags=["short-path"]
check("3.2", GradientDescent)
hint("3.2")

# %% [markdown] tags=["instructor"]
# **3.1, 25 minutes.** Ask: what in $L$ changes during training, and what stands still? Let them run the seeds themselves. Expect
# `theta = theta - ...` in exercise 3.2: draw the name moving to a new array while the network keeps the old one. Short of time: skip exercise 3.1.

# %% [markdown] tags=["short-path"]
# ## 3.2 ▸ Which way is steepest?
#
# Why against the gradient $g = \nabla L(\theta)$? Take a direction $d$ of length 1. By (0.8) the slope along it is $g \cdot d$. The square
# $\lVert g - (g \cdot d)\,d\,\rVert^2$ is not negative; multiplied out, with $d \cdot d = 1$, it is $\lVert g\rVert^2 - (g \cdot d)^2$. Hence
#
# $$ -\lVert g\rVert \;\le\; g \cdot d \;\le\; \lVert g\rVert , \tag{3.1} $$
#
# with equality only if $g$ is a multiple of $d$. So $g/\lVert g\rVert$ is the direction of steepest ascent, and $-g/\lVert g\rVert$ that of steepest descent.

# %% tags=["short-path"]
rosenbrock, theta = nnlib.surfaces.rosenbrock, np.array([0.3, 0.5])
angles = np.linspace(0, 2 * np.pi, 3600)
directions = np.c_[np.cos(angles), np.sin(angles)]
measured = [rosenbrock(theta + 1e-30j * d).imag / 1e-30 for d in directions]
length = np.linalg.norm(rosenbrock.gradient(theta))
verify("3.1", claimed=length, measured=measured, relation="at most", by="walking in 3,600 directions")
verify("3.1", claimed=-length, measured=measured, relation="at least", by="walking in 3,600 directions")

# %% [markdown]
# Two conditions belong to it. "Steepest" is per *length* of the step, with the usual length of vectors: measure one parameter in other units, and another direction
# is steepest. And a slope speaks of *small* steps. <!-- ledger: S4-37 -->
#
# > **You will read** this objection: a partial derivative lets one parameter move and holds the others still, but the step moves all of them, so the partial
# > derivatives do not apply. They do, to first order: where $L$ is differentiable, the slope along *every* direction is their sum (0.8), each times its share of the
# > move. What is left over falls with the square of the step: <!-- ledger: S0-19 -->

# %%
d = np.array([0.6, -0.8])
for h in (0.1, 0.01, 0.001):
    change, slopes = rosenbrock(theta + h * d) - rosenbrock(theta), h * rosenbrock.gradient(theta) @ d
    print(f"h = {h:<5}  change {change:9.5f}   sum of slopes {slopes:9.5f}   left over {change - slopes:.5f}")

# %% [markdown]
# > **You will read** that every parameter moves a little at every step. It does if its slope is not zero. A weight whose input is zero in all samples has by
# > (1.5) the slope zero, and stays.

# %%
blind = np.c_[X[:, :2], np.zeros(60)]
dw, db = nnlib.neuron.TanhNeuron([0.3, -0.2, 0.7]).gradient(blind, np.tanh(y))
# ledger: S0-18
refute("S0-18", "all 4 parameters of the neuron move.", claimed=4, measured=np.count_nonzero([*dw, db]),
       by="counting the slopes that are not zero")

# %% [markdown] tags=["instructor"]
# **3.2, 15 minutes.** Draw level lines with the gradient at right angles on them. Ask: does the arrow point to the minimum? (Only on a circle.) Rescale one axis
# and ask again. Short of time: state (3.1), skip the two boxes.

# %% [markdown] tags=["short-path"]
# ## 3.3 ▸ How far can we trust the slope?
#
# Let us walk from $\theta$ by $\Delta$ and look only at the way: $\varphi(s) = L(\theta + s\Delta)$ is a function of one number. By (0.8) its slope is
# $\varphi'(s) = \nabla L(\theta + s\Delta) \cdot \Delta = \sum_k \Delta_k\, \partial_k L$. Each $\partial_k L$ is again a function of $\theta$, so (0.8) applies once more:
# $\varphi''(s) = \sum_{j,k} \Delta_j \Delta_k\, \partial_j \partial_k L$. The second derivatives form the **Hessian**,
#
# $$ H_{jk} = \frac{\partial^2 L}{\partial\theta_j\, \partial\theta_k}, \qquad\text{so}\qquad \varphi'' = \Delta^\top H \Delta , \tag{D3.4} $$
#
# and Taylor's formula $\varphi(1) \approx \varphi(0) + \varphi'(0) + \frac12 \varphi''(0)$ becomes
#
# $$ L(\theta + \Delta) = L(\theta) + g \cdot \Delta + \tfrac12\, \Delta^\top H \Delta + o(\lVert\Delta\rVert^2), \tag{3.2} $$
#
# where $o(\lVert\Delta\rVert^2)$ is a rest that is small even against $\lVert\Delta\rVert^2$. This needs continuous second derivatives; at a kink it is not true. With three
# derivatives the rest is $O(\lVert\Delta\rVert^3)$. <!-- ledger: S1-08 -->

# %% tags=["short-path"]
theta, delta = np.array([1.2, 0.7]), 1e-4 * np.array([0.6, -0.8])
bowl, well, plain = nnlib.surfaces.quadratic, nnlib.surfaces.double_well, nnlib.surfaces.plateau
claimed, measured = [], []
for L in (bowl, well, plain):
    claimed.append(delta @ L.hessian(theta) @ delta / 2)
    measured.append(L(theta + delta) - L(theta) - L(theta + 1e-30j * delta).imag / 1e-30)
verify("3.2", claimed, measured, by="the change of the loss, less its complex-step slope", rtol=1e-3)
show(nnlib.surfaces.Surface.hessian)

# %% [markdown]
# The Hessian of `nnlib`'s surfaces is the complex step of chapter 00, taken through the gradient.
#
# The first two terms do not know the third. Three losses with the slope $-1$ at $w = 0$, namely $L = -w + \frac k2 w^2$ with $k = 0, 1, 4$, change by $-1$, $-\frac12$
# and $+1$ when $w$ moves to $1$. <!-- ledger: S0-17 -->

# %% [markdown] tags=["short-path"]
# Drop the third term all the same, and put in the step $\Delta = -\eta g$: the loss should fall by $-g \cdot \Delta = \eta\, g \cdot g$,
#
# $$ L(\theta) - L(\theta - \eta g) \;\approx\; \eta\,\lVert g\rVert^2 . \tag{3.3} $$
#
# Call this the **promised** decrease. Mind the sign $\approx$; in print it is often "=". <!-- ledger: S1-11 -->
#
# > **You will read** that the second-order term may be left out *because it is expensive to compute*. That is a reason to wish it away. Whether one may depends on
# > how long the step is. <!-- ledger: S1-10 -->

# %% tags=["short-path"]
tiny = [(L(theta) - L(theta - 1e-6 * L.gradient(theta))) / 1e-6 for L in (bowl, well)]
promised = [L.gradient(theta) @ L.gradient(theta) for L in (bowl, well)]
verify("3.3", claimed=promised, measured=tiny, by="a step with η = 1e-6", rtol=1e-3)
eta = np.array([0.01, 0.1, 0.21])
refute("S1-10", "for L = 5w² at w = 1 the decrease is η g², for η = 0.01, 0.1, 0.21.", claimed=eta * 10**2,
       measured=5 - 5 * (1 - 10 * eta) ** 2, by="making the step")

# %% [markdown] tags=["short-path"]
# What we need is a *bound* on what was dropped. The slope along the way goes wrong because the gradient changes along the way. So let us say how fast it may change:
# $L$ is **$\beta$-smooth** if
#
# $$ \lVert \nabla L(\theta) - \nabla L(\theta') \rVert \;\le\; \beta\, \lVert \theta - \theta' \rVert \quad\text{for all } \theta, \theta'. \tag{D3.5} $$
#
# For a loss of one parameter this says $|L''| \le \beta$. For many it is a statement on the Hessian. A direction $v$ with $Hv = \lambda v$ is an *eigenvector* of
# $H$, and the *eigenvalue* $\lambda$ is the curvature along it. Since $H$ is symmetric, there are $M$ of them, $v_1, \dots, v_M$, at right angles, and we take them of length 1. Then
# (D3.5) says that every eigenvalue of every $H$ lies between $-\beta$ and $\beta$.
#
# <details><summary>Why the eigenvalues?</summary>
#
# Write a vector $u$ as $\sum_j p_j v_j$ with $p_j = v_j \cdot u$. Then $Hu = \sum_j \lambda_j p_j v_j$, and since the $v_j$ stand at right angles, $\lVert Hu\rVert^2 = \sum_j \lambda_j^2 p_j^2 \le
# \max_j \lambda_j^2\, \lVert u\rVert^2$ and $u^\top H u = \sum_j \lambda_j p_j^2 \le \max_j \lambda_j\, \lVert u\rVert^2$, both with equality for the $v_j$ of the largest term. The gradient changes
# from $\theta'$ to $\theta$ by the integral of $Hu$ along the way, with $u = \theta - \theta'$; so no $|\lambda_j|$ above $\beta$ gives (D3.5). In the other direction let $\theta'$ go to $\theta$ along a $v_j$.
#
# </details>
#
# Now the change of the loss is the integral of the slope. We subtract the slope at the start:
#
# $$ L(\theta + \Delta) - L(\theta) - g \cdot \Delta = \int_0^1 \big(\varphi'(s) - \varphi'(0)\big)\, ds
#    = \int_0^1 \big(\nabla L(\theta + s\Delta) - \nabla L(\theta)\big) \cdot \Delta \; ds . $$
#
# By (3.1) the product under the integral is at most the product of the lengths, and by (D3.5) the first length is at most $\beta s \lVert\Delta\rVert$. What remains is
# $\beta \lVert\Delta\rVert^2 \int_0^1 s\, ds$, and the integral is one half:
#
# $$ \big| L(\theta + \Delta) - L(\theta) - g \cdot \Delta \big| \;\le\; \frac\beta2\, \lVert\Delta\rVert^2 . \tag{3.4} $$

# %% [markdown] tags=["short-path"]
# To test it we take a loss that is not a parabola, $L(w) = \frac1N \sum_i \ln\cosh(x_i \cdot w - y_i)$: nearly square for small residuals, nearly $|r|$ for large
# ones. Since $\cosh' = \sinh$, the slope of $\ln\cosh$ is $\tanh$, whose own slope $1 - \tanh^2$ is at most 1 by (1.2). On the way along $\Delta$ the $i$-th residual changes at the rate
# $x_i \cdot \Delta$, so $\varphi'' \le \frac1N \sum_i (x_i \cdot \Delta)^2 = \frac1N \Delta^\top X^\top X \Delta$, and the largest eigenvalue of $\frac1N X^\top X$ serves as $\beta$.
# With it goes $L = 5w^2$, where $\beta = 10$ and (3.4) is an equality.

# %% tags=["short-path"]
beta = np.linalg.eigvalsh(X.T @ X / 60)[-1]


def loss(w):
    return np.mean(np.log(np.cosh(X @ w - y)))


points, moves = rng.normal(size=(300, 4)), rng.normal(size=(300, 4))
left_over = [abs(loss(w + d) - loss(w) - complex_grad(loss, w) @ d) for w, d in zip(points, moves, strict=True)]
parabola = abs(5 * (1 - 0.7) ** 2 - 5 + 10 * 0.7)  # 5w², from 1 by -0.7
verify("3.4", claimed=[*(beta / 2 * np.sum(moves**2, axis=1)), 10 / 2 * 0.7**2], measured=[*left_over, parabola],
       relation="at most", by="300 random moves, and one on a parabola")

# %% [markdown]
# > **You will read** that a loss is smooth (without kinks) *if and only if* it is made of smooth parts. Only "if" is true: smooth parts give a smooth whole. Parts with a kink may
# > give a smooth whole, as $\max(0, x) - \max(0, -x) = x$ does. And $\sqrt{x^2} = |x|$ has a kink, for the root is not smooth at 0.

# %%
def kink(f, h=1e-6):
    """Slope on the right of 0 less slope on the left."""
    return (f(h) - f(0.0)) / h - (f(0.0) - f(-h)) / h


# ledger: S1-06
refute("S1-06", "a function made of parts with a kink has a kink; here max(0, x) - max(0, -x).",
       claimed=kink(lambda x: max(0, x)), measured=kink(lambda x: max(0, x) - max(0, -x)),
       by="slopes on both sides of 0")

# %% [markdown] tags=["instructor"]
# **3.3, 25 minutes.** Draw $L$, its tangent, and the parabola of (3.4) that touches from above. Ask: which of the three can the algorithm see? Expect $\beta$ to be taken
# for the slope: it bounds how fast the slope *changes*. Short of time: do the integral in one dimension only.

# %% [markdown] tags=["short-path"]
# ## 3.4 ▸ When does a step lower the loss?
#
# We want $L(\theta^{t+1}) < L(\theta^t)$. <!-- ledger: S1-09 -->
#
# > **You will read** a proof that *every* $\eta \in (0, \infty)$ does it: <!-- ledger: S1-12 -->
# >
# > 1. To first order the decrease is $-g \cdot \Delta$.
# > 2. So $L(\theta) - L(\theta + \Delta) = -g \cdot \Delta$.
# > 3. Choose $\Delta = -\eta g$. Then the decrease is $\eta\, g \cdot g = \eta \lVert g\rVert^2$.
# > 4. A square is positive, and so is $\eta$. Hence the loss falls.
#
# **Before you run the next cell:** the conclusion is wrong. Which line breaks?

# %% tags=["short-path"]
predict("3.4-proof", "line 1", "line 2", "line 3", "line 4")

# %% tags=["short-path"]
refute("S1-12", "on L = 5w², from w = 1, the loss falls for η = 0.1, 0.3 and 1.", claimed=[0, 0, 0],
       measured=[5 - 5 * (1 - 10 * eta) ** 2 for eta in (0.1, 0.3, 1.0)], relation="at least", by="making the step")

# %% [markdown] tags=["short-path"]
# Line 2. With (3.4) in its place the argument can be saved, and it tells its own limit. Put $\Delta = -\eta g$ into (3.4): the change $L(\theta - \eta g) - L(\theta)$ is
# at most $-\eta \lVert g\rVert^2 + \frac\beta2 \eta^2 \lVert g\rVert^2$. Turn the sign round and factor out $\eta \lVert g\rVert^2$. This is the **descent lemma**:
#
# $$ L(\theta) - L(\theta - \eta g) \;\ge\; \eta \Big(1 - \frac{\eta\beta}{2}\Big) \lVert g\rVert^2 . \tag{3.5} $$
#
# Read it aloud: *of the promised decrease at least the share $1 - \eta\beta/2$ is kept*. Under three conditions, $L$ is $\beta$-smooth, $0 < \eta < 2/\beta$, and $g \ne 0$,
# the loss falls.
#
# Which $\eta$ gets the most out of the guarantee? As a function of $\eta$ the right side is a parabola with the zeros $0$ and $2/\beta$. It is highest half-way,
#
# $$ \eta = \frac1\beta : \qquad L(\theta) - L(\theta - \eta g) \;\ge\; \frac{1}{2\beta}\, \lVert g\rVert^2 , \tag{3.6} $$
#
# where half of the promise is kept for certain.

# %% tags=["short-path"]
rates = rng.uniform(0, 2 / beta, size=300)
slopes = [complex_grad(loss, w) for w in points]
falls = [loss(w) - loss(w - eta * g) for w, eta, g in zip(points, rates, slopes, strict=True)]
bound = rates * (1 - rates * beta / 2) * np.sum(np.square(slopes), axis=1)
verify("3.5", claimed=[*bound, 0.15 * (1 - 0.15 * 10 / 2) * 10**2], measured=[*falls, 5 - 5 * (1 - 0.15 * 10) ** 2],
       relation="at least", by="300 random steps on ln cosh, and one on a parabola")
grid = np.linspace(0, 2, 200_001) / beta
best = np.argmax(grid * (1 - grid * beta / 2))
verify("3.6", claimed=[1 / beta, 1 / (2 * beta)], measured=[grid[best], (grid * (1 - grid * beta / 2))[best]],
       by="trying 200,001 learning rates", rtol=1e-4)

# %% [markdown] tags=["short-path"]
# Here are the promise, the guarantee and what happens, in one picture. On the left is one step; on the right, for every $\eta$, the share of the promise that is kept.
# The "proof" says that it is 1, always.
#
# **Before you play:** on $5w^2$ the loss rises beyond $\eta = 0.2$. On $\ln\cosh 3w$ the guarantee ends at $2/9 = 0.22$. Started at $w = 1$, does the loss rise there too?

# %% tags=["short-path"]
predict("3.4-logcosh", "yes", "no, it falls, nearly as promised", "no, but it falls by less than half of the promise")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch03 import OneStep

OneStep()

# %% [markdown] tags=["short-path"]
# On the parabola the guarantee *is* what happens: it cannot be improved. On $\ln\cosh 3w$ from $w = 1$ the promise is nearly kept even beyond $2/\beta$: the
# condition is sufficient, not necessary, since $\beta$ is the worst curvature anywhere, and far out this curve is nearly straight. Move the start to $0.1$ and the worst place is here.
# Then take $w^4$: its slope changes faster and faster, so there is no $\beta$, and the $\eta$ at which the loss starts to rise depends on the start. No learning rate is safe
# from everywhere.
#
# For a network nobody knows $\beta$. In practice one tries learning rates a factor of 3 or 10 apart, and reads the loss: if it rises from step to step, with all samples in
# the gradient, then $\eta$ was not below $2/\beta$, and one takes a smaller one.

# %% [markdown]
# ### Exercise 3.3 · Proof: what the lemma buys · 20 minutes · ●●●
# On paper. (a) Let $L$ be $\beta$-smooth and never below $L_{\text{low}}$; take $\eta = 1/\beta$. Show that among the first $T$ gradients $g^0, \dots, g^{T-1}$ there
# is one with $\lVert g\rVert^2 \le 2\beta\,(L(\theta^0) - L_{\text{low}})/T$. (b) Show that the $2/\beta$ of the lemma cannot be replaced by anything larger. (c) Show for
# $L = w^4$ that for every $\eta > 0$ there is a start from which the first step raises the loss. Grade yourself with the rubric of the worked solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) By (3.6) each step gives $L(\theta^t) - L(\theta^{t+1}) \ge \frac{1}{2\beta} \lVert g^t\rVert^2$. Add these for $t = 0, \dots, T-1$. On the left
# all terms between cancel, and $L(\theta^0) - L(\theta^T) \le L(\theta^0) - L_{\text{low}}$ remains. On the right is at least $\frac{T}{2\beta}$ times the smallest
# $\lVert g^t\rVert^2$. Divide by $\frac{T}{2\beta}$. $\square$ So the gradients come as near to zero as we like; whether this happens at a minimum, the lemma does not say.
#
# (b) Take $L = \frac\beta2 w^2$, which is $\beta$-smooth, since $L'' = \beta$. With $\eta = c/\beta$ the step leads from $w$ to $(1 - c)\,w$. For
# $c > 2$ we have $|1 - c| > 1$, so the loss rises from every $w \ne 0$. $\square$
#
# (c) The step leads to $w - 4\eta w^3 = w\,(1 - 4\eta w^2)$. For $w^2 > \frac{1}{2\eta}$ the bracket is below $-1$, so $|w|$ and with it $w^4$ grows. $\square$
#
# **Rubric** (10 points): (3.6) used with its $\eta$ 2 · the sum telescopes, said so 2 · the smallest one bounded by the mean 2 · an example with equality in (b), checked 2 ·
# a start given for *every* $\eta$ in (c) 2.

# %% [markdown] tags=["instructor"]
# **3.4, 25 minutes.** Put the four-line proof on the board and let the group vote; do not tell. On the bench, ask for a start and an $\eta$ where the loss falls although nothing
# is guaranteed, and for one where $w^4$ explodes. Expect "above $2/\beta$ it diverges": only on a parabola. Short of time: leave exercise 3.3 as homework.

# %% [markdown] tags=["short-path"]
# ## 3.5 ▸ What happens step after step?
#
# On the parabola $L = \frac\lambda2 w^2$ the gradient is $\lambda w$, a step gives $w^{t+1} = w^t - \eta\lambda w^t = (1 - \eta\lambda)\, w^t$, and so
#
# $$ w^{t} = (1 - \eta\lambda)^t\, w^0 . \tag{3.7} $$
#
# One number, $\eta\lambda$, decides:
#
# - $0 < \eta\lambda < 1$: $w$ shrinks towards the minimum; at $\eta\lambda = 1$ it is there in one step;
# - $1 < \eta\lambda < 2$: each step jumps *over* the minimum, and still ends closer to it;
# - $\eta\lambda > 2$: each jump ends farther away. Steps too long for the valley leave it. <!-- ledger: S0-14 -->
#   Loss and gradient grow by a constant factor each time: they *explode*, until the numbers overflow. <!-- ledger: S4-71 -->
#
# The delta rule said the same in (1.7), with $\lambda = \lVert x_i\rVert^2$.
#
# A small $\eta$ is safe and slow. <!-- ledger: S0-16 --> To shrink $|w|$ to the share $\tau < 1$ takes $t = \ln\tau / \ln(1 - \eta\lambda)$ steps, and for small $\eta\lambda$, where
# $\ln(1 - u) \approx -u$,
#
# $$ t \;\approx\; \frac{\ln(1/\tau)}{\eta\lambda} . \tag{3.8} $$
#
# To watch this we need the loop around the step. `descend` collects the path; it ends early when the path is so far out (`LOST`) that it will not come back.

# %% tags=["short-path"]
from nnlib.workbook.benches.ch03 import Descent, descend

show(descend)
parabola = nnlib.surfaces.bowl(3.0, 3.0)
rates = np.array([0.2, 0.5, 1.0, 1.5, 2.0, 2.1]) / 3
ends = [descend(parabola, (1.0, 0.0), eta, 20)[-1, 0] for eta in rates]
verify("3.7", claimed=(1 - 3 * rates) ** 20, measured=ends, by="making 20 steps")
walks = [abs(descend(parabola, (1.0, 0.0), eta, 9000)[:, 0]) for eta in (0.01 / 3, 0.001 / 3)]
verify("3.8", claimed=[np.log(1000) / 0.01, np.log(1000) / 0.001], measured=[np.argmax(w < 1e-3) for w in walks],
       by="counting the steps until w is a thousandth", rtol=3e-3)

# %% [markdown] tags=["short-path"]
# Now many parameters: $L = \frac12 \theta^\top H \theta$ with the eigenvectors $v_j$ of $H$. Measure the position along them, $p_j = v_j \cdot \theta$. The gradient is $H\theta$,
# and $v_j \cdot H\theta = H v_j \cdot \theta = \lambda_j p_j$. So each $p_j$ lives on a parabola of its own:
#
# $$ p_j^{t} = (1 - \eta\lambda_j)^t\, p_j^0 . \tag{3.9} $$
#
# But there is one $\eta$ for all. If all $\lambda_j > 0$, descent converges exactly for $\eta < 2/\lambda_{\max}$, and then the flattest direction creeps with
# $1 - \eta\lambda_{\min}$. The pace is the worst factor, $\max_j |1 - \eta\lambda_j|$. With growing $\lambda$ this expression first falls and then rises, so its maximum is at one end of the
# range; and it is smallest for the $\eta$ at which both ends are equally bad, $1 - \eta\lambda_{\min} = \eta\lambda_{\max} - 1$. With $\kappa = \lambda_{\max}/\lambda_{\min}$, the *condition number*,
#
# $$ \eta = \frac{2}{\lambda_{\min} + \lambda_{\max}}, \qquad \max_j |1 - \eta\lambda_j| = \frac{\kappa - 1}{\kappa + 1} . \tag{3.10} $$

# %% tags=["short-path"]
H = X.T @ X / 60
eigenvalues, V = np.linalg.eigh(H)  # the columns of V are the directions v_j
theta, rule = np.ones(4), SGD(0.3)
for _ in range(12):
    rule.step(theta, H @ theta)
verify("3.9", claimed=(1 - 0.3 * eigenvalues) ** 12 * (np.ones(4) @ V), measured=theta @ V, by="making 12 steps")
rates = np.linspace(0, 0.25, 250_001)
worst = np.maximum(abs(1 - rates * 1), abs(1 - rates * 10))
verify("3.10", claimed=[2 / 11, 9 / 11], measured=[rates[worst.argmin()], worst.min()],
       by="trying 250,001 learning rates", rtol=1e-4)

# %%
grid = np.linspace(0, 0.25, 101)
plots.curves(grid, {"flat, λ = 1": abs(1 - grid), "steep, λ = 10": abs(1 - 10 * grid)},
             xlabel="learning rate η", ylabel="factor |1 − ηλ| of one step",
             title="The pace is the higher of the two lines",
             words="Two lines against the learning rate. That of the flat direction falls slowly from 1. That of "
                   "the steep direction falls to 0 at 0.1, turns, crosses the other at 0.18, and passes 1 at 0.2.")

# %% [markdown]
# The steep direction sets the limit, the flat one the pace. The higher line is lowest where they cross, at $\frac{2}{11} = 0.18$, quite close to disaster at $0.2$. With $\kappa = 1000$ the best factor is $0.998$, whatever we
# do with $\eta$: a valley is hard, not because it is deep, but because it is long and narrow. Chapters 09 and 10 mend that; chapter 15 shows that standardising the inputs lowers $\kappa$.

# %% [markdown] tags=["short-path"]
# **Before you play:** a bowl with the curvatures 1 and 10, and $\eta = 0.18$, a little below the border. The path will …

# %% tags=["short-path"]
predict("3.5-path", "run straight to the minimum", "zigzag across the valley", "creep along the valley")

# %% tags=["short-path"]
Descent()

# %% [markdown] tags=["short-path"]
# Three regimes. Below $1/\lambda_2 = 0.1$ the path bends into the valley and creeps along it. Between $0.1$ and $0.2$ it zigzags across and gets ahead. Beyond $0.2$ it still
# *approaches* along the valley while it explodes across it. The border moves with the curvature, as $2/\lambda_2$.
#
# By (3.2) every smooth loss is nearly quadratic around a minimum, so these numbers, with the Hessian of that place, hold for the end of every training. On
# the other surfaces of the bench you will see that "stable" and "ends well" are two things; that is section 3.7.

# %% [markdown]
# ### Exercise 3.4 · The largest learning rate of your data · 12 minutes · ●●○
# For the linear prediction $Xw$ the mean squared error is $L = \frac1N \lVert Xw - y\rVert^2$. Find its Hessian on paper. Then write `largest_rate(X)`: the $\eta$ below
# which gradient descent converges.

# %% tags=["exercise"]
def largest_rate(X):
    """The border of stability 2 / (largest eigenvalue of the Hessian) for least squares.  X: (N, d) -> float."""
    ### BEGIN SOLUTION
    H = 2 / len(X) * X.T @ X
    return 2 / float(np.linalg.eigvalsh(H)[-1])
    ### END SOLUTION


# %%
check("3.4", largest_rate)
hint("3.4")

# %% [markdown]
# ### Exercise 3.5 · Break it: past the border · 12 minutes · ●●○
# The surface `nnlib.surfaces.quadratic` has the curvatures 1 and 10. Start at $(9, 0.001)$ and run `descend` with $\eta = 0.19$, $0.21$, $0.25$ and $0.3$. Which is the
# number of the first step that **raises** the loss? Write 0 where there is none in 200 steps. Which parameter, `"a"` or `"b"`, is to blame? First guess: with $\eta = 0.21$,
# how soon would you notice?

# %% tags=["exercise"]
first_rise = dict(at_19=..., at_21=..., at_25=..., at_30=..., to_blame=...)
### BEGIN SOLUTION
first_rise = dict(at_19=0, at_21=26, at_25=12, at_30=8, to_blame="b")
### END SOLUTION

# %% tags=["solution-only"]
for eta in (0.19, 0.21, 0.25, 0.3):
    losses = nnlib.surfaces.quadratic(descend(nnlib.surfaces.quadratic, (9.0, 0.001), eta, 200))
    rises = np.flatnonzero(np.diff(losses) > 0)
    print(eta, rises[0] + 1 if len(rises) else 0)

# %%
check("3.5", first_rise)
hint("3.5")

# %% [markdown] tags=["instructor"]
# **3.5, 40 minutes.** Let them say the factor aloud for $\eta\lambda = 0.1, 1, 1.9, 2.1$. On the bench: set $\lambda_2 = 20$ and ask for the border before moving $\eta$. Expect "the
# loss fell for 20 steps, so the learning rate is fine": exercise 3.5. Short of time: (3.8) as homework.

# %% [markdown]
# ## 3.6 Do two parameters get in each other's way?
#
# > **You will read** this example. Both slopes are $-1$, and the mixed second derivative is $+1$: *a simultaneous step will actually increase the error*.
#
# Let the loss be quadratic, so that (3.2) is exact. Put in the step $(\alpha, \alpha)$ with $\alpha > 0$, and write $L_{jk}$ for the second derivatives. The linear terms give $-\alpha - \alpha$; in the quadratic one the
# mixed derivative stands twice:
#
# $$ \Delta L = -2\alpha + \tfrac12 \alpha^2\, (L_{11} + 2 L_{12} + L_{22}) . \tag{3.11} $$
#
# For small $\alpha$ the first term wins, whatever the second derivatives are. With $L_{12} = 1$ the loss rises if $\frac{\alpha}{2} (L_{11} + L_{22} + 2) > 2$, that is,
#
# $$ \Delta L > 0 \quad\Longleftrightarrow\quad L_{11} + L_{22} > -2 \ \text{ and }\ \alpha > \frac{4}{L_{11} + L_{22} + 2} . \tag{3.12} $$
#
# In the example, with $L_{11} = L_{22} = 0$, the joint step is worse than moving one parameter alone ($\Delta L = -\alpha$) beyond $\alpha = 1$, and raises the loss beyond $\alpha = 2$.
# The mixed derivative does not forbid the joint step; it limits its length, as the descent lemma does.

# %%
def change(alpha, L11=0.0, L22=0.0):
    """L(alpha, alpha) - L(0, 0) for slopes -1, -1 and a mixed second derivative of 1."""
    a = b = alpha
    return -a - b + a * b + (L11 * a**2 + L22 * b**2) / 2


alphas, curvatures = np.linspace(0.001, 9, 9000), [(0, 0), (1, 1), (-1, 0.5)]
measured = [change(2.5, *pair) for pair in curvatures]
verify("3.11", claimed=[-2 * 2.5 + 2.5**2 / 2 * (L11 + 2 + L22) for L11, L22 in curvatures],
       measured=measured, by="the values of the loss")
borders = [alphas[np.argmax(change(alphas, *pair) > 1e-9)] for pair in curvatures]
verify("3.12", claimed=[4 / (L11 + L22 + 2) for L11, L22 in curvatures],
       measured=borders, by="trying 9,000 steps", rtol=2e-3)
print("with -3 and 0.5 the loss rises for", np.sum(change(alphas, -3, 0.5) > 0), "of the 9,000 steps")
# ledger: S0-20
refute("S0-20", "the joint step raises the loss, by 0 at the least, at α = 0.1, 1, 1.9.", claimed=[0, 0, 0],
       measured=[change(alpha) for alpha in (0.1, 1.0, 1.9)], relation="at least", by="the values of the loss")

# %% [markdown]
# ### Exercise 3.6 · Where the joint step turns bad · 10 minutes · ●●○
# Write `rising_rate(L11, L12, L22)` for any second derivatives, the slopes being $-1$ and $-1$: the $\alpha$ beyond which the step $(\alpha, \alpha)$ raises the loss; `math.inf` if it
# never does.

# %% tags=["exercise"]
def rising_rate(L11, L12, L22):
    """The step beyond which (3.11) is positive.  Three numbers -> a number, or math.inf."""
    ### BEGIN SOLUTION
    curvature = L11 + 2 * L12 + L22
    return 4 / curvature if curvature > 0 else math.inf
    ### END SOLUTION


# %%
check("3.6", rising_rate)
hint("3.6")

# %% [markdown] tags=["instructor"]
# **3.6, 10 minutes.** A lesson in reading: which words are missing in the claim? ("for a step longer than 2"). Expect $L_{12}$ to be counted once. Short of time: skip the section.

# %% [markdown] tags=["short-path"]
# ## 3.7 ▸ Where does it end?
#
# Descent comes to rest only where $\nabla L(\theta) = 0$, at a **stationary point**. (For $\eta = 1/\beta$ the gradients do come as near to zero as we like: exercise 3.3.) There the linear term of (3.2) is gone, and in the directions $v_j$ of the Hessian at that point, with
# $p_j = v_j \cdot \Delta$ and $\Delta^\top H \Delta = \sum_j \lambda_j p_j^2$,
#
# $$ L(\theta + \Delta) - L(\theta) = \tfrac12 \sum_j \lambda_j\, p_j^2 + o(\lVert\Delta\rVert^2) . \tag{3.13} $$
#
# All $\lambda_j > 0$: a local minimum. All $\lambda_j < 0$: a maximum. Both signs: a **saddle**, up one way and down another. If some are zero and the others agree, this formula
# cannot tell.

# %% tags=["short-path"]
delta = 1e-4 * np.array([0.6, 0.8])
stationary = np.array([[-1.0, 0.0], [0.2, 0.0], [0.8, 0.0]])
claimed, measured = [], []
for place in stationary:
    eigenvalues, V = np.linalg.eigh(well.hessian(place))
    claimed.append(eigenvalues @ (delta @ V) ** 2 / 2)
    measured.append(well(place + delta) - well(place))
    print(place, "minimum" if eigenvalues.min() > 0 else "saddle", f" loss {well(place):.2f}")
verify("3.13", claimed, measured, by="the values of the loss", rtol=2e-3)

# %% [markdown] tags=["short-path"]
# So this *double well* has a good minimum, at $a = -1$, a poor one, at $a = 0.8$, and a saddle on the ridge between them.
#
# **Before you run the next cell:** 200 starts at random, $a$ between $-2$ and $2$, small steps. How many end in the good minimum?

# %% tags=["short-path"]
predict("3.7-wells", "all", "about 150", "about 100", "nearly none")

# %% tags=["short-path"]
starts = np.random.default_rng(1).uniform(-2, 2, size=200)
ends = np.array([descend(well, (a, 0.0), 0.05, 300)[-1, 0] for a in starts])
print(np.sum(ends < 0), "end in the good minimum;", np.sum(starts < 0.2), "started on its side of the ridge")
# ledger: S4-61
refute("S4-61", "gradient descent searches for the global minimum: all 200 end there.", claimed=0,
       measured=max(well(a, 0.0) for a in ends), by="200 runs")

# %% [markdown] tags=["short-path"]
# The two numbers are equal: with small steps *the start decides*. The starts from which they lead to one and the same minimum are its *basin*; here the ridge parts two of them. In the limit $\eta \to 0$ the path becomes the curve $\dot\theta = -\nabla L$, which runs downhill and cannot cross a
# ridge. <!-- ledger: S4-70 --> So the complaint that a small $\eta$ "gets stuck in a poor minimum" blames the wrong one: if the start lies in the poor basin, it does; if in the good
# one, a small $\eta$ is what keeps it there. <!-- ledger: S0-15 -->
# And "the steps lead to a nearby minimum" is said of small steps only. <!-- ledger: S0-12 -->
#
# Larger steps can leave a basin:

# %% tags=["short-path"]
places = {f"η = {eta}": descend(well, (1.5, 0.0), eta, 15)[:, 0] for eta in (0.01, 0.05, 0.2)}
plots.curves(range(16), places, xlabel="step", ylabel="a", markers=True,
             title="A long first step crosses the ridge at 0.2",
             words="The parameter a against the step from the start 1.5. With the two smaller learning rates it "
                   "comes down towards the poor minimum 0.8. With 0.2 the first step jumps over the ridge to "
                   "minus 0.3, and then it settles at minus 1.")

# %% [markdown] tags=["short-path"]
# With $\eta = 0.2$ the first step leaps from $1.5$ to $-0.3$, over the ridge, and ends in the good minimum. That was luck: on another landscape the same leap leads from good to poor.
# "With the right $\eta$ one gets close to the global minimum" holds where there is one basin only. Convex losses are of this kind: they lie
# below each of their chords, so a local minimum is a global one. <!-- ledger: S4-69 -->

# %% [markdown]
# **Saddles.** On $\frac12(a^2 - b^2)$ start at $(1, 0)$. The slope along $b$ is zero there and stays zero, so the rule walks straight into the saddle and stops, with the way down at its side: a
# method that sees the slope alone can fail outright. <!-- ledger: S0-23 --> Exercise 3.7 shows how much bad luck that takes.
#
# **Plateaus.** A step has the length $\eta \lVert g\rVert$, so where the ground is flat it is short. <!-- ledger: S1-15 --> The surface `plateau` is a dip in a plain. From a distance of 2
# to its centre, with $\eta = 0.5$, it takes 10 steps to come within 0.1.
#
# **Before you run the next cell:** how many does it take from a distance of 4?

# %%
predict("3.7-plateau", "about 20", "about 40", "about 450")

# %%
for distance in (2, 3, 4):
    away = np.linalg.norm(descend(plain, (distance, 0.0), 0.5, 1000), axis=1)
    print("from", distance, "it takes", np.argmax(away < 0.1), "steps")

# %% [markdown]
# Nearly all of them are spent in the plain. A flat loss curve can be a minimum, a saddle or a plateau; the curve alone does not tell. Momentum (chapter 09) hastens the crossing of plateaus; for
# local minima it is no cure.
#
# > **You will read** that a loss which does not come near 0 is stuck in a local minimum, and that a loss of 0 is suspicious. Where targets carry noise, the *global* minimum has a positive
# > loss. And a training loss of 0 alone proves nothing bad: targets without noise can be met exactly, and on new data too.

# %%
w = np.linalg.lstsq(X, y, rcond=None)[0]
slopes = 2 / 60 * X.T @ (X @ w - y)
print("slopes at the global minimum:", "below 1e-12" if max(abs(slopes)) < 1e-12 else "not zero")
# ledger: S4-62
refute("S4-62", "a loss that is not stuck comes near 0.", claimed=0, measured=np.mean((X @ w - y) ** 2),
       by="solving the least-squares problem of section 3.1 exactly")

# %% [markdown]
# ### Exercise 3.7 · Almost every start leaves a saddle · 15 minutes · ●●●
# On $\frac12(a^2 - b^2)$ with $\eta = 0.1$: what is the factor of one step for $a$, and for $b$? How many steps does it take until $|b| > 1$, from $b = 10^{-6}$ and from
# $b = 10^{-12}$? Which share of all starts in a square around the saddle ends in it? On paper: for a quadratic with some $\lambda_j < 0$ and $\eta$ below $2/\lambda_{\max}$, which starts do not escape?

# %% tags=["exercise"]
escape = dict(factor_a=..., factor_b=..., steps_from_1e6=..., steps_from_1e12=..., share=...)
### BEGIN SOLUTION
escape = dict(factor_a=0.9, factor_b=1.1, steps_from_1e6=145, steps_from_1e12=290, share=0.0)
### END SOLUTION

# %%
check("3.7", escape)
hint("3.7")

# %% [markdown] tags=["solution-only"]
# By (3.9) with $\lambda = 1$ and $-1$ the factors are $0.9$ and $1.1$. The steps are $\ln 10^6/\ln 1.1 = 144.95$ and twice that, rounded up: distance counts only by its logarithm. In general
# $p_j^t = (1 - \eta\lambda_j)^t\, p_j^0$ has for $\lambda_j < 0$ a factor above 1, so it grows without bound unless $p_j^0 = 0$. The starts that do not escape have $p_j^0 = 0$ for *all* $j$ with
# $\lambda_j < 0$: a subspace of lower dimension, on the plane a line, whose share of any square is zero. (The rule without rounding; rounding errors help to escape.) But escaping can take long.

# %% [markdown] tags=["instructor"]
# **3.7, 30 minutes.** Ask for a landscape on which a larger $\eta$ makes it worse. Let them find, on the bench, a start for the saddle that does not escape ($b = 0$), and one on the plateau that
# seems dead. Expect "the loss is flat, so it has converged". Short of time: state (3.13), keep the 200 starts.

# %% [markdown] tags=["optional"]
# ## 3.8 Going deeper: would more derivatives help?
#
# The gradient sees the slope. With the Hessian one sees the parabola of (3.2) as well, and can jump to its lowest point: its slope $g + H\Delta$ vanishes for $\Delta = -H^{-1}g$. This is
# **Newton's step**. On a quadratic it arrives at once, whatever $\kappa$ is. Its price is a table of second derivatives and a system of equations, in each step.
#
# How large is the table? A partial derivative of order $k$ in $n$ variables is fixed by how often each variable occurs in it; the order of differentiation does not matter.
# Write $k$ stars and $n - 1$ bars that part the variables: choosing the places of the stars among $n + k - 1$ fixes everything. To count all orders up to $k$, the value itself
# included, give the unused ones to one more variable:
#
# $$ \#_{=k} = \binom{n + k - 1}{k}, \qquad \#_{\le k} = \binom{n + k}{k} . \tag{3.14} $$
#
# > **You will read** that 1000 parameters have about $1000^{1000}$ mixed partial derivatives "up to arbitrary order", a number that no calculator can compute. That power counts ordered
# > strings of exactly 1000 indices. Different derivatives up to order 1000 are about $10^{600}$; of arbitrary order there are infinitely many; the Hessian has 500,500. And Python prints the number at once:
# > it is only too large for a *floating-point* number.

# %% tags=["optional"]
from itertools import product


def different(n, k):
    """How many of the n^k strings of k variables differ in more than their order."""
    return len({tuple(sorted(string)) for string in product(range(n), repeat=k)})


sizes = [(4, 3), (3, 5), (2, 6)]
counted = [[different(n, k), sum(different(n, order) for order in range(k + 1))] for n, k in sizes]
verify("3.14", claimed=[[math.comb(n + k - 1, k), math.comb(n + k, k)] for n, k in sizes],
       measured=counted, by="writing all of them down")
# ledger: S0-22
refute("S0-22", "the number of derivatives up to order 1000 has 3001 digits.", claimed=len(str(1000**1000)),
       measured=len(str(math.comb(2000, 1000))), by="counting each derivative once, with (3.14)")

# %% [markdown] tags=["optional"]
# > **You will read** that a perfect algorithm would use *all* derivatives at the current point. They still describe that point alone. The function $e^{-1/x^2}$, with the value 0 at 0, is so flat there that all its derivatives
# > vanish: every Taylor polynomial is 0, and predicts nothing of what follows. Only for analytic functions do the derivatives fix the function, and only as far as the series converges.
# > And then the minimum is still to be found.

# %% tags=["optional"]
x = np.linspace(-2, 2, 401)
bump = np.exp(-1 / np.maximum(x**2, 1e-3))  # e^-1000 is 0 to the computer, and nothing is divided by 0
# ledger: S0-21
refute("S0-21", "all derivatives at 0 tell the value at x = 1: Taylor's series gives 0.", claimed=0,
       measured=bump[300], by="the value at 1")
plots.curves(x, {"$e^{-1/x^2}$": bump, "Taylor at 0": 0 * x}, xlabel="x", ylabel="value",
             title="Flat in all derivatives, and yet it rises",
             words="A curve that is flat at zero and rises on both sides towards one, and its Taylor polynomials "
                   "of every order, which are all the same horizontal line at zero.")

# %% [markdown] tags=["optional"]
# The curve leaves the line without any derivative at 0 giving notice. Why do they all vanish? Each is a polynomial in $1/x$ times $e^{-1/x^2}$, and the exponential falls faster than any power of $1/x$ grows.

# %% [markdown]
# ### Exercise 3.8 · Newton's step · 8 minutes · ●●○
# Write `newton_step(theta, g, H)`: the point $\theta - H^{-1} g$, without forming the inverse (`np.linalg.solve(H, g)` solves $H\Delta = g$). Then ask yourself: where does it lead from a
# point near a *saddle*?

# %% tags=["exercise"]
def newton_step(theta, g, H):
    """The stationary point of the local parabola.  theta, g: (M,), H: (M, M) -> (M,)."""
    ### BEGIN SOLUTION
    return theta - np.linalg.solve(H, g)
    ### END SOLUTION


# %%
check("3.8", newton_step)
hint("3.8")

# %% [markdown] tags=["solution-only"]
# Near a saddle it leads *to* the saddle: it looks for the stationary point of the parabola and does not ask of which kind it is. That, and the cost of $H$, is why it is not used as it stands.

# %% [markdown] tags=["instructor"]
# **3.8, optional, 15 minutes.** The stars and bars need a drawing. Ask: what does a step of Newton cost for a million parameters? Short of time: leave it out.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - The rule: $\theta^{t+1} = \theta^t - \eta \nabla L(\theta^t)$, (D3.3), against the direction of steepest ascent, (3.1).
# - A slope promises $\eta\lVert g\rVert^2$, (3.3). The descent lemma keeps at least the share $1 - \eta\beta/2$ of it, (3.5): the loss falls **if** $L$ is $\beta$-smooth, $\eta < 2/\beta$ and $g \ne 0$.
# - On a parabola each step multiplies by $1 - \eta\lambda$, (3.7): creep, converge, explode, with the border at $\eta = 2/\lambda_{\max}$, and the pace set by $\kappa$, (3.10).
# - It ends at a stationary point; the signs of the Hessian's eigenvalues say of which kind, (3.13). With small steps the start decides which one.
# - If a *tiny* step against your gradient raises a smooth loss, the gradient is wrong.

# %% tags=["short-path"]
quiz("03-exit")

# %% [markdown]
# **Further reading.** A. Cauchy, *Méthode générale pour la résolution des systèmes d'équations simultanées*, Comptes rendus 25, 1847 (the first gradient descent). · Y. Nesterov, *Introductory Lectures on Convex
# Optimization*, Kluwer, 2004, section 1.2. · S. Boyd and L. Vandenberghe, *Convex Optimization*, Cambridge University Press, 2004, chapter 9. · J. D. Lee, M. Simchowitz, M. I. Jordan and B. Recht, *Gradient descent only
# converges to minimizers*, COLT, 2016.
