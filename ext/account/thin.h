/* A curve cut down to a few points: costs are put into bins of equal width in log(1 + cost), and the last point of each
   bin is kept, and the first one of all. */
#ifndef HOMOTOPY_THIN_H
#define HOMOTOPY_THIN_H
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Each factor 2 of 1 + cost has HP_PARTS parts, by the exponent and the first bits of the fraction, so that a part has
   no more than one bound of bins. */
enum { HP_BINS = 256, HP_PART_BITS = 5, HP_PARTS = 1 << HP_PART_BITS, HP_OCTAVES = 64 };

typedef struct {
    double per_e;
    double low[HP_BINS + 1], high[HP_BINS];  /* costs from low[k] to high[k] are in bin k, by far more than rounding */
    int32_t of_part[HP_PARTS * HP_OCTAVES];  /* the bin in which a part begins */
} hp_bins;

static void hp_bins_make(hp_bins *bins, double per_e) {
    bins->per_e = per_e;
    for (int k = 0; k < HP_BINS; k++) {
        bins->low[k] = expm1(k / per_e) * (1.0 + 1e-9) + 1e-9;
        bins->high[k] = expm1((k + 1) / per_e) * (1.0 - 1e-9) - 1e-9;
    }
    bins->low[HP_BINS] = INFINITY;
    for (int at = 0, k = 0; at < HP_PARTS * HP_OCTAVES; at++) {
        const double begin = ldexp(1.0 + at % HP_PARTS / (double)HP_PARTS, at / HP_PARTS) - 1.0;
        while (k + 1 < HP_BINS && bins->low[k + 1] < begin) k++;
        bins->of_part[at] = k;
    }
}

/* floor(per_e log(1 + cost)); the logarithm is taken close to a bin's bounds, and of large costs. */
static inline int64_t hp_bin(const hp_bins *bins, double cost) {
    if (!(cost > 0.0)) cost = 0.0;
    const double one = 1.0 + cost;
    int64_t bits;
    memcpy(&bits, &one, sizeof bits);
    const int64_t part = (bits >> (52 - HP_PART_BITS)) - 1023 * HP_PARTS;
    if (part < HP_PARTS * HP_OCTAVES) {
        int32_t k = bins->of_part[part];
        k += cost >= bins->low[k + 1];
        if (bins->low[k] <= cost && cost <= bins->high[k]) return k;
    }
    return (int64_t)floor(bins->per_e * log1p(cost));
}

/* Writes the points of one curve that are kept; returns how many. */
static int64_t hp_thin(const hp_bins *bins, const double *points, int64_t n, float *costs, float *values) {
    int64_t kept = 0, before = 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t here = hp_bin(bins, points[2 * i]);
        /* Else it takes the place of the one before, but for the first; || would be a branch that no one can predict. */
        kept += (here != before) | (kept < 2);
        costs[kept - 1] = (float)points[2 * i], values[kept - 1] = (float)points[2 * i + 1];
        before = here;
    }
    return kept;
}
#endif
