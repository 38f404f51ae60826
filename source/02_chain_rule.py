# %% [markdown]
# # 02 · Chain rule, computation graphs, autodiff
#
# About 150 minutes; the short path, marked ▸, takes 75. You need chapters 00 and 01: difference quotients, the complex step, the gradient of one neuron.
#
# In chapter 01 we found one gradient by hand. Here we find the rule behind it, and then we build a machine that applies the rule to any program.

# %% tags=["short-path"]
import numpy as np

import nnlib
import nnlib.autodiff.numpy as anp
from nnlib.autodiff import defvjp, grad, hessian, jacobian, make_vjp, primitive, value_and_grad
from nnlib.gradcheck import complex_grad, numeric_grad, numeric_jacobian
from nnlib.workbook import check, hint, plots, predict, quiz, refute, show, start, verify

start("02")

# %% [markdown] tags=["short-path"]
# Three questions on what you will need. If one is hard, go back to [difference quotients](00_orientation.ipynb#0.6-▸-Can-we-find-a-slope-without-calculus?) or to
# [the gradient of one neuron](01_one_neuron.ipynb#1.3-▸-Which-way-is-down?) first.

# %% tags=["short-path"]
quiz("02-recall")

# %% [markdown] tags=["short-path"]
# ## 2.1 ▸ What becomes of a small change?
#
# A machine takes $x$ and makes $u = g(x)$ of it, and a second machine makes $y = f(u)$. Turn the first knob a little, by $h$. The derivative says what
# comes out of the first machine: $u$ moves by about $g'(x)\,h$, and the error of this "about" shrinks faster than $h$. For the second machine, *that* is the
# small change. So $y$ moves by about $f'(u)$ times $g'(x)\,h$. Divide by $h$ and let it go to 0:
#
# $$ \frac{dy}{dx} = f'(u)\,g'(x), \qquad u = g(x). \tag{2.1} $$
#
# <!-- ledger: S2-07 -->
#
# Slopes along a way are multiplied. Mind *where* each is taken: $f'$ at $u$, not at $x$. The value $u$ must be known before its slope can be.

# %% tags=["short-path"]
x = np.array([-1.0, 0.3, 2.0])
verify("2.1", claimed=np.exp(np.sin(x)) * np.cos(x), measured=[complex_grad(lambda x: np.exp(np.sin(x)), t) for t in x],
       by="the complex step through exp(sin x)", rtol=1e-12)

# %% [markdown]
# The rule works for any number of machines in a row. A neuron with the activation $\max(0, z)$, which chapter 04 calls ReLU, is three of them: it multiplies each
# $x_i$ by $w_i$, adds up to $z$, and takes the maximum. The first has the slope $w_i$, the other factor. The sum has the slope 1 for each of its
# terms. The maximum has the slope 1 where $z > 0$, and 0 where $z < 0$:
#
# $$ \hat y = \max\Big(0, \sum_i x_i w_i\Big), \qquad
#    \frac{\partial \hat y}{\partial x_i} = \underbrace{[z > 0]}_{\max} \cdot \underbrace{1}_{\text{sum}} \cdot \underbrace{w_i}_{\text{product}}. \tag{2.2} $$
#
# <!-- ledger: S4-40 -->
#
# The bracket $[z > 0]$ is 1 if what stands in it is true, and 0 if not.

# %%
w = np.array([0.5, -1.0, 2.0])
samples = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 0.25]])  # z = 4.5 and z = -1
verify("2.2", claimed=[(sample @ w > 0) * 1 * w for sample in samples],
       measured=[numeric_grad(lambda x: max(0.0, float(x @ w)), sample) for sample in samples],
       by="central differences", rtol=1e-7)

# %% [markdown] tags=["short-path"]
# And if $x$ reaches $y$ on *two* ways, through $u$ and through $v$? Turn the knob by $h$. Then $u$ moves by $u'h$ and $v$ by $v'h$, both at once. A function of two
# variables answers to small changes of both with the sum of its answers to each, which is (0.8) with the direction $(u', v')$. With any number of ways:
#
# $$ \frac{df}{dx} = \sum_k \frac{\partial f}{\partial u_k}\,\frac{du_k}{dx}. \tag{2.3} $$
#
# <!-- ledger: S2-08 -->
#
# Read it aloud: *along a way slopes are multiplied, and ways are added*. The rest of this chapter is bookkeeping.
#
# > **You will read** the chain rule for one way only, "multiply the slopes", and then find it used where a variable occurs twice.

# %% tags=["short-path"]
t = 0.7
u, v, du, dv = np.exp(t), t**3, np.exp(t), 3 * t**2
true = complex_grad(lambda t: np.exp(t) ** 2 * np.sin(t**3), t)
verify("2.3", claimed=2 * u * np.sin(v) * du + u**2 * np.cos(v) * dv, measured=true, by="the complex step", rtol=1e-12)
refute("S2-08", "the slope of u² sin v is the product along the way through u.", claimed=2 * u * np.sin(v) * du,
       measured=true, by="the complex step")

# %% [markdown] tags=["short-path"]
# More than half is missing, the way through $v$. What is true is (2.3): every place where the variable stands is a way of its own.

