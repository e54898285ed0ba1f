# Functions that are not of this package as compiled loops see them, and one in C that tests descend on.

cdef double python_value_and_grad(
    const hp_objective *self, const double *x, double t, double *grad, void *work
) noexcept with gil:
    """Call the interpreted function; NaN where it cannot be evaluated or raises."""
    return (<Interpreted>self.data).call(x, t, grad)


cdef int python_gauss_newton(
    const hp_objective *self, const double *x, double t, double *matrix, void *work
) noexcept with gil:
    """Call the interpreted Gauss-Newton matrix; NaN where it cannot be evaluated or raises."""
    return (<Interpreted>self.data).curve(x, t, matrix)


cdef class Interpreted:
    """A Python function as compiled loops see it, so that they run every rule on it too.

    ``function(x, t)`` returns the value and the gradient of shape (n,); `cost` is that of a call, in gradients.
    ``gauss_newton(x, t)`` or None returns the matrix of shape (n, n), charged as n Hessian-vector products. `error`
    is what they raised, apart from EvaluationError, which counts as a value that is not finite.
    """

    cdef hp_objective objective
    cdef object function, matrix
    cdef readonly object error

    def __init__(self, function, int64_t size, double cost=1.0, gauss_newton=None):
        self.function = function
        self.matrix = gauss_newton
        if gauss_newton is not None:
            self.objective.gauss_newton = python_gauss_newton
            self.objective.gauss_newton_cost = 2.0 * size
        self.objective.size = size
        self.objective.cost = cost
        self.objective.data = <void *>self
        self.objective.value_and_grad = python_value_and_grad

    cdef double call(self, const double *x, double t, double *grad):
        if self.error is not None:
            return NAN
        cdef int64_t n = self.objective.size
        cdef cnp.ndarray point = new(n)
        memcpy(data(point), x, n * sizeof(double))
        try:
            value, g = self.function(point, t)
            gradient = np.ascontiguousarray(g, dtype=np.float64)
            if gradient.shape != (n,):
                raise ValueError(f"the gradient has shape {gradient.shape}, not ({n},)")
            if grad != NULL:
                memcpy(grad, data(gradient), n * sizeof(double))
            return value
        except EvaluationError:
            return NAN
        except BaseException as error:
            self.error = error
            return NAN

    cdef int curve(self, const double *x, double t, double *matrix):
        cdef int64_t n = self.objective.size
        cdef cnp.ndarray point = new(n)
        memcpy(data(point), x, n * sizeof(double))
        try:
            if self.error is None:
                found = np.ascontiguousarray(self.matrix(point, t), dtype=np.float64)
                if found.shape != (n, n):
                    raise ValueError(f"the Gauss-Newton matrix has shape {found.shape}, not ({n}, {n})")
                memcpy(matrix, data(found), n * n * sizeof(double))
                return 0
        except EvaluationError:
            pass
        except BaseException as error:
            self.error = error
        memset(matrix, 0xFF, n * n * sizeof(double))  # NaN, which no damping makes positive definite
        return 1

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", objective.h)."""
        return wrapped(&self.objective, self)


cdef double rosenbrock(const hp_objective *self, const double *x, double t, double *grad, void *work) noexcept nogil:
    cdef int64_t i, n = self.size
    cdef double value = 0.0, a, b
    if grad != NULL:
        memset(grad, 0, n * sizeof(double))
    for i in range(n - 1):
        a = x[i + 1] - x[i] * x[i]
        b = 1.0 - x[i]
        value += 100.0 * a * a + b * b
        if grad != NULL:
            grad[i] -= 400.0 * a * x[i] + 2.0 * b
            grad[i + 1] += 200.0 * a
    return value


cdef class CompiledRosenbrock:
    """Rosenbrock's chained function of `size` variables in C: sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""

    cdef hp_objective objective

    def __init__(self, int64_t size=2):
        self.objective.size = size
        self.objective.cost = 1.0
        self.objective.value_and_grad = rosenbrock

    @property
    def size(self):
        """The number of variables n."""
        return self.objective.size

    def value_and_grad(self, x):
        """Return the value and the gradient at x."""
        cdef const double *point = doubles(x, self.objective.size, "x")
        cdef cnp.ndarray gradient = new(self.objective.size)
        return rosenbrock(&self.objective, point, 1.0, data(gradient), NULL), gradient

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", objective.h)."""
        return wrapped(&self.objective, self)
