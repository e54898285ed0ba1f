/* Every function of the vector mathematics, for every type and instruction set. */
#ifndef HOMOTOPY_VMATH_ALL_H
#define HOMOTOPY_VMATH_ALL_H
#define HP_SINGLE
#define HP_BODY "vmath_table.h"
#include "each_isa.h"

#define CODE(function, ...) HP_V_##function,
#define TEXT(function, ...) #function,
enum { HP_VMATH(CODE) HP_N_FUNCTIONS };
static const char *const hp_functions[] = {HP_VMATH(TEXT)};
#undef CODE
#undef TEXT

static void hp_apply_f64(int isa, int function, int64_t n, const double *x, double *y) {
    HP_OF_ISA(isa, table_f64)[function](n, x, y);
}

static __attribute__((unused)) void hp_apply_f32(int isa, int function, int64_t n, const float *x, float *y) {
    HP_OF_ISA(isa, table_f32)[function](n, x, y);
}
#endif
