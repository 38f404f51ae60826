# %% [markdown]
# # 00 · Orientation: arrays, batches, and how to test a derivative
#
# About 90 minutes; the short path, marked ▸, takes 35. You need school algebra, the derivative of a power, and a little Python.
#
# **Are you on Binder?** That machine forgets everything when it has been idle for some minutes. The cell in section 0.2 puts your
# work into one file for you to download; the same section says how to bring it back.

# %% tags=["short-path"]
import numpy as np

import nnlib
from nnlib.workbook import check, hint, plots, predict, progress, quiz, refute, save_work, show, start, verify

start("00")

# %% [markdown]
# Three questions, two minutes. If one of them is hard, read up on powers and their derivatives, on the product of a matrix
# and a column, or on Python's `range`; nothing else is taken for granted.

# %%
quiz("00-ready")

# %% [markdown] tags=["short-path"]
# ## 0.1 ▸ Where does this road lead?
#
# Here are 1,797 handwritten digits, each an image of 8 by 8 grey values, written by people and collected for research. We mix
# them with a fixed seed, show 1,437 to a small neural network together with the right answers, and keep 360 back.
# The network is a chain of three simple functions with 9,610 adjustable numbers between them. *Training* adjusts these numbers a
# little at a time, so that its answers to the shown digits get better. <!-- ledger: S4-03 -->

# %% tags=["short-path"]
from nnlib.activations import ReLU
from nnlib.layers import Dense
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.network import Network
from nnlib.optimizers import Adam

X, y = nnlib.data.load_digits()


def train(seed):
    """A network trained on 1,437 digits chosen by the seed, and the numbers of the 360 it never saw."""
    order = np.random.default_rng(seed).permutation(len(X))
    shown, held_out = order[:1437], order[1437:]
    net = Network([Dense(64, 128), ReLU(), Dense(128, 10)], loss=SoftmaxCrossEntropy(), rng=seed)
    nnlib.training.fit(net, X[shown], y[shown], optimizer=Adam(0.003), epochs=30, batch_size=32,
                       rng=seed, progress=False)
    return net, held_out


net, held_out = train(seed=0)

# %% [markdown] tags=["short-path"]
# **Before you run the next cell:** of the 360 digits it never saw, how many will it name correctly?

# %% tags=["short-path"]
predict("0.1-digits", "about 50 %", "about 80 %", "about 97 %", "all of them")

# %% tags=["short-path"]
scores, missed = [], []
for seed in range(5):
    trained, unseen = train(seed)
    answers = trained.predict_classes(X[unseen])
    scores.append(nnlib.metrics.accuracy(answers, y[unseen]))
    missed += [(i, answer) for i, answer in zip(unseen, answers, strict=True) if answer != y[i]]
print("mean over five splits: above 97 %" if np.mean(scores) > 0.97 else "mean over five splits: 97 % or less")

# %% [markdown]
# One split is one throw of the dice: from split to split the score moves by about two per cent, so no single one is a result.
# That is why we take five, chosen before we looked, and report their mean. Which digits do they get wrong?

# %%
plots.images(X[[i for i, _ in missed[:7]]], [f"{y[i]}, read as {answer}" for i, answer in missed[:7]],
             title="What is read wrongly is hard to read",
             words="Seven handwritten digits of 8 by 8 grey values which a network reads wrongly; most are smudged or cut "
                   "off, and a person would hesitate too.")

# %% [markdown]
# Now play. Choose a digit and shift it, or draw one yourself (with the mouse, a finger, or the arrow keys and the space bar). What
# shift does it take until the network, so good a moment ago, is lost?

# %%
from nnlib.workbook.benches.ch00 import DigitBench

DigitBench(net, X[held_out[:20]], y[held_out[:20]])

# %% [markdown]
# You saw it: two pixels to the side, nothing to a human eye, and the answer breaks. The network has learned which *pixels* go with
# which digit, not what a digit is. Knowing exactly what it computes tells us why, and that is what this book is about.
#
# The numbers that training adjusts are called *parameters* (weights and biases). With thousands of them a network could
# remember every example it has seen; the aim is to fit the examples and still be right on new ones. That is why we judged it on
# digits that were held back. <!-- ledger: S4-02 -->
#
# Naming a digit is *classification*; predicting a number, such as a price, is *regression*. You may read of clustering as a third
# main task: it has no right answers to learn from, so the losses of this book do not apply to it, and we leave it
# out. <!-- ledger: S4-01 -->
#
# **By the end you will have written every line of this yourself**: the layers, the loss, its gradient, the optimizer, the
# loop.

