/* What Microsoft's C has not, included before all else there (setup.py). It makes the plain kernels alone, which need no
   memory that is aligned to vectors. */
#ifndef HOMOTOPY_MSVC_H
#define HOMOTOPY_MSVC_H
#include <stdlib.h>
#define aligned_alloc(alignment, size) malloc(size)
#ifndef __clang__
#include <intrin.h>
static __inline int hp_trailing_zeros(unsigned long long x) {
    unsigned long at;
    _BitScanForward64(&at, x);
    return (int)at;
}
#define __attribute__(words)
#define __builtin_ctz hp_trailing_zeros
#define __builtin_ctzll hp_trailing_zeros
#define __builtin_prefetch(...) ((void)0)
#define __builtin_trap abort
#endif
#endif
