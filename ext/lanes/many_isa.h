/* The block kernels once per instruction set. */
#ifndef HOMOTOPY_MANY_ISA_H
#define HOMOTOPY_MANY_ISA_H
#include "pool.h"
#include "isa.h"
#if HP_X86
#include <immintrin.h>
#endif
#define HP_BODY "many_block.h"
#include "each_isa.h"
#undef HP_BODY

/* The kernels of an instruction set; NULL where the compiler has no vectors. */
static const hp_lanes_table *hp_lanes_choose(int isa) {
#if HP_X86
    if (isa == HP_ISA_V4) return &lanes_table_f64_v4;
    if (isa == HP_ISA_V3) return &lanes_table_f64_v3;
#endif
#if HP_VECTORS
    if (isa == HP_ISA_BASE) return &lanes_table_f64_base;
#endif
    return NULL;
}
#endif
