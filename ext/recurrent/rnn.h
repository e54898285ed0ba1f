/* A recurrent net with one layer of units and its empirical risk, as the compiled kernels see them.

   elman   h' = act(W h + U x + b)
   gru     r, u = logistic(W h + U x + b), q = W h + e, n = tanh(U x + b + r q), h' = (1 - u) n + u h
   lstm    i, f, o = logistic(W h + U x + b), g = tanh(W h + U x + b), c' = f c + i g, h' = o tanh(c')

   and outputs z = C h' + c at each step. theta holds W (gates h, h), U (gates h, d), b (gates h), for gru e (h), then
   C (k, h), c (k), and where the initial state is learned that too; matrices row by row. Arrays hold doubles, or floats
   where net.single is set. The structs are read-only while kernels run. */
#ifndef HOMOTOPY_RNN_H
#define HOMOTOPY_RNN_H
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "act.h"
#include "loss.h"
#include "halt.h"
#include "objective.h"

enum hp_cell { HP_ELMAN, HP_GRU, HP_LSTM, HP_N_CELLS };
static const char *const hp_cells[] = {"elman", "gru", "lstm"};

/* What the passes hold: for values, gradients, second-order products. */
enum { HP_RNN_VALUE, HP_RNN_GRAD, HP_RNN_SECOND };

enum {
    /* Sums into matrices of so many numbers are made by gemm.h, into smaller ones with a vector along the samples. */
    HP_RNN_WIDE = 4096,
    /* Steps whose derivatives are summed at once into those of the weights. */
    HP_RNN_CHUNK = 8,
    /* Numbers that rows of a transposed array are apart beyond their own, so that a column does not fall on one place
       of the cache. */
    HP_RNN_PAD = 8,
};

/* m pre-activations at once, the first of them `row`: where their weights begin in theta, -1 for none. */
typedef struct {
    int row, m;
    int64_t b, U, W;
} hp_rnn_part;

typedef struct {
    int cell, activation, learned, single;
    double leak;  /* slope below 0, where activation is HP_LEAKY */
    int d, h, k;  /* inputs, units, outputs */
    int states;   /* numbers of a state: h, and lstm's c behind it */
    int mixed;    /* rows of W */
    int rows;     /* pre-activations, the rows of W first: for gru r, u, q, n */
    int n_parts;
    hp_rnn_part parts[3];
    int64_t W, U, b, C, c, start, size;
    int wide_W, wide_U, wide_C;
} hp_rnn;

typedef struct {
    hp_rnn net;
    int loss;
    int64_t n, T;      /* samples, steps */
    int64_t stride;    /* samples of a tile, the last may have less; a multiple of `quantum` */
    int64_t quantum;   /* 8, or 16 in float: what the samples of the last tile are padded to */
    double l2, opening; /* opening: 0, or L at t = 0 */
    double total;      /* what all steps of all samples count */
    const double *totals; /* (T), of all samples */

    /* The data with the samples contiguous, tile by tile, padded with zeros: X (T, d + 1, width), the last row ones;
       Y (T, k, width); what a sample counts at a step (T, width); its last step that counts (width); given initial
       states (states, width), or NULL. */
    const void *X, *Y, *weights, *last, *given;
    const int64_t *ends;        /* of each tile, its last step that counts */
    const unsigned char *flags; /* (tiles, T): HP_COUNTS where some sample counts, HP_ENDED where one is at its end */
} hp_rnn_risk;
enum { HP_COUNTS = 1, HP_ENDED = 2 };

/* Sizes and places of a net whose cell, d, h, k, activation and learned are set. */
static void hp_rnn_lay(hp_rnn *net) {
    const int64_t d = net->d, h = net->h, k = net->k;
    const int gru = net->cell == HP_GRU, gates = net->cell == HP_ELMAN ? 1 : gru ? 3 : 4;
    net->states = net->cell == HP_LSTM ? 2 * net->h : net->h;
    net->mixed = gates * net->h;
    net->rows = net->mixed + (gru ? net->h : 0);
    net->W = 0;
    net->U = net->W + net->mixed * h;
    net->b = net->U + net->mixed * d;
    const int64_t e = net->b + net->mixed;
    net->C = e + (gru ? h : 0);
    net->c = net->C + k * h;
    net->start = net->c + k;
    net->size = net->start + (net->learned ? net->states : 0);
    net->n_parts = gru ? 3 : 1;
    net->parts[0] = (hp_rnn_part){0, gru ? 2 * net->h : net->mixed, net->b, net->U, net->W};
    net->parts[1] = (hp_rnn_part){2 * net->h, net->h, e, -1, net->W + 2 * h * h};
    net->parts[2] = (hp_rnn_part){3 * net->h, net->h, net->b + 2 * h, net->U + 2 * h * d, -1};
    net->wide_W = net->mixed * h >= HP_RNN_WIDE;
    net->wide_U = net->mixed * d >= HP_RNN_WIDE;
    net->wide_C = k * h >= HP_RNN_WIDE;
}

/* Numbers that forward keeps of a step for the way back; with `second` for its tangents too. */
static inline int hp_rnn_kept(const hp_rnn *net, int order) {
    if (net->cell == HP_ELMAN) return hp_simple(net->activation) ? 0 : order == HP_RNN_SECOND ? 2 * net->h : net->h;
    return net->cell == HP_GRU ? net->rows : net->rows + net->h;
}

/* Numbers that a tangent keeps of a step. */
static inline int hp_rnn_kept_along(const hp_rnn *net) {
    if (net->cell == HP_ELMAN) return hp_simple(net->activation) ? 0 : net->h;
    return net->cell == HP_GRU ? net->rows : net->rows + net->h;
}

/* Where the sums for weight i stand among those that are held in vectors, which leave wide matrices out. */
static inline int64_t hp_rnn_place(const hp_rnn *net, int64_t i) {
    int64_t place = i;
    if (net->wide_W && i >= net->U) place -= net->U - net->W;
    if (net->wide_U && i >= net->b) place -= net->b - net->U;
    if (net->wide_C && i >= net->c) place -= net->c - net->C;
    return place;
}
#endif
