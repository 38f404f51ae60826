# %% [markdown]
# # 05 · Losses from likelihood
#
# About 140 minutes; the short path, marked ▸, takes 60. You need chapters 00, 01 and 03, the sigmoid from chapter 04, and the rules of the logarithm.
#
# Chapter 01 squared the errors and did not say why. Here one principle gives us the square, the absolute value and the cross-entropies,
# and tells what each of them takes for granted. Then we compute them in a way that survives a logit of 1000.

# %% tags=["short-path"]
import decimal
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np

import nnlib
from nnlib.gradcheck import complex_grad
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("05")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to [saturation](01_one_neuron.ipynb#1.1-▸-What-does-a-neuron-compute?),
# [the index that matters](01_one_neuron.ipynb#1.2-▸-How-wrong-is-it?), or the sigmoid in [chapter 04](04_layers.ipynb).

# %% tags=["short-path"]
quiz("05-recall")

# %% [markdown] tags=["short-path"]
# ## 5.1 ▸ Which parameters explain the data best?
#
# A coin is tossed ten times and shows heads seven times. Let $\theta$ be its probability of heads. The tosses do not influence each other,
# so the probability of this very sequence is $\theta^7(1-\theta)^3$: 0.00098 for a fair coin, 0.0022 for $\theta = 0.7$. The second coin
# explains what we saw better. Our principle: *take the parameters under which the data are most probable.*
#
# In general the data are samples $\mathcal D = \big((x_1, y_1), \dots, (x_N, y_N)\big)$, and the model gives each possible target of an input a
# probability $p_\theta(y \mid x)$. For independent samples the probabilities multiply:
#
# $$ \mathcal L(\theta) = p_\theta(\mathcal D) = \prod_{i=1}^{N} p_\theta(y_i \mid x_i). \tag{D5.1} $$
#
# This is the **likelihood**. The data are fixed, and it is a function of $\theta$. It is also written $p(\mathcal D \mid \theta)$, but it is no
# probability *of* $\theta$: the area under our coin's likelihood, from $\theta = 0$ to 1, is 1/1320, not 1. <!-- ledger: S1-02 -->
#
# A product of many small numbers vanishes in a computer. The logarithm makes a sum of it and, since it grows with its argument, leaves the best
# $\theta$ where it is. A minus sign turns *best* into *lowest*, and dividing by $N$ makes data sets of different size comparable:
#
# $$ -\frac1N \log \mathcal L(\theta) \;=\; \frac1N \sum_{i=1}^N \ell_i, \qquad \ell_i = -\log p_\theta(y_i \mid x_i). \tag{5.1} $$
#
# The *sample loss* $\ell_i$ is the model's **surprise**: 0 where it had given the target probability 1, large where it had called it nearly
# impossible. Its unit, with the natural logarithm, is the *nat*. The mean of the surprises is the loss $L$ of this chapter.

# %% tags=["short-path"]
tosses = [1, 1, 0, 1, 1, 1, 0, 1, 0, 1]
surprises = [-math.log(0.7) if heads else -math.log(0.3) for heads in tosses]
product = math.prod(Fraction(7, 10) if heads else Fraction(3, 10) for heads in tosses)
verify("5.1", claimed=np.mean(surprises), measured=-math.log(product) / 10, by="multiplying ten fractions first")
print("3,000 such factors, multiplied by the computer:", 0.7**2100 * 0.3**900)

# %% [markdown] tags=["instructor"]
# **5.1, 12 minutes.** Toss a coin. Ask: may the likelihood of a parameter be compared with that of another data set? (No.) Expect "0.0022 is the
# probability that θ is 0.7". Set the derivative of $7\log\theta + 3\log(1-\theta)$ to zero on the board: $\theta = 7/10$.

# %% [markdown] tags=["short-path"]
# ## 5.2 ▸ How surprised must a model be?
#
# Let the targets be one of $K$ classes, and forget the inputs for a moment: the model has one probability $q_k$ for each class. Add up the
# surprises class by class instead of sample by sample. Class $k$ makes up the share $\hat p_k$ of the data, and each of its samples
# costs $-\log q_k$:
#
# $$ \frac1N \sum_{i=1}^N \ell_i \;=\; -\sum_{k=1}^K \hat p_k \log q_k. \tag{5.2} $$
#
# This sum has a name, and so have two relatives of it (with $0 \log 0 = 0$): the **cross-entropy**, the **entropy**, and the
# **Kullback–Leibler divergence**,
#
# $$ H(p, q) = -\sum_k p_k \log q_k, \qquad H(p) = H(p, p), \qquad \mathrm{KL}(p \Vert q) = \sum_k p_k \log\frac{p_k}{q_k}. \tag{D5.2} $$
#
# Write $\log q_k = \log p_k - \log (p_k / q_k)$ in the first sum, and it falls into the other two:
#
# $$ H(p, q) = H(p) + \mathrm{KL}(p \Vert q). \tag{5.3} $$
#
# For $p = \hat p$ the entropy does not contain the model. So the most likely parameters, the smallest cross-entropy and the smallest divergence
# are one and the same goal. <!-- ledger: S1-01 --> (You may read $\approx$ in place of the equality (5.2). It is exact for the shares of the sample; only for
# the unknown distribution *behind* the sample it is an approximation, and a good one only if the samples are independent draws from it.)
#
# The divergence is never negative, which is Gibbs' inequality and exercise 5.2. Hence the entropy is a **floor**:
#
# $$ H(p, q) \;\ge\; H(p), \qquad \text{with equality only for } q = p. \tag{5.4} $$

# %%
rng = np.random.default_rng(5)
drawn = rng.choice(4, size=500, p=[0.4, 0.3, 0.2, 0.1])
shares = np.bincount(drawn, minlength=4) / 500


def mean_surprise(q):
    return -sum(math.log(q[k]) for k in drawn) / 500


q, by = np.array([0.25, 0.35, 0.3, 0.1]), "adding up the 500 surprises one by one"
entropy, divergence = -np.sum(shares * np.log(shares)), np.sum(shares * np.log(shares / q))
verify("5.2", claimed=-np.sum(shares * np.log(q)), measured=mean_surprise(q), by=by)
verify("5.3", claimed=entropy + divergence, measured=mean_surprise(q), by=by)
guesses = [shares, *rng.dirichlet(np.ones(4), size=100)]
verify("5.4", claimed=entropy, measured=[mean_surprise(q) for q in guesses], relation="at least",
       by="the surprises of 100 random predictions, and of the shares themselves")

# %% [markdown] tags=["short-path"]
# With inputs, all this holds for each $x$ by itself, with the shares of the targets among the samples that have this $x$.
#
# **Before you run the next cell:** in a yes-or-no data set, three of ten labels were flipped by accident. What is the lowest mean loss that any model
# can reach there?

# %% tags=["short-path"]
predict("5.2-floor", "0", "0.30", "about 0.61", "it depends on the model")

# %% [markdown] tags=["short-path"]
# > **You will read** that training should bring the loss to 0. <!-- ledger: S4-30 --> It can, where the input decides the target. Elsewhere the entropy
# > stays.

# %% tags=["short-path"]
a = np.linspace(0.02, 0.98, 193)
mean_loss = -(0.7 * np.log(a) + 0.3 * np.log(1 - a))
refute("S4-30", "the loss of a good model goes to 0; here for 7 labels that say yes and 3 that say no.",
       claimed=0.0, measured=mean_loss.min(), by="trying 193 answers")
floor = np.full_like(a, -0.7 * np.log(0.7) - 0.3 * np.log(0.3))
plots.curves(a, {"mean loss": mean_loss, "entropy: the floor": floor}, xlabel="answer a of the model",
             ylabel="mean loss in nats", title="With 30 % flipped labels nothing lies below 0.61",
             words="The mean loss against the model's answer is a bowl whose lowest point touches the flat line of "
                   "the entropy at 0.7; at both sides it climbs without bound.")

# %% [markdown] tags=["short-path"]
# The bowl touches the floor at $a = 0.7$, the share of yes. The height above the floor is the divergence. Towards the edges the bowl climbs
# without limit: whoever answers 0.98 pays dearly for the three who say no. So before you blame a model for its loss, ask how much of it is
# entropy.

# %% [markdown]
# ### Exercise 5.1 · Cross-entropy of three predictions · 8 minutes · ●○○
# The shares of three classes are $p = (\frac12, \frac14, \frac14)$. Find the floor $H(p)$ and the cross-entropies $H(p, q)$ of three predictions with
# four digits: a is $(\frac13, \frac13, \frac13)$, b is $(0.7, 0.2, 0.1)$, c is $(\frac12, \frac12, 0)$. And how far above the floor is b? Infinity is written `math.inf`.

# %% tags=["exercise"]
surprise = dict(floor=..., a=..., b=..., c=..., kl_b=...)
### BEGIN SOLUTION
p = np.array([0.5, 0.25, 0.25])
of_b = -p @ np.log([0.7, 0.2, 0.1])
surprise = dict(floor=-p @ np.log(p), a=math.log(3), b=of_b, c=math.inf, kl_b=of_b + p @ np.log(p))
### END SOLUTION

# %%
check("5.1", surprise)
hint("5.1")

# %% [markdown]
# ### Exercise 5.2 · Proof: Gibbs' inequality · 15 minutes · ●●●
# On paper. (a) Show $\log u \le u - 1$ for all $u > 0$, with equality only at $u = 1$. (b) Conclude that $\mathrm{KL}(p \Vert q) \ge 0$ for all probabilities
# $p$, $q$, and that it is 0 only for $q = p$. Where do you need that both sum to one? (c) Show that $H(p) \le \log K$. Grade yourself with the
# rubric of the worked solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) $f(u) = u - 1 - \log u$ has the slope $1 - 1/u$: negative for $u < 1$, positive for $u > 1$. So $f$ has its only minimum at $u = 1$, where
# $f(1) = 0$.
#
# (b) Sum over the classes with $p_k > 0$ only, since the others add nothing to the divergence. If some $q_k$ is 0 there, the divergence is infinite. Otherwise put
# $u = q_k / p_k$ into (a): $-\mathrm{KL}(p \Vert q) = \sum_k p_k \log\frac{q_k}{p_k} \le \sum_k p_k \big(\frac{q_k}{p_k} - 1\big) = \sum_k q_k - \sum_k p_k \le 1 - 1 = 0$.
# Here $\sum p_k = 1$, and $\sum q_k \le 1$ as it may leave classes out. Equality asks for $u = 1$ in every term, so $q_k = p_k$ wherever $p_k > 0$; these
# $q_k$ then sum to one already, and the other $q_k$ are 0 as well: $q = p$. $\square$
#
# (c) Take $q_k = 1/K$. By (5.3) $\log K = H(p, q) = H(p) + \mathrm{KL}(p \Vert q) \ge H(p)$.
#
# **Rubric** (10 points): (a) minimum found, and that it is the only one 2 · (b) inequality used with $u = q_k/p_k$ and weights $p_k$ 3 · both sums to one used and
# named 2 · equality case, also for classes with $p_k = 0$ 1 · (c) uniform $q$ 2.

# %% [markdown] tags=["instructor"]
# **5.2, 25 minutes.** Ask for the entropy of a fair and of a bent coin first. Let them put the flipped labels into (5.2) by hand. Expect KL to be called a
# distance: it is not symmetric (exercise 5.1 shows it). Short of time: state (5.4), and give the proof as homework.

# %% [markdown] tags=["short-path"]
# ## 5.3 ▸ Where does the square come from?
#
# Now the target is a real number. Suppose it is the model's answer plus noise, and the noise is *normal* with the same spread $\varsigma$ for all
# samples. The target then has the density
#
# $$ p_\theta(y \mid x) = \frac{1}{\varsigma\sqrt{2\pi}}\, \exp\Big({-\frac{(y - \hat y)^2}{2\varsigma^2}}\Big). \tag{D5.3} $$
#
# A density stands in for a probability in (D5.1): both say which targets are likely. Its surprise is the exponent with its sign
# changed, plus the logarithm of what stands before. The mean over the samples is, with the mean squared error of (D1.2),
#
# $$ \frac1N\sum_{i=1}^N \ell_i = \frac{1}{2\varsigma^2} \cdot \frac1N \sum_{i=1}^N (\hat y_i - y_i)^2 + \log\big(\varsigma\sqrt{2\pi}\big). \tag{5.5} $$
#
# The last term does not know the parameters, and a positive factor moves no minimum. *The square is the assumption of normal noise of
# equal spread.*
#
# Assume another noise and another loss comes out. The *Laplace* density $\frac{1}{2\varsigma} e^{-|y - \hat y|/\varsigma}$ has heavier tails, and its
# surprise is not quadratic but linear in the error:
#
# $$ \frac1N\sum_{i=1}^N \ell_i = \frac1\varsigma \cdot \frac1N \sum_{i=1}^N |\hat y_i - y_i| + \log(2\varsigma). \tag{5.6} $$

# %%
rng = np.random.default_rng(0)
y, y_hat, spread = rng.normal(size=6), rng.normal(size=6), 0.8
normal = [NormalDist(mean, spread).pdf(target) for mean, target in zip(y_hat, y, strict=True)]
laplace = [math.exp(-abs(target - mean) / spread) / (2 * spread) for mean, target in zip(y_hat, y, strict=True)]
mse, mae = nnlib.losses.MSE().value(y_hat, y), np.mean(abs(y_hat - y))
verify("5.5", claimed=mse / (2 * spread**2) + math.log(spread * math.sqrt(2 * math.pi)),
       measured=-np.log(normal).mean(), by="the normal density of Python's own library")
verify("5.6", claimed=mae / spread + math.log(2 * spread), measured=-math.log(math.prod(laplace)) / 6,
       by="multiplying the six densities")

# %% [markdown] tags=["short-path"]
# > **You will read** that regression uses the mean squared error. <!-- ledger: S4-31 --> It is the usual choice, not a law: it follows from one
# > assumption on the noise. The mean *absolute* error follows from another, and losses between the two exist (Huber's).
#
# The choice matters. Take the simplest model, one number $c$ for all samples. The slope of $\sum (c - y_i)^2$ is $2\sum (c - y_i)$, zero at the mean.
# The slope of $\sum |c - y_i|$ counts: the number of targets below $c$ minus the number above. It changes its sign at the median:
#
# $$ \arg\min_c \sum_i (c - y_i)^2 = \text{mean of the } y_i, \qquad \arg\min_c \sum_i |c - y_i| = \text{median of the } y_i. \tag{5.7} $$
#
# **Before you run the next cell:** a length is measured five times: 2.1, 1.9, 2.0, 2.2 and 20, where somebody lost a decimal point. Without the last
# reading both losses are happiest near 2. Which best answer does the slip carry away?

# %% tags=["short-path"]
predict("5.3-outlier", "that of the squared error", "that of the absolute error", "both", "neither")

# %% tags=["short-path"]
readings, c = np.array([2.1, 1.9, 2.0, 2.2, 20.0]), np.linspace(0, 12, 1201)
squared, absolute = (np.mean(abs(c[:, None] - readings) ** power, axis=1) for power in (2, 1))
verify("5.7", claimed=[readings.mean(), np.median(readings)], measured=[c[squared.argmin()], c[absolute.argmin()]],
       by="trying 1,201 answers")
plots.curves(c, {"squared (root)": np.sqrt(squared), "absolute": absolute}, xlabel="answer c", ylabel="mean error",
             title="One slip carries the mean away, not the median",
             words="Two mean errors against the answer c. The absolute error has its lowest point at 2.1 among the "
                   "good readings; the squared error has it at 5.6, where no reading lies.")

# %% [markdown] tags=["short-path"]
# The squared error settles at 5.64, where nobody measured anything. To a normal distribution an error of 18 is next to impossible, so it gives up the four good
# readings to make it smaller. The absolute error counts heads, and one head counts once, however far away.
#
# For training we need the slope. Each entry of $\hat Y$, shape $(N, d)$, stands in one square of the mean over all $N d$ entries:
#
# $$ \frac{\partial L}{\partial \hat y_{ij}} = \frac{2}{N d}\,(\hat y_{ij} - y_{ij}). \tag{5.8} $$
#
# Some texts sum over the $d$ outputs and divide by $N$ only: then loss and gradient are $d$ times as large, and so is the step at the same learning rate.

# %%
rng = np.random.default_rng(1)
Y, Y_hat = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
measured = complex_grad(lambda Y_hat: ((Y_hat - Y) ** 2).mean(), Y_hat)
verify("5.8", claimed=nnlib.losses.MSE().grad(Y_hat, Y), measured=measured, by="the complex step", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# ### Exercise 5.3 · The mean squared error, for your library · 10 minutes · ●○○
# Write the class `MSE` with `nnlib`'s interface: `value(y_hat, y)` gives a number, `grad(y_hat, y)` an array of the shape of `y_hat`. The mean runs over
# all entries. Both refuse arrays whose shapes differ with a `ValueError`.

# %% tags=["exercise", "short-path"]
class MSE:
    """Mean squared error over all entries, and its gradient (5.8).  Two arrays of one shape."""

    def value(self, y_hat, y):
        ### BEGIN SOLUTION
        if y_hat.shape != y.shape:
            raise ValueError(f"MSE: y_hat has shape {y_hat.shape}, y has {y.shape}.")
        return float(np.mean((y_hat - y) ** 2))
        ### END SOLUTION

    def grad(self, y_hat, y):
        ### BEGIN SOLUTION
        if y_hat.shape != y.shape:
            raise ValueError(f"MSE: y_hat has shape {y_hat.shape}, y has {y.shape}.")
        return 2 * (y_hat - y) / y.size
        ### END SOLUTION


# %% tags=["short-path"]
check("5.3", MSE)
hint("5.3")

# %% [markdown] tags=["instructor"]
# **5.3, 20 minutes.** Draw both densities over each other: the tails are the whole story. Ask: which loss for house prices, which for a sensor that
# fails at times? Expect "MSE needs normal *data*": no, normal noise around the answer. Short of time: skip (5.6), keep the picture.

# %% [markdown] tags=["short-path"]
# ## 5.4 ▸ Yes or no?
#
# Now $y$ is 0 or 1, and the model answers with $a = p_\theta(y{=}1 \mid x)$. Then $p_\theta(y \mid x) = a^y (1-a)^{1-y}$: put in $y = 1$ and $y = 0$ to see it.
# The surprise is the **binary cross-entropy**: <!-- ledger: S2-11 -->
#
# $$ \ell = -\big[\,y \log a + (1 - y)\log(1-a)\,\big]. \tag{D5.4} $$
#
# Its slope: $\log a$ has the slope $1/a$, and $\log(1-a)$ has $-1/(1-a)$. Over the common denominator the numerator is
# $-y(1-a) + (1-y)\,a = a - y$:
#
# $$ \frac{\partial \ell}{\partial a} = -\frac{y}{a} + \frac{1-y}{1-a} = \frac{a - y}{a(1-a)}. \tag{5.9} $$
#
# > **You will read** this slope as $\frac ya - \frac{1-y}{1-a}$. That is the slope of the log-*likelihood*, which wants to be climbed. Used for descent, it
# > makes the model unlearn. <!-- ledger: S2-10 -->

# %% tags=["short-path"]
a, y = np.array([0.1, 0.5, 0.8, 0.3, 0.9]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])
measured = complex_grad(lambda a: -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean(), a)
verify("5.9", claimed=nnlib.losses.BCE().grad(a, y), measured=measured, by="the complex step", rtol=1e-12)

w = 0.0  # the logit of one sample with y = 1
for _ in range(20):
    answer = 1 / (1 + math.exp(-w))
    w -= 0.5 * (1 / answer) * answer * (1 - answer)
refute("S2-10", "y/a - (1 - y)/(1 - a) is the slope of the loss, so steps against it lower the loss.",
       claimed=math.log(2), measured=math.log(1 + math.exp(-w)), relation="at most",
       by="20 such steps from a = 0.5, for a sample with y = 1")

# %% [markdown] tags=["short-path"]
# Where does $a$ come from? From a *logit* $z$, any real number, through the sigmoid $a = \sigma(z) = 1/(1 + e^{-z})$, whose slope is
# $a(1-a)$ (chapter 04). A saturated sigmoid has hardly any slope.
#
# **Before you go on:** at $z = -6$ the model says $a = 0.0025$, and the target is 1. Sure and wrong, as the neuron of chapter 01 was. How steep is the loss as a function of $z$?

# %% tags=["short-path"]
predict("5.4-slope", "nearly 0", "about -1", "about -400")

# %% [markdown] tags=["short-path"]
# The chain rule multiplies (5.9) by $a(1-a)$, and that is its denominator:
#
# $$ \frac{\partial \ell}{\partial z} = \frac{a - y}{a(1-a)} \cdot a(1-a) = a - y. \tag{5.10} $$
#
# At $z = -6$ the loss has the slope $-1/a \approx -400$ in $a$, the sigmoid has the slope $1/400$, and their product is about $-1$. The factor that had killed the gradient is
# gone. *The logit is pushed by the size of the error, and by nothing else.*

# %%
z, y = np.array([-6.0, -1.0, 0.0, 2.0, 5.0]), np.array([1.0, 0.0, 1.0, 1.0, 0.0])


def through_the_sigmoid(z):
    a = 1 / (1 + np.exp(-z))
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()


verify("5.10", claimed=nnlib.losses.BCEWithLogits().grad(z, y), measured=complex_grad(through_the_sigmoid, z),
       by="the complex step through sigmoid and logarithms", rtol=1e-12)

# %% tags=["short-path"]
from nnlib.workbook.benches.ch05 import losses_of_a_logit

losses_of_a_logit()

# %% [markdown] tags=["short-path"]
# Look at the left end of the solid curve, the loss for $y = 1$: a straight line of slope $-1$, however wrong the model is. The squared error through the sigmoid is flat
# there, and a flat loss teaches nothing. The curve for $y = 0$ is the mirror image. Right and sure, all of them are flat, as they should be.
#
# One thing remains: $1 - a$ is 0 in the computer from $z = 37$ on, and its logarithm $-\infty$. So we do without $a$. For $y = 0$ the loss is
# $-\log\frac{e^{-z}}{1+e^{-z}} = \log(1 + e^z)$, for $y = 1$ it is $\log(1+e^{-z})$, which is $z$ less. Both at once: $\log(1 + e^z) - zy$. For large $z$ we take the factor $e^z$ out
# of the logarithm, and no exponential is ever above 1:
#
# $$ \ell = \max(z, 0) - z y + \log\big(1 + e^{-|z|}\big). \tag{5.11} $$
#
# To measure this at $z = 1000$ we call on Python's `decimal`, which calculates with as many digits as we ask for: here a thousand. In `nnlib`'s line `softplus(u)` is $\log(1 + e^u)$, and
# `minus_abs(z)` is $-|z|$.

# %% tags=["short-path"]
decimal.getcontext().prec = 1000


def surprise_exactly(z, y):
    z, y = decimal.Decimal(z), decimal.Decimal(y)
    a = 1 / (1 + (-z).exp())
    return float(-(y * a.ln() + (1 - y) * (1 - a).ln()))


cases = [(z, y) for z in (-1000.0, -30.0, -1.0, 0.0, 2.0, 50.0, 1000.0) for y in (0.0, 0.25, 1.0)]
claimed = [nnlib.losses.BCEWithLogits().value(np.array([z]), np.array([y])) for z, y in cases]
verify("5.11", claimed, [surprise_exactly(z, y) for z, y in cases], by="(D5.4) with 1,000 digits", rtol=1e-14)
show(nnlib.losses.BCEWithLogits.value)

# %% [markdown]
# ### Exercise 5.4 · Binary cross-entropy from the logit · 12 minutes · ●●○
# Write `bce_with_logits(z, y)`: two arrays of one shape, targets between 0 and 1; return the mean loss. It must be right at $z = \pm 1000$.

# %% tags=["exercise"]
def bce_with_logits(z, y):
    """Mean binary cross-entropy of logits, (5.11).  Two arrays of one shape -> float."""
    ### BEGIN SOLUTION
    return float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))
    ### END SOLUTION


