/* A net with one hidden layer beside a linear path: the mean loss of its outputs and (1 - t) times those of the path.

   Samples are the lanes; the variables are W (h, d), b (h), the outgoing weights (k, h), their bias (k), and the path's
   weights (k, q) on columns of its own. A sum over samples is a vector until the end. The penalty is the net's alone. */
#ifndef HOMOTOPY_BESIDE_H
#define HOMOTOPY_BESIDE_H
#include "objective.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int64_t np, d, h, k, q;               /* samples, padded to eights; inputs, units, outputs, columns */
    int activation, loss;                 /* codes of act.h and loss.h */
    double leak, l2, penalty;
    const double *X, *columns, *y, *share; /* (d, np), (q, np), (k, np); shares, 0 in the padding */
} hp_beside;

static int64_t hp_beside_net(const hp_beside *D) { return D->h * (D->d + 1) + D->k * (D->h + 1); }

static size_t hp_beside_bytes(const hp_beside *D) {
    const int64_t size = hp_beside_net(D) + D->k * D->q;
    return (size_t)(8 * (size + 3 * D->h + 2 * D->k)) * sizeof(double);
}

#define HP_BODY "beside_body.h"
#include "each_isa.h"

typedef double (*hp_beside_function)(const hp_objective *, const double *, double, double *, void *);

static hp_beside_function hp_beside_choose(int isa) { return HP_OF_ISA(isa, hp_beside_f64); }
#endif
