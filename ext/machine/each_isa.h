/* Includes HP_BODY once per instruction set that this compiler can make, in double and, where HP_SINGLE is defined,
   in float, each time with `real`, `bits`, HP_DOUBLE, NAME(x), TYPE(x) and LIBM(x) defined and with the vector mathematics
   of that instruction set included before it. NAME(x) is x_f64_v4, x_f64_v3, x_f64_base or x_f64_plain. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "isa.h"
#include "vmath_constants.h"
#if HP_X86
#include <immintrin.h>
#endif

/* Eight bits-sized ones, then zeros: from a place within, the mask of the first numbers of a vector. */
static __attribute__((unused)) const int64_t hp_mask_f64[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
static __attribute__((unused)) const int32_t hp_mask_f32[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

#if HP_VECTORS
#pragma GCC diagnostic ignored "-Wpsabi" /* vectors pass between inlined functions only */
#endif
#if HP_X86
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define HP_SET v4
#define HP_BYTES 64
#include "both_types.h"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define HP_SET v3
#define HP_BYTES 32
#include "both_types.h"
#pragma GCC pop_options
#endif

/* Few machines have less than v3, and its vectors are written out: O1 builds in half the time, and runs 5 to 15 %
   longer. The plain kernels run where they are asked for by name; with them at O1 the products of tiny nets in the other
   sets took a tenth longer. Elsewhere these are the best there are. */
#if HP_VECTORS
#pragma GCC push_options
#if HP_X86
#pragma GCC optimize("O1")
#endif
#define HP_SET base
#define HP_BYTES 16
#include "both_types.h"
#pragma GCC pop_options
#endif

#pragma GCC push_options
#if HP_X86
#pragma GCC optimize("O2")
#endif
#define HP_SET plain
#define HP_BYTES 0
#include "both_types.h"
#pragma GCC pop_options
#undef HP_BODY