# %% [markdown] tags=["instructor"]
# **2.1, 15 minutes.** Use gears: two in a row multiply, two side by side on one shaft add. Ask where $f'$ is evaluated. Expect the second way to be
# forgotten when the same variable is written twice, as in $x \cdot x$. Short of time: skip (2.2).

# %% [markdown] tags=["short-path"]
# ## 2.2 ▸ What does a computation look like?
#
# A program computes one small thing after the other. Draw a circle for each value, a *node*, and an arrow from each node to those that use it. The
# smallest example that has a sum and a product:
#
# $$ q = x + y, \qquad f = q\,z. \tag{D2.1} $$
#
# <!-- ledger: S2-16 -->

# %% tags=["short-path"]
from nnlib.workbook.benches import ch02

ch02.first_graph()

# %% [markdown] tags=["short-path"]
# The nodes that an arrow leads from are the *parents* of the node it leads to. No arrow ever leads back to something earlier, so the picture has no circles: it is a
# **computation graph**. Going from left to right, the *forward pass*, each node can be computed once its parents are known.
#
# Now for slopes. For every node $v$ we want to know how strongly the end reacts to it. That number is the **adjoint** of $v$:
#
# $$ \bar v = \frac{\partial f}{\partial v}. \tag{D2.2} $$
#
# The end reacts to itself one to one, so $\bar f = 1$. From there we go back. $f = qz$ is a product, and the slope of a product with respect to one factor is
# the *other* factor. <!-- ledger: S4-42 --> So $\bar q = z \bar f$ and $\bar z = q \bar f$. Next, $q = x + y$ is a sum: with respect to each term it has the slope 1.
# <!-- ledger: S4-41 --> By (2.1) what arrives at $q$ is multiplied by 1 and handed on:
#
# $$ \bar q = z\,\bar f, \qquad \bar z = q\,\bar f, \qquad \bar x = \bar y = \bar q. \tag{2.4} $$
#
# <!-- ledger: S2-17 -->
#
# At $(-2, 5, -4)$ this gives $\bar q = -4$, $\bar z = 3$, and $\bar x = \bar y = -4$. Each local slope was used once, and one walk back has found the slopes for *all* inputs.

# %% tags=["short-path"]
point = np.array([-2.0, 5.0, -4.0])
by_package = [grad(lambda x, y, z: (x + y) * z, argnum=k)(*point.tolist()) for k in range(3)]
verify("2.4", claimed=by_package, measured=complex_grad(lambda p: (p[0] + p[1]) * p[2], point), by="the complex step")
print(by_package)

# %% [markdown] tags=["short-path"]
# **Before you play:** in $f = (x + y)(x z)$ the input $x$ is used twice, in the sum and in the product. When both have handed back, $\bar x$ is

# %% tags=["short-path"]
predict("2.2-twice", "what arrived last", "the sum of both parts", "the product of both parts")

# %% tags=["short-path"]
from nnlib.workbook.benches.ch02 import GraphBench

GraphBench()

# %% [markdown] tags=["short-path"]
# Press the button: first the values appear from left to right, then the adjoints from right to left. Follow the orange arrows. Each carries a local slope; what arrives is that slope times the adjoint of the node it comes from. At a sum
# both slopes are 1, whatever the values are: a sum hands on. At a product the slopes are the factors, exchanged: set $z = 0$, and nothing
# reaches $q$ any more. The panel on the right moves one input alone and draws what $f$ does; the markers are what the adjoints promise, and they lie on the curves, at least near 0. Then choose the second graph. $x$ has two arrows there, and its adjoint is not complete until both have brought their
# part. The parts add, as (2.3) demands.

# %% [markdown]
# ### Exercise 2.1 · A graph on paper · 8 minutes · ●○○
# $a = x y$, $b = a + x$, $f = b\,b$, at $x = 3$, $y = -2$. Find the values, then the adjoints from right to left.

# %%
ch02.paper_graph()

# %% tags=["exercise"]
on_paper = dict(a=..., b=..., f=..., b_bar=..., a_bar=..., y_bar=..., x_bar=...)
### BEGIN SOLUTION
on_paper = dict(a=-6, b=-3, f=9, b_bar=-3 + -3, a_bar=-6, y_bar=3 * -6, x_bar=-2 * -6 + -6)
### END SOLUTION

# %%
check("2.1", on_paper)
hint("2.1")

# %% [markdown] tags=["instructor"]
# **2.2, 20 minutes.** Let people stand in the room as nodes, holding a card with their value; on the way back each whispers a number to the parents. The one
# who is asked twice must wait for both. Expect $\bar f = f$ at the start instead of 1. Short of time: skip exercise 2.1.

