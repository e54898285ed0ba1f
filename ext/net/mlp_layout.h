/* Which kernel takes the value and gradient of a risk, and how the data are laid out for it: the one place where this
   is chosen, by what was measured.

   HP_ROWS: mlp_risk.h, matrix products over rows of samples. HP_SMALL: mlp_small.h. HP_NARROW: narrow_risk.h. */
enum { HP_ROWS, HP_SMALL, HP_NARROW };

enum {
    /* Nets with so few weights, and so few weights times samples, are faster in mlp_small.h: on 16 samples 1-1-1 takes
       0.05 us there and 0.09 in narrow_risk.h, 2-4-1 0.19 and 0.15. */
    HP_SMALL_WEIGHTS = 48,
    HP_SMALL_PRODUCTS = 320,
    /* The largest layer, inputs times units, that is faster in narrow_risk.h, on AVX-512 against gemm.h: on 1000 samples
       8 x 8 takes 0.4 of the time, 2 x 50 0.4, 16 x 32 0.75, 32 x 32 0.87, 40 x 40 1.0; half of it where there are few
       samples. */
    HP_NARROW_LAYER = 1024,
    HP_NARROW_SAMPLES = 64,
    HP_NARROW_UNITS = 128, /* of any layer: a tile is to hold 32 samples and more */
    /* Numbers that the rows of a tile may hold: some first-level cache (a third to twice as many take the same time). */
    HP_TILE = 5120,
};

static int hp_layout_of(const hp_risk *r) {
    const hp_net *net = &r->net;
    const int64_t p = net->start[net->n_layers];
    if (net->single || net->n_layers > HP_SMALL_LAYERS || r->n_samples == 0) return HP_ROWS;
    if (!r->Q && r->loss != HP_SOFTMAX && p <= HP_SMALL_WEIGHTS && p * r->n_samples <= HP_SMALL_PRODUCTS) return HP_SMALL;
    const int largest = r->n_samples < HP_NARROW_SAMPLES ? HP_NARROW_LAYER / 2 : HP_NARROW_LAYER;
    for (int l = 1; l <= net->n_layers; l++)
        if ((int64_t)net->sizes[l] * net->sizes[l - 1] > largest) return HP_ROWS;
    return net->widest > HP_NARROW_UNITS || net->sizes[0] > HP_NARROW_UNITS ? HP_ROWS : HP_NARROW;
}

/* Samples of a tile: all, padded, for HP_SMALL. The tiles of a narrow net are alike. */
static int64_t hp_stride_of(const hp_risk *r) {
    const int64_t padded = r->n_samples <= 4 ? 4 : (r->n_samples + 7) / 8 * 8;
    if (r->layout != HP_NARROW) return padded;
    int64_t rows = 0;
    for (int l = 0; l <= r->net.n_layers; l++) rows += r->net.sizes[l];
    const int64_t fit = HP_TILE / rows, most = fit < 32 ? 32 : fit, tiles = (r->n_samples + most - 1) / most;
    return ((r->n_samples + tiles - 1) / tiles + 31) / 32 * 32;
}

/* Samples that the memory of narrow_risk.h holds. */
static int64_t hp_narrow_samples(const hp_risk *r) {
    const int64_t padded = (r->n_samples + 7) / 8 * 8;
    return r->Q || padded < r->stride ? padded : r->stride;
}

/* Bytes that mlp_small.h or narrow_risk.h need; 0 where the risk is not theirs. */
static size_t hp_layout_bytes(const hp_risk *r) {
    const hp_net *net = &r->net;
    const int64_t p = net->start[net->n_layers], k = net->sizes[net->n_layers];
    int64_t units = 0;
    for (int l = 1; l <= net->n_layers; l++) units += net->sizes[l];
    if (r->layout == HP_ROWS) return 0;
    const int64_t numbers = r->layout == HP_SMALL ? 4 * p + 8 + 3 * (units * r->stride + 8 * net->n_layers)
                                                  : (2 * units + k) * hp_narrow_samples(r) + 2 * k * r->n_basis;
    return (size_t)numbers * sizeof(double);
}

/* Bytes that narrow_tangent.h keeps and needs for products; 0 where the risk is not its. */
static size_t hp_narrow_bytes(const hp_risk *r) {
    const int64_t all = (r->n_samples + 7) / 8 * 8, k = r->net.sizes[r->net.n_layers];
    int64_t units = 0;
    for (int l = 1; l <= r->net.n_layers; l++) units += r->net.sizes[l];
    if (r->layout != HP_NARROW) return 0;
    return (size_t)((4 * units + k) * all + 3 * units * hp_narrow_samples(r) + 2 * k * r->n_basis) * sizeof(double);
}