# %%
check("5.4", bce_with_logits)
hint("5.4")

# %% [markdown] tags=["instructor"]
# **5.4, 25 minutes.** Let them cancel (5.10) themselves; it is the best moment of the chapter. Ask: what does (5.10) say for $y = 0.25$? (Push towards
# $a = 0.25$.) Expect the sign of the slope to be lost: test with one positive sample, the logit must rise. Short of time: state (5.11).

# %% [markdown] tags=["short-path"]
# ## 5.5 ▸ One of many?
#
# A network for $K$ classes ends in $K$ logits $z = (z_1, \dots, z_K) \in \mathbb R^K$ for each sample: any real numbers. We want probabilities from them, $K$ positive
# numbers with the sum 1. An exponential makes every number positive, and dividing by the sum does the rest. This is the **softmax**: <!-- ledger: S4-27 -->
#
# $$ s_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}. \tag{D5.5} $$
#
# As the predicted class we take the one with the largest $s_k$. Its value is the model's own opinion of itself; whether nine of ten are right where it says 0.9 is
# another matter (chapter 15). <!-- ledger: S4-26 -->
#
# In the ratio of two probabilities the denominators cancel:
#
# $$ \log\frac{s_j}{s_m} = z_j - z_m. \tag{5.12} $$
#
# So the larger logit has the larger probability, and the order is kept. <!-- ledger: S4-28 --> And only *differences* of logits count: adding one number $c$ to all of them multiplies
# numerator and denominator of (D5.5) by $e^c$, which cancels:
#
# $$ s(z + c\,\mathbf 1) = s(z). \tag{5.13} $$

