# %% [markdown]
# # 06 · The softmax Jacobian and its marriage with cross-entropy
#
# About 130 minutes; the short path, marked ▸, takes 50. You need chapters 00 and 01, from chapter 02 that paths add, from chapter 04 the
# sigmoid, and from chapter 05 softmax and cross-entropy.
#
# Softmax is the first activation of this book that looks at a whole row at once: what one class gains, the others lose. Its derivative is
# therefore a table. We derive the table, learn to do without it, and see it vanish altogether next to the right loss.

# %% tags=["short-path"]
import numpy as np

import nnlib
from nnlib.gradcheck import complex_grad, numeric_jacobian
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("06")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to [softmax in chapter 05](05_losses.ipynb), to chapter 02 (paths add), or to
# [the gradient of one neuron](01_one_neuron.ipynb#1.3-▸-Which-way-is-down?) first.

# %% tags=["short-path"]
quiz("06-recall")

# %% [markdown] tags=["short-path"]
# ## 6.1 ▸ When one class gains, what do the others lose?
#
# The last layer of a classifier gives $K$ numbers for each sample, the *logits* $z_1, \dots, z_K$, one for each class. They can be anything.
# Softmax makes probabilities of them (chapter 05):
#
# $$ s_j = \frac{e^{z_j}}{\Sigma}, \qquad \Sigma = \sum_{k=1}^{K} e^{z_k}. \tag{D6.1} $$
#
# All $s_j$ are positive, and they add up to 1. Every $s_j$ has all logits in its denominator $\Sigma$, so each logit moves *every*
# probability. <!-- ledger: S4-49 -->
#
# **Before you run the next cell:** three classes have the probabilities 0.3, 0.5 and 0.2. We raise the second logit until its
# probability has grown from 0.5 to 0.6. What is left of the 0.3?

# %% tags=["short-path"]
predict("6.1-share", "0.30: its own logit was not touched", "0.25: both others lose the same amount",
        "0.24: both others lose the same share")

# %% tags=["short-path"]
z = np.log([0.3, 0.5, 0.2])
print(nnlib.activations.Softmax().forward(np.array([z, z + [0, np.log(1.5), 0]])).round(3))

# %% [markdown] tags=["short-path"]
# 0.24 and 0.16: both others shrink to four fifths. Divide two probabilities, as chapter 05 did, and you see why. $\Sigma$ cancels:
#
# $$ \frac{s_j}{s_k} = \frac{e^{z_j}}{e^{z_k}} = e^{z_j - z_k}. \tag{6.1} $$
#
# A third logit has no say in this ratio. So when one class gains, the others keep their proportions, and each loses *in proportion to
# itself*. Keep that in mind; the derivative will have to say the same.

# %%
raised = z + np.outer([-2.0, 0.0, 1.0, 5.0], [0, 1, 0])
s = nnlib.activations.Softmax().forward(raised)
verify("6.1", claimed=np.exp(z[0] - z[2]), measured=s[:, 0] / s[:, 2], by="softmax at four values of the second logit")

# %% [markdown] tags=["short-path"]
# For training we need rates: by how much does $s_j$ move when $z_m$ moves a little? That is one number for each pair, $K \times K$ of them for each
# sample. Together they are the **Jacobian** of softmax:
#
# $$ J_{jm} = \frac{\partial s_j}{\partial z_m}, \qquad J \in \mathbb R^{K \times K}. \tag{D6.2} $$
#
# Row $j$ belongs to a probability, column $m$ to a logit. <!-- ledger: S4-48 --> A function such as $\tanh$, which acts on each entry by itself, has a
# Jacobian too, but only its diagonal is not zero. Here no entry is.

# %% [markdown] tags=["instructor"]
# **6.1, 10 minutes.** Let three people hold strips of paper that together make one metre, and let one of them take ten centimetres. Ask: who gives
# how much? Expect "half each"; then divide the lengths before and after. Short of time: show the printed rows, skip the verification.

# %% [markdown] tags=["short-path"]
# ## 6.2 ▸ What is one entry of this table?
#
# Fix $j$ and $m$. $s_j$ is a fraction, and $z_m$ may occur above and below, so we need the quotient rule $(u/v)' = (u'v - u\,v')/v^2$ with
# $u = e^{z_j}$ and $v = \Sigma$: <!-- ledger: S4-50 -->
#
# $$ \frac{\partial s_j}{\partial z_m}
#    = \frac{\dfrac{\partial e^{z_j}}{\partial z_m}\,\Sigma \;-\; e^{z_j}\,\dfrac{\partial \Sigma}{\partial z_m}}{\Sigma^2}
#    = \frac{\dfrac{\partial e^{z_j}}{\partial z_m}\,\Sigma \;-\; e^{z_j}\,e^{z_m}}{\Sigma^2}. \tag{6.2} $$
#
# The second equality is the derivative of $\Sigma$: of its $K$ terms only the one with $k = m$ contains $z_m$, and it is its own derivative.
# This holds for every $j$. What is left, the derivative of $e^{z_j}$, depends on which entry we ask for. There are two cases.
#
# **The diagonal, $j = m$.** Now $e^{z_j}$ is $e^{z_m}$, and its derivative is $e^{z_m}$ again:
#
# $$ \frac{\partial s_m}{\partial z_m} = \frac{e^{z_m}\,\Sigma - e^{z_m} e^{z_m}}{\Sigma^2}
#    = \frac{e^{z_m}}{\Sigma}\cdot\frac{\Sigma - e^{z_m}}{\Sigma}
#    = \frac{e^{z_m}}{\Sigma}\Big(\frac{\Sigma}{\Sigma} - \frac{e^{z_m}}{\Sigma}\Big) = s_m\,(1 - s_m). \tag{6.3} $$
#
# First we put the derivative in. Then we take the common factor $e^{z_m}$ out, and give one $\Sigma$ to each of the two factors. Then the right fraction
# is split into two, and both of them stay *inside the bracket*. Last, (D6.1) names what stands there. <!-- ledger: S4-52 -->
#
# The result is positive: a probability rises with its own logit, fastest at $s_m = \frac12$, where the slope is $\frac14$.
#
# **Beside the diagonal, $j \ne m$.** Now $e^{z_j}$ does not contain $z_m$, and its derivative is 0:
#
# $$ \frac{\partial s_j}{\partial z_m} = \frac{0 \cdot \Sigma - e^{z_j} e^{z_m}}{\Sigma^2}
#    = -\frac{e^{z_j}}{\Sigma}\cdot\frac{e^{z_m}}{\Sigma} = -\,s_j\,s_m. \tag{6.4} $$
#
# Negative, since the others lose, and proportional to $s_j$, as (6.1) foretold. <!-- ledger: S4-53 -->

