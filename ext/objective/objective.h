/* One function of n doubles, or a homotopy of such functions, as compiled loops see it.

   A Python object that can be descended in C has a method capsule() that returns a PyCapsule named
   HOMOTOPY_OBJECTIVE around a pointer to this struct. The object owns the struct and the data behind it; whoever
   holds the capsule keeps a reference to the object (the capsule's context holds one too). The struct is read-only while loops run, so many
   threads may use it at once, each with scratch memory of its own. */
#ifndef HOMOTOPY_OBJECTIVE_H
#define HOMOTOPY_OBJECTIVE_H
#include <stddef.h>
#include <stdint.h>

#define HOMOTOPY_OBJECTIVE "homotopy.objective"

/* What the struct behind `data` is, for kernels that know it. */
enum {
    HP_KIND_OPAQUE = 0,
    HP_KIND_RISK = 1,   /* hp_risk of net/mlp.h, float64 */
    HP_KIND_FAMILY = 2, /* hp_family of family.h */
};

typedef struct hp_objective hp_objective;

/* Writes values and gradients of n points, each at its own t. What a point gives does not depend on the others, and is
   bit for bit what value_and_grad gives. */
typedef void hp_many_function(const hp_objective *self, int64_t n, const double *const *x, const double *t,
                              double *values, double *const *grads, void *work);

struct hp_objective {
    int64_t size;       /* number of variables n */
    size_t work_bytes;  /* scratch memory that one thread needs, 64-byte aligned */
    double cost;        /* gradient-equivalents of one value_and_grad */
    const void *data;   /* whatever the functions need; never written */
    /* Returns the value at (x, t) and writes the gradient unless grad is NULL. A plain objective ignores t. */
    double (*value_and_grad)(const hp_objective *self, const double *x, double t, double *grad, void *work);
    /* Writes the n x n Hessian, symmetric, in full; NULL where there is none. */
    int (*hessian)(const hp_objective *self, const double *x, double t, double *hess, void *work);
    int kind; /* whether a kernel for small nets may know this objective better than through the calls above */
    /* Writes the n x n Gauss-Newton matrix, symmetric, in full; NULL where there is none. */
    int (*gauss_newton)(const hp_objective *self, const double *x, double t, double *matrix, void *work);
    double hessian_cost, gauss_newton_cost; /* gradient-equivalents of these, where there are they */
    hp_many_function *value_and_grad_many;  /* NULL where it would not be faster */
    int width;                              /* how many points that function likes to be given */
    size_t many_bytes;                      /* its scratch memory */
    int pairs;                              /* that L-BFGS keeps where nobody says; 0: no advice */
};
#endif
