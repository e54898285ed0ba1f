/* The moves of hidden units for nets with one hidden layer on data: units drawn, pursued, grown, taken away, fitted.
   Each takes many runs and goes through them one after the other, so that a run's result depends on nothing else;
   vectors lie along the units, sums over samples stay in registers. Included once per instruction set. */
#ifndef HOMOTOPY_MOVES_H
#define HOMOTOPY_MOVES_H
#include <stddef.h>
#include <stdlib.h>
#include "act.h"
#include "blas.h"
#include "halt.h"
#include "loss.h"
#include "philox.h"

/* The data and the kind of net. Rows of `affine` are a sample's inputs, one, and zeros up to `wide` numbers. Of two
   bases Q and targets the first is for what is orthogonal to constants, the second to affine functions: orthonormal
   columns, rows of `span` numbers, and the regression targets less what they span. Where samples have weights, positive
   and 1 on the mean, every sum of products has the root of the weight on either side: in `rooted`, in the bases, in
   `left` and `looks`, and in outputs of units after `weigh`; means are of what has none. */
typedef struct {
    int64_t n, d, k, wide;
    int activation, loss, bias, homogeneous, saturates;
    double leak, spread, curvature, whole; /* spread of the inputs; sum of squares of what stands in looks */
    const double *roots;         /* of the weights, (n); NULL where each sample counts one */
    const int64_t *upto;         /* with weights, the shares of all that belong to a sample and those before it, (n) */
    const double *affine, *rooted, *gram; /* (n, wide) twice; rooted' rooted / n, (d + 1, d + 1) */
    const double *y, *targets;   /* of the loss and for regressions, (n, k) */
    const double *looks;         /* (n, k + 1): roots / n and the centered regression targets times roots */
    const double *means;         /* of the regression targets, (k) */
    int64_t span[2];
    const double *Q[2], *left[2];
} hp_units;

/* A dictionary for each of many runs: weights by columns with the biases below, outputs, their means and norms, and
   which units are taken. Rows have `wide` numbers. */
typedef struct {
    int64_t count, wide;
    double *W, *H, *mean, *norm, *used; /* (runs, d + 1, wide), (runs, n, wide), (runs, wide) each */
} hp_pool;

typedef struct {
    int64_t runs, width, count; /* units that a point has; that come, go or stand in a dictionary */
    double ridge, scale;
    int beside; /* whether functions that differ by an affine one count as equal */
    hp_watch watch;
} hp_move;

typedef struct {
    int64_t lanes;
    int (*draw)(const hp_units *, hp_move *, hp_philox *, double *W, double *b);
    int (*pursue)(const hp_units *, hp_move *, hp_philox *, double *x);
    int (*take_away)(const hp_units *, hp_move *, const double *x, double *to);
    int (*refit)(const hp_units *, hp_move *, const double *x, double *to);
    int (*fill)(const hp_units *, hp_move *, hp_philox *, const hp_pool *);
    int (*add)(const hp_units *, hp_move *, const hp_pool *, const double *x, double *to);
} hp_moves_table;

/* Numbers of a point with so many hidden units. */
static inline int64_t hp_point(const hp_units *u, int64_t width) {
    return width * (u->d + u->bias + u->k) + u->bias * u->k;
}

/* Room in one piece of memory: `next` numbers further on, aligned for vectors; base NULL only measures. */
typedef struct {
    double *base;
    int64_t used;
} hp_room;

static inline double *hp_take(hp_room *room, int64_t count) {
    double *here = room->base ? room->base + room->used : NULL;
    room->used += (count + 7) / 8 * 8;
    return here;
}

/* Lays out a struct of pointers twice, to measure and to use; false without memory. */
#define HP_LAY(room, lay)                                                                                             \
    (lay, (room).base = aligned_alloc(64, (size_t)((room).used ? (room).used : 8) * sizeof(double)),                  \
     (room).used = 0, (room).base ? (lay, 1) : 0)

#define HP_BODY "moves_body.h"
#include "each_isa.h"

static inline hp_moves_table hp_moves_choose(int isa) { return HP_OF_ISA(isa, moves_f64); }
#endif