# %%
z = np.array([[0.3, -1.2, 2.0, 0.0], [1.5, 1.5, -0.5, 0.2]])
by_hand = [[math.exp(entry) / sum(math.exp(other) for other in row) for entry in row] for row in z]
s = nnlib.numerics.softmax(z)
verify("D5.5", claimed=s, measured=by_hand, by="exponentials, one by one", rtol=1e-12)
verify("5.12", claimed=z[:, :1] - z[:, 1:], measured=np.log(s[:, :1] / s[:, 1:]), by="dividing the probabilities")
verify("5.13", claimed=nnlib.numerics.softmax(z + 1000.0), measured=by_hand, by="the logits before 1000 was added")

# %% [markdown] tags=["short-path"]
# The target $k_i$ of sample $i$ is one of the classes. Written *one-hot*, as a row with a 1 at place $k_i$ and 0 elsewhere, it picks the probability of the true class out of the
# product $\prod_j \hat y_{ij}^{\,y_{ij}}$. The surprise is the **categorical cross-entropy**, a dot product of the target with the logarithms: <!-- ledger: S1-28 -->
#
# $$ \ell_i = -\sum_{j=1}^K y_{ij} \log \hat y_{ij} \;=\; -\log \hat y_{i k_i}. \tag{5.14} $$
#
# All terms but one are zero. <!-- ledger: S4-33 --> It is (5.2) for a single sample, so rows $y_i$ of several shares, *soft* targets, fit in as well. You may meet the sum
# with a bare $\hat y$, without the indices $i$ and $j$. <!-- ledger: S4-32 --> They matter: each target meets the logarithm of its own prediction.
#
# People ask for another number, the **accuracy**: the share of samples whose largest output stands at the label. With $[\,\cdot\,]$ for 1 if true, else 0,
#
# $$ \mathrm{acc} = \frac1N \sum_{i=1}^N \Big[\arg\max_j \hat y_{ij} = k_i\Big]. \tag{D5.6} $$
#
# > **You will read** the denominator as $\lVert \hat y\rVert$. <!-- ledger: S4-35 --> Those bars usually mean a length; what is meant here is the number of samples.