# %% [markdown] tags=["short-path"]
# ## 2.3 ▸ What does each operation hand back?
#
# A machine that differentiates programs needs to know the local slopes of a few operations, and nothing else. Let $g$ be the adjoint that has arrived at the result.
# For $z = x + y$, $x - y$, $x y$ and $x / y$:
#
# $$ \begin{aligned}
# z &= x + y: & \bar x &= g, & \bar y &= g, \\
# z &= x - y: & \bar x &= g, & \bar y &= -g, \\
# z &= x\,y: & \bar x &= y\,g, & \bar y &= x\,g, \\
# z &= x / y: & \bar x &= g / y, & \bar y &= -g\,x / y^2.
# \end{aligned} \tag{2.5} $$
#
# The first line was the sum of the last section: both get what arrived. <!-- ledger: S2-18 --> In a difference the second one pulls down, hence
# the minus. <!-- ledger: S2-20 -->
# The product swaps. <!-- ledger: S2-19 --> The quotient is $x \cdot y^{-1}$: with respect to $x$ it is a product whose other factor is $1/y$, and
# the derivative of $y^{-1}$ is $-y^{-2}$. <!-- ledger: S2-21 -->
#
# For a power $z = x^y$ hold one of the two fixed at a time. With $y$ fixed it is a power of $x$. With $x$ fixed write it as $e^{y \log x}$,
# whose slope is itself times $\log x$:
#
# $$ \bar x = g\,y\,x^{y-1}, \qquad \bar y = g\,x^y \log x \qquad (x > 0). \tag{2.6} $$
#
# <!-- ledger: S2-22 -->

# %% [markdown]
# <details><summary>What about the power at x = 0, and below?</summary>
#
# At $x = 0$ the formulas ask for $0^{-1}$ or $\log 0$, although the answer may be harmless: $x^2$ is flat at 0, but the second formula says $0 \cdot (-\infty)$, which a computer
# calls nan. Libraries *guard* two cases. If $y = 0$, then $x^y = 1$ for all $x$ (computers take $0^0$ as 1), so $\bar x = 0$. If $x = 0$ and $y > 0$, then $x^y = 0$ for all such
# $y$, so $\bar y = 0$. What no guard can mend: at $x = 0$ with $0 < y < 1$ the slope $\bar x$ really is infinite, at $(0, 0)$ the function $0^y$ jumps and has no slope, and for $x < 0$ a real power
# exists for special exponents only, so $\bar y$ is nan.
#
# </details>

# %% [markdown] tags=["short-path"]
# And three functions. The exponential is its own slope, the logarithm has the slope $1/x$, and for $\tanh$ we take (1.2):
#
# $$ z = e^x: \ \bar x = g\,z, \qquad z = \log x: \ \bar x = g / x, \qquad z = \tanh x: \ \bar x = g\,(1 - z^2). \tag{2.7} $$
#
# Two of them use the result $z$, which is at hand from the forward pass. To check the rules of `nnlib` we let each
# hand back to every argument, and put the complex step beside it:

# %% tags=["short-path"]
def handed_back(name, g, *args):
    """What nnlib's rules of a function give each argument when g arrives, one after the other."""
    parts = [make_vjp(getattr(anp, name), k)(*args)[0](g) for k in range(len(args))]
    return np.concatenate([np.ravel(part) for part in parts])


def slopes_of(name, g, *args):
    """The same, measured: the complex step through the sum of g times the function of numpy."""
    f = getattr(np, name)
    parts = [complex_grad(lambda a, k=k: (g * f(*args[:k], a, *args[k + 1 :])).sum(), args[k]) for k in range(len(args))]
    return np.concatenate([np.ravel(part) for part in parts])


# %%
rng = np.random.default_rng(2)
x, y, g = rng.uniform(0.5, 2.0, size=(3, 4))
by = "the complex step through numpy's function"
for number, names in {"2.5": ("add", "subtract", "multiply", "divide"), "2.6": ("power",)}.items():
    verify(number, [handed_back(name, g, x, y) for name in names], [slopes_of(name, g, x, y) for name in names],
           by=by, rtol=1e-12)
names = ("exp", "log", "tanh")
verify("2.7", [handed_back(name, g, x) for name in names], [slopes_of(name, g, x) for name in names], by=by, rtol=1e-12)

# %% [markdown] tags=["short-path"]
# ### Exercise 2.2 · The table of slopes · 12 minutes · ●●○
# Here begins your own engine. Write `local_slopes(op, x, y)`: `op` is one of `"+"`, `"-"`, `"*"`, `"/"`, `"exp"`, `"log"`, `"tanh"`. It returns a tuple with the slope with respect to
# each input: two for the first four, one for the others.

# %% tags=["exercise", "short-path"]
def local_slopes(op, x, y=None):
    """Slopes of one operation with respect to its inputs, (2.5) and (2.7) with g = 1.  -> tuple of one or two."""
    ### BEGIN SOLUTION
    if op in ("+", "-"):
        return (1.0, 1.0 if op == "+" else -1.0)
    if op in ("*", "/"):
        return (y, x) if op == "*" else (1 / y, -x / y**2)
    if op == "log":
        return (1 / x,)
    return (np.exp(x) if op == "exp" else 1 - np.tanh(x) ** 2,)
    ### END SOLUTION


# %% tags=["short-path"]
check("2.2", local_slopes)
hint("2.2")

# %% [markdown] tags=["short-path"]
# To walk back we must remember how we came. So a value travels in a **node**, which keeps its parents and the local slopes. `apply` computes and writes down at the same time:

# %% tags=["short-path"]
class Node:
    """A value that remembers its parents and its slope with respect to each of them; adjoint is for the way back."""

    def __init__(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes, self.adjoint = value, parents, slopes, 0.0

    def pull(self, g):
        """What each parent gets when g has arrived here."""
        return [g * slope for slope in self.slopes]


# %%
VALUES = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "exp": np.exp, "log": np.log, "tanh": np.tanh}


def apply(op, *parents):
    """Compute one operation on nodes, and remember it."""
    values = [parent.value for parent in parents]
    return Node(VALUES[op](*values), parents, local_slopes(op, *values))


# %% [markdown] tags=["instructor"]
# **2.3, 20 minutes.** Let half of the room derive $\bar y$ of the quotient by the quotient rule, the other half as a product with $y^{-1}$. Ask: which rules need the values of the
# inputs, which only the result, which neither? (That decides what must be kept in memory.) Expect "the product hands each factor its own value".

# %% [markdown] tags=["short-path"]
# ## 2.4 ▸ In which order do adjoints come back?
#
# Number the nodes $v_1, \dots, v_n$ in the order in which they were computed, so that parents come before those who use them; $v_n = f$. On how many ways does a change of $v_i$
# reach the end? It must leave $v_i$ through one of the nodes $v_j$ that use it. Such a $v_j$ moves by the local slope $\partial v_j/\partial v_i$, and the end reacts to $v_j$ with $\bar v_j$, whatever
# lies between. The ways add, by (2.3), and two arrows between the same nodes, as in $b\,b$, count as two:
#
# $$ \bar v_i = \sum_{j\,:\,v_j \text{ uses } v_i} \bar v_j\,\frac{\partial v_j}{\partial v_i}, \qquad \bar v_n = 1. \tag{2.8} $$
#
# This is the whole of **reverse-mode automatic differentiation**. It says two things about order. The sum has a part from every user, so each part is *added* to what is there. And
# $\bar v_i$ may be handed on only when all its users have handed back. Going through $v_n, v_{n-1}, \dots, v_1$, the *reverse topological order*, is always right.
#
# In `nnlib` the nodes are steps on a tape, already in the order of computation, and (2.8) is read from its end:

# %% tags=["short-path"]
show(nnlib.autodiff.core.Tape.backward)


def forked(p):
    q = p[0] * p[1]
    return anp.tanh(q * (q + p[0]) / p[2])


point = np.array([0.8, -0.5, 1.3])
verify("2.8", claimed=grad(forked)(point), measured=complex_grad(forked, point), by="the complex step", rtol=1e-12)

# %% [markdown]
# Your nodes have no tape; they know their parents only. One way to find an order: walk back from the end once, and count for each node how many arrows leave it. Then start at the end. Whenever a node hands
# back, lower the counts of its parents. A node whose count has come down to 0 has heard from all its users, and is ready. No function calls itself, so that a graph may be deeper than Python's stack, which gives up after about a thousand calls.

# %% [markdown] tags=["short-path"]
# ### Exercise 2.3 · Backward, without recursion · 20 minutes · ●●●
# Write `backward(end)`: it sets `end.adjoint` to 1, gives every node below its adjoint by (2.8), and returns the list of the nodes in the order in which they handed back. All adjoints are 0 when it starts. Use
# `node.parents` and `node.pull(node.adjoint)`. The check has forks, and a chain of three thousand nodes.

# %% tags=["exercise", "short-path"]
def backward(end):
    """Adjoints of all nodes that lead to `end`, (2.8).  Returns the nodes, each after all that use it."""
    ### BEGIN SOLUTION
    waiting, found = {}, [end]
    for node in found:  # grows while we read it
        for parent in node.parents:
            if parent not in waiting:
                found.append(parent)
            waiting[parent] = waiting.get(parent, 0) + 1
    end.adjoint, ready, order = 1.0, [end], []
    while ready:
        node = ready.pop()
        order.append(node)
        for parent, part in zip(node.parents, node.pull(node.adjoint), strict=True):
            parent.adjoint = parent.adjoint + part
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return order
    ### END SOLUTION


# %% tags=["short-path"]
check("2.3", backward)
hint("2.3")

# %% [markdown]
# Once both are right, you own an engine for numbers: `x, y, z = Node(-2.0), Node(5.0), Node(-4.0)`, then `backward(apply("*", apply("+", x, y), z))`, and look at `x.adjoint`.

# %% tags=["solution-only"]
x, y, z = Node(-2.0), Node(5.0), Node(-4.0)
backward(apply("*", apply("+", x, y), z))
print([float(node.adjoint) for node in (x, y, z)])

# %% [markdown]
# ### Exercise 2.4 · Break it: = for += · 10 minutes · ●●○
# Suppose `parent.adjoint = part`, so that each part replaces the one before. Is $(x + y)\,z$ still right (`tree_is_right`)? What does it give for the slope of $x\,x$ at $x = 3$ (`square`)? For $x$ in $x + x y$ at $(3, -2)$,
# where the sum hands back to $x$ first (`skip`)? For a bias $b$ that is added to each of four samples, in the mean of the four (`bias`)? Answer first; then break your engine and see.