# %% [markdown] tags=["instructor"]
# **0.1, 10 minutes.** Run it live, and ask for the prediction by a show of hands. Let somebody draw a digit on the bench. Ask: what would
# the network say to a blank image, and why must it say something? Expect: "it is 97 % sure, so it is right 97 % of the time"
# (not so: chapter 15). Short of time: skip the five splits.

# %% [markdown]
# ## 0.2 How this book works
#
# Some people call training neural networks experimental mathematics: one tries, looks, and explains afterwards. That is an opinion,
# but a useful one. <!-- ledger: S1-04 --> So before each experiment you commit to a *prediction*, then you measure.
# Equations are treated alike: each numbered result is **verified** in front of you by a way that does not use it, and where a
# well-known text says something wrong, you see it **fail**.
#
# An exercise ends in a `check`. It does more than compare: it knows the mistakes that people make, and tells you which one
# yours is. A right answer that builds a part of the library is kept in `my_nnlib/`, and in the last chapter you train the digits on it.
# `hint` opens in three stages. `progress()` shows where you are. Nothing leaves your disk.

# %%
progress()

# %% [markdown]
# **Save your work.** On your own computer everything stays where it is. On Binder, save the notebook (Ctrl+S), run the next
# cell, and download the file. To bring it back later: upload the file into the folder `chapters`, and run
# `from nnlib.workbook import restore_work; restore_work()`.

# %%
save_work()

# %% [markdown] tags=["short-path"]
# ## 0.3 ▸ What is the shape of this thing?
#
# Nearly every mistake in this field is a mistake of shape. So we begin there.
#
# A number is a *scalar*. A row of numbers is a *vector*, a table a *matrix*; blocks of tables go on from there, and are often
# called *tensors*. For us all of these are *arrays*, and what tells them apart is the **shape**: how many entries
# there are along each axis, from the outermost bracket to the innermost. <!-- ledger: S4-15 -->
#
# $$ \text{shape of } a \;=\; (n_1, n_2, \dots, n_k), \qquad
#    \text{entry } a_{i_1 i_2 \dots i_k} \text{ with } 0 \le i_r < n_r. \tag{D0.1} $$
#
# Three blocks of two rows of four numbers have the shape $(3, 2, 4)$. <!-- ledger: S4-14 --> Each choice of all indices is one entry, and
# the indices are chosen independently, so the choices multiply:
#
# $$ \text{number of entries} \;=\; n_1\, n_2 \cdots n_k. \tag{0.1} $$

# %%
c = np.arange(24).reshape(3, 2, 4)
counted = sum(1 for block in c for row in block for number in row)
verify("0.1", claimed=np.prod(c.shape), measured=counted, by="counting them one by one")

# %% [markdown]
# The first axis is the outermost: `c[0]` is one block of shape $(2, 4)$, `c[0, 1]` one row of shape $(4,)$.
#
# > **You will read** that the rows of an array must be *homologous*. The word is **homogeneous**: all rows have one length and all
# > entries one type. What is not so is refused. <!-- ledger: S4-13 -->

# %%
try:
    np.array([[1, 2], [3]], dtype=float)
except ValueError:
    print("refused: the second row is shorter")

# %% [markdown]
# ### Exercise 0.1 · Ten shapes · 8 minutes · ●○○
# Write the ten shapes down **before** you let Python tell you. `c` is the array above.

# %% tags=["exercise"]
shapes = dict(
    a=...,  # [1, 2, 3]
    b=...,  # [[1, 2, 3], [4, 5, 6]]
    c=...,  # c
    d=...,  # [[1], [2], [3]]
    e=...,  # c[0, 1]
    f=...,  # X @ W      with X of shape (5, 3) and W of shape (3, 2)
    g=...,  # X @ w      with w of shape (3,)
    h=...,  # A.sum(axis=0)   with A of shape (5, 2)
    i=...,  # A + b      with b of shape (2,)
    j=...,  # A.sum()
)
### BEGIN SOLUTION
shapes = dict(a=(3,), b=(2, 3), c=(3, 2, 4), d=(3, 1), e=(4,), f=(5, 2), g=(5,), h=(2,), i=(5, 2), j=())
### END SOLUTION