# %%
Y_hat, labels = np.array([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1]]), np.array([0, 1, 1])
one_hot = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
cce = nnlib.losses.CCE()
verify("5.14", claimed=[cce.value(Y_hat, one_hot), cce.value(Y_hat, labels)],
       measured=-math.log(0.7 * 0.6 * 0.1) / 3, by="multiplying the three probabilities of the true classes")
share = nnlib.metrics.accuracy(Y_hat, labels)
verify("D5.6", claimed=share, measured=2 / 3, by="counting: the third sample is wrong")
refute("S4-35", "the accuracy is the number of right answers over the norm of the predictions.",
       claimed=2 / np.linalg.norm(Y_hat), measured=share, by="counting the samples")

# %% [markdown] tags=["short-path"]
# Why not train for accuracy itself? Because it is flat: a tiny change of the weights changes no largest entry, so its slope is 0 nearly everywhere, and no gradient leads on. We train
# with the loss and report the accuracy. In `nnlib` both are one line (`_log` guards against $\log 0$; section 5.6 tells at what price):

# %%
show(nnlib.losses.CCE.value, nnlib.metrics.accuracy)

# %% [markdown]
# ### Exercise 5.5 · Accuracy · 6 minutes · ●○○
# Write `accuracy(scores, labels)` after (D5.6): `scores` of shape `(N, K)`, probabilities or logits, `labels` of shape `(N,)`.

