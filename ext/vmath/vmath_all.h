/* Every function of the vector mathematics, for every type and instruction set. */
#ifndef HOMOTOPY_VMATH_ALL_H
#define HOMOTOPY_VMATH_ALL_H
#define HP_SINGLE
#define HP_BODY "vmath_table.h"
#include "each_isa.h"
#undef HP_BODY

enum { HP_N_FUNCTIONS = 10 };
static const char *const hp_functions[HP_N_FUNCTIONS] = {
    "tanh", "exp", "expm1", "logistic", "softplus", "log1p", "erf", "sin", "cos", "acos",
};

#define HP_PICK(type, set) HP_JOIN(table_, HP_JOIN(type, HP_JOIN(_, set)))[function]
static void hp_apply_f64(int isa, int function, int64_t n, const double *x, double *y) {
#if HP_X86
    if (isa == HP_ISA_V4) HP_PICK(f64, v4)(n, x, y);
    if (isa == HP_ISA_V3) HP_PICK(f64, v3)(n, x, y);
#endif
#if HP_VECTORS
    if (isa == HP_ISA_BASE) HP_PICK(f64, base)(n, x, y);
#endif
    if (isa == HP_ISA_PLAIN) HP_PICK(f64, plain)(n, x, y);
}

static __attribute__((unused)) void hp_apply_f32(int isa, int function, int64_t n, const float *x, float *y) {
#if HP_X86
    if (isa == HP_ISA_V4) HP_PICK(f32, v4)(n, x, y);
    if (isa == HP_ISA_V3) HP_PICK(f32, v3)(n, x, y);
#endif
#if HP_VECTORS
    if (isa == HP_ISA_BASE) HP_PICK(f32, base)(n, x, y);
#endif
    if (isa == HP_ISA_PLAIN) HP_PICK(f32, plain)(n, x, y);
}
#undef HP_PICK
#endif
