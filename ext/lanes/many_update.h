/* What follows an evaluation of a block of starts: has one come to an end, and the step. Included by many_block.h. */

/* Whether any living lane has come to an end: not finite, at its target, a small gradient. */
static int NAME(attention)(const hp_block *b, int settled, double tolerance) {
    const V *value = (const V *)b->value, *square = (const V *)b->square, *target = (const V *)b->target;
    const I *alive = (const I *)b->alive;
    const double least = tolerance * tolerance;
    I any = {0};
    for (int c = 0; c < b->lanes / W; c++) {
        I end = ~(I)(value[c] * 0.0 + square[c] * 0.0 == 0.0);
        if (settled) end |= (I)(value[c] <= target[c]) | (I)(square[c] < least);
        any |= end & alive[c];
    }
    int64_t all = 0;
    for (int q = 0; q < W; q++) all |= any[q];
    return all != 0;
}

/* One step of every lane; `factor` is the schedule's. The rules are those of firstorder.h. */
static void NAME(update)(const hp_settings *set, const hp_plan *plan, hp_block *b, double factor) {
    const int nv = b->lanes / W;
    const double b1 = set->beta1, b2 = set->beta2, c1 = 1.0 / (1.0 - b->power1), c2 = 1.0 / (1.0 - b->power2);
    for (int c = 0; c < nv; c++) {
        V *x = (V *)b->x + c, *u = (V *)b->u + c, *v = (V *)b->v + c;
        const V *g = (const V *)b->g + c, h = ((const V *)b->step_size)[c] * factor;
        const int64_t end = plan->size * nv;
        switch (set->rule) {
        case HP_GD:
            for (int64_t i = 0; i < end; i += nv) x[i] -= h * g[i];
            break;
        case HP_MOMENTUM:
            for (int64_t i = 0; i < end; i += nv) {
                u[i] = b1 * u[i] + g[i];
                x[i] -= h * u[i];
            }
            break;
        case HP_NESTEROV:
            for (int64_t i = 0; i < end; i += nv) {
                u[i] = b1 * u[i] + g[i];
                x[i] -= h * (g[i] + b1 * u[i]);
            }
            break;
        case HP_ADAM:
            for (int64_t i = 0; i < end; i += nv) {
                u[i] = b1 * u[i] + (1.0 - b1) * g[i];
                v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
                x[i] -= h * (c1 * u[i]) / (NAME(root)(c2 * v[i]) + set->epsilon);
            }
            break;
        default:
            for (int64_t i = 0; i < end; i += nv) {
                const V turn = g[i] * v[i];
                V step = b->first ? h : u[i];
                const V grown = set->beta1 * step, cut = set->beta2 * step;
                const V most = NAME(pick)((I)(grown < set->largest), grown, (V){0} + set->largest);
                const V least = NAME(pick)((I)(cut > set->smallest), cut, (V){0} + set->smallest);
                step = NAME(pick)((I)(turn > 0), most, NAME(pick)((I)(turn < 0), least, step));
                const V slope = NAME(pick)((I)(turn < 0), (V){0}, g[i]);
                u[i] = step;
                v[i] = slope;
                x[i] -= NAME(pick)((I)(slope > 0), step, NAME(pick)((I)(slope < 0), -step, (V){0}));
            }
        }
    }
}