# %%
check("0.1", shapes)
hint("0.1")

# %% [markdown] tags=["instructor"]
# **0.2 and 0.3, 15 minutes.** Ask: what is the shape of a colour photograph, of a film, of a batch of films? Expect $(3,)$ and $(3,1)$
# to be mixed up; write both out with brackets. Short of time: entries a, b, f, i of the exercise carry the rest.

# %% [markdown] tags=["short-path"]
# ## 0.4 ▸ Why does everything come in batches?
#
# A *data set* is $N$ samples with $d_0$ features each, and the target that belongs to each sample. We write samples as
# **rows**, for the whole of this book:
#
# $$ X \in \mathbb R^{N \times d_0}, \qquad Y \in \mathbb R^{N \times d_L}, \qquad
#    \theta = (\theta_1, \dots, \theta_M) \in \mathbb R^M. \tag{D0.2} $$
#
# $X$ holds the inputs, $Y$ the targets ($d_L$ numbers for each sample), and $\theta$ all $M$ parameters of the model in one
# list. <!-- ledger: S0-05 -->
#
# > **You will read** the data set written as a *set*, in curly braces. A set has no order and knows no repeats, while data have both.

# %%
rows = [(1.0, 2.0), (1.0, 2.0), (3.0, 4.0)]
refute("S0-05", "the data are the set {x_1, ..., x_N}; here, of three samples.",
       claimed=len(set(rows)), measured=np.array(rows).shape[0], by="counting the rows of the array")

# %% [markdown]
# One layer of a network takes $d_0$ features to $d_1$ sums. For sample $i$ and sum $m$, with weights $W_{jm}$ (from feature $j$ to
# sum $m$) and a bias $b_m$, it computes $z_{im} = \sum_j x_{ij} W_{jm} + b_m$. The index $j$ is summed over, and it stands at the
# end of one factor and at the start of the other: that is what a matrix product does. The bias has no index $i$, so the same row is
# added everywhere, which NumPy calls *broadcasting*:
#
# $$ z_{im} = \sum_{j} x_{ij} W_{jm} + b_m \quad\text{for all } i, m \qquad\Longleftrightarrow\qquad Z = XW + b. \tag{0.2} $$

# %%
rng = np.random.default_rng(0)
X_small, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
Z = [[sum(X_small[i, j] * W[j, m] for j in range(3)) + b[m] for m in range(2)] for i in range(4)]
layer = Dense(3, 2)
layer.W[:], layer.b[:] = W, b
verify("0.2", claimed=[X_small @ W + b, layer.forward(X_small)], measured=[Z, Z], by="three nested loops", rtol=1e-12)

# %% [markdown]
# So `X @ W + b` is the equation, all samples at once, and `nnlib`'s layer does nothing else. Its first line checks the shape.

# %%
show(nnlib.layers.Dense.forward)

# %% [markdown] tags=["instructor"]
# **0.4, 10 minutes.** Write one entry of $XW$ out on the board, with colours for the summed index. Ask: what would change if samples
# were columns? (The order of every product; both conventions exist, and mixing them is the mistake to expect.)

# %% [markdown]
# ## 0.5 How many numbers is that?
#
# Let the widths of a network be $d_0, d_1, \dots, d_L$. Layer $l$ has a weight for each pair of one unit before and one unit behind,
# $d_{l-1} d_l$ of them, and a bias for each of its own $d_l$ units. Together $(d_{l-1}+1)\,d_l$, and the layers add up:
#
# $$ M = \sum_{l=1}^{L} (d_{l-1} + 1)\, d_l. \tag{0.3} $$

# %%
def count(widths):
    return sum((d_in + 1) * d_out for d_in, d_out in zip(widths, widths[1:], strict=False))


def hold(widths):
    layers = [Dense(d_in, d_out) for d_in, d_out in zip(widths, widths[1:], strict=False)]
    return Network(layers, rng=0).theta.size