# %% tags=["exercise"]
def accuracy(scores, labels):
    """Share of rows whose largest entry stands at the label, (D5.6).  (N, K), (N,) -> float."""
    ### BEGIN SOLUTION
    return float(np.mean(scores.argmax(axis=1) == labels))
    ### END SOLUTION


# %%
check("5.5", accuracy)
hint("5.5")

# %% [markdown] tags=["instructor"]
# **5.5, 20 minutes.** Softmax of (0, 1), (5, 6), (100, 101) on the board: ask before computing. Ask: which logits give the probabilities (0.5, 0.3, 0.2)? (Their
# logarithms, plus any constant.) Expect argmax along the wrong axis, and "softmax makes the answer surer".

# %% [markdown] tags=["short-path"]
# ## 5.6 ▸ What if a logit is 1000?
#
# $e^{710}$ is more than a double can hold. The computer says infinity, then infinity over infinity, then *not a number*. (5.13) offers the way out: subtract the largest logit
# from all. Now every exponential is at most 1, and one of them is 1, so the denominator is too.
#
# > **You will read** that this also stops values from vanishing, or units from dying. It does not: by (5.13) softmax is the same function as before. What is far below
# > the largest logit is still rounded to 0. <!-- ledger: S4-29 -->

# %% tags=["short-path"]
refute("S4-29", "with the largest logit subtracted nothing vanishes: (0, -800) gives two positive numbers.",
       claimed=2, measured=np.count_nonzero(nnlib.numerics.softmax(np.array([0.0, -800.0]))), by="counting them")

