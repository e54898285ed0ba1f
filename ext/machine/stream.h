/* Counter-based random numbers: draw i of a stream is a hash of (key, i), so a start's noise depends on nothing but
   its own key and how many numbers it has drawn. The hash is the finalizer of SplitMix64 (Steele, Lea and Flood,
   "Fast splittable pseudorandom number generators", OOPSLA 2014). */
#ifndef HOMOTOPY_STREAM_H
#define HOMOTOPY_STREAM_H
#include <math.h>
#include <stdint.h>

typedef struct {
    uint64_t key, count;
} hp_stream;

static inline uint64_t hp_bits(hp_stream *s) {
    uint64_t z = s->key + (++s->count) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Uniform on (0, 1): 53 bits and half a unit, so that neither end is ever drawn. */
static inline double hp_uniform(hp_stream *s) { return ((double)(hp_bits(s) >> 11) + 0.5) * 0x1p-53; }

/* Adds amplitude times uniform noise on (-1, 1) to x. */
static inline void hp_add_uniform(hp_stream *s, double amplitude, double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) x[i] += amplitude * (2.0 * hp_uniform(s) - 1.0);
}

/* Adds amplitude times standard normal noise to x (Box and Muller, 1958: two normals from two uniforms). */
static inline void hp_add_gaussian(hp_stream *s, double amplitude, double *x, int64_t n) {
    for (int64_t i = 0; i < n; i += 2) {
        double radius = amplitude * sqrt(-2.0 * log(hp_uniform(s)));
        double angle = 6.283185307179586 * hp_uniform(s);
        x[i] += radius * cos(angle);
        if (i + 1 < n) x[i + 1] += radius * sin(angle);
    }
}
#endif