# %% [markdown] tags=["short-path"]
# The two results differ in one place: $s_j\,(1 - s_m)$ on the diagonal, $s_j\,(0 - s_m)$ beside it. A symbol that is 1 or 0 puts them into one line.
# It is called the **Kronecker delta**, and its two indices tell it from the error signal $\delta_i$ of chapter 01: <!-- ledger: S4-54 -->
#
# $$ \delta_{jm} = \begin{cases} 1 & \text{if } j = m,\\ 0 & \text{if } j \ne m, \end{cases} \tag{D6.3} $$
#
# $$ J_{jm} = s_j\,(\delta_{jm} - s_m). \tag{6.5} $$

# %% [markdown]
# To check this we need nothing but (D6.1), written down as it stands, and the complex step of (0.7):

# %% tags=["short-path"]
def plain(z):
    """Softmax along the last axis, as (D6.1) says."""
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def slopes(z):
    """The table of all slopes of `plain` at one sample, measured.  (K,) -> (K, K)."""
    return np.array([complex_grad(lambda z: plain(z)[j], z) for j in range(len(z))])


# %%
z = np.array([0.3, -0.4, 1.1])
s, measured, by = plain(z), slopes(z), "the complex step through softmax"
e, total, pairs = np.exp(z), np.exp(z).sum(), [(j, m) for j in range(3) for m in range(3)]
quotients = [((j == m) * e[m] * total - e[j] * e[m]) / total**2 for j, m in pairs]
beside = [(j, m) for j, m in pairs if j != m]
verify("6.2", quotients, measured.ravel(), by=by, rtol=1e-12)
verify("6.3", s * (1 - s), np.diag(measured), by=by, rtol=1e-12)
verify("6.4", [-s[j] * s[m] for j, m in beside], [measured[j, m] for j, m in beside], by=by, rtol=1e-12)

# %% [markdown] tags=["short-path"]
# In `nnlib` (6.5) is one line, for a whole batch at once. `s[:, :, None]` lays the probabilities along the rows $j$ of each table, `s[:, None, :]` along
# its columns $m$, and `np.eye` is the Kronecker delta:

# %% tags=["short-path"]
show(nnlib.activations.Softmax.jacobian)
Z = np.random.default_rng(6).normal(size=(4, 5))
verify("6.5", claimed=nnlib.activations.Softmax().jacobian(Z), measured=[slopes(z) for z in Z],
       by="the complex step, sample by sample", rtol=1e-12)

# %% [markdown]
# > **You will read** a derivation of the diagonal whose last line has lost its bracket:
# > $\frac{e^{z_m}}{\Sigma}\cdot\frac{\Sigma - e^{z_m}}{\Sigma} - \frac{e^{z_m}}{\Sigma}$, which is $s_m(1 - s_m) - s_m$. <!-- ledger: S4-51 -->

# %%
s = plain(z)
refute("S4-51", "the diagonal is s(1 - s) - s.", claimed=s * (1 - s) - s, measured=np.diag(slopes(z)),
       by="the complex step")

# %% [markdown]
# That line equals $-s_m^2$: a probability would *fall* when its own logit rises. In a long derivation, ask each line for its sign. What is true
# is (6.3): the subtraction happens inside the bracket.

# %% [markdown]
# ### Exercise 6.1 · Two classes by hand · 8 minutes · ●○○
# On paper. The logits are $z = (0, \ln 3)$. Find $s_1$ and the entries $J_{11}$, $J_{12}$, $J_{22}$. Then: what is the steepest slope that a probability
# can have against its own logit (`steepest`)? And what stands beside the diagonal for three equal logits (`third`)?

# %% tags=["exercise"]
two_classes = dict(s1=..., J11=..., J12=..., J22=..., steepest=..., third=...)
### BEGIN SOLUTION
two_classes = dict(s1=1 / 4, J11=3 / 16, J12=-3 / 16, J22=3 / 16, steepest=1 / 4, third=-1 / 9)
### END SOLUTION

# %%
check("6.1", two_classes)
hint("6.1")

# %% [markdown] tags=["instructor"]
# **6.2, 20 minutes.** Write (6.2) with a box where the undecided derivative stands, and fill the box twice, in two colours. Ask for the sign of each case
# *before* the algebra. Expect the bracket to be lost in (6.3), and the second case to be forgotten altogether. Short of time: skip exercise 6.1.

# %% [markdown]
# ## 6.3 What does the whole table look like?
#
# Multiply (6.5) out: $J_{jm} = s_j \delta_{jm} - s_j s_m$. The first part is zero except on the diagonal, where $s_j$ stands. The second is the
# product of entry $j$ and entry $m$, for all pairs: a column times a row. With $s$ as a column,
#
# $$ J = \operatorname{diag}(s) - s\,s^\top. \tag{6.6} $$
#
# <!-- ledger: S4-55 -->
#
# Three properties can be read off.
#
# *It is symmetric.* Exchange $j$ and $m$, and nothing changes: how strongly class 1 reacts to logit 2 is how strongly class 2 reacts to
# logit 1. That is convenient and treacherous, because a transposed Jacobian goes unnoticed here. Exercise 6.8 has one that does not forgive.
#
# *Each row adds up to zero.* Let $\mathbf 1$ be the column of ones; $J\mathbf 1$ holds the sums of the rows. By (6.6) it is
# $s - s\,(s^\top \mathbf 1) = s - s = 0$, since the probabilities add up to 1. So each diagonal entry is balanced by the rest of its row:
#
# $$ J\,\mathbf 1 = 0, \qquad\text{that is,}\qquad \sum_{m \ne j} J_{jm} = -J_{jj}. \tag{6.7} $$
#
# This is the shift of chapter 05 once more: raise all logits by the same amount, and no probability moves. By symmetry the columns add up to zero
# as well: what one class gains the others lose, to the last digit.
#
# *It is a variance.* Give each class $k$ a number $u_k$, and let $\bar u = \sum_k s_k u_k$ be their average, each number counted with the probability of its
# class. By (6.6) $u^\top J u$ is $\sum_k s_k u_k^2 - \bar u^2$: the mean of the squares minus the square of the mean, which is the variance of $u$,
#
# $$ u^\top J\,u = \sum_k s_k\,(u_k - \bar u)^2 \;\ge\; 0. \tag{6.8} $$
#
# A variance is never negative. A symmetric matrix with this property is called *positive semidefinite*; we shall need it for the loss.