# %% tags=["exercise"]
broken = dict(tree_is_right=..., square=..., skip=..., bias=...)
### BEGIN SOLUTION
broken = dict(tree_is_right=True, square=3.0, skip=-2.0, bias=1 / 4)
### END SOLUTION

# %%
check("2.4", broken)
hint("2.4")

# %% [markdown] tags=["instructor"]
# **2.4, 30 minutes.** Do $a\,(a + x)$ on the board in the wrong order first, and let them find what is lost. Ask: why does a list in order of *finding* fail? Expect recursion; let it run into the
# chain of the check. Exercise 2.4 is the test of whether (2.3) has arrived. Short of time: give exercise 2.3's first loop away.

# %% [markdown] tags=["short-path"]
# ## 2.5 ▸ What changes when values are arrays?
#
# Little. Let $z = f(x)$ with vectors $x$ and $z$, and let $g$ hold the adjoints of the entries of $z$. An entry $x_k$ reaches the end through every $z_j$, so by (2.8) $\bar x_k = \sum_j g_j\,\partial z_j/\partial x_k$. The
# table $J_{jk} = \partial z_j/\partial x_k$ is the **Jacobian** of $f$, and the sum runs over its first index:
#
# $$ \bar x = J^\top g. \tag{2.9} $$
#
# This is a *vector-Jacobian product*, VJP for short. A rule of the engine computes it without ever making $J$: for $z = \tanh x$ with a million entries $J$ would have $10^{12}$, nearly all of them zero, and the VJP is
# $g\,(1 - z^2)$, entry by entry.

# %% tags=["short-path"]
A, x, g = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.0]]), np.array([0.2, -0.4, 0.9]), np.array([1.5, -0.7])


def two_of_three(x):
    return anp.tanh(A @ x) * x[0]


vjp, z = make_vjp(two_of_three)(x)
verify("2.9", claimed=vjp(g), measured=numeric_jacobian(two_of_three, x).T @ g,
       by="the whole Jacobian, by central differences", rtol=1e-7)

# %% [markdown] tags=["short-path"]
# **Broadcasting.** In $XW + b$ the bias of shape $(3,)$ is added to all rows of the batch: numpy copies it. Copying is a linear map. Written as a matrix $E$ of ones and zeros, it has a one wherever an entry of $b$ goes to,
# so its Jacobian is $E$, and (2.9) tells us what to do on the way back:
#
# $$ z = E\,b \quad\Longrightarrow\quad \bar b = E^\top g, \qquad\text{here}\quad \bar b_m = \sum_i g_{im}. \tag{2.10} $$
#
# <!-- ledger: S2-23 -->
#
# *Broadcasting copies; its way back sums over the copies.* That is where the sum over the samples in $\partial L/\partial b = \sum_i \delta_i$, (1.5), has come from.

# %%
g = rng.normal(size=(4, 3))
claimed = [nnlib.autodiff.unbroadcast(g, np.zeros(3)), nnlib.autodiff.unbroadcast(g, np.zeros((1, 3)))[0]]
E = np.array([np.broadcast_to(e, (4, 3)).ravel() for e in np.eye(3)]).T  # 12 copies of 3 entries
verify("2.10", claimed=claimed, measured=[E.T @ g.ravel()] * 2, by="the matrix E, entry by entry")
show(nnlib.autodiff.unbroadcast)

# %% [markdown]
# ### Exercise 2.5 · Take the broadcast back · 12 minutes · ●●○
# Write `unbroadcast(g, x)`: `x` was broadcast to the shape of `g`; return the adjoint in the shape of `x`. Two things happen in broadcasting: new axes appear in front, and axes of length 1 are stretched. Try it without
# copying the lines above.

# %% tags=["exercise"]
def unbroadcast(g, x):
    """Adjoint of broadcasting the array x to the shape of g, (2.10)."""
    ### BEGIN SOLUTION
    g = g.sum(axis=tuple(range(g.ndim - x.ndim)))
    return g.sum(axis=tuple(k for k, n in enumerate(x.shape) if n == 1), keepdims=True)
    ### END SOLUTION


# %%
check("2.5", unbroadcast)
hint("2.5")

# %% [markdown] tags=["short-path"]
# **Matrix products.** $Z = XW$ means $z_{im} = \sum_j x_{ij} W_{jm}$. The entry $x_{ij}$ occurs in row $i$ of $Z$, in every column $m$, each time with the factor $W_{jm}$. So $\bar x_{ij} = \sum_m g_{im} W_{jm}$, which is a product
# with a transpose. In the same way $W_{jm}$ occurs in every row $i$, with the factor $x_{ij}$:
#
# $$ Z = X W: \qquad \bar X = g\,W^\top, \qquad \bar W = X^\top g. \tag{2.11} $$
#
# Shapes remind you: $\bar X$ must be $(B, d_0)$, and $(B, d_1)$ times $(d_1, d_0)$ is the only way to get it. **Sums.** $S = \sum_{ij} x_{ij}$ has the slope 1 for each entry, so every entry gets the adjoint of the sum:
#
# $$ S = \sum_{ij} x_{ij}: \qquad \bar x_{ij} = \bar S. \tag{2.12} $$