# %% [markdown] tags=["short-path"]
# And $\log 0$ is $-\infty$, although the loss we want is 800. The cure is to take the logarithm of (D5.5) on paper first. That of the denominator gets a name, **log-sum-exp**:
#
# $$ \mathrm{LSE}(z) = \log \sum_{k=1}^K e^{z_k}. \tag{D5.7} $$
#
# Take the factor $e^c$ out of the sum, and with $c = \max_k z_k$ nothing overflows:
#
# $$ \mathrm{LSE}(z) = c + \log \sum_{k=1}^K e^{z_k - c}. \tag{5.15} $$
#
# The numerator's logarithm is $z_k$. So there is no quotient left and no logarithm of anything small:
#
# $$ \log s_k = z_k - \mathrm{LSE}(z), \qquad \ell = \mathrm{LSE}(z) - z_{k_i}. \tag{5.16} $$

# %% tags=["short-path"]
extreme = np.array([[0.5, -1.0, 2.0], [1000.0, 1001.0, 999.0], [0.0, -800.0, -1000.0]])
powers = [[decimal.Decimal(entry).exp() for entry in row] for row in extreme]
logs = [[float((power / sum(row)).ln()) for power in row] for row in powers]
by = "exponentials with 1,000 digits"
verify("5.15", nnlib.numerics.logsumexp(extreme), [float(sum(row).ln()) for row in powers], by=by, rtol=1e-14)
verify("5.16", nnlib.numerics.log_softmax(extreme), logs, by=by, rtol=1e-14)
verify("5.16", nnlib.losses.SoftmaxCrossEntropy().value(extreme, np.array([0, 2, 1])),
       -(logs[0][0] + logs[1][2] + logs[2][1]) / 3, by=by, rtol=1e-14)
show(nnlib.numerics.logsumexp, nnlib.numerics.log_softmax)

# %% [markdown] tags=["short-path"]
# How large is such a loss? The sum in (5.15) contains the term 1 of the largest logit, and none of its $K$ terms is above 1. So LSE lies between $\max_k z_k$ and
# $\max_k z_k + \log K$, a *soft maximum*, and
#
# $$ \max_k z_k - z_{k_i} \;\le\; \ell \;\le\; \max_k z_k - z_{k_i} + \log K. \tag{5.17} $$
#
# Up to $\log K$, *the loss is how far the true class lies behind the best one*. With all logits equal, as in a network that knows nothing, it is $\log K$ exactly: about 2.3 for ten digits.
#
# How does LSE react to one logit? The outer logarithm has the slope one over the sum, the inner exponential has itself, and together they are
# the softmax:
#
# $$ \frac{\partial\, \mathrm{LSE}}{\partial z_m} = \frac{e^{z_m}}{\sum_k e^{z_k}} = s_m. \tag{5.18} $$
#
# Chapter 06 makes the gradient of the loss from it.

