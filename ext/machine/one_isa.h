/* HP_BODY for one instruction set (HP_SET, vectors of HP_BYTES) and one type (HP_DOUBLE); see each_isa.h. */
#if HP_DOUBLE
#define real double
#define bits int64_t
#define LIBM(x) x
#define TYPE(x) HP_JOIN(x, _f64)
#define NAME(x) HP_JOIN(x, HP_JOIN(_f64_, HP_SET))
#define LANES (HP_BYTES ? HP_BYTES / 8 : 1)
#else
#define real float
#define bits int32_t
#define LIBM(x) HP_JOIN(x, f)
#define TYPE(x) HP_JOIN(x, _f32)
#define NAME(x) HP_JOIN(x, HP_JOIN(_f32_, HP_SET))
#define LANES (HP_BYTES ? HP_BYTES / 4 : 1)
#endif
#if HP_BYTES
#include "vmath.h"
#else
#include "vmath_plain.h"
#endif
#include HP_BODY
#undef real
#undef bits
#undef LIBM
#undef TYPE
#undef NAME
#undef LANES
