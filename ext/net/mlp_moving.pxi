# A risk whose numbers move with t; a part of mlp.pyx.


cdef class MovingRisk(Core):
    """A risk whose own numbers move with t; made by `homotopy.objectives.EmpiricalRisk.deformed`.

    Parameters
    ----------
    net, loss, X, Y, l2, weights
        As in `Risk`; l2 is the one at t = 1.
    basis, targets, l2_easy, mix, smooth
        As in `homotopy.objectives.EmpiricalRisk.deformed`, where l2_easy is called l2; basis and targets are float64.
    """

    def __cinit__(
        self, Net net, int loss, X, Y, double l2, *,
        basis=None, targets=None, l2_easy=None, bint mix=False, double smooth=0, weights=None,
    ):
        self.prepare(net, loss, X, Y, l2, weights)
        self.owners = (self.owners, basis, targets)
        self.risk.deformed = 1
        self.risk.mix = mix
        self.risk.smooth = smooth
        if smooth > 0 and (mix or not hp_smooths(net.risk.net.activation)):
            raise ArgumentError(
                "smooth needs relu, leaky-relu, gelu, erf or sin units, which have closed forms, and no mix"
            )
        if basis is not None:
            if loss != HP_SQUARED:
                raise ArgumentError("basis needs the squared loss")
            self.risk.n_basis = basis.shape[1]
            self.risk.Q = <const double *>matrix(
                basis, cnp.NPY_DOUBLE, self.risk.n_samples, self.risk.n_basis, "basis"
            )
            if self.weighted is not None:
                basis = np.ascontiguousarray(self.weighted[:, None] * basis, dtype=np.float64)
                self.owners = (self.owners, basis)
            self.risk.WQ = <const double *>cnp.PyArray_DATA(basis)
        if targets is not None:
            self.risk.Y0 = <const double *>matrix(
                targets, cnp.NPY_DOUBLE, self.risk.n_samples, self.risk.net.sizes[self.risk.net.n_layers], "targets"
            )
        if l2_easy is not None:
            self.risk.l2_easy = l2_easy
        self.finish()

    def value(self, x, double t):
        """Return H(x, t) (float)."""
        return self.evaluate(vector(x, self.typenum, self.n, "x"), t, NULL)

    def grad(self, x, double t):
        """Return the gradient of H(., t) at x, shape (p,)."""
        return self.value_and_grad(x, t)[1]

    def value_and_grad(self, x, double t):
        """Return H(x, t) and its gradient in x, shape (p,)."""
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n)
        return self.evaluate(point, t, cnp.PyArray_DATA(out)), out

    def hessp(self, x, double t, v):
        """Return the Hessian of H(., t) at x times v, shape (p,)."""
        return self.product(x, v, t, False)

    def value_and_grad_many(self, X, double t):
        """Return H(., t) at the rows of X, shape (r,), and its gradients in x there, shape (r, p)."""
        return self.values_and_grads(X, t)

    def hessp_many(self, X, double t, V):
        """Return the Hessian of H(., t) at each row of X, or at one x, times the same row of V, shape (r, p)."""
        return self.products_at(X, V, t, False)

    def ggnp(self, x, double t, v):
        """Return the Gauss-Newton matrix of H(., t) at x times v, shape (p,)."""
        return self.product(x, v, t, True)

    def hessian(self, x, double t):
        """Return the Hessian of H(., t) at x, shape (p, p)."""
        return self.dense(x, t, True)

    def dt(self, x, double t):
        """Return the partial derivative of H in t (float)."""
        return self.rate(x, t, False)

    def dt_grad(self, x, double t):
        """Return the partial derivative in t of the gradient in x, shape (p,)."""
        return self.rate(x, t, True)