# %%
rows = np.array([[0.5, -1.0, 2.0], [3.0, 3.0, 3.0], [40.0, 0.0, -1.0]])
loss = [math.log(sum(math.exp(entry) for entry in row)) - row[0] for row in rows]  # class 0 is true
gap, by = rows.max(axis=1) - rows[:, 0], "plain exponentials, two of the rows at a bound"
verify("5.17", claimed=gap, measured=loss, relation="at least", by=by)
verify("5.17", claimed=gap + math.log(3), measured=loss, relation="at most", by=by)
measured = [complex_grad(lambda z: np.log(np.exp(z).sum()), row) for row in rows]
verify("5.18", claimed=nnlib.numerics.softmax(rows), measured=measured, by="the complex step", rtol=1e-12)

# %% [markdown] tags=["short-path"]
# **Before you play:** a model gave the true class the probability 0.001. Now it is surer still of its mistake and gives it 0.0001. By how much does the loss rise?

# %% tags=["short-path"]
predict("5.6-tenth", "by 0.0009", "by 2.3", "by a factor of ten")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch05 import SoftmaxBench

SoftmaxBench()

# %% [markdown] tags=["short-path"]
# Push the logit of a *wrong* class up. Once it rules, each half unit lifts the marker by the same half, as (5.17) says, and the line has no top: ten times less
# probability costs 2.3 more, at 0.1 as at $10^{-12}$. That is $\log 10$. Now make the true class the largest: being surer saves less and less, since the loss is near 0 already. Confidence pays little where it is right
# and costs without limit where it is wrong.
#
# The *temperature* $\tau$ divides all logits. Turn it down, and the differences grow until one bar takes all; the order stays. With $z_1 = 8$ and $\tau = 0.01$ the naive code gives up (as *inf* for one true
# class, as *nan* for another), while (5.16) still tells the loss.

# %% [markdown]
# Many programs start from probabilities instead, and guard the logarithm with a *clip*: $\hat y \leftarrow \min(\max(\hat y, \epsilon), 1 - \epsilon)$, said to keep the loss from
# becoming zero or negative. <!-- ledger: S4-34 --> No probability up to 1 has a negative surprise; the true reason is $\log 0$. And the clip has a price. Below $\epsilon$ the loss is constant:
#
# $$ \frac{\partial}{\partial \hat y}\Big({-\log \max(\hat y, \epsilon)}\Big) = \begin{cases} -1/\hat y & \hat y > \epsilon, \\ 0 & \hat y < \epsilon. \end{cases} \tag{5.19} $$
#
# The samples that the model gets most badly wrong teach it nothing: a *dead zone*. In `nnlib`, `CCE` and `BCE` clip at $10^{-12}$, for probabilities that come from elsewhere. To train, use the losses on logits.

# %%
cce, first = nnlib.losses.CCE(), np.array([0])
slopes, measured = [], []
for p in (0.5, 0.1, 1e-13):
    h = p / 1000
    above, below = (cce.value(np.array([[p + step, 0.5]]), first) for step in (h, -h))
    slopes.append(cce.grad(np.array([[p, 0.5]]), first)[0, 0])
    measured.append((above - below) / (2 * h))
verify("5.19", claimed=slopes, measured=measured, by="central differences, the last one below the clip", rtol=1e-5)

# %% [markdown] tags=["short-path"]
# ### Exercise 5.6 · Softmax cross-entropy, its value · 15 minutes · ●●○
# Write `softmax_cross_entropy(z, y)`: logits of shape `(B, K)`, targets either integer labels of shape `(B,)` or rows of weights of shape `(B, K)`. Return the mean loss. It must be right for
# logits of 1000, and for a true class 800 behind the best.

# %% tags=["exercise", "short-path"]
def softmax_cross_entropy(z, y):
    """Mean of sum_k y_k (LSE(z) - z_k), (5.16).  z: (B, K), y: (B,) labels or (B, K) rows -> float."""
    ### BEGIN SOLUTION
    c = z.max(axis=1, keepdims=True)
    lse = c + np.log(np.exp(z - c).sum(axis=1, keepdims=True))
    weights = np.eye(z.shape[1])[y] if y.ndim == 1 else y
    return float(np.sum(weights * (lse - z)) / len(z))
    ### END SOLUTION


# %% tags=["short-path"]
check("5.6", softmax_cross_entropy)
hint("5.6")

# %% [markdown]
# ### Exercise 5.7 · Break it: numbers that are too large · 12 minutes · ●●○
# Find out, by running it: (1) the first entry of `np.exp(z) / np.exp(z).sum()` for `z = [1000, 1001, 999]`, and (2) the second entry of the logarithm of the *shifted* softmax of
# `[0, -800]`, both as a text such as `"inf"`; (3) the largest whole number $n$ with `np.exp(n)` finite; (4) the smallest $n$ with `1 - 10.0**-n == 1`, so that a clip at $1 - 10^{-n}$ does
# nothing; (5) the slope of $-\log\max(p, 10^{-7})$ at $p = 10^{-9}$. Use `with np.errstate(all="ignore"):`.

