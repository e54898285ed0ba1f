/* A multilayer perceptron and its empirical risk, as every compiled kernel sees them.

   theta holds, for each layer, W of shape (n_out, n_in) row by row, then b of shape (n_out,). Arrays hold doubles,
   or floats where net.single is set. The structs are read-only while kernels run. */
#ifndef HOMOTOPY_MLP_H
#define HOMOTOPY_MLP_H
#include <stdint.h>
#include "act.h"
#include "loss.h"
#include "halt.h"
#include "objective.h"

typedef struct {
    int n_layers;         /* layers of weights L, at least 1 */
    int bias;             /* 1 where layers have biases */
    int activation;       /* of the hidden layers */
    int output;           /* activation of the last layer */
    int single;           /* 1 for float32 */
    int widest;           /* the largest of sizes[1 .. L] */
    const int *sizes;     /* L + 1 of them: inputs, hidden units, outputs */
    const int64_t *start; /* L + 1 of them: where W of layer l starts in theta; start[L] is the number of weights */
    double leak, output_leak; /* slopes below 0, in [0, 1], where activation or output is HP_LEAKY */
} hp_net;

typedef struct {
    hp_net net;
    int loss;
    int64_t n_samples;
    const void *X; /* (n_samples, sizes[0]) row by row */
    const void *Y; /* (n_samples, sizes[L]) row by row; for softmax each row sums to 1 */
    const void *sample_weights; /* (n_samples), 1 on the mean; NULL where every sample counts 1 */
    double l2;     /* adds l2/2 |theta|^2 */
    int64_t block; /* rows of X that one pass over the net takes */

    /* The same data with the samples contiguous, in tiles of `stride` samples one after the other: of X (sizes[0],
       width), of Y, Y0 and Q likewise, padded with zeros, where the width is the stride or, in the last tile, the
       samples that are left, rounded up to a multiple of 8; and each sample's weight (NULL as above) and its share in the
       mean, the weight over n_samples, both 0 in the padding.
       Only for layouts (mlp_layout.h) that are not HP_ROWS, else NULL. HP_SMALL has one tile, of 4 or a multiple of 8. */
    int layout;
    const double *XT, *YT, *Y0T, *QT, *WQT, *weightsT, *share;
    int64_t stride;

    /* Deformations; all absent (NULL, 0) in a plain risk, which ignores t. */
    int deformed;      /* 1 where any of these is present */
    int mix;           /* 1: the hidden activation is (1 - t) z + t act(z) */
    double smooth;     /* > 0: it is the mean of act(z + s xi), xi normal, s = smooth (1 - t); not for all act */
    const double *Y0;  /* targets are Y0 + t (Y - Y0) */
    const double *Q;   /* (n_samples, n_basis), Q'WQ = 1 with W the weights of the samples: the squared loss becomes */
    int64_t n_basis;   /*   1/(2N) (|r|^2 - (1 - t^2) |Q'Wr|^2), that is 1/(2N) |r - (1 - t) Q Q'Wr|^2, norms by W */
    const double *WQ;  /* Q with each sample's row times its weight; Q itself where there are none */
    double l2_easy;    /* the weight penalty is l2 + (1 - t) (l2_easy - l2), where l2_easy >= 0; -1 for none */
} hp_risk;
#endif