# %%
Z, by = np.random.default_rng(63).normal(size=(4, 5)), "the complex step through softmax"
S = plain(Z)
tables, u = np.array([slopes(z) for z in Z]), np.array([3.0, -1.0, 0.5, 2.0, 0.0])
matrices = [np.diag(s) - np.outer(s, s) for s in S]
diagonals = np.array([np.diag(table) for table in tables])
verify("6.6", claimed=matrices, measured=tables, by=by, rtol=1e-12)
verify("6.7", claimed=-diagonals, measured=tables.sum(axis=2) - diagonals, by="adding up the rest of each measured row")
variances = [np.average((u - s @ u) ** 2, weights=s) for s in S]
verify("6.8", claimed=variances, measured=[u @ table @ u for table in tables], by=by)

# %% [markdown]
# **Before you play:** four classes, logits $(6, 0, 0, 0)$: softmax gives the first one more than 99 %. The largest entry of $J$ is

# %%
predict("6.3-sure", "close to 1", "close to 1/4", "close to 0")

# %%
from nnlib.workbook.benches.ch06 import SoftmaxJacobianBench

SoftmaxJacobianBench()

# %% [markdown]
# Close to 0. Orange is positive, blue negative, and all of it fades as soon as one class is sure. Move one logit alone: the picture stays its own mirror image about the
# diagonal, and each row keeps its sum of zero. Strong colours need competition; the strongest, $\frac14$, needs two classes that share everything between
# them.
#
# Now set the first logit to 6, choose another true class, and look to the right. The error $\hat y - y$ is as tall as can be, while $J$ is all but white. Where does a strong signal come
# from, if it has to pass a table of zeros? Section 6.5 answers that.

# %% [markdown]
# ### Exercise 6.2 · The table of one sample · 8 minutes · ●○○
# Write `softmax_jacobian(s)`: it takes the probabilities of one sample, shape `(K,)`, and returns $J$, shape `(K, K)`. Then add up its rows.

# %% tags=["exercise"]
def softmax_jacobian(s):
    """Jacobian of softmax in terms of its output, (6.6).  (K,) -> (K, K)."""
    ### BEGIN SOLUTION
    return np.diag(s) - np.outer(s, s)
    ### END SOLUTION


# %%
check("6.2", softmax_jacobian)
hint("6.2")

# %% [markdown]
# ### Exercise 6.3 · Proof: what the table cannot see · 15 minutes · ●●●
# On paper. (a) Prove (6.8) from (6.6), every step with its reason. (b) For which $u$ is $u^\top J u = 0$? Conclude which vectors $u$ have $J u = 0$, and what the rank of $J$ is.
# (c) Let a loss depend on the logits through softmax only. Prove that its $K$ slopes $\partial \ell/\partial z_m$ add up to zero. Grade yourself with the rubric of the worked
# solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) $u^\top \operatorname{diag}(s)\, u = \sum_k s_k u_k^2$ and $u^\top s\, s^\top u = (\sum_k s_k u_k)^2 = \bar u^2$, so $u^\top J u = \sum_k s_k u_k^2 - \bar u^2$. On the
# other hand $\sum_k s_k (u_k - \bar u)^2 = \sum_k s_k u_k^2 - 2\bar u \sum_k s_k u_k + \bar u^2 \sum_k s_k = \sum_k s_k u_k^2 - 2 \bar u^2 + \bar u^2$, using
# $\sum_k s_k u_k = \bar u$ and $\sum_k s_k = 1$. Both are equal. Each term of the sum is a positive number times a square, hence not negative.
#
# (b) A sum of such terms is 0 only if every term is. All $s_k > 0$, so $u_k = \bar u$ for all $k$: $u = c\,\mathbf 1$. If $Ju = 0$ then $u^\top J u = 0$, so $u = c\,\mathbf 1$;
# and $J \mathbf 1 = 0$ by (6.7). The null space is the line through $\mathbf 1$, and the rank is $K - 1$.
#
# (c) With $g_j = \partial \ell/\partial s_j$ the chain rule gives $\partial \ell/\partial z_m = \sum_j g_j J_{jm}$. Sum over $m$, and exchange the sums:
# $\sum_j g_j \sum_m J_{jm} = \sum_j g_j \cdot 0 = 0$. $\square$
#
# **Rubric** (10 points): both parts of $u^\top J u$ written out 2 · square expanded, with the reasons for both sums 2 · sign argued from $s_k > 0$ 1 · equality only for constant $u$, said
# why 2 · null space and rank 1 · chain rule with all $j$ in (c) 1 · row sums used 1.

# %% [markdown] tags=["instructor"]
# **6.3, 20 minutes.** On the bench, ask for the settings with the darkest and the palest picture before anybody touches a slider. Ask: which column belongs to the logit you
# move? Expect "sure means large derivatives". Short of time: state (6.8), leave its proof to exercise 6.3.

