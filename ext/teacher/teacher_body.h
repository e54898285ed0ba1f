/* The teacher-student risk for one instruction set (each_isa.h). */
#if HP_BYTES
#define WIDE LANES
typedef double NAME(ts_vec) __attribute__((vector_size(HP_BYTES), aligned(8), may_alias));
#else
#define WIDE 1
typedef double NAME(ts_vec);
#endif
/* Rows of a register tile that is eight columns wide: its sums fill half of the registers. */
#define TILE WIDE
#define PIECES (8 / WIDE)
#define VEC(p) (*(NAME(ts_vec) *)(p))
#include "teacher_angles.h"
#include "teacher_first.h"
#include "teacher_second.h"
#if HP_BYTES
#include "teacher_lanes.h"
#define TS_LANES NAME(ts_value_and_grad_many), LANES
#else
#define TS_LANES NULL, 0
#endif

static const ts_table NAME(ts_functions) = {NAME(ts_value_and_grad), NAME(ts_hessian), NAME(ts_hessp), NAME(ts_dt),
                                            NAME(ts_dt_grad), TS_LANES};
#undef TS_LANES
#undef WIDE
#undef TILE
#undef PIECES
#undef VEC
