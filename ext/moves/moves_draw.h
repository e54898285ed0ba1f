/* Random units whose hyperplanes pass through samples: what `draw_units` of homotopy/objectives/units/dictionary.py
   draws from the Generator of the same stream. */
typedef struct {
    double *normals, *size; /* (count, d), (ld) */
    uint64_t *at;           /* (count) */
} NAME(draw_room);

static void NAME(draw_lay)(const hp_units *u, int64_t count, hp_room *room, NAME(draw_room) *r) {
    r->normals = hp_take(room, count * u->d);
    r->size = hp_take(room, NAME(padded)(count));
    r->at = (uint64_t *)hp_take(room, count);
}

/* The sample that a share belongs to: the first whose shares go beyond it. */
static int64_t NAME(sample_of)(const hp_units *u, int64_t share) {
    int64_t low = 0, high = u->n - 1;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (u->upto[middle] > share) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* Weights of `count` units into the columns of W (d + 1, ld), biases into its last row, zeros behind. Directions are
   uniform; norms are `scale` over the spread of the inputs, times a log-uniform number in [1/2, 4] where the activation
   saturates. */
static void NAME(draw)(const hp_units *u, int64_t count, double scale, hp_philox *stream, NAME(draw_room) *r,
                       int64_t ld, double *W) {
    const int64_t d = u->d;
    hp_philox_normals(stream, count * d, r->normals);
    for (int64_t j = 0; j < d; j++) {
        for (int64_t i = 0; i < count; i++) W[j * ld + i] = r->normals[i * d + j];
        for (int64_t i = count; i < ld; i++) W[j * ld + i] = 0;
    }
    for (int64_t i = 0; i < ld; i++) r->size[i] = 0;
    if (u->saturates) hp_philox_doubles(stream, count, r->size);
    for (int64_t m = 0; m < ld; m += LANES) {
        V square = NAME(all)(0);
        for (int64_t j = 0; j < d; j++) square += NAME(get)(W + j * ld + m) * NAME(get)(W + j * ld + m);
        double norm[LANES];
        memcpy(norm, &square, sizeof norm);
        for (int q = 0; q < LANES; q++) norm[q] = sqrt(norm[q]);
        V size = scale / (u->spread * NAME(above)(NAME(get)(norm), 1e-300));
        if (u->saturates) size *= NAME(vexp)(-0.6931471805599453 + 2.0794415416798357 * NAME(get)(r->size + m));
        for (int64_t j = 0; j < d; j++) NAME(put)(W + j * ld + m, NAME(get)(W + j * ld + m) * size);
    }
    hp_philox_integers(stream, u->upto ? u->upto[u->n - 1] : u->n, count, r->at);
    for (int64_t i = 0; u->upto && i < count; i++) r->at[i] = (uint64_t)NAME(sample_of)(u, (int64_t)r->at[i]);
    double *b = W + d * ld;
    for (int64_t i = 0; i < ld; i++) b[i] = 0;
    for (int64_t j = 0; j < d; j++)
        for (int64_t i = 0; i < count; i++) b[i] -= W[j * ld + i] * u->affine[(int64_t)r->at[i] * u->wide + j];
}

/* W (runs, count, d) and b (runs, count). */
static int NAME(draw_many)(const hp_units *u, hp_move *m, hp_philox *streams, double *W, double *b) {
    const int64_t d = u->d, count = m->count, ld = NAME(padded)(count);
    hp_room room = {0};
    NAME(draw_room) r;
    double *columns;
    if (!HP_LAY(room, (NAME(draw_lay)(u, count, &room, &r), columns = hp_take(&room, (d + 1) * ld)))) return 0;
    for (int64_t run = 0; run < m->runs && !hp_glance(&m->watch); run++) {
        double *to = W + run * count * d;
        NAME(draw)(u, count, m->scale, streams + run, &r, ld, columns);
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < d; j++) to[i * d + j] = columns[j * ld + i];
        memcpy(b + run * count, columns + d * ld, (size_t)count * sizeof *b);
    }
    free(room.base);
    return 1;
}