# %% [markdown] tags=["short-path"]
# ## 6.4 ▸ Do we ever need the whole table?
#
# With $K = 1000$ classes and a batch of 128, all the tables together hold 128 million numbers, a gigabyte. They serve to compute a gradient of 128
# thousand numbers. Something is being made only to be thrown away.
#
# What is asked of softmax in training is not $J$. The loss $\ell$ of a sample hands over its slopes $g_j = \partial \ell/\partial s_j$ at the probabilities, and wants to know its
# slopes at the logits. A logit $z_m$ reaches the loss on $K$ paths, one through each probability. Along a path slopes are multiplied, and paths
# add (chapter 02):
#
# $$ \frac{\partial \ell}{\partial z_m} = \sum_{j=1}^{K} g_j\,J_{jm}. \tag{6.9} $$
#
# Put (6.5) in, and split the sum. In the first part the Kronecker delta is zero except for $j = m$, so one term survives. In the second $s_m$ does not depend
# on $j$ and may step in front:
#
# $$ \frac{\partial \ell}{\partial z_m} = \sum_j g_j s_j \delta_{jm} - \sum_j g_j s_j s_m = s_m\,(g_m - \bar g),
#    \qquad \bar g = \sum_j g_j s_j. \tag{6.10} $$
#
# Read it aloud: *the slope at a logit is its probability times what its own $g$ has above the average*, the average taken with the probabilities. One number
# for all classes, one difference, one product. No table.

# %% tags=["short-path"]
Z, G = np.random.default_rng(64).normal(size=(2, 4, 5))
layer = nnlib.activations.Softmax()
layer.forward(Z)
measured, by = complex_grad(lambda Z: (G * plain(Z)).sum(), Z), "the complex step through softmax"
verify("6.9", claimed=np.einsum("bj,bjm->bm", G, layer.jacobian(Z)), measured=measured, by=by, rtol=1e-12)
verify("6.10", claimed=layer.backward(G), measured=measured, by=by, rtol=1e-12)
show(nnlib.activations.Softmax.backward)

# %% [markdown]
# > **You will read** that the Jacobians of a batch, multiplied with the gradient of the loss, shrink to one value for each sample. <!-- ledger: S4-56 -->

# %%
refute("S4-56", "a batch of tables is condensed to one value for each sample.", claimed=len(Z),
       measured=layer.backward(G).size, by="counting what comes back for 4 samples of 5 classes")

# %% [markdown] tags=["short-path"]
# One value for each *logit* comes back: $(B, K, K)$ contracted with $(B, K)$ is $(B, K)$, the shape of the logits. A gradient always has the shape of what it belongs to.
#
# **Before you run the next cell:** for $K = 1000$, how many times as long does the way over the tables take?

# %% tags=["short-path"]
predict("6.4-speed", "about 3 times", "about 30 times", "several hundred times")

# %%
from timeit import repeat

for K in (10, 1000):
    Z, G = np.random.default_rng(K).normal(size=(2, 1, K))
    layer.forward(Z)
    table = min(repeat(lambda: np.einsum("bj,bjm->bm", G, layer.jacobian(Z)), number=1, repeat=7))
    direct = min(repeat(lambda: layer.backward(G), number=10, repeat=7)) / 10
    print(f"{K} classes: the tables take", "more" if table > 100 * direct else "less", "than 100 times as long")

# %% [markdown]
# Per sample, the table costs $K^2$ products to build and $K^2$ to apply; (6.10) costs $2K$. That is a factor $K$, and for a thousand classes the clock agrees, give or take. For ten
# classes the factor is only a few, since both ways are so short that calling NumPy costs more than the arithmetic.

# %% [markdown] tags=["short-path"]
# ### Exercise 6.4 · The softmax layer · 15 minutes · ●●○
# Write the class `Softmax`. `forward(x)` takes logits of shape `(batch, K)`, returns the probabilities and keeps what `backward` needs; it must survive logits of 1000.
# `backward(dy)` takes the slopes at the probabilities and returns those at the logits, without any array of $K \times K$.

# %% tags=["exercise", "short-path"]
class Softmax:
    """Softmax along each row, (D6.1), and its way back, (6.10).  (batch, K) -> (batch, K)."""

    def forward(self, x, *, training=False):
        ### BEGIN SOLUTION
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s
        ### END SOLUTION

    def backward(self, dy):
        ### BEGIN SOLUTION
        return self.s * (dy - (dy * self.s).sum(axis=1, keepdims=True))
        ### END SOLUTION


# %% tags=["short-path"]
check("6.4", Softmax)
hint("6.4")

# %% [markdown] tags=["instructor"]
# **6.4, 20 minutes.** Ask: how many bytes is that table, for 1000 classes and a batch of 128? Then: which sum in (6.9) could be done before a table exists? Expect the
# diagonal alone, $s(1-s)\,g$, from those who remember the sigmoid. Short of time: skip the stopwatch.

# %% [markdown] tags=["short-path"]
# ## 6.5 ▸ What does cross-entropy send back?
#
# Now let softmax be the last step, so that $s$ is the network's answer: $\hat y = s$. The target $y$ is a row of weights, one for each class: a 1 and zeros
# (*one-hot*), or shares (*soft*). The cross-entropy of a sample is (chapter 05)
#
# $$ \ell = -\sum_{j=1}^{K} y_j \log \hat y_j. \tag{D6.4} $$
#
# We want its slope at $\hat y_m$. The letter under the sum must not be the letter we differentiate by, so we keep $j$ and $m$ apart. Of all terms only the one with
# $j = m$ contains $\hat y_m$, and the derivative of the logarithm is one over its argument: <!-- ledger: S4-47 -->
#
# $$ \frac{\partial \ell}{\partial \hat y_m} = -\sum_j y_j\,\frac{\delta_{jm}}{\hat y_j} = -\frac{y_m}{\hat y_m}. \tag{6.11} $$

# %% tags=["short-path"]
z, y = np.array([0.3, -0.4, 1.1]), np.array([0.2, 0.5, 0.3])
y_hat = plain(z)
measured, by = complex_grad(lambda y_hat: -(y * np.log(y_hat)).sum(), y_hat), "the complex step through the loss"
verify("6.11", claimed=nnlib.losses.CCE().grad(y_hat[None], y[None])[0], measured=measured, by=by, rtol=1e-12)

# %% [markdown]
# > **You will read** a chain of equalities that uses $j$ for both, and so keeps its sum to the end: $-\sum_j y_j/\hat y_j$. <!-- ledger: S4-46 -->

