/* HP_BODY for one instruction set (HP_SET, vectors of HP_BYTES), in double and perhaps in float; see each_isa.h. */
#define real double
#define bits int64_t
#define HP_DOUBLE 1
#define LIBM(x) x
#define TYPE(x) HP_JOIN(x, _f64)
#define NAME(x) HP_JOIN(x, HP_JOIN(_f64_, HP_SET))
#define LANES (HP_BYTES / 8)
#if HP_BYTES
typedef uint64_t NAME(uvec) __attribute__((vector_size(HP_BYTES)));
#include "vmath.h"
#else
#include "vmath_plain.h"
#endif
#include HP_BODY
#undef real
#undef bits
#undef HP_DOUBLE
#undef LIBM
#undef TYPE
#undef NAME
#undef LANES

#ifdef HP_SINGLE
#define real float
#define bits int32_t
#define HP_DOUBLE 0
#define LIBM(x) HP_JOIN(x, f)
#define TYPE(x) HP_JOIN(x, _f32)
#define NAME(x) HP_JOIN(x, HP_JOIN(_f32_, HP_SET))
#define LANES (HP_BYTES / 4)
#if HP_BYTES
typedef uint32_t NAME(uvec) __attribute__((vector_size(HP_BYTES)));
#include "vmath.h"
#else
#include "vmath_plain.h"
#endif
#include HP_BODY
#undef real
#undef bits
#undef HP_DOUBLE
#undef LIBM
#undef TYPE
#undef NAME
#undef LANES
#endif