nets = [(2, 1), (64, 128, 10), (784, 10), (784, 128, 10)]
verify("0.3", claimed=[count(net) for net in nets], measured=[hold(net) for net in nets], by="asking the networks how many numbers they hold")

# %% [markdown]
# > **You will read** that practical models have $10^3$ to $10^5$ parameters. <!-- ledger: S0-10 --> It was a fair remark about small
# > models once. A network for 28 by 28 images with a single hidden layer of 128 units is already beyond it, and the models in the
# > news reach $10^{12}$.

# %%
refute("S0-10", "practical models have at most 100,000 parameters.", claimed=1e5, measured=count((784, 128, 10)),
       relation="at most", by="counting those of the network 784-128-10")

# %% [markdown]
# ### Exercise 0.2 · Count the parameters · 8 minutes · ●○○
# Write `count_parameters(widths)` for a list of widths, without looking at the cell above. Then find, by trying, the smallest hidden
# width for which a network 784-?-10 has more than 100,000 parameters.

# %% tags=["exercise"]
def count_parameters(widths):
    """Number of weights and biases of a network with these widths, equation (0.3)."""
    ### BEGIN SOLUTION
    return sum((d_in + 1) * d_out for d_in, d_out in zip(widths, widths[1:], strict=False))
    ### END SOLUTION


# %%
check("0.2", count_parameters)
hint("0.2")

# %% [markdown] tags=["solution-only"]
# The smallest hidden width is 126: $785 \cdot 126 + 127 \cdot 10 = 100{,}180$, while 125 gives 99,385.

# %% [markdown] tags=["short-path"]
# ## 0.6 ▸ Can we find a slope without calculus?
#
# Training needs derivatives: by how much does the loss change when a parameter moves a little? In the chapters to come we derive
# them by hand, and everybody who does this makes mistakes. So first we build a judge: a way to *measure* a derivative with nothing
# but values of the function.
#
# $$ f'(x) \;=\; \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}. \tag{D0.3} $$
#
# A computer cannot take the limit; it takes a small $h$. How wrong is that? Taylor's formula says what $f$ is near $x$:
#
# $$ f(x+h) = f(x) + h f'(x) + \tfrac{h^2}{2} f''(x) + \tfrac{h^3}{6} f'''(x) + O(h^4). $$
#
# Here $O(h^4)$ stands for terms that shrink at least as fast as $h^4$. Subtract $f(x)$ and divide by $h$:
#
# $$ \frac{f(x+h)-f(x)}{h} \;=\; f'(x) + \frac h2 f''(x) + O(h^2). \tag{0.4} $$
#
# This is the *forward difference*. Now step to the other side as well: in $f(x-h)$ the odd powers change their sign. In the difference
# $f(x+h) - f(x-h)$ the even ones therefore cancel, the odd ones double, and after dividing by $2h$
#
# $$ \frac{f(x+h)-f(x-h)}{2h} \;=\; f'(x) + \frac{h^2}{6} f'''(x) + O(h^4). \tag{0.5} $$
#
# The *central difference* costs the same two evaluations, and its error falls with the square of $h$.

# %%
x = 1.0
known = {  # a function, and its first three derivatives, by the rules of school
    "sin": (np.sin, np.cos(x), -np.sin(x), -np.cos(x)),
    "exp": (np.exp, np.exp(x), np.exp(x), np.exp(x)),
    "x⁴": (lambda x: x**4, 4 * x**3, 12 * x**2, 24 * x),
}
h = 1e-4
forward = [(f(x + h) - f(x)) / h - d1 for f, d1, d2, d3 in known.values()]
verify("0.4", [h / 2 * d2 for _, _, d2, _ in known.values()], forward, by="the real error at h = 1e-4", rtol=1e-3)
h = 1e-2
central = [(f(x + h) - f(x - h)) / (2 * h) - d1 for f, d1, d2, d3 in known.values()]
verify("0.5", [h**2 / 6 * d3 for _, _, _, d3 in known.values()], central, by="the real error at h = 1e-2", rtol=1e-3)

# %% [markdown] tags=["short-path"]
# **Before you go on:** with which $h$ will the central difference be most exact?