# %%
refute("S4-46", "the slope is the sum of all −y/ŷ, the same for every class.", claimed=-(y / y_hat).sum(),
       measured=measured, by=by)

# %% [markdown] tags=["short-path"]
# Two different things under one name: differentiate by $\hat y_m$, and the sum is gone, (6.11).
#
# Look at the size of (6.11). For a one-hot target it is $-1/\hat y$ at the true class. If the network gives the truth a chance of one in a million, a slope of
# a million comes back; and it then meets a Jacobian with entries near one in a million. On paper a huge number times a tiny one is harmless.
#
# **Before you run the next cell:** two classes, logits $(0, 40)$, and the first class is the true one. The network is sure and wrong. We send (6.11)
# back through softmax. The slope that arrives at the first logit is

# %% tags=["short-path"]
predict("6.5-sure-and-wrong", "about −40", "about −1", "0", "not a number")

# %% tags=["short-path"]
logits, truth, layer = np.array([[0.0, 40.0]]), np.array([0]), nnlib.activations.Softmax()
g = nnlib.losses.CCE().grad(layer.forward(logits), truth)
print("one after the other:", layer.backward(g) + 0.0)  # adding 0 turns −0 into 0
print("both in one:        ", nnlib.losses.SoftmaxCrossEntropy().grad(logits, truth))

# %% [markdown] tags=["short-path"]
# Zero: a network that could not be more wrong is told nothing. $\hat y$ is $4 \cdot 10^{-18}$ here, far below the clip that guards the logarithm, and a clipped loss is flat: this is
# the dead zone of chapter 05. The second line is what should have arrived. It comes from a loss that takes logits and does both steps in one.
#
# The picture shows both factors for the true class, $1/\hat y_1$ and $J_{11}$, while the wrong logit runs ahead:

# %%
gap = np.linspace(0, 30, 61)
right = 1 / (1 + np.exp(gap))
sizes = {"slope of the loss": 1 / right, "entry of $J$": right * (1 - right), "product": 1 - right}
plots.curves(gap, sizes, xlabel="logit of the wrong class above that of the true one", ylabel="size", yscale="log",
             title="One climbs, one falls, the product is level",
             words="Three curves over the lead of the wrong class, on a logarithmic axis: the slope of the loss climbs "
                   "in a straight line, the entry of the Jacobian falls in one, their product stays level near one.")

# %% [markdown]
# Each further unit of the gap multiplies the slope of the loss by $e$ and divides the Jacobian by $e$. Their product is level, and it answers the question of section 6.3: the strong signal comes from a
# slope that grows as fast as the table fades. But a computer that forms both factors loses one of them sooner or later. So we do the product on paper.

# %% [markdown] tags=["instructor"]
# **6.5, 15 minutes.** Let them guess both factors at $\hat y = 10^{-6}$ before the picture. Ask: which of the two breaks first in float32? Expect "not a number" as a prediction: without
# the clip it would be, once $\hat y$ underflows to 0.

# %% [markdown] tags=["short-path"]
# ## 6.6 ▸ What is left when the two meet?
#
# We want $\partial \ell/\partial z_m$ for softmax and cross-entropy together. Three roads lead there: A shows where the dangerous division goes,
# B is the one that programs take, and C needs no table and no other result than (D6.1).
#
# **Road A, through the table.** Put $g_j = -y_j/\hat y_j$ into (6.10). The average is $\bar g = \sum_j \big(-\frac{y_j}{\hat y_j}\big)\,\hat y_j = -\sum_j y_j$: the
# division has cancelled. It cancels once more when $\hat y_m$ is multiplied in:
#
# $$ \frac{\partial \ell}{\partial z_m} = \hat y_m \Big(-\frac{y_m}{\hat y_m} + \sum_j y_j\Big) = \hat y_m \sum_j y_j \;-\; y_m. \tag{6.12} $$
#
# **Road B, without the table.** By chapter 05, $\log \hat y_k = z_k - \mathrm{LSE}(z)$ with $\mathrm{LSE}(z) = \log \sum_k e^{z_k}$. Put it into (D6.4):
#
# $$ \ell = -\sum_k y_k \big(z_k - \mathrm{LSE}(z)\big) = \mathrm{LSE}(z) \sum_k y_k \;-\; \sum_k y_k z_k. \tag{6.13} $$
#
# The slope of $\mathrm{LSE} = \log \Sigma$ is one over $\Sigma$ times the derivative of $\Sigma$, that is $e^{z_m}/\Sigma = \hat y_m$. The slope of the last sum is $y_m$. Together: (6.12) again, in two
# lines.
#
# **Road C, following one logit.** Only one term of the denominator contains $z_m$. Call the rest $\rho = \sum_{k \ne m} e^{z_k}$; then <!-- ledger: S1-29 -->
#
# $$ \log \hat y_m = z_m - \log(e^{z_m} + \rho), \qquad \log \hat y_k = z_k - \log(e^{z_m} + \rho) \quad (k \ne m). $$
#
# The first has the slope $1 - \frac{e^{z_m}}{e^{z_m} + \rho} = \frac{\rho}{e^{z_m} + \rho}$, all the others $-\frac{e^{z_m}}{e^{z_m} + \rho}$. Weigh them with $-y$ and add up:
#
# $$ \frac{\partial \ell}{\partial z_m} = -\,y_m\,\frac{\rho}{e^{z_m} + \rho} \;+ \sum_{k \ne m} y_k\,\frac{e^{z_m}}{e^{z_m} + \rho}. \tag{6.14} $$
#
# The first fraction is $1 - \hat y_m$, the second $\hat y_m$. So this is $-y_m + \hat y_m\,\big(y_m + \sum_{k \ne m} y_k\big)$, and (6.12) stands there a third time.
#
# If the weights of the target **add up to 1**, what remains is the shortest gradient in this book: <!-- ledger: S4-59 -->
#
# $$ \frac{\partial \ell}{\partial z_m} = \hat y_m - y_m. \tag{6.15} $$

