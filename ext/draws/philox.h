/* The random numbers of one run: NumPy's Philox bit generator, so that compiled moves draw what
   numpy.random.Generator(numpy.random.Philox(key=..., counter=...)) would draw in the same order.

   Philox4x64 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
   A stream is nothing but its key and how far its counter has come, so a run's numbers depend on no other run's. The
   distributions on top are NumPy's own C functions (libnpyrandom). */
#ifndef HOMOTOPY_PHILOX_H
#define HOMOTOPY_PHILOX_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include "numpy/random/bitgen.h"

/* The layout of a row of homotopy.streams.Draws.state, 16 words. */
typedef struct {
    uint64_t key[2], counter[4], buffer[4];
    uint64_t at;             /* the next word of the buffer; 4 where it is used up */
    uint64_t halved, half;   /* whether the upper half of a word is left for the next 32 bits, and which */
    uint64_t spare[3];
} hp_philox;

static inline void hp_philox_round(uint64_t c[4], const uint64_t k[2]) {
    const unsigned __int128 first = (unsigned __int128)UINT64_C(0xD2E7470EE14C6C93) * c[0];
    const unsigned __int128 second = (unsigned __int128)UINT64_C(0xCA5A826395121157) * c[2];
    const uint64_t c1 = c[1], c3 = c[3];
    c[0] = (uint64_t)(second >> 64) ^ c1 ^ k[0];
    c[1] = (uint64_t)second;
    c[2] = (uint64_t)(first >> 64) ^ c3 ^ k[1];
    c[3] = (uint64_t)first;
}

static inline void hp_philox_fill(hp_philox *s) {
    for (int i = 0; i < 4; i++)
        if (++s->counter[i]) break;
    uint64_t c[4] = {s->counter[0], s->counter[1], s->counter[2], s->counter[3]}, k[2] = {s->key[0], s->key[1]};
    hp_philox_round(c, k);
    for (int round = 1; round < 10; round++) {
        k[0] += UINT64_C(0x9E3779B97F4A7C15);
        k[1] += UINT64_C(0xBB67AE8584CAA73B);
        hp_philox_round(c, k);
    }
    for (int i = 0; i < 4; i++) s->buffer[i] = c[i];
    s->at = 0;
}

static inline uint64_t hp_philox_bits(void *state) {
    hp_philox *s = state;
    if (s->at > 3) hp_philox_fill(s);
    return s->buffer[s->at++];
}

static inline uint32_t hp_philox_bits32(void *state) {
    hp_philox *s = state;
    if (s->halved) {
        s->halved = 0;
        return (uint32_t)s->half;
    }
    const uint64_t bits = hp_philox_bits(s);
    s->halved = 1;
    s->half = bits >> 32;
    return (uint32_t)bits;
}

/* What Generator.random() gives: uniform on [0, 1). */
static inline double hp_philox_double(void *state) { return (double)(hp_philox_bits(state) >> 11) * 0x1p-53; }

/* The same numbers as NumPy's functions see them. */
static inline bitgen_t hp_philox_bitgen(hp_philox *s) {
    bitgen_t bits = {s, hp_philox_bits, hp_philox_bits32, hp_philox_double, hp_philox_bits};
    return bits;
}

/* Of libnpyrandom; their header wants more of NumPy than these need. */
extern double random_standard_normal(bitgen_t *);
extern void random_standard_normal_fill(bitgen_t *, ptrdiff_t, double *);
extern void random_bounded_uint64_fill(bitgen_t *, uint64_t, uint64_t, ptrdiff_t, bool, uint64_t *);

/* What Generator.standard_normal(n) gives. */
static inline void hp_philox_normals(hp_philox *s, int64_t n, double *out) {
    bitgen_t bits = hp_philox_bitgen(s);
    random_standard_normal_fill(&bits, n, out);
}

/* What Generator.random(n) gives. */
static inline void hp_philox_doubles(hp_philox *s, int64_t n, double *out) {
    for (int64_t i = 0; i < n; i++) out[i] = hp_philox_double(s);
}

/* What Generator.integers(0, below, n) gives. */
static inline void hp_philox_integers(hp_philox *s, int64_t below, int64_t n, uint64_t *out) {
    bitgen_t bits = hp_philox_bitgen(s);
    random_bounded_uint64_fill(&bits, 0, (uint64_t)below - 1, n, 0, out);
}
#endif