# %% tags=["short-path"]
predict("0.6-best-h", "h = 0.1", "h = 0.00001", "h = 0.0000000001", "the smaller the better")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch00 import ErrorAgainstH

ErrorAgainstH()

# %% [markdown] tags=["short-path"]
# Smaller is *not* better. (The lowest curve is for section 0.7.) From right to left the error first falls along a straight line, as (0.5) promises; at about $10^{-5}$ it
# turns round and climbs again, in a ragged way. What is at work on the left?
#
# The computer keeps about 16 digits: it stores $f(x)$ with an error of up to $\varepsilon |f|$, where
# $\varepsilon \approx 1.1\cdot 10^{-16}$. The difference of two such values can be off by $2\varepsilon|f|$, and dividing by $2h$ makes of it
# $\varepsilon |f| / h$: the smaller $h$, the larger. Add the error of (0.5), and the worst case is
# $E(h) = \varepsilon |f|/h + \tfrac{h^2}{6}|f'''|$. It is smallest where its derivative
# $-\varepsilon|f|/h^2 + \tfrac h3 |f'''|$ vanishes:
#
# $$ h^\ast = \sqrt[3]{\frac{3\,\varepsilon\,|f|}{|f'''|}} \;\sim\; \varepsilon^{1/3} \approx 5\cdot 10^{-6}. \tag{0.6} $$

# %%
steps = np.logspace(-8, -1, 200_001)
sizes = {name: (abs(f(x)), abs(d3)) for name, (f, _, _, d3) in known.items()}
best = [steps[np.argmin(1.1e-16 * value / steps + steps**2 / 6 * third)] for value, third in sizes.values()]
verify("0.6", claimed=[(3 * 1.1e-16 * value / third) ** (1 / 3) for value, third in sizes.values()], measured=best,
       by="trying 200,001 steps on E(h)", rtol=1e-3)

# %% [markdown] tags=["short-path"]
# For a function of many variables we move one of them at a time. This is `nnlib`'s judge, written for functions with any number of
# outputs; `numeric_grad` is the case of one:

# %% tags=["short-path"]
show(nnlib.gradcheck.numeric_jacobian)

# %% [markdown] tags=["short-path"]
# ### Exercise 0.3 · The central difference · 12 minutes · ●●○
# Write `numeric_grad(f, x, h)`: `f` takes an array of shape `(n,)` and gives a number; return the array of its $n$ slopes at `x`. Do not
# change `x` itself.

# %% tags=["exercise", "short-path"]
def numeric_grad(f, x, h=1e-5):
    """Gradient of f at x by central differences, equation (0.5).  x: (n,) -> (n,)."""
    ### BEGIN SOLUTION
    g = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        g[i] = (f(x + step) - f(x - step)) / (2 * h)
    return g
    ### END SOLUTION


# %% tags=["short-path"]
check("0.3", numeric_grad)
hint("0.3")

# %% [markdown]
# ### Exercise 0.4 · Break it: the step · 10 minutes · ●●○
# For $f = \sin$ at $x = 1$ compute the error of the forward and of the central difference for $h = 10^{-1}, 10^{-2}, \dots,
# 10^{-16}$, and print both columns. At which exponent is each smallest? And which error rules on the left branch (small $h$), which on the
# right: `"rounding"` or `"truncation"`?

# %% tags=["exercise"]
found = dict(best_forward=..., best_central=..., left_branch=..., right_branch=...)
### BEGIN SOLUTION
found = dict(best_forward=-8, best_central=-5, left_branch="rounding", right_branch="truncation")
### END SOLUTION

# %% tags=["solution-only", "nbval-ignore-output"] excuse="the last digits are rounding noise, which differs between machines"
for exponent in range(-1, -17, -1):
    h = 10.0**exponent
    forward = abs((np.sin(1 + h) - np.sin(1)) / h - np.cos(1))
    central = abs((np.sin(1 + h) - np.sin(1 - h)) / (2 * h) - np.cos(1))
    print(f"1e{exponent:<4} forward {forward:.0e}   central {central:.0e}")

# %%
check("0.4", found)
hint("0.4")