# %% tags=["short-path"]
rng = np.random.default_rng(66)
Z, Y = rng.normal(size=(4, 3)), plain(rng.normal(size=(4, 3)))
S, E, by = layer.forward(Z), np.exp(Z), "the complex step through −Σ y log s"
rho = E.sum(axis=1, keepdims=True) - E
road_a = layer.backward(-Y / S)
road_b = np.exp(Z - nnlib.numerics.logsumexp(Z, keepdims=True)) * Y.sum(axis=1, keepdims=True) - Y
road_c = -Y * rho / (E + rho) + (Y.sum(axis=1, keepdims=True) - Y) * E / (E + rho)
measured = complex_grad(lambda Z: -(Y * np.log(plain(Z))).sum(), Z)
verify("6.12", claimed=[road_a, road_b], measured=[measured, measured], by=by, rtol=1e-12)
verify("6.14", claimed=road_c, measured=measured, by=by, rtol=1e-12)
verify("6.15", claimed=S - Y, measured=measured, by=by, rtol=1e-12)

# %% [markdown]
# Three roads and one measurement agree to twelve digits. For targets that add up to something else, (6.12) and (6.13) still hold:

# %%
Y = np.array([[0.5, 0.2, 0.0], [1.0, 1.0, 1.0], [2.0, 0.0, 0.3], [0.1, 0.1, 0.1]])
value = Y.sum(axis=1) * nnlib.numerics.logsumexp(Z) - (Y * Z).sum(axis=1)
verify("6.13", claimed=value, measured=-(Y * np.log(plain(Z))).sum(axis=1), by="the definition (D6.4)", rtol=1e-12)
measured = complex_grad(lambda Z: -(Y * np.log(plain(Z))).sum(), Z)
verify("6.12", claimed=4 * nnlib.losses.SoftmaxCrossEntropy().grad(Z, Y), measured=measured, by=by, rtol=1e-12)

# %% [markdown]
# > **You will read** that the simplification rests on one-hot targets, and that its gain is speed. <!-- ledger: S4-57 --> Neither is quite so.
#
# All three roads use $\sum_j y_j = 1$ and nothing else: soft targets will do. And (6.10) is as fast as (6.15) up to a small factor; what (6.15) adds is that nothing is divided by $\hat y$, so nothing
# can be lost.

# %% [markdown]
# Both roads A and C exist in print with a slip that is worth seeing. Written out without the shortcut (6.10), road A is
# $-\frac{y_m}{\hat y_m}\,\hat y_m (1 - \hat y_m) - \sum_{j \ne m} \frac{y_j}{\hat y_j}\,(-\hat y_j\,\hat y_m)$.
#
# > **You will read** this line with the last two hats missing, $(-y_j\,y_m)$. <!-- ledger: S4-58 --> With a one-hot target one of the two is always 0, so the wrong classes would get no
# > gradient at all.
#
# > **You will read** road C begun without the logarithms, as the slope of $-\sum_k y_k \hat y_k$; the next line then continues as if they were there. <!-- ledger: S1-30 -->

# %%
y, y_hat = np.array([0.0, 1.0, 0.0]), plain(z)
true = complex_grad(lambda z: -(y * np.log(plain(z))).sum(), z)
others = [sum(y[j] / y_hat[j] * y[j] * y[m] for j in range(3) if j != m) for m in range(3)]
by = "the complex step through the loss"
without_hats = -y * (1 - y_hat) + others
without_log = complex_grad(lambda z: -(y * plain(z)).sum(), z)
refute("S4-58", "the gradient is road A without the two hats.", claimed=without_hats, measured=true, by=by)
refute("S1-30", "the gradient is road C without the logarithms.", claimed=without_log, measured=true, by=by)

# %% [markdown]
# With hats and logarithms in place both lines end in $\hat y_m - y_m$, as we saw.

# %% [markdown] tags=["short-path"]
# **From one sample to a network.** The loss $L$ is the mean over the batch, so each sample carries a factor $\frac1N$. And if the logits come from a dense layer, $Z = AW + b$, chapter 01's pattern
# returns: error signal times input, summed over the samples; and the bias, whose input is 1, gets the sum alone. <!-- ledger: S1-31 -->
#
# $$ \frac{\partial L}{\partial Z} = \frac1N\,(\hat Y - Y), \tag{6.16} $$
#
# $$ \frac{\partial L}{\partial W_{jm}} = \frac1N \sum_{i=1}^{N} a_{ij}\,(\hat y_{im} - y_{im}), \qquad \frac{\partial L}{\partial W} = \frac1N\,A^\top(\hat Y - Y). \tag{6.17} $$

# %% tags=["short-path"]
A, dense, labels = rng.normal(size=(4, 5)), nnlib.layers.Dense(5, 3, rng=0), np.array([2, 0, 1, 2])
Z, Y = dense.forward(A), np.eye(3)[labels]
loss = nnlib.losses.SoftmaxCrossEntropy()
by = "the complex step through the mean of −Σ y log s"
measured = complex_grad(lambda Z: -(Y * np.log(plain(Z))).sum(axis=1).mean(), Z)
verify("6.16", claimed=[loss.grad(Z, Y), loss.grad(Z, labels)], measured=[measured, measured], by=by, rtol=1e-12)
dense.backward(loss.grad(Z, labels))
measured = complex_grad(lambda W: -(Y * np.log(plain(A @ W + dense.b))).sum(axis=1).mean(), dense.W)
verify("6.17", claimed=[dense.dW, A.T @ (plain(Z) - Y) / 4], measured=[measured, measured], by=by, rtol=1e-12)

# %% [markdown] tags=["short-path"]
# This is `nnlib`'s loss for targets that are rows of weights. Classes run down the rows here, for speed. `z` becomes $\log \hat y$, as on road B; `p` arrives as $\hat y$ and leaves as (6.12) divided by the
# batch size $B$:

# %% tags=["short-path"]
show(nnlib.losses._from_rows)

# %% [markdown]
# > **You will read** that this gradient depends only on the *absolute* difference between answer and target. <!-- ledger: S1-33 -->

# %%
cases = [(2.0, 1), (-2.0, 0)]  # the second of two logits, and the true class
high, low = (complex_grad(lambda z: -np.log(plain(np.array([0 * z, z]))[true]), logit) for logit, true in cases)
refute("S1-33", "0.88 for the target 1 is as far off as 0.12 for the target 0, so the slopes are equal.",
       claimed=high, measured=low, by="the complex step through both losses")

