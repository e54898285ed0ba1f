/* What moves.h includes once per instruction set. */
#define TILE_ROWS (HP_BYTES == 64 ? 6 : 4)
#define TILE_VECTORS (HP_BYTES == 64 ? 4 : 3)
#define TILE_WHOLE
#include "gemm.h"
#undef TILE_WHOLE
#undef TILE_ROWS
#undef TILE_VECTORS
#include "act.h"
#include "loss.h"
#include "mlp_losses.h"
#include "cholesky.h"
#define V NAME(vec)
#define ALWAYS static inline __attribute__((always_inline))
#include "moves_units.h"
#include "moves_draw.h"
#include "moves_pursuit.h"
#include "moves_growth.h"
#include "moves_removal.h"
#include "moves_refit.h"
#undef V
#undef ALWAYS

static const hp_moves_table NAME(moves) = {
    LANES, NAME(draw_many), NAME(pursue_many), NAME(take_away_many), NAME(refit_many), NAME(pool_fill), NAME(pool_add),
};