# %% [markdown]
# ### Exercise 0.5 · Proof: the error term and the best step · 15 minutes · ●●●
# On paper. (a) Prove (0.5) with a remainder in place of $O(h^4)$, for an $f$ with five continuous derivatives. (b) Do for the forward
# difference what (0.6) does for the central one: where is its best step, and how small is its error there? Compare with
# exercise 0.4. Then open the worked solution and grade yourself with its rubric.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) Taylor with Lagrange's remainder: $f(x \pm h) = f \pm h f' + \frac{h^2}{2}f'' \pm \frac{h^3}{6} f''' + \frac{h^4}{24} f^{(4)}
# \pm \frac{h^5}{120} f^{(5)}(\xi_\pm)$ with $\xi_\pm$ between $x$ and $x \pm h$. Subtract: the even powers cancel. Divide by $2h$:
# the quotient is $f' + \frac{h^2}{6} f''' + \frac{h^4}{120} \cdot \frac{f^{(5)}(\xi_+) + f^{(5)}(\xi_-)}{2}$. By the intermediate value
# theorem the last mean is a value $f^{(5)}(\xi)$ with $|\xi - x| \le h$. $\square$
#
# (b) $E(h) = 2\varepsilon|f|/h + \frac h2 |f''|$, with the derivative $-2\varepsilon|f|/h^2 + \frac12|f''|$, which vanishes at
# $h^\ast = 2\sqrt{\varepsilon |f|/|f''|} \sim \varepsilon^{1/2} \approx 10^{-8}$. There both parts are equal, and
# $E(h^\ast) = 2\sqrt{\varepsilon |f|\,|f''|} \sim 10^{-8}$: half of the digits are lost. The central difference loses a third of them:
# $E \sim \varepsilon^{2/3} \approx 10^{-11}$.
#
# **Rubric** (10 points): remainder written down for both sides 2 · even powers cancel, said why 2 · the two remainders joined by the
# intermediate value theorem 2 · $E(h)$ with the rounding part $2\varepsilon|f|/h$ 2 · minimum found and its size compared 2.

# %% [markdown] tags=["instructor"]
# **0.6, 25 minutes.** Draw the V by hand before you open the bench. Ask: where would the turning point be with float32?
# ($\varepsilon \approx 6\cdot10^{-8}$: near $5 \cdot 10^{-3}$.) Expect "rounding is a small effect": let them print
# $\sin(1 + 10^{-16}) - \sin(1)$. Short of time: state (0.6), skip its derivation.

# %% [markdown]
# ## 0.7 And without the subtraction?
#
# Rounding hurts because two nearly equal numbers are subtracted. There is a way round. Let $f$ be given by a power series, as sums,
# products, $\exp$ or $\tanh$ are, and step in the *imaginary* direction: with $i^2 = -1$, $i^3 = -i$,
#
# $$ f(x + ih) = f(x) + ih f'(x) - \tfrac{h^2}{2} f''(x) - \tfrac{ih^3}{6} f'''(x) + O(h^4). $$
#
# The slope stands alone in the imaginary part. Take that part and divide by $h$:
#
# $$ \frac{\operatorname{Im} f(x+ih)}{h} \;=\; f'(x) - \frac{h^2}{6} f'''(x) + O(h^4). \tag{0.7} $$
#
# The error is as large as that of the central difference, with the other sign. But nothing is subtracted, so nothing is lost, and $h$ may be as small as we like: with $h = 10^{-30}$ the error term is far
# below the last digit.

# %%
h = 1e-2
error = [f(x + 1j * h).imag / h - d1 for f, d1, _, _ in known.values()]
verify("0.7", [-(h**2) / 6 * d3 for _, _, _, d3 in known.values()], error, by="the real error at h = 1e-2", rtol=1e-3)
slopes = [nnlib.gradcheck.complex_grad(f, x) for f, *_ in known.values()]
verify("0.7", slopes, [d1 for _, d1, *_ in known.values()], by="the rules of school, for h = 1e-30", rtol=1e-14)

# %% [markdown]
# Fourteen digits instead of ten. `nnlib` has this as `complex_grad`, and the book uses it wherever the function lets complex numbers
# through (Squire and Trapp, 1998).

# %%
show(nnlib.gradcheck.complex_grad)