# %% [markdown]
# The sign is what tells the logit which way to go; and in (6.17) the input counts too.
#
# <details><summary>Going deeper: why the loss is a bowl</summary>
#
# Differentiate (6.15) once more. $y$ is constant, and the slopes of $\hat y$ are the table of section 6.2:
#
# $$ \frac{\partial^2 \ell}{\partial z_j\,\partial z_m} = \hat y_j\,(\delta_{jm} - \hat y_m) = J_{jm}. \tag{6.18} $$
#
# The table we avoided is the matrix of second derivatives of the loss. By (6.8) it is positive semidefinite, so $\ell$ nowhere curves downwards: as a function of the *logits* it is convex and has
# no false valleys. As a function of the weights of a deep network it is not.
#
# </details>

# %%
def error(z):
    return complex_grad(lambda z: -(y * np.log(plain(z))).sum(), z)


verify("6.18", claimed=nnlib.activations.Softmax().jacobian(z[None])[0], measured=numeric_jacobian(error, z),
       by="differences of the measured gradient", rtol=1e-8)

# %% [markdown]
# ### Exercise 6.5 · A target that adds up to 0.7 · 8 minutes · ●●○
# On paper. Logits $(0, \ln 3)$, so the probabilities are $\frac14$ and $\frac34$; the target is $y = (0.5, 0.2)$. Find both entries of the true gradient (`g1`, `g2`) and their sum. What is the sum of
# the entries of $\hat y - y$? And at which $s_1$ would the loss be smallest?

# %% tags=["exercise"]
uneven = dict(g1=..., g2=..., sum_of_gradient=..., sum_of_difference=..., best_s1=...)
### BEGIN SOLUTION
uneven = dict(g1=0.25 * 0.7 - 0.5, g2=0.75 * 0.7 - 0.2, sum_of_gradient=0.0, sum_of_difference=0.3, best_s1=0.5 / 0.7)
### END SOLUTION

# %%
check("6.5", uneven)
hint("6.5")

# %% [markdown]
# ### Exercise 6.6 · Break it: two printed lines · 12 minutes · ●●○
# At $z = (0.3, -0.4, 1.1)$ with the target $y = (0, 1, 0)$ build two broken things. The matrix $A$ has the right entries beside the diagonal and the printed $s(1-s) - s$ on it. The vector
# $b$ is road A with the two hats missing. Which tests do they *pass*? `True` or `False`:
#
# - `a_symmetric`, `a_rows_add_to_zero`, `a_diagonal_positive`
# - `b_true_class`: the entry of the true class is right; `b_adds_to_zero`: its entries add up to 0
# - `b_lowers_the_loss`: the loss at $z - 0.1\,b$ is lower than at $z$; `b_judge_agrees`: `gradient_check` accepts it

# %% tags=["exercise"]
passes = dict(a_symmetric=..., a_rows_add_to_zero=..., a_diagonal_positive=..., b_true_class=..., b_adds_to_zero=...,
              b_lowers_the_loss=..., b_judge_agrees=...)
### BEGIN SOLUTION
passes = dict(a_symmetric=True, a_rows_add_to_zero=False, a_diagonal_positive=False, b_true_class=True, b_adds_to_zero=False,
              b_lowers_the_loss=True, b_judge_agrees=False)
### END SOLUTION

# %% tags=["solution-only"]
z, y = np.array([0.3, -0.4, 1.1]), np.array([0.0, 1.0, 0.0])
s = plain(z)
broken = -np.outer(s, s)
lost_hats = -y * (1 - s)  # the sum with the lost hats is zero for a one-hot target
cross_entropy = lambda z: -(y * np.log(plain(z))).sum()
print(np.allclose(broken, broken.T), np.allclose(broken.sum(axis=1), 0), np.all(np.diag(broken) > 0))
print(np.isclose(lost_hats[1], s[1] - 1), np.isclose(lost_hats.sum(), 0), cross_entropy(z - 0.1 * lost_hats) < cross_entropy(z),
      bool(nnlib.gradcheck.gradient_check(cross_entropy, lost_hats, z)))

# %%
check("6.6", passes)
hint("6.6")

# %% [markdown] tags=["short-path"]
# ### Exercise 6.7 · Softmax and cross-entropy in one · 20 minutes · ●●●
# Write the loss that takes logits `y_hat` of shape `(batch, K)`. The targets `y` are integer labels `(batch,)` or rows of weights `(batch, K)`, whatever their sums; `targets`, which is given, makes rows
# of both. `value` is the mean of (6.13), a number; `grad` is its gradient at the logits; `probabilities` is softmax. All three must survive logits of 1000.