# %%
X, W, g = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
verify("2.11", handed_back("matmul", g, X, W), slopes_of("matmul", g, X, W), by=by, rtol=1e-12)
verify("2.12", handed_back("sum", 2.5, X), slopes_of("sum", 2.5, X), by=by, rtol=1e-12)

# %% [markdown]
# ### Exercise 2.6 · Three rules for arrays · 15 minutes · ●●●
# Write `array_rules(op, g, x, y)` for `"@"` (the matrix product of two matrices), `"sum"` (over all entries; `g` is a number) and `"**"` (entry by entry, equal shapes). It returns a tuple with the adjoint of each input. For the power, `x` may hold zeros: guard the cases $y = 0$, and $x = 0$
# in the second slope, as the folded note below (2.6) says.

# %% tags=["exercise"]
def array_rules(op, g, x, y=None):
    """Adjoints of the inputs of x @ y, x.sum() or x ** y when g arrives.  -> tuple of one or two arrays."""
    ### BEGIN SOLUTION
    if op == "@":
        return g @ y.T, x.T @ g
    if op == "sum":
        return (g * np.ones_like(x),)
    x_bar = g * y * np.where(y == 0, 1.0, x) ** (y - 1)
    return x_bar, g * x**y * np.log(np.where(x == 0, 1.0, x))
    ### END SOLUTION


# %%
check("2.6", array_rules)
hint("2.6")

# %% [markdown]
# Now the engine for arrays. `backward` stays as it is, since it asks a node only for its `parents` and its `pull`. The new `pull` looks up a rule and takes the broadcast back:

# %%
class ArrayNode(Node):
    """As Node, for arrays: a rule in place of slopes."""

    def __init__(self, op, *parents):
        self.op, self.inputs = op, [parent.value for parent in parents]
        f = {"@": np.matmul, "sum": np.sum, "**": np.power} | VALUES
        super().__init__(f[op](*self.inputs), parents)

    def pull(self, g):
        if self.op in ("@", "sum", "**"):
            parts = array_rules(self.op, g, *self.inputs)
        else:
            parts = [g * slope for slope in local_slopes(self.op, *self.inputs)]
        return [unbroadcast(np.asarray(part), x) for part, x in zip(parts, self.inputs, strict=True)]


# %% [markdown]
# Run the loss of chapter 01 through it, and compare with `TanhNeuron(w, b).gradient(X, y)`. The inputs are plain nodes, `w = Node(...)` of shape `(2, 1)`.

# %% tags=["solution-only"]
X, y, w, b = rng.normal(size=(7, 2)), rng.normal(size=(7, 1)), Node(np.array([[0.8], [-0.4]])), Node(np.array([0.1]))
residual = ArrayNode("-", ArrayNode("tanh", ArrayNode("+", ArrayNode("@", Node(X), w), b)), Node(y))
backward(ArrayNode("/", ArrayNode("sum", ArrayNode("*", residual, residual)), Node(np.array(7.0))))
dw, db = nnlib.neuron.TanhNeuron(np.array([0.8, -0.4]), 0.1).gradient(X, y[:, 0])
print("agree:", np.allclose(w.adjoint[:, 0], dw), np.allclose(b.adjoint, db))

# %% [markdown]
# ### Exercise 2.7 · Proof: backward is a transposed chain · 15 minutes · ●●●
# On paper. A program computes vectors $x_1 = F_1(x_0)$, $x_2 = F_2(x_1)$, …, $x_n = F_n(x_{n-1})$, where $x_n$ is one number, and $J_k$ is the Jacobian of $F_k$ at $x_{k-1}$. (a) Prove that the gradient of $x_n$ with respect to $x_0$ is
# $J_1^\top J_2^\top \cdots J_n^\top$. (b) All vectors but the last have $d$ entries. Count the multiplications if the product is formed from right to left, and from left to right. Which is (2.8)? (c) A graph need not be a chain. How does (2.8) for a graph follow from (a)?
# Grade yourself with the rubric of the worked solution.

# %% [markdown] tags=["solution-only"]
# **Proof.** (a) By (2.3), entry by entry, the Jacobian of $F_k \circ \dots \circ F_1$ is $J_k$ times the Jacobian of $F_{k-1} \circ \dots \circ F_1$: entry $(j, i)$ is $\sum_m (J_k)_{jm}\,\partial (x_{k-1})_m/\partial (x_0)_i$. By induction, with $J_1$ as the
# beginning, the Jacobian of the whole is $J_n J_{n-1} \cdots J_1$, a single row. The gradient is this row as a column; transposing a product reverses it: $J_1^\top \cdots J_n^\top$.
#
# (b) From right to left: $J_n^\top$ is a column of $d$ numbers, and every further factor is a matrix times a column, $d^2$ multiplications: $(n-1)\,d^2$. From left to right: $n - 2$ products of two matrices with $d^3$ each, and $d^2$ at the end. From right to left is the
# backward pass, the column after $J_k^\top$ is $\bar x_{k-1}$, and the step is (2.9). Left to right in this form is what carrying all derivatives *forward* costs.
#
# (c) Let $x_k$ hold all values $v_1, \dots, v_k$ known after step $k$. $F_k$ copies the old ones and appends $v_k$. Its Jacobian is the identity with one more row, the slopes $\partial v_k/\partial v_i$. So $J_k^\top$ takes the adjoint of $v_k$ off the column and adds
# $\bar v_k\,\partial v_k/\partial v_i$ to each $\bar v_i$. After all users of $v_i$ have done so, $\bar v_i$ is the sum in (2.8). $\square$
#
# **Rubric** (10 points): induction with the chain rule in entries 3 · transposition reverses the order 1 · both counts 2 · backward pass identified, with the shape argument 1 · state vector that copies old values 2 · additive update read off 1.