# %% tags=["exercise"]
broken = dict(softmax_at_1000=..., log_at_gap_800=..., largest_exponent=..., lost_at=..., slope_under_clip=...)
### BEGIN SOLUTION
broken = dict(softmax_at_1000="nan", log_at_gap_800="-inf", largest_exponent=709, lost_at=17, slope_under_clip=0.0)
### END SOLUTION

# %% tags=["solution-only"]
with np.errstate(all="ignore"):
    z = np.array([1000.0, 1001.0, 999.0])
    print((np.exp(z) / np.exp(z).sum())[0], np.log(np.exp([0.0, -800.0]) / np.exp([0.0, -800.0]).sum())[1])
    print([n for n in range(700, 720) if np.isfinite(np.exp(n))][-1])
print([n for n in range(10, 20) if 1 - 10.0**-n == 1][0])
print((math.log(max(1e-9 + 1e-12, 1e-7)) - math.log(max(1e-9 - 1e-12, 1e-7))) / 2e-12)

# %%
check("5.7", broken)
hint("5.7")

# %% [markdown] tags=["instructor"]
# **5.6, 30 minutes.** Let somebody type softmax naively and feed it 1000. On the bench ask for a setting where the naive code says *inf*, and one where it says *nan*. Expect "the shift changes
# the probabilities" and "clip at 1e-300 to be safe". Short of time: leave out the clip; exercise 5.7 as homework.

# %% [markdown]
# ## 5.7 How sure should a model be?
#
# By (5.4) the loss of a target row $y$ is lowest when the probabilities equal it. If all $y_k$ are positive, (5.12) tells which logits do that:
#
# $$ z_k - z_m = \log\frac{y_k}{y_m}. \tag{5.20} $$
#
# A one-hot target has zeros, and no finite logits reach it: training goes on and on pulling them apart, and a sample with a wrong label pulls hardest of all. *Label smoothing* takes a little
# probability $\varepsilon$ from the label and spreads it evenly over all $K$ classes: $y \leftarrow (1 - \varepsilon)\, y + \varepsilon / K$. For $K = 4$ and $\varepsilon = 0.1$ the row $(1, 0, 0, 0)$ becomes
# $(0.925, 0.025, 0.025, 0.025)$.

# %%
logits, targets = np.zeros((2, 4)), np.array([[0.925, 0.025, 0.025, 0.025], [0.4, 0.3, 0.2, 0.1]])
for _ in range(3000):
    logits -= 8 * nnlib.losses.SoftmaxCrossEntropy().grad(logits, targets)
verify("5.20", claimed=np.log(targets[:, :1] / targets[:, 1:]), measured=logits[:, :1] - logits[:, 1:],
       by="3,000 steps of gradient descent on the logits")

# %% [markdown]
# Descent comes to rest at finite logits. The price: the loss cannot fall below the entropy of the smoothed row, here 0.35. So compare losses only where the targets were smoothed alike.

# %% [markdown]
# ### Exercise 5.8 · The smoothed optimum · 12 minutes · ●●●
# Derive on paper how far the logit of the label lies above each other one at the optimum of the smoothed loss. Then write it as `best_gap(K, eps)`, for $0 < \varepsilon \le 1$. Which $\varepsilon$
# makes the best gap for $K = 10$ about 5?

# %% tags=["exercise"]
def best_gap(K, eps):
    """Difference between the label's logit and each other one at the optimum of the smoothed loss -> float."""
    ### BEGIN SOLUTION
    return math.log(1 + K * (1 - eps) / eps)
    ### END SOLUTION


# %%
check("5.8", best_gap)
hint("5.8")

# %% [markdown] tags=["solution-only"]
# The label has the smoothed target $1 - \varepsilon + \varepsilon/K$, each other class $\varepsilon/K$. By (5.20) the gap is the logarithm of their ratio, $\log\big(1 + K(1-\varepsilon)/\varepsilon\big)$.
# For a gap of 5: $e^5 - 1 = 10\,(1-\varepsilon)/\varepsilon$, so $\varepsilon = 10 / (10 + e^5 - 1) \approx 0.064$.

# %% [markdown] tags=["instructor"]
# **5.7, 10 minutes.** Ask: what happens to weights that are trained on separable data without smoothing? (They grow for ever, logarithmically in the number of steps.) Can be left out altogether.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - One principle: the loss is the mean surprise $-\log p_\theta(y_i \mid x_i)$, (5.1). It is a cross-entropy, with the entropy of the data as its floor, (5.3), (5.4).
# - Normal noise gives the squared error and the mean, Laplace noise the absolute error and the median, (5.5) to (5.7).
# - Sigmoid with binary cross-entropy: $\partial\ell/\partial z = a - y$, (5.10). No saturation.
# - Work with logits: $\ell = \mathrm{LSE}(z) - z_{k_i}$, (5.16), with the largest logit taken out, (5.15). A clip makes a dead zone, (5.19).
# - Ten times less probability for the truth costs 2.3 more; a network that knows nothing has the loss $\log K$, (5.17).

# %% tags=["short-path"]
quiz("05-exit")

# %% [markdown]
# **Further reading.** C. E. Shannon, *A mathematical theory of communication*, Bell System Technical Journal 27, 1948. · S. Kullback and R. A. Leibler, *On information and sufficiency*, Annals of
# Mathematical Statistics 22, 1951. · P. J. Huber, *Robust estimation of a location parameter*, Annals of Mathematical Statistics 35, 1964. · J. S. Bridle, *Probabilistic interpretation of feedforward classification
# network outputs, with relationships to statistical pattern recognition*, Neurocomputing, Springer, 1990. · C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, *Rethinking the Inception architecture for computer
# vision*, CVPR, 2016 (label smoothing). · C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, chapters 1 and 4.
