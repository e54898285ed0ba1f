/* What mlp_kernels.h includes once per type and instruction set. */
#if HP_BYTES >= 32
#define TILE_ROWS (HP_BYTES == 64 ? 6 : 4)
#define TILE_VECTORS (HP_BYTES == 64 ? 4 : 3)
#include "gemm.h"
#undef TILE_ROWS
#undef TILE_VECTORS
#define HP_GEMM_OF NAME(gemm)
#define HP_TRANSPOSE_OF NAME(transpose)
#else
#define HP_GEMM_OF NULL
#define HP_TRANSPOSE_OF NULL
#endif
#include "mlp_passes.h"
#if HP_DOUBLE && HP_BYTES
typedef double NAME(four) __attribute__((vector_size(32), aligned(8), may_alias));

/* Each sum of a row of four, in groups of four rows. */
static inline void NAME(sum_rows)(int64_t n, const NAME(four) *x, double *y) {
    typedef int64_t order __attribute__((vector_size(32)));
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const order even = {0, 4, 2, 6}, odd = {1, 5, 3, 7}, low = {0, 1, 4, 5}, high = {2, 3, 6, 7};
        const NAME(four) p = HP_SHUFFLE2(x[i], x[i + 1], even) + HP_SHUFFLE2(x[i], x[i + 1], odd);
        const NAME(four) q = HP_SHUFFLE2(x[i + 2], x[i + 3], even) + HP_SHUFFLE2(x[i + 2], x[i + 3], odd);
        const NAME(four) s = HP_SHUFFLE2(p, q, low) + HP_SHUFFLE2(p, q, high);
        memcpy(y + i, &s, sizeof s);
    }
    for (; i < n; i++) y[i] = (x[i][0] + x[i][1]) + (x[i][2] + x[i][3]);
}

/* Vectors of 4 samples where there are no more; else of as many as a register holds, but 4 at least. */
#define SET(x) HP_JOIN(x, HP_JOIN(_f64_, HP_SET))
#pragma push_macro("NAME")
#pragma push_macro("LANES")
#undef NAME
#undef LANES
#define NAME(x) HP_JOIN(x, HP_JOIN(_few_, HP_SET))
#define LANES 4
#define BLOCKS 1
#include "vmath.h"
#include "act.h"
#include "loss.h"
#include "mlp_small.h"
#undef NAME
#undef LANES
#undef BLOCKS
#define NAME(x) HP_JOIN(x, HP_JOIN(_more_, HP_SET))
#define LANES (HP_BYTES == 64 ? 8 : 4)
#define BLOCKS (r->stride / LANES)
#include "vmath.h"
#include "act.h"
#include "loss.h"
#include "mlp_small.h"
#pragma pop_macro("NAME")
#pragma pop_macro("LANES")
#undef BLOCKS

static double NAME(small)(const hp_risk *r, const double *theta, double t, double *grad, double *work) {
    return r->stride == 4 ? HP_JOIN(risk_few_, HP_SET)(r, theta, t, grad, work) : HP_JOIN(risk_more_, HP_SET)(r, theta, t, grad, work);
}
#undef SET
#define HP_SMALL_OF NAME(small)
#include "narrow_products.h"
#include "narrow_losses.h"
#include "narrow_risk.h"
#include "narrow_tangent.h"
#include "narrow_gram.h"
#undef V
#undef ALWAYS
#undef AT
#undef UNITS
#undef EACH_BLOCK
#undef NARROW_ROWS
#undef NARROW_INPUTS
#define HP_NARROW_OF NAME(narrow), NAME(narrow_primal), NAME(narrow_times), NAME(narrow_matrix)
#else
#define HP_SMALL_OF NULL
#define HP_NARROW_OF NULL, NULL, NULL, NULL
#endif

static const TYPE(hp_passes) NAME(passes) = {
    NAME(forward), NAME(backward), NAME(rforward), NAME(rbackward), NAME(loss), NAME(rloss), NAME(outer),
    NAME(slopes), HP_GEMM_OF, HP_TRANSPOSE_OF, HP_SMALL_OF, HP_NARROW_OF,
};
#undef HP_GEMM_OF
#undef HP_TRANSPOSE_OF
#undef HP_SMALL_OF
#undef HP_NARROW_OF