# %% tags=["exercise", "short-path"]
class SoftmaxCrossEntropy:
    """Mean cross-entropy of softmax, from logits, (6.13) and (6.16).  Logits (batch, K)."""

    def targets(self, y_hat, y):
        return np.eye(y_hat.shape[1], dtype=y_hat.dtype)[y] if np.ndim(y) == 1 else y

    def probabilities(self, y_hat):
        ### BEGIN SOLUTION
        e = np.exp(y_hat - y_hat.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
        ### END SOLUTION

    def value(self, y_hat, y):
        ### BEGIN SOLUTION
        z = y_hat - y_hat.max(axis=1, keepdims=True)
        lse = np.log(np.exp(z).sum(axis=1, keepdims=True))
        return float((self.targets(y_hat, y) * (lse - z)).sum() / len(z))
        ### END SOLUTION

    def grad(self, y_hat, y):
        ### BEGIN SOLUTION
        y = self.targets(y_hat, y)
        return (self.probabilities(y_hat) * y.sum(axis=1, keepdims=True) - y) / len(y)
        ### END SOLUTION


# %% tags=["short-path"]
check("6.7", SoftmaxCrossEntropy)
hint("6.7")

# %% [markdown] tags=["instructor"]
# **6.6, 30 minutes.** Give each third of the room one road, and let them meet at the board. Ask: where exactly did your road use that the target adds up to 1? Expect the $\frac1N$ to be lost, and
# softmax to be applied twice (once in the network, once in the loss). Short of time: road B alone, then (6.15).

# %% [markdown] tags=["short-path"]
# ## 6.7 ▸ Why not a sigmoid with the squared error?
#
# Chapter 01 left us with a neuron that was very sure and very wrong, and did not learn. Take one output $\hat y = \sigma(z)$ with half the squared error, $\frac12(\hat y - y)^2$. The chain rule multiplies its slope
# $\hat y - y$ by that of the sigmoid (chapter 04):
#
# $$ \frac{\partial \ell}{\partial z} = (\hat y - y)\;\hat y\,(1 - \hat y). \tag{6.19} $$
#
# Softmax with two classes and logits $(z, 0)$ gives the first one $\frac{e^z}{e^z + 1} = \sigma(z)$, the same answer; and by (6.15) cross-entropy sends back $\hat y - y$, what chapter 05 found for a single output. The two differ by the factor
# $\hat y(1 - \hat y)$. Since $1 - \hat y = \frac{1}{e^{z} + 1}$, this factor is $\frac{1}{(1 + e^{-z})(1 + e^{z})}$. One of the two brackets is above $e^{|z|}$ and the other above 1, and $|\hat y - y|$ is at most 1. For the squared error therefore
#
# $$ \Big|\frac{\partial \ell}{\partial z}\Big| \;\le\; \hat y\,(1 - \hat y) \;\le\; e^{-|z|}. \tag{6.20} $$
#
# It does not matter whether the answer is right: far out, nothing comes back. <!-- ledger: S1-32 -->

# %% tags=["short-path"]
z, target, sigmoid = np.array([-3.0, -1.0, 0.0, 2.0, 6.0, 10.0, 20.0]), 0.0, nnlib.activations.Sigmoid()
by, y_hat = "the complex step through half the squared error", sigmoid.forward(z)
measured = [complex_grad(lambda z: 0.5 * (1 / (1 + np.exp(-z)) - target) ** 2, float(one)) for one in z]
verify("6.19", claimed=sigmoid.backward(y_hat - target), measured=measured, by=by, rtol=1e-12)
verify("6.20", claimed=np.exp(-abs(z)), measured=np.abs(measured), relation="at most", by=by)

# %% [markdown] tags=["short-path"]
# **Before you play:** the target is 0 and the logit stands at 8. Both losses take sixty steps with $\eta = 1$. Where will the squared error have brought the logit? Then press the button six times.

# %% tags=["short-path"]
predict("6.7-sixty-steps", "below 0", "to about 4", "hardly anywhere: it is still near 8")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch06 import ConfidentMistakeBench

ConfidentMistakeBench()

# %% [markdown] tags=["short-path"]
# Hardly anywhere. At $z = 8$ the squared error sends back $0.0003$, cross-entropy $0.9997$. On the left you see why: the dashed curve is a hump that dies out on both sides, the solid one goes to 0 only where the answer
# is right. Sure and right means no gradient, sure and wrong means a full one. That is what we want.
#
# Look for the limits of this, too. From a start near $z = 0$ the two are not so different. And cross-entropy cures the *last* step only: a saturated neuron further back still multiplies by its own small slope, and in a
# deep network many such factors meet (chapter 11).

# %% [markdown]
# ### Exercise 6.8 · A table that is not symmetric · 12 minutes · ●●●
# Many libraries split the work in another place: a layer gives $\log s$, and the loss weighs it with $-y$. Derive the Jacobian $\partial \log s_j/\partial z_m$ from $\log s_j = z_j - \mathrm{LSE}(z)$. Then write
# `log_softmax_backward(z, g)`: logits and the slopes at $\log s$, both `(batch, K)`; it returns the slopes at the logits. What does it give for $g = -y$?

# %% tags=["exercise"]
def log_softmax_backward(z, g):
    """Slopes at the logits from slopes g at log s.  (batch, K), (batch, K) -> (batch, K)."""
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return g - e / e.sum(axis=1, keepdims=True) * g.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %%
check("6.8", log_softmax_backward)
hint("6.8")

# %% [markdown] tags=["solution-only"]
# $\partial \log s_j/\partial z_m = \delta_{jm} - s_m$: every row is the same but for its diagonal, so the table is not symmetric. Contracted over the first index it gives $\sum_j g_j (\delta_{jm} - s_m) = g_m - s_m \sum_j g_j$.
# For $g = -y$ that is $s_m \sum_j y_j - y_m$: (6.12), by a fourth road, and again without a division.

# %% [markdown] tags=["instructor"]
# **6.7, 15 minutes.** On the bench, let everybody look for the start where the two losses differ least. Ask: what would the squared error need to catch up from $z = 8$? (About three thousand steps.) Expect "cross-entropy
# never vanishes": it does, when the answer is right. Exercise 6.8 makes homework.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - The Jacobian of softmax: $J_{jm} = s_j(\delta_{jm} - s_m)$, (6.5), or $\operatorname{diag}(s) - s s^\top$, (6.6). Symmetric, positive semidefinite, and each row adds up to 0, (6.7), (6.8).
# - On the way back no table is needed: $s \odot (g - \bar g)$, where $\odot$ multiplies entry by entry, (6.10).
# - With cross-entropy everything cancels: $\hat y - y$, (6.15), for every target that adds up to 1; in general $\hat y \sum_j y_j - y$, (6.12). Over a batch divide by $N$, (6.16).
# - Take softmax and cross-entropy in one step, from logits: one after the other they lose the signal.
# - Sure and wrong gets a full error with cross-entropy, and at most $e^{-|z|}$ with a sigmoid and the squared error, (6.20).

# %% tags=["short-path"]
quiz("06-exit")

# %% [markdown]
# **Further reading.** J. S. Bridle, *Probabilistic interpretation of feedforward classification network outputs, with relationships to statistical pattern recognition*, in Neurocomputing, Springer, 1990 (where softmax got its
# name). · C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, section 4.3.4. · I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016, section 6.2.2. · S. Boyd and
# L. Vandenberghe, *Convex Optimization*, Cambridge University Press, 2004, section 3.1.5 (the Hessian of log-sum-exp).