# %% [markdown]
# ### Exercise 0.6 · When the complex step fails · 12 minutes · ●●●
# Will the complex step at $x = -0.7$ give the true slope? Decide (`True` or `False`) first, then try. Three of these are ways to
# write $|x|$.

# %% tags=["exercise"]
works = dict(
    a=...,  # np.exp(x) * np.sin(x)
    b=...,  # np.abs(x)
    c=...,  # x * np.conj(x)
    d=...,  # np.where(x.real < 0, -x, x)
    e=...,  # float(x.real) ** 2
    f=...,  # x ** 3
    g=...,  # np.sqrt(x ** 2)
)
### BEGIN SOLUTION
works = dict(a=True, b=False, c=False, d=True, e=False, f=True, g=True)
### END SOLUTION

# %%
check("0.6", works)
hint("0.6")

# %% [markdown] tags=["short-path"]
# ## 0.8 ▸ When do two gradients agree?
#
# A formula claims a gradient $g$; the judge measures $\hat g$. They never agree in every digit. How large may the difference be? That
# depends on the size of both, so we take the **relative error**
#
# $$ r(g, \hat g) = \frac{\lVert g - \hat g\rVert}{\lVert g\rVert + \lVert \hat g\rVert}, \qquad r(0, 0) = 0, \tag{D0.4} $$
#
# where $\lVert g\rVert = \sqrt{\sum_k g_k^2}$. It lies between 0 (equal) and 1 (opposite, or one of them zero), and does not care about units. Central
# differences on smooth functions reach $10^{-7}$ and better; a wrong formula rarely stays below $10^{-2}$. In between, look closer.

# %% tags=["short-path", "nbval-ignore-output"] excuse="the size of an error near rounding differs between machines"
def f(x):
    return np.sum(x**3) + x[0] * x[1]


x = np.array([1.0, -2.0, 0.5])
print(nnlib.gradcheck.gradient_check(f, 3 * x**2 + [x[1], x[0], 0], x))
print(nnlib.gradcheck.gradient_check(f, 3 * x**2, x))

# %% [markdown]
# The first gradient is right. In the second the term $x_0 x_1$ was forgotten, and the report names the worst entry.
#
# One measurement can test all entries at once. Walk from $x$ along a direction $d$: by the chain rule each entry of $x$ contributes
# its slope times its share of the direction,
#
# $$ \frac{d}{dt} f(x + t\,d)\Big|_{t=0} \;=\; \sum_k \frac{\partial f}{\partial x_k}\, d_k. \tag{0.8} $$
#
# For a random $d$ a wrong gradient is found out almost surely, for two evaluations instead of two for each entry.

# %%
d = np.random.default_rng(3).normal(size=3)
along = f(x + 1e-30j * d).imag / 1e-30
verify("0.8", claimed=(3 * x**2 + [x[1], x[0], 0]) @ d, measured=along, by="the complex step along d", rtol=1e-12)
verify("0.8", claimed=nnlib.gradcheck.numeric_grad(f, x) @ d, measured=along, by="the complex step along d", rtol=1e-7)

# %% [markdown] tags=["short-path"]
# ### Exercise 0.7 · Your own judge · 10 minutes · ●●○
# Write `relative_error(claimed, measured)` for two arrays of one shape, after (D0.4).

# %% tags=["exercise", "short-path"]
def relative_error(claimed, measured):
    """Relative error of two gradients, (D0.4).  Two arrays of one shape -> float in [0, 1]."""
    ### BEGIN SOLUTION
    size = np.linalg.norm(claimed) + np.linalg.norm(measured)
    return float(np.linalg.norm(claimed - measured) / size) if size > 0 else 0.0
    ### END SOLUTION


# %% tags=["short-path"]
check("0.7", relative_error)
hint("0.7")

# %% [markdown] tags=["instructor"]
# **0.7 and 0.8, 20 minutes.** The complex step surprises: let them guess its error at $h = 10^{-30}$ first. Ask for a gradient that
# (0.8) does not find out (one whose error is orthogonal to $d$). Expect "relative error 0.5, so it is half right". Short of time: skip 0.7.