# %% [markdown] tags=["instructor"]
# **2.5, 35 minutes.** Write $E$ for three entries and two copies. Ask: what is $E^\top E$? (The number of copies on the diagonal.) Expect transposes to be guessed by shapes, and fail for square matrices: exercise 2.6 has such a case. Short of time: (2.10), exercise 2.5, and
# leave the rest as homework.

# %% [markdown] tags=["short-path"]
# ## 2.6 ▸ What can the package do?
#
# `nnlib.autodiff` is built from the same parts: a table of rules, a tape, (2.8), and `unbroadcast`. Write a function with `anp` where you would write `np`, and ask for its gradient. Chapter 01 needed a page for this one:

# %% tags=["short-path"]
X, targets = np.random.default_rng(0).normal(size=(5, 2)), np.array([1.0, -1.0, 1.0, 1.0, -1.0])


def loss(w):
    return anp.mean((anp.tanh(X @ w) - targets) ** 2)


w = np.array([0.8, -0.4])
value, slope = value_and_grad(loss)(w)
dw, _ = nnlib.neuron.TanhNeuron(w).gradient(X, targets)
print("equal to (1.5):", np.allclose(slope, dw), "· value:", round(value, 3))

# %% [markdown] tags=["short-path"]
# What it gives can be differentiated again. `jacobian` walks back once for each entry of the result, and `hessian`, the table of second derivatives, is the Jacobian of a gradient:

# %% tags=["short-path"]
print(jacobian(lambda x: x**2)(np.array([1.0, 2.0, 3.0])))
print(hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0])))

# %% [markdown]
# If a rule is missing, or one of your own is better, add it: `primitive` makes a function one step of the tape, and `defvjp` gives it its rule. It is called with $g$, the result, and the arguments.

# %%
@primitive
def softplus(x):
    return np.log1p(np.exp(-abs(x))) + np.maximum(x, 0)


defvjp(softplus, lambda g, z, x: g / (1 + anp.exp(-x)))
print(round(grad(softplus)(0.0), 3), round(grad(grad(softplus))(0.0), 3))

# %% [markdown]
# This computes $\log(1 + e^x)$ without overflow. Its rule is written with `anp`, so that the engine can follow it and give a second derivative. `nnlib`'s layers do not use the tape; they have their rules written out, which is faster. The tape is their judge.

# %% [markdown] tags=["instructor"]
# **2.6, 10 minutes.** Let them differentiate something of their own, with an `if` or a loop in it. Ask: which branch does the tape know about? (The one that ran.) Expect `np` for `anp`; the error says so.

# %% [markdown] tags=["short-path"]
# ## 2.7 ▸ What does it cost, and what is it not?
#
# Let a program do $n$ operations with at most two inputs each. Every input of an operation is one arrow, and (2.8) calls one rule for each arrow:
#
# $$ \text{rules called} \;\le\; 2\,n. \tag{2.13} $$
#
# A rule costs a few operations like the one it belongs to, so going back costs a few times what going forward did, **for all inputs together**. Central differences need $2M$ forward passes for $M$ parameters.
# With a million parameters this is the difference between a second and a week; without it there would be no large networks.
#
# > **You will read** that libraries such as PyTorch differentiate with a built-in computer algebra system, which turns the formula of the loss into the formula of its gradient. <!-- ledger: S0-08 -->
#
# Take $e \leftarrow 4\,e\,(1 - e)$, $k$ times in a row, starting from $x$: three operations in each round. **Before you run the next cell:** for $k = 8$, that is 24 operations, how many has the derivative as a formula?

# %% tags=["short-path"]
predict("2.7-swell", "about 50", "about 500", "several thousand")

# %% tags=["short-path"]
def rules_called(f, x):
    """How many rules the way back through f will use: the arrows on the tape."""
    tape = nnlib.autodiff.core.Tape()
    f(tape.record(x, []))
    return sum(len(step) for step in tape.steps)


def rounds(k, step):
    """The function that repeats a step k times."""
    def f(e):
        for _ in range(k):
            e = step(e)
        return e
    return f


# %% [markdown] tags=["short-path"]
# For the formula we let a small program apply (2.3) and (2.5) to *text*, leave out what is multiplied by 0, and count the signs of the result. For the tape we count arrows. Squaring again and again has two arrows for each operation, so it reaches the bound.