# %% [markdown]
# ## 0.9 One language for five dialects
#
# Texts on neural networks use one letter for different things and different letters for one thing: σ is a loss here, a sigmoid there, an
# activation elsewhere. In this book one symbol has one meaning.
#
# | symbol | code | meaning | shape |
# |---|---|---|---|
# | $X$, $Y$ | `X`, `y` | inputs, targets | $(N, d_0)$, $(N, d_L)$ |
# | $W^{(l)}$, $b^{(l)}$ | `W`, `b` | weights $W_{jm}$ from unit $j$ to unit $m$, biases | $(d_{l-1}, d_l)$, $(d_l,)$ |
# | $Z^{(l)}$ | `z` | sums before the activation function | $(B, d_l)$ |
# | $A^{(l)}$, $\hat Y$ | `a`, `y_hat` | activations; those of the last layer | $(B, d_l)$ |
# | $\theta$, $g$ | `theta`, `grad` | all parameters, and the gradient, each in one list | $(M,)$ |
# | $L$ | `loss` | mean loss over the batch | a number |
# | $\eta$, $\mu$ | `lr`, `momentum` | learning rate, momentum | numbers |
# | $N$, $B$ | | size of the data set, of a batch | |
#
# <details><summary>If you come from another text: a translation</summary>
#
# - Superscripts that name layers by letters, $(x)$ for input to hidden and $(h)$ for hidden to output, become numbers:
#   $W^{(x)} = W^{(1)}$, $W^{(h)} = W^{(2)}$, $z^{(h)} = z^{(1)}$, $z^{(o)} = z^{(2)}$. <!-- ledger: S2-37 -->
# - Where $\Theta$ is the matrix of a layer's outputs and $\theta$ one unit's output, we write $A^{(l)}$ and $a$: here θ is kept for the parameters.
#   The same text may use θ for both. <!-- ledger: S4-12 -->
# - A weight written $w_{kl}$, *to* $k$ *from* $l$, is our $W_{lk}$.
# - $\alpha$ is a learning rate in some texts and a momentum in others.
#
# </details>

# %% [markdown]
# ### Exercise 0.8 · Five dialects, one language · 6 minutes · ●○○
# Five formulas from five texts. What is the underlined symbol in the code of this book? Choose from `"L"`, `"eta"`, `"mu"`, `"W"`, `"b"`, `"z"`,
# `"a"`, `"theta"`.
#
# - a: $\;g_i = \partial \underline{\sigma} / \partial p_i$, and $\sigma$ is the mean of squared differences
# - b: $\;w \leftarrow w - \underline{\epsilon_k}\, \hat g$, and $\hat g$ is the gradient of a batch
# - c: $\;\psi_k = \sum_l \underline{w_{kl}}\, o_l + \beta_k$
# - d: $\;\underline{\theta} = \mathrm{ReLU}(\sum_j w_j x_j + b)$
# - e: $\;\Delta w^{t} = \underline{\alpha}\, \Delta w^{t-1} - \eta\, \nabla L$

# %% tags=["exercise"]
ours = dict(a=..., b=..., c=..., d=..., e=...)
### BEGIN SOLUTION
ours = dict(a="L", b="eta", c="W", d="a", e="mu")
### END SOLUTION

# %%
check("0.8", ours)
hint("0.8")

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - Write the shape under every symbol. Rows are samples: $Z = XW + b$, (0.2).
# - A network has $M = \sum_l (d_{l-1}+1)\,d_l$ parameters, (0.3).
# - The central difference has the error $\frac{h^2}{6} f'''$ plus rounding over $h$; its best step is near $10^{-5}$, (0.5), (0.6).
# - The complex step subtracts nothing, (0.7). The judge is the relative error, (D0.4).
#
# Three questions to end with:

# %% tags=["short-path"]
quiz("00-recall")

# %% [markdown]
# **Further reading.** W. Squire and G. Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40, 1998. ·
# N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, SIAM, 2nd edition 2002, chapter 1. · E. Alpaydin and
# C. Kaynak, *Optical recognition of handwritten digits*, UCI Machine Learning Repository, 1998 (the data).

# %% [markdown] tags=["instructor"]
# **0.9 and the end, 10 minutes.** Hand the translation table out on paper. The last quiz can be asked aloud. Exercises 0.6 and 0.7 make
# good homework.