# %% tags=["short-path"]
k = range(1, 9)
tape = [rules_called(rounds(n, lambda e: 4 * e * (1 - e)), 0.3) for n in k]
squares = [rules_called(rounds(n, lambda e: e * e), 0.3) for n in k]  # two arrows each: the bound is reached
verify("2.13", [2 * 3 * n for n in k] + [2 * n for n in k], tape + squares, relation="at most", by="counting on the tape")
formula = [ch02.operations(ch02.derivative(ch02.logistic(n))) for n in k]
refute("S0-08", "the gradient is computed from the formula that computer algebra finds.", claimed=formula, measured=tape,
       by="counting the rules that are called")

# %% tags=["short-path"]
plots.curves(k, {"formula of the derivative": formula, "rules on the tape": tape}, xlabel="rounds k", ylabel="operations",
             yscale="log", markers=True, title="A formula swells, a tape grows by the same amount each round",
             words="Operations against the number of rounds on a logarithmic axis: the formula of the derivative more than "
                   "doubles with each round and reaches several thousand at eight; the tape grows by four each round.")

# %% [markdown] tags=["short-path"]
# Several thousand, and more than twice as many with each further round: in $4e(1-e)$ the formula $e$ stands twice, and the product rule copies both again. The tape never writes a formula. It holds *numbers*, the local slopes at this one point, and each intermediate value is computed once and
# shared by all who use it. The result is no approximation either: there is no $h$, and it is right up to rounding.
#
# Since it follows what a program does, the program may do anything: loop until something is small, for instance. Newton's iteration for $\sqrt a$ has no formula of fixed length. Its slope is $\frac{1}{2\sqrt a}$, here 0.354:

# %% tags=["short-path"]
def root(a):
    x = a
    while x * x - a > 1e-9:
        x = (x + a / x) / 2
    return x


print(round(grad(root)(2.0), 3), round(ch02.evaluate(ch02.derivative(ch02.logistic(6)), 0.3), 3),
      round(grad(rounds(6, lambda e: 4 * e * (1 - e)))(0.3), 3))

# %% [markdown]
# The other two numbers are the swollen formula and the tape at $k = 6$: the same value, at very different cost. The price of the tape is memory: all values of the forward pass must be kept until the way back has used them. That is why training takes more memory than
# predicting.

# %% [markdown]
# ### Exercise 2.8 · Dual numbers · 20 minutes · ●●●
# Slopes can travel *forward* as well. A dual number carries a value and its slope with respect to one chosen input. Complete the class: each operation returns a new `Dual` whose slope follows from (2.3). To get $\partial f/\partial x$, start $x$ with the slope 1 and every other input with 0. Then count: how many runs for $M$ inputs, how many for
# $M$ outputs?

# %% tags=["exercise"]
class Dual:
    """A value and its slope with respect to one input."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        ### BEGIN SOLUTION
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)
        ### END SOLUTION

    def __truediv__(self, other):
        ### BEGIN SOLUTION
        z = self.value / other.value
        return Dual(z, (self.slope - z * other.slope) / other.value)
        ### END SOLUTION

    def tanh(self):
        ### BEGIN SOLUTION
        z = np.tanh(self.value)
        return Dual(z, (1 - z**2) * self.slope)
        ### END SOLUTION


# %%
check("2.8", Dual)
hint("2.8")

# %% [markdown] tags=["solution-only"]
# Forward: one run for each *input*, whatever the number of outputs; with $M$ inputs about $M$ times the cost of the program. Backward: one walk for each *output*. A loss is one number that depends on millions, so training goes backward. The complex step of (0.7) is a dual number in disguise:
# $ih$ plays the part of the slope.

# %% [markdown] tags=["instructor"]
# **2.7, 20 minutes.** Write out the derivative for $k = 2$ by hand, and mark what stands there twice. Ask: which mode for one input and a thousand outputs? (Forward.) Expect "automatic differentiation is numerical differentiation": no $h$. Short of time: the prediction, the picture, and exercise 2.8 as homework.

# %% [markdown] tags=["short-path"]
# ## ▸ What to take along
#
# - Along a way slopes are multiplied, (2.1); ways are added, (2.3).
# - The adjoint $\bar v = \partial f/\partial v$; each node gets the sum of what its users hand back, (2.8), in reverse topological order, each hands back once.
# - A sum hands on, a product swaps its factors, (2.5); $\exp$, $\log$ and $\tanh$, (2.7).
# - For arrays a rule is a vector-Jacobian product $J^\top g$, (2.9): broadcasting sums back, (2.10); $\bar X = g W^\top$ and $\bar W = X^\top g$, (2.11).
# - Going back costs a few forward passes for all inputs together, (2.13), and pays with memory. No formula, no $h$.

# %% tags=["short-path"]
quiz("02-exit")

# %% [markdown]
# **Further reading.** S. Linnainmaa, *Taylor expansion of the accumulated rounding error*, BIT 16, 1976. · R. E. Wengert, *A simple automatic derivative evaluation program*, Communications of the ACM 7, 1964. · A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd edition,
# SIAM, 2008. · A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind, *Automatic differentiation in machine learning: a survey*, Journal of Machine Learning Research 18, 2018.
